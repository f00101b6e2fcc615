// SPDX-License-Identifier: Apache-2.0
// What the widgets show: the newest statements and the ticks. New statements may be held back (waiting) until the reader
// asks for them. A snapshot is put together aside and replaces everything when it is whole.

import { compare, isWithdrawn, leadOf } from './order.js';

/** As many as a snapshot is asked for, and as the server's page is made from. */
export const KEPT = 50;

export class Store {
  statements = new Map();
  ticks = new Map();
  pinned = new Set(); // ids of statements that are kept however old they are
  fresh = new Set(); // ids of statements that came while the page was open
  #waiting = new Set();
  #snapshot = null;

  /** Adds what the page already shows. */
  seed(statement) {
    if (!this.statements.has(statement.id)) this.statements.set(statement.id, statement);
  }

  begin(whole) {
    this.#snapshot = whole ? { statements: new Map(), ticks: new Map() } : null;
  }

  /** Takes a message; `hold` keeps a new statement waiting. Returns "new", "changed", or null when there is nothing to show. */
  apply(message, hold) {
    if (message.type === 'tick') return this.#applyTick(message);
    const { data } = message;
    if (this.#snapshot) {
      this.#snapshot.statements.set(data.id, data);
      return null;
    }
    const known = this.statements.get(data.id);
    if (known && known.revision >= data.revision) return null;
    this.statements.set(data.id, data);
    if (!known && hold) this.#waiting.add(data.id);
    this.#prune();
    if (known) return 'changed';
    if (!this.statements.has(data.id)) return null;
    this.fresh.add(data.id);
    return 'new';
  }

  #applyTick({ data, removed }) {
    const { ticks } = this.#snapshot ?? this;
    if (removed) ticks.delete(data.counter);
    else ticks.set(data.counter, data);
    return this.#snapshot ? null : 'changed';
  }

  /** The events of begin() are all there. Returns whether a snapshot replaced what was shown. */
  finish() {
    if (!this.#snapshot) return false;
    ({ statements: this.statements, ticks: this.ticks } = this.#snapshot);
    this.#snapshot = null;
    this.#waiting.clear();
    this.fresh.clear();
    return true;
  }

  #prune() {
    if (this.statements.size <= KEPT) return;
    const lead = this.lead();
    const shown = this.#shown().sort(compare);
    const waiting = [...this.#waiting].map((id) => this.statements.get(id)).sort(compare);
    // Each by itself, so that what waits takes nothing away from a reader.
    for (const { id } of [...shown.slice(KEPT), ...waiting.slice(KEPT)]) {
      if (id === lead?.id || this.pinned.has(id)) continue;
      this.statements.delete(id);
      this.#waiting.delete(id);
      this.fresh.delete(id);
    }
  }

  #shown() {
    return [...this.statements.values()].filter(({ id }) => !this.#waiting.has(id));
  }

  lead() {
    return leadOf(this.#shown());
  }

  /** Newest first, without the one whose id is `except`. */
  list(limit, except) {
    return this.#shown().filter(({ id }) => id !== except).sort(compare).slice(0, limit);
  }

  /** How many statements the reader can ask for. */
  get waiting() {
    return [...this.#waiting].filter((id) => !isWithdrawn(this.statements.get(id))).length;
  }

  reveal() {
    this.#waiting.clear();
    this.#prune();
  }

  /** Adds the body of a statement that came without it. */
  complete(statement) {
    const known = this.statements.get(statement.id);
    if (known?.revision === statement.revision) this.statements.set(statement.id, statement);
  }
}
