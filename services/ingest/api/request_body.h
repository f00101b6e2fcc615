/* SPDX-License-Identifier: Apache-2.0 */
/* The bodies that the API takes: a statement as JSON or protobuf, or many as JSON lines. Pure, any thread. */
#ifndef DAYWIRE_INGEST_API_REQUEST_BODY_H
#define DAYWIRE_INGEST_API_REQUEST_BODY_H

#include "common/line_reader.h"
#include "common/model.h"

typedef enum { MEDIA_UNKNOWN, MEDIA_JSON, MEDIA_NDJSON, MEDIA_PROTOBUF } MediaType;

/* Of a Content-Type header, which may be NULL; its parameters do not matter. */
MediaType media_type_parse(const char *content_type);

/* One statement, JSON or PROTOBUF, valid (statement_rules.h). NULL with INVALID or TOO_LARGE and the field at
 * fault, g_malloc'd, in *ret_field (NULL: none in particular). */
Statement *body_statement(MediaType type, GBytes *body, char **ret_field, GError **error) MUST_CHECK;

/* {"note":"..."}, the body of a withdrawal. g_free it. NULL with INVALID, as above. */
char *body_note(GBytes *body, char **ret_field, GError **error) MUST_CHECK;

typedef struct {
    uint64_t number;
    Statement *statement; /* NULL: refused. Whoever takes it sets NULL here */
    char *field;          /* when refused; may be NULL */
    GError *error;        /* when refused: TOO_LARGE for a line beyond its size, else as above */
} BodyLine;

/* What a line of JSON lines says; `longest`: bytes, as the lines were read. */
BodyLine body_line(const Line *line, size_t longest);
void body_line_clear(BodyLine *line);

#endif
