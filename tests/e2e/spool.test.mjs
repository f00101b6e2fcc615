// SPDX-License-Identifier: Apache-2.0
// The spool folder: a file that is whole is imported once, kept with a report, and nothing else is ever read.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access, mkdir, open, readFile, readdir, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Daywire, siteAndCounters } from './lib/daywire.mjs';
import { Ingest } from './lib/ingest.mjs';
import { until } from './lib/until.mjs';

const execute = promisify(execFile);
const exists = (path) => access(path).then(() => true, () => false);
const line = (id, more = {}) => JSON.stringify({ id, title: `Statement ${id}`, date: '2026-03-02', ...more });
const lines = (prefix, count, more) => Array.from({ length: count }, (_, i) => `${line(`${prefix}-${i}`, more)}\n`).join('');

/** Moves a file with this content into the folder, as a whole. */
async function moveIn(spool, name, content) {
  const stage = `${spool}-stage`;
  await writeFile(stage, content);
  await rename(stage, Buffer.isBuffer(name) ? Buffer.concat([Buffer.from(`${spool}/`), name]) : join(spool, name));
}

/** Waits until the file has been put away: its outcome ("done", "failed"), and its report. */
async function put(spool, name, { as = name, within = 30_000 } = {}) {
  return until(`${name} is put away`, async () => {
    for (const outcome of ['done', 'failed']) {
      if (await exists(join(spool, outcome, as))) {
        return { outcome, report: await readFile(join(spool, outcome, `${as}.report.txt`), 'utf8') };
      }
    }
    return false;
  }, { within });
}

let ingest;
before(async () => {
  ingest = await Ingest.start({ options: 'spool-max-file = 64K', expected: [/part=spool/] });
});
after(() => ingest?.stop());

test('a file moved in is imported, and kept in done/ with a report', async () => {
  await moveIn(ingest.spool, 'harbour.ndjson', lines('first', 3));
  const { outcome, report } = await put(ingest.spool, 'harbour.ndjson');
  assert.equal(outcome, 'done');
  assert.match(report, /^harbour\.ndjson\n\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n3 read: 3 created, 0 updated, 0 unchanged, 0 refused\n$/);
  assert.equal((await ingest.stored('first-2')).title, 'Statement first-2');
  assert.equal(await readFile(join(ingest.spool, 'done/harbour.ndjson'), 'utf8'), lines('first', 3));
  assert.match(await ingest.ready(), /^spool: ok$/m);
});

test('every format of import is taken', async () => {
  await moveIn(ingest.spool, 'array.json', JSON.stringify([JSON.parse(line('array-0')), JSON.parse(line('array-1'))], null, 2));
  assert.match((await put(ingest.spool, 'array.json')).report, /2 read: 2 created/);
  await moveIn(ingest.spool, 'page.txt', await readFile(new URL('data/capture.txt', import.meta.url)));
  const page = await put(ingest.spool, 'page.txt');
  assert.equal(page.outcome, 'done', page.report);
  const feed = '<rss version="2.0"><channel><link>https://harbour.example/</link><item><guid>f-1</guid><title>By feed</title></item></channel></rss>';
  await moveIn(ingest.spool, 'feed.xml', feed);
  assert.match((await put(ingest.spool, 'feed.xml')).report, /1 read: 1 created/);
});

test('what is refused is told by line, field and reason, and the rest is accepted', async () => {
  await moveIn(ingest.spool, 'mixed.ndjson',
    `${line('mixed-0')}\n${line('mixed-1', { colour: 'red' })}\n\n{"title": \n${line('mixed-4', { date: '2026-13-01' })}\n${line('mixed-5')}\n`);
  const { outcome, report } = await put(ingest.spool, 'mixed.ndjson');
  assert.equal(outcome, 'failed');
  assert.match(report, /5 read: 2 created, 0 updated, 0 unchanged, 3 refused\n\nline 2: .*colour.*\nline 4: not valid JSON .*\nline 5: date: .*\n$/);
  assert.ok(await ingest.stored('mixed-5'));
});

test('what the engine refuses is told by line too', async () => {
  await moveIn(ingest.spool, 'w1', line('gone'));
  await put(ingest.spool, 'w1');
  const answer = await fetch(`${ingest.api}/v1/statements/gone?note=Over`, {
    method: 'DELETE', headers: { authorization: `Bearer ${ingest.token}` } });
  assert.equal(answer.status, 200);
  await moveIn(ingest.spool, 'w2', `${line('w2-0')}\n${line('gone')}\n`);
  const { outcome, report } = await put(ingest.spool, 'w2');
  assert.equal(outcome, 'failed');
  assert.match(report, /2 read: 1 created, .* 1 refused\n\nline 2: gone: it was withdrawn \("Over"\) and stays so/);
});

