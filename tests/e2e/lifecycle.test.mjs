// SPDX-License-Identifier: Apache-2.0
// The whole life of a statement: changed, withdrawn, brought back; kept until its instant; expired; never overwritten unseen.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Daywire, anotherLog, brokerKind } from './lib/daywire.mjs';
import { Stream, loadTypes } from './lib/stream.mjs';
import { TopicReader, readTopics } from './lib/kafka.mjs';
import { steppedClock } from './lib/clock.mjs';
import { until } from './lib/until.mjs';

const topic = 'daywire.statements';
const { Statement } = await loadTypes();

let daywire;
before(async () => {
  daywire = await Daywire.start({ config: '[counter x]\nsince = 2020-01-01\nlabel.en = {days} days\n' });
});
after(() => daywire?.stop());

/** RFC 3339, `seconds` from now. */
const from = (seconds, now = Date.now()) => new Date(now + seconds * 1000).toISOString();
const put = (id, statement, headers, query = '') => daywire.request('PUT', `/v1/statements/${id}${query}`, statement, { headers });
const get = (id) => daywire.request('GET', `/v1/statements/${id}`);
const withdraw = (id, note) => daywire.request('DELETE', `/v1/statements/${id}?wait=published&note=${encodeURIComponent(note)}`);
const recordsOf = async (id, of = daywire) =>
  (await readTopics(await of.bootstrap(), [topic])).filter((record) => record.key === id);
const published = (id, revision) => until(`${id}/${revision} is published`, async () => {
  const { json } = await get(id);
  return json.state === 'published' && json.statement.revision === revision && json;
});
const refused = (answer, status, detail, field) => {
  assert.equal(answer.status, status, answer.text);
  assert.deepEqual([answer.json.detail, answer.json.field], [detail, field]);
};
/** What whoever names no instant is told while this one is to come. */
const isScheduled = (id, at) => `${id}: it is scheduled for ${at}; name publish_at to change that (a past one publishes at once), `
  + `or drop the schedule first by DELETE /v1/statements/${id}/schedule`;
/** What If-Match says is not so. */
const notSo = (id, etag) => `${id}: its ETag is ${etag}, and not as If-Match says`;
/** On the topic once, not before its instant and soon after it, by the record's own time. */
const assertOnTime = (records, instant, allowed = 200) => {
  assert.equal(records.length, 1);
  const late = records[0].timestamp - Date.parse(instant);
  assert.ok(late >= 0 && late <= allowed, `${late} ms after its instant`);
};

