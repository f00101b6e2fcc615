// SPDX-License-Identifier: Apache-2.0
// Time zones of the test's own, whose midnight comes when the test wants it.
import { cp, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './process.mjs';

/** The smallest offset (seconds east of UTC) by which `instant` (seconds since 1970) is 00:00. */
function offsetOf(instant) {
  const offset = (86_400 - (instant % 86_400)) % 86_400;
  return offset > 43_200 ? offset - 86_400 : offset;
}

function zoneLine(name, offset) {
  const two = (n) => String(n).padStart(2, '0');
  const abs = Math.abs(offset);
  const sign = offset < 0 ? '-' : '';
  return `Zone ${name} ${sign}${two(Math.floor(abs / 3600))}:${two(Math.floor(abs / 60) % 60)}:${two(abs % 60)} - TEST\n`;
}

/** Compiles zones from the lines of their source into a $TZDIR, in place of the files that are there. */
export async function makeZone(directory, lines) {
  const source = join(directory, 'source.zic');
  await writeFile(source, lines);
  const made = await run('/usr/sbin/zic', ['-d', directory, source]);
  if (made.code !== 0) throw new Error(`zic: ${made.stderr}`);
}

/**
 * Makes a $TZDIR in `folder` with zones of Europe, UTC, and those of `midnights`: an object of names and the instants (seconds
 * since 1970) at which a new date begins there, as at the same time of every day.
 */
export async function zonesWithMidnights(midnights, folder) {
  const directory = await mkdtemp(join(folder, 'zoneinfo-'));
  await cp('/usr/share/zoneinfo/Europe', join(directory, 'Europe'), { recursive: true, dereference: true });
  await cp('/usr/share/zoneinfo/UTC', join(directory, 'UTC'), { dereference: true });
  await makeZone(directory, Object.entries(midnights).map(([name, instant]) => zoneLine(name, offsetOf(instant))).join(''));
  return directory;
}

/** The same with Test/Midnight, where a new date begins in `seconds`. */
export async function zoneWithMidnightIn(seconds, folder) {
  const midnight = Math.ceil(Date.now() / 1000) + seconds;
  const directory = await zonesWithMidnights({ 'Test/Midnight': midnight }, folder);
  const local = new Date((midnight + offsetOf(midnight)) * 1000);
  return { directory, midnight, date: local.toISOString().slice(0, 10) };
}
