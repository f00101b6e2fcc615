/* SPDX-License-Identifier: Apache-2.0 */
/* Preloaded into the programs under test: while the file that FAILING_DISK names is there, daywire-ingest can write
 * nothing to files and sync nothing; the error is the one whose number it holds. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int failure(void)
{
    char text[8] = {0};
    const char *path =
        strcmp(program_invocation_short_name, "daywire-ingest") == 0 ? getenv("FAILING_DISK") : NULL;
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return 0;
    ssize_t size = read(fd, text, sizeof text - 1);
    (void)close(fd);
    return size > 0 ? (int)strtol(text, NULL, 10) : EIO;
}

static void *next(const char *name)
{
    void *function = dlsym(RTLD_NEXT, name);
    if (!function)
        abort();
    return function;
}

#define FAIL_OR(call)                                                                                        \
    int number = failure();                                                                                  \
    if (number == 0)                                                                                         \
        return call;                                                                                         \
    errno = number;                                                                                          \
    return -1

ssize_t pwrite(int fd, const void *data, size_t size, off_t offset)
{
    FAIL_OR(((ssize_t(*)(int, const void *, size_t, off_t))next("pwrite"))(fd, data, size, offset));
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset)
{
    FAIL_OR(((ssize_t(*)(int, const void *, size_t, off64_t))next("pwrite64"))(fd, data, size, offset));
}

int ftruncate(int fd, off_t size)
{
    FAIL_OR(((int (*)(int, off_t))next("ftruncate"))(fd, size));
}

int ftruncate64(int fd, off64_t size)
{
    FAIL_OR(((int (*)(int, off64_t))next("ftruncate64"))(fd, size));
}

int fsync(int fd)
{
    FAIL_OR(((int (*)(int))next("fsync"))(fd));
}

int fdatasync(int fd)
{
    FAIL_OR(((int (*)(int))next("fdatasync"))(fd));
}
