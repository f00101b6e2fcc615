/* SPDX-License-Identifier: Apache-2.0 */
/* What is done to the files behind SQLite's back, and that nothing is lost where it can be saved. */
#include "unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "ingest/store/database.h"
#include "ingest/store_fixture.h"

static void add(Store *store, const char *id)
{
    g_autoptr(Statement) statement = statement_new();
    int64_t position = 0;

    message_set_string(&statement->id, id);
    statement->revision = 1;
    OK(store_begin(store, ok));
    OK(store_add(store, statement, NULL, &position, NULL, ok));
    OK(store_commit(store, ok));
}

static void expect_refusal(StoreFixture *fixture, int code, const char *what)
{
    g_autoptr(GError) error = NULL;

    assert_false(store_check_place(fixture->store, &error));
    assert_true(g_error_matches(error, DAYWIRE_ERROR, code));
    if (strstr(error->message, what) == NULL)
        fail_msg("%s", error->message);
    g_clear_error(&error);
    assert_false(store_begin(fixture->store, &error));
    assert_true(g_error_matches(error, DAYWIRE_ERROR, code));
}

static void delete_log(const StoreFixture *fixture)
{
    g_autofree char *log = g_strconcat(fixture->path, "-wal", NULL);

    assert_int_equal(unlink(log), 0);
}

static off_t size_of(const StoreFixture *fixture)
{
    struct stat now;

    assert_int_equal(stat(fixture->path, &now), 0);
    return now.st_size;
}

/* Somebody else reads, and sees what was there when it began. */
static SqlDatabase *begin_reading(const StoreFixture *fixture)
{
    SqlDatabase *reader = database_open(fixture->path, false, NULL);
    int64_t count = 0;

    assert_non_null(reader);
    OK(sql_run(reader, "BEGIN", ok));
    OK(sql_number(reader, "SELECT count(*) FROM revisions", &count, ok));
    return reader;
}

static void expect_statements(StoreFixture *fixture, const char *ids)
{
    store_fixture_reopen(fixture);
    g_autofree char *outbox = store_fixture_outbox(fixture->store, 0, 100);
    assert_string_equal(outbox, ids);
}

static void test_a_deleted_log_is_saved_once_no_reader_is_in_the_way(void **state)
{
    StoreFixture *fixture = *state;

    add(fixture->store, "early");
    OK(store_check_place(fixture->store, ok));
    SqlDatabase *reader = begin_reading(fixture);
    add(fixture->store, "late");
    delete_log(fixture);
    expect_refusal(fixture, DAYWIRE_ERROR_UNAVAILABLE,
                   "-wal was deleted or replaced while in use, and what it held");
    OK(sql_run(reader, "COMMIT", ok));
    expect_refusal(fixture, DAYWIRE_ERROR_LOST,
                   "-wal was deleted or replaced while in use: restart the service");
    sql_close(reader);
    expect_statements(fixture, "early/1 late/1");
}

static void test_a_deleted_log_is_saved_at_the_end(void **state)
{
    StoreFixture *fixture = *state;

    add(fixture->store, "early");
    delete_log(fixture);
    expect_statements(fixture, "early/1");
}

static void make_larger(const StoreFixture *fixture)
{
    store_fixture_run_sql(fixture->path,
                          "CREATE TABLE ballast (a); INSERT INTO ballast VALUES (zeroblob(1000000));"
                          "PRAGMA wal_checkpoint(TRUNCATE)");
}

static void test_what_was_compacted_is_well(void **state)
{
    StoreFixture *fixture = *state;

    add(fixture->store, "early");
    make_larger(fixture);
    OK(store_check_place(fixture->store, ok));
    off_t before = size_of(fixture);
    store_fixture_run_sql(fixture->path, "DROP TABLE ballast; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
    assert_true(size_of(fixture) < before);
    OK(store_check_place(fixture->store, ok));
    add(fixture->store, "late");
    expect_statements(fixture, "early/1 late/1");
}

static void cut(StoreFixture *fixture, off_t size)
{
    add(fixture->store, "early");
    make_larger(fixture);
    OK(store_check_place(fixture->store, ok));
    assert_true(size < size_of(fixture));
    assert_int_equal(truncate(fixture->path, size), 0);
    expect_refusal(fixture, DAYWIRE_ERROR_LOST, "was cut short while in use: put a backup back");
}

static void test_what_was_cut_short_is_lost(void **state)
{
    cut(*state, (off_t)4096 * 20);
}

static void test_what_was_emptied_is_lost(void **state)
{
    cut(*state, 0);
}

static void test_what_was_taken_away_is_well_when_it_is_back(void **state)
{
    StoreFixture *fixture = *state;
    g_autofree char *away = g_strconcat(fixture->path, ".away", NULL);

    add(fixture->store, "early");
    assert_int_equal(rename(fixture->path, away), 0);
    expect_refusal(fixture, DAYWIRE_ERROR_UNAVAILABLE, "was deleted or replaced while in use: put it back");
    assert_int_equal(rename(away, fixture->path), 0);
    OK(store_check_place(fixture->store, ok));
    add(fixture->store, "late");
    expect_statements(fixture, "early/1 late/1");
}

int main(void)
{
#define FILES_TEST(test) cmocka_unit_test_setup_teardown(test, store_fixture_setup, store_fixture_teardown)
    const struct CMUnitTest tests[] = {
        FILES_TEST(test_a_deleted_log_is_saved_once_no_reader_is_in_the_way),
        FILES_TEST(test_a_deleted_log_is_saved_at_the_end),
        FILES_TEST(test_what_was_compacted_is_well),
        FILES_TEST(test_what_was_cut_short_is_lost),
        FILES_TEST(test_what_was_emptied_is_lost),
        FILES_TEST(test_what_was_taken_away_is_well_when_it_is_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
