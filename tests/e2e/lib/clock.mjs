// SPDX-License-Identifier: Apache-2.0
// A wall clock of the test's own for a service (see clock_shift.c).
import { open, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './process.mjs';

let library;

async function build() {
  const target = join(process.env.E2E_BUILD, 'clock_shift.so');
  const source = join(dirname(fileURLToPath(import.meta.url)), 'clock_shift.c');
  const made = await run('gcc', ['-shared', '-fPIC', '-O1', '-D_GNU_SOURCE', '-o', target, source, '-ldl']);
  if (made.code !== 0) throw new Error(made.stderr);
  return target;
}

async function environment() {
  library ??= build();
  return {
    LD_PRELOAD: await library,
    DAYWIRE_COUNTERS_EARLIEST_CLOCK: '2000-01-01', // it would refuse a clock that is behind the build
    ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:verify_asan_link_order=0`,
  };
}

/** The environment in which a program's clock says `instant` (RFC 3339) now. */
export async function clockAt(instant) {
  return { ...await environment(), CLOCK_SHIFT: String(Math.round((Date.parse(instant) - Date.now()) / 1000)) };
}

/**
 * A clock that can be stepped while programs run; it says `instant` (RFC 3339) now, or what is. `env` for the programs,
 * `now()` as they see it, `step(seconds)` from now on.
 */
export async function steppedClock(file, instant) {
  const write = async (seconds) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(seconds));
    const handle = await open(file, 'r+');
    await handle.write(bytes, 0, 8, 0);
    await handle.close();
  };
  let ahead = instant ? Math.round((Date.parse(instant) - Date.now()) / 1000) : 0;
  await writeFile(file, Buffer.alloc(8));
  await write(ahead);
  return {
    env: { ...await environment(), CLOCK_SHIFT_FILE: file },
    now: () => Date.now() + ahead * 1000,
    step: async (seconds) => {
      ahead += seconds;
      await write(ahead);
    },
  };
}