test('a file that cannot be read as a whole goes to failed/', async () => {
  await moveIn(ingest.spool, 'letter.doc', Buffer.from([0xd0, 0xcf, 0x11, 0xe0]));
  const letter = await put(ingest.spool, 'letter.doc');
  assert.equal(letter.outcome, 'failed');
  assert.match(letter.report, /\nnot imported: line 1: byte 0xD0 is not UTF-8 text\n$/);
  await moveIn(ingest.spool, 'blank.txt', ' \n');
  assert.match((await put(ingest.spool, 'blank.txt')).report, /\nnot imported: there is nothing in it\n$/);
  await moveIn(ingest.spool, 'large.ndjson', lines('large', 2000));
  const large = await put(ingest.spool, 'large.ndjson');
  assert.equal(large.outcome, 'failed');
  assert.match(large.report, /not imported: it has \d+ bytes, and 65536 are taken at most \(\[ingest\] spool-max-file\)/);
  assert.equal(await ingest.stored('large-0'), undefined);
});

test('the same file again creates nothing, and names that are taken get a number', async () => {
  for (let i = 0; i < 3; i++) {
    await moveIn(ingest.spool, 'again.ndjson', lines('again', 4));
    const as = i === 0 ? 'again.ndjson' : `again.ndjson.${i + 1}`;
    const { report } = await put(ingest.spool, 'again.ndjson', { as });
    assert.match(report, i === 0 ? /4 created, 0 updated, 0 unchanged/ : /0 created, 0 updated, 4 unchanged/);
  }
  assert.equal((await ingest.stored('again-0')).revision, 1);
  await moveIn(ingest.spool, 'bad.json', '{');
  await put(ingest.spool, 'bad.json');
  await moveIn(ingest.spool, 'bad.json', '[');
  await put(ingest.spool, 'bad.json', { as: 'bad.json.2' });
  assert.equal(await readFile(join(ingest.spool, 'failed/bad.json'), 'utf8'), '{');
});

test('a file that is being written is read when its last writer has closed it', async () => {
  const path = join(ingest.spool, 'slow.ndjson');
  const slow = await open(path, 'w');
  const second = await open(path, 'r+');
  await slow.write(`${line('slow-0')}\n`);
  await moveIn(ingest.spool, 'meanwhile-1', line('meanwhile-1'));
  await put(ingest.spool, 'meanwhile-1');
  await slow.write(`${line('slow-1')}\n`);
  await second.close(); // an event, and the file is not whole
  await moveIn(ingest.spool, 'meanwhile-2', line('meanwhile-2'));
  await put(ingest.spool, 'meanwhile-2');
  assert.equal(await ingest.stored('slow-0'), undefined);
  assert.ok(await exists(path));
  await slow.write(`${line('slow-2')}\n`);
  await slow.close();
  assert.match((await put(ingest.spool, 'slow.ndjson')).report, /3 read: 3 created/);
});

test('an empty file waits for its content', async () => {
  const path = join(ingest.spool, 'touched.ndjson');
  await writeFile(path, '');
  await moveIn(ingest.spool, 'meanwhile-3', line('meanwhile-3'));
  await put(ingest.spool, 'meanwhile-3');
  assert.ok(await exists(path));
  await writeFile(path, line('touched'));
  assert.match((await put(ingest.spool, 'touched.ndjson')).report, /1 created/);
  const old = `${ingest.spool}-stage`;
  await writeFile(old, '');
  await utimes(old, new Date(0), new Date(0));
  await rename(old, join(ingest.spool, 'empty.txt'));
  assert.match((await put(ingest.spool, 'empty.txt')).report, /not imported: there is nothing in it/);
});

test('names of unfinished files are left alone', async () => {
  const names = ['.hidden', 'a.tmp', 'b.part', 'c.PART', 'd.filepart'];
  for (const name of names) await moveIn(ingest.spool, name, line('unfinished'));
  await moveIn(ingest.spool, 'meanwhile-4', line('meanwhile-4'));
  await put(ingest.spool, 'meanwhile-4');
  assert.equal(await ingest.stored('unfinished'), undefined);
  for (const name of names) await rm(join(ingest.spool, name));
});

