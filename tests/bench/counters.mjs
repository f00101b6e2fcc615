// SPDX-License-Identifier: Apache-2.0
// node counters.mjs [--rounds N] [--boundaries N] [--counters N]
//
// The counter on a real Kafka. Programs of E2E_BUILD (a release build), E2E_KAFKA_LIBS as in tests/run.
//
//   midnight  from the boundary of a date to the tick in a WebSocket client of the gateway: 200 counters in 40 zones, of which 32
//             have that midnight in common, N boundaries; beside as many records that librdkafka alone writes in a transaction
//             and reads again. The counter's clock alone is shifted, by whole seconds; the client reads the same clock.
//   many      N counters, in all zones: start on an empty topic and on a full one, reload with all labels, with one, and with
//             nothing changed, each until the ticks are confirmed; and the largest memory of the process
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { steppedClock } from '../e2e/lib/clock.mjs';
import { Daywire } from '../e2e/lib/daywire.mjs';
import { KafkaBroker } from '../e2e/lib/kafka.mjs';
import { metric } from '../e2e/lib/metrics.mjs';
import { Stream } from '../e2e/lib/stream.mjs';
import { until } from '../e2e/lib/until.mjs';
import { createTopic, largestMemory, percentile, processorTime, range, tool } from './measure.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    boundaries: { type: 'string', default: '10' },
    counters: { type: 'string', default: '10000' },
  },
});
const rounds = Number(values.rounds);
const boundaries = Number(values.boundaries);
const counters = Number(values.counters);

// --- midnight ---

/** A date begins in all of them at 23:00 UTC, in winter. */
const together = ['Amsterdam', 'Andorra', 'Belgrade', 'Berlin', 'Bratislava', 'Brussels', 'Budapest', 'Busingen', 'Copenhagen',
  'Gibraltar', 'Ljubljana', 'Luxembourg', 'Madrid', 'Malta', 'Monaco', 'Oslo', 'Paris', 'Podgorica', 'Prague', 'Rome',
  'San_Marino', 'Sarajevo', 'Skopje', 'Stockholm', 'Tirane', 'Vaduz', 'Vatican', 'Vienna', 'Warsaw', 'Zagreb', 'Zurich']
  .map((city) => `Europe/${city}`).concat('Africa/Ceuta');
const others = ['America/New_York', 'America/Sao_Paulo', 'Asia/Kolkata', 'Asia/Tokyo', 'Australia/Sydney', 'Europe/Athens',
  'Europe/London', 'Pacific/Auckland'];
const countersInEach = 5;
const firstMidnight = Date.parse('2021-01-11T23:00:00Z');
const day = 86_400_000;

function midnightRules() {
  return [...together, ...others].flatMap((zone, i) => Array.from({ length: countersInEach }, (_, j) => `[counter pier-${i}-${j}]
since = 2018-03-04
time-zone = ${zone}
milestones = every 100 days, every year
label.en = {days, plural, one {# day has} other {# days have}} passed since the pier was opened
label.de = Seit der Eröffnung {days, plural, one {ist # Tag} other {sind # Tage}} vergangen
`)).join('');
}

/** Keeps every tick with the milliseconds from its boundary to its arrival. */
async function follow(daywire, clock) {
  const stream = await Stream.open(daywire.stream, { query: 'channels=ticks' });
  const arrived = [];
  stream.socket.on('message', (data) => {
    const now = clock.now();
    const { type, data: tick } = JSON.parse(data);
    if (type !== 'tick') return;
    const boundary = Date.parse(tick.effective_at);
    arrived.push({ boundary, delay: now - boundary });
  });
  await stream.caughtUp();
  return { stream, arrived };
}

/** The delays of all ticks of one midnight. */
async function cross(clock, arrived, midnight) {
  await clock.step(Math.round((midnight - 3000 - clock.now()) / 1000));
  const expected = together.length * countersInEach;
  const own = await until('all ticks of midnight', () => {
    const some = arrived.filter(({ boundary }) => boundary === midnight);
    return some.length >= expected && some;
  });
  assert.equal(own.length, expected);
  return own.map(({ delay }) => delay);
}

