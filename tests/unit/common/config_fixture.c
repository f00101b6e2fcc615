/* SPDX-License-Identifier: Apache-2.0 */
#include "config_fixture.h"

#include "unit.h"

#include "common/error.h"
#include "folder.h"

static char *folder;
static char *path;

int fixture_setup(void **state)
{
    (void)state;
    folder = folder_new();
    path = folder_path(folder, "daywire.conf");
    return 0;
}

int fixture_teardown(void **state)
{
    (void)state;
    folder_remove(folder);
    g_free(path);
    return 0;
}

const char *fixture_write(const char *content, size_t size)
{
    /* A new file each time: some file systems write an overwritten one to the disk at once, which takes long.
     */
    (void)remove(path);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    return path;
}

Config *fixture_load(const char *content, char *const *environment)
{
    g_autoptr(GError) error = NULL;
    Config *config =
        config_load(content ? fixture_write(content, strlen(content)) : NULL, environment, &error);
    if (!config)
        fail_msg("%s", error->message);
    return config;
}

char *fixture_refusal(const char *content, char *const *environment)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config =
        config_load(content ? fixture_write(content, strlen(content)) : NULL, environment, &error);
    if (config)
        fail_msg("this was taken: %s", content ? content : *environment);
    assert_true(error->domain == DAYWIRE_ERROR);
    g_auto(GStrv) parts = g_strsplit(error->message, path, -1);
    return g_strjoinv("FILE", parts);
}
