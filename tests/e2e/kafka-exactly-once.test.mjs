// SPDX-License-Identifier: Apache-2.0
// Each tick once on a real Kafka, for a consumer of committed records, and one counter that writes them: whoever takes over, at
// whatever moment another one is stopped or cut off. (The embedded broker fences nobody.)
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { steppedClock } from './lib/clock.mjs';
import {
  arrive, assertEditions, date, isActive, reload, standsBy, startAnother, startCounter, wasStopped, writeEdition,
} from './lib/counters.mjs';
import { requests } from './lib/detour.mjs';
import { KafkaBroker } from './lib/kafka.mjs';
import { metric } from './lib/metrics.mjs';
import { until, within } from './lib/until.mjs';

let broker;
before(async () => (broker = await KafkaBroker.start()));
after(() => broker?.stop());

/** In milliseconds; what comes on top of the session time-out is mostly a second (deploy/README.md), on a busy machine more. */
const session = 2000;
const onTop = 4000;
const longSession = 6000;

async function assertTakesOver(what, admin, limit) {
  const since = performance.now();
  await until(what, () => isActive(admin), { within: limit, every: 10 });
  return Math.round(performance.now() - since);
}

test('a second counter stands by, and takes over from one that stops or is killed', async (t) => {
  const env = { DAYWIRE_COUNTERS_SESSION_TIMEOUT: `${longSession}ms` };
  const daywire = await startCounter(broker, { expected: wasStopped, env });
  try {
    const { admin: { counter: firstAdmin } } = daywire;
    const second = await startAnother(daywire);
    assert.ok(await isActive(firstAdmin));
    assert.ok(await standsBy(second.admin) && !await isActive(second.admin));
    await assertEditions(daywire, 1);

    await writeEdition(daywire, 2);
    reload(daywire);
    await arrive(daywire, 2);
    await assertEditions(daywire, 2, 'the standby wrote nothing');

    const stopping = daywire.processes.counter.stop();
    t.diagnostic(`after a stop: ${await assertTakesOver('the second after a stop', second.admin, longSession - 1000)} ms`);
    await stopping;
    delete daywire.processes.counter;
    const third = await startAnother(daywire, { as: 'third' });
    assert.ok(await standsBy(third.admin));
    second.process.kill('SIGKILL');
    t.diagnostic(`after a kill: ${await assertTakesOver('the third after a kill', third.admin, longSession + onTop)} ms`);
    await within('the second is dead', second.process.exited);
    delete daywire.processes.second;
    await writeEdition(daywire, 3);
    third.process.kill('SIGHUP');
    await arrive(daywire, 3);
    await assertEditions(daywire, 3);
    await daywire.stop();
  } finally {
    await daywire.abandon();
  }
});

for (const [moment, request] of [['sends its records', requests.Produce], ['asks to commit', requests.EndTxn]]) {
  test(`a counter stopped as it ${moment}, which goes on when another has taken over, stands by`, async (t) => {
    const daywire = await startCounter(broker, { expected: wasStopped });
    try {
      const { processes: { counter }, admin: { counter: admin } } = daywire;
      const second = await startAnother(daywire);
      await writeEdition(daywire, 2);
      const stopped = broker.detour.stopRequest(request);
      reload(daywire);
      const release = await within('it writes', stopped);
      counter.kill('SIGSTOP');
      t.diagnostic(`after SIGSTOP: ${await assertTakesOver('the second', second.admin, session + onTop)} ms`);
      await arrive(daywire, 2);
      await assertEditions(daywire, 2, 'the second wrote what the first had not committed');
      release();
      counter.kill('SIGCONT');
      await until('the first stands by', async () => await standsBy(admin) && await isActive(second.admin));
      await writeEdition(daywire, 3);
      reload(daywire);
      await arrive(daywire, 3);
      await assertEditions(daywire, 3);
      await daywire.stop();
    } finally {
      await daywire.abandon();
    }
  });
}

test('two counters with one transactional id that are not in one group write each tick once, and say what is wrong', async () => {
  const circle = /msg="fenced again, by none of this group: /;
  const daywire = await startCounter(broker, { expected: [...wasStopped, circle] });
  try {
    const { processes: { counter } } = daywire;
    await writeEdition(daywire, 2);
    const committing = broker.detour.stopRequest(requests.EndTxn);
    counter.kill('SIGHUP');
    const commit = await within('the first commits', committing);
    const takingOver = broker.detour.stopRequest(requests.InitProducerId);
    const env = { DAYWIRE_COUNTERS_GROUP: 'another-group' };
    const starting = startAnother(daywire, { env, expected: [...wasStopped, circle] });
    const takeOver = await within('the second takes over', takingOver);
    commit();
    await arrive(daywire, 2);
    takeOver();
    const second = await starting;
    await assertEditions(daywire, 2, 'the second saw what the first had committed meanwhile');
    let edition = 2;
    const said = () => circle.test(counter.errors + second.process.errors);
    while (edition < 5 || (!said() && edition < 10)) {
      await writeEdition(daywire, ++edition);
      reload(daywire);
      await arrive(daywire, edition);
    }
    await until('one of them says it', said);
    await assertEditions(daywire, edition);
    const elections = await metric(daywire.admin.counter, 'daywire_counter_elections_total')
      + await metric(second.admin, 'daywire_counter_elections_total');
    assert.ok(elections <= 2 * edition, `${elections} elections: they fence each other without a pause`);
    await daywire.stop();
  } finally {
    await daywire.abandon();
  }
});

