-- SPDX-License-Identifier: Apache-2.0
-- For wrk: POSTs one new statement a request. Arguments: a word that no other run has, and the token.
local number, word = 0, ''

function init(arguments)
  word = arguments[1]
  wrk.headers['Authorization'] = 'Bearer ' .. arguments[2]
  wrk.headers['Content-Type'] = 'application/json'
end

function request()
  number = number + 1
  local body = '{"id":"' .. word .. '-' .. number .. '","title":"A ferry leaves","date":"2026-03-02","body":"'
    .. string.rep('The ferry leaves at eight. ', 30) .. '"}'
  return wrk.format('POST', nil, nil, body)
end

function done(summary, latency)
  io.write(string.format('{"requests":%d,"seconds":%.3f,"errors":%d,"p99_ms":%.3f}\n', summary.requests,
    summary.duration / 1e6, summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status
    + summary.errors.timeout, latency:percentile(99) / 1e3))
end
