/* SPDX-License-Identifier: Apache-2.0 */
/* The two things that travel. They are protobuf-c's own structs (proto/daywire/v1), so that there is one
 * model from the API to the wire. Rules for changing one in place: strings, arrays and sub-messages are
 * g_malloc'd and owned by the message, and an empty string is never NULL; use message_set_string() and the
 * ..._add functions. */
#ifndef DAYWIRE_COMMON_MODEL_H
#define DAYWIRE_COMMON_MODEL_H

#include <stdbool.h>
#include <glib.h>

#include <daywire/v1/statement.pb-c.h>
#include <daywire/v1/tick.pb-c.h>

#include "common/instant.h"

typedef Daywire__V1__Statement Statement;
typedef Daywire__V1__Tick Tick;

/* protobuf-c's names of the values of enums, shortened to the names in proto/. */
#define STATEMENT_STATUS_USABLE      DAYWIRE__V1__STATEMENT_STATUS__STATEMENT_STATUS_USABLE
#define STATEMENT_STATUS_WITHDRAWN   DAYWIRE__V1__STATEMENT_STATUS__STATEMENT_STATUS_WITHDRAWN
#define STATEMENT_STATUS_UNSPECIFIED DAYWIRE__V1__STATEMENT_STATUS__STATEMENT_STATUS_UNSPECIFIED
#define STATEMENT_CHANGE_UNSPECIFIED DAYWIRE__V1__STATEMENT_CHANGE__STATEMENT_CHANGE_UNSPECIFIED
#define STATEMENT_CHANGE_PUBLISHED   DAYWIRE__V1__STATEMENT_CHANGE__STATEMENT_CHANGE_PUBLISHED
#define STATEMENT_CHANGE_UPDATED     DAYWIRE__V1__STATEMENT_CHANGE__STATEMENT_CHANGE_UPDATED
#define STATEMENT_CHANGE_CORRECTED   DAYWIRE__V1__STATEMENT_CHANGE__STATEMENT_CHANGE_CORRECTED
#define STATEMENT_CHANGE_WITHDRAWN   DAYWIRE__V1__STATEMENT_CHANGE__STATEMENT_CHANGE_WITHDRAWN
#define BODY_TYPE_UNSPECIFIED        DAYWIRE__V1__BODY_TYPE__BODY_TYPE_UNSPECIFIED
#define BODY_TYPE_PLAIN              DAYWIRE__V1__BODY_TYPE__BODY_TYPE_PLAIN
#define BODY_TYPE_HTML               DAYWIRE__V1__BODY_TYPE__BODY_TYPE_HTML

Statement *statement_new(void);
Statement *statement_copy(const Statement *statement);
void statement_free(Statement *statement); /* NULL is fine */
void statement_add_tag(Statement *statement, const char *tag);
/* Whether readers would see the same: everything but revision, change, note, updated_at and
 * publish_at. */
bool statement_same_content(const Statement *a, const Statement *b);
/* The same for the same content; not to be stored. */
guint statement_content_hash(const Statement *statement);
/* Where it stands in time: published_at, else the beginning of its date in UTC. False, and *ret_moment untouched,
 * when it says neither, as a withdrawal may. */
bool statement_moment(const Statement *statement, Instant *ret_moment);

Tick *tick_new(void);
Tick *tick_copy(const Tick *tick);
void tick_free(Tick *tick);
void tick_add_label(Tick *tick, const char *language, const char *text);
/* The label in `language`, or NULL. */
const char *tick_label(const Tick *tick, const char *language);

/* Replaces *field, freeing the old value; NULL sets the empty string. For fields, not for the elements of an
 * array. */
void message_set_string(char **field, const char *value);
/* Frees *field, with what a newer version may have put into it, and sets NULL. */
void message_clear_timestamp(Google__Protobuf__Timestamp **field);

/* Wire form. The packed form of equal messages is equal: labels are sorted by language. */
GBytes *statement_pack(const Statement *statement);
GBytes *tick_pack(const Tick *tick);
/* NULL with INVALID when the bytes are no such message. */
Statement *statement_unpack(const void *data, size_t size, GError **error) MUST_CHECK;
Tick *tick_unpack(const void *data, size_t size, GError **error) MUST_CHECK;

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Statement, statement_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Tick, tick_free)

#endif
