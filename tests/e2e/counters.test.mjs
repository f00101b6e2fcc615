// SPDX-License-Identifier: Apache-2.0
// Exactly one tick a counter and civil date, with the right number and words, at the first instant of the date.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ICAL from 'ical.js';
import { Daywire, brokerKind, siteAndCounters } from './lib/daywire.mjs';
import { Stream, loadTypes } from './lib/stream.mjs';
import { TopicReader, readTopics } from './lib/kafka.mjs';
import { clockAt } from './lib/clock.mjs';
import { zoneWithMidnightIn } from './lib/zone.mjs';
import { until } from './lib/until.mjs';

test('preview says what the wall says on a day', async () => {
  const daywire = await Daywire.start();
  try {
    const { stdout, code, stderr } = await daywire.cli(
      ['preview', '--config', daywire.config, '--from', '2021-07-24', '--to', '2021-07-24']);
    assert.equal(code, 0, stderr);
    const [harbour, lighthouse] = stdout.trim().split('\n').map((line) => JSON.parse(line));
    assert.equal(harbour.counter, 'harbour');
    assert.equal(harbour.days, 1238);
    assert.equal(harbour.label.en, '1,238 days have passed since the harbour opened');
    assert.match(harbour.label.ru, /^Прошло 1.238 дней со дня открытия гавани$/);
    assert.deepEqual(harbour.elapsed, { years: 3, months: 4, days: 20 });
    assert.equal(harbour.effective_at, '2021-07-23T23:00:00Z');
    assert.equal(harbour.next_at, '2021-07-24T23:00:00Z');
    assert.equal(lighthouse.days, 1230);

    const range = await daywire.cli(
      ['preview', '--config', daywire.config, '--from', '2018-03-25', '--to', '2018-03-27', '--counter', 'harbour']);
    assert.deepEqual(range.stdout.trim().split('\n').map((line) => JSON.parse(line).label.ru), [
      'Прошёл 21 день со дня открытия гавани', 'Прошло 22 дня со дня открытия гавани', 'Прошло 23 дня со дня открытия гавани',
    ]);
    assert.equal((await daywire.cli(['preview', '--config', daywire.config, '--from', '2021-02-30', '--to', '2021-03-01'])).code, 2);
  } finally {
    await daywire.stop();
  }
});

/** The events as an independent reader has them, without the stamp of when they were written. */
function eventsOf(text) {
  const calendar = new ICAL.Component(ICAL.parse(text));
  assert.ok(text.split('\r\n').every((line) => Buffer.byteLength(line) <= 75 && !/[\r\n]/.test(line)), 'short lines that end with CR LF');
  return calendar.getAllSubcomponents('vevent').map((component) => {
    const { uid, summary, startDate, endDate } = new ICAL.Event(component);
    assert.ok(startDate.isDate && endDate.isDate && component.getFirstPropertyValue('dtstamp').icaltype === 'date-time');
    return { uid, summary, start: startDate.toString(), end: endDate.toString(), kinds: component.getFirstProperty('categories').getValues() };
  });
}

/** A date on the wall of London. */
const dateIn = (days) =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/London' }).format(new Date(Date.now() + days * 86400_000));

test('the days to remember as a calendar: from the gateway as from preview, and as the ticks say', async () => {
  const label = 'label.ja = {days, number}日が経ちました、\\\\; 港が開いてから——とても長い長い長い長い長い長い長い文\n';
  const daywire = await Daywire.start({
    config: siteAndCounters.replace('[counter lighthouse]', `milestones = every 500 days\n${label}[counter lighthouse]`),
  });
  try {
    await until('the counters', async () => (await daywire.get('/v1/counters')).json?.counters?.length === 2);
    const [first, last] = [dateIn(1), dateIn(1800)]; // a date may begin meanwhile, and the gateway ends after 1,826 days
    const range = ['--config', daywire.config, '--counter', 'harbour', '--from', first, '--to', last];
    const inRange = ({ start }) => start >= first && start <= last;
    for (const language of ['ja', 'ru', 'en']) {
      const served = await daywire.get(`/v1/counters/harbour.ics?lang=${language}`);
      assert.equal(served.status, 200, served.text);
      assert.equal(served.headers.get('content-type'), 'text/calendar; charset=utf-8');
      const printed = await daywire.cli(['preview', '--format', 'ics', '--language', language, ...range]);
      assert.equal(printed.code, 0, printed.stderr);
      const events = eventsOf(served.text).filter(inRange);
      assert.ok(events.length >= 4, served.text);
      assert.deepEqual(events, eventsOf(printed.stdout));

      const ticks = (await daywire.cli(['preview', ...range])).stdout.trim().split('\n').map((line) => JSON.parse(line));
      const wanted = ticks.filter(({ milestone, anniversary }) => milestone || anniversary);
      assert.deepEqual(events.map(({ uid, summary, start }) => [uid, summary, start]),
        wanted.map((tick) => [`harbour-${tick.date}@daywire`, tick.label[language], tick.date]));
      assert.ok(events.every(({ start, end }) => Date.parse(end) - Date.parse(start) === 86400_000));
    }
    const all = await daywire.get('/v1/counters.ics');
    assert.ok(eventsOf(all.text).some(({ uid }) => uid.startsWith('lighthouse-')));
    assert.equal(new ICAL.Component(ICAL.parse(all.text)).getFirstPropertyValue('x-wr-calname'), 'Harbour Office');
    assert.equal((await daywire.get('/v1/counters/nothing.ics')).status, 404);
  } finally {
    await daywire.stop();
  }
});

