/* SPDX-License-Identifier: Apache-2.0 */
/* Compared are hashes: they have one length, and how far they agree tells nothing about the secret. */
#include "ingest/api/token.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "common/error.h"
#include "common/metrics.h"

#define SECRET_MAX 1024
/* With the white space around it. */
#define FILE_MAX 4096

struct Token {
    atomic_uint references;
    char *name;
    unsigned rights;
    TokenLimits limits;
    TokenUse *use;
    Metric *requests;
    guint8 hash[TOKEN_HASH_SIZE];
};

/* ---- rights ---- */

static const struct {
    Right right;
    const char *name;
} rights_by_name[] = {{RIGHT_PUBLISH, "publish"}, {RIGHT_WITHDRAW, "withdraw"}, {RIGHT_READ, "read"}};

const char *right_name(Right right)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rights_by_name); i++)
        if (rights_by_name[i].right == right)
            return rights_by_name[i].name;
    g_assert_not_reached();
}

static unsigned right_of(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rights_by_name); i++)
        if (strcmp(rights_by_name[i].name, name) == 0)
            return rights_by_name[i].right;
    return 0;
}

bool rights_parse(const char *text, unsigned *ret_rights, GError **error)
{
    g_auto(GStrv) words = g_strsplit(text, ",", -1);
    unsigned rights = 0;

    for (char **word = words; *word; word++) {
        unsigned right = right_of(g_strstrip(*word));
        if (!right)
            return error_refuse(error, "'%s' is no right: publish, withdraw and read are", *word);
        if (rights & right)
            return error_refuse(error, "'%s' is given twice", *word);
        rights |= right;
    }
    if (!rights)
        return error_refuse(error, "there is none: publish, withdraw and read are");
    *ret_rights = rights;
    return true;
}

/* ---- secrets ---- */

/* At most FILE_MAX + 1 bytes; -1 with errno. */
static ssize_t read_all(int fd, char *buffer)
{
    size_t size = 0;

    while (size <= FILE_MAX) {
        ssize_t count = read(fd, buffer + size, FILE_MAX + 1 - size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return -1;
        if (count == 0)
            break;
        size += (size_t)count;
    }
    return (ssize_t)size;
}

static bool fail(const char *path, const char *reason, GError **error)
{
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "%s: %s", path, reason);
    return false;
}

static bool check_file(int fd, const char *path, bool *ret_exposed, GError **error)
{
    struct stat status;

    if (fstat(fd, &status) < 0)
        return fail(path, g_strerror(errno), error);
    if (!S_ISREG(status.st_mode))
        return fail(path, S_ISDIR(status.st_mode) ? "is a folder" : "is no regular file", error);
    *ret_exposed = (status.st_mode & (S_IRWXG | S_IRWXO)) != 0;
    return true;
}

static bool is_word(const char *text, size_t size)
{
    size_t length = strlen(text);

    if (length != size || length == 0 || length > SECRET_MAX)
        return false;
    for (const char *c = text; *c; c++)
        if (!g_ascii_isgraph(*c))
            return false;
    return true;
}

char *token_secret_load(const char *path, bool *ret_exposed, GError **error)
{
    char buffer[FILE_MAX + 1];
    bool exposed = false;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not hold us up */

    if (fd < 0) {
        (void)fail(path, g_strerror(errno), error);
        return NULL;
    }
    bool good = check_file(fd, path, &exposed, error);
    ssize_t size = good ? read_all(fd, buffer) : -1;
    if (good && size < 0)
        good = fail(path, g_strerror(errno), error);
    (void)close(fd); /* it was only read */
    if (!good)
        return NULL;

    size_t length = (size_t)size;
    const char *start = buffer;
    while (length > 0 && g_ascii_isspace(start[length - 1]))
        length--;
    while (length > 0 && g_ascii_isspace(*start)) {
        start++;
        length--;
    }
    g_autofree char *word = g_strndup(start, length);
    if ((size_t)size > FILE_MAX || !is_word(word, length)) {
        (void)error_refuse(error, "%s: holds no token: one word of 1 to %d visible ASCII characters", path,
                           SECRET_MAX);
        return NULL;
    }
    *ret_exposed = exposed;
    return g_steal_pointer(&word);
}

void token_hash(const char *secret, guint8 ret_hash[static TOKEN_HASH_SIZE])
{
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    gsize size = TOKEN_HASH_SIZE;

    g_checksum_update(checksum, (const guchar *)secret, (gssize)strlen(secret));
    g_checksum_get_digest(checksum, ret_hash, &size);
}

/* ---- tokens ---- */

Token *token_new(const char *name, const char *secret, unsigned rights, const TokenLimits *limits,
                 TokenUse *use)
{
    Token *token = g_new0(Token, 1);

    atomic_init(&token->references, 1);
    token->name = g_strdup(name);
    token->rights = rights;
    token->limits = *limits;
    token->use = token_use_ref(use);
    g_autofree char *label = metric_label("token", name);
    token->requests = metric_counter("daywire_ingest_token_requests_total", label,
                                     "Requests made with a token, by its name");
    token_hash(secret, token->hash);
    return token;
}

Token *token_ref(Token *token)
{
    atomic_fetch_add(&token->references, 1);
    return token;
}

void token_unref(Token *token)
{
    if (!token || atomic_fetch_sub(&token->references, 1) != 1)
        return;
    token_use_unref(token->use);
    g_free(token->name);
    g_free(token);
}

const char *token_name(const Token *token)
{
    return token->name;
}

bool token_may(const Token *token, Right right)
{
    return (token->rights & right) != 0;
}

const TokenLimits *token_limits(const Token *token)
{
    return &token->limits;
}

TokenUse *token_use(const Token *token)
{
    return token->use;
}

void token_count(const Token *token)
{
    metric_add(token->requests, 1);
}

unsigned token_matches(const Token *token, const guint8 hash[static TOKEN_HASH_SIZE])
{
    unsigned difference = 0;

    for (size_t i = 0; i < TOKEN_HASH_SIZE; i++)
        difference |= (unsigned)(hash[i] ^ token->hash[i]);
    return (difference - 1U) >> (sizeof difference * 8 - 1);
}
