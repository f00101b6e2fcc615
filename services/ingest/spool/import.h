/* SPDX-License-Identifier: Apache-2.0 */
/* The content of one file into the engine, in jobs of a bounded size, one after the other. */
#ifndef DAYWIRE_INGEST_SPOOL_IMPORT_H
#define DAYWIRE_INGEST_SPOOL_IMPORT_H

#include "ingest/job.h"
#include "ingest/spool/report.h"

#define SPOOL_JOB_ITEMS_MAX 500
#define SPOOL_JOB_BYTES_MAX ((size_t)1024 * 1024) /* of statements, packed; one may be larger */

/* How far a file has got. What has been stored is not handed in again when the file is tried again, so that it does not
 * undo what people have changed since. */
typedef struct {
    uint64_t items; /* decided: stored or refused */
    SpoolReport *report;
} SpoolProgress;

/* Where jobs go, what is known already, and who can end it. */
typedef struct {
    bool (*submit)(void *user, Job *job, GError **error); /* as engine_submit() */
    /* The statement as it is, or NULL: there is none that could be read. False with UNAVAILABLE, LOST or FAILED. */
    bool (*find)(void *user, const char *id, Statement **ret_known, GError **error);
    bool (*pause)(void *user, int milliseconds); /* false: it is to end */
    void *user;
} SpoolSink;

typedef enum {
    SPOOL_IMPORT_DONE,        /* to the end; the report tells the rest */
    SPOOL_IMPORT_UNAVAILABLE, /* nothing can be stored now, the error says why; go on later */
    SPOOL_IMPORT_STOPPED,
} SpoolImportOutcome;

/* Blocks until all is stored, or not; about five seconds at most when the engine takes nothing. One thread, not the
 * engine's. */
SpoolImportOutcome spool_import(GBytes *bytes, Instant now, const SpoolSink *sink, SpoolProgress *progress,
                                GError **error) MUST_CHECK;

#endif
