// SPDX-License-Identifier: Apache-2.0
// A full, failing, read-only or damaged disk under ingest: a clear error, no acknowledgement, /readyz 503, and all is well
// again without a restart when the disk is.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Daywire, anotherLog } from './lib/daywire.mjs';
import { FailingDisk, SmallDisk, mayMount } from './lib/disk.mjs';
import { Ingest } from './lib/ingest.mjs';
import { until } from './lib/until.mjs';

const skip = mayMount ? false : 'NOT TESTED: a small disk can be mounted by root only';

/** What ingest says of a database in trouble. */
const trouble = (reason) => [
  new RegExp(`msg="part is not ready" part=(database|outbox|reader) reason="the database \\S*ingest\\.db failed: ${reason} \\(SQLite \\d+\\)"$`),
];

const statement = (id, title = id) => ({ id, title, date: '2026-03-02', body: 'b'.repeat(3000) });

async function readiness(daywire) {
  const response = await fetch(`${daywire.admin.ingest}/readyz`);
  return { status: response.status, text: await response.text() };
}

/** Nothing is taken while the disk fails, what was taken before can be read, and then everything goes on. */
async function survives(daywire, { fail, heal, reason }) {
  const pid = (await daywire.pids()).ingest;
  for (let i = 0; i < 5; i++) await daywire.publish(statement(`before-${i}`));
  await fail();
  const first = await daywire.request('POST', '/v1/statements', statement('during'));
  assert.equal(first.status, 503, first.text);
  assert.match(first.json.detail, reason);
  assert.equal(first.headers.get('content-type'), 'application/problem+json');
  const { status, text } = await readiness(daywire);
  assert.equal(status, 503);
  assert.match(text, /^database: the database /m);
  assert.match(text, reason);
  assert.equal((await fetch(`${daywire.admin.ingest}/livez`)).status, 200);
  const answers = await Promise.all([
    ...Array.from({ length: 20 }, (_, i) => daywire.request('POST', '/v1/statements', statement(`during-${i}`))),
    daywire.request('PUT', '/v1/statements/before-0', statement('before-0', 'Changed')),
    daywire.request('DELETE', '/v1/statements/before-1?note=Gone'),
    daywire.request('POST', '/v1/statements', `${JSON.stringify(statement('line'))}\n`, { type: 'application/x-ndjson' }),
  ]);
  assert.deepEqual([...new Set(answers.map((answer) => answer.status))], [503]);
  assert.equal((await daywire.request('GET', '/v1/statements/before-0')).json.statement.title, 'before-0');

  await heal();
  await until('it is ready again', async () => (await readiness(daywire)).status === 200);
  assert.equal((await daywire.pids()).ingest, pid, 'without a restart');
  assert.equal((await daywire.publish(statement('during'))).statement.revision, 1);
  for (const id of ['during-0', 'during-19', 'line']) {
    assert.equal((await daywire.request('GET', `/v1/statements/${id}`)).status, 404, `${id} was refused`);
  }
  await until('what was acknowledged is out, and nothing else', async () => {
    const { json } = await daywire.get('/v1/statements?limit=100');
    return json.statements.map(({ id, revision, title }) => `${id}/${revision} ${title}`).sort().join()
      === [...Array.from({ length: 5 }, (_, i) => `before-${i}/1 before-${i}`), 'during/1 during'].sort().join();
  });
}

test('the disk is full', { skip }, async () => {
  const disk = await SmallDisk.mount();
  try {
    const env = { DAYWIRE_INGEST_DATABASE: join(disk.folder, 'ingest.db') };
    const daywire = await Daywire.start({ env: { standalone: env, ingest: env }, expected: trouble('database or disk is full') });
    try {
      await survives(daywire, { fail: () => disk.fill(), heal: () => disk.free(), reason: /database or disk is full/ });
    } finally {
      await daywire.stop();
    }
  } finally {
    await disk.unmount();
  }
});

