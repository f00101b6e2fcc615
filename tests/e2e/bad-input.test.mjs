// SPDX-License-Identifier: Apache-2.0
// Everything from outside is hostile: refused with a message that names what is wrong, and nothing is changed.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Daywire, programs } from './lib/daywire.mjs';
import { metric } from './lib/metrics.mjs';
import { run } from './lib/process.mjs';
import { raw } from './lib/raw.mjs';
import { loadTypes } from './lib/stream.mjs';
import { until } from './lib/until.mjs';

let daywire;
let pids;
before(async () => {
  daywire = await Daywire.start({ expected: [/msg="requests without a good token were refused" /] });
  pids = await daywire.pids();
});
after(() => daywire?.stop());

const { Statement } = await loadTypes();
const good = { id: 'g', title: 'Good', date: '2024-01-01' };
const text = (value) => JSON.stringify(value);
/** A body in pieces: text, and bytes that are not. */
const bytes = (...pieces) => Buffer.concat(pieces.map((piece) => Buffer.from(piece)));
const json = 'application/json';
const packed = (statement) => Buffer.from(Statement.encode(statement).finish());
/** The same message with other bytes of the same number in place of `from`. */
const overwrite = (message, from, to) => {
  const copy = Buffer.from(message);
  copy.set(to, copy.indexOf(from));
  return copy;
};

const fields = 'a statement has id, revision, status, change, note, title, summary, body, body_type, language, url, source, kind, '
  + 'tags, author, place, date, published_at, updated_at, publish_at, expires_at';
const anInstant = 'date, time and offset as in 2021-07-23T12:00:00+01:00';
const anId = 'id: 1 to 200 characters of A-Z a-z 0-9 . _ ~ -, but not . or .. alone';
const anAddress = 'url: a full address that begins with http:// or https://, without spaces or quotation marks';
const noWithdrawal = 'status: a withdrawn statement cannot be submitted; withdraw the one with this id by DELETE /v1/statements/{id}';
const tooDeep = 'not valid JSON: more than 100 values within each other';
const zero = 'not valid JSON: a text has the character U+0000';

