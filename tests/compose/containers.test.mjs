// SPDX-License-Identifier: Apache-2.0
// What only containers have: a first start with sample content, kills, down and up, scale.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Compose, docker } from '../e2e/lib/compose.mjs';
import { openBrowser } from '../e2e/lib/browser.mjs';
import { readTopics } from '../e2e/lib/kafka.mjs';
import { Stream } from '../e2e/lib/stream.mjs';
import { until } from '../e2e/lib/until.mjs';

/** Said while something that was killed is away. */
const away = [/kafka|the topic is being read/i, /part is not ready/, /trying again/, /connect\(\) failed|upstream|no live/i];

/** A subscriber as every client should be: it comes back with its cursor. */
class Follower {
  constructor(url) {
    this.url = url;
    this.seen = [];
    this.longestSilence = 0;
    this.heard = Date.now();
    this.running = this.#run();
  }

  async #run() {
    while (!this.ended) {
      const since = this.cursor ? `&since=${this.cursor}` : '';
      try {
        this.stream = await Stream.open(this.url, { query: `channels=statements${since}` });
        this.stream.socket.on('message', (data) => this.#take(JSON.parse(data)));
        this.stream.messages.forEach((message) => this.#take(message));
        await this.stream.closed;
      } catch {
        // refused: again, below
      }
      await new Promise((resolve) => setTimeout(resolve, 100)); // a client's pause before it comes back
    }
  }

  #take(message) {
    if (message.cursor) this.cursor = message.cursor;
    if (message.type === 'subscribed') (this.verdicts ??= []).push(message.resume);
    if (message.type !== 'statement') return;
    this.seen.push(`${message.data.id}/${message.data.revision}`);
    this.longestSilence = Math.max(this.longestSilence, Date.now() - this.heard);
    this.heard = Date.now();
  }

  silence() {
    const silence = Math.max(this.longestSilence, Date.now() - this.heard);
    this.longestSilence = 0;
    return silence;
  }

  async end() {
    this.ended = true;
    this.stream?.socket.terminate();
    await this.running;
  }
}

/** Publishes one revision after another over a few ids, each until it is acknowledged. */
class Publisher {
  constructor(daywire) {
    this.daywire = daywire;
    this.acknowledged = [];
    this.running = this.#run();
  }

