// SPDX-License-Identifier: Apache-2.0
// The stream: one WebSocket with the subprotocol daywire.v1.json, kept alive.
//
// It resumes with its cursor after every loss. Connections are tried again after a random time below a doubling limit, so that
// many pages do not return at once; a server that says `bye` names the time itself. A socket is not trusted for being open:
// when nothing was heard for half longer than a heartbeat takes, or no answer comes to a ping after the page was shown or the
// network came back, it is dropped. The cursor moves with events, but not within a snapshot, which is whole only at its end.
//
// `handler` is told: begin(whole) when events follow that are the whole state (true) or go on (false), event(message),
// caughtUp(), time(ms), state(name). States: connecting, live, reconnecting, closed (the server refuses; only a reload
// helps), released.

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;
const LONGEST_BYE = 300_000;
const OPENING = 15_000; // to be connected and caught up, as long as nothing is heard
const ANSWER = 5_000; // to a ping
const REFUSED = new Set([1008, 4001]); // not to be tried again unchanged

export class Stream {
  #options;
  #handler;
  #env;
  #cursor;
  #socket = null;
  #retry = null; // timer
  #watch = null; // timer
  #attempt = 0;
  #wait = null; // asked for by `bye`
  #told = false; // the retry under way is at the time that the server asked for
  #heartbeat = 25_000;
  #whole = false; // a snapshot is under way
  #caughtUp = false;
  #taken = false; // at least once
  #state = 'released';

  /** options: url, cursor (may be null), last. `env` has WebSocket, setTimeout, clearTimeout and random. */
  constructor(options, handler, env) {
    this.#options = options;
    this.#handler = handler;
    this.#env = env;
    this.#cursor = options.cursor || null;
  }

  get cursor() {
    return this.#cursor;
  }

  /** Connects, if it is not connected. */
  take() {
    if (this.#state !== 'released') return;
    this.#setState(this.#taken ? 'reconnecting' : 'connecting');
    this.#taken = true;
    this.#open();
  }

  /** Disconnects until take(). */
  release() {
    if (this.#state === 'closed') return;
    this.#drop();
    this.#env.clearTimeout(this.#retry);
    this.#retry = null;
    this.#setState('released');
  }

  /** Makes sure that the connection is alive; one that is waited for is tried now, unless the server asked to wait. */
  check() {
    if (this.#state === 'live') {
      this.#send({ type: 'ping', id: 0 });
      this.#expect(ANSWER);
    } else if (this.#retry !== null && !this.#told) {
      this.#open();
    }
  }

  #setState(state) {
    if (this.#state === state) return;
    this.#state = state;
    this.#handler.state(state);
  }

  #send(message) {
    if (this.#socket.readyState === 1) this.#socket.send(JSON.stringify(message));
  }

  /** Something has to be heard within this time. */
  #expect(milliseconds) {
    this.#env.clearTimeout(this.#watch);
    this.#watch = this.#env.setTimeout(() => this.#lost(), milliseconds);
  }

  #open() {
    this.#env.clearTimeout(this.#retry);
    this.#retry = null;
    this.#expect(OPENING);
    try {
      this.#socket = new this.#env.WebSocket(this.#options.url, ['daywire.v1.json']);
    } catch {
      this.#lost();
      return;
    }
    this.#socket.onopen = () => this.#subscribe();
    this.#socket.onmessage = ({ data }) => this.#receive(data);
    this.#socket.onclose = ({ code }) => this.#lost(code);
  }

  #subscribe() {
    const message = { type: 'subscribe', id: 1, channels: ['statements', 'ticks'], last: this.#options.last };
    if (this.#cursor) message.since = this.#cursor;
    this.#send(message);
  }

  /** Lets go of the socket without waiting for it to agree. */
  #drop() {
    this.#env.clearTimeout(this.#watch);
    const socket = this.#socket;
    this.#socket = null;
    this.#caughtUp = false;
    this.#whole = false;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #lost(code) {
    this.#drop();
    if (REFUSED.has(code)) {
      this.#setState('closed');
      return;
    }
    const limit = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(this.#attempt++, 10));
    const wait = this.#wait ?? this.#env.random() * limit;
    this.#told = this.#wait !== null;
    this.#wait = null;
    this.#retry = this.#env.setTimeout(() => this.#open(), wait);
    this.#setState('reconnecting');
  }

  #receive(text) {
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      this.#lost();
      return;
    }
    this.#expect(this.#caughtUp ? this.#heartbeat * 1.5 : OPENING);
    this.#on[message.type]?.(message);
  }

  #advance(cursor) {
    if (cursor && !this.#whole) this.#cursor = cursor;
  }

  // By type; others, of a later version, are passed over.
  #on = {
    hello: ({ time, heartbeat }) => {
      if (heartbeat > 0) this.#heartbeat = heartbeat * 1_000;
      this.#handler.time(Date.parse(time));
    },
    subscribed: ({ resume }) => {
      this.#whole = resume === 'reset' || resume === 'snapshot';
      this.#caughtUp = false;
      this.#handler.begin(this.#whole);
    },
    statement: (message) => this.#event(message),
    tick: (message) => this.#event(message),
    caught_up: ({ cursor }) => {
      this.#whole = false;
      this.#advance(cursor);
      this.#caughtUp = true;
      this.#attempt = 0;
      this.#expect(this.#heartbeat * 1.5);
      this.#handler.caughtUp();
      this.#setState('live');
    },
    heartbeat: ({ time, cursor }) => {
      if (this.#caughtUp) this.#advance(cursor);
      this.#handler.time(Date.parse(time));
    },
    error: ({ code }) => {
      if (this.#caughtUp) return;
      if (code === 'bad_cursor') this.#cursor = null;
      this.#lost();
    },
    bye: ({ retry_after_ms: wait, cursor }) => {
      if (this.#caughtUp) this.#advance(cursor);
      if (wait >= 0) this.#wait = Math.min(wait, LONGEST_BYE);
    },
  };

  #event(message) {
    this.#handler.event(message);
    this.#advance(message.cursor);
  }
}
