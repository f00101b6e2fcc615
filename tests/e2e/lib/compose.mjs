// SPDX-License-Identifier: Apache-2.0
// The product as docker-compose.yml runs it, on ports of its own, behind the surface of daywire.mjs. tests/compose/run has
// built the images.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import assert from 'node:assert/strict';
import { Daywire, siteAndCounters } from './daywire.mjs';
import { freePorts } from './ports.mjs';
import { run } from './process.mjs';
import { until } from './until.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const [command, ...words] = (process.env.E2E_COMPOSE ?? 'docker-compose').split(' ');

export class Compose extends Daywire {
  /**
   * Options as of Daywire.start(), as far as they make sense: `config`, `expected`; and `sample`; and `gateways`, one unless more
   * are asked for, since what one of them tells another may not have read yet.
   */
  static async start(options = {}) {
    const it = new Compose();
    it.options = options;
    it.proxied = true;
    it.processes = {};
    it.admin = {}; // not reachable from outside
    it.folder = await mkdtemp(join(tmpdir(), 'daywire-'));
    const [gateway, api, kafka] = await freePorts(3);
    it.env = {
      COMPOSE_PROJECT_NAME: `daywire-test-${randomBytes(4).toString('hex')}`,
      DAYWIRE_PORT: `${gateway}`,
      INGEST_PORT: `${api}`,
      KAFKA_PORT: `${kafka}`,
      DAYWIRE_SAMPLE: options.sample ? 'yes' : 'no',
    };
    if (!options.sample) {
      it.env.DAYWIRE_CONFIG = join(it.folder, 'daywire.ini');
      await writeFile(it.env.DAYWIRE_CONFIG, options.config ?? siteAndCounters, { mode: 0o644 });
    }
    it.web = `http://127.0.0.1:${gateway}`;
    it.stream = `ws://127.0.0.1:${gateway}/v1/ws`;
    it.api = `http://127.0.0.1:${api}`;
    it.kafka = `localhost:${kafka}`;
    try {
      await it.up();
    } catch (error) {
      error.message += `\n${await it.log()}`;
      await it.abandon();
      throw error;
    }
    return it;
  }

  /** Runs docker-compose, which has to succeed; gives what it printed. */
  async compose(...args) {
    const { code, stdout, stderr } = await run(command, [...words, ...args], { cwd: root, env: this.env, within: 180_000 });
    assert.equal(code, 0, `${command} ${args.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  }

  async up(gateways = this.options.gateways ?? 1) {
    await this.compose('up', '-d', '--no-build', '--scale', `gateway=${gateways}`);
    await this.ready();
    this.token = (await this.compose('exec', '-T', 'ingest', 'cat', '/run/daywire/token')).trim();
  }

  async ready() {
    await until('the proxy has gateways that are ready', async () => (await fetch(`${this.web}/v1/statements`)).status === 200,
      { within: 120_000, every: 100 });
    await until('ingest answers', async () => (await fetch(`${this.api}/v1/statements/x`)).status === 401,
      { within: 60_000, every: 100 });
  }

  async down() {
    await this.compose('down');
  }

  async bootstrap() {
    return this.kafka;
  }

  /** The names of a service's containers. */
  async containers(service) {
    const ids = (await this.compose('ps', '-q', service)).split('\n').filter(Boolean);
    return Promise.all(ids.map(async (id) => (await docker('inspect', '-f', '{{.Name}}', id)).trim().replace(/^\//, '')));
  }

  /** The services' process ids by container. */
  async pids() {
    const names = (await Promise.all(this.services.map((service) => this.containers(service)))).flat();
    return Object.fromEntries(await Promise.all(names.map(async (name) =>
      [name, Number(await docker('inspect', '-f', '{{.State.Pid}}', name))])));
  }

  async log() {
    return run(command, [...words, 'logs', '--no-color'], { cwd: root, env: this.env }).then((r) => r.stdout, String);
  }

  async stop() {
    try {
      await this.compose('stop', 'gateway'); // clients hear where to go on
      const bad = (await this.log()).split('\n')
        .filter((line) => !/^kafka/.test(line))
        .filter((line) => /level=(warning|error)|\[(warn|error|crit|alert|emerg)\]|Sanitizer/.test(line))
        .filter((line) => ![...usual, ...(this.options.expected ?? [])].some((pattern) => pattern.test(line)));
      assert.deepEqual(bad, [], 'logged what nobody expected');
    } finally {
      await this.abandon();
    }
  }

  async abandon() {
    await run(command, [...words, 'down', '-v', '-t', '5'], { cwd: root, env: this.env, within: 120_000 });
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** What a healthy start or stop may say. */
const usual = [/Coordinator load in progress/];

export async function docker(...args) {
  const { code, stdout, stderr } = await run('docker', args);
  assert.equal(code, 0, `docker ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}
