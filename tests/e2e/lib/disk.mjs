// SPDX-License-Identifier: Apache-2.0
// Disks that fail: a small one that can be filled, and one that refuses to write (see failing_disk.c).
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './process.mjs';

export const mayMount = process.getuid() === 0;

async function succeed(command, args) {
  const done = await run(command, args);
  if (done.code !== 0) throw new Error(`${command} ${args.join(' ')}: ${done.stderr}`);
}

/** A file system of its own; as root. */
export class SmallDisk {
  static async mount({ folder, size = '4m' } = {}) {
    const it = new SmallDisk();
    it.folder = folder ?? await mkdtemp(join(tmpdir(), 'daywire-disk-'));
    await succeed('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=0700`, 'daywire-test', it.folder]);
    return it;
  }

  /** Not a byte is left. */
  async fill() {
    const file = await open(join(this.folder, 'ballast'), 'w');
    try {
      for (let size = 1 << 20; size >= 1;) {
        try {
          await file.write(Buffer.alloc(size));
        } catch (error) {
          if (error.code !== 'ENOSPC') throw error;
          size >>= 1;
        }
      }
    } finally {
      await file.close();
    }
  }

  async free() {
    await rm(join(this.folder, 'ballast'));
  }

  /** While no process writes there. */
  async setReadOnly(on) {
    await succeed('mount', ['-o', `remount,${on ? 'ro' : 'rw'}`, this.folder]);
  }

  async unmount() {
    await succeed('umount', [this.folder]);
    await rm(this.folder, { recursive: true });
  }
}

/** For one process, whose `env` it is. */
export class FailingDisk {
  static async make(folder) {
    const it = new FailingDisk();
    const target = join(process.env.E2E_BUILD, 'failing_disk.so');
    const source = join(dirname(fileURLToPath(import.meta.url)), 'failing_disk.c');
    await succeed('gcc', ['-shared', '-fPIC', '-O1', '-D_GNU_SOURCE', '-o', target, source, '-ldl']);
    it.control = join(folder, 'disk-fails');
    it.env = {
      LD_PRELOAD: target,
      FAILING_DISK: it.control,
      ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:verify_asan_link_order=0`,
    };
    return it;
  }

  /** `code`: EIO, EROFS, ... */
  async fail(code) {
    await writeFile(this.control, String(constants.errno[code]));
  }

  async heal() {
    await rm(this.control);
  }
}
