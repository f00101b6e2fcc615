/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/spool/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include "common/error.h"

#define CHUNK ((size_t)1024 * 1024)

bool spool_identity_equal(const SpoolIdentity *a, const SpoolIdentity *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           a->modified == b->modified && a->changed == b->changed;
}

static int64_t microseconds(struct timespec time)
{
    return (int64_t)time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

static SpoolIdentity identity_of(const struct stat *found)
{
    return (SpoolIdentity){.device = found->st_dev,
                           .inode = found->st_ino,
                           .size = found->st_size,
                           .modified = microseconds(found->st_mtim),
                           .changed = microseconds(found->st_ctim)};
}

/* ---- opening ---- */

static const char *kind_of(mode_t mode)
{
    if (S_ISLNK(mode))
        return "it is a symbolic link";
    if (S_ISFIFO(mode))
        return "it is a pipe";
    return S_ISSOCK(mode) ? "it is a socket" : "it is a device";
}

static SpoolFileState refuse_kind(mode_t mode, GError **error)
{
    if (S_ISDIR(mode))
        return SPOOL_FILE_FOLDER;
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "%s, and only files are imported",
                kind_of(mode));
    return SPOOL_FILE_REFUSED;
}

static SpoolFileState explain(int reason, GError **error)
{
    if (reason == ENOENT)
        return SPOOL_FILE_GONE;
    bool forbidden = reason == EACCES || reason == EPERM;
    g_set_error(error, DAYWIRE_ERROR, forbidden ? DAYWIRE_ERROR_INVALID : DAYWIRE_ERROR_UNAVAILABLE,
                forbidden ? "daywire-ingest may not read it: %s" : "it cannot be opened: %s",
                g_strerror(reason));
    return forbidden ? SPOOL_FILE_REFUSED : SPOOL_FILE_FAILED;
}

/* The signal of a lease that is asked back would end the process; this one is ignored unless somebody asks for it. */
static bool is_written(SpoolFile *file)
{
    file->proved = fcntl(file->fd, F_SETSIG, SIGURG) == 0 && fcntl(file->fd, F_SETLEASE, F_RDLCK) == 0;
    return !file->proved && errno == EAGAIN;
}

/* What it is as from when nobody writes it. */
static SpoolFileState look_at(SpoolFile *file, GError **error)
{
    struct stat found;
    if (is_written(file))
        return SPOOL_FILE_WRITTEN;
    if (fstat(file->fd, &found) != 0)
        return explain(errno, error);
    file->identity = identity_of(&found);
    return S_ISREG(found.st_mode) ? SPOOL_FILE_OPEN : refuse_kind(found.st_mode, error);
}

SpoolFileState spool_file_open(int folder, const char *name, SpoolFile *ret_file, GError **error)
{
    struct stat found;
    /* Opening a device may do something already. */
    if (fstatat(folder, name, &found, AT_SYMLINK_NOFOLLOW) != 0)
        return explain(errno, error);
    *ret_file = (SpoolFile){.fd = -1, .identity = identity_of(&found)};
    if (!S_ISREG(found.st_mode))
        return refuse_kind(found.st_mode, error);
    SpoolFile file = {.fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
    if (file.fd < 0)
        return explain(errno == ELOOP ? EAGAIN : errno, error); /* a link by now: looked at again */
    SpoolFileState state = look_at(&file, error);
    if (state == SPOOL_FILE_OPEN)
        *ret_file = file;
    else
        spool_file_close(&file);
    return state;
}

void spool_file_close(SpoolFile *file)
{
    (void)close(file->fd); /* with its lease; it was only read */
    file->fd = -1;
}

/* ---- reading ---- */

bool spool_file_is_whole(const SpoolFile *file)
{
    struct stat found;
    if (file->proved && fcntl(file->fd, F_GETLEASE) != F_RDLCK)
        return false;
    if (fstat(file->fd, &found) != 0)
        return false;
    SpoolIdentity now = identity_of(&found);
    now.changed = file->identity.changed; /* we may have moved it */
    return spool_identity_equal(&now, &file->identity);
}

static GBytes *fail(GByteArray *bytes, const char *reason, GError **error)
{
    g_byte_array_unref(bytes);
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE, "it cannot be read: %s", reason);
    return NULL;
}

GBytes *spool_file_read(const SpoolFile *file, bool (*stop)(void *user), void *user, GError **error)
{
    size_t size = (size_t)file->identity.size;
    size_t done = 0;
    GByteArray *bytes = g_byte_array_sized_new((guint)size);
    g_byte_array_set_size(bytes, (guint)size);
    while (done < size) {
        if (stop(user))
            return fail(bytes, "the service is stopping", error);
        ssize_t count = pread(file->fd, bytes->data + done, MIN(size - done, CHUNK), (off_t)done);
        if (count == 0)
            return fail(bytes, "it became shorter", error);
        if (count < 0 && errno != EINTR)
            return fail(bytes, g_strerror(errno), error);
        done += count > 0 ? (size_t)count : 0;
    }
    return g_byte_array_free_to_bytes(bytes);
}
