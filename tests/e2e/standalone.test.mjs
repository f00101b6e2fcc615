// SPDX-License-Identifier: Apache-2.0
// Everything by one command: as installed, and as deploy/run in a fresh checkout.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Daywire, anotherLog, brokerKind, programs } from './lib/daywire.mjs';
import { freePair } from './lib/ports.mjs';
import { Stream } from './lib/stream.mjs';
import { Hopeless, until } from './lib/until.mjs';

const repository = join(dirname(fileURLToPath(import.meta.url)), '../..');
const onKafka = brokerKind === 'kafka';

/** Stops all with one SIGTERM; nothing may be left of it. */
async function stopsWhole(daywire) {
  const pids = await daywire.pids();
  assert.deepEqual(Object.keys(pids).sort(), ['counter', 'gateway', 'ingest', ...(onKafka ? ['java'] : [])]);
  await daywire.stopServices();
  const left = Object.entries(pids).filter(([, pid]) => existsSync(`/proc/${pid}`));
  for (const [, pid] of left) process.kill(pid, 'SIGKILL');
  assert.deepEqual(left, [], 'processes are left');
}

/** What a user does with it, over a restart. */
async function publishAndRestart(daywire) {
  assert.match((await daywire.get('/')).text, /Harbour Office/);
  const stream = await Stream.open(daywire.stream, { query: 'channels=statements,ticks' });
  await stream.caughtUp();
  await daywire.publish({ id: 'kept', title: 'The light is repaired', date: '2024-05-02' });
  await stream.statement('kept');
  const { cursor } = stream;
  await stream.close();
  await stopsWhole(daywire);

  await daywire.startServices();
  await daywire.ready();
  await until('the statement is there', async () => (await daywire.get('/v1/statements/kept')).status === 200);
  const resumed = await Stream.open(daywire.stream, { query: `channels=statements,ticks&since=${cursor}` });
  await resumed.caughtUp();
  // The log of Kafka is kept, the embedded broker's is not.
  const { resume } = resumed.of('subscribed')[0];
  assert.ok((onKafka ? ['complete', 'compacted'] : ['reset']).includes(resume), resume);
  await resumed.close();
  await stopsWhole(daywire);
}

test('daywire standalone keeps a statement over a restart, and leaves no process behind', async () => {
  const broker = onKafka
    ? ['--broker', 'kafka', '--kafka-libs', process.env.E2E_KAFKA_LIBS, '--kafka-port', String(await freePair())] : [];
  const daywire = await Daywire.start({
    standalone: [join(programs, 'daywire'), 'standalone', ...broker],
    expected: onKafka ? [] : [anotherLog],
  });
  try {
    await publishAndRestart(daywire);
    await daywire.stop();
  } finally {
    await daywire.abandon();
  }
});

const isBuilt = existsSync(join(repository, 'build/release/bin/daywire'));
test('deploy/run does the same', { skip: !isBuilt && 'there is no build/release (tests/run release)' }, async () => {
  const broker = onKafka ? ['--broker', 'kafka', '--kafka-port', String(await freePair())] : [];
  const daywire = await Daywire.start({
    standalone: [join(repository, 'deploy/run'), ...broker],
    expected: onKafka ? [] : [anotherLog],
    ready: false,
  });
  try {
    const { standalone } = daywire.processes;
    await until('all is built', () => {
      if (!standalone.alive) throw new Hopeless(standalone.output + standalone.errors);
      return /^deploy\/run: start$/m.test(standalone.output);
    }, { within: 600_000 });
    await daywire.ready();
    await publishAndRestart(daywire);
    await daywire.stop();
  } finally {
    await daywire.abandon();
  }
});
