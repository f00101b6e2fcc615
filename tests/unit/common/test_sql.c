/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <signal.h>
#include <sys/resource.h>

#include <glib/gstdio.h>

#include "common/error.h"
#include "common/sqlite/renew_log.h"
#include "common/sqlite/sql.h"

typedef struct {
    char *folder;
    char *path;
} Fixture;

static int setup(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);

    fixture->folder = g_dir_make_tmp("daywire-test-XXXXXX", NULL);
    fixture->path = g_build_filename(fixture->folder, "some.db", NULL);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    Fixture *fixture = *state;
    static const char *const ends[] = {"", "-wal", "-shm", "-journal", "-copy"};

    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_autofree char *path = g_strconcat(fixture->path, ends[i], NULL);
        g_unlink(path);
    }
    assert_int_equal(g_rmdir(fixture->folder), 0);
    g_free(fixture->folder);
    g_free(fixture->path);
    g_free(fixture);
    return 0;
}

static SqlDatabase *open_file(const Fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    SqlDatabase *database = sql_open(fixture->path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &error);

    if (!database)
        fail_msg("%s", error->message);
    return database;
}

static void limit_file_size(rlim_t size)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = MIN(size, limit.rlim_max);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* SQLite answers "wal" before it commits the change: without the log a commit does not survive a power cut. */
static void test_the_log_is_on_or_it_is_told(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;

    signal(SIGXFSZ, SIG_IGN);
    SqlDatabase *database = open_file(fixture);
    limit_file_size(1024); /* a journal has room to begin, a page has none */
    bool good = sql_use_wal(database, &error);
    limit_file_size(RLIM_INFINITY);
    assert_false(good);
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE));
    assert_non_null(strstr(error->message, "some.db failed: "));
    g_clear_error(&error);
    if (!sql_use_wal(database, &error))
        fail_msg("%s", error->message);
    sql_close(database);
}

/* ---- renewing the log ---- */

static void run(SqlDatabase *database, const char *sql)
{
    g_autoptr(GError) error = NULL;
    if (!sql_run(database, sql, &error))
        fail_msg("%s", error->message);
}

static void renew(const Fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    if (!sql_renew_log(fixture->path, &error))
        fail_msg("%s", error->message);
}

/* A hundred rows, all of them in the log. */
static void make_log(const Fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    SqlDatabase *database = open_file(fixture);

    assert_true(sql_use_wal(database, &error));
    run(database, "CREATE TABLE ferries (name)");
    for (unsigned i = 0; i < 100; i++)
        run(database, "INSERT INTO ferries VALUES (hex(randomblob(2000)))");
    sql_close(database);
}

static int64_t count_rows(const Fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    SqlDatabase *database = open_file(fixture);
    int64_t count = 0;

    if (!sql_number(database, "SELECT count(*) FROM ferries", &count, &error))
        fail_msg("%s", error->message);
    sql_close(database);
    return count;
}

static char *beside(const Fixture *fixture, const char *end)
{
    return g_strconcat(fixture->path, end, NULL);
}

static void test_a_log_is_renewed_as_it_is(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *log = beside(fixture, "-wal");
    g_autofree char *copy = beside(fixture, "-copy");
    g_autofree char *before = NULL;
    g_autofree char *after = NULL;
    size_t size = 0;
    size_t size_after = 0;

    renew(fixture); /* there is none */
    make_log(fixture);
    assert_true(g_file_get_contents(log, &before, &size, NULL));
    renew(fixture);
    assert_true(g_file_get_contents(log, &after, &size_after, NULL));
    assert_int_equal(size, size_after);
    assert_memory_equal(before, after, size);
    assert_false(g_file_test(copy, G_FILE_TEST_EXISTS));
    assert_int_equal(count_rows(fixture), 100);
}

/* The power went away while the log was written: it is garbled, and its copy is whole. */
static void test_a_renewal_is_finished(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *log = beside(fixture, "-wal");
    g_autofree char *copy = beside(fixture, "-copy");
    g_autofree char *bytes = NULL;
    size_t size = 0;

    make_log(fixture);
    assert_true(g_file_get_contents(log, &bytes, &size, NULL));
    g_autoptr(GString) whole = g_string_new_len(bytes, (gssize)size);
    uint64_t trailer = size;
    g_string_append_len(whole, "DWcopy1\n", 8);
    g_string_append_len(whole, (const char *)&trailer, sizeof trailer);
    assert_true(g_file_set_contents(copy, whole->str, (gssize)whole->len, NULL));
    memset(bytes + size / 2, 0x5a, 512);
    assert_true(g_file_set_contents(log, bytes, (gssize)size, NULL));
    renew(fixture);
    assert_false(g_file_test(copy, G_FILE_TEST_EXISTS));
    assert_int_equal(count_rows(fixture), 100);
}

/* It went away before: the copy is not whole, and the log as it was. */
static void test_a_half_copy_is_dropped(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *copy = beside(fixture, "-copy");

    make_log(fixture);
    assert_true(g_file_set_contents(copy, "half a log, and no trailer behind it", -1, NULL));
    renew(fixture);
    assert_false(g_file_test(copy, G_FILE_TEST_EXISTS));
    assert_int_equal(count_rows(fixture), 100);
}

static void test_no_room_to_renew(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;

    signal(SIGXFSZ, SIG_IGN);
    make_log(fixture);
    limit_file_size(1024);
    bool good = sql_renew_log(fixture->path, &error);
    limit_file_size(RLIM_INFINITY);
    assert_false(good);
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE));
    assert_non_null(strstr(error->message, "some.db failed: "));
    renew(fixture);
    assert_int_equal(count_rows(fixture), 100);
}

int main(void)
{
#define SQL_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        SQL_TEST(test_the_log_is_on_or_it_is_told),
        SQL_TEST(test_a_log_is_renewed_as_it_is),
        SQL_TEST(test_a_renewal_is_finished),
        SQL_TEST(test_a_half_copy_is_dropped),
        SQL_TEST(test_no_room_to_renew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
