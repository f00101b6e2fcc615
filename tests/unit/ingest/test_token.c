/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <glib/gstdio.h>

#include "ingest/token.h"

static char *write_file(const char *text, gssize size)
{
    char *path = NULL;
    int fd = g_file_open_tmp("daywire-test-XXXXXX", &path, NULL);

    assert_true(fd >= 0);
    close(fd);
    assert_true(g_file_set_contents(path, text, size, NULL));
    return path;
}

static void test_matches(void **state)
{
    g_autofree char *path = write_file(" s3cret-token\n", -1);
    g_autoptr(GError) error = NULL;
    Token *token = token_load(path, &error);

    (void)state;
    assert_non_null(token);
    assert_true(token_matches(token, "Bearer s3cret-token"));
    assert_true(token_matches(token, "bearer  s3cret-token"));
    assert_false(token_matches(token, NULL));
    assert_false(token_matches(token, ""));
    assert_false(token_matches(token, "Bearer "));
    assert_false(token_matches(token, "s3cret-token"));
    assert_false(token_matches(token, "Basic s3cret-token"));
    assert_false(token_matches(token, "Bearer s3cret-toke"));
    assert_false(token_matches(token, "Bearer s3cret-token2"));
    assert_false(token_matches(token, "Bearer S3cret-token"));
    token_unref(token);
    g_unlink(path);
}

static void test_bad_files(void **state)
{
    static const struct {
        const char *text;
        gssize size;
    } files[] = {{"", 0}, {" \n", 2}, {"two words", 9}, {"nul\0byte", 8}, {"\xc3\xa9", 2}};

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = write_file(files[i].text, files[i].size);
        g_autoptr(GError) error = NULL;
        assert_null(token_load(path, &error));
        assert_non_null(strstr(error->message, path));
        g_unlink(path);
    }
    g_autoptr(GError) error = NULL;
    assert_null(token_load("/nonexistent/token", &error));
    assert_non_null(strstr(error->message, "/nonexistent/token"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matches),
        cmocka_unit_test(test_bad_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
