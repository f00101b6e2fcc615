/* SPDX-License-Identifier: Apache-2.0 */
/* One bearer token of the API: a name, a secret, what it may do and how much of it. Immutable, reference-counted,
 * any thread. The secret itself is kept nowhere: only its hash. */
#ifndef DAYWIRE_INGEST_API_TOKEN_H
#define DAYWIRE_INGEST_API_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <glib.h>

#include "ingest/api/token_use.h"

#define TOKEN_HASH_SIZE 32

typedef enum {
    RIGHT_PUBLISH = 1 << 0,
    RIGHT_WITHDRAW = 1 << 1,
    RIGHT_READ = 1 << 2,
} Right;
#define RIGHTS_ALL (RIGHT_PUBLISH | RIGHT_WITHDRAW | RIGHT_READ)

/* "publish", ... */
const char *right_name(Right right);
/* Names separated by commas, at least one, none twice; the bits go to *ret_rights. INVALID names the word. */
bool rights_parse(const char *text, unsigned *ret_rights, GError **error) MUST_CHECK;

/* The one word in the file at `path`, without the white space around it. NULL with INVALID: it is empty, too long,
 * or no text of one word; FAILED: it cannot be read, or is no file. *ret_exposed: others than its owner may read or
 * change it. g_free it. */
char *token_secret_load(const char *path, bool *ret_exposed, GError **error) MUST_CHECK;

/* Takes a reference of `use`. */
typedef struct Token Token;
Token *token_new(const char *name, const char *secret, unsigned rights, const TokenLimits *limits,
                 TokenUse *use);
Token *token_ref(Token *token);
void token_unref(Token *token); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Token, token_unref)

const char *token_name(const Token *token);
bool token_may(const Token *token, Right right);
const TokenLimits *token_limits(const Token *token);
TokenUse *token_use(const Token *token);
/* In daywire_ingest_token_requests_total: so that an operator sees whether a token is still in use. */
void token_count(const Token *token);

void token_hash(const char *secret, guint8 ret_hash[static TOKEN_HASH_SIZE]);
/* 1 when the hash is that of the secret, else 0. Takes the same time for every hash. */
unsigned token_matches(const Token *token, const guint8 hash[static TOKEN_HASH_SIZE]);

#endif
