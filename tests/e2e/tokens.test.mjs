// SPDX-License-Identifier: Apache-2.0
// Tokens with their rights, limits and reload; what slow clients and strangers may cost; the limits of fields.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Daywire } from './lib/daywire.mjs';
import { raw } from './lib/raw.mjs';
import { until, within } from './lib/until.mjs';

const rights = ['publish', 'withdraw', 'read'];
/** Every set of rights that is not empty, by the name of its token. */
const matrix = Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((bits) => {
  const granted = rights.filter((_, i) => bits & (1 << i));
  return [granted.join('-'), granted];
}));
const limits = {
  DAYWIRE_INGEST_HEADER_TIMEOUT: '1s',
  DAYWIRE_INGEST_BODY_TIMEOUT: '2s',
  DAYWIRE_INGEST_BODY_RATE: '1K',
  DAYWIRE_INGEST_MAX_BODY: '100K',
  DAYWIRE_INGEST_MAX_UNAUTHENTICATED: '20',
  DAYWIRE_INGEST_MAX_TITLE: '40',
  DAYWIRE_INGEST_MAX_SUMMARY: '50',
  DAYWIRE_INGEST_MAX_TEXT: '60',
  DAYWIRE_INGEST_MAX_TAGS: '2',
};
const unauthorised = /msg="requests without a good token were refused" /;
const exposed = /msg="others than its owner can read or change the file of a token: chmod 600" /;
const notReloaded = /msg="nothing is reloaded: what was valid so far stays" /;

let folder;
let daywire;
const secret = (name) => `secret-of-${name}-0123456789`;
const file = (name) => join(folder, name);
const group = (name, granted, more = '') =>
  `[token ${name}]\nfile = ${file(name)}\nrights = ${granted.join(', ')}\n${more}`;
const write = (name, text = secret(name)) => writeFile(file(name), `${text}\n`, { mode: 0o600 });

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daywire-tokens-'));
  const named = { ...matrix, fast: rights, narrow: rights, leaving: rights, steady: rights };
  for (const name of Object.keys(named)) await write(name);
  const more = { fast: 'requests-per-second = 3\n', narrow: 'max-requests = 2\n' };
  daywire = await Daywire.start({
    config: Object.entries(named).map(([name, granted]) => group(name, granted, more[name])).join(''),
    env: { standalone: limits, ingest: limits },
    expected: [unauthorised, exposed, notReloaded],
  });
});

after(async () => {
  await daywire?.stop();
  await rm(folder, { recursive: true, force: true });
});

const errors = () => Object.values(daywire.processes).map((p) => p.errors).join('');
const statement = (id, more = {}) => ({ id, title: 'The ferry sails', date: '2026-03-02', ...more });
const ask = (name, method, id, more = {}) => {
  const bodies = { POST: statement(id, more), PUT: statement(id, more) };
  const path = `/v1/statements${method === 'POST' ? '' : `/${id}`}${method === 'DELETE' ? '?note=Too+early.' : ''}`;
  return daywire.request(method, path, bodies[method], { token: secret(name) });
};

test('each method needs its right, and a refusal names it and the token', async () => {
  const needed = { POST: 'publish', PUT: 'publish', DELETE: 'withdraw', GET: 'read', HEAD: 'read' };
  await daywire.publish(statement('matrix'));
  for (const [name, granted] of Object.entries(matrix)) {
    for (const [method, right] of Object.entries(needed)) {
      const id = `matrix-${name}`;
      await ask('steady', 'PUT', id, { title: `The ferry sails at ${method}` });
      const answer = await ask(name, method, id);
      const label = `${method} with ${name}: ${answer.status} ${answer.text}`;
      if (granted.includes(right)) {
        assert.ok([200, 201].includes(answer.status), label);
        continue;
      }
      assert.equal(answer.status, 403, label);
      if (method === 'HEAD') continue;
      assert.match(answer.headers.get('content-type'), /application\/problem\+json/);
      assert.deepEqual(answer.json, {
        type: 'about:blank',
        title: 'Forbidden',
        status: 403,
        detail: `the token ${name} lacks the right ${right}, which ${method} needs`,
      });
      // And nothing is done.
      const now = await ask('steady', 'GET', id);
      assert.equal(now.json.statement.title, `The ferry sails at ${method}`, label);
      assert.equal(now.json.statement.status, 'usable', label);
    }
  }
});

test('a correction and a return are published, whatever they change', async () => {
  await ask('publish', 'POST', 'returning');
  assert.equal((await ask('publish', 'PUT', 'returning', { title: 'It sails', change: 'corrected', note: 'Not so.' })).status, 200);
  assert.equal((await ask('withdraw', 'DELETE', 'returning')).status, 200);
  assert.equal((await ask('publish', 'PUT', 'returning', { change: 'published' })).status, 200);
});