test('publish, update, correct, withdraw, reinstate: what each needs and what each says', async () => {
  const first = { title: 'The pier opens', summary: 'At ten.', date: '2024-05-02' };
  const created = await put('pier', first);
  assert.equal(created.status, 201);
  assert.equal(created.headers.get('etag'), '"1"');
  const steps = [
    [{ ...first, summary: 'At ten.  ' }, 200, 'unchanged', 1, 'published'],
    [{ ...first, summary: 'At 10.' }, 200, 'updated', 2, 'updated'],
    [{ ...first, summary: 'At 10 h.', change: 'updated', note: 'Style.' }, 200, 'updated', 3, 'updated'],
    [{ ...first, summary: 'At nine.', change: 'corrected', note: 'At nine, not at ten.' }, 200, 'updated', 4, 'corrected'],
    [{ ...first, summary: 'At nine.', change: 'corrected', note: 'At nine, not at ten.' }, 200, 'unchanged', 4, 'corrected'],
    [{ ...first, summary: 'At nine.', change: 'corrected', note: 'At nine; the gate at ten.' }, 200, 'updated', 5, 'corrected'],
  ];
  for (const [statement, status, result, revision, change] of steps) {
    const answer = await put('pier', statement);
    assert.deepEqual([answer.status, answer.json.result, answer.json.revision, answer.json.change],
      [status, result, revision, change], answer.text);
    assert.equal(answer.headers.get('etag'), `"${revision}"`);
  }
  refused(await put('pier', { ...first, change: 'corrected' }), 400,
    'note: a correction needs one: the public sentence of what was wrong and what is right', 'note');
  refused(await put('peir', { ...first, change: 'corrected', note: 'x' }), 409, 'peir: there is no statement with this id to correct');
  refused(await put('pier', { ...first, change: 'withdrawn', note: 'x' }), 400, 'change: published, updated or corrected', 'change');
  refused(await daywire.request('DELETE', '/v1/statements/pier'), 400,
    'note: a withdrawal needs one: the reason, shown in place of the text', 'note');

  const gone = await withdraw('pier', 'Given out by mistake.');
  assert.deepEqual([gone.status, gone.json.result, gone.json.revision], [200, 'withdrawn', 6]);
  assert.equal((await withdraw('pier', 'Again.')).json.result, 'unchanged');
  // A repeated import does not bring it back; somebody who means this one does, with or without a note.
  const line = await daywire.request('POST', '/v1/statements',
    JSON.stringify({ id: 'pier', ...first, summary: 'At nine.', note: 'x' }), { type: 'application/x-ndjson' });
  const [imported] = line.text.trim().split('\n').map(JSON.parse);
  assert.equal(imported.status, 409, line.text);
  assert.equal(imported.detail, 'pier: it was withdrawn ("Given out by mistake.") and stays so; '
    + 'to publish the same text again, say "change":"published"');
  const back = await put('pier', { ...first, note: 'It was right after all.' }, {}, '?wait=published');
  assert.deepEqual([back.json.result, back.json.revision, back.json.change, back.json.statement.note],
    ['updated', 7, 'published', 'It was right after all.']);
  assert.equal((await withdraw('pier', 'No.')).json.revision, 8);
  const plain = await put('pier', first, {}, '?wait=published');
  assert.deepEqual([plain.json.change, plain.json.statement.note], ['published', null]);
  assert.deepEqual((await recordsOf('pier')).map((r) => [r.headers.ce_id, r.headers.ce_type.split('.')[3]]), [
    ['pier/1', 'published'], ['pier/2', 'updated'], ['pier/3', 'updated'], ['pier/4', 'corrected'], ['pier/5', 'corrected'],
    ['pier/6', 'withdrawn'], ['pier/7', 'published'], ['pier/8', 'withdrawn'], ['pier/9', 'published'],
  ]);
  await until('the gateway shows it again', async () => (await daywire.get('/v1/statements/pier')).json?.revision === 9);
});

test('an embargo: kept, told, seen by nobody, and out at its instant', async () => {
  const stream = await Stream.open(daywire.stream, { query: 'channels=statements' });
  await stream.caughtUp();
  const at = from(5);
  const answer = await put('quay', { title: 'Embargoed words', summary: 'Secret', publish_at: at }, {}, '?wait=published');
  assert.equal(answer.status, 202, answer.text); // it does not wait for the broker
  assert.deepEqual([answer.json.result, answer.json.state, answer.json.revision, answer.json.topic], ['scheduled', 'scheduled', 0, null]);
  assert.equal(answer.headers.get('location'), '/v1/statements/quay');
  const told = await get('quay');
  assert.equal(told.json.state, 'scheduled');
  assert.equal(Date.parse(told.json.statement.publish_at), Date.parse(at));
  assert.equal(Date.parse(told.json.statement.published_at), Date.parse(at), 'dated by its schedule');
  assert.equal(told.json.statement.date, at.slice(0, 10));
  assert.equal(told.headers.get('etag'), answer.headers.get('etag'));
  assert.match(told.headers.get('etag'), /^"0\.\d+"$/);

  for (const path of ['/v1/statements/quay', '/statements/quay']) assert.equal((await daywire.get(path)).status, 404);
  for (const path of ['/v1/statements?limit=1000', '/v1/statements?q=embargoed', '/', '/statements']) {
    const { text } = await daywire.get(path);
    assert.ok(!text.includes('Embargoed words') && !text.includes('quay'), path);
  }

  const seen = await stream.statement('quay');
  assert.ok(Date.now() >= Date.parse(at));
  assert.equal(seen.change, 'published');
  assert.ok(!('publish_at' in seen.data));
  const records = await recordsOf('quay');
  assertOnTime(records, at);
  const value = Statement.decode(records[0].value);
  assert.equal(value.publishAt, null, 'no record says when it was to come');
  assert.ok(Date.parse(records[0].headers.ce_time) >= Date.parse(at));
  assert.equal((await published('quay', 1)).scheduled, undefined);
  await stream.close();
});

