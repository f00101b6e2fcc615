// SPDX-License-Identifier: Apache-2.0
// What the benchmarks share: figures of a list, the tools beside them, what the kernel says of a process.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../e2e/lib/process.mjs';

export const percentile = (list, part) => [...list].sort((a, b) => a - b)[Math.ceil(list.length * part) - 1];
export const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
export const range = (list, digits = 2) =>
  `${median(list).toFixed(digits)} (${Math.min(...list).toFixed(digits)} to ${Math.max(...list).toFixed(digits)})`;

/** What a tool of this folder prints. */
export async function tool(name, ...args) {
  const { code, stdout, stderr } = await run(join(process.env.E2E_BUILD, 'tests', name), args, { within: 300_000 });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

export async function createTopic(broker, topic) {
  const admin = broker.client().admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 3, replicationFactor: 1 }] });
  await admin.disconnect();
}

/** In MB. */
export async function largestMemory(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(status.match(/^VmHWM:\s+(\d+) kB/m)[1]) * 1024 / 1e6;
}

/** Seconds of processor time that a process has used so far, in steps of 10 ms. */
export async function processorTime(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const [user, system] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14);
  return (Number(user) + Number(system)) / 100;
}
