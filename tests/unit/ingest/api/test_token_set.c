/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration's tokens. token_matches() is wrapped by the linker, so that the comparisons can be counted. */
#include "unit.h"

#include <glib/gstdio.h>
#include <sys/stat.h>

#include "folder.h"
#include "ingest/api/token_set.h"

static char *folder;
static unsigned comparisons;

unsigned __real_token_matches(const Token *token, const guint8 hash[static TOKEN_HASH_SIZE]);
unsigned __wrap_token_matches(const Token *token, const guint8 hash[static TOKEN_HASH_SIZE]);

unsigned __wrap_token_matches(const Token *token, const guint8 hash[static TOKEN_HASH_SIZE])
{
    comparisons++;
    return __real_token_matches(token, hash);
}

static char *path_of(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static void write_secret(const char *name, const char *secret, int mode)
{
    g_autofree char *path = path_of(name);

    assert_true(g_file_set_contents(path, secret, -1, NULL));
    assert_int_equal(chmod(path, (mode_t)mode), 0);
}

static int make_files(void **state)
{
    (void)state;
    folder = folder_new();
    write_secret("old", "harbour-master\n", 0600);
    write_secret("desk", "the-press-desk\n", 0600);
    write_secret("archive", "the-archive\n", 0640);
    write_secret("same", "the-press-desk", 0600);
    write_secret("empty", "", 0600);
    return 0;
}

static int remove_files(void **state)
{
    (void)state;
    folder_remove(folder);
    return 0;
}

/* "DIR/" in the text stands for the folder. */
static Config *load(const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = path_of("daywire.ini");
    g_autofree char *beginning = g_strconcat(folder, "/", NULL);
    g_auto(GStrv) parts = g_strsplit(text, "DIR/", -1);
    g_autofree char *content = g_strjoinv(beginning, parts);

    assert_true(g_file_set_contents(path, content, -1, NULL));
    Config *config = config_load(path, (char *[]){NULL}, &error);
    if (!config)
        fail_msg("%s", error->message);
    return config;
}

static TokenSet *load_set(const char *text, const TokenSet *before)
{
    g_autoptr(Config) config = load(text);
    g_autoptr(GError) error = NULL;
    TokenSet *set = token_set_load(config, before, &error);

    if (!set)
        fail_msg("%s", error->message);
    assert_true(token_set_check(config, NULL));
    return set;
}

static const char three[] = "[ingest]\ntoken-file = DIR/old\nrequests-per-second = 7\n"
                            "[token desk]\nfile = DIR/desk\nrights = publish, read\nmax-requests = 3\n"
                            "[token archive]\nfile = DIR/archive\nrights = read\nrequests-per-second = 0\n";

static const char *name_of(const TokenSet *set, const char *authorization)
{
    Token *token = token_set_find(set, authorization);
    return token ? token_name(token) : NULL;
}

static void test_the_tokens_of_a_configuration(void **state)
{
    g_autoptr(TokenSet) set = load_set(three, NULL);
    const Token *old = token_set_find(set, "Bearer harbour-master");
    const Token *desk = token_set_find(set, "bearer  the-press-desk");
    const Token *archive = token_set_find(set, "BEARER the-archive");

    (void)state;
    assert_int_equal(token_set_size(set), 3);
    assert_string_equal(token_name(old), "default");
    assert_true(token_may(old, RIGHT_PUBLISH) && token_may(old, RIGHT_WITHDRAW) &&
                token_may(old, RIGHT_READ));
    assert_string_equal(token_name(desk), "desk");
    assert_true(token_may(desk, RIGHT_PUBLISH) && token_may(desk, RIGHT_READ));
    assert_false(token_may(desk, RIGHT_WITHDRAW));
    assert_string_equal(token_name(archive), "archive");
    assert_false(token_may(archive, RIGHT_PUBLISH) || token_may(archive, RIGHT_WITHDRAW));
    assert_int_equal(token_limits(old)->requests_per_second, 7);
    assert_int_equal(token_limits(old)->max_requests, 200);
    assert_int_equal(token_limits(desk)->requests_per_second, 7);
    assert_int_equal(token_limits(desk)->max_requests, 3);
    assert_int_equal(token_limits(archive)->requests_per_second, 0);
    assert_true(g_str_has_suffix(token_set_exposed(set)[0], "/archive"));
    assert_null(token_set_exposed(set)[1]);
}

static void test_headers_without_a_token(void **state)
{
    static const char *const headers[] = {
        NULL,
        "",
        "Bearer",
        "Bearer ",
        "harbour-master",
        "Basic harbour-master",
        "Bearer harbour-maste",
        "Bearer harbour-master2",
        "Bearer Harbour-master",
        "Bearer harbour-master the-press-desk",
        "Bearer\tharbour-master",
    };
    g_autoptr(TokenSet) set = load_set(three, NULL);
    g_autoptr(TokenSet) none = load_set("[ingest]\n", NULL);

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(headers); i++)
        assert_null(token_set_find(set, headers[i]));
    assert_int_equal(token_set_size(none), 0);
    assert_null(token_set_find(none, "Bearer harbour-master"));
}

