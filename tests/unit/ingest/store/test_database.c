/* SPDX-License-Identifier: Apache-2.0 */
/* Files of earlier schema versions, as earlier programs wrote them, are taken over with all that is in them. */
#include "unit.h"

#include "common/error.h"
#include "ingest/store/database.h"
#include "ingest/store/feeds.h"
#include "ingest/store/store.h"
#include "ingest/store_fixture.h"

#define NOW (INT64_C(1700000000) * INSTANT_SECOND)

/* The text of version 1, as it was released. */
#define VERSION_1                                                                                            \
    "CREATE TABLE revisions ("                                                                               \
    "  sequence INTEGER PRIMARY KEY AUTOINCREMENT,"                                                          \
    "  id TEXT NOT NULL,"                                                                                    \
    "  revision INTEGER NOT NULL CHECK (revision > 0),"                                                      \
    "  accepted_at INTEGER NOT NULL,"                                                                        \
    "  statement BLOB NOT NULL,"                                                                             \
    "  UNIQUE (id, revision)"                                                                                \
    ") STRICT;"                                                                                              \
    "CREATE TABLE statements ("                                                                              \
    "  id TEXT PRIMARY KEY,"                                                                                 \
    "  sequence INTEGER NOT NULL REFERENCES revisions,"                                                      \
    "  published_revision INTEGER NOT NULL DEFAULT 0,"                                                       \
    "  bus_topic TEXT NOT NULL DEFAULT '',"                                                                  \
    "  bus_partition INTEGER NOT NULL DEFAULT -1,"                                                           \
    "  bus_offset INTEGER NOT NULL DEFAULT -1"                                                               \
    ") STRICT, WITHOUT ROWID;"                                                                               \
    "CREATE TABLE outbox ("                                                                                  \
    "  position INTEGER PRIMARY KEY AUTOINCREMENT,"                                                          \
    "  sequence INTEGER NOT NULL UNIQUE REFERENCES revisions"                                                \
    ") STRICT;"                                                                                              \
    "PRAGMA application_id = 1146579310; PRAGMA user_version = 1;"

/* What the next ones added to it. */
#define VERSION_2                                                                                            \
    "ALTER TABLE revisions ADD COLUMN submitter TEXT NOT NULL DEFAULT '';"                                   \
    "ALTER TABLE statements ADD COLUMN expires_at INTEGER NOT NULL DEFAULT 0;"                               \
    "CREATE INDEX statements_expiry ON statements (expires_at) WHERE expires_at > 0;"                        \
    "CREATE TABLE schedule ("                                                                                \
    "  version INTEGER PRIMARY KEY AUTOINCREMENT,"                                                           \
    "  id TEXT NOT NULL UNIQUE,"                                                                             \
    "  publish_at INTEGER NOT NULL,"                                                                         \
    "  kind INTEGER NOT NULL,"                                                                               \
    "  id_derived INTEGER NOT NULL,"                                                                         \
    "  submitter TEXT NOT NULL,"                                                                             \
    "  statement BLOB NOT NULL"                                                                              \
    ") STRICT;"                                                                                              \
    "CREATE INDEX schedule_due ON schedule (publish_at, version);"                                           \
    "PRAGMA user_version = 2;"
