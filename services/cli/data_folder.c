/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/data_folder.h"

#include <errno.h>
#include <sys/random.h>

#include "common/error.h"
#include "common/lock_file.h"

#define TOKEN_BYTES 32
#define PID_MAX     32

struct DataFolder {
    char *path;
    int lock; /* of lock_file.h */
};

static int fail(GError **error, const char *path, const char *what)
{
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "%s: %s: %s", path, what, g_strerror(errno));
    return -1;
}

static int refuse(GError **error, const char *folder, const char *path)
{
    g_autofree char *pid = NULL;
    if (!g_file_get_contents(path, &pid, NULL, NULL))
        pid = g_strdup("");
    g_set_error(
        error, DAYWIRE_ERROR, DAYWIRE_ERROR_CONFLICT,
        "another `daywire standalone` (process %s) uses %s; stop it, or choose another folder with --data",
        *pid ? g_strstrip(pid) : "unknown", folder);
    return -1;
}

/* Says whose it is in the file. The descriptor, or -1. */
static int lock(const char *folder, GError **error)
{
    g_autofree char *path = g_build_filename(folder, "lock", NULL);
    int descriptor = -1;
    LockFileState state = lock_file_take(path, &descriptor, error);
    if (state == LOCK_FILE_HELD)
        return refuse(error, folder, path);
    if (state == LOCK_FILE_FAILED)
        return -1;
    char pid[PID_MAX];
    int size = g_snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
    if (ftruncate(descriptor, 0) == 0 && pwrite(descriptor, pid, (size_t)size, 0) == size)
        return descriptor;
    (void)fail(error, path, "cannot be written");
    lock_file_release(descriptor);
    return -1;
}

DataFolder *data_folder_open(const char *path, GError **error)
{
    g_autofree char *usual = path ? NULL : g_build_filename(g_get_user_data_dir(), "daywire", NULL);
    g_autofree char *absolute = g_canonicalize_filename(path ? path : usual, NULL);
    if (g_mkdir_with_parents(absolute, 0700) != 0) {
        (void)fail(error, absolute, "the data folder cannot be made");
        return NULL;
    }
    int descriptor = lock(absolute, error);
    if (descriptor < 0)
        return NULL;
    DataFolder *folder = g_new(DataFolder, 1);
    *folder = (DataFolder){.path = g_steal_pointer(&absolute), .lock = descriptor};
    return folder;
}

void data_folder_free(DataFolder *folder)
{
    if (!folder)
        return;
    lock_file_release(folder->lock);
    g_free(folder->path);
    g_free(folder);
}

const char *data_folder_path(const DataFolder *folder)
{
    return folder->path;
}

char *data_folder_file(const DataFolder *folder, const char *name)
{
    return g_build_filename(folder->path, name, NULL);
}

bool data_folder_make_token(const char *path, bool *ret_made, GError **error)
{
    *ret_made = false;
    if (g_file_test(path, G_FILE_TEST_EXISTS))
        return true;
    guchar bytes[TOKEN_BYTES];
    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes)) {
        (void)fail(error, path, "no random bytes for the token");
        return false;
    }
    GString *text = g_string_new(NULL);
    for (size_t i = 0; i < sizeof(bytes); i++)
        g_string_append_printf(text, "%02x", bytes[i]);
    g_string_append_c(text, '\n');
    g_autoptr(GError) cause = NULL;
    *ret_made = g_file_set_contents_full(path, text->str, (gssize)text->len, G_FILE_SET_CONTENTS_CONSISTENT,
                                         0600, &cause);
    g_string_free(text, TRUE);
    if (!*ret_made)
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "the token cannot be written: %s",
                    cause->message);
    return *ret_made;
}