/** What is sent, what the user is told, and the field at fault. */
const cases = [
  // no JSON
  ['an empty body', '', 'the body is empty: it has to be a statement'],
  ['white space alone', '  \n', 'not valid JSON at line 1, column 1: input data is empty'],
  ['a text that ends early', '{"title": ', 'not valid JSON at line 1, column 11: unexpected end of data'],
  ['a string that does not end', '{"title":"a', 'not valid JSON at line 1, column 12: unexpected end of data'],
  ['a word that is none', '{\n"title": "a",\n"date": noon}', 'not valid JSON at line 3, column 9: invalid literal, expected a valid literal such as \'null\''],
  ['a comma too many', '{"title":"a",}', 'not valid JSON at line 1, column 13: trailing comma is not allowed'],
  ['a comment', '{/* x */"title":"a"}', 'not valid JSON at line 1, column 2: unexpected character, expected a string for object key'],
  ['something behind it', `${text(good)}}`, 'not valid JSON at line 1, column 46: unexpected content after document'],
  ['an escape that is none', '{"title":"\\x"}', 'not valid JSON at line 1, column 12: invalid escaped character in string'],
  ['half a surrogate pair', '{"title":"\\ud800"}', 'not valid JSON at line 1, column 17: no low surrogate in string'],
  ['a number beyond all', '{"title":1e999}', 'not valid JSON at line 1, column 10: number is infinity when parsed as double'],
  ['a byte order mark', `\ufeff${text(good)}`, 'not valid JSON at line 1, column 1: byte order mark (BOM) is not supported'],
  ['what is not UTF-8', bytes('{"title":"a', [0xff, 0xfe], '","date":"2024-01-01"}'), 'not valid JSON at line 1, column 12: invalid UTF-8 encoding in string'],
  ['a surrogate in UTF-8', bytes('{\n"title":"é', [0xed, 0xa0, 0x80], '"}'), 'not valid JSON at line 2, column 11: invalid UTF-8 encoding in string'],
  ['UTF-16', Buffer.from(text(good), 'utf16le'), 'not valid JSON at line 1, column 2: unexpected character, expected a string for object key'],
  // names twice, U+0000, depth
  ['a name twice', '{"title":"a","title":"b","date":"2024-01-01"}', 'not valid JSON: the name "title" comes twice in an object'],
  ['a name twice, once escaped', '{"title":"a","\\u0074itle":"b","date":"2024-01-01"}', 'not valid JSON: the name "title" comes twice in an object'],
  ['a name twice within another value', '{"title":"a","date":{"y":1,"y":2}}', 'not valid JSON: the name "y" comes twice in an object'],
  ['a raw U+0000 in a text', '{"title":"a\0b"}', 'not valid JSON at line 1, column 12: unexpected control character in string'],
  ['a raw U+0000 in a name', '{"a\0b":1}', 'not valid JSON at line 1, column 4: unexpected control character in string'],
  ['a raw U+0000 between', '{"title":\0"a"}', 'not valid JSON at line 1, column 10: unexpected character, expected a valid JSON value'],
  ['a raw U+0000 behind', `${text(good)}\0`, 'not valid JSON at line 1, column 46: unexpected content after document'],
  ['a raw U+0000 alone', '\0', 'not valid JSON at line 1, column 1: unexpected character, expected a valid root value'],
  ['an escaped U+0000 in a text', text({ ...good, title: 'a\0b' }), zero],
  ['an escaped U+0000 at the end', text({ ...good, title: 'a\0' }), zero],
  ['an escaped U+0000 in a name', text({ ...good, 'a\0b': 1 }), zero],
  ['an escaped U+0000 in a tag', text({ ...good, tags: ['a\0'] }), zero],
  ['100,000 arrays without an end', '['.repeat(100_000), 'not valid JSON at line 1, column 100001: unexpected end of data'],
  ['101 arrays', `${'['.repeat(101)}${']'.repeat(101)}`, tooDeep],
  ['101 objects', `${'{"a":'.repeat(101)}1${'}'.repeat(101)}`, tooDeep],
  ['100 arrays in a field', `{"title":${'['.repeat(100)}${']'.repeat(100)}}`, tooDeep],
  ['99 arrays in a field', `{"title":${'['.repeat(99)}${']'.repeat(99)}}`, 'title: a string, this one is an array', 'title'],
  // no object
  ['an array', '[1]', 'a statement is a JSON object, this is an array'],
  ['a string', '"x"', 'a statement is a JSON object, this is a string'],
  ['a number', '5', 'a statement is a JSON object, this is a number'],
  ['true', 'true', 'a statement is a JSON object, this is true'],
  ['false', 'false', 'a statement is a JSON object, this is false'],
  ['null', 'null', 'a statement is a JSON object, this is null'],
  // fields
  ['an unknown field', text({ ...good, colour: 'red' }), `colour: no such field; ${fields}`, 'colour'],
  ['a missing title', text({ date: '2024-01-01' }), 'title: 1 to 1000 characters, this one has none', 'title'],
  ['a title that is null', text({ ...good, title: null }), 'title: 1 to 1000 characters, this one has none', 'title'],
  ['an empty title', text({ ...good, title: '  ' }), 'title: 1 to 1000 characters, this one has none', 'title'],
  ['a title that is a number', text({ ...good, title: 5 }), 'title: a string, this one is a number', 'title'],
  ['a title that is an object', text({ ...good, title: {} }), 'title: a string, this one is an object', 'title'],
  ['a title that is true', text({ ...good, title: true }), 'title: a string, this one is true', 'title'],
  ['a long title', text({ ...good, title: 'x'.repeat(1001) }), 'title: 1 to 1000 characters, this one has 1001', 'title'],
  ['a long summary', text({ ...good, summary: 'é'.repeat(10_001) }), 'summary: at most 10000 characters, this one has 10001', 'summary'],
  ['no date', text({ title: 'x' }), 'date: a statement needs this or published_at', 'date'],
  ['an impossible date', text({ ...good, date: '2023-02-29' }), 'date: a day of the calendar as YYYY-MM-DD, this one is "2023-02-29"', 'date'],
  ['a date of another form', text({ ...good, date: '29.02.2024' }), 'date: a day of the calendar as YYYY-MM-DD, this one is "29.02.2024"', 'date'],
  ['an impossible time', text({ ...good, published_at: '2024-01-01T25:00:00Z' }), `published_at: ${anInstant}, this one is "2024-01-01T25:00:00Z"`, 'published_at'],
  ['a time without an offset', text({ ...good, published_at: '2024-01-01T12:00:00' }), `published_at: ${anInstant}, this one is "2024-01-01T12:00:00"`, 'published_at'],
  ['an embargo until some time', text({ ...good, publish_at: 'noon' }), `publish_at: ${anInstant}, this one is "noon"`, 'publish_at'],
  ['a raw control character', '{"title":"a\u0007b"}', 'not valid JSON at line 1, column 12: unexpected control character in string'],
  ['an escaped control character', text({ ...good, title: 'a\u0007b' }), 'title: no control characters, this one has U+0007 as character 2', 'title'],
  ['a control character beyond ASCII', text({ ...good, title: 'é\u0085' }), 'title: no control characters, this one has U+0085 as character 2', 'title'],
  ['a title of two lines', text({ ...good, title: 'a\nb' }), 'title: no control characters, this one has U+000A as character 2', 'title'],
  ['a control character in a tag', text({ ...good, tags: ['a', 'b\u0007'] }), 'tags: no control characters, this one has U+0007 as character 2', 'tags'],
  ['a script address', text({ ...good, url: 'javascript:alert(1)' }), anAddress, 'url'],
  ['an address with quotation marks', text({ ...good, url: 'https://example.org/"' }), anAddress, 'url'],
  ['an address with a password', text({ ...good, url: 'https://u:p@example.org/' }), 'url: no user name or password in the address', 'url'],
  ['an id with a path', text({ ...good, id: '../x' }), anId, 'id'],
  ['an id of two points', text({ ...good, id: '..' }), anId, 'id'],
  ['an id with a space', text({ ...good, id: 'a b' }), anId, 'id'],
  ['a long id', text({ ...good, id: 'x'.repeat(201) }), 'id: at most 200 characters, this one has 201', 'id'],
  ['an id that is a number', text({ ...good, id: 5 }), 'id: a string, this one is a number', 'id'],
  ['a correction without a note', text({ ...good, change: 'corrected' }),
    'note: a correction needs one: the public sentence of what was wrong and what is right', 'note'],
  ['a change that is none', text({ ...good, change: 'exploded' }), 'change: published, updated or corrected, this one is "exploded"', 'change'],
  ['a change that DELETE makes', text({ ...good, change: 'withdrawn', note: 'x' }), 'change: published, updated or corrected', 'change'],
  ['a withdrawn statement', text({ ...good, status: 'withdrawn' }), `${noWithdrawal} or \`daywire withdraw\``, 'status'],
  ['a status that is none', text({ ...good, status: 'lost' }), 'status: usable, this one is "lost"', 'status'],
  ['a revision that is a text', text({ ...good, revision: '1' }), 'revision: a whole number; it is set by Daywire and may be left out', 'revision'],
  ['too many tags', text({ ...good, tags: Array.from({ length: 33 }, (_, i) => `t${i}`) }), 'tags: at most 32, there are 33', 'tags'],
  ['tags in one text', text({ ...good, tags: 'a, b' }), 'tags: an array of strings, this one is a string', 'tags'],
  ['a tag that is a number', text({ ...good, tags: ['a', 5] }), 'tags: an array of strings, number 2 is a number', 'tags'],
  ['a tag twice', text({ ...good, tags: ['a', 'a'] }), 'tags: none twice, "a" is there again', 'tags'],
  ['an empty tag', text({ ...good, tags: ['a', ''] }), 'tags: 1 to 200 characters each, number 2 has 0', 'tags'],
  ['a body of another type', text({ ...good, body: 'x', body_type: 'text/markdown' }), 'body_type: text/plain or text/html, this one is "text/markdown"', 'body_type'],
  ['a language that is none', text({ ...good, language: 'english' }), 'language: a BCP 47 tag such as en or pt-BR, this one is "english"', 'language'],
];

