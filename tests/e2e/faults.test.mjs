// SPDX-License-Identifier: Apache-2.0
// A real broker goes away and comes back: nothing acknowledged is lost, doubled or out of order.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Daywire, anotherLog, brokerAway, brokerKind } from './lib/daywire.mjs';
import { KafkaBroker, readTopics } from './lib/kafka.mjs';
import { Stream } from './lib/stream.mjs';
import { until } from './lib/until.mjs';

if (brokerKind === 'kafka') {
  test('the broker is killed and restarted during 200 publishes: all arrive, once, in order', async () => {
    const daywire = await Daywire.start({ expected: brokerAway });
    try {
      const stream = await Stream.open(daywire.stream, { query: 'channels=statements' });
      await stream.caughtUp();
      const acknowledged = [];
      let restarted;
      for (let i = 0; i < 200; i++) {
        if (i === 60) await daywire.broker.kill();
        if (i === 120) restarted = daywire.broker.restart();
        const id = `k-${i % 10}`;
        const answer = await daywire.request('POST', '/v1/statements', { id, title: `Edition ${i}`, date: '2024-01-01' });
        assert.ok([200, 201].includes(answer.status), answer.text);
        acknowledged.push(`${id}/${answer.json.revision}`);
      }
      await restarted;
      assert.equal(new Set(acknowledged).size, 200);
      await until('all 200 are seen', () => stream.of('statement').length >= 200, { within: 60_000 });
      const seen = stream.of('statement').map((m) => `${m.data.id}/${m.data.revision}`);
      assert.deepEqual([...seen].sort(), [...acknowledged].sort());

      const records = await readTopics(daywire.broker.address, ['daywire.statements']);
      assert.deepEqual(records.map((r) => r.headers.ce_id).sort(), [...acknowledged].sort(), 'on the topic: each once');
      for (let key = 0; key < 10; key++) {
        const expected = acknowledged.filter((id) => id.startsWith(`k-${key}/`));
        assert.deepEqual(records.filter((r) => r.key === `k-${key}`).map((r) => r.headers.ce_id), expected);
        assert.deepEqual(seen.filter((id) => id.startsWith(`k-${key}/`)), expected);
      }
      await stream.close();
    } finally {
      await daywire.stop();
    }
  });

  test('no broker at the start: services wait, say so, and take statements all the same', async () => {
    const broker = await KafkaBroker.start();
    await broker.kill();
    const daywire = await Daywire.start({ broker, ready: false, expected: brokerAway });
    try {
      for (const service of ['ingest', 'counter', 'gateway']) {
        await until(`${service} says that it is not ready`, async () => {
          const ready = await fetch(`${daywire.admin[service]}/readyz`);
          return ready.status === 503 && /kafka: .+/.test(await ready.text());
        });
        assert.equal((await fetch(`${daywire.admin[service]}/livez`)).status, 200);
      }
      await until('ingest takes a statement', async () =>
        (await daywire.request('POST', '/v1/statements', { id: 'early', title: 'Early', date: '2024-01-01' })).status < 300);
      assert.equal((await daywire.request('GET', '/v1/statements/early')).json.state, 'stored');
      assert.equal((await daywire.get('/v1/statements')).status, 503);
      await broker.restart();
      await daywire.ready();
      await until('it is out', async () => (await daywire.get('/v1/statements/early')).status === 200);
      await until('ingest has heard of it', async () =>
        (await daywire.request('GET', '/v1/statements/early')).json.state === 'published');
      await daywire.stop();
    } finally {
      await daywire.abandon();
      await broker.stop();
    }
  });

  test('ingest killed between acknowledgement and broker loses nothing', async () => {
    const daywire = await Daywire.start({ expected: brokerAway });
    try {
      await daywire.broker.kill();
      for (let i = 0; i < 20; i++) {
        const answer = await daywire.request('POST', '/v1/statements', { id: `c-${i}`, title: `Title ${i}`, date: '2024-01-01' });
        assert.equal(answer.status, 201);
      }
      const { ingest } = daywire.processes;
      await ingest.killed();
      ingest.assertCleanLog();
      await daywire.broker.restart();
      daywire.startService('ingest');
      await daywire.ready();
      await until('all are out', async () => (await daywire.get('/v1/statements')).json.statements.length === 20);
    } finally {
      await daywire.stop();
    }
  });

  test('a gateway restarted resumes completely; a topic made anew is another log', async () => {
    const daywire = await Daywire.start({ expected: [anotherLog, /the topic is empty though statements were published/] });
    try {
      const stream = await Stream.open(daywire.stream, { query: 'channels=statements' });
      await stream.caughtUp();
      await daywire.publish({ id: 'a', title: 'A', date: '2024-01-01' });
      await stream.statement('a');
      const { cursor } = stream;
      await daywire.publish({ id: 'b', title: 'B', date: '2024-01-01' });
      await daywire.publish({ id: 'b', title: 'B again', date: '2024-01-01' });
      await stream.statement('b', 2);
      await daywire.processes.gateway.stop();
      daywire.startService('gateway');
      await daywire.ready();
      const resumed = await Stream.open(daywire.stream, { query: `channels=statements&since=${cursor}` });
      await resumed.caughtUp();
      assert.equal(resumed.of('subscribed')[0].resume, 'complete');
      assert.deepEqual(resumed.of('statement').map((m) => `${m.data.id}/${m.data.revision}`), ['b/1', 'b/2']);
      await resumed.close();

      // The old log is longer than the new one will be.
      for (let i = 0; i < 30; i++) await daywire.publish({ id: 'a', title: `A ${i}`, date: '2024-01-01' });
      const far = await Stream.open(daywire.stream, { query: 'channels=statements' });
      const farther = (await far.caughtUp()).cursor;
      await far.close();
      await daywire.processes.gateway.stop();
      await daywire.processes.ingest.stop();
      const admin = daywire.broker.client().admin();
      await admin.connect();
      await admin.deleteTopics({ topics: ['daywire.statements'] });
      await until('the topic is gone', async () => !(await admin.listTopics()).includes('daywire.statements'));
      await admin.disconnect();
      daywire.startService('ingest');
      await until('ingest is ready', async () => (await fetch(`${daywire.admin.ingest}/readyz`)).status === 200);
      for (const id of ['x', 'y', 'z', 'w']) await daywire.publish({ id, title: id, date: '2024-01-01' });
      daywire.startService('gateway');
      await daywire.ready();
      const foreign = await Stream.open(daywire.stream, { query: `channels=statements&last=100&since=${cursor}` });
      await foreign.caughtUp();
      assert.equal(foreign.of('subscribed')[0].resume, 'reset');
      assert.deepEqual(foreign.of('statement').map((m) => m.data.id).sort(), ['w', 'x', 'y', 'z']);
      await foreign.close();
      const beyond = await Stream.open(daywire.stream, { query: `channels=statements&last=100&since=${farther}` });
      await beyond.caughtUp();
      assert.equal(beyond.of('subscribed')[0].resume, 'reset');
      await beyond.close();
    } finally {
      await daywire.stop();
    }
  });
} else {
  test('standalone restarted: the archive is whole again from ingest, an old cursor gets reset', async () => {
    const daywire = await Daywire.start({ expected: [anotherLog] });
    try {
      for (let i = 0; i < 10; i++) await daywire.publish({ id: `s-${i}`, title: `Title ${i}`, date: '2024-01-01' });
      // The refilled log holds latest revisions only and is shorter than the old one.
      for (let i = 0; i < 30; i++) await daywire.publish({ id: 's-3', title: `Title 3, ${i}`, date: '2024-01-01' });
      const stream = await Stream.open(daywire.stream, { query: 'channels=statements,ticks' });
      const { cursor } = await stream.caughtUp();
      const before = await until('the archive has all', async () => {
        const { json } = await daywire.get('/v1/statements');
        return json.statements.length === 10 && json.statements.some((s) => s.revision === 31) && json;
      });
      await daywire.stopServices();
      await daywire.startServices();
      await daywire.ready();
      await until('the archive is whole', async () => {
        assert.deepEqual((await daywire.get('/v1/statements')).json, before);
        return true;
      });
      const old = await Stream.open(daywire.stream, { query: `channels=statements,ticks&last=100&since=${cursor}` });
      await old.caughtUp();
      assert.equal(old.of('subscribed')[0].resume, 'reset');
      assert.equal(new Set(old.of('statement').map((m) => m.data.id)).size, 10);
      await old.close();
    } finally {
      await daywire.stop();
    }
  });

  test('20,000 statements of 1 KB reach the archive of a standalone, and again after a restart', async () => {
    const daywire = await Daywire.start({ expected: [anotherLog] });
    try {
      const summary = 'x'.repeat(900);
      for (let chunk = 0; chunk < 20; chunk++) {
        const lines = Array.from({ length: 1000 }, (_, i) => JSON.stringify({
          id: `b-${chunk * 1000 + i}`, title: 'Bulk', summary, date: '2024-01-01' })).join('\n');
        await until('the chunk is taken', async () => {
          const answer = await daywire.request('POST', '/v1/statements', lines, { type: 'application/x-ndjson' });
          return answer.status === 200;
        });
      }
      const count = async () => {
        let total = 0;
        let next = null;
        do {
          const { json } = await daywire.get(`/v1/statements?limit=1000${next ? `&before=${encodeURIComponent(next)}` : ''}`);
          total += json.statements.length;
          next = json.next;
        } while (next);
        return total;
      };
      await until('all 20,000 are there', async () => (await count()) === 20_000, { within: 120_000, every: 500 });
      await daywire.stopServices();
      await daywire.startServices();
      await daywire.ready();
      await until('all 20,000 are there again', async () => (await count()) === 20_000, { within: 120_000, every: 500 });
    } finally {
      await daywire.stop();
    }
  });

  test('a service that dies is started again by standalone', async () => {
    const daywire = await Daywire.start({ expected: [/^daywire standalone: daywire-ingest was ended by signal 9 /] });
    try {
      await daywire.publish({ id: 'before', title: 'Before', date: '2024-01-01' });
      const metrics = await (await fetch(`${daywire.admin.ingest}/metrics`)).text();
      assert.match(metrics, /daywire_build_info/);
      const { ingest: pid } = await daywire.pids();
      process.kill(pid, 'SIGKILL');
      await until('it takes statements again', async () =>
        (await daywire.request('POST', '/v1/statements', { id: 'after', title: 'After', date: '2024-01-01' })).status === 201);
      await until('both are in the archive', async () => (await daywire.get('/v1/statements')).json.statements.length === 2);
    } finally {
      await daywire.stop();
    }
  });
}
