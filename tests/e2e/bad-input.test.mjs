// SPDX-License-Identifier: Apache-2.0
// Everything from outside is hostile: refused with a message that names what is wrong, and nothing is changed.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Daywire, programs } from './lib/daywire.mjs';
import { run } from './lib/process.mjs';
import { raw } from './lib/raw.mjs';

let daywire;
let pids;
before(async () => {
  daywire = await Daywire.start({ expected: [/msg="requests without a good token were refused" /] });
  pids = await daywire.pids();
});
after(() => daywire?.stop());

const good = { id: 'g', title: 'Good', date: '2024-01-01' };
const text = (value) => JSON.stringify(value);
const cases = [
  ['invalid JSON', '{"title": ', 400, undefined, /JSON|end of file/i],
  ['a duplicate name', '{"title":"a","title":"b","date":"2024-01-01"}', 400, undefined, /title|duplicate/i],
  ['no object', '[1]', 400, undefined, /object/i],
  ['an unknown field', text({ ...good, colour: 'red' }), 400, 'colour', /colour/],
  ['a missing title', text({ date: '2024-01-01' }), 400, 'title', /title/],
  ['an empty title', text({ ...good, title: '  ' }), 400, 'title', /title/],
  ['a title of another type', text({ ...good, title: 5 }), 400, 'title', /string/],
  ['a long title', text({ ...good, title: 'x'.repeat(1001) }), 400, 'title', /1000/],
  ['no date', text({ title: 'x' }), 400, 'date', /date/],
  ['an impossible date', text({ ...good, date: '2023-02-29' }), 400, 'date', /date/],
  ['a date of another form', text({ ...good, date: '29.02.2024' }), 400, 'date', /YYYY-MM-DD/],
  ['an impossible time', text({ ...good, published_at: '2024-01-01T25:00:00Z' }), 400, 'published_at', /published_at/],
  ['a control character', text({ ...good, title: 'a\u0007b' }), 400, 'title', /control/i],
  ['a script address', text({ ...good, url: 'javascript:alert(1)' }), 400, 'url', /http/],
  ['a bad id', text({ ...good, id: '../x' }), 400, 'id', /id/],
  ['a correction without a note', text({ ...good, id: 'fresh', change: 'corrected' }), 400, 'note', /note/],
  ['a change that is none', text({ ...good, change: 'exploded' }), 400, 'change', /exploded|change/],
  ['too many tags', text({ ...good, tags: Array.from({ length: 33 }, (_, i) => `t${i}`) }), 400, 'tags', /32/],
  ['invalid UTF-8', Buffer.concat([Buffer.from('{"title":"a'), Buffer.from([0xff, 0xfe]), Buffer.from('","date":"2024-01-01"}')]),
    400, undefined, /UTF-8/i],
  ['a deep document', '['.repeat(100_000), 400, undefined, /JSON/],
];
for (const [name, body, status, field, message] of cases) {
  test(`${name} is refused by name`, async () => {
    const answer = await daywire.request('POST', '/v1/statements', body, { type: 'application/json' });
    assert.equal(answer.status, status, answer.text);
    assert.match(answer.headers.get('content-type'), /application\/problem\+json/);
    assert.match(answer.json.detail, message);
    if (field) assert.equal(answer.json.field, field);
  });
}

const head = (framing) => 'POST /v1/statements HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
  + `Authorization: Bearer ${daywire.token}\r\n${framing}\r\n\r\n`;

test('a body of 10 MB is refused before it is read', async () => {
  const answer = await raw(daywire.api, head('Content-Length: 10000000'));
  assert.match(answer, /^HTTP\/1\.1 413 /);
  assert.match(answer, /the body is larger than 8388608 bytes/);
});

test('a body of chunks is refused, and the client that goes on sending it gets the answer', async () => {
  const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
  const answer = await raw(daywire.api, `${head('Transfer-Encoding: chunked')}${chunk.repeat(150)}0\r\n\r\n`);
  assert.match(answer, /^HTTP\/1\.1 411 /);
  assert.match(answer, /send the body with a Content-Length/);
});

