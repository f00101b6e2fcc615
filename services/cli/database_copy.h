/* SPDX-License-Identifier: Apache-2.0 */
/* A copy of ingest's database, made while ingest writes to it (SQLite's online backup). The source is only read: it is
 * neither checkpointed nor changed. One thread. */
#ifndef DAYWIRE_CLI_DATABASE_COPY_H
#define DAYWIRE_CLI_DATABASE_COPY_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

typedef struct {
    int64_t statements;
    int64_t bytes;
} DatabaseCopy;

typedef struct {
    const char *source;
    const char *destination;
    bool replace;                         /* a file at `destination` */
    const volatile sig_atomic_t *stopped; /* not 0: give up */
} DatabaseCopyOptions;

/* When true, one file that needs nothing beside it is at the destination, checked and on the disk. It holds every
 * revision that was acknowledged before the call. When false nothing is left there: NOT_FOUND: there is no database;
 * INVALID: it is not ingest's, or the destination cannot be one; CONFLICT: it is taken; LOST: the database is damaged;
 * UNAVAILABLE, FAILED: disk, rights, stopped. The sentence names the file at fault. */
bool database_copy(const DatabaseCopyOptions *options, DatabaseCopy *ret_copy, GError **error) MUST_CHECK;

#endif