test('links, pipes and folders are never followed nor opened', async () => {
  const secret = `${ingest.spool}-secret`;
  await writeFile(secret, line('secret'));
  await symlink(secret, `${ingest.spool}-stage`);
  await rename(`${ingest.spool}-stage`, join(ingest.spool, 'link.ndjson'));
  const link = await put(ingest.spool, 'link.ndjson');
  assert.equal(link.outcome, 'failed');
  assert.match(link.report, /not imported: it is a symbolic link, and only files are imported/);
  assert.equal(await ingest.stored('secret'), undefined);
  await execute('mkfifo', [`${ingest.spool}-stage`]);
  await rename(`${ingest.spool}-stage`, join(ingest.spool, 'pipe.ndjson'));
  await until('the pipe is put away', () => readdir(join(ingest.spool, 'failed')).then((names) => names.includes('pipe.ndjson')));
  assert.match(await readFile(join(ingest.spool, 'failed/pipe.ndjson.report.txt'), 'utf8'), /it is a pipe/);
  await mkdir(join(ingest.spool, 'folder'));
  await writeFile(join(ingest.spool, 'folder/inner.ndjson'), line('inner'));
  await moveIn(ingest.spool, 'meanwhile-5', line('meanwhile-5'));
  await put(ingest.spool, 'meanwhile-5');
  assert.equal(await ingest.stored('inner'), undefined);
  assert.ok(await exists(join(ingest.spool, 'folder/inner.ndjson')));
});

test('hostile names are harmless in log, report and folder', async () => {
  const long = 'n'.repeat(255);
  const names = [Buffer.from('a\ntime=0 msg=forged'), Buffer.from([0xff, 0xfe, 0x41]), Buffer.from('-rf'), Buffer.from('\u202egnp.txt'),
    Buffer.from('{"json": "\\"}'), Buffer.from(long), Buffer.from('$(reboot)'), Buffer.from('a\u001b[31m')];
  for (const [i, name] of names.entries()) await moveIn(ingest.spool, name, line(`hostile-${i}`));
  await until('all are put away', async () => (await ingest.stored(`hostile-${names.length - 1}`))
    && (await readdir(ingest.spool)).every((name) => ['done', 'failed', 'folder'].includes(name)));
  const done = await readdir(join(ingest.spool, 'done'), { encoding: 'buffer' });
  for (const name of names) assert.ok(done.some((kept) => kept.equals(name)), name.toString());
  const report = await readFile(join(ingest.spool, 'done', 'a\ntime=0 msg=forged.report.txt'), 'utf8');
  assert.ok(report.startsWith('a\\ntime=0 msg=forged\n'), report);
  const cut = await readFile(join(ingest.spool, 'done', `${'n'.repeat(244)}.report.txt`), 'utf8');
  assert.ok(cut.startsWith(`${long}\n`));
  await moveIn(ingest.spool, long, line('hostile-long'));
  await until('it is kept under a number', () => exists(join(ingest.spool, 'done', `${'n'.repeat(253)}.2`)));
  assert.doesNotMatch(ingest.process.errors, /^(?!time=\d{4}-).+/m, 'every line of the log is one');
  assert.doesNotMatch(ingest.process.errors, /[\u001b\u202e]/);
});

test('200 files at once', async () => {
  await Promise.all(Array.from({ length: 200 }, async (_, i) => {
    await writeFile(join(ingest.spool, `.many-${i}`), lines(`many-${i}`, 5));
    await rename(join(ingest.spool, `.many-${i}`), join(ingest.spool, `many-${i}.ndjson`));
  }));
  const moved = async () => (await readdir(join(ingest.spool, 'done'))).filter((name) => /^many-\d+\.ndjson$/.test(name));
  await until('all are done', async () => (await moved()).length === 200, { within: 60_000 });
  const done = await readdir(join(ingest.spool, 'done'));
  assert.equal(done.filter((name) => /^many-\d+\.ndjson\.report\.txt$/.test(name)).length, 200);
  for (let i = 0; i < 200; i++) assert.equal((await ingest.stored(`many-${i}-4`)).revision, 1);
});

