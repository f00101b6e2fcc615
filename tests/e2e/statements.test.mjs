// SPDX-License-Identifier: Apache-2.0
// The main job: a statement goes in, every subscriber sees it, in the order and form of the contract.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { Daywire } from './lib/daywire.mjs';
import { Stream, loadTypes } from './lib/stream.mjs';
import { readTopics } from './lib/kafka.mjs';
import { until } from './lib/until.mjs';

let daywire;
before(async () => {
  daywire = await Daywire.start();
});
after(() => daywire.stop());

test('a published statement reaches both subprotocols, the bus and the archive alike', async () => {
  const json = await Stream.open(daywire.stream, { query: 'channels=statements' });
  const binary = await Stream.open(daywire.stream, { protocol: 'daywire.v1.proto' });
  binary.send({ type: 'subscribe', id: 7, channels: ['statements'] });
  await Promise.all([json.caughtUp(), binary.caughtUp()]);
  assert.equal(binary.of('subscribed')[0].id, 7);
  assert.equal(json.of('subscribed')[0].resume, 'snapshot');

  const input = {
    id: 'pier-opens', title: 'The new pier opens', summary: 'From Monday.', body: 'First paragraph.\n\nSecond.',
    language: 'en', url: 'https://www.example.org/pier', source: 'press-office', kind: 'comment',
    tags: ['pier', 'harbour'], author: 'A. Keeper', place: 'North quay', published_at: '2021-07-23T12:00:00+01:00',
  };
  const answer = await daywire.request('POST', '/v1/statements?wait=published', input);
  assert.equal(answer.status, 201, answer.text);
  assert.equal(answer.headers.get('location'), '/v1/statements/pier-opens');

  const expected = {
    ...input, revision: 1, status: 'usable', change: 'published', note: null, body_type: 'text/plain', date: '2021-07-23',
  };
  const live = await json.statement('pier-opens');
  assert.equal(live.change, 'published');
  const { updated_at, ...rest } = live.data;
  assert.deepEqual(rest, expected);
  assert.ok(Math.abs(Date.parse(updated_at) - Date.now()) < 60_000);

  const packed = await binary.statement('pier-opens');
  assert.equal(packed.change, 'published');
  assert.equal(packed.data.title, input.title);
  assert.equal(packed.data.publishedAt.seconds, Date.parse(input.published_at) / 1000);
  assert.equal(packed.data.publishedAtOffsetMinutes, 60);
  assert.equal(packed.cursor, live.cursor);

  const listed = await daywire.get('/v1/statements');
  assert.deepEqual(listed.json, { statements: [live.data], next: null });
  assert.deepEqual((await daywire.get('/v1/statements/pier-opens')).json, live.data);

  const state = await daywire.request('GET', '/v1/statements/pier-opens');
  assert.equal(state.json.state, 'published');
  assert.equal(state.json.topic, 'daywire.statements');
  assert.deepEqual(state.json.statement, live.data);

  const { Statement } = await loadTypes();
  const records = await readTopics(await daywire.bootstrap(), ['daywire.statements']);
  assert.equal(records.length, 1);
  const [record] = records;
  assert.equal(record.offset, state.json.offset);
  assert.equal(record.partition, state.json.partition);
  assert.equal(record.key, 'pier-opens');
  const value = Statement.decode(record.value);
  assert.deepEqual([value.id, value.revision, value.title, value.tags], ['pier-opens', 1, input.title, input.tags]);
  const { ce_time: time, ce_source: source, ce_dataschema: schema, ...headers } = record.headers;
  assert.deepEqual(headers, {
    ce_specversion: '1.0',
    ce_id: 'pier-opens/1',
    ce_type: 'io.daywire.statement.published.v1',
    ce_partitionkey: 'pier-opens',
    'content-type': 'application/protobuf',
    'buf.registry.value.schema.message': 'daywire.v1.Statement',
  });
  assert.ok(Date.parse(time) > 0 && source && new URL(schema));
  await json.close();
  await binary.close();
});

