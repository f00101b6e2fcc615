// SPDX-License-Identifier: Apache-2.0
// Partitions are added to the topics while everything runs.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Daywire } from './lib/daywire.mjs';
import { readTopics } from './lib/kafka.mjs';
import { Stream } from './lib/stream.mjs';
import { until } from './lib/until.mjs';

const refresh = { DAYWIRE_KAFKA_TOPIC_METADATA_REFRESH_INTERVAL_MS: '300' };

test('what goes to an added partition reaches clients, and no tick is written again', async () => {
  const daywire = await Daywire.start({
    env: { ingest: refresh, counter: refresh, gateway: refresh },
    expected: [/the bus is lost.*has 6 partitions now, not 3/, /everything is read from the beginning/,
      /part is not ready/, /trying again.*has 6 partitions now/],
  });
  try {
    await daywire.publish({ id: 'before', title: 'Before', date: '2024-01-01' });
    const stream = await Stream.open(daywire.stream, { query: 'channels=statements,ticks&last=100' });
    const { cursor } = await stream.caughtUp();
    const admin = daywire.broker.client().admin();
    await admin.connect();
    await admin.createPartitions({
      topicPartitions: ['daywire.statements', 'daywire.ticks'].map((topic) => ({ topic, count: 6 })),
    });
    await admin.disconnect();
    // ingest's client hears of the partitions when it next asks.
    const ids = [];
    await until('one of them lies in an added partition', async () => {
      const id = `after-${ids.length}`;
      ids.push(id);
      await daywire.publish({ id, title: id, date: '2024-01-02' });
      return (await readTopics(daywire.broker.address, ['daywire.statements'])).some((r) => r.partition > 2);
    });
    const all = ['before', ...ids].sort();
    await until('all are in the archive', async () => {
      const { json } = await daywire.get('/v1/statements?limit=100');
      return json.statements?.length === all.length;
    });
    for (const id of ids) await stream.statement(id);
    assert.equal(stream.of('subscribed').at(-1).resume, 'reset');
    const old = await Stream.open(daywire.stream, { query: `channels=statements&last=100&since=${cursor}` });
    await old.caughtUp();
    assert.equal(old.of('subscribed')[0].resume, 'reset');
    assert.deepEqual(old.of('statement').map((m) => m.data.id).sort(), all);
    await old.close();
    await stream.close();
    await daywire.ready();
    const ticks = (await readTopics(daywire.broker.address, ['daywire.ticks'])).map((r) => r.headers.ce_id);
    assert.equal(new Set(ticks).size, ticks.length);
  } finally {
    await daywire.stop();
  }
});