test('a folder that vanishes is told, and taken up again when it is back', async () => {
  const away = `${ingest.spool}-away`;
  await rename(ingest.spool, away);
  await until('/readyz tells it', async () => /^spool: the folder .*spool: No such file or directory$/m.test(await ingest.ready()));
  await moveIn(away, 'late.ndjson', line('late'));
  await rename(away, ingest.spool);
  await put(ingest.spool, 'late.ndjson');
  await until('/readyz is well', async () => /^spool: ok$/m.test(await ingest.ready()));
  // Another one in its place.
  await rename(ingest.spool, away);
  await mkdir(ingest.spool);
  await moveIn(ingest.spool, 'other.ndjson', line('other'));
  await put(ingest.spool, 'other.ndjson');
  await rm(ingest.spool, { recursive: true });
  await until('/readyz tells it again', async () => /^spool: the folder .*: No such file or directory$/m.test(await ingest.ready()));
  await rename(away, ingest.spool);
  await moveIn(ingest.spool, 'back.ndjson', line('back'));
  await put(ingest.spool, 'back.ndjson');
});

test('another folder in its place is taken up, though nothing happened to the first', async () => {
  const own = await Ingest.start({ expected: [/part=spool/] });
  try {
    await own.process.stop();
    const [first, second] = [`${own.folder}/first`, `${own.folder}/second`];
    await rename(own.spool, first);
    await mkdir(second);
    await symlink(first, own.spool);
    await own.run();
    await moveIn(own.spool, 'one', line('one'));
    await put(first, 'one');
    await symlink(second, `${own.folder}/next`);
    await rename(`${own.folder}/next`, own.spool);
    await moveIn(own.spool, 'two', line('two'));
    await put(second, 'two');
    assert.equal(await exists(join(first, 'two')), false);
    await own.stop();
  } finally {
    await own.abandon();
  }
});

test('a file system is unmounted and mounted', async (t) => {
  try {
    await execute('mount', ['-t', 'tmpfs', 'tmpfs', ingest.spool]);
  } catch {
    t.skip('nothing can be mounted here');
    return;
  }
  t.after(() => execute('umount', ['-l', ingest.spool]).catch(() => {})); // when it failed
  await until('it is watched', () => exists(join(ingest.spool, 'done')));
  await writeFile(join(ingest.spool, 'mounted.ndjson'), line('mounted'));
  await put(ingest.spool, 'mounted.ndjson');
  await until('it can be unmounted', () => execute('umount', [ingest.spool]).then(() => true));
  await moveIn(ingest.spool, 'unmounted.ndjson', line('unmounted'));
  await put(ingest.spool, 'unmounted.ndjson');
});

test('done/ that cannot be written is told; nothing is imported twice for it', async () => {
  await mkdir(join(ingest.spool, 'done/.report')); // where reports are written at first
  await moveIn(ingest.spool, 'stays.ndjson', line('stays'));
  await until('/readyz tells it', async () => /^spool: the folder .*: done: /m.test(await ingest.ready()));
  assert.ok(await ingest.stored('stays'));
  await ingest.post({ id: 'stays', title: 'Corrected by hand', date: '2026-03-02' });
  await rm(join(ingest.spool, 'done/.report'), { recursive: true });
  assert.match((await put(ingest.spool, 'stays.ndjson')).report, /1 created/);
  assert.equal((await ingest.stored('stays')).title, 'Corrected by hand');
});

test('while nothing can be stored files stay, and go on where they were', async () => {
  const own = await Ingest.start({ expected: [/a file of the spool folder is tried again/, /part=database/] });
  try {
    await rename(own.database, `${own.database}-away`);
    await moveIn(own.spool, 'waits.ndjson', lines('waits', 3));
    await moveIn(own.spool, 'waits-too.ndjson', line('waits-too'));
    await until('both were tried', async () => (await own.metric('daywire_ingest_spool_retries_total')) >= 2);
    assert.deepEqual((await readdir(own.spool)).sort(), ['done', 'failed', 'waits-too.ndjson', 'waits.ndjson']);
    await rename(`${own.database}-away`, own.database);
    assert.match((await put(own.spool, 'waits.ndjson')).report, /3 created/);
    assert.match((await put(own.spool, 'waits-too.ndjson')).report, /1 created/);
    await own.stop();
  } finally {
    await own.abandon();
  }
});

