/* SPDX-License-Identifier: Apache-2.0 */
/* A SQLite VFS over `unix` whose files are on the disk of disk.h. Locks, shared memory (which does not outlive a power
 * cut) and all else are those of `unix`; so is what is synced when: the folder with the first sync of a new journal or
 * log, and after a deletion for which SQLite asks that.
 * https://www.sqlite.org/c3ref/io_methods.html, https://www.sqlite.org/c3ref/vfs.html */
#ifndef DAYWIRE_TESTS_FAULTS_FAULT_VFS_H
#define DAYWIRE_TESTS_FAULTS_FAULT_VFS_H

#include <stdint.h>

/* Makes it the one that sqlite3_open_v2() uses. After disk_init(). */
void fault_vfs_register(void);
/* SQLite's own random numbers begin anew, from `seed`. */
void fault_vfs_seed(uint64_t seed);

#endif
