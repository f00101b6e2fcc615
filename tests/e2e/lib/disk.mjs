// SPDX-License-Identifier: Apache-2.0
// Disks that fail: a small one that can be filled, and one that refuses to write or has writers wait (see failing_disk.c).
import { constants } from 'node:fs';
import { mkdtemp, open, rename, rm, writeFile } from 'node:fs/promises';
import { constants as system, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './process.mjs';
import { until } from './until.mjs';

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
    const made = `${target}.${process.pid}`; // what runs beside us makes and loads it, too
    await succeed('gcc', ['-shared', '-fPIC', '-O1', '-D_GNU_SOURCE', '-o', made, source, '-ldl']);
    await rename(made, target);
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
    await writeFile(this.control, String(system.errno[code]));
  }

  async heal() {
    await rm(this.control);
  }

  /** The next one who writes has to wait; all others do not. */
  async hold() {
    await succeed('mkfifo', [this.control]);
  }

  /** Once somebody waits: the function that lets him go on, with all well again. */
  async held() {
    // Nobody can open it to write, but while somebody reads from it.
    const file = await until('somebody waits for the disk', () => open(this.control, constants.O_WRONLY | constants.O_NONBLOCK));
    return async () => {
      await rm(this.control);
      await file.write('0'); // no error
      await file.close();
    };
  }
}