test('the calendars of the gateway follow the files of the counters, and a signal', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'daywire-holidays-'));
  const holidays = join(folder, 'holidays');
  await writeFile(holidays, '# none\n');
  const weekdays = `[counter dredging]\nsince = 2018-03-04\ncount = weekdays\nholidays = ${holidays}\n`
    + 'milestones = every 500 days\nlabel.en = {days} weekdays of dredging\n';
  const daywire = await Daywire.start({
    config: siteAndCounters + weekdays,
    expected: [/msg="the configuration is wrong, nothing was changed"/],
  });
  const served = async (id) => (await daywire.get(`/v1/counters/${id}.ics`)).text;
  const refusals = () => Object.values(daywire.processes).flatMap(({ errors }) => errors.split('\n'))
    .filter((line) => /daywire-gateway.*the configuration is wrong, nothing was changed/.test(line)).length;
  try {
    await until('a calendar', async () => /since the harbour opened/.test(await served('harbour')));
    const config = await readFile(daywire.config, 'utf8');
    await writeFile(daywire.config, config.replaceAll('the harbour opened', 'the old harbour opened'));
    const changed = await until('the new label', async () =>
      /since the old harbour\s+opened/.test(await served('harbour')) && served('harbour'));

    const before = await served('dredging');
    await writeFile(holidays, '2018-03-05\n');
    await until('a holiday more', async () => !(await served('dredging')).includes(before.split('DTSTART')[1]));

    await writeFile(daywire.config, config.replaceAll('since = 2018-03-04', 'since = 2018-02-29'));
    await until('the file is refused', () => refusals() === 1);
    assert.equal(await served('harbour'), changed);

    await writeFile(daywire.config, config.replaceAll('the harbour opened', 'the new harbour opened'));
    process.kill((await daywire.pids()).gateway, 'SIGHUP');
    await until('the next label', async () => /since the new harbour\s+opened/.test(await served('harbour')));
    assert.equal(refusals(), 1, 'told once');
  } finally {
    await daywire.stop();
  }
});

test('at midnight the next tick comes by itself, once, with a correct record', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'daywire-zone-'));
  const zone = await zoneWithMidnightIn(20, folder);
  const environment = { TZDIR: zone.directory };
  const daywire = await Daywire.start({
    env: { standalone: environment, counter: environment, gateway: environment, ingest: environment },
    config: '[counter night]\nsince = 2018-03-04\ntime-zone = Test/Midnight\nlabel.en = {days, number} days\n',
  });
  try {
    const stream = await Stream.open(daywire.stream, { query: 'channels=ticks' });
    const before = (await stream.next('the tick of the day', (m) => m.type === 'tick')).data;
    assert.notEqual(before.date, zone.date, 'midnight passed before the services were up');
    const tick = await stream.next('the tick of midnight', (m) => m.type === 'tick' && m.data.date === zone.date);
    const arrived = Date.now();
    assert.equal(tick.data.days, before.days + 1);
    assert.equal(tick.data.late, false);
    assert.equal(Date.parse(tick.data.effective_at), zone.midnight * 1000);
    assert.ok(arrived >= zone.midnight * 1000, 'a tick before its instant');
    assert.equal(before.next_at, tick.data.effective_at);
    await stream.close();

    const { Tick } = await loadTypes();
    const records = await readTopics(await daywire.bootstrap(), ['daywire.ticks']);
    assert.deepEqual(records.map((r) => [r.key, r.headers.ce_id, r.headers.ce_type]), [
      ['night', `night/${before.date}/1`, 'io.daywire.counter.tick.v1'],
      ['night', `night/${zone.date}/1`, 'io.daywire.counter.tick.v1'],
    ]);
    assert.equal(records[1].headers['content-type'], 'application/protobuf');
    assert.equal(records[1].headers['buf.registry.value.schema.message'], 'daywire.v1.Tick');
    assert.equal(Tick.decode(records[1].value).days, tick.data.days);
  } finally {
    await daywire.stop();
    await rm(folder, { recursive: true, force: true });
  }
});

