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
import { Hopeless, until, within } from './until.mjs';

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
    await broker.#format();
    await broker.restart();
    return broker;
  }

  /** In an empty folder, as a cluster of its own. */
  async #format() {
    const id = Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url');
    const formatted = await run('java', [
      ...this.#java(), 'kafka.tools.StorageTool', 'format', `--cluster-id=${id}`, '-c', this.properties,
    ]);
    if (formatted.code !== 0) throw new Error(`Kafka's storage: ${formatted.stdout}${formatted.stderr}`);
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

  /** Ends it as an operator does; restart() takes it back. */
  async shutDown() {
    this.process.kill('SIGTERM');
    await within('Kafka ends', this.process.exited, 60_000);
    await this.detour.close();
  }

  async kill() {
    await this.process.killed();
    await this.detour.close();
  }

  /** After kill(): its disk is lost, and another cluster with nothing in it has its address. */
  async replace() {
    await rm(join(this.folder, 'data'), { recursive: true });
    await this.#format();
    await this.restart();
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

/** An independent consumer, of committed records only. */
export class TopicReader {
  static async open(address, topics) {
    const it = new TopicReader();
    /** In the order of each partition; what compaction removes stays here. `arrived`: when, by our own clock, they were received. */
    it.records = [];
    it.topics = topics;
    it.positions = new Map();
    const client = kafkaClient(address);
    it.admin = client.admin();
    it.consumer = client.consumer({
      groupId: `test-${randomUUID()}`,
      readUncommitted: false,
      maxWaitTimeInMs: 100, // the last look, for nothing, takes as long
    });
    await it.admin.connect();
    await it.consumer.connect();
    await it.consumer.subscribe({ topics, fromBeginning: true });
    // Also told of what no consumer sees: aborted records, and the markers at the ends of transactions.
    it.consumer.on(it.consumer.events.END_BATCH_PROCESS, ({ payload }) =>
      it.positions.set(`${payload.topic}/${payload.partition}`, Number(payload.lastOffset) + 1));
    await it.consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: true,
      eachBatch: async ({ batch }) => {
        for (const message of batch.messages) it.#take(batch, message);
      },
    });
    return it;
  }

  #take({ topic, partition }, message) {
    const headers = Object.fromEntries(
      Object.entries(message.headers ?? {}).map(([name, value]) => [name, value.toString()]),
    );
    this.records.push({
      topic,
      partition,
      offset: Number(message.offset),
      timestamp: Number(message.timestamp),
      arrived: Date.now(),
      key: message.key?.toString(),
      value: message.value,
      headers,
    });
  }

  /** Until everything is read that the topics hold now. */
  async catchUp() {
    const ends = await topicEnds(this.admin, this.topics);
    await until('all records are read', () => [...ends].every(([name, end]) => (this.positions.get(name) ?? 0) >= end));
  }

  async close() {
    await this.consumer.disconnect();
    await this.admin.disconnect();
  }
}

/** `TOPIC/PARTITION` to its end, of those that have records. */
async function topicEnds(admin, topics) {
  const ends = new Map();
  for (const topic of topics) {
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
      if (Number(high) > Number(low)) ends.set(`${topic}/${partition}`, Number(high));
    }
  }
  return ends;
}

/** Reads every record that the topics hold now. */
export async function readTopics(address, topics) {
  const admin = kafkaClient(address).admin();
  await admin.connect();
  const ends = await topicEnds(admin, topics);
  await admin.disconnect();
  if (ends.size === 0) return []; // without waiting for a group
  const reader = await TopicReader.open(address, topics);
  await reader.catchUp();
  await reader.close();
  return reader.records.sort((a, b) => a.topic.localeCompare(b.topic) || a.partition - b.partition || a.offset - b.offset);
}
