/* SPDX-License-Identifier: Apache-2.0 */
/* What a disk would still have after a power cut, and what goes wrong on it when.
 *
 * The files that a program sees are real ones, in a folder that should be a tmpfs; fault_vfs.h writes them and
 * tells this module. Beside them the durable state is kept in memory: of each file its bytes as of its last sync and
 * the writes since (pending), and of the folder the names as of its last sync. A power cut makes the files what the
 * durable state and a random part of what is pending come to: some writes whole, some torn at the borders of sectors,
 * some not at all, in any order; a name that was made or deleted and not synced, the one or the other way.
 *
 * A failed sync leaves pending writes as Linux does: each may have reached the disk or not, none is tried again, and
 * the program may go on to see what it wrote or may not.
 *
 * One disk in a process, one thread. */
#ifndef DAYWIRE_TESTS_FAULTS_DISK_H
#define DAYWIRE_TESTS_FAULTS_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

typedef enum {
    FAULT_NONE,
    FAULT_CUT,   /* the power: nothing works any more */
    FAULT_KILL,  /* the process: the same, and nothing is lost that was written */
    FAULT_FULL,  /* ENOSPC, of a whole write */
    FAULT_SHORT, /* ENOSPC, after a part of the write */
    FAULT_BROKEN /* EIO, of reads and syncs, too */
} FaultKind;

/* Meets the `at`-th operation, counted from 1: of those that change something, for BROKEN of all; or the first one
 * after it that can fail so. */
typedef struct {
    FaultKind kind;
    bool lasting; /* until disk_heal(); else once */
    uint64_t at;
} Fault;

typedef enum {
    DISK_LOOK, /* open, size, existence */
    DISK_READ,
    DISK_CREATE,
    DISK_WRITE,
    DISK_GROW, /* of shared memory */
    DISK_TRUNCATE,
    DISK_DELETE,
    DISK_SYNC,
    DISK_SYNC_FOLDER,
    DISK_SYNC_FOLDER_TOO, /* with a file: SQLite does not look at the result */
} DiskOperation;

typedef enum { DISK_GOOD, DISK_HAS_NO_SPACE, DISK_FAILS } DiskVerdict;

/* The files of a folder: name -> GBytes. */
typedef GHashTable DiskImage;

typedef struct DiskFile DiskFile;

/* `folder` exists, is empty, and is this module's alone. */
void disk_init(const char *folder);
void disk_end(void);

/* All is as `image` says (NULL: no file), durable and well; the operations are counted from here. Nothing may be
 * open. The image stays the caller's. */
void disk_reset(DiskImage *image, uint64_t seed, Fault fault);
/* What the files are now; g_hash_table_unref it. */
DiskImage *disk_image(void);

/* The fault is over. */
void disk_heal(void);
/* Cuts the power now. */
void disk_kill(void);
/* After a kill, with all files closed: the disk works again. */
void disk_revive(void);
/* After a cut, with all files closed: makes the files what is left, and the disk work. */
void disk_restart(void);
/* The same as disk_reset(), in the middle of a run: chance goes on. */
void disk_set(DiskImage *image, Fault fault);

bool disk_is_dead(void);
/* Whether the fault has met an operation since disk_reset(), disk_set() or disk_restart(). */
bool disk_was_hit(void);
/* Whether it was hit, and operations fail still: every write. */
bool disk_is_failing(void);
/* Shows each operation that changes something on standard error. */
void disk_trace(bool on);
uint64_t disk_count(FaultKind kind); /* operations that count for it, so far */

/* For fault_vfs.c. Counts an operation and says whether it succeeds; of a write that does not, the first *ret_part of
 * its `size` bytes are written all the same. ret_part may be NULL where size is 0; path and offset are for the trace. */
DiskVerdict disk_begin(DiskOperation operation, const char *path, int64_t offset, int size, int *ret_part);

/* A file that is there, or is being made. One reference, for disk_file_close(). */
DiskFile *disk_file_open(const char *path);
void disk_file_close(DiskFile *file);
void disk_file_written(DiskFile *file, int64_t offset, const void *data, int size);
void disk_file_truncated(DiskFile *file, int64_t size);
void disk_file_synced(DiskFile *file);
/* Not NULL: the program sees these bytes from now on. Borrowed until the next call. */
const GByteArray *disk_file_sync_failed(DiskFile *file);
void disk_file_deleted(const char *path);
void disk_folder_synced(void);

#endif
