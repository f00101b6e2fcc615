// SPDX-License-Identifier: Apache-2.0
// A page lives longer than its connection: it lies in the back/forward cache, and its network goes silent without a word.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { Daywire } from './lib/daywire.mjs';
import { openBrowser } from './lib/browser.mjs';
import { until } from './lib/until.mjs';

let browser;
let daywire;
before(async () => {
  // Playwright turns the back/forward cache off.
  browser = await openBrowser({ ignoreDefaultArgs: ['--disable-back-forward-cache'] });
  daywire = await Daywire.start({ config: 'heartbeat = 2s\n[site]\ntitle = Harbour Office\n' });
  await daywire.publish({ id: 'old', title: 'An older one', date: '2024-05-01' });
  await until('the page has it', async () => (await daywire.get('/')).text.includes('An older one'));
});
after(async () => {
  await browser?.close();
  await daywire?.stop();
});

const state = (page, name) => page.locator(`daywire-status[state="${name}"]`).waitFor();
const count = (page, title) => page.locator('article', { hasText: title }).count();
const publish = (id, title) => daywire.publish({ id, title, date: '2024-05-02' });

/** Opens the front page, which keeps what its sockets say, and the ids of the statements that it is told after a first one. */
async function open(first) {
  const page = await browser.page('about:blank');
  await page.addInitScript(() => {
    window.sockets = [];
    window.told = [];
    window.returns = [];
    window.WebSocket = class extends WebSocket {
      seen = { sent: [], received: [] };

      constructor(...args) {
        super(...args);
        window.sockets.push(this.seen);
        this.addEventListener('message', ({ data }) => this.seen.received.push(JSON.parse(data)));
      }

      send(text) {
        this.seen.sent.push(JSON.parse(text));
        super.send(text);
      }
    };
    document.addEventListener('daywire-statement', ({ target, detail }) =>
      target.localName === 'daywire-statements' && window.told.push(detail.statement.id));
    addEventListener('pageshow', ({ persisted }) => window.returns.push(persisted));
  });
  await page.goto(daywire.web);
  await state(page, 'live');
  await publish(first, `The page is ${first}`);
  await until('it is shown', () => count(page, `The page is ${first}`));
  await page.evaluate(() => (window.told = []));
  return page;
}

/** What is published while `page` is away is shown once, and the last connection went on from where the one before ended. */
async function assertResumed(page, titles) {
  await state(page, 'live');
  for (const title of Object.values(titles)) await until(`"${title}" is shown`, () => count(page, title));
  for (const title of Object.values(titles)) assert.equal(await count(page, title), 1, title);
  const { sockets, told } = await page.evaluate(() => ({ sockets: window.sockets, told: window.told }));
  assert.deepEqual(told, Object.keys(titles));
  const { sent, received } = sockets.at(-1);
  const before = sockets.slice(0, -1).flatMap((socket) => socket.received);
  assert.equal(sent[0].since, before.findLast(({ cursor }) => cursor).cursor);
  assert.equal(received.find(({ type }) => type === 'subscribed').resume, 'complete');
  assert.deepEqual(received.filter(({ type }) => type === 'statement').map(({ data }) => data.id), Object.keys(titles));
}

test('a page comes back from the back/forward cache and has what it missed, once', async () => {
  const page = await open('leaving');
  await page.click('footer a[href="/statements"]');
  await page.waitForURL('**/statements');
  await until('the connection is let go', async () =>
    /^daywire_gateway_sessions\{format="json"\} 0$/m.test(await (await fetch(`${daywire.admin.gateway}/metrics`)).text()));
  await publish('cached', 'While the page lay in the cache');

  await page.goBack({ waitUntil: 'commit' }); // nothing is loaded
  await until('it is back', () => page.evaluate(() => document.readyState === 'complete' && window.returns.length > 0));
  const refused = await page.evaluate(() => JSON.stringify(performance.getEntriesByType('navigation')[0].notRestoredReasons));
  assert.deepEqual(await page.evaluate(() => window.returns), [false, true], `not from the cache: ${refused}`);
  await assertResumed(page, { cached: 'While the page lay in the cache' });
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test('a network gone silent is noticed without a close, and what was missed is shown, once', async () => {
  const page = await open('online');
  await page.context().setOffline(true);
  await publish('silent', 'Said into the silence');
  await state(page, 'reconnecting');
  assert.deepEqual(await page.evaluate(() => window.told), []);
  await publish('offline', 'Said while there was no network');
  await page.context().setOffline(false);
  await assertResumed(page, { silent: 'Said into the silence', offline: 'Said while there was no network' });
  await page.context().close();
});
