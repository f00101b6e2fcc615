// SPDX-License-Identifier: Apache-2.0
// <daywire-counters>: every counter in the order of lists, with a heading for each named group; new ones join and removed ones
// leave. <daywire-counters group="NAME">: those of one group, without its heading.

import { h } from './dom.js';
import { DaywireElement } from './element.js';
import { inGroups } from './order.js';

const counterOf = (item) => item.firstElementChild.getAttribute('counter');

/** Makes these the children of `parent`; what is in its place is not touched. */
function arrange(parent, nodes) {
  nodes.forEach((node, at) => parent.children[at] === node || parent.insertBefore(node, parent.children[at] ?? null));
  while (parent.children.length > nodes.length) parent.lastElementChild.remove();
}

export class DaywireCounters extends DaywireElement {
  connect(signal) {
    const feed = this.follow(signal, (replaced) => this.#draw(feed, replaced));
    feed.addEventListener('tick', ({ detail: { tick, removed } }) => removed && this.#items().get(tick.counter)?.remove(), { signal });
    this.#draw(feed, false);
  }

  #items() {
    return new Map([...this.querySelectorAll('li')].map((item) => [counterOf(item), item]));
  }

  /** By group and order: of the store, else as the markup that was found says. */
  #entries({ ticks }, items, replaced) {
    const only = this.getAttribute('group');
    const found = replaced ? [] : [...items].filter(([counter]) => !ticks.has(counter)).map(([counter, item]) => (
      { counter, group: item.parentElement.dataset.group, order: Number(item.dataset.order ?? 0) }));
    return [...ticks.values(), ...found].filter(({ group = '' }) => only === null || group === only);
  }

  #draw({ store }, replaced) {
    const items = this.#items();
    const headings = new Map([...this.querySelectorAll('h2')].map((heading) => [heading.textContent, heading]));
    const lists = new Map([...this.querySelectorAll('ul')].map((list) => [list.dataset.group ?? '', list]));
    const groups = inGroups(this.#entries(store, items, replaced));
    const filled = groups.map(([group, entries]) => {
      const list = lists.get(group) ?? h('ul', { 'data-group': group });
      arrange(list, entries.map(({ counter, order }) => {
        const item = items.get(counter) ?? h('li', {}, h('daywire-counter', { counter }));
        if (order) item.dataset.order = order;
        else delete item.dataset.order;
        return item;
      }));
      const titled = group && !this.hasAttribute('group');
      return titled ? [headings.get(group) ?? h('h2', { dir: 'auto' }, group), list] : [list];
    });
    arrange(this, filled.flat());
  }
}
