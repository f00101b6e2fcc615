/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <glib/gstdio.h>
#include <sqlite3.h>

#include "common/error.h"
#include "ingest/store/database.h"
#include "ingest/store_fixture.h"

#define NOW (INT64_C(1700000000) * INSTANT_SECOND)

static Statement *make(const char *id, uint32_t revision)
{
    Statement *statement = statement_new();

    message_set_string(&statement->id, id);
    message_set_string(&statement->title, "Ferry timetable");
    message_set_string(&statement->date, "2021-07-23");
    statement->status = STATEMENT_STATUS_USABLE;
    statement->change = revision == 1 ? STATEMENT_CHANGE_PUBLISHED : STATEMENT_CHANGE_UPDATED;
    statement->revision = revision;
    statement->updated_at = instant_to_timestamp(NOW + revision);
    return statement;
}

static int64_t add(Store *store, const char *id, uint32_t revision)
{
    g_autoptr(Statement) statement = make(id, revision);
    int64_t position = 0;

    OK(store_add(store, statement, NULL, &position, NULL, ok));
    return position;
}

static int64_t add_committed(Store *store, const char *id, uint32_t revision)
{
    OK(store_begin(store, ok));
    int64_t position = add(store, id, revision);
    OK(store_commit(store, ok));
    return position;
}

static void assert_outbox(Store *store, const char *expected)
{
    g_autofree char *text = store_fixture_outbox(store, 0, 100);
    assert_string_equal(text, expected);
}

static void assert_unknown(Store *store, const char *id)
{
    g_auto(StoredStatement) stored = {0};

    OK(store_find(store, id, &stored, ok));
    assert_false(stored_statement_exists(&stored));
}

static void test_what_is_committed_is_found(void **state)
{
    StoreFixture *fixture = *state;
    g_auto(StoredStatement) stored = {0};

    int64_t first = add_committed(fixture->store, "ferry", 1);
    int64_t second = add_committed(fixture->store, "ferry", 2);
    assert_true(second > first);
    store_fixture_reopen(fixture);
    OK(store_find(fixture->store, "ferry", &stored, ok));
    assert_int_equal(stored.latest->revision, 2);
    assert_string_equal(stored.latest->title, "Ferry timetable");
    assert_true(stored.position == second);
    assert_int_equal(stored.published.revision, 0);
    g_autoptr(GError) error = NULL;
    g_autoptr(Statement) old = store_revision(fixture->store, "ferry", 1, &error);
    assert_int_equal(old->revision, 1);
    g_autoptr(Statement) none = store_revision(fixture->store, "ferry", 3, &error);
    assert_null(none);
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_NOT_FOUND));
    assert_outbox(fixture->store, "ferry/1 ferry/2");
}

static void test_what_is_not_committed_is_gone(void **state)
{
    StoreFixture *fixture = *state;

    OK(store_begin(fixture->store, ok));
    add(fixture->store, "ferry", 1);
    store_fixture_reopen(fixture);
    assert_unknown(fixture->store, "ferry");
    assert_outbox(fixture->store, "");
}

static void test_a_revision_is_written_once(void **state)
{
    StoreFixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Statement) again = make("ferry", 1);
    int64_t position = 0;

    add_committed(fixture->store, "ferry", 1);
    OK(store_begin(fixture->store, ok));
    assert_false(store_add(fixture->store, again, NULL, &position, NULL, &error));
    store_rollback(fixture->store);
    assert_outbox(fixture->store, "ferry/1");
}

static void test_outbox(void **state)
{
    StoreFixture *fixture = *state;
    g_auto(StoredStatement) stored = {0};
    Instant oldest = -1;

    OK(store_outbox_oldest(fixture->store, &oldest, ok));
    assert_true(oldest == 0);
    int64_t a1 = add_committed(fixture->store, "a", 1);
    add_committed(fixture->store, "b", 1);
    int64_t a2 = add_committed(fixture->store, "a", 2);
    g_autofree char *part = store_fixture_outbox(fixture->store, a1, 1);
    assert_string_equal(part, "b/1");
    OK(store_outbox_oldest(fixture->store, &oldest, ok));
    assert_true(oldest == NOW + 1);

    OK(store_begin(fixture->store, ok));
    StoreConfirmed row = {.position = a2,
                          .id = "a",
                          .revision = 2,
                          .topic = "daywire.statements",
                          .partition = 2,
                          .offset = 41};
    OK(store_outbox_clear(fixture->store, &row, ok));
    row.position = a1;
    row.revision = 1;
    row.offset = 40;
    OK(store_outbox_clear(fixture->store, &row, ok));
    OK(store_outbox_clear(fixture->store, &row, ok)); /* twice does no harm */
    OK(store_commit(fixture->store, ok));
    assert_outbox(fixture->store, "b/1");
    OK(store_find(fixture->store, "a", &stored, ok));
    assert_true(stored.position == 0);
    assert_int_equal(stored.published.revision, 2);
    assert_string_equal(stored.published.topic, "daywire.statements");
    assert_int_equal(stored.published.partition, 2);
    assert_true(stored.published.offset == 41);
}

