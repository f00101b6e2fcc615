// SPDX-License-Identifier: Apache-2.0
// The connection of the widgets, with a socket, a clock and dice of the test's own.
import { beforeEach, test } from 'node:test';
import assert from 'node:assert/strict';
import { Stream } from '../../../../services/gateway/web/stream.js';

class Socket {
  readyState = 0;
  sent = [];
  closed = false;

  constructor(url, protocols) {
    this.url = url;
    this.protocols = protocols;
    sockets.push(this);
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.closed = true;
  }

  // What the server does.
  opens() {
    this.readyState = 1;
    this.onopen();
  }

  says(message) {
    this.onmessage({ data: typeof message === 'string' ? message : JSON.stringify(message) });
  }

  ends(code) {
    this.onclose({ code });
  }
}

let sockets;
let timers;
let now;
let dice;
let told;
let stream;
const last = () => sockets.at(-1);

/** Lets time pass; timers fire in their order. */
function pass(milliseconds) {
  const end = now + milliseconds;
  for (;;) {
    const [next] = [...timers.values()].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
    if (!next) break;
    timers.delete(next.id);
    now = next.at;
    next.call();
  }
  now = end;
}

const environment = {
  WebSocket: Socket,
  setTimeout: (call, milliseconds) => {
    const id = Symbol('timer');
    timers.set(id, { id, call, at: now + milliseconds });
    return id;
  },
  clearTimeout: (id) => timers.delete(id),
  random: () => dice,
};

function make(cursor) {
  const handler = Object.fromEntries(['begin', 'event', 'caughtUp', 'time', 'state'].map((name) => [
    name, (argument) => told.push(argument === undefined ? [name] : [name, argument])]));
  stream = new Stream({ url: 'ws://127.0.0.1/v1/ws', cursor, last: 50 }, handler, environment);
  stream.take();
}

const states = () => told.filter(([name]) => name === 'state').map(([, state]) => state);

function goLive(resume = 'complete', cursor = 'C1') {
  last().opens();
  last().says({ type: 'hello', time: '2024-05-01T12:00:00Z', heartbeat: 20 });
  last().says({ type: 'subscribed', id: 1, resume, cursor });
  last().says({ type: 'caught_up', id: 1, cursor });
}

beforeEach(() => {
  sockets = [];
  timers = new Map();
  now = 0;
  dice = 0.5;
  told = [];
});

test('it asks for both channels from the cursor of the page on', () => {
  make('C0');
  assert.deepEqual(last().protocols, ['daywire.v1.json']);
  last().opens();
  assert.deepEqual(last().sent, [{ type: 'subscribe', id: 1, channels: ['statements', 'ticks'], last: 50, since: 'C0' }]);
  make(null);
  last().opens();
  assert.ok(!('since' in last().sent[0]));
});

test('it passes on what comes, in order', () => {
  make('C0');
  last().opens();
  last().says({ type: 'hello', time: '2024-05-01T12:00:00Z', heartbeat: 20 });
  last().says({ type: 'subscribed', id: 1, resume: 'complete', cursor: 'C1' });
  last().says({ type: 'something-new' });
  const event = { type: 'statement', cursor: 'C1', change: 'published', data: { id: 'a' } };
  last().says(event);
  last().says({ type: 'caught_up', id: 1, cursor: 'C1' });
  assert.deepEqual(told, [['state', 'connecting'], ['time', Date.parse('2024-05-01T12:00:00Z')], ['begin', false],
    ['event', event], ['caughtUp'], ['state', 'live']]);
});

test('it resumes from the last event or heartbeat', () => {
  make('C0');
  goLive();
  last().says({ type: 'tick', cursor: 'C2', data: {} });
  last().ends(1006);
  pass(1000);
  last().opens();
  assert.equal(last().sent[0].since, 'C2');
  goLive('complete', 'C2');
  last().says({ type: 'heartbeat', time: '2024-05-01T12:00:20Z', cursor: 'C9' });
  last().ends(1006);
  pass(1000);
  last().opens();
  assert.equal(last().sent[0].since, 'C9');
});