test('every later revision says what it is, and the same content again is no event', async () => {
  const stream = await Stream.open(daywire.stream, { query: 'channels=statements' });
  await stream.caughtUp();
  const first = { id: 'ferry-times', title: 'Ferry timetable', date: '2024-05-02', summary: 'Two a day' };
  await daywire.publish(first);
  assert.equal((await daywire.request('POST', '/v1/statements', first)).status, 200);
  const updated = await daywire.request('PUT', '/v1/statements/ferry-times', { ...first, summary: 'Two a day.' });
  assert.equal(updated.status, 200, updated.text);
  const corrected = await daywire.request('PUT', '/v1/statements/ferry-times?wait=published', {
    ...first, summary: 'Three a day.', change: 'corrected', note: 'We wrote two; it is three.',
  });
  assert.equal(corrected.status, 200, corrected.text);
  await stream.statement('ferry-times', 3); // a withdrawal also drops what has not been sent yet
  const withdrawn = await daywire.request('DELETE',
    `/v1/statements/ferry-times?wait=published&note=${encodeURIComponent('The line was closed.')}`);
  assert.equal(withdrawn.status, 200, withdrawn.text);

  await stream.statement('ferry-times', 4);
  const events = stream.of('statement').filter((m) => m.data.id === 'ferry-times');
  assert.deepEqual(events.map((m) => [m.data.revision, m.change, m.data.status, m.data.note]), [
    [1, 'published', 'usable', null],
    [2, 'updated', 'usable', null],
    [3, 'corrected', 'usable', 'We wrote two; it is three.'],
    [4, 'withdrawn', 'withdrawn', 'The line was closed.'],
  ]);
  assert.equal(events[3].data.title, null);
  assert.equal(events[3].data.summary, null);

  const gone = await daywire.get('/v1/statements/ferry-times');
  assert.equal(gone.status, 410);
  assert.equal(gone.json.note, 'The line was closed.');
  assert.equal((await daywire.get('/statements/ferry-times')).status, 410);

  // Nobody who connects later receives the text, whichever way.
  const later = await Stream.open(daywire.stream, { query: 'channels=statements&last=100' });
  await later.caughtUp();
  const resumed = await Stream.open(daywire.stream, { query: `channels=statements&since=${stream.messages[1].cursor}` });
  await resumed.caughtUp();
  for (const text of [JSON.stringify(later.messages), JSON.stringify(resumed.messages),
    (await daywire.get('/v1/statements')).text, (await daywire.get('/')).text]) {
    assert.ok(!text.includes('Ferry timetable') && !text.includes('a day'), text);
  }
  await Promise.all([stream.close(), later.close(), resumed.close()]);
});

test('NDJSON gives an answer line for each line, and one bad line does not lose the others', async () => {
  const lines = [
    '{"id":"n-1","title":"One","date":"2024-01-01"}',
    '',
    '{"id":"n-2","title":"Two","date":"2024-02-30"}',
    '{"id":"n-3","title":"Three","date":"2024-01-03"}',
    '{broken',
  ].join('\n');
  const answer = await daywire.request('POST', '/v1/statements', lines, { type: 'application/x-ndjson' });
  assert.equal(answer.status, 200, answer.text);
  const answers = answer.text.trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(answers.map((a) => [a.line, a.status, a.id ?? null, a.field ?? null]), [
    [1, 201, 'n-1', null], [3, 400, null, 'date'], [4, 201, 'n-3', null], [5, 400, null, null],
  ]);
  await until('both are in the archive', async () => {
    const { json } = await daywire.get('/v1/statements?limit=1000');
    return ['n-1', 'n-3'].every((id) => json.statements.some((s) => s.id === id));
  });
});

test('a statement as protobuf goes in as well', async () => {
  const { Statement } = await loadTypes();
  const bytes = Statement.encode({ id: 'packed-1', title: 'Packed', date: '2024-03-01' }).finish();
  const answer = await daywire.request('POST', '/v1/statements?wait=published', bytes, { type: 'application/protobuf' });
  assert.equal(answer.status, 201, answer.text);
  await until('it is in the archive', async () => (await daywire.get('/v1/statements/packed-1')).status === 200);
});

test('a statement without an id has one that depends on its content', async () => {
  const input = { title: 'No id', date: '2024-04-01' };
  const first = await daywire.publish(input);
  const again = await daywire.request('POST', '/v1/statements', input);
  assert.equal(again.status, 200);
  assert.equal(again.json.id, first.id);
});

test('pages of the archive: newest first, whole, by opaque cursors; search and filters', async () => {
  const lines = Array.from({ length: 25 }, (_, i) => JSON.stringify({
    id: `page-${i}`, title: `Notice number ${i}`, date: `2020-01-${String(i + 1).padStart(2, '0')}`, tags: ['paged'],
    body: i === 13 ? 'The heron has returned' : 'Nothing else',
  })).join('\n');
  await daywire.request('POST', '/v1/statements?wait=published', lines, { type: 'application/x-ndjson' });
  await until('all 25 arrived', async () =>
    (await daywire.get('/v1/statements?tag=paged&limit=100')).json.statements.length === 25);
  const seen = [];
  let next = null;
  do {
    const path = `/v1/statements?tag=paged&limit=10${next ? `&before=${encodeURIComponent(next)}` : ''}`;
    const { json, status } = await daywire.get(path);
    assert.equal(status, 200);
    seen.push(...json.statements.map((s) => s.id));
    next = json.next;
  } while (next);
  assert.deepEqual(seen, Array.from({ length: 25 }, (_, i) => `page-${24 - i}`));
  const found = await daywire.get('/v1/statements?q=heron');
  assert.deepEqual(found.json.statements.map((s) => s.id), ['page-13']);
  assert.equal((await daywire.get('/v1/statements?q=%22(*')).status, 200);
  assert.equal((await daywire.get('/v1/statements?before=nonsense')).status, 400);
  assert.equal((await daywire.get('/v1/statements?limit=0')).status, 400);
  assert.equal((await daywire.get('/v1/statements?colour=red')).status, 400);

  const etag = (await daywire.get('/v1/statements?tag=paged')).headers.get('etag');
  assert.equal((await daywire.get('/v1/statements?tag=paged', { headers: { 'if-none-match': etag } })).status, 304);
});
