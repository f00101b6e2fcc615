// SPDX-License-Identifier: Apache-2.0
// A child process whose output is kept, which is stopped by its process id, and whose log must hold nothing unexpected.
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import assert from 'node:assert/strict';
import { within } from './until.mjs';

/** What a healthy start on a new broker may say. */
const usual = [/Coordinator load in progress/];

const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class Process {
  /** `expected`: patterns of warnings that this test provokes on purpose. */
  constructor(name, command, args, { env = {}, cwd, expected = [] } = {}) {
    this.name = name;
    this.expected = expected;
    this.output = '';
    this.errors = '';
    this.child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(this.child);
    // What a failed test leaves behind is killed at the exit, which does not wait for it.
    for (const handle of [this.child, this.child.stdout, this.child.stderr]) handle.unref();
    this.child.stdout.setEncoding('utf8').on('data', (chunk) => (this.output += chunk));
    this.child.stderr.setEncoding('utf8').on('data', (chunk) => (this.errors += chunk));
    this.exited = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (code, signal) => {
        running.delete(this.child);
        resolve({ code, signal });
      });
    });
    this.exited.catch(() => {});
  }

  get pid() {
    return this.child.pid;
  }

  get alive() {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  kill(signal) {
    this.child.kill(signal);
  }

  /** Stops it as an operator would, and asserts that it ended well and said nothing unexpected. */
  async stop({ within: limit = 30_000, status = 0 } = {}) {
    if (this.alive) this.child.kill('SIGTERM');
    const { code, signal } = await within(`${this.name} stops`, this.exited, limit).catch((error) => {
      this.child.kill('SIGKILL');
      throw new Error(`${error.message}\n${this.errors.slice(-4000)}`);
    });
    assert.equal(signal ?? code, status, `${this.name} ended with ${signal ?? code}:\n${this.errors.slice(-4000)}`);
    this.assertCleanLog();
  }

  async killed() {
    this.child.kill('SIGKILL');
    await within(`${this.name} dies`, this.exited);
  }

  /** Lines of warning or error that no pattern expects; anything of a sanitizer; children of standalone that ended unasked. */
  assertCleanLog() {
    const bad = `${this.output}\n${this.errors}`
      .split('\n')
      .filter((line) => /level=(warning|error)|Sanitizer|runtime error|assertion|CRITICAL/i.test(line)
        || /^daywire standalone: .+ (was ended by|ended with|was killed|could not be)/.test(line))
      .filter((line) => ![...usual, ...this.expected].some((pattern) => pattern.test(line)));
    assert.deepEqual(bad, [], `${this.name} logged what nobody expected:\n${this.errors.slice(-6000)}`);
  }
}

/** The processes that a process has started and that live: `{ pid, name }` each. */
export async function childrenOf(parent) {
  const pids = (await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8')).split(' ').filter(Boolean);
  return Promise.all(pids.map(async (pid) => ({
    pid: Number(pid),
    name: (await readFile(`/proc/${pid}/comm`, 'utf8')).trim(),
  })));
}

/** Runs a program to its end. */
export async function run(command, args, { env, cwd, input, within: limit = 60_000 } = {}) {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  running.add(child);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk) => (stderr += chunk));
  child.stdin.on('error', () => {});
  child.stdin.end(input ?? '');
  const ended = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      running.delete(child);
      resolve({ code: signal ?? code, stdout, stderr });
    });
  });
  try {
    return await within(`${command} ${args.join(' ')} ends`, ended, limit);
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`${error.message}\n${stdout}\n${stderr}`);
  }
}
