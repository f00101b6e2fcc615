// SPDX-License-Identifier: Apache-2.0
// A time zone of the test's own, whose midnight comes when the test wants it.
import { cp, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './process.mjs';

/** Compiles a zone from the lines of its source into a $TZDIR, in place of the file that is there. */
export async function makeZone(directory, lines) {
  const source = join(directory, 'source.zic');
  await writeFile(source, lines);
  const made = await run('/usr/sbin/zic', ['-d', directory, source]);
  if (made.code !== 0) throw new Error(`zic: ${made.stderr}`);
}

/** Makes a $TZDIR in `folder` with the system's zones and with Test/Midnight, where a new date begins in `seconds`. */
export async function zoneWithMidnightIn(seconds, folder) {
  const directory = await mkdtemp(join(folder, 'zoneinfo-'));
  await cp('/usr/share/zoneinfo/Europe', join(directory, 'Europe'), { recursive: true, dereference: true });
  await cp('/usr/share/zoneinfo/UTC', join(directory, 'UTC'), { dereference: true });
  const midnight = Math.ceil(Date.now() / 1000) + seconds;
  // The smallest offset by which `midnight` is 00:00 there.
  let offset = (86_400 - (midnight % 86_400)) % 86_400;
  if (offset > 43_200) offset -= 86_400;
  const sign = offset < 0 ? '-' : '';
  const two = (n) => String(n).padStart(2, '0');
  const abs = Math.abs(offset);
  const clock = `${two(Math.floor(abs / 3600))}:${two(Math.floor(abs / 60) % 60)}:${two(abs % 60)}`;
  await makeZone(directory, `Zone Test/Midnight ${sign}${clock} - TEST\n`);
  const local = new Date((midnight + offset) * 1000);
  return { directory, midnight, date: local.toISOString().slice(0, 10) };
}
