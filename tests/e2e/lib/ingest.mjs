// SPDX-License-Identifier: Apache-2.0
// daywire-ingest alone, without a broker unless one is given: for what it stores, and to kill it as often as wanted (standalone
// gives up after five times).
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import { programs } from './daywire.mjs';
import { submit } from './exchange.mjs';
import { Process, run } from './process.mjs';
import { freePorts } from './ports.mjs';
import { Hopeless, until } from './until.mjs';

/** What it says while no broker is there. */
const noBroker = /msg="kafka client" .*facility=FAIL/;

export class Ingest {
  /** Started, and answering. */
  static async start(settings) {
    const it = await Ingest.make(settings);
    await it.run();
    return it;
  }

  /**
   * Not started. `options`: text for the group [ingest]; `broker`: its address; `folder`: for its files, else one of its own;
   * `database`: a path in it; `env`; `expected`: patterns of provoked warnings.
   */
  static async make({ options = '', broker = '127.0.0.1:1', folder, database = 'ingest.db', env, expected = [] } = {}) {
    const it = new Ingest();
    it.env = env;
    it.expected = [noBroker, ...expected];
    it.folder = folder ?? await mkdtemp(join(tmpdir(), 'daywire-ingest-'));
    it.spool = join(it.folder, 'spool');
    await mkdir(it.spool);
    const [api, admin] = await freePorts(2);
    it.api = `http://127.0.0.1:${api}`;
    it.admin = `http://127.0.0.1:${admin}`;
    it.database = join(it.folder, database);
    it.token = 'a-token-for-tests-0123456789';
    await writeFile(join(it.folder, 'token'), `${it.token}\n`, { mode: 0o600 });
    it.config = join(it.folder, 'daywire.ini');
    await writeFile(it.config, `[kafka]
bootstrap.servers = ${broker}
[ingest]
listen = 127.0.0.1:${api}
admin = 127.0.0.1:${admin}
database = ${it.database}
token-file = ${join(it.folder, 'token')}
spool = ${it.spool}
${options}`);
    return it;
  }

  /** Starts it, for the first time or again, and waits for nothing; `expected`: more patterns. */
  start(expected = []) {
    this.process = new Process('ingest', join(programs, 'daywire-ingest'), ['--config', this.config],
      { env: this.env, expected: [...this.expected, ...expected] });
    return this.process;
  }

  /** Starts it, and waits until it answers. */
  async run() {
    this.start();
    await until('ingest answers', async () => /^api: ok$/m.test(await this.ready()));
  }

  /** A start that must fail, with this reason in its log. */
  async refuses(reason) {
    const { code, stderr } = await run(join(programs, 'daywire-ingest'), ['--config', this.config], { env: this.env });
    assert.equal(code, 1, stderr);
    assert.match(stderr, reason);
  }

  /** What /readyz says. */
  ready() {
    return this.administration('/readyz');
  }

  async metric(name) {
    const text = await this.administration('/metrics');
    return Number(text.split('\n').find((line) => line.startsWith(`${name} `))?.split(' ').pop());
  }

  /** An error that ends all waiting once ingest has ended. */
  async administration(path) {
    if (!this.process.alive) throw new Hopeless(`ingest ended:\n${this.process.errors.slice(-3000)}`);
    return (await fetch(this.admin + path)).text();
  }

  get(id) {
    return this.request('GET', `/v1/statements/${id}`);
  }

  /** The statement as it is stored; undefined when there is none. */
  async stored(id) {
    return (await this.get(id)).json?.statement;
  }

  /** A connection that is kept would be one to a process that was killed since. */
  request(method, path, statement, type) {
    return submit(this.api + path, method, statement, { token: this.token, type, headers: { connection: 'close' } });
  }

  post(statement) {
    return this.request('POST', '/v1/statements', statement);
  }

  async stop() {
    try {
      if (this.process.alive) await this.process.stop();
    } finally {
      await this.abandon();
    }
  }

  /** Kills it; its files stay. */
  async end() {
    if (this.process?.alive) await this.process.killed();
  }

  async abandon() {
    await this.end();
    await rm(this.folder, { recursive: true, force: true });
  }
}
