// SPDX-License-Identifier: Apache-2.0
// node midnights.mjs [--kills N] [--broker-restarts M] [--seed S]
//
// Two counter services with the same transactional id on a real Kafka, whose clock is brought shortly before midnight again and
// again. Midnight comes in one zone after the other, a second apart, while one service, or both, are killed (SIGKILL) at random
// moments and started again, and Kafka is restarted. None may end by itself: one that the other took over from stands by. Then
// the topic is read by an independent client, which must find
//
// - for each counter, and each date from the first to the last, exactly one tick: revision 1, the right days, the right words,
//   effective at the second in which the date began, and written then or later;
// - the dates of a counter in their order, and nothing else.
//
// E2E_BUILD and E2E_KAFKA_LIBS as in tests/run. The seed decides when what is killed; what a kill hits is the machine's.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { Daywire } from '../e2e/lib/daywire.mjs';
import { KafkaBroker, readTopics } from '../e2e/lib/kafka.mjs';
import { steppedClock } from '../e2e/lib/clock.mjs';
import { freePorts } from '../e2e/lib/ports.mjs';
import { loadTypes } from '../e2e/lib/stream.mjs';
import { until, within } from '../e2e/lib/until.mjs';
import { zonesWithMidnights } from '../e2e/lib/zone.mjs';
import { generator } from './random.mjs';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '8' },
    'broker-restarts': { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const kills = Number(values.kills);
const brokerRestarts = Number(values['broker-restarts']);
const seed = Number(values.seed);

const day = 86_400;
const first = Date.UTC(2021, 6, 24) / 1000; // the first midnight, which is that of zone 0
const zones = 8;
const countersEach = 6;
const since = '2021-07-01';
const counters = Array.from({ length: zones * countersEach }, (_, i) => ({
  id: `pier-${i}`, zone: `Test/Zone${i % zones}`, midnight: first + (i % zones),
}));
const civilDate = (days) => new Date((first + days * day) * 1000).toISOString().slice(0, 10);

/** A service that is started again whenever it was killed, until `going` is false. */
class Replica {
  constructor(daywire, name, env, random) {
    Object.assign(this, { daywire, name, env, random, going: true });
    this.done = this.#keep();
    this.done.catch(() => {});
  }

  async #keep() {
    while (this.going) {
      this.process = this.daywire.startService('counter', { as: this.name, env: this.env });
      const { code, signal } = await this.process.exited;
      const { errors } = this.process;
      // What else it says while it is fenced or without a broker is looked at by other tests.
      assert.doesNotMatch(errors, /Sanitizer|runtime error|assertion|CRITICAL/i);
      assert.ok(signal === 'SIGKILL' || (!this.going && code === 0), `${this.name} ended with ${code}:\n${errors.slice(-3000)}`);
      if (this.going) await pause(this.random() * 500);
    }
  }

  /** 1, or 0 when it was not running. */
  async kill() {
    if (!this.process.alive) return 0;
    await this.process.killed();
    return 1;
  }

  async stop() {
    this.going = false;
    if (this.process.alive) this.process.kill('SIGTERM');
    await within(`${this.name} ends`, this.done);
  }
}

/** Mostly within 100 ms after a midnight, when ticks are written. */
async function momentOfKill(clock, random) {
  await pause(200 + random() * 1200);
  if (random() < 0.7) await pause(1000 - (clock.now() % 1000) + random() * 100);
}

/** One night after the other, until there were enough kills. */
async function nights(clock, replicas, broker, random) {
  const had = { nights: 0, kills: 0, brokerRestarts: 0 };
  for (; had.kills < kills || had.brokerRestarts < brokerRestarts; had.nights++) {
    const midnight = first + had.nights * day;
    await clock.step(Math.round(midnight - 1 - random() * 2 - clock.now() / 1000));
    // The first night is without one.
    const restarting = had.nights > 0 && had.brokerRestarts < brokerRestarts
      ? restartIn(broker, 1000 + random() * zones * 1000, had.brokerRestarts++ % 2 === 1) : undefined;
    while (clock.now() / 1000 < midnight + zones + 1) {
      await momentOfKill(clock, random);
      if (had.kills >= kills) continue;
      const victims = random() < 0.2 ? replicas : [replicas[Math.floor(random() * replicas.length)]];
      for (const one of await Promise.all(victims.map((replica) => replica.kill()))) had.kills += one;
    }
    await restarting;
  }
  return had;
}

