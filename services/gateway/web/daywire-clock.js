// SPDX-License-Identifier: Apache-2.0
// <daywire-clock time-zone="Europe/London" [label="London"]>: what time it is there.

import { everyMinute, now } from './clock.js';
import { timeOf } from './dates.js';
import { h, setText } from './dom.js';
import { DaywireElement } from './element.js';

export class DaywireClock extends DaywireElement {
  connect(signal) {
    if (!this.querySelector('time')) {
      const city = this.getAttribute('label');
      this.replaceChildren(...(city ? [h('span', { class: 'city', dir: 'auto' }, city), ' '] : []), h('time'));
    }
    everyMinute(() => setText(this.querySelector('time'), timeOf(this.language, this.zone, now())), signal);
  }
}
