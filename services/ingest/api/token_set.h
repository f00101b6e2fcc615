/* SPDX-License-Identifier: Apache-2.0 */
/* All tokens of the configuration: [ingest] token-file, named "default", and each [token NAME]. Immutable,
 * reference-counted, any thread. */
#ifndef DAYWIRE_INGEST_API_TOKEN_SET_H
#define DAYWIRE_INGEST_API_TOKEN_SET_H

#include "common/config/config.h"
#include "ingest/api/token.h"

typedef struct TokenSet TokenSet;

/* Reads the files. `before`, which may be NULL, gives its tokens' use to those of the same name. NULL with INVALID or
 * FAILED, which names group, key and file: a file without a token, a right that does not exist, one name or one
 * secret for two tokens. There may be no token at all. */
TokenSet *token_set_load(const Config *config, const TokenSet *before, GError **error) MUST_CHECK;
TokenSet *token_set_ref(TokenSet *set);
void token_set_unref(TokenSet *set); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TokenSet, token_set_unref)

/* For DaemonProgram.check: whether it could be loaded. */
bool token_set_check(const Config *config, GError **error) MUST_CHECK;

unsigned token_set_size(const TokenSet *set);
/* Of the files that others than their owner may read or change; NULL-terminated, owned by the set. */
const char *const *token_set_exposed(const TokenSet *set);

/* The token with which an Authorization header ("Bearer ...", may be NULL) was made, owned by the set, or NULL. Takes
 * the same time whichever it is. */
Token *token_set_find(const TokenSet *set, const char *authorization);

#endif
