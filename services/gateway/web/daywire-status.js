// SPDX-License-Identifier: Apache-2.0
// <daywire-status>: whether the page is live, and if not, as of when it is. Its attribute `state` says it for style sheets.

import { now } from './clock.js';
import { civilDate, longDateWithTime, timeOf } from './dates.js';
import { h } from './dom.js';
import { DaywireElement } from './element.js';
import { words } from './words.js';

export class DaywireStatus extends DaywireElement {
  connect(signal) {
    const feed = this.follow(signal, () => {});
    // The server wrote when it made the page.
    feed.asOf ??= Date.parse(this.querySelector('time')?.dateTime) || null;
    this.pass(feed, 'state', signal);
    feed.addEventListener('state', () => this.#draw(feed), { signal });
    this.#draw(feed);
  }

  get state() {
    return this.getAttribute('state');
  }

  #draw({ state, asOf }) {
    this.setAttribute('state', state);
    const text = words[state];
    if (!text) return;
    const since = state === 'live' || asOf === null ? [] : [' · ', words.asOf, this.#time(asOf)];
    this.replaceChildren(text, ...since);
  }

  /** With its date when it was not today. */
  #time(asOf) {
    const today = civilDate(this.zone, now()) === civilDate(this.zone, asOf);
    const text = today ? timeOf(this.language, this.zone, asOf) : longDateWithTime(this.language, this.zone, asOf);
    return h('time', { datetime: new Date(asOf).toISOString() }, text);
  }
}
