// SPDX-License-Identifier: Apache-2.0
// node counters.mjs [--rounds N] [--seed S]
//
// Two counter services on a real Kafka, with a proxy between that loses, delays and cuts what they say to each other, and lets
// a commit go long after it was given up. Each round has something to write, new labels or a new date, and some faults: in the
// protocol at the n-th request of a kind, and in the processes (SIGKILL, SIGSTOP and SIGCONT), many at the moment of such a
// request. Then everything is healed, and an independent reader of committed records has to find exactly the ticks that there
// must be, each once; also in all rounds to come, so that nothing comes to light later.
//
// E2E_BUILD and E2E_KAFKA_LIBS as in tests/run. The seed decides what is done in which round; what it hits is the machine's.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { steppedClock } from '../e2e/lib/clock.mjs';
import { Daywire } from '../e2e/lib/daywire.mjs';
import { CUT, DROP, HOLD, requests } from '../e2e/lib/detour.mjs';
import { KafkaBroker, readTopics } from '../e2e/lib/kafka.mjs';
import { freePorts } from '../e2e/lib/ports.mjs';
import { until } from '../e2e/lib/until.mjs';
import { generator } from './random.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '12' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const rounds = Number(values.rounds);
const seed = Number(values.seed);
const random = generator(seed);
const below = (n) => Math.floor(random() * n);
const choose = (list) => list[below(list.length)];

const topic = 'daywire.ticks';
const counters = Array.from({ length: 30 }, (_, i) => `quay-${i}`);
const names = ['first', 'second'];
const faultTime = 3000; // how long a round waits at most for its faults to be met
const holdTime = 10_000; // and for a commit to hold back
const holdEvery = 3; // rounds, a commit is held back
const counts = { frames: 0, met: 0, kills: 0, stops: 0, late: 0, labels: 0, midnights: 0 };

// --- what has to be there ---

const expected = [];
let date = Date.parse('2021-07-24');
let revision = 0;
let edition = 1;

function expectTicks() {
  revision++;
  for (const counter of counters) expected.push(`${counter}/${new Date(date).toISOString().slice(0, 10)}/${revision}`);
}

/** Until there is as much as there has to be, and that it is nothing else. */
async function arrive({ broker }) {
  const ids = await until('the ticks are there', async () => {
    const found = (await readTopics(broker.address, [topic])).map((record) => record.headers.ce_id);
    return found.length >= expected.length && found;
  }, { within: 90_000, every: 200 });
  assert.deepEqual(ids.sort(), [...expected].sort());
}

// --- what is done to it ---

const { Produce, FindCoordinator, JoinGroup, Heartbeat, LeaveGroup, SyncGroup, InitProducerId, AddPartitionsToTxn, EndTxn } = requests;
const transactional = [Produce, EndTxn, InitProducerId, AddPartitionsToTxn];
const ofTheGroup = [FindCoordinator, JoinGroup, SyncGroup, Heartbeat, LeaveGroup];
const nameOf = (key) => Object.keys(requests).find((name) => requests[name] === key);

/** One fault of the protocol: at the `after`-th frame of a kind from now on, `does` says what becomes of it. */
function protocolFault(system) {
  const key = choose(random() < 0.8 ? transactional : ofTheGroup);
  const answer = random() < 0.5;
  const choices = [['cut', () => CUT], ['delayed', (time) => pause(time).then(() => undefined)]];
  // A member whose entry is not answered waits for five minutes, as its protocol wants it.
  if (answer && key !== JoinGroup) choices.push(['lost', () => DROP]);
  if (random() < 0.3) {
    const name = choose(names);
    choices.splice(0, Infinity, [`the moment to kill the ${name}`, () => kill(system, name)],
      [`the moment to stop the ${name}`, (time) => stop(system, name, time)]);
  }
  const [what, does] = choose(choices);
  const time = below(4000);
  return { key, answer, after: random() < 0.7 ? 1 : 2, what, does: () => does(time) };
}

async function kill(system, name) {
  const { process } = system[name];
  if (!process.alive) return;
  counts.kills++;
  system[name].killed = true;
  await process.killed();
}

/** It goes on after the time, or when all is healed. */
function stop(system, name, time) {
  const { process } = system[name];
  if (!process.alive) return;
  counts.stops++;
  process.kill('SIGSTOP');
  setTimeout(() => process.alive && process.kill('SIGCONT'), time).unref();
}

