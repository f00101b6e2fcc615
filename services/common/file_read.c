/* SPDX-License-Identifier: Apache-2.0 */
#include "common/file_read.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "common/error.h"

/* Up to `max` bytes and one more; sets errno. */
static bool read_all(int fd, size_t max, GString *text)
{
    char block[4096];
    ssize_t size;
    do {
        size = read(fd, block, sizeof(block));
        if (size > 0)
            g_string_append_len(text, block, size);
    } while ((size > 0 && text->len <= max) || (size < 0 && errno == EINTR));
    return size >= 0;
}

/* Reading a folder fails with a reason of its own. */
static bool may_be_read(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 && (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode));
}

static GString *fail(const char *path, int reason, GError **error)
{
    g_set_error(error, DAYWIRE_ERROR, reason == ENOENT ? DAYWIRE_ERROR_NOT_FOUND : DAYWIRE_ERROR_FAILED,
                "%s: %s", path, g_strerror(reason));
    return NULL;
}

GString *file_read(const char *path, size_t max, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); /* a pipe must not hold us up */
    if (fd < 0)
        return fail(path, errno, error);
    bool good = may_be_read(fd);
    int failure = good && !read_all(fd, max, text) ? errno : 0;
    (void)close(fd); /* it was only read */
    if (failure != 0)
        return fail(path, failure, error);
    if (!good) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "%s: is no regular file", path);
        return NULL;
    }
    if (text->len > max) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE, "%s: larger than %zu bytes", path, max);
        return NULL;
    }
    return g_steal_pointer(&text);
}
