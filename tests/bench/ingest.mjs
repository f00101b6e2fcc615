// SPDX-License-Identifier: Apache-2.0
// node ingest.mjs [--rounds N] [--statements N] [--only bulk|group|latency] [--check]
//
// ingest on a real Kafka, side by side with what its work cannot cost less than; each figure is a ratio of two that were
// measured in turns in one run. --check fails when a median misses what ingest is to reach. Programs of E2E_BUILD (a release
// build), E2E_KAFKA_LIBS as in tests/run.
//
//   bulk     N statements of 1 KB as one NDJSON stream, from the first byte until the broker has confirmed the last, against
//            librdkafka producing the same records with the same settings (three times a round, since one time says little of
//            half a second); and ingest's largest memory
//   group    single POSTs at concurrency 64 against concurrency 1
//   latency  99th percentile of a POST at 100 a second against a commit of SQLite at 100 a second
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Daywire } from '../e2e/lib/daywire.mjs';
import { KafkaBroker } from '../e2e/lib/kafka.mjs';
import { metric } from '../e2e/lib/metrics.mjs';
import { run } from '../e2e/lib/process.mjs';
import { until } from '../e2e/lib/until.mjs';
import { createTopic, largestMemory, median, percentile, range, tool } from './measure.mjs';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, statements: { type: 'string', default: '100000' },
    only: { type: 'string' }, check: { type: 'boolean', default: false } },
});
const rounds = Number(values.rounds);
const statements = Number(values.statements);
const parts = ['bulk', 'group', 'latency'];
if (values.only !== undefined && !parts.includes(values.only))
  throw new Error(`--only takes one of ${parts.join(', ')}, not ${values.only}`);
const wanted = (part) => values.only === undefined || values.only === part;
const token = 'a-token-for-tests-0123456789';
const missed = [];

/** `value` is to be at least `least`, or at most `most`. */
function expect(what, value, { least = -Infinity, most = Infinity }) {
  if (value < least || value > most)
    missed.push(`${what} is ${value.toFixed(2)}, not ${most === Infinity ? `at least ${least.toFixed(2)}` : `at most ${most}`}`);
}

/** One statement of 1 KB a line. */
async function writeLines(path, word) {
  const text = 'The ferry leaves at eight, and comes back at noon. '.repeat(17);
  const lines = Array.from({ length: statements }, (_, i) =>
    `{"id":"${word}-${i}","title":"Timetable ${i}","date":"2026-03-02","body":"${text}"}\n`);
  await writeFile(path, lines.join(''));
}

/** Sends the file by curl, whose own work is next to nothing, and reads the answer lines as they come. */
async function stream(daywire, word) {
  const lines = join(daywire.data, 'lines');
  const answer = join(daywire.data, 'answer');
  await writeLines(lines, word);
  const start = performance.now();
  const { code, stderr } = await run('curl', ['-sS', '--fail', '-X', 'POST', '-T', lines, '-o', answer,
    '-H', `authorization: Bearer ${token}`, '-H', 'content-type: application/x-ndjson', '-H', 'expect:',
    `${daywire.api}/v1/statements`], { within: 300_000 });
  const stored = performance.now();
  assert.equal(code, 0, stderr);
  await until('the broker has all', async () => (await metric(daywire.admin.ingest, 'daywire_ingest_outbox_depth')) === 0,
    { within: 300_000, every: 10 });
  const confirmed = performance.now();
  assert.equal((await readFile(answer, 'utf8')).split('"result":"created"').length - 1, statements);
  return { stored: (stored - start) / 1000, confirmed: (confirmed - start) / 1000 };
}

/** Ingest, then librdkafka alone, both with topics of their own. */
async function bulkRound(broker, word) {
  const daywire = await Daywire.start({
    broker, only: ['ingest'], env: { ingest: { DAYWIRE_TOPICS_STATEMENTS: `${word}-bulk` } },
  });
  const { stored, confirmed } = await stream(daywire, word);
  const memory = await largestMemory(daywire.processes.ingest.pid);
  await daywire.stop();
  const floors = [];
  for (let time = 0; time < 3; time++) {
    await createTopic(broker, `${word}-floor-${time}`);
    const floor = await tool('produce-floor', broker.address, `${word}-bulk`, `${word}-floor-${time}`);
    assert.equal(floor.records, statements);
    floors.push(floor.seconds);
  }
  return { stored, confirmed, memory, floor: median(floors) };
}

