// SPDX-License-Identifier: Apache-2.0
// node crash.mjs [--kills N] [--broker-kills M] [--seed S]
//
// Writers hand statements in to ingest without a pause, while ingest and a real Kafka are killed (SIGKILL) at random moments
// and started again. Then the topic is read by an independent client, and compared with what was acknowledged:
//
// - every acknowledged revision is there, with the content that was sent;
// - the revisions of a statement are 1, 2, 3, ... in the order of their first appearance;
// - no ce_id has two contents, and nothing is there that nobody sent;
// - what was scheduled is there once, and never before its instant.
//
// A revision may be there twice, since a crash between the broker's report and the clearing of its row sends it again: these
// are counted and shown. E2E_BUILD and E2E_KAFKA_LIBS as in tests/run. The seed decides what is written and when is killed;
// what a kill hits is the machine's.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { Daywire } from '../e2e/lib/daywire.mjs';
import { KafkaBroker, readTopics } from '../e2e/lib/kafka.mjs';
import { metric } from '../e2e/lib/metrics.mjs';
import { loadTypes } from '../e2e/lib/stream.mjs';
import { until } from '../e2e/lib/until.mjs';
import { generator } from './random.mjs';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    'broker-kills': { type: 'string', default: '2' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const kills = Number(values.kills);
const brokerKills = Number(values['broker-kills']);
const seed = Number(values.seed);
const writers = 8;
const idsEach = 12;

const acknowledged = new Map(); // id -> Map(revision -> what was sent)
const sent = new Set(); // every text that was ever sent
const scheduled = new Map(); // id -> { text, at }: acknowledged
const counts = { requests: 0, unanswered: 0, refused: 0, acknowledged: 0 };
let going = true;

function acknowledge(id, revision, text) {
  const known = acknowledged.get(id) ?? new Map();
  assert.ok(!known.has(revision) || known.get(revision) === text, `${id}/${revision} was acknowledged for two texts`);
  known.set(revision, text);
  acknowledged.set(id, known);
  counts.acknowledged++;
}

async function request(daywire, method, path, body, type) {
  counts.requests++;
  try {
    return await daywire.request(method, path, body, { type, headers: { connection: 'close' } });
  } catch {
    counts.unanswered++; // it may be stored or not
    return undefined;
  }
}

/** One writer owns its ids, so that the order of their revisions is that of its requests. */
async function write(daywire, name, random) {
  const withdrawn = new Set();
  const pick = () => `${name}-${Math.floor(random() * idsEach)}`;
  for (let number = 0; going; number++) {
    const text = `${name} ${number} ${'x'.repeat(1 + Math.floor(random() * 800))}`;
    const id = pick();
    const choice = random();
    sent.add(text);
    let answer;
    if (choice < 0.1) {
      answer = await request(daywire, 'DELETE', `/v1/statements/${id}?note=${encodeURIComponent(text)}`);
      if (answer?.json?.result === 'withdrawn') acknowledge(id, answer.json.revision, text);
      if (answer?.status === 200) withdrawn.add(id);
    } else if (choice < 0.3) {
      const lines = new Map();
      for (let i = 0; i < 1 + random() * 15; i++) {
        const line = { id: pick(), title: `${text} ${i}`, date: '2026-03-02', change: 'published' };
        sent.add(line.title);
        lines.set(line.id, line); // an id once, or its last revision alone would be known
      }
      const list = [...lines.values()];
      answer = await request(daywire, 'POST', '/v1/statements', list.map((line) => JSON.stringify(line)).join('\n'),
        'application/x-ndjson');
      for (const line of (answer?.text ?? '').split('\n').filter((l) => l.endsWith('}')).map((l) => JSON.parse(l))) {
        if (['created', 'updated'].includes(line.result)) acknowledge(line.id, line.revision, list[line.line - 1].title);
      }
    } else if (choice < 0.4) {
      const once = `${name}-s${number}`;
      const at = new Date(Date.now() + 200 + random() * 1500);
      answer = await request(daywire, 'PUT', `/v1/statements/${once}`, { title: text, publish_at: at.toISOString() });
      if (answer?.status === 202) scheduled.set(once, { text, at: at.getTime() });
    } else {
      answer = await request(daywire, 'PUT', `/v1/statements/${id}`, {
        title: text, date: '2026-03-02', ...(choice < 0.6 ? { change: 'updated' } : {}),
      });
      if (['created', 'updated'].includes(answer?.json?.result)) acknowledge(id, answer.json.revision, text);
    }
    if (answer && ![200, 201, 202].includes(answer.status)) counts.refused++;
    if (!answer) await pause(20); // nobody listens
  }
}

function check(records, Statement) {
  const contents = new Map(); // ce_id -> digest
  const first = new Map(); // id -> its revisions by first appearance
  const byId = new Map(); // id -> Map(revision -> text)
  let again = 0;
  for (const record of records) {
    const digest = createHash('sha256').update(record.value).digest('hex');
    const ceId = record.headers.ce_id;
    if (contents.has(ceId)) {
      again++;
      assert.equal(contents.get(ceId), digest, `${ceId} has two contents`);
      continue;
    }
    contents.set(ceId, digest);
    const statement = Statement.decode(record.value);
    const text = statement.title || statement.note;
    assert.ok(sent.has(text), `${ceId} has a text that nobody sent`);
    assert.equal(ceId, `${statement.id}/${statement.revision}`);
    const revisions = first.get(statement.id) ?? [];
    assert.equal(statement.revision, revisions.length + 1, `the revisions of ${statement.id} are out of order`);
    revisions.push(statement.revision);
    first.set(statement.id, revisions);
    const texts = byId.get(statement.id) ?? new Map();
    texts.set(statement.revision, text);
    byId.set(statement.id, texts);
    const plan = scheduled.get(statement.id);
    if (plan) assert.ok(record.timestamp >= plan.at, `${statement.id} is ${plan.at - record.timestamp} ms early`);
  }
  for (const [id, revisions] of acknowledged) {
    for (const [revision, text] of revisions) {
      assert.equal(byId.get(id)?.get(revision), text, `${id}/${revision} was acknowledged, and is not on the topic`);
    }
  }
  for (const [id, { text }] of scheduled) {
    assert.deepEqual([...(byId.get(id) ?? [])], [[1, text]], `${id} was scheduled, and is not there once`);
  }
  return { records: records.length, revisions: contents.size, again };
}

const random = generator(seed);
const { Statement } = await loadTypes();
const broker = await KafkaBroker.start();
const daywire = await Daywire.start({ broker, only: ['ingest'], ready: false });
let killed = 0;
let brokerKilled = 0;
try {
  await daywire.ready();
  daywire.token = 'a-token-for-tests-0123456789';
  const work = Array.from({ length: writers }, (_, i) => write(daywire, `w${i}`, generator(seed + 1 + i)));
  const every = brokerKills > 0 ? Math.ceil(kills / brokerKills) : Infinity;
  while (killed < kills) {
    await pause(10 + random() * 400);
    await daywire.processes.ingest.killed();
    assert.doesNotMatch(daywire.processes.ingest.errors, /Sanitizer|runtime error|level=error.*damaged|malformed/);
    killed++;
    if (killed % every === 0 && brokerKilled < brokerKills) {
      await broker.kill();
      brokerKilled++;
      daywire.startService('ingest');
      await pause(random() * 1000);
      await broker.restart();
    } else {
      daywire.startService('ingest');
    }
    await until('ingest takes requests', async () => (await fetch(`${daywire.admin.ingest}/livez`)).ok, { within: 60_000 });
  }
  going = false;
  await Promise.all(work);
  const none = async (name) => (await metric(daywire.admin.ingest, name)) === 0;
  await until('everything is on the bus', async () =>
    (await none('daywire_ingest_outbox_depth')) && (await none('daywire_ingest_scheduled')),
  { within: 120_000 });
  // A run in which nothing was at stake shows nothing.
  assert.ok(counts.acknowledged > 10 * killed && scheduled.size > 0 && counts.unanswered > 0, JSON.stringify(counts));
  const found = check(await readTopics(broker.address, ['daywire.statements']), Statement);
  console.log(`crash: seed ${seed}: ${killed} kills of ingest, ${brokerKilled} of Kafka; ${counts.requests} requests, `
    + `${counts.unanswered} without an answer, ${counts.refused} refused; ${counts.acknowledged} revisions acknowledged and `
    + `${scheduled.size} scheduled: all on the topic, which has ${found.revisions} revisions in ${found.records} records `
    + `(${found.again} sent again)`);
} catch (error) {
  console.error(`seed ${seed}, after ${killed} kills of ingest and ${brokerKilled} of Kafka`);
  console.error(daywire.logs());
  throw error;
} finally {
  going = false;
  await daywire.abandon();
  await broker.stop();
}
