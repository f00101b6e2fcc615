// SPDX-License-Identifier: Apache-2.0
// One tick a counter and civil date, whatever the clock does: every record of the topic is looked at by a consumer of its
// own, and what it should be is worked out here, from the clock's history and the runtime's own time zones.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { cp, mkdtemp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Daywire, brokerKind, programs } from './lib/daywire.mjs';
import { loadTypes } from './lib/stream.mjs';
import { KafkaBroker, TopicReader } from './lib/kafka.mjs';
import { steppedClock } from './lib/clock.mjs';
import { makeZone } from './lib/zone.mjs';
import { run } from './lib/process.mjs';
import { until } from './lib/until.mjs';

const { Tick } = await loadTypes();

const counter = (id, zone) => `[counter ${id}]\nsince = 2018-03-04\ntime-zone = ${zone}\nlabel.en = {days} days\n`;
const dateIn = (zone, now) => new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' }).format(now);

/** Kafka is shared: each test has a topic of its own. */
let broker;
let topics = 0;
before(async () => {
  if (brokerKind === 'kafka') broker = await KafkaBroker.start();
});
after(() => broker?.stop());

/** A counter service, its clock, and the ticks of its topic. */
class Harbour {
  static async start(instant, config, { env = {}, expected } = {}) {
    const it = new Harbour();
    it.folder = await mkdtemp(join(tmpdir(), 'daywire-time-'));
    it.clock = await steppedClock(join(it.folder, 'clock'), instant);
    const topic = `ticks-${++topics}`;
    it.env = { ...it.clock.env, ...env, DAYWIRE_TOPICS_TICKS: topic };
    it.daywire = await Daywire.start({
      broker, only: ['counter'], config, env: { standalone: it.env, counter: it.env },
      expected: [/the latest tick is of a date to come/, ...expected ?? []],
    });
    it.topic = await TopicReader.open(await it.daywire.bootstrap(), [topic]);
    return it;
  }