#define VERSION_3                                                                                            \
    "CREATE TABLE feeds ("                                                                                   \
    "  name TEXT PRIMARY KEY, url TEXT NOT NULL, moved_to TEXT NOT NULL, etag TEXT NOT NULL,"                \
    "  last_modified TEXT NOT NULL, digest TEXT NOT NULL, error TEXT NOT NULL, refusal TEXT NOT NULL,"       \
    "  moved_at INTEGER NOT NULL, polled_at INTEGER NOT NULL, succeeded_at INTEGER NOT NULL,"                \
    "  next_at INTEGER NOT NULL, failures INTEGER NOT NULL, status INTEGER NOT NULL, gone INTEGER NOT NULL," \
    "  begun INTEGER NOT NULL, ttl_minutes INTEGER NOT NULL, skip_hours INTEGER NOT NULL,"                   \
    "  skip_days INTEGER NOT NULL, items INTEGER NOT NULL, refused INTEGER NOT NULL"                         \
    ") STRICT, WITHOUT ROWID;"                                                                               \
    "CREATE TABLE feed_items ("                                                                              \
    "  feed TEXT NOT NULL, id TEXT NOT NULL, title TEXT NOT NULL, published INTEGER NOT NULL,"               \
    "  date TEXT NOT NULL, digest TEXT NOT NULL, passed_over INTEGER NOT NULL, PRIMARY KEY (feed, id)"       \
    ") STRICT, WITHOUT ROWID;"                                                                               \
    "CREATE TABLE feed_names ("                                                                              \
    "  sequence INTEGER PRIMARY KEY AUTOINCREMENT, feed TEXT NOT NULL, guid TEXT NOT NULL,"                  \
    "  link TEXT NOT NULL, id TEXT NOT NULL, UNIQUE (feed, guid, link, id)"                                  \
    ") STRICT;"                                                                                              \
    "CREATE INDEX feed_names_link ON feed_names (feed, link);"                                               \
    "CREATE INDEX feed_names_id ON feed_names (feed, id);"                                                   \
    "PRAGMA user_version = 3;"

#define VERSION_4                                                                                            \
    "CREATE TABLE waiting (sequence INTEGER PRIMARY KEY REFERENCES revisions) STRICT;"                       \
    "INSERT INTO waiting SELECT sequence FROM outbox; DROP TABLE outbox;"                                    \
    "ALTER TABLE waiting RENAME TO outbox;"                                                                  \
    "PRAGMA user_version = 4;"

static char *hex_of(const char *id, uint32_t revision, const char *title)
{
    g_autoptr(Statement) statement = statement_new();

    message_set_string(&statement->id, id);
    message_set_string(&statement->title, title);
    message_set_string(&statement->date, "2021-07-23");
    statement->status = STATEMENT_STATUS_USABLE;
    statement->change = revision == 1 ? STATEMENT_CHANGE_PUBLISHED : STATEMENT_CHANGE_UPDATED;
    statement->revision = revision;
    statement->updated_at = instant_to_timestamp(NOW);
    g_autoptr(GBytes) packed = statement_pack(statement);
    GString *hex = g_string_new(NULL);
    size_t size = 0;
    const unsigned char *data = g_bytes_get_data(packed, &size);
    for (size_t i = 0; i < size; i++)
        g_string_append_printf(hex, "%02x", data[i]);
    return g_string_free(hex, FALSE);
}

/* Pier has two revisions, the first of which the broker has; quay has one, which it has. */
static char *write_version_1(const StoreFixture *fixture)
{
    char *path = g_build_filename(fixture->folder, "old.db", NULL);
    g_autofree char *pier_1 = hex_of("pier", 1, "Old");
    g_autofree char *pier_2 = hex_of("pier", 2, "New");
    g_autofree char *quay_1 = hex_of("quay", 1, "Quay");
    g_autofree char *rows = g_strdup_printf("INSERT INTO revisions VALUES (4, 'pier', 1, %" G_GINT64_FORMAT
                                            ", x'%s'), (5, 'quay', 1, 7, x'%s'),"
                                            " (9, 'pier', 2, 8, x'%s');"
                                            "INSERT INTO statements VALUES ('pier', 9, 1, "
                                            "'daywire.statements', 2, 40), ('quay', 5, 1, 't', 0, 3);"
                                            "INSERT INTO outbox VALUES (12, 9);",
                                            NOW, pier_1, quay_1, pier_2);

    store_fixture_run_sql(path, "PRAGMA journal_mode = WAL;" VERSION_1);
    store_fixture_run_sql(path, rows);
    return path;
}

