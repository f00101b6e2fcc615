// SPDX-License-Identifier: Apache-2.0
// The command line tool as a press officer uses it.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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
  for (const command of ['standalone', 'import', 'publish', 'correct', 'withdraw', 'preview', 'tail']) {
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