  async stop() {
    await this.topic.close();
    await this.daywire.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  async abandon() {
    await this.topic.close();
    await this.daywire.abandon();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** `COUNTER/DATE/REVISION` of each tick, sorted. */
  async ids() {
    await this.topic.catchUp();
    return this.topic.records.filter((record) => record.value).map((record) => record.headers.ce_id).sort();
  }

  /** Waits until the topic has what is expected, and holds against it all that it has. */
  async expect(what, ids) {
    const expected = [...ids].sort();
    await until(what, async () => (await this.ids()).length >= expected.length).catch(() => {});
    assert.deepEqual(await this.ids(), expected, what);
  }

  /** In the order of the topic. */
  ticksOf(id) {
    return this.topic.records.filter((record) => record.key === id && record.value).map((record) => Tick.decode(record.value));
  }

  async pid() {
    return (await this.daywire.pids()).counter;
  }

  async metric(name) {
    const text = await (await fetch(`${this.daywire.admin.counter}/metrics`)).text();
    return Number(text.match(new RegExp(`^${name} (.*)$`, 'm'))?.[1]);
  }

  async configure(change) {
    await writeFile(this.daywire.config, change(await readFile(this.daywire.config, 'utf8')));
  }

  /** Adds a counter. Its tick proves that all others were looked at by the clock as it is now. */
  async add(id, zone) {
    await this.configure((config) => `${config}\n${counter(id, zone)}`);
    process.kill(await this.pid(), 'SIGHUP');
  }

  /** Sleeps through so many seconds, and is another process then. */
  async down(seconds) {
    const pid = await this.pid();
    process.kill(pid, 'SIGSTOP');
    await this.clock.step(seconds);
    process.kill(pid, 'SIGKILL');
    if (this.daywire.broker) {
      await this.daywire.processes.counter.exited;
      this.daywire.startService('counter');
    }
    await until('another process', async () => ![pid, null, undefined].includes(await this.pid()));
    await this.daywire.ready();
  }
}

async function harbour(instant, config, body, options) {
  const it = await Harbour.start(instant, config, options);
  try {
    await body(it);
    await it.stop();
  } catch (error) {
    error.message += `\n${it.daywire.logs()}`;
    throw error;
  } finally {
    await it.abandon();
  }
}

test('a midnight that three zones have at once', async () => {
  const zones = { east: 'Pacific/Kiritimati', west: 'Pacific/Honolulu', ship: 'Etc/GMT+10' };
  const config = Object.entries(zones).map(([id, zone]) => counter(id, zone)).join('');
  await harbour('2021-07-24T09:30:00Z', config, async (it) => {
    const before = ['east/2021-07-24/1', 'west/2021-07-23/1', 'ship/2021-07-23/1'];
    await it.expect('the ticks of the eve', before);
    const midnight = Date.parse('2021-07-24T10:00:00Z');
    await it.clock.step(Math.floor((midnight - it.clock.now()) / 1000) - 3);
    await it.expect('the ticks of the day', [...before, 'east/2021-07-25/1', 'west/2021-07-24/1', 'ship/2021-07-24/1']);
    for (const [id, zone] of Object.entries(zones)) {
      const [eve, day] = it.ticksOf(id);
      assert.equal(day.date, dateIn(zone, midnight));
      assert.equal(day.days, eve.days + 1);
      assert.deepEqual(day.effectiveAt, eve.nextAt);
      assert.equal(Number(day.effectiveAt.seconds) * 1000, midnight);
      const late = (Number(day.emittedAt.seconds) - midnight / 1000) * 1000 + day.emittedAt.nanos / 1e6;
      assert.ok(late >= 0 && late < 2500, `${id}: ${late} ms after midnight`);
      assert.equal(day.late, false);
    }
    assert.equal(await it.metric('daywire_counter_ticks_total'), 6);
    assert.equal(await it.metric('daywire_counter_late_seconds_count'), 6);
    assert.equal(await it.metric('daywire_counter_late_seconds_bucket\\{le="2.5"\\}'), 3);
    assert.ok(Math.abs(await it.metric('daywire_counter_next_boundary_seconds') - 86_400) < 30);
  });
});

test('steps of the clock, from a second to three years, both ways', async () => {
  const zones = { london: 'Europe/London', tokyo: 'Asia/Tokyo', 'new-york': 'America/New_York' };
  const config = Object.entries(zones).map(([id, zone]) => counter(id, zone)).join('');
  await harbour('2021-07-24T22:30:00Z', config, async (it) => {
    const latest = {};
    const expected = [];
    /** What becomes due now: dates only grow. */
    const due = () => {
      for (const [id, zone] of Object.entries(zones)) {
        const date = dateIn(zone, it.clock.now());
        if (latest[id] >= date) continue;
        latest[id] = date;
        expected.push(`${id}/${date}/1`);
      }
    };
    due();
    await it.expect('the first ticks', expected);
    let probes = 0;
    const step = async (seconds) => {
      await it.clock.step(seconds);
      const known = expected.length;
      due();
      // What is due comes by itself.
      if (expected.length > known) await it.expect(`the ticks after a step of ${seconds} s`, expected);
      zones[`probe-${++probes}`] = 'UTC';
      due();
      await it.add(`probe-${probes}`, 'UTC');
      await it.expect(`nothing more after a step of ${seconds} s`, expected);
    };
    for (const seconds of [1, 10, 60, 3600, 86_400, 1e6, 1e8]) {
      await step(seconds);
      await step(-2 * seconds);
      await step(seconds);
    }
  });
});

test('a day back and forth, again and again', async () => {
  await harbour('2021-07-24T23:00:00Z', counter('quay', 'UTC'), async (it) => {
    await it.expect('the first tick', ['quay/2021-07-24/1']);
    for (let i = 0; i < 3; i++) {
      await it.clock.step(-86_400);
      await until('the step is seen', async () => await it.metric('daywire_counter_next_boundary_seconds') > 86_400, { every: 20 });
      await it.clock.step(86_400);
      await until('and the one back', async () => await it.metric('daywire_counter_next_boundary_seconds') <= 3600, { every: 20 });
    }
    await it.expect('nothing more', ['quay/2021-07-24/1']);
    await it.clock.step(3600);
    await it.expect('the next date', ['quay/2021-07-24/1', 'quay/2021-07-25/1']);
  });
});

test('a machine that slept over midnight', async () => {
  await harbour('2021-07-24T20:00:00Z', counter('quay', 'UTC'), async (it) => {
    await it.expect('the first tick', ['quay/2021-07-24/1']);
    const pid = await it.pid();
    process.kill(pid, 'SIGSTOP');
    await it.clock.step(8 * 3600);
    process.kill(pid, 'SIGCONT');
    await it.expect('the tick of the day, once', ['quay/2021-07-24/1', 'quay/2021-07-25/1']);
    const [, day] = it.ticksOf('quay');
    assert.equal(day.late, true);
  });
});

test('thirty days of downtime under both policies', async () => {
  const config = counter('pier', 'Europe/London') + counter('apia', 'Pacific/Apia');
  await harbour('2011-12-01T12:00:00Z', config, async (it) => {
    const expected = ['pier/2011-12-01/1', 'apia/2011-12-01/1'];
    await it.expect('the first ticks', expected);
    await it.down(15 * 86_400);
    expected.push('pier/2011-12-16/1', 'apia/2011-12-16/1');
    await it.expect('latest: the tick of the day only', expected);
    await it.configure((text) => text.replace('[counters]', '[counters]\ncatch-up = all'));
    await it.down(30 * 86_400);
    for (let day = Date.UTC(2011, 11, 17); day <= Date.UTC(2012, 0, 15); day += 86_400_000) {
      const date = dateIn('UTC', day);
      expected.push(`pier/${date}/1`);
      if (date !== '2011-12-30') expected.push(`apia/${date}/1`); // which Apia did not have
    }
    expected.push('apia/2012-01-16/1'); // where 12:00 UTC is the next day since then
    await it.expect('all: a tick for each date', expected);
    await it.configure((text) => text.replace('catch-up = all', 'catch-up = latest'));
    await it.down(30 * 86_400);
    expected.push('pier/2012-02-14/1', 'apia/2012-02-15/1');
    await it.expect('latest again', expected);
  }, { expected: [/daywire-counter was ended by signal 9/] });
});

/** A $TZDIR of one's own. */
async function zoneFolder(folder) {
  const directory = join(folder, 'zoneinfo');
  await mkdir(join(directory, 'Europe'), { recursive: true });
  await cp('/usr/share/zoneinfo/Europe/London', join(directory, 'Europe', 'London'), { dereference: true });
  await writeFile(join(directory, 'tzdata.zi'), '# version 2021a\n');
  return directory;
}

test('a zone file that is replaced, damaged, gone and back', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'daywire-zones-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const directory = await zoneFolder(folder);
  const file = join(directory, 'Test', 'Quay');
  const quay = (rest) => makeZone(directory, `Zone Test/Quay ${rest}\n`);
  await quay('1:00 - QUAY');
  const config = counter('quay', 'Test/Quay') + counter('pier', 'Europe/London');
  const expected = [/a file of the counters is wrong, nothing was changed.*\[counter quay\] time-zone: .*Test\/Quay/];
  await harbour('2021-07-24T12:00:00Z', config, async (it) => {
    const ids = ['quay/2021-07-24/1', 'pier/2021-07-24/1'];
    const last = () => {
      const tick = it.ticksOf('quay').at(-1);
      return [tick.effectiveAt, tick.nextAt].map(({ seconds }) => new Date(Number(seconds) * 1000).toISOString());
    };
    const generation = () => it.metric('daywire_counter_config_generation');
    const version = (name) => it.metric(`daywire_counter_tzdata_info\\{version="${name}"\\}`);
    await it.expect('the first ticks', ids);
    assert.deepEqual(last(), ['2021-07-23T23:00:00.000Z', '2021-07-24T23:00:00.000Z']);
    assert.equal(await generation(), 1);
    assert.equal(await version('2021a'), 1);

    // The date is the same, and ends at another instant.
    await quay('1:00 - QUAY 2021 Jul 24 15:00\n 2:00 - QUAY');
    ids.push('quay/2021-07-24/2');
    await it.expect('next_at has moved', ids);
    assert.deepEqual(last(), ['2021-07-23T23:00:00.000Z', '2021-07-24T22:00:00.000Z']);
    assert.equal(await generation(), 2);

    // What changes later changes nothing now. The version comes with it.
    await quay('1:00 - QUAY 2021 Jul 24 15:00\n 2:00 - QUAY 2022\n 3:00 - QUAY');
    await writeFile(join(directory, 'tzdata.zi'), '# version 2021b\n');
    await until('the new tzdata', async () => await version('2021b') === 1 && await version('2021a') === 0);
    await it.expect('nothing', ids);

    // It is the next date there.
    await quay('13:00 - QUAY');
    ids.push('quay/2021-07-25/1');
    await it.expect('the next date', ids);

    // And no longer: the date stays, its instants are put right.
    await quay('2:00 - QUAY');
    ids.push('quay/2021-07-25/2');
    await it.expect('never back', ids);
    assert.deepEqual(last(), ['2021-07-24T22:00:00.000Z', '2021-07-25T22:00:00.000Z']);

    const good = await readFile(file);
    const taken = await generation();
    await writeFile(file, good.subarray(0, 60));
    await until('a damaged file', async () => await it.metric('daywire_counter_failed_reloads_total') === 1);
    await rename(file, `${file}-away`);
    await until('no file', async () => await it.metric('daywire_counter_failed_reloads_total') === 2);
    await writeFile(`${file}-new`, good);
    await rename(`${file}-new`, file);
    await until('a good one', async () => await generation() > taken);
    await it.expect('nothing from all this', ids);
    const ready = await fetch(`${it.daywire.admin.counter}/readyz`);
    assert.equal(ready.status, 200);
    await it.clock.step(12 * 3600);
    ids.push('pier/2021-07-25/1');
    await it.expect('the other counter goes on', ids);
  }, { env: { TZDIR: directory }, expected });
});

if (brokerKind === 'kafka') {
  test('a clock that is days ahead of the broker, which refuses it, and is put right', async () => {
    const hours = 12 - new Date().getUTCHours();
    const zone = `Etc/GMT${hours < 0 ? '+' : '-'}${Math.abs(hours)}`; // far from midnight
    await harbour(undefined, counter('quay', zone), async (it) => {
      const first = [`quay/${dateIn(zone, Date.now())}/1`];
      const ready = async () => (await fetch(`${it.daywire.admin.counter}/readyz`)).text();
      await it.expect('the first tick', first);
      await it.clock.step(2 * 86_400);
      await until('it is refused', async () => /^ticks: .*Invalid timestamp/m.test(await ready()));
      await it.clock.step(-2 * 86_400);
      await until('it is well', async () => /^ticks: ok/m.test(await ready()));
      await it.expect('nothing more', first);
    }, { expected: [/Invalid timestamp/] });
  });
}

test('a clock from before the build', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'daywire-time-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const clock = await steppedClock(join(folder, 'clock'), '1970-01-01T00:00:12Z');
  await writeFile(join(folder, 'daywire.ini'), counter('quay', 'UTC'));
  const { code, stderr } = await run(join(programs, 'daywire-counter'), ['--config', join(folder, 'daywire.ini')], {
    env: { ...clock.env, DAYWIRE_COUNTERS_EARLIEST_CLOCK: '' }, // the tests' own
  });
  assert.equal(code, 1, stderr);
  const [, said, least] = stderr.match(/the clock says (1970-01-01T00:00:1\S+), which is before (\S+), /) ?? assert.fail(stderr);
  assert.ok(said && Date.parse(least) > Date.parse('2021-07-24') && Date.parse(least) <= Date.now());
});

test('a clock that is set to before the build while it runs', async () => {
  await harbour('2021-07-24T12:00:00Z', counter('quay', 'UTC'), async (it) => {
    const ready = async () => {
      const answer = await fetch(`${it.daywire.admin.counter}/readyz`);
      return [answer.status, await answer.text()];
    };
    await it.expect('the first tick', ['quay/2021-07-24/1']);
    const back = 30 * 365 * 86_400; // to 1991; the tests allow 2000
    await it.clock.step(-back);
    await until('it says so', async () => {
      const [status, text] = await ready();
      return status === 503 && /^clock: the clock says 1991-\S+, which is before 2000-01-01T00:00:00Z, /m.test(text);
    });
    await it.add('pier', 'UTC');
    await until('the new counter is taken', async () => await it.metric('daywire_counter_config_generation') === 2);
    await it.expect('nothing is written', ['quay/2021-07-24/1']);
    await it.clock.step(back);
    await it.expect('the new counter', ['quay/2021-07-24/1', 'pier/2021-07-24/1']);
    await until('it is well', async () => (await ready())[0] === 200);
  }, { expected: [/part is not ready" part=clock/] });
});

