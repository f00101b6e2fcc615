// SPDX-License-Identifier: Apache-2.0
// Hostile HTML goes in, and what comes out does nothing, wherever a browser may read it; what is meant arrives.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Daywire } from './lib/daywire.mjs';
import { openBrowser } from './lib/browser.mjs';
import { WatchedPage } from './lib/watched.mjs';
import { kafkaClient } from './lib/kafka.mjs';
import { Stream, loadTypes } from './lib/stream.mjs';
import { until } from './lib/until.mjs';

const { attacks } = JSON.parse(await readFile(new URL('./data/html-attacks.json', import.meta.url), 'utf8'));

let daywire;
let browser;
before(async () => {
  [daywire, browser] = await Promise.all([Daywire.start(), openBrowser()]);
});
after(async () => {
  await browser?.close();
  await daywire?.stop();
});

const ofHTML = (id, body) => ({ id, title: 'The pier', date: '2024-05-01', body, body_type: 'text/html' });
const stored = async (id) => (await daywire.request('GET', `/v1/statements/${id}`)).json.statement;

/** What scripts of a page do with HTML that they trust. Returns what the first of them has in the end. */
function insert(html) {
  const add = (text, element = document.createElement('div')) => {
    document.body.append(element);
    element.innerHTML = text;
    return element;
  };
  const first = add(html);
  add(add(first.innerHTML).innerHTML);
  add(add(html, document.createElement('textarea')).innerHTML);
  const template = document.createElement('template');
  template.innerHTML = html;
  document.body.append(template.content.cloneNode(true));
  document.body.append(...new DOMParser().parseFromString(html, 'text/html').body.childNodes);
  document.body.append(document.createRange().createContextualFragment(html));
  return first.innerHTML;
}

/** Where a template may have put it. */
const places = (html) => ['div', 'svg', 'math', 'textarea', 'title', 'noscript', 'template', 'select', 'button', 'table', 'xmp', 'pre', 'form']
  .map((name) => `<${name}>${html}</${name}>`)
  .concat(`<!--${html.replaceAll('--', '')}-->`, `<svg><desc>${html}</desc></svg>`, `<math><mtext>${html}</mtext></math>`)
  .join('\n');

const asXML = (html) => `<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head><body>${html}</body></html>`;

/** In a page that has it as XML: what a browser makes of it as HTML is the same tree, so that nothing is moved. Null, or what is wrong. */
function differs(html) {
  const error = document.querySelector('parsererror');
  if (error) return error.textContent;
  const { body } = new DOMParser().parseFromString(`<!DOCTYPE html><body>${html}`, 'text/html');
  return body.isEqualNode(document.body) ? null : `as HTML it is ${body.innerHTML}`;
}

test('none of the attacks survives', async () => {
  const watched = await WatchedPage.open(browser.browser);
  const ids = attacks.map((_, index) => `attack-${index}`);
  const lines = attacks.map(([, html], index) => JSON.stringify(ofHTML(ids[index], html))).join('\n');
  const answer = await daywire.request('POST', '/v1/statements', lines, { type: 'application/x-ndjson' });
  const told = answer.text.trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(told.filter(({ status }) => status !== 201), []);

  const names = new Map(); // by what is left
  for (const [index, [name]] of attacks.entries()) {
    const { body, body_type: type } = await stored(ids[index]);
    assert.equal(type, body === null ? null : 'text/html', name);
    names.set(body ?? '', name);
  }
  for (const [reduced, name] of names) {
    assert.deepEqual(await watched.load(reduced), [], `${name}: as a document: ${reduced}`);
    assert.deepEqual(await watched.load(places(reduced)), [], `${name}: within other elements: ${reduced}`);
    assert.deepEqual(await watched.load('<!DOCTYPE html><body>', { script: insert, argument: reduced }), [], `${name}: by scripts: ${reduced}`);
    assert.deepEqual(await watched.load(asXML(reduced), { type: 'application/xhtml+xml', script: differs, argument: reduced }), [], `${name}: as XML: ${reduced}`);
    assert.equal(watched.result, null, `${name}: ${reduced}`);
  }
  await watched.close();
});