test('the history names the token of each revision', async () => {
  const id = 'whose';
  const line = `${JSON.stringify(statement(id, { title: 'It sails at eight' }))}\n`;
  assert.equal((await ask('publish', 'POST', id)).status, 201);
  assert.equal((await ask('steady', 'PUT', id, { title: 'It sails at seven' })).status, 200);
  // Whoever says the same again, or has no right, has done nothing.
  assert.equal((await ask('publish', 'PUT', id, { title: 'It sails at seven' })).json.result, 'unchanged');
  assert.equal((await ask('withdraw', 'PUT', id, { title: 'It sails at six' })).status, 403);
  assert.equal((await daywire.request('POST', '/v1/statements', line, { token: secret('publish'), type: 'application/x-ndjson' })).status, 200);
  assert.equal((await ask('withdraw', 'DELETE', id)).status, 200);
  assert.equal((await daywire.publish(statement(id))).result, 'updated');

  const { json } = await daywire.request('GET', `/v1/statements/${id}/revisions`, undefined, { token: secret('read') });
  assert.deepEqual(json.revisions.map(({ revision, change, by, title }) => [revision, change, by, title]), [
    [5, 'published', 'default', 'The ferry sails'],
    [4, 'withdrawn', 'withdraw', null],
    [3, 'updated', 'publish', 'It sails at eight'],
    [2, 'updated', 'steady', 'It sails at seven'],
    [1, 'published', 'publish', 'The ferry sails'],
  ]);
  for (const { revision, by } of json.revisions) {
    assert.equal((await ask('read', 'GET', `${id}/revisions/${revision}`)).json.by, by);
  }
});

test('the old token-file has all rights', async () => {
  for (const method of ['POST', 'PUT', 'GET', 'DELETE']) {
    const body = method === 'POST' || method === 'PUT' ? statement('by-default') : undefined;
    const path = `/v1/statements${method === 'POST' ? '' : '/by-default'}${method === 'DELETE' ? '?note=Too+early.' : ''}`;
    const answer = await daywire.request(method, path, body);
    assert.ok([200, 201].includes(answer.status), `${method}: ${answer.status} ${answer.text}`);
  }
});

test('the command line tells which right is missing', async () => {
  const args = ['--token-file', file('read'), '--id', 'by-hand', '--title', 'The ferry sails', '--date', '2026-03-02'];
  const { code, stderr } = await daywire.cli(['publish', ...args]);
  assert.notEqual(code, 0);
  assert.match(stderr, /the token read lacks the right publish, which (POST|PUT) needs/);
});

// ---- reload ----

const configuration = async (change) => writeFile(daywire.config, change(await readFile(daywire.config, 'utf8')));
const told = (pattern) => errors().split('\n').filter((line) => pattern.test(line)).length;
const metric = async (name) => {
  const text = await (await fetch(`${daywire.admin.ingest}/metrics`)).text();
  return Number(text.match(new RegExp(`^${name} (\\d+)$`, 'm'))?.[1]);
};
const hangUp = async () => process.kill((await daywire.pids()).ingest, 'SIGHUP');

/** Has the tokens read again; returns how many there are now. */
async function reload() {
  const before = await metric('daywire_ingest_token_reloads_total');
  const failures = told(notReloaded);
  await hangUp();
  await until('the tokens are read again', async () => (await metric('daywire_ingest_token_reloads_total')) > before);
  assert.equal(told(notReloaded), failures);
  return metric('daywire_ingest_tokens');
}

/** The same where it must fail; returns the line that says why. */
async function reloadInVain() {
  const before = told(notReloaded);
  await hangUp();
  await until('the log says why', () => told(notReloaded) > before);
  return errors().split('\n').filter((line) => notReloaded.test(line)).at(-1);
}

/** A request whose body is not sent to its end yet. */
async function begin(name, id) {
  const body = JSON.stringify(statement(id));
  const socket = connect(Number(new URL(daywire.api).port), '127.0.0.1');
  let answer = '';
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.on('data', (chunk) => (answer += chunk));
  socket.on('error', () => {});
  // 100-continue: it is let in once that has come.
  socket.write('POST /v1/statements HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\n'
    + `Authorization: Bearer ${secret(name)}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`);
  const head = await until('the request is let in or refused', () => answer.match(/^HTTP\/1\.1 (\d+) /)?.[1]);
  return {
    head,
    answer: () => answer,
    abort: () => socket.destroy(),
    async end() {
      socket.write(body);
      await within('the answer is complete', closed);
      return Number(answer.match(/HTTP\/1\.1 (2\d\d|4\d\d|5\d\d) /)?.[1]);
    },
  };
}

