// SPDX-License-Identifier: Apache-2.0
// A web server with feeds that tests change at will.
import { createServer } from 'node:http';
import { once } from 'node:events';

export class FeedServer {
  /** On 127.0.0.1 and, on the same port, on an address that nobody should come to: 127.0.0.2. */
  static async start() {
    const it = new FeedServer();
    it.answers = {}; // by path: { status, headers, body }, or a function of the request that gives one
    it.requests = []; // { path, headers }
    it.trespasses = 0;
    it.server = createServer((request, response) => it.#answer(request, response)).listen(0, '127.0.0.1');
    await once(it.server, 'listening');
    it.port = it.server.address().port;
    it.trap = createServer((request, response) => {
      it.trespasses++;
      response.end();
    }).listen(it.port, '127.0.0.2');
    await once(it.trap, 'listening');
    it.url = `http://127.0.0.1:${it.port}`;
    return it;
  }

  #answer(request, response) {
    this.requests.push({ path: request.url, headers: request.headers });
    if (this.held) {
      this.held.push([request, response]);
      return;
    }
    this.#send(request, response);
  }

  /** Those whose answers were held: `held` is a list of them while it is one. */
  release() {
    const held = this.held;
    this.held = undefined;
    for (const [request, response] of held) this.#send(request, response);
  }

  #send(request, response) {
    let answer = this.answers[request.url] ?? { status: 404 };
    if (typeof answer === 'function') answer = answer(request);
    response.writeHead(answer.status ?? 200, answer.headers ?? {});
    response.end(answer.body);
  }

  of(path) {
    return this.requests.filter((request) => request.path === path);
  }

  async stop() {
    for (const server of [this.server, this.trap]) {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    }
  }
}

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** RSS of `{ guid, link, title, date, text }`; what is left out is left out. */
export function rss(items, head = '') {
  const tag = (name, value) => (value === undefined ? '' : `<${name}>${escape(value)}</${name}>`);
  return `<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Harbour</title>${head}${items.map((item) =>
    `<item>${tag('guid', item.guid)}${tag('link', item.link)}${tag('title', item.title)}${tag('pubDate', item.date)}${
      tag('description', item.text)}</item>`).join('')}</channel></rss>`;
}
