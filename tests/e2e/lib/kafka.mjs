// SPDX-License-Identifier: Apache-2.0
// A real Apache Kafka on loopback, from the jars that deploy/kafka/fetch brought.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import { Detour } from './detour.mjs';
import { Process, run } from './process.mjs';
import { freePorts } from './ports.mjs';
import { Hopeless, until } from './until.mjs';

const libs = process.env.E2E_KAFKA_LIBS;

export class KafkaBroker {
  /** `properties`: lines for its configuration, beside ours. */
  static async start({ properties = [] } = {}) {
    if (!libs) throw new Error('E2E_KAFKA_LIBS names no folder with the jars of Apache Kafka');
    const broker = new KafkaBroker();
    broker.folder = await mkdtemp(join(tmpdir(), 'daywire-kafka-'));
    const [port, controller, detour, behind] = await freePorts(4);
    broker.address = `127.0.0.1:${port}`;
    /** The other way to it; open as long as the broker is there. */
    broker.detour = new Detour(detour, behind);
    broker.properties = join(broker.folder, 'server.properties');
    await writeFile(broker.properties, [
      'process.roles=broker,controller',
      'node.id=1',
      `controller.quorum.voters=1@127.0.0.1:${controller}`,
      `listeners=PLAINTEXT://127.0.0.1:${port},DETOUR://127.0.0.1:${behind},CONTROLLER://127.0.0.1:${controller}`,
      `advertised.listeners=PLAINTEXT://127.0.0.1:${port},DETOUR://${broker.detour.address}`,
      'controller.listener.names=CONTROLLER',
      'inter.broker.listener.name=PLAINTEXT',
      'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,DETOUR:PLAINTEXT,CONTROLLER:PLAINTEXT',
      `log.dirs=${join(broker.folder, 'data')}`,
      'auto.create.topics.enable=false',
      'offsets.topic.replication.factor=1',
      'offsets.topic.num.partitions=4',
      'transaction.state.log.replication.factor=1',
      'transaction.state.log.min.isr=1',
      'transaction.state.log.num.partitions=4',
      'group.initial.rebalance.delay.ms=0',
      'group.min.session.timeout.ms=1000',
      // A broker that was killed is taken back once its old session has ended.
      'broker.session.timeout.ms=2000',
      'broker.heartbeat.interval.ms=500',
      ...properties,
      '',
    ].join('\n'));
    const id = Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url');
    const formatted = await run('java', [
      ...broker.#java(), 'kafka.tools.StorageTool', 'format', `--cluster-id=${id}`, '-c', broker.properties,
    ]);
    if (formatted.code !== 0) throw new Error(`Kafka's storage: ${formatted.stdout}${formatted.stderr}`);
    await broker.restart();
    return broker;
  }

  #java() {
    return ['-Xmx512m', '-cp', `${libs}/*`];
  }

  /** Starts it, again after kill(), and waits until it answers. */
  async restart() {
    this.process = new Process('kafka', 'java', [...this.#java(), 'kafka.Kafka', this.properties]);
    this.process.assertCleanLog = () => {}; // a broker's log is not ours
    const admin = this.client({ retries: 0 }).admin();
    await until('Kafka answers', async () => {
      if (!this.process.alive) throw new Hopeless(this.process.output.slice(-3000) + this.process.errors.slice(-3000));
      await admin.connect();
      await admin.describeCluster();
      return true;
    }, { within: 60_000, every: 200 });
    await admin.disconnect();
    await this.detour.open();
  }

  async kill() {
    await this.process.killed();
    await this.detour.close();
  }

  client({ retries = 5 } = {}) {
    return kafkaClient(this.address, { retries });
  }

  async stop() {
    if (this.process.alive) await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}

export function kafkaClient(address, { retries = 5 } = {}) {
  return new Kafka({
    clientId: 'daywire-test',
    brokers: [address],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 3000,
    requestTimeout: 10_000,
    retry: { retries, initialRetryTime: 100 },
  });
}

/** Reads every record that the topics hold now, as an independent consumer, committed ones only. */
export async function readTopics(address, topics) {
  const client = kafkaClient(address);
  const admin = client.admin();
  await admin.connect();
  const ends = new Map();
  for (const topic of topics) {
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
      if (Number(high) > Number(low)) ends.set(`${topic}/${partition}`, Number(high));
    }
  }
  await admin.disconnect();
  const records = [];
  if (ends.size === 0) return records;

  const consumer = client.consumer({
    groupId: `test-${randomUUID()}`,
    readUncommitted: false,
    maxWaitTimeInMs: 100, // the last look, for nothing, takes as long
  });
  await consumer.connect();
  await consumer.subscribe({ topics, fromBeginning: true });
  const positions = new Map();
  // Also told of what no consumer sees: aborted records, and the markers at the ends of transactions.
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) =>
    positions.set(`${payload.topic}/${payload.partition}`, Number(payload.lastOffset) + 1));
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: true,
    eachBatch: async ({ batch }) => {
      for (const message of batch.messages) {
        const headers = Object.fromEntries(
          Object.entries(message.headers ?? {}).map(([name, value]) => [name, value.toString()]),
        );
        records.push({
          topic: batch.topic,
          partition: batch.partition,
          offset: Number(message.offset),
          timestamp: Number(message.timestamp),
          key: message.key?.toString(),
          value: message.value,
          headers,
        });
      }
    },
  });
  await until('all records are read', () => [...ends].every(([name, end]) => (positions.get(name) ?? 0) >= end));
  await consumer.disconnect();
  records.sort((a, b) => a.topic.localeCompare(b.topic) || a.partition - b.partition || a.offset - b.offset);
  return records;
}