  async #run() {
    for (let i = 0; !this.ended; i++) {
      const statement = { id: `k-${i % 5}`, title: `Edition ${i}`, date: '2024-01-01' };
      await until(`edition ${i} is acknowledged`, async () => {
        const { status, json } = await this.daywire.request('POST', '/v1/statements', statement);
        if (![200, 201].includes(status)) return false;
        this.acknowledged.push(`${json.id}/${json.revision}`);
        return true;
      }, { within: 90_000, every: 50 });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async end() {
    this.ended = true;
    await this.running;
  }
}

test('up: the page has its sample content, and shows what is published', async () => {
  const started = Date.now();
  const daywire = await Compose.start({ gateways: 2, sample: true });
  try {
    console.log(`# from up to a served page: ${((Date.now() - started) / 1000).toFixed(1)} s`);
    await until('the sample is there', async () => (await daywire.get('/v1/statements')).json.statements.length === 12);
    const browser = await openBrowser();
    const page = await browser.page(daywire.web);
    await daywire.publish({ id: 'crane', title: 'A crane for berth 9', date: '2026-11-01' });
    await page.getByText('A crane for berth 9').first().waitFor();
    assert.deepEqual(page.problems, []);
    await browser.close();
    const user = await daywire.compose('exec', '-T', 'ingest', 'id', '-u');
    assert.equal(user.trim(), '10001');
    await assert.rejects(daywire.compose('exec', '-T', 'ingest', 'touch', '/usr/local/x'), /[Rr]ead-only/);
  } finally {
    await daywire.stop();
  }
});

test('each container is killed in turn: what was acknowledged arrives, once, in order', async () => {
  const daywire = await Compose.start({ gateways: 2, expected: away });
  const followers = [new Follower(daywire.stream), new Follower(daywire.stream), new Follower(daywire.stream)];
  let publisher;
  const missed = () => followers.map(({ seen }) => publisher?.acknowledged.filter((id) => !seen.includes(id)));
  try {
    // Whoever comes later is told the latest revision of a statement only.
    await until('everybody is there', () => followers.every((f) => f.cursor));
    publisher = new Publisher(daywire);
    const passed = async (what) => {
      const goal = publisher.acknowledged.length + 20;
      await until(`20 more are out ${what}`, () => publisher.acknowledged.length >= goal
        && followers.every((f) => f.seen.length >= goal), { within: 120_000 });
    };
    await passed('before');
    followers.forEach((f) => f.silence());
    for (const service of ['gateway', 'proxy', 'ingest', 'counter', 'kafka']) {
      for (const name of await daywire.containers(service)) {
        await docker('kill', name);
        await docker('start', name);
        await passed(`after ${name} was killed`);
        const silences = followers.map((f) => f.silence());
        console.log(`# ${name.replace(/^daywire-test-[0-9a-f]+_?-?/, '')} killed: at most ${Math.max(...silences)} ms without news`);
      }
    }
    await publisher.end();
    const { acknowledged } = publisher;
    await until('everybody has everything', () => missed().flat().length === 0);
    const byKey = (list, key) => list.filter((id) => id.startsWith(`${key}/`));
    const onTopic = (await readTopics(daywire.kafka, ['daywire.statements'])).map((r) => r.headers.ce_id);
    assert.deepEqual([...new Set(onTopic)].sort(), [...acknowledged].sort());
    for (const follower of followers) {
      assert.deepEqual([...follower.seen].sort(), [...acknowledged].sort());
      for (let key = 0; key < 5; key++) assert.deepEqual(byKey(follower.seen, `k-${key}`), byKey(acknowledged, `k-${key}`));
      assert.ok(!follower.verdicts.includes('reset'), follower.verdicts.join());
    }
    console.log(`# ${acknowledged.length} revisions, ${onTopic.length - acknowledged.length} sent twice`);
  } catch (error) {
    console.error(error, 'missed:', missed()); // what the end says besides must not hide it
    throw error;
  } finally {
    for (const one of [publisher, ...followers]) await one?.end();
    await daywire.stop();
  }
});

test('a process that dies is started again by itself', async () => {
  const daywire = await Compose.start({ gateways: 2, expected: away });
  try {
    for (const service of ['ingest', 'counter', 'gateway']) {
      const [name] = await daywire.containers(service);
      const pid = Number(await docker('inspect', '-f', '{{.State.Pid}}', name));
      process.kill(pid, 'SIGKILL');
      await until(`${name} is healthy again`, async () => {
        const state = await docker('inspect', '-f', '{{.RestartCount}} {{.State.Health.Status}}', name);
        return /^[1-9]\d* healthy/.test(state);
      }, { within: 60_000, every: 200 });
    }
    await daywire.publish({ id: 'after', title: 'After', date: '2024-01-01' });
    await until('it is out', async () => (await daywire.get('/v1/statements/after')).status === 200);
  } finally {
    await daywire.stop();
  }
});

test('down and up: everything is there, and an old cursor goes on; then four gateways', async () => {
  const daywire = await Compose.start({ gateways: 2, expected: away });
  try {
    for (let i = 0; i < 10; i++) await daywire.publish({ id: `d-${i}`, title: `Title ${i}`, date: '2024-01-01' });
    const stream = await Stream.open(daywire.stream, { query: 'channels=statements,ticks&last=100' });
    await stream.caughtUp();
    for (let i = 0; i < 10; i++) await stream.statement(`d-${i}`);
    const { cursor } = stream;
    const { token } = daywire;
    const before = await until('the archive has all', async () => {
      const { json } = await daywire.get('/v1/statements');
      return json.statements.length === 10 && json;
    });
    await stream.close();
    await daywire.down();
    await daywire.up();
    assert.equal(daywire.token, token);
    assert.deepEqual((await daywire.get('/v1/statements')).json, before);
    await daywire.publish({ id: 'new', title: 'New', date: '2024-01-02' });
    const resumed = await Stream.open(daywire.stream, { query: `channels=statements,ticks&since=${cursor}` });
    await resumed.statement('new');
    assert.match(resumed.of('subscribed')[0].resume, /complete|compacted/);
    assert.deepEqual(resumed.of('statement').map((m) => m.data.id), ['new']);
    await resumed.close();

    await daywire.up(4);
    const names = await daywire.containers('gateway');
    assert.equal(names.length, 4);
    for (const name of names) {
      await until(`${name} is healthy`, async () =>
        (await docker('inspect', '-f', '{{.State.Health.Status}}', name)).trim() === 'healthy', { within: 60_000, every: 200 });
    }
    const streams = await Promise.all(Array.from({ length: 40 }, () => Stream.open(daywire.stream, { query: 'channels=statements' })));
    await daywire.publish({ id: 'to-all', title: 'To all', date: '2024-01-03' });
    await Promise.all(streams.map((s) => s.statement('to-all')));
    for (const name of names) {
      const sockets = await docker('exec', name, 'sh', '-c', 'cat /proc/net/tcp | grep -c " [0-9A-F]*:1F90 .* 01 " || true');
      assert.ok(Number(sockets) > 0, `${name} has clients`);
    }
    await Promise.all(streams.map((s) => s.close()));
  } finally {
    await daywire.stop();
  }
});