test('the same page tells of them when they are not reduced', async () => {
  const watched = await WatchedPage.open(browser.browser);
  const silent = [];
  for (const [name, html, dead = false] of attacks) {
    if (dead) continue;
    const seen = [...await watched.load(html), ...await watched.load('<!DOCTYPE html><body>', { script: insert, argument: html })];
    if (seen.length === 0) silent.push(name);
  }
  await watched.close();
  assert.deepEqual(silent, []);
});

test('it is reduced whatever way it comes, and the same again is unchanged', async () => {
  const html = '<p onclick="alert(1)">The <B>pier</b> opens<script>alert(1)</script><p>at <a href="HTTPS://example.org">nine</a>';
  const body = '<p>The <b>pier</b> opens</p>\n<p>at <a href="https://example.org" rel="noopener noreferrer nofollow">nine</a></p>';
  const result = async (method, path, ...rest) => {
    const { status, json } = await daywire.request(method, `/v1/statements${path}`, ...rest);
    assert.equal(json?.statement.body, body);
    return [status, json.result];
  };
  assert.deepEqual(await result('POST', '', ofHTML('ways', html)), [201, 'created']);
  assert.deepEqual(await result('POST', '', ofHTML('ways', html)), [200, 'unchanged']);
  assert.deepEqual(await result('PUT', '/ways', ofHTML('ways', html)), [200, 'unchanged']);
  assert.deepEqual(await result('PUT', '/ways', ofHTML('ways', body)), [200, 'unchanged']);
  const { Statement } = await loadTypes();
  const packed = Statement.encode(Statement.create({ id: 'ways', title: 'The pier', date: '2024-05-01', body: html, bodyType: 2 })).finish();
  assert.deepEqual(await result('POST', '', packed, { type: 'application/protobuf' }), [200, 'unchanged']);
  const line = JSON.stringify(ofHTML('ways', html));
  const answer = await daywire.request('POST', '/v1/statements', `${line}\n${line}`, { type: 'application/x-ndjson' });
  assert.deepEqual(answer.text.trim().split('\n').map((text) => JSON.parse(text).result), ['unchanged', 'unchanged']);
  // Without an id the content makes it: what is left of it, not how it was written.
  const [first, second] = await Promise.all([html, body].map((text) => daywire.request('POST', '/v1/statements', { ...ofHTML(null, text) })));
  assert.equal(first.json.id, second.json.id);

  const file = join(daywire.folder, 'pier.html');
  await writeFile(file, html);
  const published = await daywire.cli(['publish', '--id', 'by-hand', '--title', 'The pier', '--date', '2024-05-01', '--body-file', file,
    '--body-type', 'html']);
  assert.equal(published.code, 0, published.stderr);
  assert.equal((await stored('by-hand')).body, body);
  const corrected = await daywire.cli(['correct', 'by-hand', '--note', 'Plain.', '--body', 'a <b> & c']);
  assert.equal(corrected.code, 0, corrected.stderr);
  assert.deepEqual([(await stored('by-hand')).body, (await stored('by-hand')).body_type], ['a <b> & c', 'text/plain']);
});