test('SIGHUP adds, removes and changes tokens while requests run', async () => {
  let running = true;
  let count = 0;
  const steady = Promise.all([0, 1, 2, 3].map(async (client) => {
    while (running) {
      const answer = await ask('steady', 'PUT', `steady-${client}`, { title: `Sailing ${count++}` });
      assert.ok([200, 201].includes(answer.status), `${answer.status} ${answer.text}`);
    }
  }));
  const goesOn = () => {
    const now = count;
    return until('requests go on', () => count > now + 10);
  };
  try {
    await goesOn();
    const underWay = await begin('leaving', 'under-way');
    assert.equal(underWay.head, '100');
    await write('joining');
    await write('withdraw', 'another-secret-0123456789');
    await configuration((text) => text.replace(group('leaving', rights), group('joining', ['read'])));
    for (const name of ['joining', 'other']) assert.equal((await ask(name, 'GET', 'steady-0')).status, 401);
    assert.equal(await reload(), 12);

    assert.equal((await ask('joining', 'GET', 'steady-0')).status, 200);
    assert.equal((await ask('joining', 'POST', 'x')).status, 403);
    assert.equal((await ask('leaving', 'GET', 'steady-0')).status, 401);
    assert.equal((await ask('withdraw', 'DELETE', 'steady-0')).status, 401);
    assert.equal(await underWay.end(), 201, 'the request under way keeps its token');
    const history = await ask('steady', 'GET', 'under-way/revisions');
    assert.deepEqual(history.json.revisions.map(({ by }) => by), ['leaving'], 'and its name stays where there is no such token any more');
    const changed = await daywire.request('GET', '/v1/statements/steady-0', undefined, { token: 'another-secret-0123456789' });
    assert.match(changed.json.detail, /^the token withdraw lacks the right read/);
    for (let i = 0; i < 20; i++) await reload();
    await goesOn();
  } finally {
    running = false;
    await steady;
  }
});

test('a bad reload changes nothing and names what is wrong', async () => {
  const whole = await readFile(daywire.config, 'utf8');
  const isUnchanged = async () => {
    assert.equal((await ask('read', 'GET', 'matrix')).status, 200);
    assert.equal((await ask('joining', 'GET', 'matrix')).status, 200);
    assert.equal((await ask('publish', 'POST', 'unchanged')).status < 300, true);
    assert.equal((await ask('fresh', 'GET', 'matrix')).status, 401);
  };
  await write('fresh');
  const fresh = group('fresh', ['read']);
  const mistakes = [
    ['an empty file', () => write('read', ''), new RegExp(`\\[token read\\] file: ${file('read')}: holds no token`)],
    ['two words', () => write('read', 'two words'), /\[token read\] file: .*: holds no token: one word of 1 to 1024 visible ASCII/],
    ['a missing file', () => unlink(file('read')), /\[token read\] file: .*: No such file or directory/],
    ['a secret twice', () => write('read', secret('publish')),
      /\[token (read|publish)\] file: .* holds the same token as \[token (read|publish)\] file: /],
    ['an unknown right', () => writeFile(daywire.config, `${whole}${group('late', ['write'])}`),
      /daywire\.ini:\d+: \[token late\] rights: 'write' is no right: publish, withdraw and read are/],
    ['no file', () => writeFile(daywire.config, `${whole}[token late]\nrights = read\n`), /\[token late\] file: is missing/],
    ['no rights', () => writeFile(daywire.config, `${whole}[token late]\nfile = ${file('fresh')}\n`), /\[token late\] rights: are missing/],
    ['an unknown key', () => writeFile(daywire.config, `${whole}[token late]\nfiel = x\n`),
      /daywire\.ini:\d+: unknown key \\"fiel\\" in \[token late\]; did you mean \\"file\\"/],
  ];
  for (const [name, spoil, message] of mistakes) {
    await writeFile(daywire.config, whole + fresh);
    await spoil();
    assert.match(await reloadInVain(), message, name);
    await isUnchanged();
    await write('read');
  }
  await writeFile(daywire.config, whole);
  await reload();
  await isUnchanged();
});

test('a file that others can read is used, with a warning that names it', async () => {
  assert.equal(told(exposed), 0);
  await chmod(file('read'), 0o644);
  await reload();
  assert.equal(told(exposed), 1);
  assert.ok(errors().split('\n').find((line) => exposed.test(line)).includes(file('read')));
  assert.equal((await ask('read', 'GET', 'matrix')).status, 200);
  await chmod(file('read'), 0o600);
});