test('files that wait at a start are taken in the order in which they came, half-written ones are not', async () => {
  const own = await Ingest.start();
  try {
    await own.process.stop();
    const clock = join(own.folder, 'clock');
    const now = async () => {
      await writeFile(clock, '');
      return (await stat(clock, { bigint: true })).ctimeNs;
    };
    for (const name of ['z', 'm', 'a']) {
      await moveIn(own.spool, name, line('order', { title: `By ${name}` }));
      const { ctimeNs } = await stat(join(own.spool, name), { bigint: true });
      await until('the clock of the file system has gone on', async () => (await now()) > ctimeNs, { every: 1 });
    }
    const half = await open(join(own.spool, 'half.ndjson'), 'w');
    await half.write(`${line('half-0')}\n`);
    await own.run();
    for (const name of ['z', 'm', 'a']) await put(own.spool, name);
    const order = await own.stored('order');
    assert.deepEqual([order.revision, order.title], [3, 'By a']);
    await moveIn(own.spool, 'meanwhile', line('meanwhile'));
    await put(own.spool, 'meanwhile');
    assert.equal(await own.stored('half-0'), undefined);
    await half.write(`${line('half-1')}\n`);
    await half.close();
    assert.match((await put(own.spool, 'half.ndjson')).report, /2 read: 2 created/);
    await own.stop();
  } finally {
    await own.abandon();
  }
});

test('SIGTERM in the middle of a large file ends it at once, and the file stays for the next start', async () => {
  const own = await Ingest.start();
  try {
    await moveIn(own.spool, 'archive.ndjson', lines('archive', 30_000));
    await until('it has begun', () => own.stored('archive-0'));
    const began = performance.now();
    await own.process.stop();
    assert.ok(performance.now() - began < 5000, `it took ${performance.now() - began} ms`);
    assert.deepEqual((await readdir(own.spool)).sort(), ['archive.ndjson', 'done', 'failed']);
    await own.run();
    const { report } = await put(own.spool, 'archive.ndjson', { within: 90_000 });
    const [, created, unchanged] = report.match(/30000 read: (\d+) created, 0 updated, (\d+) unchanged, 0 refused/).map(Number);
    assert.ok(created > 0 && unchanged > 0, report);
    assert.equal((await own.stored('archive-29999')).revision, 1);
    await own.stop();
  } finally {
    await own.abandon();
  }
});

test('killed between import and move, and at other moments: nothing is lost or doubled', async () => {
  const own = await Ingest.start({ expected: [/part=spool/] });
  try {
    const rounds = 12;
    for (let round = 0; round < rounds; round++) {
      const exactly = round % 3 === 0; // else at any moment
      if (exactly) await mkdir(join(own.spool, 'done/.report'), { recursive: true }); // imported, and not moved
      await moveIn(own.spool, `kill-${round}.ndjson`, lines(`kill-${round}`, 1200));
      await until('it has begun', () => own.stored(`kill-${round}-${exactly ? 1199 : 0}`), { every: 1 });
      for (let i = Math.floor(Math.random() * 6); i > 0; i--) await own.ready(); // some milliseconds
      await own.process.killed();
      own.process.assertCleanLog();
      if (exactly) {
        assert.ok(await exists(join(own.spool, `kill-${round}.ndjson`)), 'imported, and not moved');
        await rm(join(own.spool, 'done/.report'), { recursive: true, force: true });
      }
      await own.run();
      await until('the spool is empty', async () => (await readdir(own.spool)).every((name) => ['done', 'failed'].includes(name)));
      assert.deepEqual(await readdir(join(own.spool, 'failed')), []);
      assert.ok((await readdir(join(own.spool, 'done'))).some((name) => new RegExp(`^kill-${round}\\.ndjson(\\.\\d)?$`).test(name)));
      for (const i of [0, 499, 500, 999, 1000, 1199]) assert.equal((await own.stored(`kill-${round}-${i}`)).revision, 1);
    }
    await own.process.stop();
  } finally {
    await own.abandon();
  }
});

test('what is moved in reaches the archive', async () => {
  const folder = await Ingest.start(); // for its folder alone
  await folder.process.stop();
  const daywire = await Daywire.start({
    config: siteAndCounters,
    env: { standalone: { DAYWIRE_INGEST_SPOOL: folder.spool }, ingest: { DAYWIRE_INGEST_SPOOL: folder.spool } },
  });
  try {
    await moveIn(folder.spool, 'news.ndjson', lines('news', 10));
    await until('all ten are out', async () => (await daywire.get('/v1/statements')).json.statements.length === 10);
  } finally {
    await daywire.stop();
    await folder.abandon();
  }
});