test('a configuration that changes: by its file alone, or at a signal', async () => {
  const clock = await clockAt('2021-07-24T12:00:00Z');
  const daywire = await Daywire.start({
    only: ['counter'],
    env: { standalone: clock, counter: clock },
    expected: [/the configuration is wrong, nothing was changed/],
    config: `
[counter harbour]
since = 2018-03-04
time-zone = Europe/London
label.en = {days} days
[counter ferry]
since = 2018-03-04
label.en = {days} days
`,
  });
  try {
    const topic = await TopicReader.open(await daywire.bootstrap(), ['daywire.ticks']);
    const seen = async () => {
      await topic.catchUp();
      return topic.records.map(({ key, value, headers }) => (value ? headers.ce_id : `${key} removed`)).sort();
    };
    const expected = ['harbour/2021-07-24/1', 'ferry/2021-07-24/1'];
    const expect = async (what, ...more) => {
      expected.push(...more);
      await until(what, async () => (await seen()).length >= expected.length).catch(() => {});
      assert.deepEqual(await seen(), expected.toSorted(), what);
    };
    const metric = async (name) => {
      const text = await (await fetch(`${daywire.admin.counter}/metrics`)).text();
      return Number(text.match(new RegExp(`^${name} (.*)$`, 'm'))[1]);
    };
    const logged = (pattern) => Object.values(daywire.processes).map(({ errors }) => errors).join('').match(pattern)?.length ?? 0;
    const change = async (from, to) => {
      const text = await readFile(daywire.config, 'utf8');
      assert.ok(text.includes(from));
      await writeFile(daywire.config, text.replace(from, to));
    };
    const hangUp = async () => process.kill((await daywire.pids()).counter, 'SIGHUP');
    await expect('the first ticks');

    // One thing at a time, by the file alone.
    await change('{days} days', 'day {days}');
    await expect('a label', 'harbour/2021-07-24/2');
    await change('since = 2018-03-04', 'since = 2018-03-05');
    await expect('a date', 'harbour/2021-07-24/3');
    await change('time-zone = Europe/London', 'time-zone = Europe/Athens');
    await expect('a zone', 'harbour/2021-07-24/4');
    await change('[counter ferry]', '[counter quay]\nsince = 2020-01-01\nlabel.en = {days}\n[counter ferry]');
    await expect('a new counter', 'quay/2021-07-24/1');
    await change(/\[counter ferry\][^[]*/.exec(await readFile(daywire.config, 'utf8'))[0], '');
    await expect('a counter less', 'ferry removed');
    assert.equal(await metric('daywire_counter_config_generation'), 6);

    // A file that is wrong changes nothing, is told once, and is read again when it changes again.
    const wrong = /daywire-counter[^\n]*the configuration is wrong, nothing was changed" error="[^"]*daywire\.ini:\d+: \[counter quay\] since: /g;
    await change('since = 2020-01-01', 'since = 2020-01-32');
    await until('the mistake', () => logged(wrong) === 1);
    await until('its count', async () => await metric('daywire_counter_failed_reloads_total') === 1);
    await change('since = 2020-01-32', 'since = 2020-01-33');
    await until('the next mistake', () => logged(wrong) === 2);
    await expect('nothing from mistakes');
    await change('since = 2020-01-33', 'since = 2020-01-03');
    await expect('the mistake put right', 'quay/2021-07-24/2');
    await until('its count', async () => await metric('daywire_counter_failed_reloads_total') === 2);

    // A signal is quicker, and the file is not taken once more for it.
    await change('day {days}', 'the day {days}');
    await hangUp();
    await expect('at the signal', 'harbour/2021-07-24/5');
    await change('[counter quay]', '[counter ferry]\nsince = 2018-03-04\nlabel.en = {days} days\n[counter quay]');
    await expect('back on the same date', 'ferry/2021-07-24/2');
    assert.equal(await metric('daywire_counter_config_generation'), 9);

    // Replaced, as editors and ConfigMaps do it.
    await writeFile(`${daywire.config}~`, (await readFile(daywire.config, 'utf8')).replace('the day {days}', 'day {days} it is'));
    await rename(`${daywire.config}~`, daywire.config);
    await expect('a file in its place', 'harbour/2021-07-24/6');

    // Emptied, as by a disk that is full: only who says so by a signal means it.
    await writeFile(daywire.config, '');
    await until('it is not believed', () => logged(/daywire-counter[^\n]*error="[^"]*daywire\.ini has no counters any more: SIGHUP takes it all the same"/g) === 1);
    await expect('nothing from an empty file');
    await hangUp();
    await expect('but at a signal', 'harbour removed', 'ferry removed', 'quay removed');
    await topic.close();
  } finally {
    await daywire.stop();
  }
});

test('all that a rule can have reaches the gateway, its page and its readers', async () => {
  const day = (offset) => new Date(Date.now() + offset * 86400_000).toISOString().slice(0, 10);
  const daywire = await Daywire.start({
    config: `[site]
title = Works
[counter dredging]
since = ${day(-30)}
until = ${day(30)}
starts = ${day(-2)}
ends = ${day(2)}
count = weekdays
group = Works
order = 2
label = Dredged for {days}, {remaining} to go
[counter over]
since = 2020-01-01
ends = ${day(-3)}
label.en = Over
[counter zero]
until = ${day(-3)}
after-zero = hold
label.pt = {days} dias
`,
  });
  try {
    const stream = await Stream.open(daywire.stream, { query: 'channels=ticks' });
    await until('both ticks', () => stream.of('tick').length === 2);
    const pushed = stream.of('tick').map((message) => message.data);
    await stream.close();
    const read = (await daywire.get('/v1/counters')).json.counters;
    for (const list of [read, pushed]) {
      const [dredging, zero] = list.sort((a, b) => a.counter.localeCompare(b.counter));
      assert.equal(dredging.counter, 'dredging');
      assert.ok(dredging.since < dredging.date && dredging.date < dredging.until);
      assert.equal(dredging.count, 'weekdays');
      assert.ok(dredging.days >= 20 && dredging.days <= 23, `${dredging.days} weekdays in 30 days`);
      assert.ok(dredging.remaining >= 20 && dredging.remaining <= 23, `${dredging.remaining} weekdays in 30 days`);
      assert.deepEqual([dredging.group, dredging.order], ['Works', 2]);
      assert.deepEqual(dredging.label, { en: `Dredged for ${dredging.days}, ${dredging.remaining} to go` });
      assert.ok(dredging.late && dredging.late_seconds > 60 || !dredging.late && !('late_seconds' in dredging));
      assert.deepEqual([zero.counter, zero.days, zero.label], ['zero', 0, { pt: '0 dias' }]);
      assert.ok(['count', 'group', 'order', 'remaining'].every((name) => !(name in zero)));
    }
    assert.equal(read.length, 2, 'one that is over has no tick');
    assert.match(await (await fetch(daywire.web)).text(), /Dredged for/);
  } finally {
    await daywire.stop();
  }
});

if (brokerKind === 'kafka') {
  const restartCounter = async (daywire, instant) => {
    await daywire.processes.counter.stop();
    daywire.options.env = { counter: await clockAt(instant) };
    daywire.startService('counter');
    await daywire.ready();
  };
  const ticks = async (daywire) => (await readTopics(daywire.broker.address, ['daywire.ticks']))
    .map((record) => record.headers.ce_id).sort();

  test('restarts, downtime and a changed label: one tick a counter and date, or a corrected one', async () => {
    const daywire = await Daywire.start({
      env: { counter: await clockAt('2021-07-24T12:00:00Z') },
      expected: [/the latest tick is of a date to come/],
    });
    try {
      const first = ['harbour/2021-07-24/1', 'lighthouse/2021-07-24/1'];
      await until('the first ticks', async () => (await ticks(daywire)).length === 2);
      assert.deepEqual(await ticks(daywire), first);
      const wall = (await daywire.get('/v1/counters')).json.counters;
      assert.deepEqual(wall.map((t) => [t.counter, t.days]), [['harbour', 1238], ['lighthouse', 1230]]);

      await restartCounter(daywire, '2021-07-24T18:00:00Z');
      assert.deepEqual(await ticks(daywire), first, 'a restart on the same date emits nothing');

      await restartCounter(daywire, '2021-07-20T18:00:00Z'); // which it warns of
      assert.deepEqual(await ticks(daywire), first, 'a clock set back emits nothing');

      await restartCounter(daywire, '2021-07-30T09:00:00Z');
      const afterDowntime = [...first, 'harbour/2021-07-30/1', 'lighthouse/2021-07-30/1'].sort();
      await until('ticks after the downtime', async () => (await ticks(daywire)).length === 4);
      assert.deepEqual(await ticks(daywire), afterDowntime, 'policy latest: only the tick of the day');

      const config = await readFile(daywire.config, 'utf8');
      await writeFile(daywire.config, config.replace('since the harbour opened', 'since the old harbour opened')
        .replace(/\[counter lighthouse\][^[]*/, ''));
      await restartCounter(daywire, '2021-07-30T10:00:00Z');
      await until('the corrected tick', async () => (await ticks(daywire)).length === 6);
      const records = await readTopics(daywire.broker.address, ['daywire.ticks']);
      assert.ok(records.some((r) => r.headers.ce_id === 'harbour/2021-07-30/2'));
      const removed = records.findLast((r) => r.key === 'lighthouse');
      assert.equal(removed.value, null, 'a removed counter is a tombstone');
      await until('the wall follows', async () => {
        const { counters } = (await daywire.get('/v1/counters')).json;
        return counters.length === 1 && counters[0].revision === 2 && /old harbour/.test(counters[0].label.en);
      });
    } finally {
      await daywire.stop();
    }
  });

  test('a counter shows from its first date to its last', async () => {
    const daywire = await Daywire.start({
      env: { counter: await clockAt('2021-07-23T12:00:00Z') },
      config: `[counter season]
since = 2021-07-01
time-zone = Europe/London
starts = 2021-07-24
ends = 2021-07-25
label.en = {days}
`,
    });
    try {
      assert.deepEqual(await ticks(daywire), []);
      await restartCounter(daywire, '2021-07-24T12:00:00Z');
      await until('the first tick', async () => (await ticks(daywire)).length === 1);
      await restartCounter(daywire, '2021-07-25T12:00:00Z');
      const both = ['season/2021-07-24/1', 'season/2021-07-25/1'];
      await until('the last tick', async () => (await ticks(daywire)).length === 2);
      assert.deepEqual(await ticks(daywire), both);
      await restartCounter(daywire, '2021-07-25T22:59:50Z'); // ten seconds before London's midnight
      await until('its end', async () => (await daywire.get('/v1/counters')).json.counters.length === 0);
      const [removal] = (await readTopics(daywire.broker.address, ['daywire.ticks'])).slice(2);
      assert.equal(removal.value, null);
      assert.match(removal.headers.ce_id, /^season\/removed\/2021-07-25T23:0/);

      await restartCounter(daywire, '2021-07-25T12:00:00Z');
      await restartCounter(daywire, '2021-08-01T12:00:00Z');
      assert.equal((await readTopics(daywire.broker.address, ['daywire.ticks'])).length, 3, 'and nothing more');
    } finally {
      await daywire.stop();
    }
  });

  test('catch-up = all gives one tick for each date missed', async () => {
    const daywire = await Daywire.start({
      env: { counter: await clockAt('2021-07-24T12:00:00Z') },
      config: '[counter all]\nsince = 2021-07-01\ntime-zone = Europe/London\nlabel.en = {days}\n',
    });
    try {
      await until('the first tick', async () => (await ticks(daywire)).length === 1);
      const config = await readFile(daywire.config, 'utf8');
      await writeFile(daywire.config, config.replace('[counters]', '[counters]\ncatch-up = all'));
      await restartCounter(daywire, '2021-07-28T12:00:00Z');
      await until('all ticks', async () => (await ticks(daywire)).length === 5);
      assert.deepEqual(await ticks(daywire), [24, 25, 26, 27, 28].map((day) => `all/2021-07-${day}/1`));
    } finally {
      await daywire.stop();
    }
  });
}