/** Hands each frame to the faults that wait for one of its kind; a commit held back goes on with the next transaction. */
function spring(detour, faults) {
  const waiting = [...faults];
  detour.tamper = async ({ key, answer }) => {
    counts.frames++;
    if (key === AddPartitionsToTxn && answer) counts.late += detour.letGo();
    const index = waiting.findIndex((fault) => fault.key === key && fault.answer === answer && --fault.after <= 0);
    if (index < 0) return undefined;
    const [fault] = waiting.splice(index, 1);
    fault.sprung = true;
    counts.met++;
    return fault.does();
  };
}

async function start(system, name) {
  const [port] = await freePorts(1);
  const env = { ...system.env, DAYWIRE_COUNTERS_ADMIN: `127.0.0.1:${port}` };
  system[name] = { process: system.daywire.startService('counter', { as: name, env, expected: [/./] }) };
}

async function writeLabels({ daywire }) {
  const config = await readFile(daywire.config, 'utf8');
  await writeFile(daywire.config, config.replaceAll(/edition \d+/g, `edition ${++edition}`));
  for (const process of Object.values(daywire.processes)) if (process.alive) process.kill('SIGHUP');
}

async function round(system, number) {
  const { broker: { detour }, clock } = system;
  const faults = Array.from({ length: 1 + below(4) }, () => protocolFault(system));
  const holds = number % holdEvery === 0;
  if (holds) faults.unshift({ key: EndTxn, answer: false, after: 1, what: 'held back', does: async () => HOLD });
  const atOnce = random() < 0.35 && choose([kill, stop]);
  const victim = choose(names);
  spring(detour, faults);
  if (random() < 0.6) {
    counts.labels++;
    await writeLabels(system);
  } else {
    counts.midnights++;
    date += 86_400_000;
    revision = 0;
    await clock.step(86_400);
  }
  expectTicks();
  if (atOnce) {
    await pause(below(500));
    await atOnce(system, victim, below(4000));
  }
  if (holds) await until('a commit is held back', () => faults[0].sprung, { within: holdTime }).catch(() => {});
  await until('the faults have had their time', () => faults.every(({ sprung }) => sprung), { within: below(faultTime) })
    .catch(() => {});
  await pause(below(1000));

  detour.tamper = undefined;
  if (random() < 0.5) counts.late += detour.letGo(); // else with the next transaction, in a later round
  for (const name of names) {
    const { process, killed } = system[name];
    assert.ok(process.alive || killed, `the ${name} has ended by itself`);
    assert.doesNotMatch(process.errors, /Sanitizer|runtime error/);
    if (process.alive) process.kill('SIGCONT');
    else await start(system, name);
  }
  await arrive(system);
  return [...faults.map(({ key, answer, what, sprung }) =>
    `${sprung ? '' : '(not met) '}${answer ? 'answer to ' : ''}${nameOf(key)} ${what}`),
  ...(atOnce ? [`${atOnce.name} ${victim}`] : [])].join(', ');
}

// --- all rounds ---

const broker = await KafkaBroker.start();
const clock = await steppedClock(join(broker.folder, 'clock'));
await clock.step(Math.round((date + 43_200_000 - clock.now()) / 1000));
const env = { ...clock.env, DAYWIRE_COUNTERS_SESSION_TIMEOUT: '2s', DAYWIRE_KAFKA_SOCKET_TIMEOUT_MS: '2000' };
const daywire = await Daywire.start({
  broker, detour: true, only: [], ready: false,
  config: counters.map((name) => `[counter ${name}]\nsince = 2021-01-01\nlabel.en = {days} days, edition 1\n`).join(''),
});
const system = { broker, clock, daywire, env };
let done = 0;
try {
  for (const name of names) await start(system, name);
  expectTicks();
  await arrive(system);
  for (; done < rounds; done++) console.log(`round ${done + 1}: ${await round(system, done + 1)}`);
  for (const name of names) await system[name].process.stop();
  counts.late += broker.detour.letGo();
  await arrive(system);
  // Or nothing was proven.
  if (rounds >= 4 * holdEvery) {
    assert.ok(counts.met >= rounds / 2, `only ${counts.met} faults of the protocol were met`);
    assert.ok(counts.late > 0, 'no commit came late');
  }
  console.log(`counters: seed ${seed}: ${rounds} rounds (${counts.labels} with new labels, ${counts.midnights} with a new date), `
    + `${counts.met} faults met in ${counts.frames} frames, ${counts.late} commits let go late, ${counts.kills} kills, ${counts.stops} stops: `
    + `${expected.length} ticks on the topic, each once`);
} catch (error) {
  console.error(`seed ${seed}, in round ${done + 1}`);
  console.error(daywire.logs());
  throw error;
} finally {
  for (const { alive, child } of Object.values(daywire.processes)) if (alive) child.kill('SIGCONT');
  await daywire.abandon();
  await broker.stop();
}
