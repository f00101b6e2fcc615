/* SPDX-License-Identifier: Apache-2.0 */
/* A statement written on the command line: the options of publish and correct. */
#ifndef DAYWIRE_CLI_DRAFT_H
#define DAYWIRE_CLI_DRAFT_H

#include "common/model.h"

/* As GOption fills it; NULL: not given. An empty text clears the field of a statement that is corrected. */
typedef struct {
    char *id;
    char *title;
    char *summary;
    char *body;
    char *body_file; /* "-": standard input */
    char *body_type;
    char *date;
    char *published_at;
    char *publish_at;
    char *expires_at;
    char *language;
    char *url;
    char *source;
    char *kind;
    char *author;
    char *place;
    char *note;
    char **tags;
} Draft;

void draft_clear(Draft *draft);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Draft, draft_clear)

/* The options that fill `draft` (all but --id and --note), after the `count` ones of the command. g_free it.
 */
GOptionEntry *draft_entries(Draft *draft, const GOptionEntry *first, size_t count);

/* Whether anything of the text or its data is given. */
bool draft_is_empty(const Draft *draft);

/* Puts what is given into the statement, in place of what it has; reads the body's file. The statement is not
 * checked yet (statement_rules.h). INVALID, NOT_FOUND, TOO_LARGE, with the option's name. */
bool draft_apply(const Draft *draft, Statement *statement, GError **error) MUST_CHECK;

#endif
