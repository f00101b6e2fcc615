/* SPDX-License-Identifier: Apache-2.0 */
/* Knows when files come into a folder, and whether the folder is still the one that is watched (inotify(7)). It keeps
 * no file of it open, so that the file system can be unmounted. One thread. */
#ifndef DAYWIRE_INGEST_SPOOL_WATCH_H
#define DAYWIRE_INGEST_SPOOL_WATCH_H

#include <stdbool.h>

#include <glib.h>

typedef struct SpoolWatch SpoolWatch;

/* `path` must outlive it. FAILED: there are too many in use. */
SpoolWatch *spool_watch_new(const char *path, GError **error) MUST_CHECK;
void spool_watch_free(SpoolWatch *watch); /* NULL is fine */

int spool_watch_fd(const SpoolWatch *watch); /* readable when something has come */

/* Watches what is at the path now. UNAVAILABLE: there is no folder, or it cannot be watched. */
bool spool_watch_begin(SpoolWatch *watch, GError **error) MUST_CHECK;
/* Opens the folder that is watched: close(2) it. -1 with UNAVAILABLE: it is not at its path any more; begin anew. */
int spool_watch_open(SpoolWatch *watch, GError **error) MUST_CHECK;

/* What a turn of spool_watch_read() has seen beside names. */
typedef struct {
    bool lost; /* events have been dropped: look at all files */
    bool gone; /* the folder was deleted, moved away or unmounted */
} SpoolEvents;

/* Tells the name of each file that was moved in or that a writer has closed; does not block. */
SpoolEvents spool_watch_read(SpoolWatch *watch, void (*each)(const char *name, void *user), void *user);

#endif