test('what cannot be reduced is refused with the reason, and nothing of it is stored', async () => {
  const cases = [
    ['<div>'.repeat(100_000), 'body: HTML with at most 256 elements within each other'],
    [`<a ${Array.from({ length: 40_000 }, (_, i) => `x${i}='>'`).join(' ')}>`, 'body: HTML with at most 1000 attributes of one element'],
    ['<'.repeat(500_000), 'body: HTML of at most 524288 bytes, as it is sent and as it is after reduction'],
    ['a\u0007b', 'body: no control characters, this one has U+0007 as character 2'],
  ];
  for (const [body, detail] of cases) {
    for (const [method, path] of [['POST', '/v1/statements'], ['PUT', '/v1/statements/refused']]) {
      const { status, json } = await daywire.request(method, path, ofHTML('refused', body));
      assert.deepEqual([status, json.detail, json.field], [400, detail, 'body']);
    }
    const line = JSON.stringify(ofHTML('refused', body));
    const answer = await daywire.request('POST', '/v1/statements', line, { type: 'application/x-ndjson' });
    assert.deepEqual([JSON.parse(answer.text).status, JSON.parse(answer.text).detail], [400, detail]);
  }
  assert.equal((await daywire.request('GET', '/v1/statements/refused')).status, 404);
  const { status, json } = await daywire.request('POST', '/v1/statements', ofHTML('nothing', '<script>a</script><p></p>'));
  assert.deepEqual([status, json.statement.body, json.statement.body_type], [201, null, null]);
});

test('pages and widgets show it, and nothing in the page is against it', async () => {
  const body = '<h2>Opening hours</h2><ul><li>From <em>nine</em></ul><p>See <a href="https://example.org/pier">the plan</a>.</p>';
  const shown = (page) => page.locator('daywire-lead .body').evaluate((element) => [element.innerHTML.trim(), element.className, element.dir]);
  const [page, old] = await Promise.all([browser.page(daywire.web), browser.page(daywire.web)]);
  assert.equal(await page.evaluate(() => typeof Document.parseHTML), 'function', 'the way of new browsers is tested');
  await old.context().addInitScript(() => delete Document.parseHTML);
  await old.reload();
  for (const each of [page, old]) await each.locator('daywire-status[state="live"]').waitFor();
  await daywire.publish({ ...ofHTML('live', body), date: '2031-01-01' });
  const { body: reduced } = await stored('live');
  for (const each of [page, old]) {
    await each.locator('daywire-lead article[data-id="live"] .body li').waitFor();
    assert.deepEqual(await shown(each), [reduced, 'body html', 'auto']);
    assert.equal(await each.locator('daywire-lead article').getAttribute('data-excerpt'), 'Opening hours');
    assert.deepEqual(each.problems, []);
    await each.context().close();
  }

  const plain = await browser.page(daywire.web, { javaScriptEnabled: false });
  const served = await until('the server has it', async () => {
    await plain.reload();
    return await plain.locator('article[data-id="live"] .body').count() > 0 && shown(plain);
  });
  assert.deepEqual(served, [reduced, 'body html', 'auto']);
  assert.equal(await plain.locator('daywire-lead article').getAttribute('data-excerpt'), 'Opening hours');
  assert.deepEqual(plain.problems, []);
  await plain.context().close();

  const found = (await daywire.get('/v1/statements?q=plan%20nine')).json.statements.map(({ id }) => id);
  assert.deepEqual(found, ['live']);
});

test('what another producer writes to the topic is reduced by the gateway', async () => {
  const { Statement } = await loadTypes();
  const statement = { id: 'foreign', revision: 1, status: 1, change: 1, title: 'Foreign', date: '2024-05-01', bodyType: 2,
    body: '<p onclick=alert(1)>a<script>alert(1)</script>', updatedAt: { seconds: 1_700_000_000 } };
  const value = Buffer.from(Statement.encode(Statement.create(statement)).finish());
  const stream = await Stream.open(daywire.stream, { query: 'channels=statements' });
  await stream.caughtUp();
  const producer = kafkaClient(await daywire.bootstrap()).producer();
  await producer.connect();
  await producer.send({ topic: 'daywire.statements', messages: [{ key: 'foreign', value }] });
  await producer.disconnect();
  assert.equal((await stream.statement('foreign')).data.body, '<p>a</p>');
  assert.equal((await daywire.get('/v1/statements/foreign')).json.body, '<p>a</p>');
  await stream.close();
});
