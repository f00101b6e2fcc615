/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <glib/gstdio.h>

#include "common/tzdata.h"
#include "folder.h"

static char *folder;

/* NULL: the file is removed. */
static void write_file(const char *name, const char *content)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    if (content)
        assert_true(g_file_set_contents(path, content, -1, NULL));
    else
        (void)g_remove(path);
}

static void test_paths(void **state)
{
    (void)state;
    g_autofree char *own = tzdata_path("Europe/London");
    g_autofree char *expected = g_build_filename(folder, "Europe/London", NULL);
    assert_string_equal(own, expected);
    g_setenv("TZDIR", "", TRUE);
    g_autofree char *usual = tzdata_path("Europe/London");
    assert_string_equal(usual, "/usr/share/zoneinfo/Europe/London");
    g_setenv("TZDIR", folder, TRUE);
}

static void test_versions(void **state)
{
    (void)state;
    static const struct {
        const char *sources, *plain, *version;
    } cases[] = {
        {NULL, NULL, "unknown"},
        {"# version 2025b\n# This zic input file is in the public domain.\n", NULL, "2025b"},
        {"# version 2025b-3-gdeadbeef-dirty\r\n", "2024a\n", "2025b-3-gdeadbeef-dirty"},
        {NULL, "2024a\n", "2024a"},
        {"# redo posix_only\n# version 2025b\n", "2024a", "2024a"},
        {"", "", "unknown"},
        {"# version \n", "\n", "unknown"},
        {"# version 2025\"b\n", "2024 a\n", "unknown"},
        {"# version 20250123456789012345678901234567890123456789\n", NULL, "unknown"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        write_file("tzdata.zi", cases[i].sources);
        write_file("+VERSION", cases[i].plain);
        g_autofree char *version = tzdata_version();
        assert_string_equal(version, cases[i].version);
    }
}

static int setup_all(void **state)
{
    (void)state;
    folder = folder_new();
    g_setenv("TZDIR", folder, TRUE);
    return 0;
}

static int teardown_all(void **state)
{
    (void)state;
    folder_remove(folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_versions),
    };
    return cmocka_run_group_tests(tests, setup_all, teardown_all);
}