static void test_refill_in_the_order_of_acceptance(void **state)
{
    StoreFixture *fixture = *state;
    StoreCounts counts = {0};
    const StoreConfirmed rows[] = {
        {.position = add_committed(fixture->store, "z", 1), .id = "z", .revision = 1, .topic = "t"},
        {.position = add_committed(fixture->store, "b", 1), .id = "b", .revision = 1, .topic = "t"},
        {.position = add_committed(fixture->store, "a", 1), .id = "a", .revision = 1, .topic = "t"},
        {.position = add_committed(fixture->store, "z", 2), .id = "z", .revision = 2, .topic = "t"},
    };

    OK(store_begin(fixture->store, ok));
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (i != 2)
            OK(store_outbox_clear(fixture->store, &rows[i], ok));
    OK(store_commit(fixture->store, ok));
    assert_outbox(fixture->store, "a/1");
    OK(store_begin(fixture->store, ok));
    int64_t refilled = 0;
    OK(store_refill(fixture->store, &refilled, ok));
    OK(store_commit(fixture->store, ok));
    /* In the order in which they were accepted, each once, and of each only the latest. */
    assert_outbox(fixture->store, "b/1 a/1 z/2");
    OK(store_count(fixture->store, &counts, ok));
    assert_int_equal(counts.statements, 3);
    assert_int_equal(counts.outbox, 3);
}

static void test_reader_sees_commits(void **state)
{
    StoreFixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    g_auto(StoredStatement) stored = {0};
    StoreReader *reader = store_reader_open(fixture->path, &error);

    assert_non_null(reader);
    OK(store_reader_find(reader, "ferry", &stored, ok));
    assert_false(stored_statement_exists(&stored));
    OK(store_begin(fixture->store, ok));
    add(fixture->store, "ferry", 1);
    OK(store_reader_find(reader, "ferry", &stored, ok));
    assert_false(stored_statement_exists(&stored));
    OK(store_commit(fixture->store, ok));
    OK(store_reader_find(reader, "ferry", &stored, ok));
    assert_int_equal(stored.latest->revision, 1);
    store_reader_close(reader);
}

static void test_readers_cannot_write(void **state)
{
    StoreFixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    SqlDatabase *database = database_open(fixture->path, false, &error);

    assert_non_null(database);
    assert_false(sql_run(database, "DELETE FROM outbox", &error));
    assert_non_null(strstr(error->message, "readonly"));
    sql_close(database);
}

static void test_one_process_at_a_time(void **state)
{
    StoreFixture *fixture = *state;
    g_autoptr(GError) error = NULL;

    assert_null(store_open(fixture->path, &error));
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_CONFLICT));
}

/* A process that dies without a word: what was committed is there, what was not is not. */
static void test_a_killed_process_loses_nothing(void **state)
{
    StoreFixture *fixture = *state;
    g_auto(StoredStatement) stored = {0};

    store_close(g_steal_pointer(&fixture->store));
    pid_t child = fork();
    if (child == 0) {
        Store *store = store_fixture_open(fixture->path);
        add_committed(store, "committed", 1);
        OK(store_begin(store, ok));
        add(store, "begun", 1);
        raise(SIGKILL);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    fixture->store = store_fixture_open(fixture->path);
    OK(store_find(fixture->store, "committed", &stored, ok));
    assert_outbox(fixture->store, "committed/1");
    stored_statement_clear(&stored);
    assert_unknown(fixture->store, "begun");
}

static void limit_file_size(rlim_t size)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = MIN(size, limit.rlim_max);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* A full disk, by way of the largest size of a file. */
static void test_full_disk_is_told_and_passes(void **state)
{
    StoreFixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    g_auto(StoredStatement) stored = {0};
    unsigned i = 0;

    signal(SIGXFSZ, SIG_IGN);
    add_committed(fixture->store, "before", 1);
    limit_file_size((rlim_t)200 * 1024);
    bool committed = true;
    while (committed && i < 1000) {
        g_autofree char *id = g_strdup_printf("s%u", i++);
        g_autoptr(Statement) statement = make(id, 1);
        g_autofree char *body = g_strnfill(20000, 'x');
        int64_t position = 0;
        message_set_string(&statement->body, body);
        OK(store_begin(fixture->store, ok));
        committed = store_add(fixture->store, statement, NULL, &position, NULL, &error);
        if (committed)
            committed = store_commit(fixture->store, &error);
        else
            store_rollback(fixture->store);
    }
    limit_file_size(RLIM_INFINITY);
    assert_false(committed);
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE));
    /* What failed is not there, all before is, and it goes on. */
    g_autofree char *failed = g_strdup_printf("s%u", i - 1);
    g_autofree char *last = g_strdup_printf("s%u", i - 2);
    assert_unknown(fixture->store, failed);
    OK(store_find(fixture->store, last, &stored, ok));
    add_committed(fixture->store, failed, 1);
    store_fixture_reopen(fixture);
    stored_statement_clear(&stored);
    OK(store_find(fixture->store, failed, &stored, ok));
}

