/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "common/error.h"
#include "view_fixture.h"

/* What the scan has left: ids and counters with their revisions, "-x" for what is gone. */
static char *scan_rest(const ViewFixture *fixture, ViewScan *scan)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (;;) {
        g_autoptr(Event) event = NULL;
        assert_true(view_scan_next(scan, fixture->reader, &event, NULL));
        if (!event)
            return g_string_free(g_steal_pointer(&text), FALSE);
        const Statement *statement = event_statement(event);
        const Tick *tick = event_tick(event);
        assert_string_equal(event_cursor(event), "");
        g_string_append(text, text->len ? " " : "");
        if (event_is_removal(event) || (statement && statement->status == STATEMENT_STATUS_WITHDRAWN))
            g_string_append_c(text, '-');
        g_string_append(text, statement ? statement->id : tick->counter);
        if (!event_is_removal(event))
            g_string_append_printf(text, "/%u", statement ? statement->revision : tick->revision);
    }
}

static ViewScan *begin_scan(const ViewFixture *fixture, unsigned channels, const Filter *filter,
                            unsigned last, const Cursor *since)
{
    g_autoptr(GError) error = NULL;
    uint64_t log_next = 0;
    g_autofree char *cursor = NULL;
    assert_true(view_reader_begin(fixture->reader, &log_next, &cursor, NULL));
    ViewScan *scan = since ? view_scan_changes(fixture->reader, channels, filter, since, 1000, &error)
                           : view_scan_snapshot(fixture->reader, channels, filter, last, &error);
    view_reader_end(fixture->reader);
    if (!scan)
        fail_msg("%s", error->message);
    return scan;
}

static void assert_scan(const ViewFixture *fixture, unsigned channels, const Filter *filter, unsigned last,
                        const Cursor *since, const char *expected)
{
    ViewScan *scan = begin_scan(fixture, channels, filter, last, since);
    g_autofree char *rest = scan_rest(fixture, scan);
    assert_string_equal(rest, expected);
    view_scan_free(scan);
}

#define BOTH (CHANNEL_STATEMENTS | CHANNEL_TICKS)

static void put_some(ViewFixture *fixture)
{
    static const char *const dates[] = {"2024-05-03", "2024-05-01", "2024-05-02", "2024-05-02", "2024-05-05"};
    for (size_t i = 0; i < G_N_ELEMENTS(dates); i++) {
        char id[] = "a";
        id[0] = (char)('a' + i);
        Statement *statement = make_statement(id, 1, id);
        message_set_string(&statement->date, dates[i]);
        message_set_string(&statement->source, i % 2 ? "museum" : "press");
        statement_add_tag(statement, i < 3 ? "low" : "high");
        put(fixture, statement);
    }
    put_tick(fixture, "y", "2024-05-01", 1);
    put_tick(fixture, "x", "2024-05-01", 4);
    put_tick(fixture, "z", "2024-05-01", 1);
    assert_true(view_remove_counter(fixture->view, "y", 1, fixture->offset++, NULL));
    commit(fixture);
}

static void test_a_snapshot_ends_with_the_newest(void **state)
{
    ViewFixture *fixture = *state;
    put_some(fixture);
    assert_scan(fixture, BOTH, NULL, 1000, NULL, "b/1 d/1 c/1 a/1 e/1 x/4 z/1");
    assert_scan(fixture, BOTH, NULL, 3, NULL, "c/1 a/1 e/1 x/4 z/1");
    assert_scan(fixture, BOTH, NULL, 0, NULL, "x/4 z/1");
    assert_scan(fixture, CHANNEL_STATEMENTS, NULL, 1, NULL, "e/1");
    assert_scan(fixture, CHANNEL_TICKS, NULL, 10, NULL, "x/4 z/1");
    put(fixture, make_withdrawal("c", 2)); /* says no date, and stays in its place */
    commit(fixture);
    assert_scan(fixture, CHANNEL_STATEMENTS, NULL, 3, NULL, "-c/2 a/1 e/1");
}

static void test_a_snapshot_is_filtered_before_it_is_counted(void **state)
{
    ViewFixture *fixture = *state;
    Filter *filter = filter_new();
    put_some(fixture);
    assert_true(filter_add(filter, "source", "press", NULL));
    assert_scan(fixture, BOTH, filter, 2, NULL, "a/1 e/1 x/4 z/1");
    assert_true(filter_add(filter, "tag", "low", NULL));
    assert_true(filter_add(filter, "counter", "z", NULL));
    assert_scan(fixture, BOTH, filter, 2, NULL, "c/1 a/1 z/1");
    assert_true(filter_add(filter, "source", "museum", NULL));
    assert_scan(fixture, BOTH, filter, 9, NULL, "b/1 c/1 a/1 z/1");
    filter_free(filter);
}

