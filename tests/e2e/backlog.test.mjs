// SPDX-License-Identifier: Apache-2.0
// Much waits: for the disk, which takes it together, and for a broker that is not there, up to a limit.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Daywire, brokerAway, brokerKind } from './lib/daywire.mjs';
import { Detour } from './lib/detour.mjs';
import { FailingDisk } from './lib/disk.mjs';
import { Ingest } from './lib/ingest.mjs';
import { KafkaBroker, readTopics } from './lib/kafka.mjs';
import { freePorts } from './lib/ports.mjs';
import { until, within } from './lib/until.mjs';

const statement = (id, more = {}) => ({ id, title: `Notice ${id}`, date: '2026-03-02', ...more });

const commits = (ingest) => ingest.metric('daywire_ingest_commit_seconds_count');

test('what waits for the disk is stored by one transaction, and what is too much to wait is refused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'daywire-slow-'));
  const disk = await FailingDisk.make(folder);
  const ingest = await Ingest.start({ options: 'max-queue = 64', env: disk.env });
  try {
    const before = await commits(ingest);
    await disk.hold();
    const first = ingest.post(statement('first'));
    const letGo = await disk.held(); // in the midst of its transaction
    const ids = Array.from({ length: 65 }, (_, i) => `at-once-${i}`);
    const posts = ids.map((id) => ingest.post(statement(id)));
    for (const post of [first, ...posts]) post.catch(() => {}); // when this fails they are cut off
    // The first answer is that there is no room: 64 wait, and none of them is acknowledged.
    const refused = await within('one is refused', Promise.race(posts));
    assert.equal(refused.status, 503);
    assert.equal(refused.json.detail, 'too many statements are waiting to be stored');
    await letGo();

    assert.equal((await first).status, 201);
    const answers = await Promise.all(posts);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [...Array(64).fill(201), 503]);
    assert.equal((await commits(ingest)) - before, 2, 'one for the first, one for all others');

    // Each of them is on the disk, and the refused one is not.
    await ingest.process.killed();
    await ingest.run();
    for (const [i, id] of ids.entries()) assert.equal((await ingest.stored(id))?.id, answers[i].status === 201 ? id : undefined, id);
    await ingest.stop();
  } finally {
    await ingest.abandon();
    await rm(folder, { recursive: true });
  }
});

/** A broker behind a door that is closed: `{ address, open, shut, bus, stop }`; `bus`: where the test itself reaches it. */
async function behindADoor() {
  if (brokerKind === 'kafka') {
    const broker = await KafkaBroker.start();
    const { detour } = broker;
    await detour.close();
    return {
      address: detour.address, bus: broker.address, open: () => detour.open(), shut: () => detour.close(), stop: () => broker.stop(),
    };
  }
  const daywire = await Daywire.start();
  const bus = await daywire.bootstrap();
  const [port] = await freePorts(1);
  const detour = new Detour(port, Number(bus.split(':')[1]));
  // Once let in, ingest is told the broker's own address: the door cannot be shut again.
  return { address: detour.address, bus, open: () => detour.open(), stop: () => daywire.stop() };
}

const limit = 20;
const full = 'the broker does not take statements, and no more may wait for it ([ingest] max-backlog)';

/** Publishes until it is refused; the ids that were acknowledged, and the one that was not. */
async function fill(ingest, name) {
  const taken = [];
  for (;;) {
    const id = `${name}-${taken.length}`;
    const answer = await ingest.post(statement(id));
    if (answer.status === 503) {
      assert.ok(taken.length >= limit, `${id} is refused`);
      return { taken, refused: id, answer };
    }
    assert.equal(answer.status, 201);
    taken.push(id);
    // One may come in before ingest has seen that there are as many as may be.
    assert.ok(taken.length <= limit + 1, `${id} is taken`);
  }
}

async function assertFull(answer) {
  assert.equal(answer.status, 503);
  assert.equal(answer.headers.get('content-type'), 'application/problem+json');
  assert.match(answer.headers.get('retry-after'), /^[1-9]\d*$/);
  const { title, status, detail } = answer.json;
  assert.deepEqual([title, status, detail], ['Service Unavailable', 503, full]);
}

