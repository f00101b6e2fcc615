// SPDX-License-Identifier: Apache-2.0
// <daywire-date [time-zone]>: today's date.

import { everyMinute, now } from './clock.js';
import { civilDate, fullDate } from './dates.js';
import { h, setText } from './dom.js';
import { DaywireElement } from './element.js';

export class DaywireDate extends DaywireElement {
  connect(signal) {
    everyMinute(() => {
      const today = civilDate(this.zone, now());
      const time = this.querySelector('time') ?? this.appendChild(h('time'));
      if (time.dateTime === today) return;
      time.dateTime = today;
      setText(time, fullDate(this.language, today));
    }, signal);
  }
}
