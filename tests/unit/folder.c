/* SPDX-License-Identifier: Apache-2.0 */
#include "folder.h"

#include "unit.h"

#include <glib/gstdio.h>

char *folder_new(void)
{
    char *folder = g_dir_make_tmp("daywire-test-XXXXXX", NULL);
    assert_non_null(folder);
    return folder;
}

char *folder_path(const char *folder, const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static void remove_tree(const char *path)
{
    g_autoptr(GDir) dir = g_file_test(path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open(path, 0, NULL);
    const char *name = NULL;
    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *inner = folder_path(path, name);
        remove_tree(inner);
    }
    assert_int_equal(g_remove(path), 0);
}

void folder_remove(char *folder)
{
    remove_tree(folder);
    g_free(folder);
}