const packedCases = [
  ['an empty body', '', 'the body is empty: it has to be a statement'],
  ['other bytes', Buffer.from([0xff, 0xff, 0xff]), 'these 3 bytes are no daywire.v1.Statement message'],
  ['JSON', text(good), 'these 45 bytes are no daywire.v1.Statement message'],
  ['a message that ends early', packed(good).subarray(0, -1), 'these 21 bytes are no daywire.v1.Statement message'],
  ['a field of tomorrow', bytes(packed(good), [0xfa, 0x07, 1, 0x61]), 'field number 127 is not known'],
  ['a U+0000 in a text', packed({ ...good, title: 'a\0b' }), 'title: holds a NUL character'],
  ['a U+0000 at the end', packed({ ...good, id: 'g\0' }), 'id: holds a NUL character'],
  ['a U+0000 in a tag', packed({ ...good, tags: ['a', '\0'] }), 'tags: holds a NUL character'],
  ['what is not UTF-8', overwrite(packed(good), 'Good', [0xff]), 'title: not valid UTF-8'],
  ['a missing title', packed({ id: 'g', date: '2024-01-01' }), 'title: 1 to 1000 characters, this one has none', 'title'],
  ['a withdrawn statement', packed({ ...good, status: 2 }), noWithdrawal, 'status'],
  ['a change that is none', packed({ ...good, change: 9 }), 'change: published, updated or corrected', 'change'],
  ['a body of another type', packed({ ...good, body: 'x', bodyType: 9 }), 'body_type: text/plain or text/html', 'body_type'],
  ['an instant beyond the calendar', packed({ ...good, publishedAt: { seconds: 1e15 } }), 'published_at: an instant in the years 0001 to 9999', 'published_at'],
];

