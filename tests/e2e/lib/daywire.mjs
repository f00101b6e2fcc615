// SPDX-License-Identifier: Apache-2.0
// The product under test: the programs of one build folder, run as an operator runs them, on ports of their own.
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import { Process, childrenOf, run } from './process.mjs';
import { exchange, submit } from './exchange.mjs';
import { KafkaBroker } from './kafka.mjs';
import { freePorts } from './ports.mjs';
import { Hopeless, until } from './until.mjs';

export const programs = join(process.env.E2E_BUILD ?? '', 'bin');
/** Which broker the common tests run on: embedded or kafka. */
export const brokerKind = process.env.E2E_BROKER ?? 'embedded';

/** What a service says while no broker is there. */
export const brokerAway = [
  /msg="kafka client" .* facility=FAIL text=".*: Connect to ipv4#127\.0\.0\.1:\d+ failed: Connection (refused|reset by peer) \(after \d+ms in state CONNECT/,
  /msg="kafka client" .* facility=FAIL text=".*: (Disconnected|(Send|Receive) failed: Connection reset by peer)[^(]* \(after \d+ms in state /,
  /msg="part is not ready" part=kafka reason="(the connection to the broker is lost|no broker is connected(; statements are stored and wait)?)"$/,
  /msg="trying again" part=kafka .*error="no Kafka broker answers at 127\.0\.0\.1:\d+"$/,
  /facility=SESSTMOUT text=".*Consumer group session timed out /,
];
/** What the gateway says when it finds another log: the embedded broker's after a restart, or that of a topic made anew. */
export const anotherLog = new RegExp([
  /msg="everything is read from the beginning" reason="(it is another cluster, or has other topics|a topic ends before the position stored)"$/,
  // ... and ingest has filled it again before the gateway looks.
  /msg="the bus is lost" error="record \d+ of \S+, partition \d+, is not the one that was read there before"$/,
].map(({ source }) => source).join('|'));
/** Both, for tests that restart all. */
export const brokerTrouble = [...brokerAway, anotherLog];

export const siteAndCounters = `
[site]
title = Harbour Office
contact = Enquiries: +44 20 7946 0000
language = en
time-zone = Europe/London
clock.London = Europe/London
clock.Lisbon = Europe/Lisbon

[counter harbour]
since = 2018-03-04
time-zone = Europe/London
label.en = {days, plural, one {# day has passed} other {# days have passed}} since the harbour opened
label.ru = {days, plural, one {Прошёл # день} few {Прошло # дня} many {Прошло # дней} other {Прошло # дня}} со дня открытия гавани

[counter lighthouse]
since = 2018-03-12
time-zone = Europe/London
label.en = {days, plural, one {# day} other {# days}} since the lighthouse was lit
`;

export class Daywire {
  /**
   * Starts everything. Options: `broker` (a KafkaBroker that the caller owns; else one as brokerKind says), `detour: true` (to
   * reach Kafka by it), `config` (text after the common groups), `env` (by service name), `expected` (patterns of provoked
   * warnings), `only` (names of services, on Kafka), `standalone` (the command that runs everything, its broker included),
   * `ready: false` (do not wait).
   */
  static async start(options = {}) {
    if (brokerKind === 'compose') return (await import('./compose.mjs')).Compose.start(options);
    const it = new Daywire();
    it.options = options;
    it.folder = await mkdtemp(join(tmpdir(), 'daywire-'));
    it.data = join(it.folder, 'data');
    await mkdir(it.data, { mode: 0o700 });
    const [api, gateway, adminIngest, adminCounter, adminGateway] = await freePorts(5);
    it.api = `http://127.0.0.1:${api}`;
    it.web = `http://127.0.0.1:${gateway}`;
    it.stream = `ws://127.0.0.1:${gateway}/v1/ws`;
    it.admin = {
      ingest: `http://127.0.0.1:${adminIngest}`,
      counter: `http://127.0.0.1:${adminCounter}`,
      gateway: `http://127.0.0.1:${adminGateway}`,
    };
    it.tokenFile = join(it.data, 'token');
    it.broker = options.broker;
    if (brokerKind === 'kafka' && !options.standalone) it.broker ??= await KafkaBroker.start();

    const ofKafka = it.broker
      ? `[kafka]
bootstrap.servers = ${options.detour ? it.broker.detour.address : it.broker.address}
reconnect.backoff.max.ms = 500
[topics]
partitions = 3
`
      : '';
    it.config = join(it.folder, 'daywire.ini');
    await writeFile(it.config, `${ofKafka}
[ingest]
listen = 127.0.0.1:${api}
admin = 127.0.0.1:${adminIngest}
database = ${join(it.data, 'ingest.db')}
token-file = ${it.tokenFile}
[counters]
admin = 127.0.0.1:${adminCounter}
[gateway]
listen = 127.0.0.1:${gateway}
admin = 127.0.0.1:${adminGateway}
database = ${join(it.data, 'gateway.db')}
workers = 2
drain = 1s
${options.config ?? siteAndCounters}`);
    await writeFile(it.tokenFile, 'a-token-for-tests-0123456789\n', { mode: 0o600 });
    try {
      await it.startServices();
      if (options.ready !== false) await it.ready();
      it.token = (await readFile(it.tokenFile, 'utf8')).trim();
    } catch (error) {
      error.message += `\n${it.logs()}`;
      await it.abandon();
      throw error;
    }
    return it;
  }