static void test_version_1_is_taken_over(void **state)
{
    StoreFixture *fixture = *state;
    g_autofree char *path = write_version_1(fixture);
    g_autoptr(GError) error = NULL;
    g_autoptr(Store) store = store_open(path, &error);

    if (store == NULL)
        fail_msg("%s", error->message);
    g_auto(StoredStatement) pier = {0};
    OK(store_find(store, "pier", &pier, ok));
    assert_string_equal(pier.latest->title, "New");
    assert_true(pier.position == 9);
    assert_int_equal(pier.published.revision, 1);
    assert_string_equal(pier.published.topic, "daywire.statements");
    assert_true(pier.published.offset == 40);
    assert_null(pier.schedule.submission.statement);
    g_autofree char *outbox = store_fixture_outbox(store, 0, 100);
    assert_string_equal(outbox, "pier/2");
    /* What was accepted before names was by nobody in particular, and never expires. */
    Instant next = 0;
    OK(store_next_instant(store, &next, ok));
    assert_true(next == G_MAXINT64);
    StoreReader *reader = store_reader_open(path, &error);
    g_autoptr(GArray) history = g_array_new(FALSE, FALSE, sizeof(StoredRevision));
    g_array_set_clear_func(history, (GDestroyNotify)stored_revision_clear);
    OK(store_reader_history(reader, "pier", 0, 10, history, ok));
    store_reader_close(reader);
    assert_int_equal(history->len, 2);
    assert_string_equal(g_array_index(history, StoredRevision, 1).statement->title, "Old");
    assert_string_equal(g_array_index(history, StoredRevision, 1).submitter, "");
    /* And it goes on: a new revision, with all that is new. */
    g_autoptr(Statement) third = statement_copy(pier.latest);
    int64_t position = 0;
    third->revision = 3;
    third->expires_at = instant_to_timestamp(NOW + 5);
    OK(store_begin(store, ok));
    OK(store_add(store, third, "editor", &position, NULL, ok));
    OK(store_commit(store, ok));
    assert_true(position > 9);
    OK(store_next_instant(store, &next, ok));
    assert_true(next == NOW + 5);
}

/* Stopped between two versions, or before the mark of one: it is the old version, whole, and goes on from there. */
static void test_a_step_is_whole(void **state)
{
    StoreFixture *fixture = *state;
    g_autofree char *path = write_version_1(fixture);
    g_autoptr(GError) error = NULL;

    /* Something stands in the way of a step, half through it. */
    store_fixture_run_sql(path, "CREATE TABLE schedule (a)");
    assert_null(store_open(path, &error));
    assert_non_null(strstr(error->message, "schedule"));
    store_fixture_run_sql(path, "DROP TABLE schedule");
    SqlDatabase *database = sql_open(path, SQLITE_OPEN_READWRITE, NULL);
    int64_t version = 0;
    int64_t columns = 0;
    OK(sql_number(database, "PRAGMA user_version", &version, ok));
    OK(sql_number(database, "SELECT count(*) FROM pragma_table_info('revisions')", &columns, ok));
    sql_close(database);
    assert_int_equal(version, 1);
    assert_int_equal(columns, 5);
    g_clear_error(&error);
    g_autoptr(Store) store = store_open(path, &error);
    assert_non_null(store);
}

/* The outbox of version 3 may hold what was put back behind what is newer. */
static void assert_taken_over(StoreFixture *fixture, const char *steps)
{
    g_autofree char *path = write_version_1(fixture);
    g_autoptr(GError) error = NULL;
    StoreCounts counts = {0};

    store_fixture_run_sql(path, steps);
    store_fixture_run_sql(path, "INSERT INTO outbox VALUES (20, 5), (31, 4)");
    g_autoptr(Store) store = store_open(path, &error);
    if (store == NULL)
        fail_msg("%s", error->message);
    g_autofree char *outbox = store_fixture_outbox(store, 0, 100);
    assert_string_equal(outbox, "pier/1 quay/1 pier/2");
    OK(store_count(store, &counts, ok));
    assert_int_equal(counts.statements, 2);
    assert_int_equal(counts.outbox, 3);
    OK(store_begin(store, ok));
    OK(store_outbox_clear(store, &(StoreConfirmed){9, "pier", 2, "t", 0, 41}, ok));
    OK(store_commit(store, ok));
    g_autofree char *rest = store_fixture_outbox(store, 4, 100);
    assert_string_equal(rest, "quay/1");
}