for (const [code, text] of [['EIO', 'Input/output error'], ['EROFS', 'Read-only file system']]) {
  test(`the disk fails: ${text}`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'daywire-failing-'));
    try {
      const disk = await FailingDisk.make(folder);
      const reason = 'disk I/O error';
      const daywire = await Daywire.start({ env: { standalone: disk.env, ingest: disk.env }, expected: trouble(reason) });
      try {
        await survives(daywire, { fail: () => disk.fail(code), heal: () => disk.heal(), reason: new RegExp(reason) });
      } finally {
        await daywire.stop();
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
}

/** ingest alone, its database in a folder that may be a disk of its own. */
const alone = (folder) => Ingest.make({ folder, database: 'disk/ingest.db' });

async function withFolder(use) {
  const folder = await mkdtemp(join(tmpdir(), 'daywire-alone-'));
  try {
    await mkdir(join(folder, 'disk'));
    await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('a start on a full disk, and on a read-only one', { skip }, () => withFolder(async (folder) => {
  const disk = await SmallDisk.mount({ folder: join(folder, 'disk') });
  const ingest = await alone(folder);
  try {
    await disk.fill();
    await ingest.refuses(/msg="cannot go on" reason="the database \S+\/ingest\.db failed: database or disk is full \(SQLite 13\)"/);
    await disk.free();
    let process = ingest.start();
    await until('it is open', async () => /^api: ok$/m.test(await ingest.ready()));
    assert.equal((await ingest.post(statement('kept'))).status, 201);
    await process.stop();

    await disk.setReadOnly(true);
    await ingest.refuses(/msg="cannot go on" reason="the lock file \S+\/ingest\.db-lock: Read-only file system"/);
    await disk.setReadOnly(false);

    // With a database that is there it runs on a full disk, and takes nothing until there is room.
    await disk.fill();
    process = ingest.start([...trouble('database or disk is full'), /msg="there is no room to renew the write-ahead log"/]);
    await until('it is open', async () => /^api: ok$/m.test(await ingest.ready()));
    assert.equal((await ingest.post(statement('refused'))).status, 503);
    await disk.free();
    await until('it takes statements again', async () => (await ingest.post(statement('late'))).status === 201);
    assert.equal((await ingest.post(statement('kept'))).status, 200);
    await process.stop();
  } finally {
    await ingest.end();
    await disk.unmount();
  }
}));

/** All of the file but its first page becomes noise. */
async function damage(path) {
  const file = await open(path, 'r+');
  const { size } = await file.stat();
  await file.write(Buffer.alloc(size - 4096, 0x5a), 0, size - 4096, 4096);
  await file.close();
}

const malformed = /the database \S+ingest\.db failed: database disk image is malformed \(SQLite 11\)/;

/** More than the log is let grow to, and than ingest keeps in memory, so that the first ones have to be read from the file. */
const many = Array.from({ length: 150 }, (_, i) => ({ ...statement(`s-${i}`), body: 'b'.repeat(160_000) }));

/** Until ingest writes into what is damaged. */
const byWriting = async (ingest) => {
  await truncate(`${ingest.database}-wal`, 0);
  await until('it is found', async () => {
    const answer = await ingest.post(statement(`s-${Math.floor(Math.random() * 150)}`, 'Changed'));
    return answer.status === 503 && malformed.test(answer.json.detail);
  });
};
/** Until it reads there, on a connection of its own. */
const byReading = (ingest) => until('it is found', async () => {
  const answer = await ingest.get(`s-${Math.floor(Math.random() * 150)}`);
  return answer.status === 503 && malformed.test(answer.json.detail);
});

/** ingest alone, to be used once it has met the damage. */
async function meetDamage(ingest, use, meet = byWriting) {
  const process = ingest.start(trouble('database disk image is malformed'));
  try {
    await until('it is open', async () => /^api: ok$/m.test(await ingest.ready()));
    for (const one of many) assert.equal((await ingest.post(one)).status, 201);
    assert.ok((await stat(ingest.database)).size > 2_000_000);
    await damage(ingest.database);
    await meet(ingest);
    await use();
    await process.stop();
  } finally {
    await ingest.end();
  }
}

test('a damaged database', () => withFolder(async (folder) => {
  const ingest = await alone(folder);
  await writeFile(ingest.database, 'These are the minutes of a meeting, and no database.\n'.repeat(100));
  await ingest.refuses(/msg="cannot go on" reason="the database \S+\/ingest\.db failed: file is not a database \(SQLite 26\)"/);
  assert.match(await readFile(ingest.database, 'utf8'), /^These are the minutes/, 'it was not touched');
  await rm(ingest.database);

  await meetDamage(ingest, async () => assert.match(await ingest.ready(), /^database: the database .* malformed/m));
  await ingest.refuses(/msg="cannot go on" reason="the database \S+\/ingest\.db (is damaged|failed: database disk image is malformed)/);
}));

// deploy/README.md: "`malformed` does not pass: put a backup back".
for (const [way, meet] of [['writing', byWriting], ['reading', byReading]]) {
  test(`nothing is acknowledged by a database that was found damaged by ${way}, though it could be written`, () => withFolder(async (folder) => {
    const ingest = await alone(folder);
    await meetDamage(ingest, async () => {
      for (let i = 0; i < 20; i++) {
        const answer = await ingest.post(statement(`new-${i}`));
        assert.equal(answer.status, 503, `new-${i}: ${answer.status}`);
      }
      await until('/readyz says so', async () => /^database: the database .* malformed/m.test(await ingest.ready()));
    }, meet);
    await ingest.refuses(/msg="cannot go on" reason="the database \S+\/ingest\.db (is damaged|failed: database disk image is malformed)/);
  }));
}

for (const [what, spoil, reason] of [
  ['whose log is deleted', (path) => rm(`${path}-wal`), /ingest\.db-wal was deleted or replaced while in use: restart the service/],
  ['that is cut short', (path) => truncate(path, 0), /ingest\.db was cut short while in use: put a backup back/],
]) {
  test(`nothing is acknowledged by a database ${what}`, () => withFolder(async (folder) => {
    const ingest = await alone(folder);
    const process = ingest.start([new RegExp(`part=(database|outbox|reader) reason="the database \\S*${reason.source}"`)]);
    try {
      await until('it is open', async () => /^api: ok$/m.test(await ingest.ready()));
      assert.equal((await ingest.post(statement('before'))).status, 201);
      await until('a second look has been taken', async () => /^database: ok$/m.test(await ingest.ready()));
      await spoil(ingest.database);
      for (let i = 0; i < 5; i++) {
        const answer = await ingest.post(statement(`new-${i}`));
        assert.equal(answer.status, 503);
        assert.match(answer.json.detail, reason);
      }
      await process.stop();
      if (what.includes('log')) {
        ingest.start([]);
        await until('it is open', async () => /^api: ok$/m.test(await ingest.ready()));
        assert.equal((await ingest.get('before')).status, 200, 'what the log held is in the file');
      }
    } finally {
      await ingest.end();
    }
  }));
}

test('a database is damaged while all runs: no acknowledgement, and /readyz, the API and the log say why', async () => {
  const daywire = await Daywire.start({ expected: [anotherLog, ...trouble('database disk image is malformed')] });
  try {
    for (const one of many) await daywire.publish(one);
    // At a start all goes from the log into the file.
    await daywire.stopServices();
    await daywire.startServices();
    await daywire.ready();
    await until('the gateway has it', async () => (await daywire.get('/v1/statements/s-7')).status === 200);
    await damage(join(daywire.data, 'ingest.db'));

    const change = () => daywire.request('PUT', '/v1/statements/s-7', statement('s-7', 'Changed'));
    const answer = await until('the damage is met', async () => {
      const one = await change();
      return one.status === 503 && one;
    });
    assert.equal(answer.headers.get('content-type'), 'application/problem+json');
    assert.match(answer.headers.get('retry-after'), /^[1-9]\d*$/);
    assert.deepEqual([answer.json.title, answer.json.status], ['Service Unavailable', 503]);
    assert.match(answer.json.detail, malformed);
    await until('/readyz says so', async () => {
      assert.equal((await change()).status, 503);
      const { status, text } = await readiness(daywire);
      return status === 503 && malformed.test(text.match(/^database: .*$/m)[0]) && /^kafka: ok$/m.test(text);
    });
    assert.equal((await fetch(`${daywire.admin.ingest}/livez`)).status, 200);
    const read = await daywire.request('GET', '/v1/statements/s-7');
    assert.equal(read.status, 503);
    assert.match(read.json.detail, malformed);
    assert.match(daywire.logs(), new RegExp(`level=warning .*msg="part is not ready" part=database reason="${malformed.source}"`));
    // What is out already is not concerned.
    assert.equal((await daywire.get('/v1/statements/s-7')).json.title, 's-7');
    await daywire.stop();
  } finally {
    await daywire.abandon();
  }
});
