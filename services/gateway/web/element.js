// SPDX-License-Identifier: Apache-2.0
// What all widgets have in common. A widget goes on with the markup that it finds; connect(signal) is called each time it comes
// into the document, and `signal` aborts when it leaves.

import { feedOf } from './feed.js';

export class DaywireElement extends HTMLElement {
  #life = null;

  connectedCallback() {
    this.#life = new AbortController();
    this.connect(this.#life.signal);
  }

  disconnectedCallback() {
    this.#life?.abort();
    this.#life = null;
  }

  /** Of the nearest ancestor that says it. */
  get language() {
    return this.closest('[lang]')?.lang || 'en';
  }

  get zone() {
    const teller = this.closest('[time-zone], [data-time-zone]');
    return teller?.getAttribute('time-zone') ?? teller?.dataset.timeZone ?? 'UTC';
  }

  /** Joins the feed and calls `draw` at every change from now on. */
  follow(signal, draw) {
    const feed = feedOf(this);
    feed.use(signal);
    feed.addEventListener('change', ({ detail }) => draw(detail?.replaced === true), { signal });
    return feed;
  }

  /** Passes the feed's events on as daywire-... */
  pass(feed, type, signal) {
    feed.addEventListener(type, ({ detail }) => this.dispatchEvent(
      new CustomEvent(`daywire-${type}`, { detail, bubbles: true, composed: true })), { signal });
  }
}

/** A page may load the widgets twice. */
export function define(name, element) {
  if (!customElements.get(name)) customElements.define(name, element);
}