static void test_ticks_come_in_the_order_of_lists(void **state)
{
    ViewFixture *fixture = *state;
    put_listed(fixture, "d", "piers", 7);
    put_listed(fixture, "c", "piers", 2);
    put_listed(fixture, "e", "piers", 7);
    put_listed(fixture, "b", "ferries", 2);
    put_listed(fixture, "a", NULL, 4);
    put_listed(fixture, "f", "ferries", 9);
    commit(fixture);
    assert_scan(fixture, CHANNEL_TICKS, NULL, 0, NULL, "b/1 f/1 c/1 d/1 e/1 a/1");
    ViewScan *scan = begin_scan(fixture, CHANNEL_TICKS, NULL, 0, NULL);
    g_autoptr(Event) first = NULL;
    assert_true(view_scan_next(scan, fixture->reader, &first, NULL));
    assert_string_equal(event_tick(first)->counter, "b");
    put_tick(fixture, "c", "2024-05-02", 1);
    assert_true(view_remove_counter(fixture->view, "e", 1, fixture->offset++, NULL));
    commit(fixture);
    g_autofree char *rest = scan_rest(fixture, scan);
    assert_string_equal(rest, "f/1 d/1 a/1");
    view_scan_free(scan);
    assert_scan(fixture, CHANNEL_TICKS, NULL, 0, NULL, "c/1 a/1 b/1 f/1 d/1");
}

/* What changes while a slow client takes its snapshot is told by the log; the snapshot leaves it out. */
static void test_a_snapshot_leaves_out_what_changed_since(void **state)
{
    ViewFixture *fixture = *state;
    put_some(fixture);
    ViewScan *scan = begin_scan(fixture, BOTH, NULL, 4, NULL); /* d c a e */
    g_autoptr(Event) first = NULL;
    put(fixture, make_statement("d", 2, "the first one changed"));
    put(fixture, make_statement("a", 2, "changed"));
    put_dated(fixture, "f", "2024-05-04");
    put_tick(fixture, "x", "2024-05-02", 1);
    put_tick(fixture, "y", "2024-05-02", 1);
    assert_true(view_remove_counter(fixture->view, "z", 1, fixture->offset++, NULL));
    commit(fixture);
    g_autofree char *rest = scan_rest(fixture, scan);
    assert_string_equal(rest, "c/1 e/1");
    view_scan_free(scan);
}

static void test_changes_come_in_the_order_of_their_records(void **state)
{
    ViewFixture *fixture = *state;
    put_some(fixture); /* offsets: statements 0 to 4, ticks 5 to 8 */
    g_autofree Cursor *start = make_cursor(VIEW_EPOCH, 0, 0);
    assert_scan(fixture, BOTH, NULL, 0, start, "a/1 b/1 c/1 d/1 e/1 x/4 z/1 -y");
    put(fixture, make_statement("a", 2, "changed"));
    put(fixture, make_withdrawal("c", 2));
    commit(fixture);
    g_autofree Cursor *middle = make_cursor(VIEW_EPOCH, 3, 7);
    assert_scan(fixture, BOTH, NULL, 0, start, "b/1 d/1 e/1 x/4 z/1 -y a/2 -c/2");
    assert_scan(fixture, BOTH, NULL, 0, middle, "d/1 e/1 z/1 -y a/2 -c/2");
    assert_scan(fixture, CHANNEL_TICKS, NULL, 0, middle, "z/1 -y");
    g_autofree Cursor *ahead = make_cursor(VIEW_EPOCH, 100, 8);
    assert_scan(fixture, BOTH, NULL, 0, ahead, "-y");
    g_autofree Cursor *end = make_cursor(VIEW_EPOCH, 100, 100);
    assert_scan(fixture, BOTH, NULL, 0, end, "");
    Filter *filter = filter_new();
    assert_true(filter_add(filter, "source", "museum", NULL));
    assert_scan(fixture, CHANNEL_STATEMENTS, filter, 0, start,
                "b/1 d/1 -c/2"); /* a withdrawal without words passes */
    filter_free(filter);
}

static void test_changes_leave_out_what_changed_since(void **state)
{
    ViewFixture *fixture = *state;
    put_some(fixture);
    g_autofree Cursor *start = make_cursor(VIEW_EPOCH, 1, 0);
    ViewScan *scan = begin_scan(fixture, BOTH, NULL, 0, start);
    put(fixture, make_statement("c", 2, "changed"));
    put_tick(fixture, "x", "2024-05-02", 1);
    commit(fixture);
    g_autofree char *rest = scan_rest(fixture, scan);
    assert_string_equal(rest, "b/1 d/1 e/1 z/1 -y");
    view_scan_free(scan);
}

static void test_too_many_changes_are_refused(void **state)
{
    ViewFixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    put_some(fixture);
    g_autofree Cursor *start = make_cursor(VIEW_EPOCH, 0, 0);
    ViewScan *scan = view_scan_changes(fixture->reader, BOTH, NULL, start, 8, &error);
    assert_non_null(scan);
    view_scan_free(scan);
    assert_null(view_scan_changes(fixture->reader, BOTH, NULL, start, 7, &error));
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE));
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, view_fixture_setup, view_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_snapshot_ends_with_the_newest),
        TEST(test_a_snapshot_is_filtered_before_it_is_counted),
        TEST(test_ticks_come_in_the_order_of_lists),
        TEST(test_a_snapshot_leaves_out_what_changed_since),
        TEST(test_changes_come_in_the_order_of_their_records),
        TEST(test_changes_leave_out_what_changed_since),
        TEST(test_too_many_changes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
