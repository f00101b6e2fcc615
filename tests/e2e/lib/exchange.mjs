// SPDX-License-Identifier: Apache-2.0
/** A request and its answer: `{ status, headers, text, json }`; `json` is undefined when it is none. */
export async function exchange(url, options) {
  const response = await fetch(url, options);
  const text = await response.text();
  let json;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status: response.status, headers: response.headers, text, json };
}

/** To ingest's API. `body` may be an object (sent as JSON), a string or bytes. */
export function submit(url, method, body, { token, type, headers = {} } = {}) {
  const isObject = body !== undefined && typeof body !== 'string' && !(body instanceof Uint8Array);
  return exchange(url, {
    method,
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body === undefined ? {} : { 'content-type': type ?? 'application/json' }),
      ...headers,
    },
    body: isObject ? JSON.stringify(body) : body,
  });
}
