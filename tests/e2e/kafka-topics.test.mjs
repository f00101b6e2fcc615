// SPDX-License-Identifier: Apache-2.0
// The topics that Daywire creates on a real Kafka, whichever service comes first.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import kafkajs from 'kafkajs';
import { Daywire } from './lib/daywire.mjs';
import { KafkaBroker } from './lib/kafka.mjs';
import { until } from './lib/until.mjs';

const day = 86_400_000;

let broker;
let admin;
before(async () => {
  broker = await KafkaBroker.start();
  admin = broker.client().admin();
  await admin.connect();
});
after(async () => {
  await admin?.disconnect();
  await broker?.stop();
});

const start = (service, options, rest = {}) => Daywire.start({
  broker,
  only: [service],
  env: { [service]: { DAYWIRE_TOPICS_STATEMENTS: `${service}.statements`, DAYWIRE_TOPICS_TICKS: `${service}.ticks`, ...options } },
  ...rest,
});

for (const service of ['ingest', 'counter', 'gateway']) {
  test(`${service} creates both topics as configured`, async () => {
    const daywire = await start(service, { DAYWIRE_GATEWAY_WINDOW: '3d', DAYWIRE_TOPICS_PARTITIONS: '5' });
    try {
      const names = [`${service}.statements`, `${service}.ticks`];
      const { topics } = await admin.fetchTopicMetadata({ topics: names });
      const { resources } = await admin.describeConfigs({ resources: names.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name })) });
      for (const name of names) {
        const { partitions } = topics.find((topic) => topic.name === name);
        assert.deepEqual(partitions.map(({ replicas }) => replicas.length), [1, 1, 1, 1, 1], name);
        const { configEntries } = resources.find((resource) => resource.resourceName === name);
        const policy = Object.fromEntries(configEntries.map(({ configName, configValue }) => [configName, configValue]));
        assert.equal(policy['cleanup.policy'], 'compact', name);
        // A gateway that starts again within its window still reads every revision, and every removal.
        assert.ok(Number(policy['min.compaction.lag.ms']) >= 3 * day, `${name}: ${policy['min.compaction.lag.ms']}`);
        assert.ok(Number(policy['delete.retention.ms']) >= 3 * day, `${name}: ${policy['delete.retention.ms']}`);
      }
      await daywire.stop();
    } finally {
      await daywire.abandon();
    }
  });
}

test('more replicas than there are brokers: no topic, and the reason is told', async () => {
  const daywire = await start('ingest', { DAYWIRE_TOPICS_STATEMENTS: 'two.statements', DAYWIRE_TOPICS_REPLICATION_FACTOR: '2' }, { ready: false });
  try {
    await until('the reason', async () => {
      const ready = await fetch(`${daywire.admin.ingest}/readyz`);
      return ready.status === 503 && /topic two\.statements cannot be created: .*replicat/i.test(await ready.text());
    });
    assert.ok(!(await admin.listTopics()).includes('two.statements'));
    await daywire.stop();
  } finally {
    await daywire.abandon();
  }
});
