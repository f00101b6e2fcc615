/* SPDX-License-Identifier: Apache-2.0 */
/* What a well-formed statement is, whatever way it came in: bounds, characters, dates, addresses. Pure, any
 * thread. */
#ifndef DAYWIRE_COMMON_STATEMENT_RULES_H
#define DAYWIRE_COMMON_STATEMENT_RULES_H

#include <stdbool.h>

#include "common/model.h"

/* Largest fields: in characters (Unicode code points), the body in bytes. */
#define STATEMENT_ID_MAX      200
#define STATEMENT_TITLE_MAX   1000
#define STATEMENT_SUMMARY_MAX 10000
#define STATEMENT_NOTE_MAX    2000
#define STATEMENT_WORD_MAX    200 /* source, kind, a tag, author, place */
#define STATEMENT_URL_MAX     2000
#define STATEMENT_BODY_MAX    524288 /* 512 KiB */
#define STATEMENT_TAGS_MAX    32

/* Removes the white space around all text, makes CR LF one LF, writes `language` in its usual case and
 * completes what follows from the rest (status, change of a withdrawal, published_at from publish_at where
 * nothing else dates it, date from published_at, body_type of a body); then checks all fields. An empty id is
 * fine: ingest gives one. A statement with status WITHDRAWN must have id and note, no text and no schedule;
 * that people may not submit such a one is for the caller to say (statement_from_json does). `revision` and
 * `updated_at` are not looked at. False with INVALID, or with TOO_LARGE for a field beyond its size; with a
 * sentence that names the field and what is allowed, and the field's JSON name, static, in *ret_field. */
bool statement_validate(Statement *statement, const char **ret_field, GError **error) MUST_CHECK;

#define COUNTER_ID_MAX 100

/* True for 1 to `max` characters of A-Z a-z 0-9 . _ ~ - : the ids of statements and counters. Not "." and "..", which
 * do not survive in the path of a URL. */
bool id_is_valid(const char *id, size_t max);

/* Whether it has the form of a BCP 47 tag (RFC 5646), also an extended or private one. Writes its letters in
 * the usual case (pt-BR, zh-Hant), so that equal tags are equal texts; what is refused may have changed too. */
bool language_normalise(char *tag) MUST_CHECK;

#endif
