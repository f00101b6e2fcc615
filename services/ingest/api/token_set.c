/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/api/token_set.h"

#include <stdatomic.h>

#include "common/error.h"
#include "ingest/submission.h"

#define DEFAULT_NAME "default"

struct TokenSet {
    atomic_uint references;
    GPtrArray *tokens;  /* of Token */
    GPtrArray *origins; /* where each comes from, for messages: "[token desk] file: /run/desk" */
    GPtrArray *exposed; /* paths; NULL ends it */
};

static TokenSet *set_new(void)
{
    TokenSet *set = g_new0(TokenSet, 1);

    atomic_init(&set->references, 1);
    set->tokens = g_ptr_array_new_with_free_func((GDestroyNotify)token_unref);
    set->origins = g_ptr_array_new_with_free_func(g_free);
    set->exposed = g_ptr_array_new_with_free_func(g_free);
    return set;
}

TokenSet *token_set_ref(TokenSet *set)
{
    atomic_fetch_add(&set->references, 1);
    return set;
}

void token_set_unref(TokenSet *set)
{
    if (!set || atomic_fetch_sub(&set->references, 1) != 1)
        return;
    g_ptr_array_unref(set->tokens);
    g_ptr_array_unref(set->origins);
    g_ptr_array_unref(set->exposed);
    g_free(set);
}

/* ---- loading ---- */

static TokenUse *use_of(const TokenSet *before, const char *name)
{
    for (guint i = 0; before && i < before->tokens->len; i++) {
        const Token *token = before->tokens->pdata[i];
        if (strcmp(token_name(token), name) == 0)
            return token_use_ref(token_use(token));
    }
    return token_use_new();
}

static bool check_unique(const TokenSet *set, const char *name, const char *secret, const char *origin,
                         GError **error)
{
    guint8 hash[TOKEN_HASH_SIZE];

    token_hash(secret, hash);
    for (guint i = 0; i < set->tokens->len; i++) {
        const Token *token = set->tokens->pdata[i];
        if (strcmp(token_name(token), name) == 0)
            return error_refuse(error, "%s: a token named %s comes from %s already", origin, name,
                                (const char *)set->origins->pdata[i]);
        if (token_matches(token, hash))
            return error_refuse(error, "%s: holds the same token as %s; each needs its own", origin,
                                (const char *)set->origins->pdata[i]);
    }
    return true;
}

static unsigned limit_of(const Config *config, const char *group, const char *key)
{
    int64_t own = config_integer(config, group, key);
    return (unsigned)(own >= 0 ? own : config_integer(config, "ingest", key));
}

typedef struct {
    const char *name;
    const char *group;
    const char *key; /* with the path of the file */
    unsigned rights;
} Wanted;

static bool add(TokenSet *set, const Config *config, const TokenSet *before, const Wanted *wanted,
                GError **error)
{
    const char *path = config_string(config, wanted->group, wanted->key);
    const TokenLimits limits = {
        .requests_per_second = limit_of(config, wanted->group, "requests-per-second"),
        .max_requests = limit_of(config, wanted->group, "max-requests"),
    };
    bool exposed = false;
    g_autofree char *origin = g_strdup_printf("[%s] %s: %s", wanted->group, wanted->key, path);
    g_autofree char *secret = token_secret_load(path, &exposed, error);

    if (!secret) {
        g_prefix_error(error, "[%s] %s: ", wanted->group, wanted->key);
        return false;
    }
    if (!check_unique(set, wanted->name, secret, origin, error))
        return false;
    TokenUse *use = use_of(before, wanted->name);
    g_ptr_array_add(set->tokens, token_new(wanted->name, secret, wanted->rights, &limits, use));
    token_use_unref(use);
    g_ptr_array_add(set->origins, g_steal_pointer(&origin));
    if (exposed)
        g_ptr_array_add(set->exposed, g_strdup(path));
    return true;
}

static bool add_named(TokenSet *set, const Config *config, const TokenSet *before, const char *name,
                      GError **error)
{
    g_autofree char *group = g_strconcat("token ", name, NULL);
    const char *rights = config_string(config, group, "rights");
    Wanted wanted = {.name = name, .group = group, .key = "file"};

    if (submitter_is_reserved(name))
        return error_refuse(
            error, "[%s]: a token may not have this name, which histories give to Daywire itself", group);
    if (!config_string(config, group, "file"))
        return error_refuse(error, "[%s] file: is missing: the file with the token", group);
    if (!rights)
        return error_refuse(error, "[%s] rights: are missing: publish, withdraw, read, or some of them",
                            group);
    if (!rights_parse(rights, &wanted.rights, error)) {
        g_autofree char *origin = config_origin(config, group, "rights");
        g_prefix_error(error, "%s: [%s] rights: ", origin, group);
        return false;
    }
    return add(set, config, before, &wanted, error);
}

TokenSet *token_set_load(const Config *config, const TokenSet *before, GError **error)
{
    const Wanted oldest = {
        .name = DEFAULT_NAME, .group = "ingest", .key = "token-file", .rights = RIGHTS_ALL};
    g_autoptr(TokenSet) set = set_new();

    if (config_string(config, oldest.group, oldest.key) && !add(set, config, before, &oldest, error))
        return NULL;
    for (const char *const *name = config_instances(config, "token"); *name; name++)
        if (!add_named(set, config, before, *name, error))
            return NULL;
    g_ptr_array_add(set->exposed, NULL);
    return g_steal_pointer(&set);
}

bool token_set_check(const Config *config, GError **error)
{
    g_autoptr(TokenSet) set = token_set_load(config, NULL, error);
    return set != NULL;
}

/* ---- asking ---- */

unsigned token_set_size(const TokenSet *set)
{
    return set->tokens->len;
}

const char *const *token_set_exposed(const TokenSet *set)
{
    return (const char *const *)set->exposed->pdata;
}

/* Every token is compared, also behind the one that matches, and the result is picked without a branch. */
Token *token_set_find(const TokenSet *set, const char *authorization)
{
    static const char scheme[] = "Bearer ";
    guint8 hash[TOKEN_HASH_SIZE];
    size_t place = 0; /* from 1 on */

    if (!authorization || g_ascii_strncasecmp(authorization, scheme, sizeof scheme - 1) != 0)
        return NULL;
    const char *presented = authorization + sizeof scheme - 1;
    while (*presented == ' ')
        presented++;
    token_hash(presented, hash);
    for (size_t i = 0; i < set->tokens->len; i++)
        place |= (0 - (size_t)token_matches(set->tokens->pdata[i], hash)) & (i + 1);
    return place ? set->tokens->pdata[place - 1] : NULL;
}
