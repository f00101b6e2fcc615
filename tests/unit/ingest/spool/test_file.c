/* SPDX-License-Identifier: Apache-2.0 */
/* Files with and without a writer, and what is none. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <glib/gstdio.h>

#include "folder.h"
#include "ingest/spool/file.h"

typedef struct {
    char *path;
    int folder;
} Fixture;

static int setup(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    fixture->path = folder_new();
    fixture->folder = open(fixture->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(fixture->folder >= 0);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    Fixture *fixture = *state;
    folder_remove(fixture->path);
    (void)close(fixture->folder);
    g_free(fixture);
    return 0;
}

static void write_file(const Fixture *fixture, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(fixture->path, name, NULL);
    assert_true(g_file_set_contents(path, text, -1, NULL));
}

static bool never(void *user)
{
    (void)user;
    return false;
}

static bool always(void *user)
{
    (void)user;
    return true;
}

static void a_file_is_read_to_its_end(void **state)
{
    const Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    SpoolFile file;
    write_file(fixture, "ferry", "at nine");
    assert_int_equal(spool_file_open(fixture->folder, "ferry", &file, &error), SPOOL_FILE_OPEN);
    g_autoptr(GBytes) bytes = spool_file_read(&file, never, NULL, &error);
    assert_int_equal(g_bytes_get_size(bytes), 7);
    assert_memory_equal(g_bytes_get_data(bytes, NULL), "at nine", 7);
    assert_true(spool_file_is_whole(&file));
    assert_null(spool_file_read(&file, always, NULL, &error));
    assert_string_equal(error->message, "it cannot be read: the service is stopping");
    spool_file_close(&file);
}

static void a_file_that_somebody_writes_is_not_opened(void **state)
{
    const Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    SpoolFile file;
    write_file(fixture, "ferry", "at n");
    int one = openat(fixture->folder, "ferry", O_WRONLY | O_APPEND | O_CLOEXEC);
    int other = openat(fixture->folder, "ferry", O_RDWR | O_CLOEXEC);
    assert_int_equal(spool_file_open(fixture->folder, "ferry", &file, &error), SPOOL_FILE_WRITTEN);
    (void)close(one);
    assert_int_equal(spool_file_open(fixture->folder, "ferry", &file, &error), SPOOL_FILE_WRITTEN);
    (void)close(other);
    assert_int_equal(spool_file_open(fixture->folder, "ferry", &file, &error), SPOOL_FILE_OPEN);
    spool_file_close(&file);
    /* A reader is no writer. */
    int reader = openat(fixture->folder, "ferry", O_RDONLY | O_CLOEXEC);
    assert_int_equal(spool_file_open(fixture->folder, "ferry", &file, &error), SPOOL_FILE_OPEN);
    spool_file_close(&file);
    (void)close(reader);
}

/* Does not wait for us, unlike most writers. */
static bool try_to_write(const Fixture *fixture)
{
    int fd = openat(fixture->folder, "ferry", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return false;
    (void)close(fd);
    return true;
}

static void a_writer_that_comes_while_it_is_open_is_noticed_and_waits(void **state)
{
    const Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    SpoolFile file;
    write_file(fixture, "ferry", "at nine");
    assert_int_equal(spool_file_open(fixture->folder, "ferry", &file, &error), SPOOL_FILE_OPEN);
    assert_true(file.proved);
    assert_true(spool_file_is_whole(&file));
    errno = 0;
    assert_false(try_to_write(fixture)); /* its signal would end the process, were it not ours */
    assert_int_equal(errno, EWOULDBLOCK);
    assert_false(spool_file_is_whole(&file));
    spool_file_close(&file);
    assert_true(try_to_write(fixture));
}

static void a_change_is_noticed_without_a_lease(void **state)
{
    const Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    SpoolFile file;
    write_file(fixture, "ferry", "at nine");
    assert_int_equal(spool_file_open(fixture->folder, "ferry", &file, &error), SPOOL_FILE_OPEN);
    assert_int_equal(fcntl(file.fd, F_SETLEASE, F_UNLCK), 0);
    file.proved = false; /* as where there are none */
    assert_true(spool_file_is_whole(&file));
    assert_int_equal(renameat(fixture->folder, "ferry", fixture->folder, "moved"), 0);
    assert_true(spool_file_is_whole(&file));
    write_file(fixture, "ferry", "another");
    assert_true(spool_file_is_whole(&file));
    int fd = openat(fixture->folder, "moved", O_WRONLY | O_TRUNC | O_CLOEXEC);
    assert_false(spool_file_is_whole(&file));
    assert_null(spool_file_read(&file, never, NULL, &error));
    assert_string_equal(error->message, "it cannot be read: it became shorter");
    (void)close(fd);
    spool_file_close(&file);
}

static void what_is_no_file_is_not_opened(void **state)
{
    const Fixture *fixture = *state;
    static const struct {
        const char *name;
        SpoolFileState expected;
        const char *message;
    } cases[] = {
        {"none", SPOOL_FILE_GONE, NULL},
        {"folder", SPOOL_FILE_FOLDER, NULL},
        {"pipe", SPOOL_FILE_REFUSED, "it is a pipe, and only files are imported"},
        {"link", SPOOL_FILE_REFUSED, "it is a symbolic link, and only files are imported"},
        {"nowhere", SPOOL_FILE_REFUSED, "it is a symbolic link, and only files are imported"},
        {"device", SPOOL_FILE_REFUSED, "it is a device, and only files are imported"},
    };
    write_file(fixture, "ferry", "at nine");
    assert_int_equal(mkdirat(fixture->folder, "folder", 0700), 0);
    assert_int_equal(mkfifoat(fixture->folder, "pipe", 0600), 0);
    assert_int_equal(symlinkat("ferry", fixture->folder, "link"), 0);
    assert_int_equal(symlinkat("none", fixture->folder, "nowhere"), 0);
    bool device = mknodat(fixture->folder, "device", S_IFCHR | 0600, makedev(1, 3)) == 0; /* as root alone */
    for (size_t i = 0; i < G_N_ELEMENTS(cases) - !device; i++) {
        g_autoptr(GError) error = NULL;
        SpoolFile file;
        if (spool_file_open(fixture->folder, cases[i].name, &file, &error) != cases[i].expected)
            fail_msg("%s", cases[i].name);
        assert_string_equal(error ? error->message : "", cases[i].message ? cases[i].message : "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_is_read_to_its_end, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_that_somebody_writes_is_not_opened, setup, teardown),
        cmocka_unit_test_setup_teardown(a_writer_that_comes_while_it_is_open_is_noticed_and_waits, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_change_is_noticed_without_a_lease, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_file_is_not_opened, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