const phrases = { 400: 'Bad Request', 401: 'Unauthorized', 404: 'Not Found', 405: 'Method Not Allowed', 415: 'Unsupported Media Type' };
/** All that a problem says. */
function assertProblem(answer, status, detail, field) {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.headers.get('content-type'), 'application/problem+json');
  assert.deepEqual(answer.json, { type: 'about:blank', title: phrases[status], status, detail, ...(field ? { field } : {}) });
}

for (const [kind, type, table] of [['JSON', json, cases], ['protobuf', 'application/protobuf', packedCases]]) {
  for (const [name, body, detail, field] of table) {
    test(`${kind}: ${name} is refused by name`, async () => {
      for (const [method, path] of [['POST', '/v1/statements'], ['PUT', '/v1/statements/g']]) {
        assertProblem(await daywire.request(method, path, body, { type }), 400, detail, field);
      }
    });
  }
}

// But for those that a line feed would make two of, and the empty one, which is no line.
const lines = cases.filter(([, body]) => !body.includes('\n') && body.length > 0);
test('JSON lines: each is refused by name, and those between them are taken', async () => {
  const between = (i) => ({ ...good, id: `between-${i}` });
  const body = lines.flatMap(([, line], i) => [bytes(line, '\n'), bytes(text(between(i)), '\n')]);
  const answer = await daywire.request('POST', '/v1/statements', Buffer.concat(body), { type: 'application/x-ndjson' });
  assert.equal(answer.status, 200, answer.text);
  const replies = answer.text.trim().split('\n').map(JSON.parse);
  const expected = lines.flatMap(([name, , detail, field], i) => [
    { name, line: 2 * i + 1, status: 400, ...(field ? { field } : {}), detail: detail.replace('at line 1, column', 'at column') },
    { name, line: 2 * i + 2, status: 201, id: `between-${i}` },
  ]);
  assert.equal(replies.length, expected.length);
  replies.forEach(({ line, status, id, field, detail, revision }, i) => {
    const { name } = expected[i];
    const said = status === 400 ? { line, status, ...(field ? { field } : {}), detail } : { line, status, id };
    assert.deepEqual({ name, ...said }, expected[i]);
    assert.equal(revision, status === 400 ? undefined : 1);
  });
  for (let i = 0; i < lines.length; i++) {
    assert.equal((await daywire.request('DELETE', `/v1/statements/between-${i}?note=Enough.`)).status, 200);
  }
});

test('the reason of a withdrawal is refused by name', async () => {
  const reason = 'the body of a withdrawal is {"note":"the reason"} and nothing else';
  const none = 'note: a withdrawal needs one: the reason, shown in place of the text';
  const noText = 'a query parameter is not UTF-8 text without control characters';
  for (const [query, body, detail, field] of [
    ['', undefined, none, 'note'],
    ['?note=', undefined, none, 'note'],
    ['?note=+', undefined, none, 'note'],
    ['', '{"note":" "}', none, 'note'],
    ['', '{"note":5}', reason],
    ['', '{"note":"x","by":"me"}', reason],
    ['', '"x"', reason],
    ['', '{"note":"x","note":"y"}', 'not valid JSON: the name "note" comes twice in an object'],
    ['', '{"note":"a\\u0000"}', zero],
    ['', '{"note":"a\0"}', 'not valid JSON at line 1, column 11: unexpected control character in string'],
    ['', '{"note":"a\\u0007"}', 'note: no control characters, this one has U+0007 as character 2', 'note'],
    ['?note=x', '{"note":"y"}', 'note: is given in the query and in the body', 'note'],
    ['?note=a%07', undefined, noText],
    ['?note=%ff', undefined, noText],
  ]) assertProblem(await daywire.request('DELETE', `/v1/statements/g${query}`, body), 400, detail, field);
});