  get services() {
    return this.options.only ?? ['ingest', 'counter', 'gateway'];
  }

  /** Of every server: the API, the gateway, the operator's ports. */
  urls() {
    return [this.api, this.web, ...Object.values(this.admin)];
  }

  /** The process ids by name; those of standalone's children where there is one. */
  async pids() {
    if (this.broker) {
      return Object.fromEntries(Object.entries(this.processes).map(([name, { pid, alive }]) => [name, alive ? pid : null]));
    }
    const children = await childrenOf(this.processes.standalone.pid);
    return Object.fromEntries(children.map(({ pid, name }) => [name.replace('daywire-', ''), pid]));
  }

  async startServices() {
    this.processes = {};
    const { expected } = this.options;
    if (!this.broker) {
      const [command, ...args] = this.options.standalone ?? [join(programs, 'daywire'), 'standalone'];
      this.processes.standalone = new Process('standalone', command, [...args, '--config', 'daywire.ini', '--data', 'data'], {
        cwd: this.folder,
        env: this.options.env?.standalone,
        expected,
      });
    } else {
      for (const name of this.services) this.startService(name);
    }
  }

  /** `as`: the name of a second one. */
  startService(name, { as = name, env = this.options.env?.[name], expected = this.options.expected } = {}) {
    this.processes[as] = new Process(as, join(programs, `daywire-${name}`), ['--config', this.config], { expected, env });
    return this.processes[as];
  }

  async ready() {
    for (const name of this.services) {
      await until(`${name} is ready`, async () => {
        for (const process of Object.values(this.processes)) {
          if (!process.alive) throw new Hopeless(`${process.name} ended:\n${process.output}${process.errors.slice(-3000)}`);
        }
        return (await fetch(`${this.admin[name]}/readyz`)).status === 200;
      }, { within: 60_000, every: 50 });
    }
  }

  logs() {
    return Object.values(this.processes ?? {}).map((p) => `--- ${p.name}\n${p.errors.slice(-3000)}`).join('\n');
  }

  /** A request to ingest's API; see submit(). */
  request(method, path, body, { token = this.token, ...options } = {}) {
    return submit(this.api + path, method, body, { token, ...options });
  }

  async publish(statement, query = '?wait=published') {
    const answer = await this.request('POST', `/v1/statements${query}`, statement);
    assert.ok([200, 201].includes(answer.status), `publish: ${answer.status} ${answer.text}`);
    return answer.json;
  }

  get(path, options) {
    return exchange(this.web + path, options);
  }

  /** The command line tool, with this instance's server and token. */
  cli(args, options = {}) {
    const command = args[0];
    const remote = ['import', 'publish', 'correct', 'withdraw', 'cancel', 'history', 'republish', 'feeds'].includes(command)
      ? ['--server', this.api, '--token-file', this.tokenFile] : [];
    return run(join(programs, 'daywire'), [command, ...remote, ...args.slice(1)], options);
  }

  /** Where the bus can be reached from outside. */
  async bootstrap() {
    if (this.broker) return this.broker.address;
    const line = await until('standalone names its broker', () =>
      this.processes.standalone.output.match(/broker[^\n]*?(127\.0\.0\.1:\d+)/i)
      ?? this.processes.standalone.errors.match(/broker[^\n]*?(127\.0\.0\.1:\d+)/i));
    return line[1];
  }

  async stopServices() {
    for (const process of Object.values(this.processes).reverse()) await process.stop();
  }

  /** Stops all and asserts that all went well. */
  async stop() {
    try {
      await this.stopServices();
    } finally {
      await this.abandon();
    }
  }

  async abandon() {
    for (const process of Object.values(this.processes ?? {})) if (process.alive) await process.killed();
    if (this.broker && !this.options.broker) await this.broker.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
