/* SPDX-License-Identifier: Apache-2.0 */
/* The history of a statement, as readers see it. */
#include "unit.h"

#include "common/error.h"
#include "ingest/store_fixture.h"

#define NOW (INT64_C(1700000000) * INSTANT_SECOND)

static void add(StoreFixture *fixture, const char *id, uint32_t revision, const char *submitter)
{
    g_autoptr(Statement) statement = statement_new();
    int64_t position = 0;

    message_set_string(&statement->id, id);
    message_set_string(&statement->title, "Ferry timetable");
    message_set_string(&statement->date, "2021-07-23");
    statement->status = STATEMENT_STATUS_USABLE;
    statement->change = revision == 1 ? STATEMENT_CHANGE_PUBLISHED : STATEMENT_CHANGE_UPDATED;
    statement->revision = revision;
    statement->updated_at = instant_to_timestamp(NOW + revision);
    OK(store_begin(fixture->store, ok));
    OK(store_add(fixture->store, statement, submitter, &position, NULL, ok));
    OK(store_commit(fixture->store, ok));
}

/* "3 editor, 2, 1 editor" */
static char *history(StoreReader *reader, const char *id, uint32_t before, unsigned max)
{
    g_autoptr(GArray) revisions = g_array_new(FALSE, FALSE, sizeof(StoredRevision));
    GString *text = g_string_new(NULL);

    g_array_set_clear_func(revisions, (GDestroyNotify)stored_revision_clear);
    OK(store_reader_history(reader, id, before, max, revisions, ok));
    for (guint i = 0; i < revisions->len; i++) {
        const StoredRevision *revision = &g_array_index(revisions, StoredRevision, i);
        assert_string_equal(revision->statement->id, id);
        g_string_append_printf(text, "%s%u%s%s", i > 0 ? ", " : "", revision->statement->revision,
                               *revision->submitter != '\0' ? " " : "", revision->submitter);
    }
    return g_string_free(text, FALSE);
}

static void assert_history(StoreReader *reader, const char *id, uint32_t before, unsigned max,
                           const char *expected)
{
    g_autofree char *text = history(reader, id, before, max);
    assert_string_equal(text, expected);
}

static void test_history(void **state)
{
    StoreFixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    StoreReader *reader = store_reader_open(fixture->path, &error);

    assert_non_null(reader);
    assert_history(reader, "ferry", 0, 10, "");
    add(fixture, "ferry", 1, "editor");
    add(fixture, "pier", 1, "spool");
    add(fixture, "ferry", 2, NULL);
    add(fixture, "ferry", 3, "expiry");
    assert_history(reader, "ferry", 0, 10, "3 expiry, 2, 1 editor");
    assert_history(reader, "ferry", 0, 2, "3 expiry, 2");
    assert_history(reader, "ferry", 2, 2, "1 editor");
    assert_history(reader, "ferry", 1, 2, "");
    assert_history(reader, "ferry", 99, 1, "3 expiry");
    assert_history(reader, "pier", 0, 10, "1 spool");
    store_reader_close(reader);
}

static void test_a_damaged_revision_is_told(void **state)
{
    StoreFixture *fixture = *state;
    g_autoptr(GArray) revisions = g_array_new(FALSE, FALSE, sizeof(StoredRevision));
    g_autoptr(GError) error = NULL;

    g_array_set_clear_func(revisions, (GDestroyNotify)stored_revision_clear);
    add(fixture, "ferry", 1, "editor");
    add(fixture, "ferry", 2, "editor");
    store_fixture_run_sql(fixture->path, "UPDATE revisions SET statement = x'ff' WHERE revision = 1");
    StoreReader *reader = store_reader_open(fixture->path, &error);
    assert_false(store_reader_history(reader, "ferry", 0, 10, revisions, &error));
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_DAMAGED));
    /* The others are there by themselves. */
    assert_history(reader, "ferry", 0, 1, "2 editor");
    store_reader_close(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_history, store_fixture_setup, store_fixture_teardown),
        cmocka_unit_test_setup_teardown(test_a_damaged_revision_is_told, store_fixture_setup,
                                        store_fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