static void test_version_2_is_taken_over(void **state)
{
    assert_taken_over(*state, VERSION_2);
}

static void test_version_3_is_taken_over(void **state)
{
    assert_taken_over(*state, VERSION_2 VERSION_3);
}

/* Nothing is withheld of the items that it knows. */
static void test_version_4_is_taken_over(void **state)
{
    StoreFixture *fixture = *state;
    g_autofree char *path = write_version_1(fixture);
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) known = g_ptr_array_new_with_free_func((GDestroyNotify)feed_known_free);

    store_fixture_run_sql(path, VERSION_2 VERSION_3 VERSION_4);
    store_fixture_run_sql(
        path, "INSERT INTO feed_items VALUES ('harbour', 'pier', 'New', 7, '2021-07-23', 'abc', 0);"
              "INSERT INTO feed_names VALUES (1, 'harbour', 'g', '', 'pier')");
    g_autoptr(Store) store = store_open(path, &error);
    if (store == NULL)
        fail_msg("%s", error->message);
    FeedReader *reader = feed_reader_open(path, &error);
    assert_non_null(reader);
    OK(feed_reader_known(reader, FEED_BY_GUID, "harbour", "g", known, ok));
    feed_reader_close(reader);
    assert_int_equal(known->len, 1);
    const FeedKnown *item = g_ptr_array_index(known, 0);
    assert_string_equal(item->digest, "abc");
    assert_null(item->withheld);
    assert_int_equal(item->withheld_at, 0);
    g_autofree char *outbox = store_fixture_outbox(store, 0, 100);
    assert_string_equal(outbox, "pier/2");
}

static void test_reopening_changes_nothing(void **state)
{
    StoreFixture *fixture = *state;
    int64_t version = 0;

    store_fixture_reopen(fixture);
    SqlDatabase *database = sql_open(fixture->path, SQLITE_OPEN_READONLY, NULL);
    OK(sql_number(database, "PRAGMA user_version", &version, ok));
    sql_close(database);
    assert_int_equal(version, DATABASE_SCHEMA_VERSION);
}

static void test_a_newer_one_is_refused_and_not_touched(void **state)
{
    StoreFixture *fixture = *state;
    g_autofree char *path = write_version_1(fixture);
    g_autoptr(GError) error = NULL;
    g_autofree char *expected =
        g_strdup_printf("%s was written by a newer Daywire (schema %d, this one knows %d)", path,
                        DATABASE_SCHEMA_VERSION + 1, DATABASE_SCHEMA_VERSION);
    g_autofree char *mark = g_strdup_printf("PRAGMA user_version = %d", DATABASE_SCHEMA_VERSION + 1);

    store_fixture_run_sql(path, mark);
    assert_null(store_open(path, &error));
    assert_string_equal(error->message, expected);
    g_clear_error(&error);
    assert_null(store_reader_open(path, &error));
    assert_string_equal(error->message, expected);
    SqlDatabase *database = sql_open(path, SQLITE_OPEN_READWRITE, NULL);
    int64_t columns = 0;
    OK(sql_number(database, "SELECT count(*) FROM pragma_table_info('revisions')", &columns, ok));
    sql_close(database);
    assert_int_equal(columns, 5);
}

int main(void)
{
#define DATABASE_TEST(test) cmocka_unit_test_setup_teardown(test, store_fixture_setup, store_fixture_teardown)
    const struct CMUnitTest tests[] = {
        DATABASE_TEST(test_version_1_is_taken_over),
        DATABASE_TEST(test_version_2_is_taken_over),
        DATABASE_TEST(test_version_3_is_taken_over),
        DATABASE_TEST(test_version_4_is_taken_over),
        DATABASE_TEST(test_a_step_is_whole),
        DATABASE_TEST(test_reopening_changes_nothing),
        DATABASE_TEST(test_a_newer_one_is_refused_and_not_touched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