/* As many comparisons for the first, the last and none: the time does not tell which. */
static void test_every_token_is_compared(void **state)
{
    static const char *const headers[] = {"Bearer harbour-master", "Bearer the-press-desk",
                                          "Bearer the-archive", "Bearer nobody"};
    g_autoptr(TokenSet) set = load_set(three, NULL);

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(headers); i++) {
        comparisons = 0;
        (void)token_set_find(set, headers[i]);
        assert_int_equal(comparisons, 3);
    }
}

static void test_what_is_refused(void **state)
{
    static const struct {
        const char *text;
        const char *message; /* where DIR stands for the folder */
    } cases[] = {
        {"[ingest]\ntoken-file = DIR/missing\n",
         "[ingest] token-file: DIR/missing: No such file or directory"},
        {"[ingest]\ntoken-file = DIR/empty\n",
         "[ingest] token-file: DIR/empty: holds no token: one word of 1 to"},
        {"[token desk]\nfile = DIR/missing\nrights = read\n", "[token desk] file: DIR/missing: No such file"},
        {"[token desk]\nfile = DIR/\nrights = read\n", "[token desk] file: DIR/: is a folder"},
        {"[token desk]\nfile = DIR/desk\n",
         "[token desk] rights: are missing: publish, withdraw, read, or some of them"},
        {"[token spool]\nfile = DIR/desk\nrights = read\n", "[token spool]: a token may not have this name"},
        {"[token expiry]\nfile = DIR/desk\nrights = read\n",
         "[token expiry]: a token may not have this name"},
        {"[token desk]\nrights = read\n", "[token desk] file: is missing"},
        {"[token desk]\nfile = DIR/desk\nrights = read, write\n",
         "DIR/daywire.ini:3: [token desk] rights: 'write' is no right"},
        {"[ingest]\ntoken-file = DIR/desk\n[token desk]\nfile = DIR/same\nrights = read\n",
         "[token desk] file: DIR/same: holds the same token as [ingest] token-file: DIR/desk"},
        {"[token a]\nfile = DIR/desk\nrights = read\n[token b]\nfile = DIR/desk\nrights = publish\n",
         "[token b] file: DIR/desk: holds the same token as [token a] file: DIR/desk"},
        {"[ingest]\ntoken-file = DIR/old\n[token default]\nfile = DIR/desk\nrights = read\n",
         "[token default] file: DIR/desk: a token named default comes from [ingest] token-file: DIR/old "
         "already"},
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Config) config = load(cases[i].text);
        g_autoptr(GError) error = NULL;
        g_autoptr(GError) again = NULL;
        assert_null(token_set_load(config, NULL, &error));
        g_autofree char *beginning = g_strconcat(folder, "/", NULL);
        g_auto(GStrv) parts = g_strsplit(error->message, beginning, -1);
        g_autofree char *message = g_strjoinv("DIR/", parts);
        if (!g_str_has_prefix(message, cases[i].message))
            fail_msg("%s", message);
        assert_false(token_set_check(config, &again));
        assert_string_equal(again->message, error->message);
    }
}

/* A reload gives nobody a second helping. */
static void test_a_reloaded_token_goes_on_with_its_use(void **state)
{
    static const char less[] = "[token desk]\nfile = DIR/archive\nrights = read\nmax-requests = 1\n"
                               "[token new]\nfile = DIR/desk\nrights = read\n";
    g_autoptr(TokenSet) before = load_set(three, NULL);
    Token *desk = token_ref(token_set_find(before, "Bearer the-press-desk"));
    int64_t wait = 0;

    (void)state;
    assert_int_equal(token_use_begin(token_use(desk), token_limits(desk), 1, &wait), USE_GRANTED);
    g_autoptr(TokenSet) after = load_set(less, before);
    g_clear_pointer(&before, token_set_unref);
    const Token *changed = token_set_find(after, "Bearer the-archive");
    assert_string_equal(token_name(changed), "desk");
    assert_ptr_equal(token_use(changed), token_use(desk));
    assert_int_equal(token_use_begin(token_use(changed), token_limits(changed), 1, &wait), USE_TOO_MANY);
    const Token *other = token_set_find(after, "Bearer the-press-desk");
    assert_string_equal(token_name(other), "new");
    assert_ptr_not_equal(token_use(other), token_use(desk));
    assert_null(name_of(after, "Bearer harbour-master"));
    /* The old one lives as long as its request. */
    assert_string_equal(token_name(desk), "desk");
    token_use_end(token_use(desk));
    token_unref(desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_tokens_of_a_configuration),
        cmocka_unit_test(test_headers_without_a_token),
        cmocka_unit_test(test_every_token_is_compared),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_a_reloaded_token_goes_on_with_its_use),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