/** As an operator does, or killed. */
async function restartIn(broker, milliseconds, killed) {
  await pause(milliseconds);
  await (killed ? broker.kill() : broker.shutDown());
  await broker.restart();
}

const instant = (timestamp) => Number(timestamp.seconds);

function checkTick(record, counter, days, Tick) {
  const tick = Tick.toObject(Tick.decode(record.value), { longs: Number });
  const id = `${counter.id}/${civilDate(days)}/1`;
  const began = counter.midnight + days * day;
  const passed = (began - counter.midnight + first - Date.parse(since) / 1000) / day;
  assert.equal(record.headers.ce_id, id);
  assert.equal(record.key, counter.id);
  assert.deepEqual([tick.date, tick.revision, tick.days], [civilDate(days), 1, passed], id);
  assert.deepEqual(tick.label, { en: `${passed} days` }, id);
  assert.deepEqual([instant(tick.effectiveAt), instant(tick.nextAt)], [began, began + day], id);
  assert.ok(instant(tick.emittedAt) >= began, `${id} was written before its time`);
}

function check(records, last, Tick) {
  assert.deepEqual(records.filter((record) => !counters.some(({ id }) => id === record.key)), []);
  for (const counter of counters) {
    const own = records.filter((record) => record.key === counter.id);
    const dates = Array.from({ length: last + 2 }, (_, i) => `${counter.id}/${civilDate(i - 1)}/1`);
    assert.deepEqual(own.map((record) => record.headers.ce_id), dates);
    own.forEach((record, i) => checkTick(record, counter, i - 1, Tick));
  }
}

const random = generator(seed);
const { Tick } = await loadTypes();
const folder = await mkdtemp(join(tmpdir(), 'daywire-midnights-'));
const broker = await KafkaBroker.start();
const [port] = await freePorts(1);
const clock = await steppedClock(join(folder, 'clock'));
await clock.step(Math.round(first - 60 - Date.now() / 1000));
const TZDIR = await zonesWithMidnights(Object.fromEntries(counters.map(({ zone, midnight }) => [zone, midnight])), folder);
const daywire = await Daywire.start({
  broker,
  only: [],
  config: `${counters.map(({ id, zone }) => `[counter ${id}]\nsince = ${since}\ntime-zone = ${zone}\nlabel.en = {days} days\n`).join('')}`,
});
const env = { ...clock.env, TZDIR, DAYWIRE_COUNTERS_CATCH_UP: 'all' };
const replicas = [
  new Replica(daywire, 'counter', env, random),
  new Replica(daywire, 'second', { ...env, DAYWIRE_COUNTERS_ADMIN: `127.0.0.1:${port}` }, random),
];
const ticks = () => readTopics(broker.address, ['daywire.ticks']);
try {
  const run = async () => {
    await until('the first ticks', async () => (await ticks()).length >= counters.length, { within: 60_000 });
    const had = await nights(clock, replicas, broker, random);
    await until('all ticks are there', async () => (await ticks()).length >= counters.length * (had.nights + 1), { within: 90_000, every: 200 });
    return had;
  };
  // A replica that cannot go on ends all.
  const had = await Promise.race([run(), ...replicas.map(({ done }) => done)]);
  await Promise.all(replicas.map((replica) => replica.stop()));
  const records = await ticks();
  check(records, had.nights - 1, Tick);
  console.log(`midnights: seed ${seed}: ${had.kills} kills of two counter services and ${had.brokerRestarts} restarts of Kafka around `
    + `${had.nights * zones} midnights; ${records.length} ticks of ${counters.length} counters: each once`);
} catch (error) {
  console.error(`seed ${seed}`);
  console.error(daywire.logs());
  throw error;
} finally {
  for (const replica of replicas) replica.going = false;
  await daywire.abandon();
  await broker.stop();
  await rm(folder, { recursive: true, force: true });
}
