// SPDX-License-Identifier: Apache-2.0
// A page in Chromium that tells everything that hostile HTML does in it: a script, a dialog, a navigation, a request, a window.
// It has no Content-Security-Policy and no network.

const origin = 'http://harbour.test';

/** Runs in every frame, before anything of it. */
function arm() {
  for (const name of ['alert', 'confirm', 'prompt', 'print', 'msgbox']) window[name] = () => window.report(`${name}() ran`);
}

/** What readers do: point, focus, click. Links to where links may lead are not followed. */
function poke() {
  const allowed = ['http:', 'https:', 'mailto:', 'tel:'];
  for (const element of document.querySelectorAll('*')) {
    const names = element.getAttributeNames();
    for (const name of names) {
      if (/^on/i.test(name)) element.dispatchEvent(new Event(name.slice(2).toLowerCase(), { bubbles: true }));
    }
    const href = element.href?.animVal ?? element.href ?? element.getAttribute('xlink:href');
    const acts = (typeof href === 'string' && href) || ['button', 'input'].includes(element.localName);
    const isFine = href && URL.canParse(href, location) && allowed.includes(new URL(href, location).protocol);
    if (acts && !isFine) element.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }));
    element.focus?.();
  }
  const settled = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  return fetch('/settled').then(settled);
}

export class WatchedPage {
  static async open(browser) {
    const it = new WatchedPage();
    it.context = await browser.newContext({ baseURL: origin });
    await it.context.exposeBinding('report', (_, what) => it.#tell(what));
    await it.context.addInitScript(arm);
    await it.context.route('**/*', (route) => it.#answer(route));
    it.context.on('page', (page) => { if (it.page && page !== it.page) it.#tell('a window was opened'); });
    it.page = await it.context.newPage();
    it.page.on('dialog', (dialog) => {
      it.#tell(`a dialog: ${dialog.message()}`);
      dialog.dismiss().catch(() => {});
    });
    it.page.on('framenavigated', (frame) => {
      if (frame !== it.page.mainFrame() || frame.url() !== it.address) it.#tell(`a frame went to ${frame.url()}`);
    });
    return it;
  }

  seen = [];
  #number = 0;

  #tell(what) {
    this.seen.push(what);
  }

  #answer(route) {
    const url = route.request().url();
    if (url === this.address) return route.fulfill({ contentType: this.type, body: this.text });
    if (url === `${origin}/settled`) return route.fulfill({ contentType: 'text/plain', body: '' });
    if (!url.endsWith('/favicon.ico')) this.#tell(`a request for ${url}`);
    return route.abort();
  }

  /** Loads `text` as a document, calls `script` with `argument` in it, and returns all that happened. */
  async load(text, { type = 'text/html; charset=utf-8', script, argument } = {}) {
    this.seen = [];
    this.#number += 1;
    Object.assign(this, { text, type, address: `${origin}/${this.#number}` });
    await this.page.goto(this.address, { waitUntil: 'load' }).catch((error) => this.#tell(`it did not load: ${error.message.split('\n')[0]}`));
    try {
      if (script) this.result = await this.page.evaluate(script, argument);
      await this.page.evaluate(poke);
    } catch (error) {
      this.#tell(`it was left: ${error.message.split('\n')[0]}`);
    }
    return this.seen;
  }

  close() {
    return this.context.close();
  }
}