async function bulk(broker) {
  // A broker's first minute is that of its compiler: whoever came first would pay for it.
  for (let round = 0; round < 2; round++)
    await bulkRound(broker, `warm-${round}`);
  const all = [];
  for (let round = 0; round < rounds; round++) {
    const one = await bulkRound(broker, `round-${round}`);
    console.log(`  round ${round + 1}: stored in ${one.stored.toFixed(2)} s, confirmed in ${one.confirmed.toFixed(2)} s; `
      + `librdkafka alone ${one.floor.toFixed(2)} s; memory ${one.memory.toFixed(1)} MB`);
    all.push(one);
  }
  const ratios = all.map((one) => one.floor / one.confirmed);
  const rates = all.map((one) => statements / one.confirmed);
  const memory = Math.max(...all.map((one) => one.memory));
  console.log(`bulk: ${range(ratios)} of librdkafka's rate; ${range(rates, 0)} statements a second; largest memory `
    + `${memory.toFixed(1)} MB`);
  expect('bulk', median(ratios), { least: 1 / 3 });
  expect('memory', memory, { most: 64 });
}

async function wrk(daywire, connections, word, seconds = 5) {
  const { code, stdout, stderr } = await run('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '-s',
    new URL('post.lua', import.meta.url).pathname, `${daywire.api}/v1/statements`, '--', word, token]);
  assert.equal(code, 0, stderr);
  const result = JSON.parse(stdout.split('\n').find((line) => line.startsWith('{"requests"')));
  assert.equal(result.errors, 0, stdout);
  return result.requests / result.seconds;
}

async function group(daywire) {
  const ratios = [];
  const ones = [];
  const many = [];
  for (let round = 0; round < rounds; round++) {
    ones.push(await wrk(daywire, 1, `one${round}`));
    many.push(await wrk(daywire, 64, `many${round}`));
    ratios.push(many.at(-1) / ones.at(-1));
  }
  console.log(`group: concurrency 64 has ${range(ratios, 1)} times the rate of concurrency 1 `
    + `(${median(many).toFixed(0)} against ${median(ones).toFixed(0)} a second)`);
  expect('group', median(ratios), { least: 5 });
}

async function latency(daywire) {
  const ratios = [];
  const ours = [];
  const theirs = [];
  for (let round = 0; round < rounds; round++) {
    const floor = await tool('commit-floor', join(daywire.data, 'floor.db'), '100', '1000');
    const times = await tool('post-latency', `${daywire.api}/v1/statements`, token, `latency${round}`, '100', '1000');
    theirs.push(percentile(floor, 0.99));
    ours.push(percentile(times, 0.99));
    ratios.push(ours.at(-1) / theirs.at(-1));
  }
  console.log(`latency: p99 of a POST at 100 a second is ${range(ratios, 1)} times that of SQLite's commit `
    + `(${median(ours).toFixed(2)} ms against ${median(theirs).toFixed(2)} ms)`);
  expect('latency', median(ratios), { most: 4 });
}

const broker = await KafkaBroker.start();
try {
  if (wanted('bulk'))
    await bulk(broker);
  const daywire = await Daywire.start({ broker, only: ['ingest'] });
  if (wanted('group')) {
    await group(daywire);
    await until('the broker has all',
      async () => (await metric(daywire.admin.ingest, 'daywire_ingest_outbox_depth')) === 0, { within: 300_000 });
  }
  if (wanted('latency'))
    await latency(daywire);
  await daywire.stop();
} finally {
  await broker.stop();
}
for (const line of missed)
  console.log(`missed: ${line}`);
if (values.check && missed.length > 0)
  process.exitCode = 1;
