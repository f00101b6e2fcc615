/* SPDX-License-Identifier: Apache-2.0 */
/* The report comes first: whoever sees the file in done/ finds it. A crash in between leaves a report without its file,
 * which is imported again under the next number. */
#include "ingest/spool/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "common/error.h"
#include "common/file_move.h"
#include "common/log.h"
#include "ingest/spool/name.h"

#define NUMBER_MAX     9999
#define PART_NAME      ".report"
#define FOLDER_READERS 0755 /* who may do what in the spool folder may do in done/ and failed/, of these */
#define REPORT_READERS 0644

struct SpoolFolder {
    int root;
    int failed;
    int done;
    mode_t mode; /* of root */
};

static bool fail(GError **error, const char *what)
{
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE, "%s: %s", what, g_strerror(errno));
    return false;
}

/* ---- opening ---- */

/* Never by a link, which could lead anywhere. */
static int open_inner(const SpoolFolder *folder, const char *name, GError **error)
{
    bool made = mkdirat(folder->root, name, 0700) == 0;
    if (!made && errno != EEXIST) {
        fail(error, name);
        return -1;
    }
    int inner = openat(folder->root, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (inner >= 0 && (!made || fchmod(inner, folder->mode & FOLDER_READERS) == 0))
        return inner;
    fail(error, name);
    if (inner >= 0)
        (void)close(inner);
    return -1;
}

SpoolFolder *spool_folder_new(int root, GError **error)
{
    SpoolFolder *folder = g_new0(SpoolFolder, 1);
    struct stat found;
    *folder = (SpoolFolder){.root = root, .failed = -1, .done = -1};
    if (fstat(root, &found) == 0) {
        folder->mode = found.st_mode;
        folder->done = open_inner(folder, SPOOL_DONE, error);
    } else {
        fail(error, "the folder");
    }
    if (folder->done >= 0)
        folder->failed = open_inner(folder, SPOOL_FAILED, error);
    if (folder->failed >= 0)
        return folder;
    spool_folder_free(folder);
    return NULL;
}

void spool_folder_free(SpoolFolder *folder)
{
    if (!folder)
        return;
    (void)close(folder->root);
    if (folder->done >= 0)
        (void)close(folder->done);
    if (folder->failed >= 0)
        (void)close(folder->failed);
    g_free(folder);
}

int spool_folder_root(const SpoolFolder *folder)
{
    return folder->root;
}

/* ---- listing ---- */

typedef struct {
    struct timespec came; /* when it got its name here, or was changed since */
    char *name;
} Listed;

static int compare(gconstpointer a, gconstpointer b)
{
    const Listed *one = a;
    const Listed *other = b;
    if (one->came.tv_sec != other->came.tv_sec)
        return one->came.tv_sec < other->came.tv_sec ? -1 : 1;
    if (one->came.tv_nsec != other->came.tv_nsec)
        return one->came.tv_nsec < other->came.tv_nsec ? -1 : 1;
    return strcmp(one->name, other->name);
}

static void read_names(const SpoolFolder *folder, DIR *dir, unsigned max, GArray *listed, bool *more)
{
    const struct dirent *entry;
    struct stat found;
    while ((entry = readdir(dir))) {
        if (!spool_name_is_wanted(entry->d_name) ||
            fstatat(folder->root, entry->d_name, &found, AT_SYMLINK_NOFOLLOW) != 0 || S_ISDIR(found.st_mode))
            continue;
        if (listed->len == max) {
            *more = true;
            return;
        }
        Listed item = {.came = found.st_ctim, .name = g_strdup(entry->d_name)};
        g_array_append_val(listed, item);
    }
}

GPtrArray *spool_folder_list(const SpoolFolder *folder, unsigned max, bool *ret_more, GError **error)
{
    int fd = openat(folder->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (!dir) {
        fail(error, "the folder");
        if (fd >= 0)
            (void)close(fd);
        return NULL;
    }
    g_autoptr(GArray) listed = g_array_new(FALSE, FALSE, sizeof(Listed));
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    *ret_more = false;
    read_names(folder, dir, max, listed, ret_more);
    (void)closedir(dir);
    g_array_sort(listed, compare);
    for (guint i = 0; i < listed->len; i++)
        g_ptr_array_add(names, g_array_index(listed, Listed, i).name);
    return names;
}

/* ---- leaving ---- */

static int target_of(const SpoolFolder *folder, bool good)
{
    return good ? folder->done : folder->failed;
}

static const char *target_name(bool good)
{
    return good ? SPOOL_DONE : SPOOL_FAILED;
}

static bool is_free(int folder, const char *name, unsigned number, const char *ending)
{
    g_autofree char *numbered = spool_name_numbered(name, number, ending);
    struct stat found;
    return fstatat(folder, numbered, &found, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT;
}

static bool write_all(int fd, const char *text)
{
    size_t left = strlen(text);
    while (left > 0) {
        ssize_t count = write(fd, text, left);
        if (count < 0 && errno != EINTR)
            return false;
        text += count > 0 ? count : 0;
        left -= count > 0 ? (size_t)count : 0;
    }
    return true;
}

/* Under a name that is none of a report's yet. */
static bool write_part(const SpoolFolder *folder, int target, const char *text)
{
    (void)unlinkat(target, PART_NAME, 0); /* what a crash may have left */
    int fd = openat(target, PART_NAME, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return false;
    bool good = write_all(fd, text) && fchmod(fd, folder->mode & REPORT_READERS) == 0 && fsync(fd) == 0;
    int reason = errno;
    good = close(fd) == 0 && good;
    if (!good) {
        (void)unlinkat(target, PART_NAME, 0);
        errno = reason;
    }
    return good;
}

bool spool_folder_write_report(const SpoolFolder *folder, const char *name, bool good, const char *text,
                               unsigned *ret_number, GError **error)
{
    int target = target_of(folder, good);
    if (!write_part(folder, target, text))
        return fail(error, target_name(good));
    for (unsigned number = 1; number <= NUMBER_MAX; number++) {
        if (!is_free(target, name, number, "") || !is_free(target, name, number, SPOOL_REPORT_ENDING))
            continue;
        g_autofree char *report = spool_name_numbered(name, number, SPOOL_REPORT_ENDING);
        if (file_move(target, PART_NAME, target, report)) {
            *ret_number = number;
            return true;
        }
        if (errno != EEXIST)
            return fail(error, target_name(good));
    }
    errno = EEXIST;
    return fail(error, "too many files of one name");
}

static SpoolPut explain_move(bool good, GError **error)
{
    int reason = errno;
    if (reason == ENOENT)
        return SPOOL_PUT_GONE;
    if (reason == EEXIST)
        return SPOOL_PUT_TAKEN;
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE, "it cannot be moved to %s/: %s",
                target_name(good), reason == EXDEV ? "that is another file system" : g_strerror(reason));
    return SPOOL_PUT_FAILED;
}

SpoolPut spool_folder_put(const SpoolFolder *folder, const char *name, bool good, unsigned number,
                          ino_t inode, GError **error)
{
    int target = target_of(folder, good);
    g_autofree char *numbered = spool_name_numbered(name, number, "");
    struct stat moved;
    if (!file_move(folder->root, name, target, numbered))
        return explain_move(good, error);
    if (fstatat(target, numbered, &moved, AT_SYMLINK_NOFOLLOW) == 0 && moved.st_ino != inode) {
        spool_folder_take_back(folder, name, good, number);
        return SPOOL_PUT_OTHER;
    }
    if (folder_sync(target) && folder_sync(folder->root))
        return SPOOL_PUT_DONE;
    fail(error, target_name(good));
    return SPOOL_PUT_FAILED;
}

/* When its name is taken by a third one, it stays where it is: nothing is overwritten. */
void spool_folder_take_back(const SpoolFolder *folder, const char *name, bool good, unsigned number)
{
    g_autofree char *numbered = spool_name_numbered(name, number, "");
    if (!file_move(target_of(folder, good), numbered, folder->root, name))
        log_warning("a file that was changed while it was put away was not imported again",
                    LOG_STR("file", name), LOG_STR("kept_as", numbered), LOG_STR("in", target_name(good)),
                    LOG_STR("error", g_strerror(errno)));
}
