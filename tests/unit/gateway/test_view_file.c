/* SPDX-License-Identifier: Apache-2.0 */
/* The file of the view: versions, damage, a full disk, the WAL. */
#include "unit.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <sqlite3.h>

#include "common/error.h"
#include "folder.h"
#include "view_fixture.h"

static void test_one_writer_only(void **state)
{
    ViewFixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    assert_null(view_open(fixture->path, &error));
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_CONFLICT));
    assert_non_null(strstr(error->message, "in use by another process"));
}

static void test_a_file_that_cannot_be_made_is_named(void **state)
{
    ViewFixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    g_autofree char *path = folder_path(fixture->folder, "no/such/folder.db");
    assert_null(view_open(path, &error));
    assert_non_null(strstr(error->message, path));
    g_clear_error(&error);
    g_autofree char *missing = folder_path(fixture->folder, "missing.db");
    assert_null(view_reader_open(missing, &error));
    assert_non_null(strstr(error->message, missing));
}

static void close_view(ViewFixture *fixture)
{
    g_clear_pointer(&fixture->reader, view_reader_free);
    g_clear_pointer(&fixture->view, view_free);
}

static void reopen(ViewFixture *fixture)
{
    fixture->view = view_fixture_open(fixture->path);
    fixture->reader = view_fixture_open_reader(fixture->path);
}

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *database = NULL;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

static bool exists(const ViewFixture *fixture, const char *name)
{
    g_autofree char *path = folder_path(fixture->folder, name);
    return g_file_test(path, G_FILE_TEST_EXISTS);
}

static void test_a_view_of_another_version_is_made_anew(void **state)
{
    ViewFixture *fixture = *state;
    put(fixture, make_statement("quay", 1, "first"));
    commit(fixture);
    close_view(fixture);
    run_sql(fixture->path, "PRAGMA user_version = 999");
    assert_null(view_reader_open(fixture->path, NULL));
    reopen(fixture);
    assert_null(view_cursor(fixture->view));
    assert_null(find(fixture, "quay"));
}

static void test_somebody_elses_database_is_left_alone(void **state)
{
    ViewFixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    g_autofree char *path = folder_path(fixture->folder, "outbox.db");
    run_sql(path, "CREATE TABLE outbox (id TEXT); INSERT INTO outbox VALUES ('precious')");
    assert_null(view_open(path, &error));
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID));
    assert_non_null(strstr(error->message, "no view of a gateway"));
    run_sql(path, "UPDATE outbox SET id = id");
    assert_false(exists(fixture, "outbox.db.damaged"));
}

static void fill(ViewFixture *fixture)
{
    for (int i = 0; i < 300; i++) {
        g_autofree char *id = g_strdup_printf("statement-%03d", i);
        put(fixture, make_statement(id, 1, "A title of some length, so that many pages are used"));
    }
    commit(fixture);
}

/* Overwrites the file from `offset` on, to its end. */
static void scribble(const char *path, long offset)
{
    static const char noise[] = "nothing that SQLite knows of ";
    FILE *file = fopen(path, "r+b");
    struct stat status;
    assert_non_null(file);
    assert_int_equal(fstat(fileno(file), &status), 0);
    assert_int_equal(fseek(file, offset, SEEK_SET), 0);
    while (offset < status.st_size)
        offset += (long)fwrite(noise, 1, sizeof(noise), file);
    assert_int_equal(fclose(file), 0);
}

static void assert_made_anew(ViewFixture *fixture, long damaged_from)
{
    fill(fixture);
    close_view(fixture);
    run_sql(fixture->path, "PRAGMA wal_checkpoint(TRUNCATE)");
    scribble(fixture->path, damaged_from);
    reopen(fixture);
    assert_null(view_cursor(fixture->view));
    assert_list(fixture, (ViewQuery){0}, "");
    assert_true(exists(fixture, "gateway.db.damaged"));
    put(fixture, make_statement("quay", 1, "first"));
    commit(fixture);
    assert_list(fixture, (ViewQuery){0}, "quay");
}

static void test_a_damaged_view_is_made_anew(void **state)
{
    assert_made_anew(*state, 8192);
}

static void test_a_file_that_is_no_database_is_set_aside(void **state)
{
    assert_made_anew(*state, 0);
}

static void test_a_condemned_view_is_made_anew_by_the_next(void **state)
{
    ViewFixture *fixture = *state;
    put(fixture, make_statement("quay", 1, "first"));
    commit(fixture);
    view_condemn(fixture->view);
    close_view(fixture);
    reopen(fixture);
    assert_null(view_cursor(fixture->view));
}

/* SQLite 3.40.1 may corrupt a file when two connections checkpoint it, hence nobody does but the writer, by
 * itself. */
static void test_only_the_writer_checkpoints_and_the_wal_stays_small(void **state)
{
    ViewFixture *fixture = *state;
    g_autofree char *wal = g_strconcat(fixture->path, "-wal", NULL);
    struct stat status;
    for (int round = 0; round < 200; round++) {
        g_autofree char *body = g_strnfill(50000, 'x');
        Statement *statement = make_statement("big", (unsigned)round + 1, "big");
        message_set_string(&statement->body, body);
        put(fixture, statement);
        commit(fixture);
    }
    assert_int_equal(stat(wal, &status), 0);
    assert_true(status.st_size > 0 && status.st_size < 12 * 1024 * 1024);
    close_view(fixture);
    assert_int_equal(stat(wal, &status), 0); /* closing does not checkpoint */
    reopen(fixture);
    g_autoptr(Statement) found = find(fixture, "big");
    assert_int_equal(found->revision, 200);
}

/* -- a full disk -- */

static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void test_a_full_disk_loses_nothing(void **state)
{
    ViewFixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    g_autofree char *body = g_strnfill(400000, 'x');
    Statement *statement = make_statement("big", 1, "big");
    message_set_string(&statement->body, body);
    put(fixture, make_statement("quay", 1, "first"));
    commit(fixture);
    signal(SIGXFSZ, SIG_IGN);
    limit_files(100000);
    bool put_well = view_put_statement(fixture->view, statement, 0, 1, &error);
    g_autofree Cursor *cursor = make_cursor(VIEW_EPOCH, 2, 0);
    bool committed = put_well && view_commit(fixture->view, cursor, 3, &error);
    view_rollback(fixture->view);
    limit_files(RLIM_INFINITY);
    assert_false(committed);
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE));
    g_autoptr(Statement) before = find(fixture, "quay");
    assert_non_null(before);
    assert_null(find(fixture, "big"));
    put(fixture, statement);
    commit(fixture);
    g_autoptr(Statement) after = find(fixture, "big");
    assert_non_null(after);
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, view_fixture_setup, view_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_one_writer_only),
        TEST(test_a_file_that_cannot_be_made_is_named),
        TEST(test_a_view_of_another_version_is_made_anew),
        TEST(test_somebody_elses_database_is_left_alone),
        TEST(test_a_damaged_view_is_made_anew),
        TEST(test_a_file_that_is_no_database_is_set_aside),
        TEST(test_a_condemned_view_is_made_anew_by_the_next),
        TEST(test_only_the_writer_checkpoints_and_the_wal_stays_small),
        TEST(test_a_full_disk_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
