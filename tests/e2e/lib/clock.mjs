// SPDX-License-Identifier: Apache-2.0
// A wall clock of the test's own for a service (see clock_shift.c).
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

/** The environment in which a program's clock says `instant` (RFC 3339) now. */
export async function clockAt(instant) {
  library ??= build();
  return {
    LD_PRELOAD: await library,
    CLOCK_SHIFT: String(Math.round((Date.parse(instant) - Date.now()) / 1000)),
    ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:verify_asan_link_order=0`,
  };
}
