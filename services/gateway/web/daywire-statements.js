// SPDX-License-Identifier: Apache-2.0
// <daywire-statements [limit="20"]>: the newest statements. New ones do not move what is being read: they wait behind a button
// unless the beginning of the list is on the screen.

import { itemArticle, readArticle } from './article.js';
import { h, setText } from './dom.js';
import { DaywireElement } from './element.js';
import { KEPT } from './store.js';
import { words } from './words.js';

export class DaywireStatements extends DaywireElement {
  #list;
  #button;
  #shown = new Map(); // the statement of each item

  connect(signal) {
    const feed = this.follow(signal, () => this.#draw(feed));
    this.#list ??= this.querySelector('ol') ?? this.appendChild(h('ol', { class: 'statements' }));
    for (const item of this.#list.children) this.#adopt(item, feed.store);
    this.#button ??= h('button', { type: 'button', class: 'news', hidden: true });
    this.prepend(this.#button);
    this.#button.addEventListener('click', () => this.#reveal(feed), { signal });
    this.pass(feed, 'statement', signal);
    const gate = () => document.hidden || this.scrollTop > 0 || !this.#beginsOnScreen();
    feed.gates.add(gate);
    feed.store.lists.add(this);
    signal.addEventListener('abort', () => {
      feed.gates.delete(gate);
      feed.store.lists.delete(this);
    });
    this.#draw(feed);
  }

  get limit() {
    const limit = Math.trunc(this.getAttribute('limit'));
    return limit > 0 ? Math.min(limit, KEPT) : 20;
  }

  /** Goes on with an item that the server made. */
  #adopt(item, store) {
    if (this.#shown.has(item)) return;
    const statement = readArticle(item.firstElementChild);
    store.seed(statement);
    this.#shown.set(item, statement);
  }

  #beginsOnScreen() {
    const { top } = this.#list.getBoundingClientRect();
    return top >= 0 && top < innerHeight;
  }

  #context({ server }) {
    return { language: this.language, zone: this.zone, server };
  }

  #draw(feed) {
    this.#drawButton(feed.store.waiting);
    const context = this.#context(feed);
    const lead = feed.store.leads.size ? feed.store.lead() : null;
    const wanted = feed.store.list(this.limit, lead?.id);
    const items = new Map([...this.#shown].map(([item, { id }]) => [id, item]));
    // What goes is gone before the rest is put in place, so that what stays is not moved and keeps its focus.
    const ids = new Set(wanted.map(({ id }) => id));
    for (const [id, item] of items) {
      if (ids.has(id)) continue;
      item.remove();
      this.#shown.delete(item);
    }
    let place = this.#list.firstElementChild;
    for (const statement of wanted) {
      const item = items.get(statement.id) ?? h('li', { class: feed.store.fresh.has(statement.id) ? 'fresh' : null });
      if (this.#shown.get(item) !== statement) this.#fill(item, statement, context);
      if (item === place) place = place.nextElementSibling;
      else this.#list.insertBefore(item, place);
    }
    this.#drawNone(!lead && wanted.length === 0, feed.settled);
  }

  #fill(item, statement, context) {
    const focused = item.contains(document.activeElement);
    item.replaceChildren(itemArticle(statement, context));
    this.#shown.set(item, statement);
    if (focused) item.querySelector('a').focus({ preventScroll: true });
  }

  #drawButton(count) {
    if (count) setText(this.#button, words.news(count));
    if (this.#button.hidden !== !count) this.#button.hidden = !count;
  }

  #drawNone(empty, known) {
    const none = this.querySelector('.none');
    if (!empty) none?.remove();
    else if (known && !none) this.append(h('p', { class: 'none' }, words.none));
  }

  /** Shows what waits and goes to the newest of it: the lead if it is a new one, else the item. */
  #reveal(feed) {
    const { store } = feed;
    const before = new Set(store.list(Infinity).map(({ id }) => id));
    store.reveal();
    feed.refresh();
    const [newest] = store.list(Infinity).filter(({ id }) => !before.has(id));
    const [lead] = store.leads;
    const item = [...this.#shown].find(([, { id }]) => id === newest?.id)?.[0];
    const target = item ?? lead ?? this;
    target.querySelector('.title a')?.focus({ preventScroll: true });
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    target.scrollIntoView({ behavior: still ? 'instant' : 'smooth', block: item ? 'center' : 'start' });
  }
}
