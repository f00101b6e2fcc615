// SPDX-License-Identifier: Apache-2.0
// <daywire-lead>: the lead statement in full. With statement="ID" it shows that one and no other, and its corrections
// or its withdrawal as they happen.

import { fullArticle, readArticle } from './article.js';
import { DaywireElement } from './element.js';

export class DaywireLead extends DaywireElement {
  #shown = null; // the statement
  #level = 2; // of its heading

  connect(signal) {
    const article = this.querySelector('article');
    const feed = this.follow(signal, () => this.#draw(feed, signal));
    if (article && !this.#shown) {
      this.#shown = readArticle(article);
      this.#level = Number(article.querySelector('.title').localName[1]);
      feed.store.seed(this.#shown);
    }
    this.pass(feed, 'statement', signal);
    if (this.pinned === null) this.#lead(feed, signal);
    else this.#pin(feed, signal);
  }

  #lead(feed, signal) {
    const gate = () => this.#shown !== null && this.getBoundingClientRect().top < 0;
    feed.store.leads.add(this);
    feed.gates.add(gate);
    signal.addEventListener('abort', () => {
      feed.store.leads.delete(this);
      feed.gates.delete(gate);
      feed.refresh();
    });
    feed.refresh();
  }

  #pin(feed, signal) {
    const id = this.pinned;
    feed.store.pinned.add(id);
    signal.addEventListener('abort', () => feed.store.pinned.delete(id));
    if (!this.#shown) this.#fetch(id, feed, signal);
  }

  /** The id of the statement that is shown whatever comes. */
  get pinned() {
    return this.getAttribute('statement');
  }

  #draw(feed, signal) {
    const { store, server } = feed;
    const statement = this.pinned === null ? store.lead() : store.statements.get(this.pinned) ?? this.#shown;
    if (statement === this.#shown) return;
    this.#shown = statement;
    const focused = this.contains(document.activeElement);
    const context = { language: this.language, zone: this.zone, server };
    this.replaceChildren(...(statement ? [fullArticle(statement, context, this.#level)] : []));
    if (focused) this.querySelector('.title a')?.focus({ preventScroll: true });
    if (statement && statement.body === undefined) this.#fetch(statement.id, feed, signal);
  }

  /** What the page has in its list only is shown by its excerpt until the whole is here. */
  async #fetch(id, feed, signal) {
    try {
      const answer = await fetch(new URL(`/v1/statements/${encodeURIComponent(id)}`, feed.server), { signal });
      if (!answer.ok && answer.status !== 410) return; // 410: withdrawn
      feed.store.complete(await answer.json());
      this.#draw(feed, signal);
    } catch {
      // The excerpt and its link stay.
    }
  }
}
