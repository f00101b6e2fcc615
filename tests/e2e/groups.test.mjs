// SPDX-License-Identifier: Apache-2.0
// Counters in groups and in a stated order: the same in the API, in a snapshot, on the page and in the widget.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { Daywire } from './lib/daywire.mjs';
import { Stream } from './lib/stream.mjs';
import { openBrowser } from './lib/browser.mjs';
import { until } from './lib/until.mjs';

let browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser?.close());

const counter = (id, lines) => `[counter ${id}]\nsince = 2018-03-04\nlabel.en = the ${id}\n${lines}`;
const config = `[site]
title = Harbour Office
${counter('mole', 'group = Piers & <moles>\norder = 2\n')}${counter('pier', 'group = Piers & <moles>\norder = 1\n')}
${counter('lamp', 'order = 3\n')}${counter('buoy', 'order = 3\n')}${counter('ferry', 'group = Ferries\norder = 1\n')}`;

/** What a list shows from top to bottom, headings with a "#". */
const outline = (page) => page.locator('daywire-counters').evaluate((list) => [...list.children].flatMap((child) =>
  (child.localName === 'h2' ? `# ${child.textContent}` : [...child.children].map(({ textContent }) => textContent))));
const shows = (page, expected) => until(`the list is ${expected}`, async () => {
  const shown = await outline(page);
  return JSON.stringify(shown) === JSON.stringify(expected);
});

test('groups have headings and an order everywhere, and change without a reload', async () => {
  const daywire = await Daywire.start({ config });
  const listed = async (query = '') => (await daywire.get(`/v1/counters${query}`)).json.counters.map((tick) => tick.counter);
  const everything = ['# Ferries', 'the ferry', '# Piers & <moles>', 'the pier', 'the mole', 'the buoy', 'the lamp'];
  try {
    await until('the counters', async () => (await listed()).length === 5);
    assert.deepEqual(await listed(), ['ferry', 'pier', 'mole', 'buoy', 'lamp']);
    assert.deepEqual(await listed(`?group=${encodeURIComponent('Piers & <moles>')}`), ['pier', 'mole']);
    const stream = await Stream.open(daywire.stream, { query: 'channels=ticks' });
    await stream.caughtUp();
    assert.deepEqual(stream.of('tick').map(({ data }) => data.counter), await listed());
    await stream.close();

    const plain = await browser.page(daywire.web, { javaScriptEnabled: false });
    assert.deepEqual(await outline(plain), everything);
    const page = await browser.page(daywire.web);
    await page.locator('daywire-status[state="live"]').waitFor();
    assert.deepEqual(await outline(page), everything);
    const embedded = await browser.page(daywire.web);
    await embedded.evaluate((group) => {
      const list = document.createElement('daywire-counters');
      list.setAttribute('group', group);
      document.querySelector('daywire-counters').replaceWith(list);
    }, 'Piers & <moles>');

    const first = await readFile(daywire.config, 'utf8');
    await writeFile(daywire.config, first.replace(/\[counter pier\][^[]*/, '').replace('group = Ferries\norder = 1', 'order = 9')
      .replace('the mole', 'the old mole').replace('order = 2', 'order = 5'));
    process.kill((await daywire.pids()).counter, 'SIGHUP');
    await shows(page, ['the buoy', 'the lamp', 'the ferry', '# Piers & <moles>', 'the old mole']);
    await shows(embedded, ['the old mole']);
    assert.deepEqual(page.problems, []);
    for (const opened of [plain, page, embedded]) await opened.context().close();
  } finally {
    await daywire.stop();
  }
});
