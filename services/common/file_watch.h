/* SPDX-License-Identifier: Apache-2.0 */
/* Tells when files have changed, by looking at them now and then. That is slower than being told by the system, and
 * right where the system does not tell: over NFS, under bind mounts, behind links that are moved (as Kubernetes does).
 *
 * For somebody who reads files: note what a file looks like before it is read, so that a change meanwhile is not
 * missed. */
#ifndef DAYWIRE_COMMON_FILE_WATCH_H
#define DAYWIRE_COMMON_FILE_WATCH_H

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include <glib.h>

/* What a file looks like: the file that a path leads to, and when it was written. All zero: there is none. */
typedef struct {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec modified, changed;
} FileStamp;

FileStamp file_stamp(const char *path); /* NULL: there is none */
bool file_stamp_equal(const FileStamp *a, const FileStamp *b);

/* A set of files. One thread. */
typedef struct FileWatch FileWatch;

FileWatch *file_watch_new(void);
void file_watch_free(FileWatch *watch); /* NULL is fine */

/* From now on these files, an array of char *. One that was watched before keeps what was noted of it; of a new one is
 * noted what it looks like now. */
void file_watch_set(FileWatch *watch, const GPtrArray *paths);
/* `stamp` is what is noted of a file of the set: it was read when it looked so. */
void file_watch_note(FileWatch *watch, const char *path, const FileStamp *stamp);
/* The same of all files, as they look now: they are about to be read. */
void file_watch_note_all(FileWatch *watch);

/* Looks at all files. True when one looks other than noted, and none looks other than at the last call: who writes them
 * has ended. What they look like is then noted. */
bool file_watch_changed(FileWatch *watch);

#endif
