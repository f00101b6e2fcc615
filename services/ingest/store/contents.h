/* SPDX-License-Identifier: Apache-2.0 */
/* Which revisions of a statement say what, by hashes, so that of a long history only those are read that may be meant.
 * What is found is to be compared: hashes of different texts may be the same.
 *
 * Of a statement its newest revisions are remembered, all as far as there is room. The statements that were asked for
 * longest ago make room for others. Pure, one thread. */
#ifndef DAYWIRE_INGEST_STORE_CONTENTS_H
#define DAYWIRE_INGEST_STORE_CONTENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/model.h"

/* What a revision is found by. */
typedef struct {
    uint32_t content; /* of statement_content_hash() */
    uint32_t telling; /* of its change and note */
} ContentKey;

ContentKey content_key(const Statement *statement);

typedef struct Contents Contents;

/* `max`: revisions of all statements together, with room to grow; a power of two, at least 16. Each takes 16 bytes. */
Contents *contents_new(uint32_t max);
void contents_free(Contents *contents); /* NULL is fine */
/* Forgets everything. */
void contents_clear(Contents *contents);

/* Whether the statement is remembered as it is with the revision `latest`. */
bool contents_has(Contents *contents, const char *id, uint32_t latest);
/* In place of what was known of the statement. `keys` (of ContentKey, one to `max`) are those of `latest` and of the
 * revisions before it, newest first. */
void contents_set(Contents *contents, const char *id, uint32_t latest, const GArray *keys);
/* It is the latest now, of a statement that is remembered; any other stays unknown. */
void contents_add(Contents *contents, const Statement *revision);

/* The newest revision before `before` that may be the one: it has the key's content, and what it tells as well when
 * `told`, or is not remembered. 0: there is none. */
uint32_t contents_find(const Contents *contents, const char *id, uint32_t before, ContentKey key, bool told);

#endif