static int64_t file_size(const StoreFixture *fixture, const char *ending)
{
    g_autofree char *path = g_strconcat(fixture->path, ending, NULL);
    GStatBuf info;

    return g_stat(path, &info) == 0 ? (int64_t)info.st_size : 0;
}

static int64_t log_size(const StoreFixture *fixture)
{
    return file_size(fixture, "-wal");
}

/* In front of the C library's: SQLite's calls come here. */
static unsigned syncs;
int fdatasync(int fd)
{
    syncs++;
    return (int)syscall(SYS_fdatasync, fd);
}

static void test_every_commit_is_synced(void **state)
{
    StoreFixture *fixture = *state;

    add_committed(fixture->store, "first", 1);
    for (unsigned i = 0; i < 10; i++) {
        g_autofree char *id = g_strdup_printf("s%u", i);
        unsigned before = syncs;
        add_committed(fixture->store, id, 1);
        assert_true(syncs > before);
    }
}

/* SQLite itself must never move the log into the file: see database.c. */
static void test_nothing_but_a_checkpoint_moves_the_log(void **state)
{
    StoreFixture *fixture = *state;
    g_autofree char *body = g_strnfill(100000, 'x');
    int64_t before = file_size(fixture, "");

    for (unsigned i = 0; i < 100; i++) {
        g_autofree char *id = g_strdup_printf("s%u", i);
        g_autoptr(Statement) statement = make(id, 1);
        int64_t position = 0;
        message_set_string(&statement->body, body);
        OK(store_begin(fixture->store, ok));
        OK(store_add(fixture->store, statement, NULL, &position, NULL, ok));
        OK(store_commit(fixture->store, ok));
    }
    store_close(g_steal_pointer(&fixture->store));
    assert_true(file_size(fixture, "") == before);
    assert_true(log_size(fixture) > INT64_C(100) * 100000);
    fixture->store = store_fixture_open(fixture->path);
    assert_true(file_size(fixture, "") == before);
}

static void test_the_log_is_bounded(void **state)
{
    StoreFixture *fixture = *state;
    g_autofree char *body = g_strnfill(100000, 'x');

    for (unsigned i = 0; i < 800; i++) {
        g_autofree char *id = g_strdup_printf("s%u", i);
        g_autoptr(Statement) statement = make(id, 1);
        int64_t position = 0;
        message_set_string(&statement->body, body);
        OK(store_begin(fixture->store, ok));
        OK(store_add(fixture->store, statement, NULL, &position, NULL, ok));
        OK(store_commit(fixture->store, ok));
        OK(store_checkpoint(fixture->store, ok));
    }
    assert_true(log_size(fixture) > 0);
    assert_true(log_size(fixture) < INT64_C(32) * 1024 * 1024);
}

static void test_foreign_and_newer_files_are_refused(void **state)
{
    StoreFixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    g_autofree char *foreign = g_build_filename(fixture->folder, "foreign.db", NULL);

    store_fixture_run_sql(foreign, "CREATE TABLE something (a)");
    assert_null(store_open(foreign, &error));
    assert_non_null(strstr(error->message, "is not a database of daywire-ingest"));
    g_clear_error(&error);

    store_close(g_steal_pointer(&fixture->store));
    store_fixture_run_sql(fixture->path, "PRAGMA user_version = 99");
    assert_null(store_open(fixture->path, &error));
    assert_non_null(strstr(error->message, "newer Daywire"));
    g_clear_error(&error);

    g_autofree char *garbage = g_build_filename(fixture->folder, "garbage.db", NULL);
    assert_true(g_file_set_contents(garbage,
                                    "this is no database, but a text that is longer than a header of one; "
                                    "so it cannot be mistaken for an empty file",
                                    -1, NULL));
    assert_null(store_open(garbage, &error));
    assert_non_null(error);
}

int main(void)
{
#define STORE_TEST(test) cmocka_unit_test_setup_teardown(test, store_fixture_setup, store_fixture_teardown)
    const struct CMUnitTest tests[] = {
        STORE_TEST(test_what_is_committed_is_found),
        STORE_TEST(test_what_is_not_committed_is_gone),
        STORE_TEST(test_a_revision_is_written_once),
        STORE_TEST(test_outbox),
        STORE_TEST(test_refill_in_the_order_of_acceptance),
        STORE_TEST(test_reader_sees_commits),
        STORE_TEST(test_readers_cannot_write),
        STORE_TEST(test_one_process_at_a_time),
        STORE_TEST(test_a_killed_process_loses_nothing),
        STORE_TEST(test_full_disk_is_told_and_passes),
        STORE_TEST(test_every_commit_is_synced),
        STORE_TEST(test_nothing_but_a_checkpoint_moves_the_log),
        STORE_TEST(test_the_log_is_bounded),
        STORE_TEST(test_foreign_and_newer_files_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
