/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <glib/gstdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/data_folder.h"
#include "common/error.h"

static int setup(void **state)
{
    *state = g_dir_make_tmp("daywire-data-XXXXXX", NULL);
    return *state ? 0 : -1;
}

static int teardown(void **state)
{
    g_autofree char *base = *state;
    static const char *const files[] = {"new/deep/token", "new/deep/lock", "new/deep", "new", "lock", "file"};
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = g_build_filename(base, files[i], NULL);
        (void)g_remove(path);
    }
    return g_rmdir(base);
}

static unsigned mode_of(const char *path)
{
    GStatBuf status;
    assert_int_equal(g_stat(path, &status), 0);
    return status.st_mode & 0777;
}

static void test_is_made_for_its_owner_alone(void **state)
{
    g_autofree char *path = g_build_filename(*state, "new", "deep", NULL);
    g_autoptr(DataFolder) folder = data_folder_open(path, NULL);
    assert_non_null(folder);
    assert_string_equal(data_folder_path(folder), path);
    assert_int_equal(mode_of(path), 0700);
    g_autofree char *file = data_folder_file(folder, "x.db");
    assert_true(g_str_has_prefix(file, path));

    g_autofree char *token = data_folder_file(folder, "token");
    bool made = false;
    assert_true(data_folder_make_token(token, &made, NULL));
    assert_true(made);
    assert_int_equal(mode_of(token), 0600);
    g_autofree char *text = NULL;
    assert_true(g_file_get_contents(token, &text, NULL, NULL));
    assert_int_equal(strlen(text), 64 + 1);

    assert_true(data_folder_make_token(token, &made, NULL));
    assert_false(made);
    g_autofree char *again = NULL;
    assert_true(g_file_get_contents(token, &again, NULL, NULL));
    assert_string_equal(text, again);
}

static void test_belongs_to_one_process(void **state)
{
    const char *path = *state;
    g_autoptr(GError) error = NULL;
    DataFolder *folder = data_folder_open(path, NULL);
    assert_non_null(folder);
    /* flock() is by open file, so that a second opening here is refused as another process' would be */
    assert_null(data_folder_open(path, &error));
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_CONFLICT));
    g_autofree char *pid = g_strdup_printf("process %d)", (int)getpid());
    assert_non_null(strstr(error->message, pid));
    assert_non_null(strstr(error->message, path));
    data_folder_free(folder);

    g_autoptr(DataFolder) next = data_folder_open(path, NULL);
    assert_non_null(next);
}

static void test_tells_what_is_in_the_way(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(*state, "file", NULL);
    assert_true(g_file_set_contents(path, "x", 1, NULL));
    assert_null(data_folder_open(path, &error));
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED));
    assert_non_null(strstr(error->message, path));
}

#define folder_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(test_is_made_for_its_owner_alone),
        folder_test(test_belongs_to_one_process),
        folder_test(test_tells_what_is_in_the_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
