// SPDX-License-Identifier: Apache-2.0
// <daywire-counter counter="ID">: the counter's sentence of today in the language around it.

import { h } from './dom.js';
import { DaywireElement } from './element.js';

/** The label in `language`, else without its region and so on, else in English, else any: as the server's masthead.c. */
export function labelOf({ label }, language) {
  const names = Object.keys(label);
  for (const wanted of [language, 'en']) {
    for (let tag = wanted.toLowerCase(); tag; tag = tag.slice(0, Math.max(tag.lastIndexOf('-'), 0))) {
      const name = names.find((key) => key.toLowerCase() === tag);
      if (name) return { language: name, text: label[name] };
    }
  }
  return names.length ? { language: names[0], text: label[names[0]] } : null;
}

/** The sentence with its number of days set off. */
function sentence({ language, text }, days) {
  const wanted = String(Math.abs(days));
  const line = h('p', { dir: 'auto', lang: language });
  for (const { 0: number, index } of text.matchAll(/[0-9]+(?:[.,'’\u00a0\u202f][0-9]+)*/g)) {
    if (number.replace(/[^0-9]/g, '') !== wanted) continue;
    line.append(text.slice(0, index), h('strong', {}, number), text.slice(index + number.length));
    return line;
  }
  line.append(text);
  return line;
}

export class DaywireCounter extends DaywireElement {
  connect(signal) {
    const feed = this.follow(signal, (replaced) => this.#draw(feed, replaced));
    feed.addEventListener('tick', (event) => {
      if (event.detail.tick.counter !== this.counter) return;
      this.dispatchEvent(new CustomEvent('daywire-tick', { detail: event.detail, bubbles: true, composed: true }));
      if (event.detail.removed) this.replaceChildren();
    }, { signal });
    this.#draw(feed, false);
  }

  get counter() {
    return this.getAttribute('counter');
  }

  #draw(feed, replaced) {
    const tick = feed.store.ticks.get(this.counter);
    const label = tick && labelOf(tick, this.language);
    if (label) {
      if (this.textContent !== label.text) this.replaceChildren(sentence(label, tick.days));
    } else if (replaced) {
      this.replaceChildren();
    }
  }
}