test('no token, and a wrong one, are refused', async () => {
  for (const token of [null, 'wrong', `${daywire.token}x`, daywire.token.slice(0, -1)]) {
    const answer = await daywire.request('POST', '/v1/statements', good, { token });
    assert.equal(answer.status, 401, answer.text);
    assert.match(answer.headers.get('www-authenticate') ?? '', /Bearer/);
  }
});

test('wrong methods, types and paths have their status', async () => {
  assert.equal((await daywire.request('PATCH', '/v1/statements/x', good)).status, 405);
  assert.equal((await daywire.request('POST', '/v1/statements', 'x', { type: 'text/csv' })).status, 415);
  assert.equal((await daywire.request('GET', '/v1/nothing')).status, 404);
  assert.equal((await daywire.request('GET', '/v1/statements/unknown')).status, 404);
  assert.equal((await daywire.request('DELETE', '/v1/statements/unknown?note=x')).status, 404);
  assert.equal((await daywire.request('PUT', '/v1/statements/a', { ...good, id: 'b' })).status, 400);
  assert.equal((await daywire.request('POST', '/v1/statements?colour=red', good)).status, 400);
});

test('nothing of all this was stored, and nobody was hurt', async () => {
  assert.deepEqual(await daywire.pids(), pids);
  assert.deepEqual((await daywire.get('/v1/statements')).json.statements, []);
  assert.equal((await daywire.request('GET', '/v1/statements/g')).status, 404);
});

const configurations = [
  ['an unknown key', '[gateway]\nlistne = 127.0.0.1:1\n', /:2: .*listne.*\[gateway\].*listen/s],
  ['an unknown group', '[gatewya]\nlisten = 127.0.0.1:1\n', /:1: .*gatewya.*gateway/s],
  ['a bad zone', '[counter a]\nsince = 2020-01-01\ntime-zone = Europe/Lundon\nlabel.en = x\n', /:3: .*Europe\/Lundon/s],
  ['a bad label pattern', '[counter a]\nsince = 2020-01-01\nlabel.en = {days, plural, one {# day}\n', /:3: .*label\.en/s],
  ['a label without its other form', '[counter a]\nsince = 2020-01-01\nlabel.en = {days, plural, one {# day}}\n', /:3: .*label\.en/s],
  ['an unknown argument', '[counter a]\nsince = 2020-01-01\nlabel.en = {hours} hours\n', /:3: .*hours/s],
  ['an impossible date', '[counter a]\nsince = 2021-02-29\nlabel.en = x\n', /:2: .*since/s],
  ['a number out of its bounds', '[topics]\npartitions = 0\n', /:2: .*partitions.*1/s],
  ['a key twice', '[topics]\npartitions = 1\npartitions = 2\n', /:3: .*partitions/s],
  ['a line that is none', '[topics]\npartitions\n', /:2: /],
];
for (const [name, config, message] of configurations) {
  test(`configuration: ${name} is refused with file and line`, async () => {
    const file = join(daywire.folder, 'bad.ini');
    await writeFile(file, config);
    for (const service of ['counter', 'gateway']) {
      const result = await run(join(programs, `daywire-${service}`), ['--config', file, '--check-config']);
      assert.equal(result.code, 2, result.stderr);
      assert.ok(result.stderr.includes('bad.ini'), result.stderr);
      assert.match(result.stderr, message);
    }
  });
}

test('configuration: a property that librdkafka does not have is refused by name', async () => {
  const file = join(daywire.folder, 'bad.ini');
  await writeFile(file, '[kafka]\nbootstrap.servers = 127.0.0.1:1\ncolour.scheme = red\n');
  for (const service of ['ingest', 'counter', 'gateway']) {
    const result = await run(join(programs, `daywire-${service}`), ['--config', file, '--check-config']);
    assert.equal(result.code, 2, service);
    assert.match(result.stderr, /bad\.ini:3: .*colour\.scheme/s);
  }
});
