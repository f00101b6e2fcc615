// SPDX-License-Identifier: Apache-2.0
// What the widgets of a page share for one server: a stream, the store that it fills, and the rules between them. A feed lives as
// long as a widget uses it, and lets its connection go while the page is in the back/forward cache.
//
// Events for the widgets: "change" (look at the store again), "statement" and "tick" (one message), "state".

import { announce } from './announcer.js';
import { now, setClock } from './clock.js';
import { KEPT, Store } from './store.js';
import { Stream } from './stream.js';

const environment = {
  WebSocket: globalThis.WebSocket,
  setTimeout: (...args) => setTimeout(...args),
  clearTimeout: (id) => clearTimeout(id),
  random: () => Math.random(),
};

const feeds = new Map();

export class Feed extends EventTarget {
  store = new Store();
  server;
  state = 'connecting';
  settled = false; // caught up once: until then nothing is announced, and nothing is known to be missing
  asOf = null; // when what is shown was last known to be current
  gates = new Set(); // functions: true keeps new statements waiting; each belongs to a widget that shows new ones
  #users = 0;
  #stream;
  #away;
  #gathering = false; // between begin and caughtUp nothing is drawn

  constructor(server, cursor) {
    super();
    this.server = server;
    const url = new URL('/v1/ws', server);
    url.protocol = url.protocol.replace('http', 'ws');
    this.#stream = new Stream({ url: url.href, cursor, last: KEPT }, this.#handler, environment);
  }

  /** For the life of a widget: until `signal` aborts. */
  use(signal) {
    if (this.#users++ === 0) this.#start();
    signal.addEventListener('abort', () => {
      if (--this.#users === 0) this.#stop();
    });
  }

  #start() {
    this.#away = new AbortController();
    const { signal } = this.#away;
    // Once every widget has told the store what it shows already.
    queueMicrotask(() => signal.aborted || this.#stream.take());
    addEventListener('pagehide', () => this.#stream.release(), { signal });
    addEventListener('pageshow', () => this.#stream.take(), { signal });
    addEventListener('online', () => this.#stream.check(), { signal });
    document.addEventListener('visibilitychange', () => document.hidden || this.#stream.check(), { signal });
  }

  #stop() {
    this.#away.abort();
    this.#stream.release();
    feeds.delete(this.server);
  }

  /** Has all widgets look at the store again. */
  refresh(detail) {
    this.#tell('change', detail);
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #handler = {
    time: (time) => {
      setClock(time);
      if (this.state === 'live') this.asOf = now();
    },
    state: (state) => {
      if (state === 'live') this.asOf = now();
      if (state !== 'live' && this.#gathering) {
        this.#gathering = false;
        this.refresh();
      }
      this.state = state;
      this.#tell('state', { state });
    },
    begin: (whole) => {
      this.#gathering = true;
      this.store.begin(whole);
    },
    event: (message) => this.#take(message),
    caughtUp: () => {
      const outcomes = this.store.finish(this.settled && this.#holds());
      if (this.settled) for (const [outcome, statement] of outcomes ?? []) announce(outcome, statement);
      this.#gathering = false;
      this.settled = true;
      this.refresh({ replaced: outcomes !== null });
    },
  };

  /** Whether a new statement would move what is being read. */
  #holds() {
    return [...this.gates].some((gate) => gate());
  }

  #take(message) {
    const { type, change, data } = message;
    if (this.state === 'live') this.asOf = now();
    const hold = type === 'statement' && this.#holds();
    const outcome = this.store.apply(message, hold);
    if (type === 'statement') {
      if (outcome === 'new' && !hold) this.store.reveal();
      if (this.settled) announce(outcome, data);
      this.#tell('statement', { change, statement: data });
    } else {
      this.#tell('tick', { tick: data, removed: message.removed === true });
    }
    if (outcome && !this.#gathering) this.refresh();
  }
}

/** The feed that this widget belongs to: of its own `server` attribute or an ancestor's, of <meta name="daywire-server">, or of
 * where this script came from. */
export function feedOf(element) {
  const named = element.closest('[server]')?.getAttribute('server')
    ?? document.querySelector('meta[name="daywire-server"]')?.content ?? import.meta.url;
  const server = new URL(named, document.baseURI).origin;
  if (!feeds.has(server)) {
    const cursor = server === location.origin ? document.querySelector('[data-cursor]')?.dataset.cursor : null;
    feeds.set(server, new Feed(server, cursor));
  }
  return feeds.get(server);
}
