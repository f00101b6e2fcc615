// SPDX-License-Identifier: Apache-2.0
// daywire-ingest alone, without a broker unless one is given: for what it stores, and to kill it as often as wanted (standalone
// gives up after five times).
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programs } from './daywire.mjs';
import { Process } from './process.mjs';
import { freePorts } from './ports.mjs';
import { Hopeless, until } from './until.mjs';

/** What it says while no broker is there. */
const noBroker = /msg="kafka client" .*facility=FAIL/;

export class Ingest {
  /** `options`: text for the group [ingest]; `broker`: its address; `env`; `expected`: patterns of provoked warnings. */
  static async start({ options = '', broker = '127.0.0.1:1', env, expected = [] } = {}) {
    const it = new Ingest();
    it.env = env;
    it.expected = [noBroker, ...expected];
    it.folder = await mkdtemp(join(tmpdir(), 'daywire-ingest-'));
    it.spool = join(it.folder, 'spool');
    await mkdir(it.spool);
    const [api, admin] = await freePorts(2);
    it.api = `http://127.0.0.1:${api}`;
    it.admin = `http://127.0.0.1:${admin}`;
    it.database = join(it.folder, 'ingest.db');
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
    await it.run();
    return it;
  }

  /** Starts it, for the first time or again. */
  async run() {
    this.process = new Process('ingest', join(programs, 'daywire-ingest'), ['--config', this.config],
      { env: this.env, expected: this.expected });
    await until('ingest answers', async () => {
      if (!this.process.alive) throw new Hopeless(`ingest ended:\n${this.process.errors.slice(-3000)}`);
      return /^api: ok$/m.test(await this.ready());
    });
  }

  /** What /readyz says. */
  async ready() {
    return (await fetch(`${this.admin}/readyz`)).text();
  }

  async metric(name) {
    const text = await (await fetch(`${this.admin}/metrics`)).text();
    return Number(text.split('\n').find((line) => line.startsWith(`${name} `))?.split(' ').pop());
  }

  // A connection that is kept would be one to a process that was killed since.

  /** The statement as it is stored; undefined when there is none. */
  async stored(id) {
    const headers = { authorization: `Bearer ${this.token}`, connection: 'close' };
    const response = await fetch(`${this.api}/v1/statements/${id}`, { headers });
    return response.status === 200 ? (await response.json()).statement : undefined;
  }

  async request(method, path, statement) {
    const headers = { authorization: `Bearer ${this.token}`, 'content-type': 'application/json', connection: 'close' };
    return fetch(`${this.api}${path}`, { method, headers, body: statement && JSON.stringify(statement) });
  }

  async post(statement) {
    return this.request('POST', '/v1/statements', statement);
  }

  async stop() {
    try {
      if (this.process.alive) await this.process.stop();
    } finally {
      await this.abandon();
    }
  }

  async abandon() {
    if (this.process.alive) await this.process.killed();
    await rm(this.folder, { recursive: true, force: true });
  }
}
