/* SPDX-License-Identifier: Apache-2.0 */
/* What became of a file and its items, and the text that tells it to the person who handed it in. Pure, one thread. */
#ifndef DAYWIRE_INGEST_SPOOL_REPORT_H
#define DAYWIRE_INGEST_SPOOL_REPORT_H

#include "ingest/accept.h"

/* Of refused items; what is beyond it is counted. */
#define SPOOL_REPORT_BYTES_MAX ((size_t)1024 * 1024)

typedef struct SpoolReport SpoolReport;

SpoolReport *spool_report_new(void);
void spool_report_free(SpoolReport *report); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SpoolReport, spool_report_free)

void spool_report_count(SpoolReport *report, AcceptResult result); /* not RESULT_REFUSED */
/* `line` 0: unknown; `field` may be NULL. */
void spool_report_refuse(SpoolReport *report, uint64_t line, const char *field, const char *reason);
/* The file as a whole cannot be imported; what was counted before stays true. The first reason counts. */
void spool_report_fail(SpoolReport *report, const char *reason);

uint64_t spool_report_items(const SpoolReport *report, AcceptResult result);
/* Whether it is to go to done/: it was read to its end, and nothing was refused. */
bool spool_report_is_good(const SpoolReport *report);

/* `name` is the file's. g_free it. */
char *spool_report_text(const SpoolReport *report, const char *name, Instant now);

#endif