async function midnight(broker) {
  const folder = await mkdtemp(join(tmpdir(), 'daywire-bench-'));
  const clock = await steppedClock(join(folder, 'clock'));
  await clock.step(Math.round((firstMidnight - 60_000 - Date.now()) / 1000));
  const daywire = await Daywire.start({ broker, only: ['counter', 'gateway'], config: midnightRules(), env: { counter: clock.env } });
  try {
    await createTopic(broker, 'floor');
    const { stream, arrived } = await follow(daywire, clock);
    const ours = [];
    const floor = [];
    for (let i = 0; i < boundaries; i++) {
      const delays = await cross(clock, arrived, firstMidnight + i * day);
      const alone = await tool('transaction-floor', broker.address, 'daywire.ticks', 'floor', String(delays.length), '2');
      ours.push(...delays);
      floor.push(...alone.slice(delays.length)); // the first transaction pays for the connections, which a service has
    }
    await stream.close();
    await daywire.stop(); // killed, it would hold its place in the group for a while
    const [p99, alone] = [percentile(ours, 0.99), percentile(floor, 0.99)];
    console.log(`midnight: ${ours.length} ticks of ${boundaries} boundaries: p50 ${percentile(ours, 0.5)} ms, p99 ${p99} ms, at most `
      + `${Math.max(...ours)} ms; librdkafka alone: p99 ${alone.toFixed(1)} ms (${(p99 / alone).toFixed(1)} times)`);
  } finally {
    await daywire.abandon();
    await rm(folder, { recursive: true, force: true });
  }
}

// --- many ---

const zones = Intl.supportedValuesOf('timeZone');

/** Numbers of counters whose labels are those of the new edition. */
function manyRules(edition, from = 0) {
  return Array.from({ length: counters }, (_, i) => `[counter pier-${i}]
since = 2018-03-04
time-zone = ${zones[i % zones.length]}
label.en = {days, plural, one {# day has} other {# days have}} passed since pier ${i} was opened, edition ${i >= from ? edition : 1}
`).join('');
}

class Many {
  static async start(broker, round) {
    const it = new Many();
    it.daywire = await Daywire.start({
      broker, only: [], config: '', env: { counter: { DAYWIRE_TOPICS_TICKS: `ticks-${round}` } },
    });
    it.common = await readFile(it.daywire.config, 'utf8');
    await it.write(manyRules(1));
    return it;
  }

  write(rules) {
    return writeFile(this.daywire.config, this.common + rules);
  }

  get service() {
    return this.daywire.processes.counter;
  }

  ticks() {
    return metric(this.daywire.admin.counter, 'daywire_counter_ticks_total');
  }

  /** Seconds until it is ready. */
  async launch(ticks) {
    const start = performance.now();
    this.daywire.startService('counter');
    await until('it is ready', async () => (await fetch(`${this.daywire.admin.counter}/readyz`)).status === 200,
      { within: 60_000, every: 5 });
    const seconds = (performance.now() - start) / 1000;
    assert.equal(await this.ticks(), ticks);
    return seconds;
  }

  /** Seconds until so many more ticks are confirmed. */
  async reload(rules, more) {
    const ticks = (await this.ticks()) + more;
    await this.write(rules);
    const start = performance.now();
    this.service.kill('SIGHUP');
    await until('the ticks are confirmed', async () => (await this.ticks()) === ticks, { within: 60_000, every: 5 });
    return (performance.now() - start) / 1000;
  }

  /** Seconds until it works no more. */
  async reloadNothing() {
    const start = performance.now();
    let used = await processorTime(this.service.pid);
    let last = start;
    this.service.kill('SIGHUP');
    await until('it is at rest', async () => {
      const now = await processorTime(this.service.pid);
      if (now > used) last = performance.now();
      used = now;
      return performance.now() - last > 300;
    }, { within: 60_000, every: 5 });
    return (last - start) / 1000;
  }
}

/** Adds to the lists of figures what one round measures. */
async function measureMany(broker, round, figures) {
  const many = await Many.start(broker, round);
  const note = (name, value) => (figures[name] ??= []).push(value);
  const time = async (name, action) => {
    const before = many.service?.alive ? await processorTime(many.service.pid) : 0;
    note(`${name}, s`, await action());
    note(`${name}, processor, s`, (await processorTime(many.service.pid)) - before);
  };
  try {
    await time('start, empty topic', () => many.launch(counters));
    note('memory, MB', await largestMemory(many.service.pid));
    await many.service.stop();
    await time('start, full topic', () => many.launch(0));
    await time('reload, nothing changed', () => many.reloadNothing());
    await time('reload, one label', () => many.reload(manyRules(2, counters - 1), 1));
    await time('reload, all labels', () => many.reload(manyRules(3), counters));
    note('memory after reloads, MB', await largestMemory(many.service.pid));
    await many.service.stop();
  } finally {
    await many.daywire.abandon();
  }
}

async function many(broker) {
  const figures = {};
  for (let round = 0; round < rounds; round++) await measureMany(broker, round, figures);
  for (const [name, list] of Object.entries(figures)) console.log(`many: ${counters} counters: ${name}: ${range(list)}`);
}

const broker = await KafkaBroker.start();
try {
  if (boundaries > 0) await midnight(broker);
  if (rounds > 0) await many(broker);
} finally {
  await broker.stop();
}
