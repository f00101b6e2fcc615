// SPDX-License-Identifier: Apache-2.0
// The text capture of a page, imported through the API: 11 statements, seen alike by every kind of client. Another capture of
// the same shape can be given in E2E_CAPTURE, with its lead's date in E2E_CAPTURE_LEAD.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Daywire } from './lib/daywire.mjs';
import { Stream, loadTypes } from './lib/stream.mjs';
import { readTopics } from './lib/kafka.mjs';
import { openBrowser } from './lib/browser.mjs';
import { until } from './lib/until.mjs';

const capture = process.env.E2E_CAPTURE ?? join(dirname(fileURLToPath(import.meta.url)), 'data/capture.txt');
const leadDate = process.env.E2E_CAPTURE_LEAD ?? '2023-03-14';
let daywire;
before(async () => {
  daywire = await Daywire.start();
});
after(() => daywire?.stop());

test('11 statements, the same to a WebSocket client, a consumer, the API and the page', async () => {
  const text = await readFile(capture, 'utf8');
  const dated = [...text.matchAll(/^(\d\d)\.(\d\d)\.(\d{4}) - (.+)$/gm)].map(([, d, m, y, title]) => [`${y}-${m}-${d}`, title.trim()]);
  assert.equal(dated.length, 10);

  const dry = await daywire.cli(['import', '--dry-run', capture]);
  assert.equal(dry.code, 0, dry.stderr);
  assert.equal(dry.stdout.trim().split('\n').length, 11);

  const stream = await Stream.open(daywire.stream, { query: 'channels=statements' });
  await stream.caughtUp();
  const imported = await daywire.cli(['import', capture]);
  assert.equal(imported.code, 0, imported.stderr);
  assert.match(imported.stdout, /11 read: 11 created, 0 updated, 0 unchanged, 0 refused/);
  const again = await daywire.cli(['import', capture]);
  assert.match(again.stdout, /11 read: 0 created, 0 updated, 11 unchanged, 0 refused/);

  await until('the stream has 11', () => stream.of('statement').length >= 11);
  const listed = await until('the archive has 11', async () => {
    const { json } = await daywire.get('/v1/statements');
    return json.statements.length === 11 && json.statements;
  });
  assert.deepEqual(listed.slice(0, 10).map((s) => [s.date, s.title]), dated);
  const lead = listed[10];
  assert.equal(lead.date, leadDate);
  assert.ok(lead.body.split('\n\n').length >= 4 && text.includes(lead.body.split('\n\n').at(-1)), 'the lead has its full text');
  for (const statement of listed.slice(0, 10)) assert.ok(statement.summary && text.includes(statement.summary), statement.title);

  const byId = (a, b) => a.id.localeCompare(b.id);
  assert.deepEqual(stream.of('statement').map((m) => m.data).sort(byId), [...listed].sort(byId));
  const { Statement } = await loadTypes();
  const records = await readTopics(await daywire.bootstrap(), ['daywire.statements']);
  assert.deepEqual(
    records.map((r) => Statement.decode(r.value)).map((s) => [s.id, s.date, s.title, s.summary, s.body]).sort(),
    listed.map((s) => [s.id, s.date, s.title, s.summary ?? '', s.body ?? '']).sort());

  const browser = await openBrowser();
  try {
    const page = await browser.page(daywire.web, { javaScriptEnabled: false });
    const body = await page.locator('body').innerText();
    for (const [, title] of dated) assert.ok(body.includes(title.replaceAll(/\s+/g, ' ')), title);
    assert.ok(body.includes(lead.title));
    assert.ok(body.includes(lead.body.split('\n\n').at(-1)), 'the lead is shown in full');
    const titles = await page.locator('daywire-statements article').count();
    assert.equal(titles, 10);
  } finally {
    await browser.close();
  }
  await stream.close();
});

test('import --site prints what the capture says beside the statements', async () => {
  const { stdout, code, stderr } = await daywire.cli(['import', '--dry-run', '--site', capture]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^\[site\]$/m);
  assert.match(stdout, /^contact = .*\+44/m);
  assert.equal((stdout.match(/^clock\./gm) ?? []).length, 2);
  assert.match(stdout, /^since = 2018-03-04$/m);
  assert.match(stdout, /^since = 2018-03-12$/m);
});
