// SPDX-License-Identifier: Apache-2.0
// The page in a real browser: there without JavaScript, then live, and nothing in the console.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { Daywire, brokerTrouble } from './lib/daywire.mjs';
import { openBrowser } from './lib/browser.mjs';
import { freePorts } from './lib/ports.mjs';
import { zoneWithMidnightIn } from './lib/zone.mjs';
import { until } from './lib/until.mjs';

let browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser?.close());

const visible = (page) => page.locator('body').innerText();
const live = (page) => page.locator('daywire-status[state="live"]').waitFor();
/** The ids of what is shown, from top to bottom; the lead is the first. */
const shown = (page) => page.locator('article').evaluateAll((articles) => articles.map(({ dataset }) => dataset.id));

/** The address of a site of somebody else's, which has this page. */
async function serve(html) {
  const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(html)).unref();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${server.address().port}/`;
}

test('everything is on the page without JavaScript', async () => {
  const daywire = await Daywire.start();
  try {
    await daywire.publish({ id: 'lead', title: 'The <lead> & more', body: 'Full text.\n\nSecond paragraph.', date: '2024-05-01' });
    await daywire.publish({ id: 'short', title: 'A short one', summary: 'Only an excerpt', date: '2024-05-02' });
    const page = await until('the page has both', async () => {
      const opened = await browser.page(daywire.web, { javaScriptEnabled: false });
      const shown = await visible(opened);
      if (shown.includes('A short one') && shown.includes('lighthouse') && shown.includes('harbour')) return opened;
      await opened.context().close();
      return null;
    });
    const text = await visible(page);
    for (const part of ['Harbour Office', '+44 20 7946 0000', 'London', 'Lisbon', 'The <lead> & more', 'Second paragraph.',
      'Only an excerpt', 'since the harbour opened', 'since the lighthouse was lit', String(new Date().getUTCFullYear())]) {
      assert.ok(text.includes(part), `${part} in:\n${text}`);
    }
    assert.equal(await page.locator('a[href="/statements"]').count() > 0, true);
    await page.click('a[href="/statements"]');
    assert.ok((await visible(page)).includes('A short one'));
    await page.context().close();

    const { headers } = await daywire.get('/');
    assert.match(headers.get('content-security-policy'), /require-trusted-types-for 'script'/);
    assert.match(headers.get('content-security-policy'), /style-src 'self'/);
    assert.ok(!/unsafe|\*/.test(headers.get('content-security-policy')));
    const script = await daywire.get('/web/daywire.js');
    assert.equal(script.status, 200);
    assert.ok(gzipSync(script.text).length <= 12 * 1024, 'the bundle has at most 12 KB');
  } finally {
    await daywire.stop();
  }
});

test('a statement, a correction, a withdrawal and a restart appear without a reload', async () => {
  const daywire = await Daywire.start({ expected: brokerTrouble });
  try {
    await daywire.publish({ id: 'old', title: 'An older one', summary: 'Excerpt', date: '2024-05-02' });
    await until('the page has it', async () => (await daywire.get('/')).text.includes('An older one'));
    const page = await browser.page(daywire.web);
    await page.evaluate(() => { window.notReloaded = true; });
    await live(page);

    await daywire.publish({ id: 'fresh', title: 'Fresh from the quay', summary: 'Just in', date: '2024-05-03' });
    await until('it is on the page', async () => (await visible(page)).includes('Fresh from the quay'));
    const titles = await page.locator('daywire-statements article').allInnerTexts();
    assert.ok(titles[0].includes('Fresh from the quay'), 'the newest is first');

    await daywire.request('PUT', '/v1/statements/fresh', {
      title: 'Fresh from the pier', summary: 'Just in', date: '2024-05-03', change: 'corrected', note: 'Pier, not quay.' });
    await until('the correction is shown', async () => {
      const text = await visible(page);
      return text.includes('Fresh from the pier') && text.includes('Pier, not quay.') && !text.includes('Fresh from the quay');
    });
    await daywire.request('DELETE', `/v1/statements/fresh?note=${encodeURIComponent('Sent too early.')}`);
    await until('the withdrawal is shown', async () => {
      const text = await visible(page);
      return text.includes('Sent too early.') && !text.includes('Fresh from the pier');
    });

    await daywire.stopServices();
    await daywire.startServices();
    await daywire.ready();
    await daywire.publish({ id: 'later', title: 'After the restart', summary: 'Back again', date: '2024-05-04' });
    await until('the page came back by itself', async () => (await visible(page)).includes('After the restart'), { within: 60_000 });
    assert.equal(await page.evaluate(() => window.notReloaded), true);
    const problems = page.problems.filter((text) => !/WebSocket connection to|ERR_CONNECTION_REFUSED|503/.test(text));
    assert.deepEqual(problems, []);
    await page.context().close();
  } finally {
    await daywire.stop();
  }
});

test('statements of the same moment have one order: in the API, without JavaScript, live, and in a page that embeds them', async () => {
  const daywire = await Daywire.start();
  try {
    const published_at = '2024-05-01T12:00:00.123456Z';
    for (const id of ['quay-b', 'quay-c', 'quay-a', 'Quay-d']) {
      await daywire.publish({ id, title: `About ${id}`, body: `All about ${id}.`, date: '2024-05-01' });
      await daywire.publish({ id: `${id}-noon`, title: `About ${id} at noon`, body: 'At noon.', published_at });
    }
    await daywire.publish({ id: 'z', title: 'A microsecond later', body: 'Later.', published_at: published_at.replace('6Z', '7Z') });
    const order = ['z', 'Quay-d-noon', 'quay-a-noon', 'quay-b-noon', 'quay-c-noon', 'Quay-d', 'quay-a', 'quay-b', 'quay-c'];
    await until('all are there', async () => (await daywire.get('/v1/statements')).json.statements.length === order.length);
    assert.deepEqual((await daywire.get('/v1/statements')).json.statements.map(({ id }) => id), order);

    const plain = await browser.page(daywire.web, { javaScriptEnabled: false });
    assert.deepEqual(await shown(plain), order);
    assert.equal(await plain.locator('daywire-lead article').getAttribute('data-id'), order[0]);

    const page = await browser.page(daywire.web);
    await live(page);
    assert.deepEqual(await shown(page), order);
    assert.equal(await page.locator('daywire-lead article').getAttribute('data-id'), order[0]);

    // Without content of its own it begins with a snapshot.
    const address = await serve(`<!doctype html><html lang="en"><script type="module" src="${daywire.web}/web/daywire.js"></script>
      <daywire-status></daywire-status><daywire-lead></daywire-lead><daywire-statements></daywire-statements>`);
    await page.goto(address);
    await live(page);
    assert.deepEqual(await shown(page), order);
    assert.deepEqual(page.problems, []);
    await plain.context().close();
    await page.context().close();
  } finally {
    await daywire.stop();
  }
});

test('readers are told what is new on the page, and nothing of what is not on it', async () => {
  const daywire = await Daywire.start({ expected: brokerTrouble });
  try {
    const title = (day) => `Statement of ${day} April`;
    const days = Array.from({ length: 30 }, (_, i) => String(i + 1).padStart(2, '0'));
    const archive = days.map((day) => JSON.stringify({ id: `april-${day}`, title: title(day), date: `2024-04-${day}` }));
    await daywire.request('POST', '/v1/statements', archive.join('\n'), { type: 'application/x-ndjson' });
    await until('all are there', async () => (await daywire.get('/v1/statements?limit=100')).json.statements.length === days.length);
    const page = await browser.page(daywire.web);
    await page.evaluate(() => {
      window.passed = [];
      document.addEventListener('daywire-statement', ({ detail }) => window.passed.push(detail.statement.id));
      window.said = [];
      const region = document.querySelector('[role="status"]');
      new MutationObserver(() => region.textContent && window.said.push(region.textContent)).observe(region, { childList: true });
    });
    await live(page);
    const said = () => page.evaluate(() => window.said);
    const listed = await shown(page);
    assert.equal(listed.length, 20);

    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    const button = page.getByRole('button', { name: 'new statement' });
    const change = (id, more) => daywire.request('PUT', `/v1/statements/${id}`, { date: id.replace('april', '2024-04'), ...more });
    await change('april-05', { title: 'Corrected', change: 'corrected', note: 'It was wrong.' });
    await change('april-04', { title: 'Updated', change: 'updated' });
    await daywire.request('DELETE', '/v1/statements/april-03?note=No');
    await daywire.publish({ id: 'archived', title: 'From the archive', date: '1999-12-31' });
    await until('the page has heard of it', () => page.evaluate(() => window.passed.includes('archived')));
    assert.equal(await button.isVisible(), false);

    await daywire.publish({ id: 'fresh', title: 'Fresh from the quay', date: '2024-05-01' });
    await until('it waits', async () => (await button.innerText()) === '1 new statement');
    assert.deepEqual(await shown(page), listed);
    await button.click();
    await until('it is shown', async () => (await shown(page))[0] === 'fresh');
    assert.deepEqual(await shown(page), ['fresh', ...listed.slice(0, -1)]);
    await until('it was announced', async () => (await said()).length > 0);
    assert.deepEqual(await said(), ['1 new statement']);

    await change('april-30', { title: title(30), change: 'corrected', note: 'It was the 30th.' });
    await until('the correction was announced', async () => (await said()).length > 1);
    await daywire.request('DELETE', '/v1/statements/april-29?note=Too%20early.');
    await until('the withdrawal was announced', async () => (await said()).length > 2);
    assert.deepEqual((await said()).slice(1),
      [`Correction: ${title(30)}. It was the 30th.`, 'A statement was withdrawn: Too early.']);

    // A snapshot holds more than the page was made with.
    await daywire.stopServices();
    await page.locator('daywire-status[state="reconnecting"]').waitFor();
    await daywire.startServices();
    await daywire.ready();
    await live(page);
    await daywire.publish({ id: 'later', title: 'After the restart', date: '2024-05-02' });
    await until('it was announced', async () => (await said()).length > 3);
    assert.deepEqual((await said()).slice(3), ['1 new statement']);
    await page.context().close();
  } finally {
    await daywire.stop();
  }
});

test('on a small screen, new statements wait while the lead is read', async () => {
  const daywire = await Daywire.start();
  try {
    const body = Array(40).fill('All about the quay.').join('\n\n');
    await daywire.publish({ id: 'lead', title: 'The lead', body, date: '2024-05-01' });
    await until('it is there', async () => (await daywire.get('/')).text.includes('The lead'));
    const page = await browser.page(daywire.web, { viewport: { width: 400, height: 800 } });
    await live(page);
    await daywire.publish({ id: 'short', title: 'A short one', date: '2024-05-02' });
    await daywire.publish({ id: 'next', title: 'The next lead', body, date: '2024-05-03' });
    const button = page.getByRole('button', { name: '2 new statements' });
    await button.waitFor();
    assert.deepEqual(await shown(page), ['lead']);
    await button.click();
    await page.locator('daywire-lead [data-id="next"]').waitFor();
    assert.deepEqual(await shown(page), ['next', 'short', 'lead']);
    await daywire.publish({ id: 'short-2', title: 'Another short one', date: '2024-05-04' });
    await page.getByRole('button', { name: '1 new statement' }).click();
    await until('it is on the screen', () => page.locator('[data-id="short-2"]').evaluate((article) => {
      const { top, bottom } = article.getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight && article.contains(document.activeElement);
    }));
    assert.deepEqual(page.problems, []);
    await page.context().close();
  } finally {
    await daywire.stop();
  }
});

test('the keyboard stays where it is when something else changes', async () => {
  const daywire = await Daywire.start();
  try {
    for (const id of ['a', 'b', 'c', 'd']) await daywire.publish({ id, title: `About ${id}`, body: `All about ${id}.`, date: '2024-05-01' });
    await until('all are there', async () => (await daywire.get('/v1/statements')).json.statements.length === 4);
    const page = await browser.page(daywire.web);
    await live(page);
    const focused = () => page.evaluate(() => document.activeElement.closest('article')?.dataset.id);
    await page.locator('[data-id="d"] .title a').focus();
    // "b" leaves the list and leads.
    await daywire.request('DELETE', '/v1/statements/a?note=No');
    await page.locator('daywire-lead [data-id="b"]').waitFor();
    assert.deepEqual(await shown(page), ['b', 'a', 'c', 'd']);
    assert.equal(await focused(), 'd');

    for (const id of ['d', 'b']) {
      await page.locator(`[data-id="${id}"] .title a`).focus();
      await daywire.request('PUT', `/v1/statements/${id}`, { title: 'New words', body: 'Text.', date: '2024-05-01', change: 'updated' });
      await page.locator(`[data-id="${id}"]`, { hasText: 'New words' }).waitFor();
      assert.equal(await focused(), id);
    }
    assert.deepEqual(page.problems, []);
    await page.context().close();
  } finally {
    await daywire.stop();
  }
});

test('in a page that embeds them, the widgets say what they know and no more', async () => {
  const daywire = await Daywire.start({ expected: brokerTrouble });
  try {
    const embed = (markup) => serve(
      `<!doctype html><html lang="en"><script type="module" src="${daywire.web}/web/daywire.js"></script>${markup}`);
    const page = await browser.page(await embed('<daywire-status></daywire-status><daywire-statements></daywire-statements>'));
    await page.getByText('No statements yet.').waitFor();
    const [nobody] = await freePorts(1);
    const lost = await browser.page(await embed(
      `<div server="http://127.0.0.1:${nobody}"><daywire-status></daywire-status><daywire-statements></daywire-statements></div>`));
    await lost.locator('daywire-status[state="reconnecting"]').waitFor();
    assert.equal(await lost.getByText('No statements yet.').count(), 0, 'that is not known');

    // One of long ago, of which no snapshot tells.
    const archive = Array.from({ length: 60 }, (_, i) => JSON.stringify({ id: `n${i}`, title: `Number ${i}`, date: '2024-05-01' }));
    await daywire.publish({ id: 'old', title: 'Of long ago', body: 'All about it.', date: '2001-01-01' });
    await daywire.request('POST', '/v1/statements', archive.join('\n'), { type: 'application/x-ndjson' });
    await until('all are there', async () => (await daywire.get('/v1/statements?limit=100')).json.statements.length === 61);
    await page.goto(await embed('<daywire-status></daywire-status><daywire-lead statement="old"></daywire-lead>'));
    await page.getByText('All about it.').waitFor();
    await live(page);
    await daywire.request('DELETE', '/v1/statements/old?note=Too%20old.');
    await page.getByText('Too old.').waitFor();
    await page.clock.install();
    await page.reload();
    await page.getByText('Too old.').waitFor();
    await live(page);

    await daywire.stopServices();
    await page.locator('daywire-status', { hasText: /As of/ }).waitFor();
    await page.clock.fastForward('24:00:00');
    await page.locator('daywire-status', { hasText: /As of .+, 2\d{3}, \d\d:\d\d/ }).waitFor();
    await page.context().close();
    await lost.context().close();
  } finally {
    await daywire.stop();
  }
});

test('at midnight the counter changes without a reload, and the console stays empty', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'daywire-zone-'));
  const zone = await zoneWithMidnightIn(25, folder);
  const environment = { TZDIR: zone.directory };
  const daywire = await Daywire.start({
    env: { standalone: environment, counter: environment, gateway: environment, ingest: environment },
    config: '[site]\ntitle = Night\n[counter night]\nsince = 2018-03-04\ntime-zone = Test/Midnight\nlabel.en = {days, number} nights at sea\n',
  });
  try {
    const days = (Date.parse(zone.date) - Date.parse('2018-03-04')) / 86_400_000;
    const words = (n) => `${n.toLocaleString('en')} nights at sea`;
    const page = await browser.page(daywire.web);
    await until('the page shows the day', async () => (await visible(page)).includes(words(days - 1)));
    await until('the page shows the new day', async () => (await visible(page)).includes(words(days)), { within: 60_000 });
    assert.ok(Date.now() >= zone.midnight * 1000);
    assert.deepEqual(page.problems, []);
    await page.context().close();
  } finally {
    await daywire.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
