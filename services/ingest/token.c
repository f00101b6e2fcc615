/* SPDX-License-Identifier: Apache-2.0 */
/* Compared are hashes: they have one length, and how far they agree tells nothing about the token. */
#include "ingest/token.h"

#include <stdatomic.h>

#include "common/error.h"

#define TOKEN_MAX 1024
#define HASH_SIZE 32

struct Token {
    atomic_uint references;
    guint8 hash[HASH_SIZE];
};

static void compute_hash(const char *text, guint8 hash[static HASH_SIZE])
{
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    gsize size = HASH_SIZE;

    g_checksum_update(checksum, (const guchar *)text, (gssize)strlen(text));
    g_checksum_get_digest(checksum, hash, &size);
}

Token *token_load(const char *path, GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) reason = NULL;
    gsize size = 0;

    if (!g_file_get_contents(path, &text, &size, &reason)) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "[ingest] token-file: %s", reason->message);
        return NULL;
    }
    bool clean = strlen(text) == size;
    g_strstrip(text);
    for (const char *c = text; *c != '\0'; c++)
        clean = clean && g_ascii_isgraph(*c);
    if (!clean || *text == '\0' || strlen(text) > TOKEN_MAX) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID,
                    "[ingest] token-file: %s holds no token: one word of 1 to %d visible ASCII characters",
                    path, TOKEN_MAX);
        return NULL;
    }
    Token *token = g_new0(Token, 1);
    atomic_init(&token->references, 1);
    compute_hash(text, token->hash);
    return token;
}

bool token_check(const Config *config, GError **error)
{
    const char *path = config_string(config, "ingest", "token-file");

    if (path == NULL || *path == '\0')
        return true;
    Token *token = token_load(path, error);
    bool good = token != NULL;
    token_unref(token);
    return good;
}

Token *token_ref(Token *token)
{
    atomic_fetch_add(&token->references, 1);
    return token;
}

void token_unref(Token *token)
{
    if (token && atomic_fetch_sub(&token->references, 1) == 1)
        g_free(token);
}

const char *token_name(const Token *token G_GNUC_UNUSED)
{
    return "default";
}

bool token_matches(const Token *token, const char *authorization)
{
    static const char scheme[] = "Bearer ";
    guint8 hash[HASH_SIZE];
    guint8 difference = 0;

    if (authorization == NULL || g_ascii_strncasecmp(authorization, scheme, sizeof scheme - 1) != 0)
        return false;
    const char *presented = authorization + sizeof scheme - 1;
    while (*presented == ' ')
        presented++;
    compute_hash(presented, hash);
    for (size_t i = 0; i < HASH_SIZE; i++)
        difference |= hash[i] ^ token->hash[i];
    return difference == 0;
}
