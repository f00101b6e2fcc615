// SPDX-License-Identifier: Apache-2.0
// Streams of JSON lines of any length: in bounded memory, answered while they come, cut at any moment and repeated.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { Daywire, programs } from './lib/daywire.mjs';
import { Process } from './lib/process.mjs';
import { until, within } from './lib/until.mjs';

// AddressSanitizer keeps what is freed for a while, which would be taken for use.
const lean = { ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:quarantine_size_mb=1` };
let daywire;
before(async () => {
  daywire = await Daywire.start({ env: { standalone: lean, ingest: lean } });
});
after(() => daywire?.stop());

const line = (id, more = {}) => JSON.stringify({ id, title: `Notice ${id}`, date: '2024-01-01', ...more });

/** A field of /proc/PID/status in KB. */
async function memory(pid, field) {
  return Number((await readFile(`/proc/${pid}/status`, 'utf8')).match(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm'))[1]);
}

/** What ingest has counted so far; 0 for what it has not met yet. */
async function metric(name, label) {
  const metrics = await (await fetch(`${daywire.admin.ingest}/metrics`)).text();
  return Number(metrics.match(new RegExp(`^${name}\\{${label}\\} (\\d+)`, 'm'))?.[1] ?? 0);
}

/** How many statements ingest has counted with this result. */
const counted = (result) => metric('daywire_ingest_statements_total', `result="${result}"`);

/**
 * One request whose body is `count` lines; `check(answer)` gets each line of the answer as it comes. Resolves with the
 * number of answers, and how many had come before all was sent.
 */
function stream(count, makeLine, check) {
  return within('the stream ends', new Promise((resolve, reject) => {
    const { hostname, port } = new URL(daywire.api);
    const outgoing = request({
      hostname, port, method: 'POST', path: '/v1/statements',
      headers: { authorization: `Bearer ${daywire.token}`, 'content-type': 'application/x-ndjson' },
    });
    let sent = 0;
    let answers = 0;
    let early = 0;
    const send = () => {
      while (sent < count) {
        let text = '';
        for (let i = 0; i < 100 && sent < count; i++) text += `${makeLine(++sent)}\n`;
        if (!outgoing.write(text)) {
          outgoing.once('drain', send);
          return;
        }
      }
      outgoing.end();
    };
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      assert.equal(response.statusCode, 200);
      let rest = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop();
        for (const text of lines) {
          answers += 1;
          if (sent < count) early += 1;
          try {
            check(JSON.parse(text), answers);
          } catch (error) {
            reject(error);
            response.destroy();
            return;
          }
        }
      });
      response.on('error', reject);
      response.on('end', () => resolve({ answers, early }));
    });
    send();
  }), 240_000);
}

test('50,000 lines in one request, some of them wrong, in bounded memory', async (t) => {
  const { ingest: pid } = await daywire.pids();
  const body = 'x'.repeat(1000);
  const isBad = (number) => number % 1000 === 500;
  // What any stream needs, such as the cache of the database, is needed before it is measured.
  await stream(20_000, (number) => line(`warm-${number}`, { body }), (answer) => assert.equal(answer.status, 201));
  const before = await memory(pid, 'VmHWM');
  const { answers, early } = await stream(50_000,
    (number) => (isBad(number) ? line(`s-${number}`, { title: '', body }) : line(`s-${number}`, { body })),
    (answer, number) => {
      assert.equal(answer.line, number);
      assert.deepEqual([answer.status, answer.field], isBad(number) ? [400, 'title'] : [201, undefined]);
    });
  assert.equal(answers, 50_000);
  assert.ok(early > 25_000, `${early} answers came while lines were still being sent`);
  const grown = (await memory(pid, 'VmHWM')) - before;
  t.diagnostic(`memory has grown by ${grown} KB`);
  assert.ok(grown < 10_000, `memory has grown by ${grown} KB over a stream of 55 MB`);
  assert.equal(await counted('created'), 20_000 + 50_000 - 50);
});

/** `daywire import` with its standard input and output at hand. */
function startImport(args) {
  const child = spawn(join(programs, 'daywire'), ['import', '--server', daywire.api, '--token-file', daywire.tokenFile, ...args]);
  const it = { child, out: '', err: '' };
  child.stdout.on('data', (chunk) => (it.out += chunk));
  child.stderr.on('data', (chunk) => (it.err += chunk));
  child.stdin.on('error', () => {});
  it.exited = new Promise((resolve) => child.on('close', (code, signal) => resolve(code ?? signal)));
  return it;
}

async function archive(name, count) {
  const file = join(daywire.folder, `${name}.ndjson`);
  await writeFile(file, Array.from({ length: count }, (_, i) => `${line(`${name}-${i}`)}\n`).join(''));
  return file;
}

const numbers = (text) => text.match(/^(\d+) read: (\d+) created, (\d+) updated, (\d+) unchanged, (\d+) refused$/m)?.slice(1).map(Number);

test('an import that is killed midway, and then repeated, creates nothing twice', async () => {
  const count = 20_000;
  const file = await archive('killed', count);
  const start = await counted('created');
  const gone = await metric('daywire_ingest_streams_total', 'end="gone"');
  const first = startImport([file]);
  await until('some of it is stored', async () => (await counted('created')) > start + 2000, { every: 5 });
  first.child.kill('SIGKILL');
  assert.equal(await within('it dies', first.exited), 'SIGKILL');
  await until('ingest has seen it go', async () => (await metric('daywire_ingest_streams_total', 'end="gone"')) > gone);
  // What it had taken before is stored before this.
  assert.equal((await daywire.request('POST', '/v1/statements', { id: 'afterwards', title: 'After', date: '2024-01-01' })).status, 201);
  const stored = (await counted('created')) - 1 - start;
  assert.ok(stored < count, 'it was killed too late to show anything');
  const second = await daywire.cli(['import', file]);
  assert.equal(second.code, 0, second.stderr);
  const [read, created, updated, unchanged, refused] = numbers(second.stdout);
  assert.deepEqual([read, updated, refused], [count, 0, 0]);
  assert.equal(created + unchanged, count);
  assert.equal(unchanged, stored);
  assert.equal(await counted('created'), start + count + 1);
});

// That others are served meanwhile is a matter of how many revisions are read: tests/unit/ingest/test_storing_history.c.
test('an archive with 1,500 revisions of one statement creates nothing twice', async () => {
  const count = 1500;
  const file = join(daywire.folder, 'history.ndjson');
  await writeFile(file, Array.from({ length: count }, (_, i) => `${line('history', { title: `As of day ${i}` })}\n`).join(''));
  for (const expected of [[count, 1, count - 1, 0, 0], [count, 0, 0, count, 0], [count, 0, 0, count, 0]]) {
    const run = startImport([file]);
    assert.equal(await within('it ends', run.exited), 0, run.err);
    assert.deepEqual(numbers(run.out), expected);
  }
  assert.equal((await daywire.request('GET', '/v1/statements/history')).json.statement.revision, count);
});

test('an interrupted import ends in order and tells what was taken', async () => {
  const count = 20_000;
  const file = await archive('interrupted', count);
  const start = await counted('created');
  const run = startImport([file]);
  await until('some of it is stored', async () => (await counted('created')) > start + 1000, { every: 5 });
  run.child.kill('SIGINT');
  assert.equal(await within('it ends', run.exited), 130, run.err);
  assert.match(run.err, /interrupted; what was answered is stored, and importing again takes the rest/);
  const [read, created] = numbers(run.out);
  assert.ok(created > 1000 && created < count && created <= read, run.out);
  assert.equal(await counted('created'), start + created); // not one that it does not know of
  const rest = await daywire.cli(['import', file]);
  assert.equal(numbers(rest.stdout)[1], count - created);
});

test('an import goes on when ingest comes back', async () => {
  const count = 20_000;
  const file = await archive('restarted', count);
  // Of its own: standalone would tell that a service was killed.
  const folder = daywire.folder;
  const [api, admin] = await (await import('./lib/ports.mjs')).freePorts(2);
  const env = {
    ...lean, DAYWIRE_INGEST_LISTEN: `127.0.0.1:${api}`, DAYWIRE_INGEST_ADMIN: `127.0.0.1:${admin}`,
    DAYWIRE_INGEST_DATABASE: join(folder, 'other.db'), DAYWIRE_INGEST_TOKEN_FILE: daywire.tokenFile,
    DAYWIRE_KAFKA_BOOTSTRAP_SERVERS: await daywire.bootstrap(), DAYWIRE_TOPICS_STATEMENTS: 'other.statements',
  };
  const start = async () => {
    const ingest = new Process('ingest', join(programs, 'daywire-ingest'), [], { env });
    await until('it listens', async () => (await fetch(`http://127.0.0.1:${admin}/livez`)).status === 200);
    return ingest;
  };
  let ingest = await start();
  const run = startImport(['--quiet', '--server', `http://127.0.0.1:${api}`, file]);
  for (const end of ['killed', 'stop']) {
    const target = end === 'killed' ? 3000 : 2000;
    await until('some of it is stored', async () => {
      const metrics = await (await fetch(`http://127.0.0.1:${admin}/metrics`)).text();
      return Number(metrics.match(/^daywire_ingest_statements_total\{result="created"\} (\d+)/m)[1]) > target;
    }, { every: 5 });
    await ingest[end]();
    ingest = await start();
  }
  assert.equal(await within('the import ends', run.exited, 120_000), 0, run.err);
  assert.equal(run.err, '');
  const [read, created, updated, unchanged, refused] = numbers(run.out);
  assert.deepEqual([read, created + unchanged, updated, refused], [count, count, 0, 0]);
  await ingest.stop();
});

