/* SPDX-License-Identifier: Apache-2.0 */
/* Entity tags of statements (RFC 9110, 8.8.3 and 13.1): "3" for revision 3, "3.17" when a change of it is
 * scheduled as well, "0.17" for what is scheduled and was never published. Pure, any thread. */
#ifndef DAYWIRE_INGEST_ETAG_H
#define DAYWIRE_INGEST_ETAG_H

#include <stdbool.h>
#include <stdint.h>

/* With its quotation marks. `schedule_version` 0: nothing is scheduled. g_free it. */
char *etag_format(uint32_t revision, int64_t schedule_version);

/* Whether `header`, the value of If-Match or If-None-Match, names `etag`. If-Match compares strongly (a tag that a proxy
 * has weakened names nothing), If-None-Match weakly. NULL is what does not exist: then not even "*" names it. */
typedef enum { ETAG_STRONGLY, ETAG_WEAKLY } EtagComparison;
bool etag_is_named(const char *header, const char *etag, EtagComparison comparison);

/* Whether `header` is "*" or a list of entity tags. */
bool etag_header_is_valid(const char *header);

#endif
