// SPDX-License-Identifier: Apache-2.0
// <daywire-status>: whether the page is live, and if not, as of when it is. Its attribute `state` says it for style sheets.

import { everyMinute, now } from './clock.js';
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
    everyMinute(() => this.#draw(feed), signal); // as of a time of today becomes one of yesterday
  }

  get state() {
    return this.getAttribute('state');
  }

  #draw({ state, asOf }) {
    if (this.state !== state) this.setAttribute('state', state);
    if (!words[state]) return;
    const line = h('span', {}, words[state]);
    if (state !== 'live' && asOf !== null) line.append(' · ', words.asOf, this.#time(asOf));
    if (this.textContent !== line.textContent) this.replaceChildren(line);
  }

  /** With its date when it was not today. */
  #time(asOf) {
    const today = civilDate(this.zone, now()) === civilDate(this.zone, asOf);
    const text = today ? timeOf(this.language, this.zone, asOf) : longDateWithTime(this.language, this.zone, asOf);
    return h('time', { datetime: new Date(asOf).toISOString() }, text);
  }
}
