// SPDX-License-Identifier: Apache-2.0
// Each tick once on a real Kafka that is killed, forgets what it has confirmed, or loses the whole topic.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { brokerAway } from './lib/daywire.mjs';
import {
  arrive, assertEditions, counters, date, isActive, reload, standsBy, startAnother, startCounter, ticks, wasStopped, writeEdition,
} from './lib/counters.mjs';
import { partitionsAdded, requests, transactionEnded } from './lib/detour.mjs';
import { KafkaBroker } from './lib/kafka.mjs';
import { steppedClock } from './lib/clock.mjs';
import { until, within } from './lib/until.mjs';

let broker;
// Without the verification a transaction can be left open of which the broker's coordinator knows nothing.
before(async () => (broker = await KafkaBroker.start({ properties: ['transaction.partition.verification.enable=false'] })));
after(() => broker?.stop());

/** What a counter says when its group's coordinator or its session is gone. */
const away = [...brokerAway, ...wasStopped, /msg="trying again" part=(kafka|ticks)/, /msg="part is not ready" part=(kafka|ticks)/];

test('the broker is killed while 200 ticks are being written', async () => {
  const unknown = /(reason|error)="the transaction may be committed or not: Timed out/;
  const daywire = await startCounter(broker, { expected: [...away, unknown] });
  try {
    const { processes: { counter } } = daywire;
    const { detour } = broker;
    const rounds = [
      { moment: 'when it has the records', reached: () => detour.stopAnswer(requests.Produce) },
      {
        moment: 'before it is asked to commit, until the counter gives up asking',
        reached: () => detour.stopRequest(requests.EndTxn),
        back: unknown,
      },
      { moment: 'when it has confirmed the commit', reached: () => detour.stopAnswer(requests.EndTxn) },
    ];
    for (const [round, { moment, reached, back }] of rounds.entries()) {
      const editions = round + 2;
      await writeEdition(daywire, editions);
      const now = reached();
      counter.kill('SIGHUP');
      await within('it writes', now);
      const log = counter.errors.length;
      await broker.kill();
      if (back) await until(`the log says ${back}`, () => back.test(counter.errors.slice(log)));
      await broker.restart();
      await arrive(daywire, editions, { within: 60_000 });
      await daywire.ready();
      await assertEditions(daywire, editions, moment);
    }
    await daywire.stop();
  } finally {
    await daywire.abandon();
  }
});

/** The next transaction is confirmed, but hidden from readers: the broker's coordinator never hears of it. */
function forgetNextTransaction() {
  broker.detour.tamper = async ({ key, answer, frame }) => {
    if (answer) return undefined;
    if (key === requests.AddPartitionsToTxn) return partitionsAdded(frame);
    if (key !== requests.EndTxn) return undefined;
    broker.detour.tamper = undefined;
    return transactionEnded(frame);
  };
}

const lost = /reason="what was committed to \S+ cannot be read, the broker has lost the commit"/;

test('a commit that the broker has forgotten is noticed, taken back and made again', async () => {
  const daywire = await startCounter(broker, { expected: [lost, ...away] });
  try {
    const { processes: { counter } } = daywire;
    await writeEdition(daywire, 2);
    forgetNextTransaction();
    counter.kill('SIGHUP');
    await until('the counter believes that it has written', () => counter.errors.split('msg="ticks written"').length === 3);
    await assertEditions(daywire, 1, 'nobody sees it');
    await until('it is noticed', () => lost.test(counter.errors));
    await arrive(daywire, 2);
    await assertEditions(daywire, 2);
    await writeEdition(daywire, 3);
    counter.kill('SIGHUP');
    await arrive(daywire, 3);
    await assertEditions(daywire, 3, 'nothing comes to light later');
    await daywire.stop();
  } finally {
    await daywire.abandon();
  }
});

test('a commit that the broker has forgotten is taken back by the counter that takes over', async () => {
  const daywire = await startCounter(broker, { expected: away });
  try {
    const { processes: { counter } } = daywire;
    const second = await startAnother(daywire, { expected: away });
    await writeEdition(daywire, 2);
    forgetNextTransaction();
    reload(daywire);
    await until('the first believes that it has written', () => counter.errors.split('msg="ticks written"').length === 3);
    await counter.killed();
    delete daywire.processes.counter;
    await until('the second writes', () => isActive(second.admin));
    await arrive(daywire, 2);
    await assertEditions(daywire, 2);
    await writeEdition(daywire, 3);
    second.process.kill('SIGHUP');
    await arrive(daywire, 3);
    await assertEditions(daywire, 3, 'nothing comes to light later');
    await daywire.stop();
  } finally {
    await daywire.abandon();
  }
});

test('a topic that is deleted while two counters run is made again, with each tick once', async () => {
  const daywire = await startCounter(broker, { expected: [/./] }); // librdkafka has many words for it
  try {
    await startAnother(daywire, { expected: [/./] });
    await writeEdition(daywire, 2);
    reload(daywire);
    await arrive(daywire, 2);
    const admin = broker.client().admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [daywire.topic] });
    await admin.disconnect();
    // On the new one there are the ticks of now only.
    await until('the ticks are there again', async () => (await ticks(daywire)).length === counters.length, { within: 60_000 });
    await assertEditions(daywire, 1);
    await writeEdition(daywire, 3);
    reload(daywire);
    await arrive(daywire, 2);
    await assertEditions(daywire, 2);
    await daywire.stop();
  } finally {
    await daywire.abandon();
  }
});

test('the broker is away over midnight, with two counters: a tick of each date for each counter', async () => {
  const clock = await steppedClock(join(broker.folder, 'clock'));
  const toTime = (time) => clock.step(Math.round((Date.parse(`${date}T${time}Z`) - clock.now()) / 1000));
  await toTime('12:00:00');
  const daywire = await startCounter(broker, { env: { CLOCK_SHIFT: '', ...clock.env }, expected: away });
  try {
    const second = await startAnother(daywire, { expected: away });
    await arrive(daywire, 1);
    await toTime('23:59:57');
    await broker.kill();
    for (const admin of [daywire.admin.counter, second.admin]) {
      await until('it says that it is not ready', async () => (await fetch(`${admin}/readyz`)).status === 503);
    }
    await until('it is past midnight', () => clock.now() > Date.parse('2021-07-25T00:00:02Z'));
    await broker.restart();
    await arrive(daywire, 2, { within: 60_000 });
    await until('one of them writes, the other stands by', async () => {
      const admins = [daywire.admin.counter, second.admin];
      return (await Promise.all(admins.map(isActive))).filter(Boolean).length === 1
        && (await Promise.all(admins.map(standsBy))).filter(Boolean).length === 1;
    });
    assert.deepEqual(await ticks(daywire), counters.flatMap((name) => [`${name}/${date}/1`, `${name}/2021-07-25/1`]).sort());
    await daywire.stop();
  } finally {
    await daywire.abandon();
  }
});
