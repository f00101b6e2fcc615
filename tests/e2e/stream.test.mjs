// SPDX-License-Identifier: Apache-2.0
// The stream as a protocol: verdicts, filters, resume, errors, close codes.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import WebSocket from 'ws';
import { Daywire } from './lib/daywire.mjs';
import { Stream } from './lib/stream.mjs';
import { raw } from './lib/raw.mjs';
import { until, within } from './lib/until.mjs';

let daywire;
before(async () => {
  daywire = await Daywire.start();
  for (let i = 1; i <= 5; i++) {
    await daywire.publish({ id: `s-${i}`, title: `Title ${i}`, date: `2024-01-0${i}`, tags: [i % 2 ? 'odd' : 'even'] });
  }
  await until('the gateway has all', async () => (await daywire.get('/v1/statements')).json.statements.length === 5
    && (await daywire.get('/v1/counters')).json.counters.length === 2);
});
after(() => daywire?.stop());

test('a snapshot holds the newest statements asked for and the current ticks', async () => {
  const stream = await Stream.open(daywire.stream, { query: 'channels=statements,ticks&last=3' });
  await stream.caughtUp();
  const types = stream.messages.map((m) => m.type);
  assert.equal(types[0], 'hello');
  assert.equal(types[1], 'subscribed');
  assert.equal(types.at(-1), 'caught_up');
  assert.deepEqual(stream.of('statement').map((m) => m.data.id).sort(), ['s-3', 's-4', 's-5']);
  assert.deepEqual(stream.of('tick').map((m) => m.data.counter).sort(), ['harbour', 'lighthouse']);
  assert.ok(stream.of('hello')[0].heartbeat > 0);
  assert.ok(Math.abs(Date.parse(stream.of('hello')[0].time) - Date.now()) < 60_000);
  await stream.close();
});

test('a cursor resumes exactly, also one from a stream that saw no event', async () => {
  const quiet = await Stream.open(daywire.stream, { query: 'channels=statements' });
  const { cursor } = await quiet.caughtUp();
  await quiet.close();
  await daywire.publish({ id: 'r-1', title: 'Missed', date: '2024-02-01' });
  await daywire.publish({ id: 'r-2', title: 'Missed too', date: '2024-02-01' });
  const stream = await Stream.open(daywire.stream, { query: `channels=statements&since=${cursor}` });
  await stream.statement('r-2');
  await stream.caughtUp();
  assert.equal(stream.of('subscribed')[0].resume, 'complete');
  assert.deepEqual(stream.of('statement').map((m) => m.data.id).sort(), ['r-1', 'r-2']);
  await stream.close();

  const again = await Stream.open(daywire.stream, { query: `channels=statements&since=${stream.cursor}` });
  await again.caughtUp();
  assert.equal(again.of('subscribed')[0].resume, 'complete');
  assert.equal(again.of('statement').length, 0);
  await again.close();
});

test('a foreign cursor is answered reset, with everything that was asked for', async () => {
  for (const since of ['nonsense', 'AAAAAAAAAAAA', '%C3%A9', 'x'.repeat(3000)]) {
    const stream = await Stream.open(daywire.stream, { query: `channels=statements&last=2&since=${since}` });
    await stream.caughtUp();
    assert.equal(stream.of('subscribed')[0].resume, 'reset', since);
    assert.equal(stream.of('statement').length, 2);
    await stream.close();
  }
});

test('filters take what they say and nothing else', async () => {
  const stream = await Stream.open(daywire.stream);
  stream.send({ type: 'subscribe', id: 1, channels: ['statements', 'ticks'], last: 100, filter: { tag: ['even'], counter: ['harbour'] } });
  await stream.caughtUp();
  assert.deepEqual(stream.of('statement').map((m) => m.data.id).sort(), ['s-2', 's-4']);
  assert.deepEqual(stream.of('tick').map((m) => m.data.counter), ['harbour']);
  await daywire.publish({ id: 'f-odd', title: 'Odd', date: '2024-03-01', tags: ['odd'] });
  await daywire.publish({ id: 'f-even', title: 'Even', date: '2024-03-01', tags: ['even'] });
  await stream.statement('f-even');
  assert.ok(!stream.of('statement').some((m) => m.data.id === 'f-odd'));
  stream.send({ type: 'unsubscribe', id: 2, channels: ['statements'] });
  await stream.next('the answer', (m) => m.type === 'subscribed' && m.id === 2);
  await daywire.publish({ id: 'f-even-2', title: 'Even', date: '2024-03-02', tags: ['even'] });
  stream.send({ type: 'ping', id: 3 });
  await stream.next('the pong', (m) => m.type === 'heartbeat' && m.id === 3);
  assert.ok(!stream.of('statement').some((m) => m.data.id === 'f-even-2'));
  await stream.close();
});

