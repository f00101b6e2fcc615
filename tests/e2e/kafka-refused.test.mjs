// SPDX-License-Identifier: Apache-2.0
// The broker refuses a record, which is larger than the topic takes: it holds up its own statement, in order, and no other.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brokerAway } from './lib/daywire.mjs';
import { FailingDisk } from './lib/disk.mjs';
import { Ingest } from './lib/ingest.mjs';
import { KafkaBroker, readTopics } from './lib/kafka.mjs';
import { until } from './lib/until.mjs';

const topic = 'daywire.statements';
const refusal = /the broker refused a statement: Broker: Message size too large/;
const statement = (id, more = {}) => ({ id, title: id, date: '2026-03-02', ...more });
/** Words that do not compress. */
const large = Array.from({ length: 30_000 }, (_, i) => ((i * 7919) % 100_003).toString(36)).join(' ');

async function limit(broker, bytes) {
  const admin = broker.client().admin();
  await admin.connect();
  try {
    await until('the limit is set', () => admin.alterConfigs({
      resources: [{ type: 2, name: topic, configEntries: [{ name: 'max.message.bytes', value: String(bytes) }] }],
    }).then(() => true, () => false));
  } finally {
    await admin.disconnect();
  }
}

/** After a first record the topic takes none as large as `large`, until `use` has ended. */
async function withLimit(env, use) {
  const broker = await KafkaBroker.start();
  const folder = await mkdtemp(join(tmpdir(), 'daywire-refused-'));
  const disk = await FailingDisk.make(folder);
  const ingest = await Ingest.start({
    broker: broker.detour.address, env: { ...disk.env, ...env }, expected: [...brokerAway, refusal],
  });
  const onTopic = async () => (await readTopics(broker.address, [topic])).map(({ headers }) => headers.ce_id);
  try {
    assert.equal((await ingest.request('POST', '/v1/statements?wait=published', statement('first'))).status, 201);
    await limit(broker, 50_000);
    await use({ broker, disk, ingest, onTopic });
    await limit(broker, 1_000_000);
    await until('all is out', async () => (await ingest.metric('daywire_ingest_outbox_depth')) === 0, { within: 60_000 });
    const ids = await onTopic();
    assert.deepEqual(ids.filter((id) => id.startsWith('secret/')), ['secret/1', 'secret/2']);
    assert.equal(new Set(ids).size, ids.length, 'each once');
    await until('it is ready', async () => (await fetch(`${ingest.admin}/readyz`)).status === 200);
    await ingest.stop();
  } finally {
    await ingest.abandon();
    await broker.stop();
    await rm(folder, { recursive: true });
  }
}

// A record a batch: else what is refused takes those beside it along, and nothing is to be seen.
test('a refused record: neither its withdrawal nor anything else of it overtakes it, and all others go out', () => withLimit(
  { DAYWIRE_KAFKA_BATCH_NUM_MESSAGES: '1' },
  async ({ broker, disk, ingest, onTopic }) => {
    await broker.detour.close();
    assert.equal((await ingest.post(statement('secret', { body: large }))).status, 201);
    assert.equal((await ingest.request('DELETE', '/v1/statements/secret?note=Too+early.')).status, 200);
    // The reports come while the engine waits for the disk: whatever was under way with it has been written by then.
    await disk.hold();
    const post = ingest.post(statement('other'));
    post.catch(() => {});
    const letGo = await disk.held();
    await broker.detour.open();
    await letGo();
    assert.equal((await post).status, 201);
    await until('the other one is out', async () => (await onTopic()).includes('other/1'), { within: 60_000 });
    await until('/readyz tells', async () => refusal.test(await ingest.ready()));
    assert.equal((await ingest.request('POST', '/v1/statements?wait=published', statement('later'))).status, 201);
    assert.deepEqual((await onTopic()).sort(), ['first/1', 'later/1', 'other/1'], 'each once');
  },
));

test('a refused record: what was sent in one batch with it goes out', () => withLimit({}, async ({ ingest, onTopic }) => {
  const some = (name) => Array.from({ length: 5 }, (_, i) => statement(`${name}-${i}`));
  const lines = [...some('before'), statement('secret', { body: large }), statement('secret', { title: 'Short' }), ...some('behind')];
  const body = lines.map((line) => JSON.stringify(line)).join('\n');
  const answer = await ingest.request('POST', '/v1/statements', body, 'application/x-ndjson');
  assert.equal(answer.text.match(/"state":"stored"/g)?.length, lines.length, answer.text);
  const expected = ['first', ...[...some('before'), ...some('behind')].map(({ id }) => id)].map((id) => `${id}/1`).sort();
  await until('all others are out', async () => (await onTopic()).length === expected.length, { within: 60_000 });
  assert.deepEqual((await onTopic()).sort(), expected);
  await until('/readyz tells', async () => refusal.test(await ingest.ready()));
}));
