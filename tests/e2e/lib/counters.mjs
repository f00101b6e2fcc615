// SPDX-License-Identifier: Apache-2.0
// Counter services that have the same 200 counters, for the tests of exactly once: each edition of the labels is one more tick
// for each counter, of the one date that it is.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { Daywire } from './daywire.mjs';
import { readTopics } from './kafka.mjs';
import { clockAt } from './clock.mjs';
import { metric } from './metrics.mjs';
import { freePorts } from './ports.mjs';
import { until } from './until.mjs';

export const counters = Array.from({ length: 200 }, (_, i) => `quay-${i}`);
export const date = '2021-07-24';
const rules = counters.map((name) => `[counter ${name}]\nsince = 2021-01-01\nlabel.en = {days} days, edition 1\n`).join('');

/** What a counter says that has been fenced. */
export const fenced = [
  /facility=ADDPARTS .*Failed to add partition .* to transaction: Broker: Producer attempted an operation with an old epoch"$/,
  /facility=TXNERR .*Fatal transaction error: .*\(_FENCED\)"$/,
  /facility=FATAL .*Fatal error: Local: This instance has been fenced by a newer instance: /,
  /facility=TERMINATE .*Producer terminating with \d+ messages/,
];
/** What a counter says that was stopped for longer than its session lasts. */
export const wasStopped = [
  ...fenced,
  /facility=SESSTMOUT .*Consumer group session timed out/,
];

let started = 0;

/**
 * One counter service, which reaches the broker by the detour and has a topic, a group and a transactional id that no other test
 * has. Its clock says the noon of `day`.
 */
export async function startCounter(broker, { expected = [], env = {}, day = date } = {}) {
  const name = `ticks-${++started}`;
  const daywire = await Daywire.start({
    only: ['counter'], detour: true, config: rules, expected, broker,
    env: {
      counter: {
        ...await clockAt(`${day}T12:00:00Z`),
        DAYWIRE_TOPICS_TICKS: name,
        DAYWIRE_COUNTERS_GROUP: name,
        DAYWIRE_COUNTERS_TRANSACTIONAL_ID: name,
        DAYWIRE_COUNTERS_SESSION_TIMEOUT: '2s',
        ...env,
      },
    },
  });
  Object.assign(daywire, { topic: name, day });
  return daywire;
}

/** Another one, until it is ready, which a standby is: `{ process, admin }`. */
export async function startAnother(daywire, { as = 'second', env = {}, expected = [] } = {}) {
  const [port] = await freePorts(1);
  const all = { ...daywire.options.env.counter, ...env, DAYWIRE_COUNTERS_ADMIN: `127.0.0.1:${port}` };
  const process = daywire.startService('counter', { as, env: all, expected });
  const admin = `http://127.0.0.1:${port}`;
  await until(`${as} is ready`, async () => (await fetch(`${admin}/readyz`)).status === 200);
  return { process, admin };
}

export const isActive = async (admin) => (await metric(admin, 'daywire_counter_active')) === 1;
export const standsBy = async (admin) => (await metric(admin, 'daywire_counter_standby')) === 1;

/** New words on all labels, so that there is a tick to write for each counter once the services have reloaded. */
export async function writeEdition(daywire, number) {
  const config = await readFile(daywire.config, 'utf8');
  await writeFile(daywire.config, config.replaceAll(/edition \d+/g, `edition ${number}`));
}

/** To all of its processes: take the configuration as it is now. */
export function reload(daywire) {
  for (const process of Object.values(daywire.processes)) process.kill('SIGHUP');
}

/** The event ids on the topic, sorted. */
export const ticks = async ({ broker, topic }) =>
  (await readTopics(broker.address, [topic])).map((record) => record.headers.ce_id).sort();

export async function assertEditions(daywire, editions, message) {
  const expected = counters.flatMap((name) => Array.from({ length: editions }, (_, i) => `${name}/${daywire.day}/${i + 1}`)).sort();
  assert.deepEqual(await ticks(daywire), expected, message);
}

/** Until so many editions are on the topic. */
export function arrive(daywire, editions, options) {
  return until(`${editions} editions are on the topic`, async () =>
    (await ticks(daywire)).length >= editions * counters.length, options);
}
