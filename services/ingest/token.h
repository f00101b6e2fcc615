/* SPDX-License-Identifier: Apache-2.0 */
/* The bearer token of the API. Immutable, reference-counted, any thread. */
#ifndef DAYWIRE_INGEST_TOKEN_H
#define DAYWIRE_INGEST_TOKEN_H

#include <stdbool.h>
#include <glib.h>

#include "common/config/config.h"

typedef struct Token Token;

/* Whether [ingest] token-file, if there is one, holds a token. */
bool token_check(const Config *config, GError **error) MUST_CHECK;

/* The text of the file without the white space around it. INVALID: it is empty, too long or no text of one
 * line; FAILED: it cannot be read. */
Token *token_load(const char *path, GError **error) MUST_CHECK;
Token *token_ref(Token *token);
void token_unref(Token *token); /* NULL is fine */

const char *token_name(const Token *token);

/* Whether an Authorization header ("Bearer ...", may be NULL) carries the token; takes as long for every
 * wrong one. */
bool token_matches(const Token *token, const char *authorization);

#endif