test('rescheduled for later and for earlier; cancelled; and a PUT that names no instant changes nothing', async () => {
  const text = { title: 'The ferry sails', date: '2024-05-02' };
  const first = await put('ferry', { ...text, publish_at: from(3600) });
  const later = await put('ferry', { ...text, publish_at: from(7200) });
  assert.deepEqual([first.status, later.status], [202, 202]);
  assert.notEqual(first.headers.get('etag'), later.headers.get('etag'));
  const version = (answer) => Number(answer.headers.get('etag').match(/\.(\d+)"$/)[1]);
  assert.ok(version(later) > version(first));

  const scheduled = isScheduled('ferry', later.json.statement.publish_at);
  refused(await put('ferry', { ...text, title: 'The ferry sails.' }), 409, scheduled);
  refused(await daywire.request('POST', '/v1/statements', { id: 'ferry', ...text }), 409, scheduled);
  assert.equal((await get('ferry')).headers.get('etag'), later.headers.get('etag'));

  const at = from(1.5);
  const earlier = await put('ferry', { ...text, publish_at: at });
  assert.equal(earlier.status, 202);
  const again = await put('ferry', { ...text, publish_at: at });
  assert.deepEqual([again.status, again.json.result, again.headers.get('etag')], [200, 'unchanged', earlier.headers.get('etag')]);
  await published('ferry', 1);
  assertOnTime(await recordsOf('ferry'), at);

  // Cancelled in both ways: nothing is left of it.
  for (const cancel of ['/schedule', '?note=Never.']) {
    assert.equal((await put('never', { ...text, publish_at: from(2) })).status, 202);
    const cancelled = await daywire.request('DELETE', `/v1/statements/never${cancel}`);
    assert.deepEqual([cancelled.status, cancelled.json.result, cancelled.json.state, cancelled.json.statement],
      [200, 'cancelled', 'cancelled', null], cancelled.text);
    refused(await get('never'), 404, 'there is no statement with the id never');
    refused(await daywire.request('DELETE', '/v1/statements/never/schedule'), 404, 'never: nothing is scheduled for this id');
  }
  // At once: with an instant that has passed.
  assert.equal((await put('dock', { ...text, publish_at: from(3600) })).status, 202);
  const now = await put('dock', { ...text, publish_at: from(-60) }, {}, '?wait=published');
  assert.deepEqual([now.status, now.json.result, now.json.scheduled], [201, 'created', undefined], now.text);
  assert.ok(!('publish_at' in now.json.statement));
  const past = await put('hall', { ...text, publish_at: from(-60) });
  assert.equal(past.status, 201);
  assert.equal((await recordsOf('never')).length, 0);
});

test('a correction that is scheduled: the published text stays until then; a withdrawal takes both', async () => {
  const text = { title: 'The bridge is open', date: '2024-05-02' };
  await put('bridge', text, {}, '?wait=published');
  const at = from(2);
  const correction = { ...text, title: 'The bridge is closed', change: 'corrected', note: 'It is closed.', publish_at: at };
  const answer = await put('bridge', correction);
  assert.deepEqual([answer.status, answer.json.result, answer.json.state, answer.json.statement.title, answer.json.scheduled.title],
    [202, 'scheduled', 'published', 'The bridge is open', 'The bridge is closed'], answer.text);
  refused(await put('bridge', { ...text, title: 'Else' }), 409, isScheduled('bridge', answer.json.scheduled.publish_at));
  // What is published already may be handed in again: it is no event.
  assert.equal((await put('bridge', text)).json.result, 'unchanged');
  const told = await published('bridge', 1);
  assert.equal(told.scheduled.note, 'It is closed.');
  await until('the gateway shows the published one', async () =>
    (await daywire.get('/v1/statements/bridge')).json.title === 'The bridge is open');
  assert.equal((await published('bridge', 2)).statement.change, 'corrected');
  assertOnTime((await recordsOf('bridge')).slice(1), at);

  assert.equal((await put('bridge', { ...text, title: 'To come', publish_at: from(1.5) })).status, 202);
  const gone = await withdraw('bridge', 'Wrong bridge.');
  assert.deepEqual([gone.json.result, gone.json.scheduled], ['withdrawn', undefined]);
  const marker = from(2);
  await put('marker', { title: 'Marker', publish_at: marker });
  await published('marker', 1); // by then it would have come
  assert.deepEqual((await recordsOf('bridge')).map((r) => r.headers.ce_id), ['bridge/1', 'bridge/2', 'bridge/3']);
  await until('the gateway says so', async () => (await daywire.get('/v1/statements/bridge')).status === 410);
});

/** kill -9; the result starts it again. */
async function killIngest() {
  if (brokerKind === 'kafka') {
    await daywire.processes.ingest.killed();
    return () => daywire.startService('ingest');
  }
  const { ingest } = await daywire.pids();
  daywire.processes.standalone.expected.push(/ingest was ended by signal 9/);
  process.kill(ingest, 'SIGKILL'); // standalone starts it again by itself
  return () => {};
}

test('ingest is killed before the instant and started after it, or in between: once, and on time', async (t) => {
  // The time in a record is ingest's own; when it can be had is seen by somebody who waits for it.
  const reader = await TopicReader.open(await daywire.bootstrap(), [topic]);
  try {
    await reader.catchUp();
    let onTime = false;
    for (let attempt = 0; !onTime; attempt++) {
      assert.ok(attempt < 5, 'no start was quick enough to be there at the instant, or nothing was with a consumer within 200 ms');
      const [soon, between] = [`soon-${attempt}`, `between-${attempt}`];
      const start = Date.now();
      const [atSoon, atBetween] = [from(3, start), from(1.5, start)];
      assert.equal((await put(soon, { title: 'Soon', publish_at: atSoon })).status, 202);
      assert.equal((await put(between, { title: 'Between', publish_at: atBetween })).status, 202);
      await until('a second has passed', () => Date.now() >= start + 1000, { every: 5 });
      const begin = await killIngest();
      await until('two seconds have passed', () => Date.now() >= start + 2000, { every: 5 });
      begin();
      await daywire.ready();
      const ready = Date.now() < Date.parse(atSoon); // else the machine is busy, and there was nobody to be on time
      await published(soon, 1);
      await published(between, 1);
      const records = [...await recordsOf(soon), ...await recordsOf(between)];
      assert.deepEqual(records.map((r) => r.headers.ce_id), [`${soon}/1`, `${between}/1`], 'once each');
      const late = [records[0].timestamp - Date.parse(atSoon), records[1].timestamp - Date.parse(atBetween)];
      assert.ok(late[0] >= 0 && late[1] >= 0, `${late} ms after their instants`);
      const { arrived } = await until('it has arrived', () => reader.records.find((r) => r.key === soon));
      const arrival = arrived - Date.parse(atSoon);
      assert.ok(arrival >= late[0], `${arrival} ms after the instant it arrived, ${late[0]} ms after it was sent`);
      if (ready) assertOnTime([records[0]], atSoon);
      t.diagnostic(`${late[0]} ms after the instant, with a consumer after ${arrival} ms${ready ? '' : ': ingest was not ready then'}`);
      onTime = ready && arrival <= 200; // the consumer is busy as well
    }
  } finally {
    await reader.close();
  }
});

test('what expires is withdrawn by itself, and nobody receives its text any more', async () => {
  const at = from(2);
  await put('offer', { title: 'An offer for a day', date: '2024-05-02', expires_at: at }, {}, '?wait=published');
  await until('the gateway has it', async () =>
    Date.parse((await daywire.get('/v1/statements/offer')).json?.expires_at) === Date.parse(at));
  assert.equal((await published('offer', 2)).statement.note, 'This statement has expired.');
  const records = await recordsOf('offer');
  assertOnTime(records.slice(1), at);
  assert.equal(Date.parse(at), Number(Statement.decode(records[0].value).expiresAt.seconds) * 1000 + Statement.decode(records[0].value).expiresAt.nanos / 1e6);
  const gone = await until('the gateway says so', async () => {
    const answer = await daywire.get('/v1/statements/offer');
    return answer.status === 410 && answer;
  });
  assert.equal(gone.json.note, 'This statement has expired.');
  const { json } = await daywire.request('GET', '/v1/statements/offer/revisions');
  assert.equal(json.revisions[0].by, 'expiry');

  refused(await put('offer', { title: 'Too late', date: '2024-05-02', expires_at: from(-1) }), 400, 'expires_at: it has passed', 'expires_at');
  refused(await put('offer', { title: 'x', publish_at: from(60), expires_at: from(50) }), 400, 'expires_at: later than publish_at', 'expires_at');
  refused(await put('offer', { title: 'x', publish_at: 'noon' }), 400,
    'publish_at: date, time and offset as in 2021-07-23T12:00:00+01:00, this one is "noon"', 'publish_at');
});

test('two editors: the second one does not overwrite what he has not seen', async () => {
  const text = { title: 'The tide table', date: '2024-05-02' };
  await put('tide', text);
  const [anna, boris] = [await get('tide'), await get('tide')].map((answer) => answer.headers.get('etag'));
  assert.equal((await put('tide', { ...text, summary: 'By Anna' }, { 'if-match': anna })).status, 200);
  refused(await put('tide', { ...text, summary: 'By Boris' }, { 'if-match': boris }), 412, notSo('tide', '"2"'));
  assert.equal((await get('tide')).json.statement.summary, 'By Anna');
  assert.equal((await put('tide', { ...text, summary: 'By both' }, { 'if-match': `"7", "2"` })).status, 200);
  refused(await daywire.request('DELETE', '/v1/statements/tide?note=x', undefined, { headers: { 'if-match': anna } }), 412, notSo('tide', '"3"'));
  refused(await put('tide', text, { 'if-match': 'W/"3"' }), 412, notSo('tide', '"3"'));
  const excluded = 'tide: its ETag is "3", which If-None-Match excludes';
  refused(await put('tide', text, { 'if-none-match': '*' }), 412, excluded);
  refused(await put('tide', text, { 'if-none-match': 'W/"3"' }), 412, excluded);
  refused(await put('nowhere', text, { 'if-match': '*' }), 412, 'nowhere: it does not exist, and not as If-Match says');
  assert.equal((await put('somewhere', text, { 'if-none-match': '*' })).status, 201);
  // What is scheduled is seen, too.
  const before = (await get('tide')).headers.get('etag');
  assert.equal((await put('tide', { ...text, publish_at: from(3600) })).status, 202);
  const seen = (await get('tide')).headers.get('etag');
  assert.match(seen, /^"3\.\d+"$/);
  refused(await put('tide', { ...text, publish_at: from(7200) }, { 'if-match': before }), 412, notSo('tide', seen));
  refused(await daywire.request('DELETE', '/v1/statements/tide/schedule', undefined, { headers: { 'if-match': before } }), 412, notSo('tide', seen));
  assert.equal((await daywire.request('DELETE', '/v1/statements/tide/schedule', undefined, { headers: { 'if-match': seen } })).status, 200);
  assert.equal((await get('tide')).headers.get('etag'), before);

  for (const value of ['3', '"3', ',', 'W/3', '"3" "4"', '*, "3"']) {
    refused(await put('tide', text, { 'if-match': value }), 400, 'If-Match: it takes * or entity tags in quotation marks, as ETag gives them');
  }
  refused(await daywire.request('POST', '/v1/statements', '{}', { type: 'application/x-ndjson', headers: { 'if-none-match': '*' } }),
    400, 'If-None-Match: it is for a request about one statement');
});

test('revisions: who, when and what, by pages', async () => {
  for (let i = 1; i <= 25; i++) assert.ok((await put('log', { title: `Edition ${i}`, date: '2024-05-02' })).status < 300);
  await withdraw('log', 'Enough.');
  const pages = [];
  for (let before = null; pages.length === 0 || before;) {
    const { json, status, text } = await daywire.request('GET', `/v1/statements/log/revisions?limit=10${before ? `&before=${before}` : ''}`);
    assert.equal(status, 200, text);
    assert.equal(json.id, 'log');
    pages.push(json.revisions);
    before = json.next;
  }
  assert.deepEqual(pages.map((page) => page.length), [10, 10, 6]);
  const all = pages.flat();
  assert.deepEqual(all.map((r) => r.revision), Array.from({ length: 26 }, (_, i) => 26 - i));
  assert.deepEqual([all[0].change, all[0].note, all[0].title], ['withdrawn', 'Enough.', null]);
  assert.deepEqual([all[25].change, all[25].note, all[25].title, all[25].by], ['published', null, 'Edition 1', 'default']);
  for (const revision of all) assert.ok(Math.abs(Date.parse(revision.at) - Date.now()) < 60_000);
  assert.equal((await daywire.request('GET', '/v1/statements/log/revisions')).json.revisions.length, 20);

  const one = await daywire.request('GET', '/v1/statements/log/revisions/3');
  assert.deepEqual([one.json.revision, one.json.by, one.json.statement.title, one.json.statement.revision], [3, 'default', 'Edition 3', 3]);
  const noNumber = 'a revision has a number from 1 on';
  const noLimit = 'limit: a whole number from 1 to 100';
  for (const [path, status, detail, field] of [
    ['/log/revisions/27', 404, 'there is no such revision'], ['/log/revisions/0', 404, noNumber], ['/log/revisions/x', 404, noNumber],
    ['/log/revisions/4294967295', 404, noNumber], ['/log/revisions/1x', 404, noNumber],
    ['/none/revisions', 404, 'there is no revision of a statement with this id'], ['/none/revisions/1', 404, 'there is no such revision'],
    ['/none/schedule', 405, 'this path does not know the method'],
    ['/log/revisions?limit=0', 400, noLimit, 'limit'], ['/log/revisions?limit=101', 400, noLimit, 'limit'],
    ['/log/revisions?before=x', 400, 'before: the number of a revision', 'before'],
    ['/log/revisions?after=1', 400, 'there is no query parameter after here', 'after'],
    ['/log/revisions?limit=1&limit=2', 400, 'limit: is given more than once', 'limit'],
  ]) refused(await daywire.request('GET', `/v1/statements${path}`), status, detail, field);
  // What was never published has no revision yet.
  assert.equal((await put('unborn', { title: 'Unborn', publish_at: from(3600) })).status, 202);
  assert.equal((await daywire.request('GET', '/v1/statements/unborn/revisions')).status, 404);
  assert.equal((await daywire.request('DELETE', '/v1/statements/unborn/schedule')).status, 200);
});

test('after a withdrawal nobody who comes later receives the text, whichever way', async () => {
  const early = await Stream.open(daywire.stream, { query: 'channels=statements' });
  await early.caughtUp();
  const old = early.cursor;
  const words = ['Zanzibar', 'Quokka', 'Vermilion', 'Ostrich'];
  await put('regret', {
    title: 'Zanzibar', summary: 'Quokka', body: 'Vermilion', body_type: 'text/plain', author: 'Ostrich', date: '2024-05-02', tags: ['regret'],
  }, {}, '?wait=published');
  const seen = await early.statement('regret');
  await put('regret', { title: 'Zanzibar two', summary: 'Quokka', date: '2024-05-02', tags: ['regret'], publish_at: from(1.5) });
  await withdraw('regret', 'A regret.');
  await early.statement('regret', 2);
  const texts = {};
  for (const [name, query] of Object.entries({ last: 'last=1000', old: `since=${old}`, seen: `since=${seen.cursor}` })) {
    const stream = await Stream.open(daywire.stream, { query: `channels=statements&${query}` });
    await stream.caughtUp();
    texts[name] = JSON.stringify(stream.messages);
    await stream.close();
  }
  for (const path of ['/v1/statements?limit=1000', '/v1/statements?q=zanzibar', '/v1/statements?q=quokka', '/v1/statements?tag=regret',
    '/', '/statements', '/statements?q=vermilion', '/v1/statements/regret', '/statements/regret', '/feed.atom', '/feed.json?tag=regret']) {
    texts[path] = (await daywire.get(path)).text.replaceAll(/value="vermilion"/gi, '');
  }
  assert.equal((await daywire.get('/v1/statements/regret')).status, 410);
  texts.ingest = (await get('regret')).text;
  const latest = new Map((await readTopics(await daywire.bootstrap(), [topic])).map((record) => [record.key, record]));
  const value = Statement.toObject(Statement.decode(latest.get('regret').value));
  assert.deepEqual([value.status, value.note, value.title, value.tags], [2, 'A regret.', undefined, ['regret']]);
  texts.compacted = JSON.stringify(value);
  for (const [name, text] of Object.entries(texts)) {
    for (const word of words) assert.ok(!text.includes(word), `${name}: ${text}`);
  }
  for (const name of ['last', '/feed.atom', '/feed.json?tag=regret']) assert.match(texts[name], /A regret\./);
  await early.close();
});

test('republish sends everything again under the same ce_ids', async () => {
  const latest = async () => new Map((await readTopics(await daywire.bootstrap(), [topic])).map((r) => [r.key, r.headers.ce_id]));
  const before = await latest();
  const stream = await Stream.open(daywire.stream, { query: 'channels=statements' });
  await stream.caughtUp();
  const count = (await readTopics(await daywire.bootstrap(), [topic])).length;
  const answer = await daywire.request('POST', '/v1/republish');
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.json.statements, before.size);
  await until('all are there again', async () =>
    (await readTopics(await daywire.bootstrap(), [topic])).length === count + before.size);
  assert.deepEqual(await latest(), before);
  // Who has them is not told twice.
  await daywire.publish({ id: 'last-one', title: 'The last one', date: '2024-05-02' });
  await stream.statement('last-one');
  assert.deepEqual(stream.of('statement').map((m) => m.data.id), ['last-one']);
  await stream.close();
});

if (brokerKind === 'kafka') {
  const alone = (options) => Daywire.start({ only: ['ingest'], ...options });

  test('republish fills a topic that was deleted while ingest runs', async () => {
    const it = await alone({
      expected: [/publishing has failed and begins again/, /part is not ready" part=kafka/, /the topic is empty though/, /kafka client/, anotherLog],
    });
    try {
      for (let i = 0; i < 30; i++) await it.publish({ id: `s-${i % 20}`, title: `Edition ${i}`, date: '2024-05-02' });
      await it.request('DELETE', '/v1/statements/s-3?wait=published&note=Gone.');
      const before = new Map((await readTopics(it.broker.address, [topic])).map((r) => [r.key, r.headers.ce_id]));
      assert.equal(before.size, 20);
      const admin = it.broker.client().admin();
      await admin.connect();
      await admin.deleteTopics({ topics: [topic] });
      await until('the topic is gone', async () => !(await admin.listTopics()).includes(topic));
      const answer = await it.request('POST', '/v1/republish');
      assert.deepEqual([answer.status, answer.json], [200, { statements: 20 }]);
      await until('the topic is filled', async () => (await readTopics(it.broker.address, [topic])).length >= 20, { within: 60_000 });
      const records = await readTopics(it.broker.address, [topic]);
      assert.deepEqual(new Map(records.map((r) => [r.key, r.headers.ce_id])), before);
      assert.equal(records.length, 20, 'each once');
      await it.ready();
      // And it goes on there.
      const next = await it.publish({ id: 's-0', title: 'After', date: '2024-05-02' });
      assert.equal(next.state, 'published');
      await admin.disconnect();
      await it.stop();
    } finally {
      await it.abandon();
    }
  });

  test('a clock that is stepped: over the instant it is out at once, back it is not out early', async () => {
    const clock = await steppedClock(join(daywire.folder, 'clock'));
    const it = await alone({ env: { ingest: clock.env }, broker: daywire.broker });
    try {
      const put = (id, publish_at) => it.request('PUT', `/v1/statements/${id}?wait=published`, { title: 'Stepped', publish_at });
      const state = async (id) => (await it.request('GET', `/v1/statements/${id}`)).json.state;
      const looked = async () => { // what is handed in after the step is out: the schedule was looked at before it
        const { json } = await it.request('POST', '/v1/statements?wait=published', { title: `At ${clock.now()} ${Math.random()}`, date: '2024-05-02' });
        assert.equal(json.state, 'published');
      };
      const later = from(600, clock.now()); // Kafka takes no record from a clock that is an hour ahead of its own
      assert.equal((await put('later', later)).status, 202);
      await clock.step(590);
      await looked();
      assert.equal(await state('later'), 'scheduled');
      await clock.step(-3000);
      await looked();
      assert.equal(await state('later'), 'scheduled');
      const stepped = performance.now();
      await clock.step(3000 + 11);
      await until('it is out', async () => (await state('later')) === 'published', { every: 10 });
      const took = performance.now() - stepped;
      assert.ok(took < 2000, `${took} ms after the step`);
      // Its instant passes on the real clock while this one stands before it.
      const soon = from(2, clock.now());
      const real = Date.now() + 2000;
      assert.equal((await put('set-back', soon)).status, 202);
      await clock.step(-60);
      await until('its instant has passed elsewhere', () => Date.now() > real + 100);
      await looked();
      assert.equal(await state('set-back'), 'scheduled');
      await clock.step(60);
      await until('it is out', async () => (await state('set-back')) === 'published', { every: 10 });
      await clock.step(-3000);
      await looked();
      const records = await readTopics(it.broker.address, [topic]);
      for (const [id, at] of [['later', later], ['set-back', soon]]) {
        const mine = records.filter((r) => r.key === id);
        assert.equal(mine.length, 1);
        assert.ok(mine[0].timestamp >= Date.parse(at), `${id}: by the stepped clock ${mine[0].timestamp - Date.parse(at)} ms after its instant`);
      }
      await it.stop();
    } finally {
      await it.abandon();
    }
  });
}