test('a commit that was given up and comes to the broker when the next transaction has begun changes nothing', async () => {
  const givenUp = /msg="trying again" .*error="the transaction may be committed or not: .*Timed out/;
  const notReady = /msg="part is not ready" part=\w+ reason="the transaction may be committed or not: /;
  const daywire = await startCounter(broker, { expected: [givenUp, notReady] });
  try {
    const { processes: { counter } } = daywire;
    await writeEdition(daywire, 2);
    const committing = broker.detour.stopRequest(requests.EndTxn);
    counter.kill('SIGHUP');
    const commit = await within('it commits', committing);
    await until('it gives up', () => givenUp.test(counter.errors));
    const next = broker.detour.stopAnswer(requests.AddPartitionsToTxn);
    const goOn = await within('the next transaction has begun', next, 10_000).catch(() => () => {
      broker.detour.tamper = undefined; // who tries the old one again begins none before that has come through
    });
    commit();
    goOn();
    await arrive(daywire, 2);
    await assertEditions(daywire, 2);
    await writeEdition(daywire, 3);
    counter.kill('SIGHUP');
    await arrive(daywire, 3);
    await assertEditions(daywire, 3);
    await daywire.stop();
  } finally {
    await daywire.abandon();
  }
});

/** Two counters, the first of which is elected and has a clock of its own. */
async function withSickClock(day, expected, use) {
  const clock = await steppedClock(join(broker.folder, `clock-${day}`), `${day}T12:00:00Z`);
  const daywire = await startCounter(broker, { env: clock.env, day, expected: [...wasStopped, ...expected] });
  try {
    const second = await startAnother(daywire, { env: { CLOCK_SHIFT_FILE: undefined } });
    assert.ok(await isActive(daywire.admin.counter) && await standsBy(second.admin));
    await use({ daywire, clock, sick: daywire.admin.counter, well: second.admin });
    await daywire.stop();
  } finally {
    await daywire.abandon();
  }
}

/** Labels that only a service with the right clock can write. */
async function assertWritten(daywire, edition) {
  await writeEdition(daywire, edition);
  reload(daywire);
  await arrive(daywire, edition);
  await assertEditions(daywire, edition);
}

test('a counter whose records Kafka refuses, since its clock is two days ahead, gives way to another one', async (t) => {
  const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  const refused = [
    /facility=TXNERR .*: Broker: Invalid timestamp/,
    /msg="(trying again|part is not ready)" part=ticks .*"the transaction was aborted: (Broker: Invalid timestamp|Local: Purged in queue)"/,
  ];
  await withSickClock(yesterday, refused, async ({ daywire, clock, sick, well }) => {
    await clock.step(3 * 86_400); // from the noon of yesterday
    t.diagnostic(`after the step: ${await assertTakesOver('the second', well, 30_000)} ms`);
    await until('the first stands by', () => standsBy(sick), { within: 30_000 });
    assert.ok(!await isActive(sick) && await isActive(well));
    await assertWritten(daywire, 2);
    assert.ok(await metric(sick, 'daywire_counter_elections_total') === 1, 'it comes back as the youngest');
  });
});

test('a counter whose clock falls to before the build takes no part until it is right', async (t) => {
  const absurd = [/msg="part is not ready" part=clock reason="the clock says 199/];
  const fall = 30 * 365 * 86_400;
  await withSickClock(date, absurd, async ({ daywire, clock, sick, well }) => {
    await clock.step(-fall);
    t.diagnostic(`after the fall: ${await assertTakesOver('the second', well, session + onTop)} ms`);
    await assertWritten(daywire, 2);
    assert.ok(!await isActive(sick) && !await standsBy(sick));
    assert.equal((await fetch(`${sick}/readyz`)).status, 503);
    assert.equal(await metric(sick, 'daywire_counter_next_boundary_seconds'), -1);
    await clock.step(fall);
    await until('the first stands by', async () => await standsBy(sick) && await isActive(well));
    await assertWritten(daywire, 3);
  });
});