test('a snapshot counts only when it is whole', () => {
  for (const resume of ['reset', 'snapshot']) {
    make('C0');
    last().opens();
    last().says({ type: 'subscribed', id: 1, resume, cursor: 'N5' });
    assert.deepEqual(told.at(-1), ['begin', true]);
    last().says({ type: 'statement', cursor: 'N5', data: { id: 'a' } });
    last().ends(1006);
    pass(1000);
    last().opens();
    assert.equal(last().sent[0].since, 'C0', 'from the old cursor again');
    last().says({ type: 'subscribed', id: 1, resume, cursor: 'N5' });
    last().says({ type: 'caught_up', id: 1, cursor: 'N5' });
    assert.equal(stream.cursor, 'N5');
  }
});

test('it waits a random time below a doubling limit of at most 30 s', () => {
  make('C0');
  dice = 0.999;
  for (const limit of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
    const before = sockets.length;
    last().ends(1006);
    pass(limit * 0.99);
    assert.equal(sockets.length, before, `too early below ${limit}`);
    pass(limit * 0.01);
    assert.equal(sockets.length, before + 1, `too late above ${limit}`);
  }
  dice = 0;
  last().ends(1006);
  pass(0);
  goLive();
  dice = 0.999;
  last().ends(1006);
  pass(1000);
  last().opens();
  assert.deepEqual(states().slice(-2), ['live', 'reconnecting'], 'success begins anew');
});

test('a server that says bye names the time', () => {
  make('C0');
  goLive();
  last().says({ type: 'bye', code: 'restart', retry_after_ms: 4000, cursor: 'C7' });
  last().ends(1012);
  pass(3999);
  stream.check();
  assert.equal(sockets.length, 1);
  pass(1);
  last().opens();
  assert.equal(last().sent[0].since, 'C7');
});

test('a refusal is final', () => {
  for (const code of [1008, 4001]) {
    make('C0');
    const before = sockets.length;
    last().ends(code);
    assert.deepEqual(states().at(-1), 'closed');
    pass(600_000);
    stream.check();
    stream.release();
    stream.take();
    assert.equal(sockets.length, before);
  }
});

test('a heartbeat overdue by half ends the connection', () => {
  make('C0');
  goLive();
  pass(29_999);
  last().says({ type: 'heartbeat', time: '2024-05-01T12:00:29Z', cursor: 'C1' });
  pass(29_999);
  assert.equal(states().at(-1), 'live');
  pass(1);
  assert.equal(states().at(-1), 'reconnecting');
  assert.ok(sockets[0].closed);
  assert.equal(sockets[0].onmessage, null, 'what it still says is not heard');
});

test('one that does not open in time is given up', () => {
  make('C0');
  pass(15_000);
  assert.ok(sockets[0].closed);
  pass(1000);
  assert.equal(sockets.length, 2);
});

test('a check asks, and does not wait long for the answer', () => {
  make('C0');
  goLive();
  stream.check();
  assert.deepEqual(last().sent.at(-1), { type: 'ping', id: 0 });
  last().says({ type: 'heartbeat', id: 0, time: '2024-05-01T12:00:00Z', cursor: 'C1' });
  pass(10_000);
  assert.equal(states().at(-1), 'live');
  stream.check();
  pass(5000);
  assert.equal(states().at(-1), 'reconnecting');
});

test('a check while waiting connects at once', () => {
  make('C0');
  last().ends(1006);
  stream.check();
  assert.equal(sockets.length, 2);
  pass(10_000);
  assert.equal(sockets.length, 2);
});

test('released, it is silent; taken again, it resumes', () => {
  make('C0');
  goLive();
  stream.release();
  assert.ok(last().closed);
  pass(600_000);
  assert.equal(sockets.length, 1);
  stream.take();
  stream.take();
  assert.equal(sockets.length, 2);
  assert.equal(states().at(-1), 'reconnecting');
  last().opens();
  assert.equal(last().sent[0].since, 'C1');
});

test('what cannot be read ends the connection', () => {
  make('C0');
  goLive();
  last().says('{"type":');
  assert.equal(states().at(-1), 'reconnecting');
});

test('a refused subscription is tried again, without a bad cursor', () => {
  make('C0');
  last().opens();
  last().says({ type: 'error', id: 1, code: 'unavailable', message: '' });
  pass(1000);
  last().opens();
  assert.equal(last().sent[0].since, 'C0');
  last().says({ type: 'error', id: 1, code: 'bad_cursor', message: '' });
  pass(2000);
  last().opens();
  assert.ok(!('since' in last().sent[0]));
});