// ---- how much of it ----

test('too many requests a second are answered 429, and whoever waits as told is served', async () => {
  const answers = await Promise.all(Array.from({ length: 12 }, () => ask('fast', 'GET', 'matrix')));
  const refused = answers.filter(({ status }) => status === 429);
  assert.ok(answers.some(({ status }) => status === 200) && refused.length > 0, answers.map(({ status }) => status).join());
  for (const answer of refused) {
    assert.match(answer.headers.get('retry-after'), /^[1-9]\d*$/);
    assert.match(answer.json.detail, /^the token fast may make 3 requests a second: come again in \d+ s$/);
  }
  for (let i = 0; i < 3; i++) {
    let answer = await ask('fast', 'GET', 'matrix');
    while (answer.status === 200) answer = await ask('fast', 'GET', 'matrix');
    assert.equal(answer.status, 429);
    const told = performance.now() + Number(answer.headers.get('retry-after')) * 1000;
    await until('the time is over', () => performance.now() >= told);
    assert.equal((await ask('fast', 'GET', 'matrix')).status, 200);
  }
  assert.equal((await ask('read', 'GET', 'matrix')).status, 200, 'the others are not concerned');
});

test('too many requests at a time are answered 429, until one of them is over', async () => {
  const held = [await begin('narrow', 'held-0'), await begin('narrow', 'held-1')];
  assert.deepEqual(held.map(({ head }) => head), ['100', '100']);
  for (const method of ['GET', 'POST', 'DELETE']) {
    const answer = await ask('narrow', method, 'matrix');
    assert.equal(answer.status, 429, answer.text);
    assert.equal(answer.headers.get('retry-after'), '1');
    assert.equal(answer.json.detail, 'the token narrow has 2 requests under way, which is as many as it may');
  }
  assert.equal((await ask('steady', 'GET', 'matrix')).status, 200, 'the others are not concerned');
  await reload();
  assert.equal((await ask('narrow', 'GET', 'matrix')).status, 429, 'a reload gives no second helping');
  assert.equal(await held[0].end(), 201);
  assert.equal((await ask('narrow', 'GET', 'matrix')).status, 200, 'an answer makes room');
  const again = await begin('narrow', 'held-2');
  assert.equal(again.head, '100');
  held[1].abort();
  await until('a connection that is gone makes room', async () => (await ask('narrow', 'GET', 'matrix')).status === 200);
  assert.equal(await again.end(), 201);
  // A refusal makes room as well, though its connection stays for a while.
  for (let i = 0; i < 6; i++) {
    const answer = await raw(daywire.api, 'POST /v1/statements HTTP/1.1\r\nHost: localhost\r\n'
      + `Authorization: Bearer ${secret('narrow')}\r\nContent-Length: 200000\r\n\r\n`);
    assert.match(answer, /^HTTP\/1\.1 413 .*the body is larger than 102400 bytes/s);
  }
});

test('what was refused is counted, by reason, and requests by token', async () => {
  const text = await (await fetch(`${daywire.admin.ingest}/metrics`)).text();
  for (const reason of ['wrong_token', 'no_right', 'too_fast', 'too_many']) {
    assert.match(text, new RegExp(`^daywire_ingest_not_admitted_total\\{reason="${reason}"\\} [1-9]`, 'm'));
  }
  assert.match(text, /^daywire_ingest_token_requests_total\{token="steady"\} [1-9]/m);
  assert.match(text, /^daywire_ingest_token_requests_total\{token="leaving"\} [1-9]/m);
});

// ---- slow clients ----

/** Sends `beginning`, then `piece` again and again until the server answers or closes: what it said and when. */
function dribble(beginning, piece, every) {
  return within('the server has enough', new Promise((resolve) => {
    const start = performance.now();
    const socket = connect(Number(new URL(daywire.api).port), '127.0.0.1', () => socket.write(beginning));
    const timer = setInterval(() => socket.write(piece), every);
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
      clearInterval(timer);
      socket.end();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(timer);
      resolve({ answer, after: performance.now() - start });
    });
  }));
}

test('a head that dribbles is closed at its time-out, whatever progress it makes', async () => {
  const line = 'GET /v1/statements/matrix HTTP/1.1\r\nHost: localhost\r\n';
  for (const [beginning, piece] of [['', ''], ['GET /v1/statements/', 'x'], [`${line}Cookie: `, 'x'], [line, 'a: b\r\n']]) {
    const { answer, after: ms } = await dribble(beginning, piece, 50);
    assert.ok(ms > 800 && ms < 10_000, `${JSON.stringify(beginning)}: ${ms} ms`);
    assert.match(answer, /^HTTP\/1\.1 408 .*the head of the request was not complete in time/s);
  }
});

