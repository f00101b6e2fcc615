// SPDX-License-Identifier: Apache-2.0
// The command line tool as a press officer uses it.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Daywire, programs } from './lib/daywire.mjs';
import { Process, run } from './lib/process.mjs';
import { until, within } from './lib/until.mjs';

let daywire;
before(async () => {
  daywire = await Daywire.start();
});
after(() => daywire?.stop());

test('publish, correct and withdraw', async () => {
  const published = await daywire.cli(['publish', '--id', 'c-1', '--title', 'From the shell', '--summary', 'Short',
    '--date', '2024-06-01', '--tag', 'a', '--tag', 'b', '--wait']);
  assert.equal(published.code, 0, published.stderr);
  assert.match(published.stdout, /c-1/);
  const corrected = await daywire.cli(['correct', 'c-1', '--note', 'It was long.', '--summary', 'Long', '--wait']);
  assert.equal(corrected.code, 0, corrected.stderr);
  const statement = await until('the correction is out', async () => {
    const { json } = await daywire.get('/v1/statements/c-1');
    return json.revision === 2 && json;
  });
  assert.deepEqual([statement.summary, statement.title, statement.change, statement.note, statement.tags],
    ['Long', 'From the shell', 'corrected', 'It was long.', ['a', 'b']]);
  const withdrawn = await daywire.cli(['withdraw', 'c-1', '--note', 'Over.', '--wait']);
  assert.equal(withdrawn.code, 0, withdrawn.stderr);
  await until('it is gone', async () => (await daywire.get('/v1/statements/c-1')).status === 410);
});

test('schedule, reschedule, cancel; who did what, and when', async () => {
  const done = async (args) => {
    const { code, stdout, stderr } = await daywire.cli(args);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  const later = new Date(Date.now() + 3_600_000).toISOString();
  const text = ['--title', 'From Tuesday', '--tag', 'a'];
  assert.match(await done(['publish', '--id', 'c-2', ...text, '--publish-at', later]), /^c-2: scheduled for \d{4}-.*Z\n$/);
  const early = await daywire.cli(['publish', '--id', 'c-2', ...text, '--date', '2024-06-01']);
  assert.equal(early.code, 1);
  assert.match(early.stderr, /it is scheduled for .*; name publish_at to change that/);
  const nothing = await daywire.cli(['correct', 'c-2', '--note', 'x', '--title', 'y']);
  assert.equal(nothing.code, 1);
  assert.match(nothing.stderr, /c-2 is not published yet/);
  assert.equal(await done(['cancel', 'c-2']), 'c-2: cancelled\n');
  assert.equal((await daywire.cli(['history', 'c-2'])).code, 1);

  const soon = new Date(Date.now() + 1000).toISOString();
  await done(['publish', '--id', 'c-2', ...text, '--publish-at', soon]);
  await until('it is out', async () => (await daywire.get('/v1/statements/c-2')).status === 200);
  assert.ok(Date.now() >= Date.parse(soon));
  assert.match(await done(['correct', 'c-2', '--note', 'On Monday.', '--title', 'From Monday', '--publish-at', later]),
    /^c-2: scheduled for .*; until then revision 1 stays\n$/);
  assert.match(await done(['withdraw', 'c-2', '--note', 'Over.']), /^c-2, revision 2: withdrawn, /);
  assert.match(await done(['publish', '--id', 'c-2', ...text, '--date', '2024-06-01']), /^c-2, revision 3: published again, /);
  const stale = await daywire.cli(['withdraw', 'c-2', '--note', 'Over.', '--if-match', '2']);
  assert.equal(stale.code, 1);
  assert.match(stale.stderr, /its ETag is "3", and not as If-Match says/);
  const rows = (await done(['history', 'c-2'])).trim().split('\n').map((row) => row.trim().split(/ {2,}/));
  assert.deepEqual(rows.map(([revision, change, , by, said]) => [revision, change, by, said]), [
    ['REVISION', 'CHANGE', 'BY', 'NOTE OR TITLE'], ['3', 'published', 'default', 'From Tuesday'],
    ['2', 'withdrawn', 'default', 'Over.'], ['1', 'published', 'default', 'From Tuesday'],
  ]);
  const lines = (await done(['history', 'c-2', '--format', 'ndjson'])).trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(lines.map((line) => line.revision), [3, 2, 1]);
});

test('what is wrong is said, with what to do', async () => {
  const noTitle = await daywire.cli(['publish', '--date', '2024-06-01']);
  assert.equal(noTitle.code, 1);
  assert.match(noTitle.stderr, /title/);
  const noServer = await run(join(programs, 'daywire'),
    ['publish', '--server', 'http://127.0.0.1:1', '--token-file', daywire.tokenFile, '--title', 'x', '--date', '2024-06-01']);
  assert.equal(noServer.code, 2);
  assert.match(noServer.stderr, /127\.0\.0\.1:1.*daywire-ingest/s);
  const unknown = await run(join(programs, 'daywire'), ['publsh']);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /publsh.*publish/s);
  for (const command of ['standalone', 'import', 'publish', 'correct', 'withdraw', 'cancel', 'history', 'preview', 'tail']) {
    const help = await run(join(programs, 'daywire'), [command, '--help']);
    assert.equal(help.code, 0, command);
    assert.match(help.stdout, new RegExp(command));
  }
  for (const program of ['daywire', 'daywire-ingest', 'daywire-counter', 'daywire-gateway']) {
    const version = await run(join(programs, program), ['--version']);
    assert.equal(version.code, 0);
    assert.match(version.stdout, /\d+\.\d+\.\d+/);
    assert.equal((await run(join(programs, program), ['--no-such-option'])).code, 2);
  }
});

