/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <glib/gstdio.h>
#include <sys/stat.h>

#include "ingest/api/token.h"

#define ONE_WORD "one word of 1 to 1024 visible ASCII characters"

static char *folder;

static int make_folder(void **state)
{
    (void)state;
    folder = g_dir_make_tmp("daywire-test-XXXXXX", NULL);
    return folder ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    int result = g_rmdir(folder);
    g_free(folder);
    return result;
}

static char *write_file(const char *text, gssize size, int mode)
{
    char *path = g_build_filename(folder, "token", NULL);

    assert_true(g_file_set_contents(path, text, size, NULL));
    assert_int_equal(chmod(path, (mode_t)mode), 0);
    return path;
}

static char *repeat(char c, size_t count)
{
    return g_strnfill(count, c);
}

static void assert_word(const char *text, const char *word)
{
    g_autofree char *path = write_file(text, -1, 0600);
    g_autoptr(GError) error = NULL;
    bool exposed = true;
    g_autofree char *secret = token_secret_load(path, &exposed, &error);

    assert_null(error);
    assert_string_equal(secret, word);
    assert_false(exposed);
    g_unlink(path);
}

static void test_good_files(void **state)
{
    g_autofree char *longest = repeat('x', 1024);
    g_autofree char *padded = g_strconcat("\r\n\t ", longest, " \n", NULL);

    (void)state;
    assert_word("harbour-master", "harbour-master");
    assert_word(" harbour-master\r\n", "harbour-master");
    assert_word("!", "!");
    assert_word(longest, longest);
    assert_word(padded, longest);
}

static void assert_refused(const char *path, const char *part)
{
    g_autoptr(GError) error = NULL;
    bool exposed = false;
    g_autofree char *secret = token_secret_load(path, &exposed, &error);

    assert_null(secret);
    if (!g_str_has_prefix(error->message, path) || !strstr(error->message, part))
        fail_msg("'%s' and '%s' are not in: %s", path, part, error->message);
}

static void test_bad_files(void **state)
{
    g_autofree char *too_long = repeat('x', 1025);
    g_autofree char *huge = repeat(' ', 1000000);
    const struct {
        const char *text;
        gssize size;
    } files[] = {
        {"", 0},          {" \n\t\r\n", 5}, {"two words", 9}, {"two\nlines", 9},
        {"nul\0byte", 8}, {"nul\0", 4},     {"\0nul", 4},     {"\xc3\xa9", 2},
        {"a\x7f", 2},     {"a\x01", 2},     {too_long, 1025}, {huge, 1000000},
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = write_file(files[i].text, files[i].size, 0600);
        assert_refused(path, ONE_WORD);
        g_unlink(path);
    }
}

static void test_what_is_no_file(void **state)
{
    g_autofree char *missing = g_build_filename(folder, "missing", NULL);
    g_autofree char *pipe_path = g_build_filename(folder, "pipe", NULL);

    (void)state;
    assert_refused(missing, "No such file");
    assert_refused(folder, "is a folder");
    assert_refused("/dev/zero", "is no regular file");
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    assert_refused(pipe_path, "is no regular file"); /* and nobody waits for a writer */
    g_unlink(pipe_path);
}

static void test_files_that_others_can_read(void **state)
{
    static const struct {
        int mode;
        bool exposed;
    } cases[] = {{0400, false}, {0600, false}, {0700, false}, {0640, true},
                 {0604, true},  {0620, true},  {0602, true},  {0644, true}};

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = write_file("harbour-master", -1, cases[i].mode);
        bool exposed = !cases[i].exposed;
        g_autofree char *secret = token_secret_load(path, &exposed, NULL);
        assert_non_null(secret);
        if (exposed != cases[i].exposed)
            fail_msg("%o", (unsigned)cases[i].mode);
        g_unlink(path);
    }
}

static void test_rights(void **state)
{
    static const struct {
        const char *text;
        unsigned rights;
        const char *refusal;
    } cases[] = {
        {"publish", RIGHT_PUBLISH, NULL},
        {"withdraw", RIGHT_WITHDRAW, NULL},
        {"read", RIGHT_READ, NULL},
        {"publish, withdraw, read", RIGHTS_ALL, NULL},
        {" read,publish ", RIGHT_READ | RIGHT_PUBLISH, NULL},
        {"write", 0, "'write' is no right: publish, withdraw and read are"},
        {"Publish", 0, "'Publish' is no right"},
        {"publish read", 0, "'publish read' is no right"},
        {"publish,,read", 0, "'' is no right"},
        {"publish,", 0, "'' is no right"},
        {"read, read", 0, "'read' is given twice"},
        {"", 0, "there is none"},
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        unsigned rights = 0;
        bool good = rights_parse(cases[i].text, &rights, &error);
        assert_int_equal(good, cases[i].refusal == NULL);
        assert_int_equal(rights, cases[i].rights);
        if (cases[i].refusal && !strstr(error->message, cases[i].refusal))
            fail_msg("'%s' is not in: %s", cases[i].refusal, error->message);
    }
}

static void test_a_token(void **state)
{
    const TokenLimits limits = {.requests_per_second = 5, .max_requests = 2};
    TokenUse *use = token_use_new();
    g_autoptr(Token) token = token_new("desk", "harbour-master", RIGHT_PUBLISH | RIGHT_READ, &limits, use);
    guint8 hash[TOKEN_HASH_SIZE];

    (void)state;
    token_use_unref(use);
    assert_string_equal(token_name(token), "desk");
    assert_true(token_may(token, RIGHT_PUBLISH));
    assert_true(token_may(token, RIGHT_READ));
    assert_false(token_may(token, RIGHT_WITHDRAW));
    assert_int_equal(token_limits(token)->requests_per_second, 5);
    token_hash("harbour-master", hash);
    assert_int_equal(token_matches(token, hash), 1);
    /* Every byte counts, whichever bit of it. */
    for (size_t i = 0; i < TOKEN_HASH_SIZE; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            hash[i] ^= (guint8)(1U << bit);
            assert_int_equal(token_matches(token, hash), 0);
            hash[i] ^= (guint8)(1U << bit);
        }
    }
    token_hash("harbour-maste", hash);
    assert_int_equal(token_matches(token, hash), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_files),      cmocka_unit_test(test_bad_files),
        cmocka_unit_test(test_what_is_no_file), cmocka_unit_test(test_files_that_others_can_read),
        cmocka_unit_test(test_rights),          cmocka_unit_test(test_a_token),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