/** Without a broker: POST is taken up to the limit, and then only what takes something back. */
async function fillUp(ingest, name, acknowledged) {
  const path = (id) => `/v1/statements/${id}`;
  const embargo = statement(`${name}-embargo`, { publish_at: '2999-01-01T00:00:00Z' });
  assert.equal((await ingest.post(embargo)).status, 202);
  const { taken, refused, answer } = await fill(ingest, name);
  acknowledged.push(...taken.map((id) => `${id}/1`));
  await assertFull(answer);
  await assertFull(await ingest.request('PUT', path(refused), statement(refused)));
  await assertFull(await ingest.request('PUT', path(taken[0]), statement(taken[0], { title: 'Changed' })));
  await assertFull(await ingest.post(statement(`${name}-later`, { publish_at: '2999-01-01T00:00:00Z' })));
  for (const id of [refused, `${name}-later`]) assert.equal((await ingest.request('GET', path(id))).status, 404, `${id} was refused`);
  assert.equal((await ingest.stored(taken[0])).title, `Notice ${taken[0]}`);

  const withdrawn = await ingest.request('DELETE', `${path(taken[1])}?note=Too+early.`);
  assert.equal(withdrawn.status, 200);
  assert.deepEqual((({ result, state, revision }) => [result, state, revision])(withdrawn.json), ['withdrawn', 'stored', 2]);
  acknowledged.push(`${taken[1]}/2`);
  assert.equal((await ingest.request('DELETE', `${path(embargo.id)}/schedule`)).status, 200);
  await assertFull(await ingest.post(statement(refused)));
  assert.equal(await ingest.metric('daywire_ingest_outbox_depth'), taken.length + 1);
  return refused;
}

/** With the broker: all of it goes out, and what was refused is taken. */
async function drain(ingest, refused, acknowledged) {
  await until('the backlog is empty', async () => (await ingest.metric('daywire_ingest_outbox_depth')) === 0, { within: 60_000 });
  await until('it is ready', async () => (await fetch(`${ingest.admin}/readyz`)).status === 200);
  const post = () => ingest.request('POST', '/v1/statements?wait=published', statement(refused));
  await until('statements are taken again', async () => (await post()).status === 201);
  acknowledged.push(`${refused}/1`);
}

/** All that was acknowledged is on the topic once, that of a statement in its order, and nothing else. */
async function assertOnTopic(bus, acknowledged) {
  const records = await readTopics(bus, ['daywire.statements']);
  assert.deepEqual(records.map(({ headers }) => headers.ce_id).sort(), [...acknowledged].sort());
  for (const { key } of records) {
    const ids = records.filter((record) => record.key === key).map(({ headers }) => headers.ce_id);
    assert.deepEqual(ids, [...ids].sort());
  }
}

test('a broker that cannot be reached: as much as may wait is taken, the rest refused, and nothing lost', async () => {
  const broker = await behindADoor();
  const acknowledged = [];
  let ingest;
  try {
    ingest = await Ingest.start({ broker: broker.address, options: `max-backlog = ${limit}`, expected: brokerAway });
    let refused = await fillUp(ingest, 'early', acknowledged);
    const republished = await ingest.request('POST', '/v1/republish');
    assert.deepEqual([republished.status, republished.json], [200, { statements: 0 }], 'taken; all of them wait already');
    // What waits is counted by the next process as well.
    await ingest.process.stop();
    await ingest.run();
    await assertFull(await ingest.post(statement(refused)));
    assert.equal(await ingest.metric('daywire_ingest_outbox_depth'), acknowledged.length);

    await broker.open();
    await drain(ingest, refused, acknowledged);
    await assertOnTopic(broker.bus, acknowledged);
    if (broker.shut) {
      await broker.shut();
      await until('it has noticed', async () => /^kafka: (?!ok)/m.test(await ingest.ready()));
      refused = await fillUp(ingest, 'again', acknowledged);
      await broker.open();
      await drain(ingest, refused, acknowledged);
      await assertOnTopic(broker.bus, acknowledged);
    }
    await ingest.stop();
  } finally {
    await ingest?.abandon();
    await broker.stop();
  }
});
