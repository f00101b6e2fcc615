// SPDX-License-Identifier: Apache-2.0
// <daywire-counters>: every counter, by id; new ones join and removed ones leave.

import { h } from './dom.js';
import { DaywireElement } from './element.js';

export class DaywireCounters extends DaywireElement {
  connect(signal) {
    const feed = this.follow(signal, (replaced) => this.#draw(feed, replaced));
    feed.addEventListener('tick', ({ detail: { tick, removed } }) => removed && this.#find(tick.counter)?.remove(), { signal });
    this.#draw(feed, false);
  }

  #find(counter) {
    return [...this.querySelectorAll('li')].find((item) => item.firstElementChild.getAttribute('counter') === counter);
  }

  #draw({ store }, replaced) {
    const list = this.querySelector('ul') ?? this.appendChild(h('ul'));
    const shown = new Map([...list.children].map((item) => [item.firstElementChild.getAttribute('counter'), item]));
    for (const counter of [...store.ticks.keys()].sort()) {
      if (shown.has(counter)) continue;
      const item = h('li', {}, h('daywire-counter', { counter }));
      const next = [...shown.keys()].sort().find((other) => other > counter);
      list.insertBefore(item, shown.get(next) ?? null);
      shown.set(counter, item);
    }
    if (!replaced) return;
    for (const [counter, item] of shown) if (!store.ticks.has(counter)) item.remove();
  }
}
