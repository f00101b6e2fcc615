// SPDX-License-Identifier: Apache-2.0
// A backup under writers, a service on what it made, and a topic filled from the database.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Daywire, anotherLog, brokerKind, programs } from './lib/daywire.mjs';
import { Ingest } from './lib/ingest.mjs';
import { readTopics } from './lib/kafka.mjs';
import { run } from './lib/process.mjs';
import { until } from './lib/until.mjs';

const daywire = join(programs, 'daywire');
const backUp = (ingest, ...rest) => run(daywire, ['backup', '--config', ingest.config, ...rest]);

/** What another implementation finds in it: `{ check, revisions: ["id/revision"] }`. */
async function read(file) {
  const script = `import json, sqlite3, sys
db = sqlite3.connect('file:' + sys.argv[1] + '?mode=ro', uri=True)
print(json.dumps({'check': db.execute('PRAGMA integrity_check').fetchall(), 'mode': db.execute('PRAGMA journal_mode').fetchone()[0],
  'revisions': [f'{id}/{revision}' for id, revision in db.execute('SELECT id, revision FROM revisions')]}))`;
  const { code, stdout, stderr } = await run('python3', ['-c', script, file]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

/** Writers that go on until they are told to stop; `acknowledged` grows meanwhile. */
function write(ingest, count) {
  const acknowledged = new Set();
  let stopped = false;
  const writers = Array.from({ length: count }, async (_, writer) => {
    for (let i = 0; !stopped; i++) {
      const answer = await ingest.post({ id: `w${writer}-${i % 50}`, title: `Edition ${i}`, summary: 'x'.repeat(2000), date: '2026-03-02' });
      const { id, revision } = answer.json;
      assert.ok([200, 201].includes(answer.status));
      acknowledged.add(`${id}/${revision}`);
    }
  });
  return {
    acknowledged,
    async stop() {
      stopped = true;
      await Promise.all(writers);
    },
  };
}

test('a backup under writers holds all that was acknowledged before it, and a service goes on from it', async () => {
  const ingest = await Ingest.start();
  const copy = join(ingest.folder, 'copy.db');
  let restored;
  try {
    const writing = write(ingest, 8);
    let before;
    for (let round = 0; round < 5; round++) {
      const enough = writing.acknowledged.size + 100;
      await until('more is written', () => writing.acknowledged.size >= enough);
      before = [...writing.acknowledged];
      const result = await backUp(ingest, '--force', copy);
      assert.equal(result.code, 0, result.stderr);
      const { check, mode, revisions } = await read(copy);
      assert.deepEqual([check, mode], [[['ok']], 'delete']);
      assert.deepEqual(before.filter((revision) => !revisions.includes(revision)), []);
      const statements = new Set(revisions.map((revision) => revision.split('/')[0])).size;
      assert.match(result.stdout, new RegExp(`copy\\.db: ${statements} statements, \\d+ bytes\\n$`));
    }
    await writing.stop();
    assert.deepEqual((await readdir(ingest.folder)).filter((name) => /backup|copy\.db-/.test(name)), []);

    restored = await Ingest.start();
    await restored.process.stop();
    for (const ending of ['', '-wal', '-shm']) await rm(restored.database + ending, { force: true });
    await copyFile(copy, restored.database);
    await restored.run();
    const latest = new Map();
    for (const [id, revision] of before.map((text) => text.split('/'))) latest.set(id, Math.max(Number(revision), latest.get(id) ?? 0));
    for (const [id, revision] of latest) assert.ok((await restored.stored(id)).revision >= revision, id);
    assert.equal((await restored.post({ id: 'after', title: 'After', date: '2026-03-02' })).status, 201);
    await restored.stop();
    await ingest.stop();
  } finally {
    await restored?.abandon();
    await ingest.abandon();
  }
});

test('a service that was killed is backed up with what is in its log alone', async () => {
  const ingest = await Ingest.start();
  try {
    const writing = write(ingest, 4);
    await until('something is written', () => writing.acknowledged.size >= 100);
    await writing.stop();
    await ingest.process.killed();
    await rm(`${ingest.database}-shm`); // as after a reboot, or in a copy
    const copy = join(ingest.folder, 'copy.db');
    const result = await backUp(ingest, copy);
    assert.equal(result.code, 0, result.stderr);
    const { check, revisions } = await read(copy);
    assert.deepEqual(check, [['ok']]);
    assert.deepEqual([...writing.acknowledged].filter((revision) => !revisions.includes(revision)), []);
    await ingest.run();
    assert.ok(await ingest.stored('w0-0'));
    await ingest.stop();
  } finally {
    await ingest.abandon();
  }
});

test('an interrupted backup leaves nothing behind', async () => {
  const ingest = await Ingest.start();
  try {
    const writing = write(ingest, 8);
    await until('something is written', () => writing.acknowledged.size >= 300);
    await writing.stop();
    const copy = join(ingest.folder, 'copy.db');
    for (let round = 0; round < 15; round++) {
      const backup = spawn(daywire, ['backup', '--config', ingest.config, copy], { stdio: 'ignore' });
      const ended = new Promise((resolve) => backup.on('close', (code, signal) => resolve(signal ?? code)));
      if (round > 0) {
        // From before it begins to write on, to after its end.
        await until('it has begun', async () => backup.exitCode !== null || round < 3
          || (await readdir(ingest.folder)).some((name) => name.startsWith('.daywire-backup-')), { every: 1 });
        backup.kill(['SIGTERM', 'SIGINT', 'SIGHUP'][round % 3]);
      }
      const status = await ended;
      const names = await readdir(ingest.folder);
      assert.deepEqual(names.filter((name) => name.includes('backup')), [], `round ${round}: ${status}`);
      assert.equal(names.includes('copy.db'), status === 0, `round ${round}: ${status}`);
      await rm(copy, { force: true });
    }
    await ingest.stop();
  } finally {
    await ingest.abandon();
  }
});

test('republish puts every statement on the topic again, with the same identifiers', async () => {
  // The topic is looked at anew.
  const it = await Daywire.start({ expected: [/part=kafka reason="waiting for the broker"/] });
  try {
    for (const id of ['a', 'b', 'c']) await it.publish({ id, title: `Statement ${id}`, date: '2026-03-02' });
    await it.publish({ id: 'a', title: 'Statement a, again', date: '2026-03-02' });
    const result = await it.cli(['republish']);
    assert.deepEqual([result.code, result.stdout, result.stderr], [0, '3 statements are published again\n', '']);
    const address = await it.bootstrap();
    const seen = await until('all are there again', async () => {
      const records = await readTopics(address, ['daywire.statements']);
      const ids = records.map((record) => record.headers.ce_id).sort();
      return ids.length >= 7 && ids;
    });
    assert.deepEqual(seen, ['a/1', 'a/2', 'a/2', 'b/1', 'b/1', 'c/1', 'c/1']);
    await it.publish({ id: 'd', title: 'Statement d', date: '2026-03-02' });
    await until('the archive has four', async () => (await it.get('/v1/statements')).json.statements.length === 4);
  } finally {
    await it.stop();
  }
});

// On Kafka the same with a topic made anew, as kafka-topics does it.
if (brokerKind === 'embedded') {
  test('a database restored from a backup gets back from the old topic what it lacks', async () => {
    const it = await Daywire.start({ expected: [anotherLog] });
    try {
      await it.publish({ id: 'pier', title: 'The pier', date: '2026-03-02' });
      await it.publish({ id: 'quay', title: 'The quay', date: '2026-03-02' });
      const database = join(it.data, 'ingest.db');
      const copy = join(it.folder, 'copy.db');
      assert.equal((await run(daywire, ['backup', '--database', database, copy])).code, 0);
      await it.publish({ id: 'pier', title: 'The new pier', date: '2026-03-02', change: 'corrected', note: 'It is new.' });
      await it.publish({ id: 'pier', title: 'The newest pier', date: '2026-03-02' });
      await it.publish({ id: 'ferry', title: 'The ferry', date: '2026-03-02' });

      // As in deploy/README.md.
      const tail = await run(daywire, ['tail', '--brokers', await it.bootstrap(), '--topic', 'statements', '--from', 'beginning', '--exit-at-end']);
      assert.equal(tail.code, 0, tail.stderr);
      const latest = new Map();
      for (const { data } of tail.stdout.trim().split('\n').map((line) => JSON.parse(line))) {
        if ((latest.get(data.id)?.revision ?? 0) < data.revision) latest.set(data.id, data);
      }
      await writeFile(join(it.folder, 'after.ndjson'), [...latest.values()].map((data) => `${JSON.stringify(data)}\n`).join(''));
      await it.stopServices();
      for (const ending of ['', '-wal', '-shm']) await rm(database + ending, { force: true });
      await copyFile(copy, database);
      await it.startServices();
      await it.ready();
      await until('the archive has what the copy has', async () => (await it.get('/v1/statements')).json.statements.length === 2);
      const imported = await it.cli(['import', join(it.folder, 'after.ndjson')]);
      assert.match(imported.stdout, /3 read: 1 created, 1 updated, 1 unchanged, 0 refused/);
      await until('the archive is as it was', async () => {
        const { json } = await it.get('/v1/statements');
        return json.statements.map(({ title }) => title).sort().join() === 'The ferry,The newest pier,The quay';
      });
    } finally {
      await it.stop();
    }
  });
}
