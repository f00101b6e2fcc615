// SPDX-License-Identifier: Apache-2.0
// Each tick once on a real Kafka, for a consumer of committed records: whoever takes over, at whatever moment a counter or
// the broker stops. (The embedded broker fences nobody.)
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { Daywire, brokerAway } from './lib/daywire.mjs';
import { KafkaBroker, readTopics } from './lib/kafka.mjs';
import { requests } from './lib/detour.mjs';
import { clockAt } from './lib/clock.mjs';
import { freePorts } from './lib/ports.mjs';
import { until, within } from './lib/until.mjs';

const counters = Array.from({ length: 200 }, (_, i) => `quay-${i}`);
const date = '2021-07-24';
const clock = await clockAt(`${date}T12:00:00Z`);
const rules = counters.map((name) => `[counter ${name}]\nsince = 2021-01-01\nlabel.en = {days} days, edition 1\n`).join('');
/** What is on the topic after so many editions of the labels. */
const expectedTicks = (editions) => counters
  .flatMap((name) => Array.from({ length: editions }, (_, i) => `${name}/${date}/${i + 1}`)).sort();

/** One counter service, which reaches its broker by the detour. */
const start = (expected) => Daywire.start({ only: ['counter'], detour: true, config: rules, env: { counter: clock }, expected });

/** Another one with the same transactional id, until it is ready. */
async function startSecond(daywire) {
  const [port] = await freePorts(1);
  const env = { ...clock, DAYWIRE_COUNTERS_ADMIN: `127.0.0.1:${port}` };
  const second = daywire.startService('counter', { as: 'second', env, expected: [] });
  await until('the second is ready', async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 200);
  return second;
}

/** New words on all labels, so that there is a tick to write for each counter. */
async function writeEdition(daywire, number) {
  const config = await readFile(daywire.config, 'utf8');
  await writeFile(daywire.config, config.replaceAll(/edition \d+/g, `edition ${number}`));
}

const ticks = async (broker) => (await readTopics(broker.address, ['daywire.ticks'])).map((record) => record.headers.ce_id).sort();

async function assertEditions(broker, editions, message) {
  assert.deepEqual(await ticks(broker), expectedTicks(editions), message);
}

const tookOver = 'another producer with the same transactional id took over: ';
const fenced = [
  new RegExp(`msg="cannot go on" reason="${tookOver}`),
  new RegExp(`msg="part is not ready" part=ticks reason="${tookOver}`),
  /facility=ADDPARTS .*Failed to add partition .* to transaction: Broker: Producer attempted an operation with an old epoch"$/,
  /facility=TXNERR .*Fatal transaction error: .*\(_FENCED\)"$/,
  /facility=FATAL .*Fatal error: Local: This instance has been fenced by a newer instance: /,
];

async function assertEndsFenced(daywire) {
  const { counter } = daywire.processes;
  await within('the first ends', counter.exited);
  await counter.stop({ status: 1 });
  assert.match(counter.errors, fenced[0]);
  delete daywire.processes.counter;
}

test('a second counter with the same transactional id takes over, and the first ends when it wants to write', async () => {
  const daywire = await start(fenced);
  try {
    const { broker, processes: { counter } } = daywire;
    const second = await startSecond(daywire);
    await assertEditions(broker, 1, 'the second found the ticks of the first');
    await writeEdition(daywire, 2);
    counter.kill('SIGHUP');
    await assertEndsFenced(daywire);
    await assertEditions(broker, 1, 'the first wrote nothing more');
    second.kill('SIGHUP');
    await until('the second has written', async () => (await ticks(broker)).length >= 2 * counters.length);
    await assertEditions(broker, 2);
    await daywire.stop();
  } finally {
    await daywire.abandon();
  }
});

for (const [moment, request] of [['sends its records', requests.Produce], ['asks to commit', requests.EndTxn]]) {
  test(`a counter stopped as it ${moment}, which goes on when another has taken over, writes nothing more`, async () => {
    const daywire = await start(fenced);
    try {
      const { broker, processes: { counter } } = daywire;
      await writeEdition(daywire, 2);
      const stopped = broker.detour.stopRequest(request);
      counter.kill('SIGHUP');
      const release = await within('it writes', stopped);
      counter.kill('SIGSTOP');
      await startSecond(daywire);
      await assertEditions(broker, 2, 'the second wrote what the first had not committed');
      release();
      counter.kill('SIGCONT');
      await assertEndsFenced(daywire);
      await assertEditions(broker, 2);
      await daywire.stop();
    } finally {
      await daywire.abandon();
    }
  });
}

test('a counter that takes over while the other one commits sees what that one has written', async () => {
  const daywire = await start([]);
  try {
    const { broker, processes: { counter } } = daywire;
    await writeEdition(daywire, 2);
    const committing = broker.detour.stopRequest(requests.EndTxn);
    counter.kill('SIGHUP');
    const commit = await within('the first commits', committing);
    const takingOver = broker.detour.stopRequest(requests.InitProducerId);
    const second = startSecond(daywire);
    const takeOver = await within('the second takes over', takingOver);
    commit();
    await until('the first has committed', async () => (await ticks(broker)).length >= 2 * counters.length);
    takeOver();
    await second;
    await assertEditions(broker, 2);
    await daywire.stop();
  } finally {
    await daywire.abandon();
  }
});

test('the broker is killed while 200 ticks are being written', async () => {
  const unknown = /(reason|error)="the transaction may be committed or not: Timed out/;
  const daywire = await start([...brokerAway, unknown]);
  try {
    const { broker, processes: { counter } } = daywire;
    const { detour } = broker;
    const visible = async (editions) => (await ticks(broker)).length >= editions * counters.length;
    const rounds = [
      { moment: 'when it has the records', reached: () => detour.stopAnswer(requests.Produce) },
      {
        moment: 'before it is asked to commit, until the counter gives up asking',
        reached: () => detour.stopRequest(requests.EndTxn),
        back: unknown,
      },
      {
        moment: 'when it has committed, until the counter gives up asking',
        reached: async () => {
          await detour.stopAnswer(requests.EndTxn);
          // Kafka 4.4 can lose a commit for which it has not written the markers yet when it is killed.
          await until('the commit is complete', () => visible(4));
        },
        back: unknown,
      },
    ];
    for (const [round, { moment, reached, back }] of rounds.entries()) {
      const editions = round + 2;
      await writeEdition(daywire, editions);
      const now = reached();
      counter.kill('SIGHUP');
      await within('it writes', now);
      await broker.kill();
      const log = counter.errors.length;
      if (back) await until(`the log says ${back}`, () => back.test(counter.errors.slice(log)));
      await broker.restart();
      await until('the ticks are there', () => visible(editions), { within: 60_000 });
      await daywire.ready();
      await assertEditions(broker, editions, moment);
    }
    await daywire.stop();
  } finally {
    await daywire.abandon();
  }
});