const head = (framing) => 'POST /v1/statements HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
  + `Authorization: Bearer ${daywire.token}\r\n${framing}\r\n\r\n`;

const problemOf = (answer) => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4));

test('a body of 10 MB is refused before it is read', async () => {
  const answer = await raw(daywire.api, head('Content-Length: 10000000'));
  assert.match(answer, /^HTTP\/1\.1 413 Content Too Large\r\n/);
  assert.deepEqual(problemOf(answer), { type: 'about:blank', title: 'Content Too Large', status: 413, detail: 'the body is larger than 8388608 bytes' });
});

test('a body of chunks is refused, and the client that goes on sending it gets the answer', async () => {
  const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
  const answer = await raw(daywire.api, `${head('Transfer-Encoding: chunked')}${chunk.repeat(150)}0\r\n\r\n`);
  assert.match(answer, /^HTTP\/1\.1 411 Length Required\r\n/);
  assert.deepEqual(problemOf(answer), { type: 'about:blank', title: 'Length Required', status: 411, detail: 'Transfer-Encoding is not supported: send the body with a Content-Length' });
});

test('no token, and a wrong one, are refused', async () => {
  for (const token of [null, 'wrong', `${daywire.token}x`, daywire.token.slice(0, -1)]) {
    const answer = await daywire.request('POST', '/v1/statements', good, { token });
    assertProblem(answer, 401, 'the bearer token is missing or wrong');
    assert.equal(answer.headers.get('www-authenticate'), 'Bearer realm="daywire"');
  }
});

test('wrong methods, types, paths and queries have their status and are told', async () => {
  const one = 'application/json, application/protobuf';
  const any = 'application/json, application/x-ndjson, application/protobuf';
  const long = 'x'.repeat(201);
  for (const [method, path, body, type, status, detail, field] of [
    ['PATCH', '/v1/statements/x', good, json, 405, 'this path does not know the method'],
    ['POST', '/v1/statements', 'x', 'text/csv', 415, `Content-Type text/csv is not taken here, but ${any}`],
    ['POST', '/v1/statements', undefined, undefined, 415, `Content-Type (none) is not taken here, but ${any}`],
    ['PUT', '/v1/statements/g', 'x', 'text/csv', 415, `Content-Type text/csv is not taken here, but ${one}`],
    ['PUT', '/v1/statements/g', text(good), 'application/x-ndjson', 415, `Content-Type application/x-ndjson is not taken here, but ${one}`],
    ['DELETE', '/v1/statements/g', 'x', 'text/plain', 415, 'Content-Type text/plain is not taken here, but application/json'],
    ['GET', '/v1/nothing', undefined, undefined, 404, 'there is nothing at this path'],
    ['GET', '/v1/statements/unknown', undefined, undefined, 404, 'there is no statement with the id unknown'],
    ['DELETE', '/v1/statements/unknown?note=x', undefined, undefined, 404, 'unknown: there is no statement with this id'],
    ['PUT', '/v1/statements/a', { ...good, id: 'b' }, json, 400, 'id: the one in the body is not the one in the path', 'id'],
    ['PUT', `/v1/statements/${long}`, { title: 'x', date: '2024-01-01' }, json, 400, 'id: 1 to 200 characters of A-Z a-z 0-9 . _ ~ -', 'id'],
    ['PUT', '/v1/statements/a%20b', { title: 'x', date: '2024-01-01' }, json, 400, 'id: 1 to 200 characters of A-Z a-z 0-9 . _ ~ -', 'id'],
    ['GET', '/v1/statements/a%07b', undefined, undefined, 400, 'the path is UTF-8 text without control characters, ";" and "&"'],
    ['GET', '/v1/statements/%ff', undefined, undefined, 400, 'the path is UTF-8 text without control characters, ";" and "&"'],
    ['POST', '/v1/statements?colour=red', good, json, 400, 'there is no query parameter colour here', 'colour'],
    ['POST', '/v1/statements?wait=published&wait=published', good, json, 400, 'wait: is given more than once', 'wait'],
    ['POST', '/v1/statements?wait=stored', good, json, 400, 'wait: only wait=published is known', 'wait'],
  ]) assertProblem(await daywire.request(method, path, body, { type }), status, detail, field);
  assert.equal((await daywire.request('PATCH', '/v1/statements/x', good)).headers.get('allow'), 'GET, HEAD, PUT, DELETE');
});

