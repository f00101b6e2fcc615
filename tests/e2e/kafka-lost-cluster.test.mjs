// SPDX-License-Identifier: Apache-2.0
// The whole cluster is lost with its disks, and an empty one takes its place: ingest's database fills it again.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Daywire, anotherLog, brokerAway } from './lib/daywire.mjs';
import { KafkaBroker, readTopics } from './lib/kafka.mjs';
import { Stream } from './lib/stream.mjs';
import { until } from './lib/until.mjs';

/** What services say of it. */
const lost = [
  ...brokerAway, anotherLog,
  /msg="the topic is empty though statements were published; \[ingest\] refill = when-empty would publish them again"/,
];

const text = (title, more = {}) => ({ title, summary: `${title}, in a few words.`, date: '2026-03-02', ...more });
const secret = 'The vault stands open on Sundays';

/** The latest record of each key, as a consumer keeps it that drops what it knows: by `ce_id`, whole. */
function latest(records) {
  const last = new Map();
  for (const { key, value, headers } of records) last.set(key, { headers, value: value.toString('base64') });
  return Object.fromEntries([...last].sort().map(([key, record]) => [key, record]));
}

/** The `ce_id`s of each key in their order, those that come again left out. */
function orderOfKeys(records) {
  const order = {};
  for (const { key, headers: { ce_id: id } } of records) if (!(order[key] ??= []).includes(id)) order[key].push(id);
  return order;
}

const statementsOn = (broker) => readTopics(broker.address, ['daywire.statements']);

const ids = ['ferry', 'lock', 'pier', 'quay', 'vault'];

/** What the gateway answers. */
function served(daywire) {
  return Promise.all([...ids.map((id) => `/${id}`), '?limit=100'].map(async (path) => {
    const { status, json } = await daywire.get(`/v1/statements${path}`);
    return { path, status, json };
  }));
}

test('a lost cluster is replaced by an empty one: republish fills it, and old cursors are told', async () => {
  const broker = await KafkaBroker.start();
  const daywire = await Daywire.start({ broker, expected: lost });
  try {
    const publish = (id, title, more) => daywire.publish({ id, ...text(title, more) });
    for (const id of ['pier', 'quay', 'ferry', 'lock']) await publish(id, `The ${id}`);
    await publish('vault', secret);
    await publish('pier', 'The new pier', { change: 'corrected', note: 'It is new.' });
    await publish('quay', 'The quay by night');
    for (const id of ['vault', 'lock']) {
      const gone = await daywire.request('DELETE', `/v1/statements/${id}?wait=published&note=Published+too+early.`);
      assert.equal(gone.status, 200, gone.text);
    }
    await publish('lock', 'The lock is back'); // withdrawn, and published again
    const before = { records: latest(await statementsOn(broker)) };
    await until('the gateway has all of it', async () => {
      before.served = await served(daywire);
      return before.served.map(({ status, json }) => `${status}/${json.revision}`).slice(0, 5).join() === '200/1,200/3,200/2,200/2,410/2';
    });
    const stream = await Stream.open(daywire.stream, { query: 'channels=statements,ticks&last=100' });
    const { cursor } = await stream.caughtUp();
    await stream.close();

    await daywire.stopServices();
    await broker.kill();
    await broker.replace();
    await daywire.startServices();
    await daywire.ready();
    assert.deepEqual(await statementsOn(broker), [], 'nothing comes back by itself');
    assert.deepEqual((await daywire.get('/v1/statements')).json.statements, [], 'nor is it served from an old view');
    const result = await daywire.cli(['republish']);
    assert.deepEqual([result.code, result.stdout, result.stderr], [0, '5 statements are published again\n', '']);

    await until('the gateway serves the same', async () => {
      assert.deepEqual(await served(daywire), before.served);
      return true;
    });
    const records = await statementsOn(broker);
    assert.deepEqual(latest(records), before.records);
    assert.deepEqual(orderOfKeys(records), {
      ferry: ['ferry/1'], lock: ['lock/3'], pier: ['pier/2'], quay: ['quay/2'], vault: ['vault/2'],
    });
    assert.ok(!records.some(({ value }) => value.includes(secret)), 'no text of what was withdrawn');

    // Whoever was there before is told to drop what he has, and gets what holds now.
    const resumed = await Stream.open(daywire.stream, { query: `channels=statements,ticks&last=100&since=${cursor}` });
    await resumed.caughtUp();
    assert.deepEqual(resumed.of('subscribed').map(({ resume }) => resume), ['reset']);
    assert.deepEqual(resumed.of('statement').map(({ data }) => data), stream.of('statement').map(({ data }) => data));
    assert.deepEqual(resumed.of('tick').map(({ data }) => data.counter).sort(), ['harbour', 'lighthouse']);
    assert.ok(!JSON.stringify(resumed.messages).includes(secret));

    // And all goes on with the next revisions, in order.
    await publish('pier', 'The newest pier');
    await publish('vault', 'The vault is shut', { change: 'published' });
    for (const [id, revision] of [['pier', 3], ['vault', 3]]) await resumed.statement(id, revision);
    const then = orderOfKeys(await statementsOn(broker));
    assert.deepEqual([then.pier, then.vault], [['pier/2', 'pier/3'], ['vault/2', 'vault/3']]);
    const again = await Stream.open(daywire.stream, { query: `channels=statements&since=${resumed.of('caught_up')[0].cursor}` });
    await again.caughtUp();
    assert.equal(again.of('subscribed')[0].resume, 'complete', 'a cursor of the new log is a good one');
    assert.deepEqual(again.of('statement').map(({ data }) => `${data.id}/${data.revision}`).sort(), ['pier/3', 'vault/3']);
    await again.close();
    await resumed.close();
    await daywire.stop();
  } finally {
    await daywire.abandon();
    await broker.stop();
  }
});

test('what waited when the cluster was lost follows what was published before, in the order of each statement', async () => {
  const broker = await KafkaBroker.start();
  const daywire = await Daywire.start({ broker, expected: lost });
  try {
    const take = async (id, title) => {
      const answer = await daywire.request('POST', '/v1/statements', { id, ...text(title) });
      assert.ok([200, 201].includes(answer.status), answer.text);
    };
    for (const id of ['pier', 'quay']) await daywire.publish({ id, ...text(`The ${id}`) });
    await broker.kill();
    await take('pier', 'The new pier');
    await take('ferry', 'The ferry');
    await take('pier', 'The newest pier');
    await daywire.stopServices();
    await broker.replace();
    await daywire.startServices();
    await daywire.ready();
    assert.equal((await daywire.cli(['republish'])).code, 0);
    await daywire.publish({ id: 'pier', ...text('The last pier') });
    const titles = ['The ferry', 'The last pier', 'The quay'];
    await until('all is served', async () =>
      (await daywire.get('/v1/statements')).json.statements?.map(({ title }) => title).sort().join() === titles.join());
    // Of what was lost the latest revision comes back; what waited comes whole.
    assert.deepEqual(orderOfKeys(await statementsOn(broker)),
      { ferry: ['ferry/1'], pier: ['pier/2', 'pier/3', 'pier/4'], quay: ['quay/1'] });
    await daywire.stop();
  } finally {
    await daywire.abandon();
    await broker.stop();
  }
});
