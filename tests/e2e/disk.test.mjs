// SPDX-License-Identifier: Apache-2.0
// A full, failing, read-only or damaged disk under ingest: a clear error, no acknowledgement, /readyz 503, and all is well
// again without a restart when the disk is.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Daywire, brokerAway, programs } from './lib/daywire.mjs';
import { FailingDisk, SmallDisk, mayMount } from './lib/disk.mjs';
import { freePorts } from './lib/ports.mjs';
import { Process, run } from './lib/process.mjs';
import { until } from './lib/until.mjs';

const skip = mayMount ? false : 'NOT TESTED: a small disk can be mounted by root only';

/** What ingest says of a database in trouble. */
const trouble = (reason) => [
  new RegExp(`msg="part is not ready" part=(database|outbox) reason="the database \\S*ingest\\.db failed: ${reason} \\(SQLite \\d+\\)"$`),
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

/** ingest alone, without a broker, as far as it gets. */
async function alone(folder) {
  const [api, admin, nobody] = await freePorts(3);
  const config = join(folder, 'daywire.ini');
  await writeFile(join(folder, 'token'), 'a-token-for-tests-0123456789\n', { mode: 0o600 });
  await writeFile(config, `[kafka]
bootstrap.servers = 127.0.0.1:${nobody}
[ingest]
listen = 127.0.0.1:${api}
admin = 127.0.0.1:${admin}
database = ${join(folder, 'disk', 'ingest.db')}
token-file = ${join(folder, 'token')}
`);
  const post = async (body) => {
    const response = await fetch(`http://127.0.0.1:${api}/v1/statements`, {
      method: 'POST',
      headers: { authorization: 'Bearer a-token-for-tests-0123456789', 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, json: await response.json() };
  };
  let process;
  return {
    post,
    database: join(folder, 'disk', 'ingest.db'),
    ready: async () => (await fetch(`http://127.0.0.1:${admin}/readyz`)).text(),
    start: (expected = []) => {
      process = new Process('ingest', join(programs, 'daywire-ingest'), ['--config', config],
        { expected: [...brokerAway, ...expected] });
      return process;
    },
    /** What a failed test has left running holds the disk. */
    end: async () => {
      if (process?.alive) await process.killed();
    },
    /** A start that must fail, with this reason in its log. */
    refuses: async (reason) => {
      const { code, stderr } = await run(join(programs, 'daywire-ingest'), ['--config', config]);
      assert.equal(code, 1, stderr);
      assert.match(stderr, reason);
    },
  };
}

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

/** All of the file but its first page becomes noise, and the log goes. */
async function damage(path) {
  const file = await open(path, 'r+');
  const { size } = await file.stat();
  await file.write(Buffer.alloc(size - 4096, 0x5a), 0, size - 4096, 4096);
  await file.close();
  await truncate(`${path}-wal`, 0);
}

test('a damaged database', () => withFolder(async (folder) => {
  const ingest = await alone(folder);
  await writeFile(ingest.database, 'These are the minutes of a meeting, and no database.\n'.repeat(100));
  await ingest.refuses(/msg="cannot go on" reason="the database \S+\/ingest\.db failed: file is not a database \(SQLite 26\)"/);
  assert.match(await readFile(ingest.database, 'utf8'), /^These are the minutes/, 'it was not touched');
  await rm(ingest.database);

  const process = ingest.start(trouble('database disk image is malformed'));
  await until('it is open', async () => /^api: ok$/m.test(await ingest.ready()));
  // More than the log is let grow to, so that it is in the file itself.
  for (let i = 0; i < 150; i++) {
    assert.equal((await ingest.post({ ...statement(`s-${i}`), body: 'b'.repeat(160_000) })).status, 201);
  }
  assert.ok((await stat(ingest.database)).size > 2_000_000);
  await damage(ingest.database);
  await until('it is found', async () => {
    const answer = await ingest.post(statement(`s-${Math.floor(Math.random() * 150)}`, 'Changed'));
    return answer.status === 503 && /database disk image is malformed/.test(answer.json.detail);
  });
  assert.match(await ingest.ready(), /^database: the database .* malformed/m);
  await process.stop();
  await ingest.refuses(/msg="cannot go on" reason="the database \S+\/ingest\.db failed: database disk image is malformed/);
}));
