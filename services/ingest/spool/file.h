/* SPDX-License-Identifier: Apache-2.0 */
/* One file of the spool folder, opened so that nothing that may stand under its name can do harm, and read only when it
 * is whole.
 *
 * That nobody is writing it is proved by a read lease (fcntl(2), F_SETLEASE), which the kernel gives while no process
 * has the file open for writing. It is held until the file is closed here: somebody who opens it for writing meanwhile
 * waits (the kernel's lease-break-time, 45 s, at most), and spool_file_is_whole() says so. The kernel gives leases
 * on files of the same user, or with CAP_LEASE, on local file systems; elsewhere the file is not proved. One thread. */
#ifndef DAYWIRE_INGEST_SPOOL_FILE_H
#define DAYWIRE_INGEST_SPOOL_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <glib.h>

/* Which state of which file. */
typedef struct {
    dev_t device;
    ino_t inode;
    int64_t size;
    int64_t modified; /* as Instant */
    int64_t changed;  /* the inode, a rename too */
} SpoolIdentity;

bool spool_identity_equal(const SpoolIdentity *a, const SpoolIdentity *b);

typedef struct {
    int fd;
    bool proved; /* with a lease */
    SpoolIdentity identity;
} SpoolFile;

typedef enum {
    SPOOL_FILE_OPEN,
    SPOOL_FILE_GONE,
    SPOOL_FILE_FOLDER,  /* left alone */
    SPOOL_FILE_REFUSED, /* a link, a device, ...: never opened; or we may not read it. The error says which */
    SPOOL_FILE_WRITTEN, /* somebody has it open for writing */
    SPOOL_FILE_FAILED,  /* try again; the error says why */
} SpoolFileState;

/* Does not block. `folder` is an open folder. When REFUSED, *ret_file has the identity alone. */
SpoolFileState spool_file_open(int folder, const char *name, SpoolFile *ret_file, GError **error) MUST_CHECK;
void spool_file_close(SpoolFile *file);

/* Whether it is as it was opened, and nobody has opened it for writing since. */
bool spool_file_is_whole(const SpoolFile *file);

/* `stop` is asked now and then. NULL with UNAVAILABLE: reading failed or was stopped, or the file is not as long as it
 * was. */
GBytes *spool_file_read(const SpoolFile *file, bool (*stop)(void *user), void *user, GError **error)
    MUST_CHECK;

#endif