test('nothing of all this was stored, and nobody was hurt', async () => {
  assert.deepEqual(await daywire.pids(), pids);
  assert.equal((await daywire.request('GET', '/v1/statements/g')).status, 404);
  await daywire.publish({ ...good, id: 'last' });
  const counted = (result) => metric(daywire.admin.ingest, `daywire_ingest_statements_total\\{result="${result}"\\}`);
  assert.deepEqual([await counted('created'), await counted('updated'), await counted('scheduled')], [lines.length + 1, 0, 0]);
  await until('the archive has what came last, and nothing else', async () =>
    (await daywire.get('/v1/statements?limit=1000')).json.statements.map(({ id }) => id).join() === 'last');
});

/** What it is, the line at fault, and what is told of it. */
const configurations = [
  ['an unknown key', '[gateway]\nlistne = 127.0.0.1:1\n', 2, 'unknown key "listne" in [gateway]; did you mean "listen"?'],
  ['an unknown group', '[gatewya]\nlisten = 127.0.0.1:1\n', 1, 'unknown group [gatewya]; did you mean [gateway]?'],
  ['a bad zone', '[counter a]\nsince = 2020-01-01\ntime-zone = Europe/Lundon\nlabel.en = x\n', 3,
    '[counter a] time-zone: "Europe/Lundon" is not a time zone that this system knows (Europe/London)'],
  ['a bad label pattern', '[counter a]\nsince = 2020-01-01\nlabel.en = {days, plural, one {# day}\n', 3,
    '[counter a] label.en: the argument\'s } is missing, at character 1: {days, plural, one {# da…'],
  ['a label without its other form', '[counter a]\nsince = 2020-01-01\nlabel.en = {days, plural, one {# day}}\n', 3,
    '[counter a] label.en: the form "other" is missing, which every plural must have, at character 1: {days, plural, one {# da…'],
  ['an unknown argument', '[counter a]\nsince = 2020-01-01\nlabel.en = {hours} hours\n', 3,
    '[counter a] label.en: the argument "hours" is none of: days, weeks, years, months, anniversary, date, since, at character 2: hours} hours'],
  ['an impossible date', '[counter a]\nsince = 2021-02-29\nlabel.en = x\n', 2, '[counter a] since: "2021-02-29" is not a date (YYYY-MM-DD)'],
  ['a number out of its bounds', '[topics]\npartitions = 0\n', 2, '[topics] partitions: "0" is not a whole number from 1 to 256'],
  ['a key twice', '[topics]\npartitions = 1\npartitions = 2\n', 3, '"partitions" is already set in line 2'],
  ['a line that is none', '[topics]\npartitions\n', 2, 'neither "[group]" nor "key = value"; comments begin with #'],
  ['a key without a group', 'partitions = 1\n', 1, '"partitions" stands before the first [group]'],
  ['what is not UTF-8', bytes('[topics]\nstatements = a', [0xff], '\n'), 2, 'invalid UTF-8 at byte 15 of the line'],
  ['a property that librdkafka does not have', '[kafka]\nbootstrap.servers = 127.0.0.1:1\ncolour.scheme = red\n', 3,
    '[kafka] colour.scheme: No such configuration property: "colour.scheme"'],
];
for (const [name, config, line, message] of configurations) {
  test(`configuration: ${name} is refused with file and line`, async () => {
    const file = join(daywire.folder, 'bad.ini');
    await writeFile(file, config);
    // ingest has no labels.
    for (const service of [...(message.includes(' label.') ? [] : ['ingest']), 'counter', 'gateway']) {
      const { code, stdout, stderr } = await run(join(programs, `daywire-${service}`), ['--config', file, '--check-config']);
      assert.deepEqual({ code, stdout, stderr }, { code: 2, stdout: '', stderr: `daywire-${service}: ${file}:${line}: ${message}\n` });
    }
  });
}