test('a bad message is refused with what is wrong, and the connection goes on', async () => {
  const stream = await Stream.open(daywire.stream);
  // 0: it could not be read so far.
  const cases = [
    ['not json', 0, 'bad_message', 'not valid JSON at line 1, column 1: invalid literal, expected a valid literal such as \'null\''],
    ['', 0, 'bad_message', 'not valid JSON: there is nothing'],
    ['[]', 0, 'bad_message', 'a message is a JSON object'],
    ['{"type":"ping","type":"ping","id":7}', 0, 'bad_message', 'not valid JSON: the name "type" comes twice in an object'],
    ['{"type":"ping","id":7,"x":"\\u0000"}', 0, 'bad_message', 'not valid JSON: a text has the character U+0000'],
    ['{"type":"subscribe","id":1}', 1, 'bad_channel', 'channels: an array with at least one of "statements" and "ticks"'],
    ['{"type":"subscribe","id":2,"channels":["weather"]}', 2, 'bad_channel', 'channels: "statements" and "ticks", number 1 is "weather"'],
    ['{"type":"subscribe","id":3,"channels":["ticks"],"colour":1}', 3, 'bad_message',
      'subscribe: there is no member "colour"; there are type, id, channels, filter, since, last'],
    ['{"type":"subscribe","id":4,"channels":["ticks"],"filter":{"shape":["x"]}}', 4, 'bad_filter',
      'filter: there is no field "shape"; there are counter, source, tag, language, kind'],
    ['{"type":"subscribe","id":5,"channels":["ticks"],"last":100000}', 5, 'bad_message', 'last: 0 to 1000, this one is 100000'],
    ['{"type":"dance","id":6}', 6, 'bad_message', 'type: subscribe, unsubscribe or ping'],
  ];
  for (const [text, id, code, message] of cases) {
    const before = stream.of('error').length;
    stream.socket.send(text);
    await until(`${text} is refused`, () => stream.of('error').length > before);
    assert.deepEqual(stream.of('error').slice(before), [{ type: 'error', id, code, message }]);
  }
  stream.send({ type: 'subscribe', id: 9, channels: ['ticks'] });
  await stream.caughtUp();
  await stream.close();
});

test('what breaks the protocol is closed with its code', async () => {
  const large = await Stream.open(daywire.stream);
  large.socket.send(JSON.stringify({ type: 'ping', id: 1, pad: 'x'.repeat(100_000) }));
  assert.equal((await within('too big closes', large.closed)).code, 1009);

  const binary = await Stream.open(daywire.stream);
  binary.socket.send(Buffer.from([1, 2, 3]));
  assert.equal((await within('binary on the JSON protocol closes', binary.closed)).code, 1003);

  const refused = new WebSocket(daywire.stream, ['something.else']);
  const error = await within('an unknown subprotocol is refused', new Promise((resolve) => refused.on('error', resolve)));
  assert.match(error.message, /400|Unexpected|hang up|subprotocol/i);

  const bad = new WebSocket(`${daywire.stream}?channels=weather`, ['daywire.v1.json']);
  const outcome = await within('a bad query is refused', new Promise((resolve) => {
    bad.on('error', resolve);
    bad.on('message', (data) => resolve(new Error(data.toString())));
    bad.on('close', (code) => resolve(new Error(`closed ${code}`)));
  }));
  bad.terminate();
  assert.ok(outcome instanceof Error);
});

test('Upgrade: h2c is refused on every port', async () => {
  const pids = await daywire.pids();
  for (const url of daywire.urls()) {
    const answer = await raw(url, 'GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\n'
      + 'Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n');
    assert.match(answer, /^HTTP\/1\.1 4\d\d /, url);
  }
  assert.deepEqual(await daywire.pids(), pids);
});

test('a negative Content-Length is refused on every port, and nobody is hurt', async () => {
  const pids = await daywire.pids();
  for (const url of daywire.urls()) {
    for (const method of ['POST', 'GET']) {
      const answer = await raw(url, `${method} /v1/statements HTTP/1.1\r\nHost: localhost\r\n`
        + `Authorization: Bearer ${daywire.token}\r\nContent-Length: -5\r\n\r\n`);
      assert.match(answer, /^HTTP\/1\.1 400 /, `${method} ${url}`);
      // A proxy refuses it in words of its own.
      if (daywire.proxied && url === daywire.web) continue;
      assert.match(answer, /Content-Length is not one plain number/, `${method} ${url}`);
    }
  }
  assert.deepEqual(await daywire.pids(), pids);
  for (const url of Object.values(daywire.admin)) assert.equal((await fetch(`${url}/livez`)).status, 200);
  assert.equal((await daywire.request('GET', '/v1/statements/s-1')).status, 200);
  assert.equal((await daywire.get('/v1/statements')).status, 200);
});

test('at a stop, clients are told where to go on from', async () => {
  const own = await Daywire.start();
  try {
    const stream = await Stream.open(own.stream, { query: 'channels=statements,ticks' });
    await stream.caughtUp();
    const stopped = own.stop();
    const { code } = await within('the connection closes', stream.closed);
    const bye = stream.of('bye')[0];
    assert.equal(bye.code, 'restart');
    assert.ok(bye.cursor && bye.retry_after_ms >= 0);
    assert.ok([1001, 1012].includes(code), `closed with ${code}`);
    await stopped;
  } finally {
    await own.abandon();
  }
});