test('standard input is taken as it comes, and refusals are told with their line', async () => {
  const run = startImport(['-']);
  run.child.stdin.write(`${line('slow-1')}\n\n${line('slow-2', { date: '2024-02-30' })}\n`);
  await until('the first line is stored', async () => (await daywire.request('GET', '/v1/statements/slow-1')).status === 200);
  await daywire.request('DELETE', '/v1/statements/slow-1?note=Over.');
  run.child.stdin.write(`${line('slow-1')}\n`); // an import does not undo a withdrawal
  await until('its refusal is told', () => run.err.includes('standard input:4: '));
  assert.match(run.err, /^standard input:3: date: /m);
  run.child.stdin.end(`${'x'.repeat(16 * 1024 * 1024 + 1)}\n${line('slow-3')}`);
  assert.equal(await within('it ends', run.exited), 1, run.err);
  assert.match(run.err, /^standard input:5: the line is longer than 16777216 bytes$/m);
  assert.deepEqual(numbers(run.out), [5, 2, 0, 0, 3]);
});

test('an empty file is told as such, by whatever way it comes', async () => {
  const file = join(daywire.folder, 'empty.json');
  await writeFile(file, '');
  for (const args of [[file], ['--dry-run', file], ['--source', 'x', file], ['--dry-run', '--site', file], ['-'], ['/dev/null']]) {
    const run = startImport(args);
    run.child.stdin.end();
    assert.equal(await within('it ends', run.exited), 2, args.join());
    assert.match(run.err, args.includes('--site') ? /: not a text capture of a page / : /: there is nothing in it$/m, args.join());
  }
});

test('how far it is is told by nothing else than lines where there is no terminal, and not at all with --quiet', async () => {
  const file = await archive('progress', 100);
  const short = await daywire.cli(['import', file]);
  assert.equal(short.stderr, '');
  const [told, quiet] = [startImport(['-']), startImport(['--quiet', '-'])];
  for (const run of [quiet, told]) run.child.stdin.write(`${line('told')}\n`);
  // The quiet one, which was there first, would have told as well.
  await until('it is told twice', () => told.err.match(/^\d[\d,]* lines?, \d[\d,]*\/s$/gm)?.length >= 2, { every: 100 });
  for (const run of [quiet, told]) {
    run.child.stdin.end();
    assert.equal(await within('it ends', run.exited), 0, run.err);
  }
  assert.doesNotMatch(told.err, /[\r\u001b]/);
  assert.equal(quiet.err, '');
});