test('import tells the refused items and their reasons, and sends the others', async () => {
  const file = join(daywire.folder, 'archive.json');
  await writeFile(file, JSON.stringify([
    { id: 'i-1', title: 'One', date: '2024-01-01' }, { id: 'i-2', date: '2024-01-01' }, { id: 'i-3', title: 'Three', date: '2024-13-01' },
  ], null, 2));
  const result = await daywire.cli(['import', file]);
  assert.equal(result.code, 1);
  assert.match(result.stdout + result.stderr, /3 read: 1 created, 0 updated, 0 unchanged, 2 refused/);
  assert.match(result.stderr, /archive\.json.*title/);
  assert.match(result.stderr, /archive\.json.*date/);
  assert.equal((await daywire.cli(['import', join(daywire.folder, 'none')])).code, 2);
});

test('feeds are imported once, whatever their encoding, and the same items are told again as unchanged', async () => {
  const folder = join(dirname(fileURLToPath(import.meta.url)), 'data');
  const files = ['feed-rss.xml', 'feed-atom.xml'].map((name) => join(folder, name));
  const first = await daywire.cli(['import', '--source', 'press-office', ...files]);
  assert.equal(first.code, 1); // one date is none
  assert.match(first.stdout, /^4 read: 3 created, 0 updated, 0 unchanged, 1 refused$/m);
  assert.match(first.stderr, /feed-rss\.xml:20: published_at: there is no such day: "31 Feb 2021"/);
  const again = await daywire.cli(['import', '--source', 'press-office', ...files]);
  assert.match(again.stdout, /^4 read: 0 created, 0 updated, 3 unchanged, 1 refused$/m);

  const dry = await daywire.cli(['import', '--dry-run', '--source', 'press-office', ...files]);
  const statements = dry.stdout.trim().split('\n').map((line) => JSON.parse(line));
  assert.match(dry.stderr, /^4 read: 3 good, 1 refused$/m);
  const shown = await until('they are out', async () => {
    const answers = await Promise.all(statements.map(({ id }) => daywire.get(`/v1/statements/${id}`)));
    return answers.every(({ status }) => status === 200) && answers.map(({ json }) => json);
  });
  const [quay, ferry, pier] = shown;
  assert.deepEqual(
    [quay.title, quay.summary, quay.url, quay.language, quay.author, quay.tags, quay.source, quay.date, quay.published_at],
    ['Причал — открыт', 'С понедельника, 08:00.\n\nВход\u00a0свободный.', 'https://harbour.example/quay?a=1&b=2', 'ru',
      'Пресс-служба', ['причал'], 'press-office', '2021-07-23', '2021-07-23T12:00:00+03:00']);
  assert.deepEqual([ferry.title, ferry.url, ferry.published_at], ['Паром', 'https://harbour.example/ferry', null]);
  assert.deepEqual([pier.title, pier.summary, pier.body, pier.url, pier.author, pier.language],
    ['The pier & the ferry', 'They open together.', 'They open together, on Monday.', 'https://harbour.example/pier', 'The office',
      'en']);
  assert.ok(shown.every(({ revision, id }) => revision === 1 && id.startsWith('press-office-')));
});

test('an item without a date keeps the one that it got, whatever the feed says later', async () => {
  const file = join(daywire.folder, 'undated.xml');
  const feed = (date, title) => `<rss version="2.0"><channel><link>https://harbour.example</link><pubDate>${date}</pubDate>
    <item><guid>undated-1</guid><title>${title}</title></item></channel></rss>`;
  await writeFile(file, feed('2021-07-01', 'No date'));
  assert.match((await daywire.cli(['import', file])).stdout, /1 created/);
  await writeFile(file, feed('2021-07-02', 'No date'));
  assert.match((await daywire.cli(['import', file])).stdout, /0 updated, 1 unchanged/);
  await writeFile(file, feed('2021-07-03', 'Still no date'));
  assert.match((await daywire.cli(['import', file])).stdout, /1 updated/);
  const { json } = await until('the update is out', async () => {
    const found = await daywire.get('/v1/statements?source=harbour.example&limit=10');
    return found.json.statements.some(({ title }) => title === 'Still no date') && found;
  });
  assert.equal(json.statements.find(({ title }) => title === 'Still no date').date, '2021-07-01');
});

test('tail prints both topics as NDJSON', async () => {
  await daywire.publish({ id: 't-1', title: 'Tailed', date: '2024-01-01' });
  const tail = new Process('tail', join(programs, 'daywire'),
    ['tail', '--brokers', await daywire.bootstrap(), '--from', 'beginning']);
  try {
    const lines = await until('the tail shows statement and ticks', () => {
      const all = tail.output.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));
      return JSON.stringify(all).includes('Tailed') && JSON.stringify(all).includes('"harbour"') && all;
    });
    assert.ok(lines.every((line) => line.topic && line.offset >= 0));
  } finally {
    tail.kill('SIGTERM');
    await within('tail ends', tail.exited);
  }
});
