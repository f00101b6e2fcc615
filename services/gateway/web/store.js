// SPDX-License-Identifier: Apache-2.0
// What the widgets show: the newest statements and the ticks. New statements may be held back (waiting) until the reader
// asks for them. A snapshot is put together aside and replaces everything when it is whole.
//
// A list has the newest statements without a gap, so one that is not here is new to the reader when it comes before the end of a
// list. Behind the end of a full one, whatever happens is not seen, and kept without a word.

import { canLead, compare, isWithdrawn, leadOf } from './order.js';

/** As many as a snapshot is asked for, and as the server's page is made from. */
export const KEPT = 50;

export class Store {
  statements = new Map();
  ticks = new Map();
  lists = new Set(); // widgets that show the newest, `limit` of them
  leads = new Set(); // widgets that show the lead, which the lists then leave out
  pinned = new Set(); // ids of statements that are shown however old they are
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

  /**
   * Takes a message; `hold` keeps a new statement waiting. Returns what it is to the reader: "new" or "changed" on the page,
   * "quiet" when there is nothing to tell, null when nothing is different.
   */
  apply(message, hold) {
    if (message.type === 'tick') return this.#applyTick(message);
    const { data } = message;
    if (this.#snapshot) {
      this.#snapshot.statements.set(data.id, data);
      return null;
    }
    const outcome = this.#judge(data);
    if (!outcome) return null;
    this.statements.set(data.id, data);
    if (outcome === 'new') this.fresh.add(data.id);
    if (outcome === 'new' && hold) this.#waiting.add(data.id);
    this.#prune();
    return this.statements.has(data.id) ? outcome : null;
  }

  #judge(data) {
    const known = this.statements.get(data.id);
    if (known?.revision >= data.revision) return null;
    if (this.#waiting.has(data.id)) return 'quiet';
    if (known) return this.#isShown(known) || this.#isShown(data) ? 'changed' : 'quiet';
    return this.#isShown(data) && !isWithdrawn(data) ? 'new' : 'quiet';
  }

  /** Whether this statement is on the page, or would be if it were here. */
  #isShown(statement) {
    if (this.pinned.has(statement.id)) return true;
    const lead = this.leads.size > 0 ? this.lead() : null;
    if (this.leads.size > 0 && canLead(statement) && !(lead && compare(statement, lead) > 0)) return true;
    const room = Math.max(0, ...[...this.lists].map(({ limit }) => limit));
    const last = this.list(room, lead?.id)[room - 1];
    return room > 0 && !(last && compare(statement, last) > 0);
  }

  #applyTick({ data, removed }) {
    const { ticks } = this.#snapshot ?? this;
    if (removed) ticks.delete(data.counter);
    else ticks.set(data.counter, data);
    return this.#snapshot ? null : 'changed';
  }

  /**
   * The events of begin() are all there. Returns null unless a snapshot replaced what was shown, else its statements, each as
   * [outcome, statement] with what apply() would have returned; `hold` keeps new ones waiting.
   */
  finish(hold) {
    if (!this.#snapshot) return null;
    const { statements, ticks } = this.#snapshot;
    this.#snapshot = null;
    const outcomes = [];
    const waiting = new Set();
    for (const [id, data] of statements) {
      const outcome = this.#judge(data);
      outcomes.push([outcome, data]);
      if (hold && (this.#waiting.has(id) || outcome === 'new')) waiting.add(id);
    }
    for (const id of this.pinned) {
      if (this.statements.has(id) && !statements.has(id)) statements.set(id, this.statements.get(id));
    }
    this.#waiting = waiting;
    this.fresh.clear();
    this.statements = statements;
    this.ticks = ticks;
    return outcomes;
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

  /** Adds a statement that was fetched: the body of one that came without it, or one that is pinned. */
  complete(statement) {
    const { revision } = this.statements.get(statement.id) ?? statement;
    if (revision === statement.revision) this.statements.set(statement.id, statement);
  }
}