test('a body that dribbles is answered 408 at its time-out, and one that comes well enough is taken', async () => {
  const head = (length) => 'POST /v1/statements HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
    + `Authorization: Bearer ${secret('steady')}\r\nContent-Length: ${length}\r\n\r\n`;
  const { answer, after: ms } = await dribble(head(50_000), 'x', 50);
  assert.match(answer, /^HTTP\/1\.1 408 .*the request was not complete in time/s);
  assert.ok(ms > 1500 && ms < 15_000, `${ms} ms`);
  // 8 KB/s for longer than the time-out of 2 s; the spaces after the document are part of the body.
  const json = JSON.stringify(statement('slowly'));
  const pieces = 80;
  const slow = await dribble(head(json.length + pieces * 400) + json, ' '.repeat(400), 50);
  assert.match(slow.answer, /^HTTP\/1\.1 201 /);
  assert.ok(slow.after > 2500, `${slow.after} ms`);
});

test('strangers that only hold on keep nobody out', async () => {
  const silent = Array.from({ length: 60 }, () => {
    const socket = connect(Number(new URL(daywire.api).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.on('data', () => {});
    return { closed: new Promise((resolve) => socket.on('close', resolve)) };
  });
  for (let i = 0; i < 5; i++) {
    const answer = await raw(daywire.api, 'GET /v1/statements/matrix HTTP/1.1\r\nHost: localhost\r\n'
      + `Authorization: Bearer ${secret('read')}\r\nConnection: close\r\n\r\n`);
    assert.match(answer, /^HTTP\/1\.1 200 /);
  }
  await within('all of them are closed', Promise.all(silent.map(({ closed }) => closed)));
});

// ---- fields ----

const beyond = [
  ['title', { title: 'x'.repeat(41) }, 'title: at most 40 characters here ([ingest] max-title), this one has 41'],
  ['summary', { summary: 'x'.repeat(51) }, 'summary: at most 50 characters here ([ingest] max-summary), this one has 51'],
  ['body', { body: 'é'.repeat(31) }, 'body: at most 60 bytes here ([ingest] max-text), this one has 62'],
  ['tags', { tags: ['a', 'b', 'c'] }, 'tags: at most 2 here ([ingest] max-tags), this one has 3'],
];

test('the limits of fields are told by name, limit and size, whichever way a statement comes', async () => {
  const fits = { title: 'x'.repeat(40), summary: 'é'.repeat(50), body: 'é'.repeat(30), tags: ['a', 'b'] };
  assert.equal((await ask('publish', 'POST', 'fits', fits)).status, 201);
  for (const [field, more, detail] of beyond) {
    for (const [method, id] of [['POST', `beyond-${field}`], ['PUT', `beyond-${field}`], ['PUT', 'fits']]) {
      const answer = await ask('publish', method, id, more);
      assert.equal(answer.status, 400, answer.text);
      assert.equal(answer.json.field, field);
      assert.equal(answer.json.detail, detail);
    }
    const scheduled = await ask('publish', 'POST', `beyond-${field}`, { ...more, publish_at: '2999-01-01T00:00:00Z' });
    assert.equal(scheduled.status, 400, scheduled.text);
    assert.equal((await ask('read', 'GET', `beyond-${field}`)).status, 404);
  }
  const lines = [...beyond.map(([field, more]) => statement(`line-${field}`, more)), statement('line-good')];
  const answer = await daywire.request('POST', '/v1/statements', `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`,
    { token: secret('publish'), type: 'application/x-ndjson' });
  assert.equal(answer.status, 200, answer.text);
  const replies = answer.text.trim().split('\n').map((line) => JSON.parse(line));
  beyond.forEach(([field, , detail], i) => {
    assert.deepEqual(replies[i], { line: i + 1, status: 400, id: `line-${field}`, field, detail });
  });
  assert.equal(replies.at(-1).status, 201);
});

test('requests without a good token are logged together, not each', async () => {
  for (let i = 0; i < 200; i++) await daywire.request('GET', '/v1/statements/matrix', undefined, { token: 'a-guess' });
  assert.ok(told(unauthorised) <= 3);
  await daywire.stopServices();
  const line = errors().split('\n').filter((one) => unauthorised.test(one)).at(-1);
  assert.match(line, /requests=2\d\d addresses=1 most_from=127\.0\.0\.1 of_these=2\d\d/);
});
