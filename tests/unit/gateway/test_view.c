/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <sqlite3.h>

#include "view_fixture.h"

static void test_an_empty_view_stands_nowhere(void **state)
{
    ViewFixture *fixture = *state;
    uint64_t log_next = 0;
    g_autofree char *cursor = NULL;
    assert_null(view_cursor(fixture->view));
    assert_true(view_reader_begin(fixture->reader, &log_next, &cursor, NULL));
    assert_null(cursor);
    view_reader_end(fixture->reader);
    assert_null(find(fixture, "quay"));
    assert_list(fixture, (ViewQuery){0}, "");
}

static void test_everything_of_a_statement_is_kept(void **state)
{
    ViewFixture *fixture = *state;
    Statement *statement = make_statement("quay", 1, "Quay \xf0\x9f\x9a\xa2");
    message_set_string(&statement->body, "Paragraph one.\n\nParagraph two.");
    statement->body_type = BODY_TYPE_PLAIN;
    statement_add_tag(statement, "harbour");
    statement->published_at = instant_to_timestamp(NOON + 1);
    g_autoptr(Statement) copy = statement_copy(statement);
    put(fixture, statement);
    commit(fixture);
    g_autoptr(Statement) found = find(fixture, "quay");
    g_autoptr(GBytes) expected = statement_pack(copy);
    g_autoptr(GBytes) got = statement_pack(found);
    assert_true(g_bytes_equal(expected, got));
}

static void test_only_newer_revisions_are_applied(void **state)
{
    ViewFixture *fixture = *state;
    put(fixture, make_statement("quay", 2, "second"));
    int64_t sequence = view_sequence(fixture->view);
    put(fixture, make_statement("quay", 2, "second again"));
    put(fixture, make_statement("quay", 1, "first"));
    assert_int_equal(view_sequence(fixture->view), sequence);
    put(fixture, make_statement("quay", 3, "third"));
    assert_int_equal(view_sequence(fixture->view), sequence + 1);
    commit(fixture);
    g_autoptr(Statement) found = find(fixture, "quay");
    assert_string_equal(found->title, "third");
}

static void test_a_tick_never_goes_back(void **state)
{
    ViewFixture *fixture = *state;
    put_tick(fixture, "opened", "2024-05-01", 2);
    int64_t sequence = view_sequence(fixture->view);
    put_tick(fixture, "opened", "2024-05-01", 2);
    put_tick(fixture, "opened", "2024-05-01", 1);
    put_tick(fixture, "opened", "2024-04-30", 9);
    assert_int_equal(view_sequence(fixture->view), sequence);
    put_tick(fixture, "opened", "2024-05-01", 3);
    put_tick(fixture, "opened", "2024-05-02", 1);
    put_tick(fixture, "closed", "2024-05-01", 1);
    assert_int_equal(view_sequence(fixture->view), sequence + 3);
    commit(fixture);
    g_autoptr(GPtrArray) ticks = view_reader_ticks(fixture->reader, NULL);
    assert_int_equal(ticks->len, 2);
    assert_string_equal(((Tick *)ticks->pdata[0])->counter, "closed");
    assert_string_equal(((Tick *)ticks->pdata[1])->date, "2024-05-02");
}

static void test_a_removed_counter_can_come_back(void **state)
{
    ViewFixture *fixture = *state;
    put_tick(fixture, "opened", "2024-05-02", 1);
    assert_true(view_remove_counter(fixture->view, "opened", 1, fixture->offset++, NULL));
    int64_t sequence = view_sequence(fixture->view);
    assert_true(view_remove_counter(fixture->view, "opened", 1, fixture->offset++, NULL));
    assert_int_equal(view_sequence(fixture->view), sequence);
    commit(fixture);
    g_autoptr(GPtrArray) none = view_reader_ticks(fixture->reader, NULL);
    assert_int_equal(none->len, 0);
    put_tick(fixture, "opened", "2024-05-01", 1);
    commit(fixture);
    g_autoptr(GPtrArray) back = view_reader_ticks(fixture->reader, NULL);
    assert_int_equal(back->len, 1);
}

static void test_records_are_remembered_as_news_or_not(void **state)
{
    ViewFixture *fixture = *state;
    bool news = false;
    assert_true(view_put_record(fixture->view, 0, 4, 7, true, NULL));
    assert_true(view_put_record(fixture->view, 0, 5, 7, false, NULL));
    assert_true(view_find_record(fixture->view, 0, 4, &news, NULL));
    assert_true(news);
    assert_true(view_find_record(fixture->view, 0, 5, &news, NULL));
    assert_false(news);
    assert_true(view_find_record(fixture->view, 1, 5, &news, NULL));
    assert_true(news); /* nothing is known */
}

static void test_readers_see_whole_transactions(void **state)
{
    ViewFixture *fixture = *state;
    uint64_t log_next = 0;
    g_autofree char *cursor = NULL;
    g_autofree char *expected = cursor_text(VIEW_EPOCH, 1, 0);
    put(fixture, make_statement("quay", 1, "first"));
    assert_null(find(fixture, "quay"));
    commit(fixture);
    assert_true(view_reader_begin(fixture->reader, &log_next, &cursor, NULL));
    assert_int_equal(log_next, 2);
    assert_string_equal(cursor, expected);
    put(fixture, make_statement("quay", 2, "second"));
    commit(fixture);
    g_autoptr(Statement) before = find(fixture, "quay");
    assert_string_equal(before->title, "first");
    view_reader_end(fixture->reader);
    g_autoptr(Statement) after = find(fixture, "quay");
    assert_string_equal(after->title, "second");
}

static void test_rollback_leaves_no_trace(void **state)
{
    ViewFixture *fixture = *state;
    put(fixture, make_statement("quay", 1, "first"));
    commit(fixture);
    int64_t sequence = view_sequence(fixture->view);
    put(fixture, make_statement("quay", 2, "second"));
    view_rollback(fixture->view);
    assert_int_equal(view_sequence(fixture->view), sequence);
    put(fixture, make_statement("quay", 2, "second after all"));
    commit(fixture);
    g_autoptr(Statement) found = find(fixture, "quay");
    assert_string_equal(found->title, "second after all");
}

static void test_a_view_is_kept_when_it_is_opened_again(void **state)
{
    ViewFixture *fixture = *state;
    put(fixture, make_statement("quay", 1, "first"));
    put(fixture, make_statement("tide", 1, "not committed"));
    fixture->offset = 1;
    view_rollback(fixture->view);
    put(fixture, make_statement("quay", 1, "first"));
    commit(fixture);
    put(fixture, make_statement("tide", 1, "not committed"));
    int64_t sequence = view_sequence(fixture->view);
    view_free(fixture->view);
    fixture->view = view_fixture_open(fixture->path);
    assert_int_equal(view_sequence(fixture->view), sequence - 1);
    g_autofree Cursor *cursor = view_cursor(fixture->view);
    assert_int_equal(cursor->epoch, VIEW_EPOCH);
    assert_int_equal(cursor->positions[0].offset, 2);
    g_autoptr(Statement) found = find(fixture, "quay");
    assert_non_null(found);
    assert_null(find(fixture, "tide"));
}

static void test_clearing_is_part_of_a_transaction(void **state)
{
    ViewFixture *fixture = *state;
    Statement *statement = make_statement("quay", 1, "first");
    statement_add_tag(statement, "harbour");
    put(fixture, statement);
    put_tick(fixture, "opened", "2024-05-01", 1);
    commit(fixture);
    assert_true(view_clear(fixture->view, NULL));
    g_autoptr(Statement) still = find(fixture, "quay");
    assert_non_null(still);
    put(fixture, make_statement("tide", 1, "first of another bus"));
    commit(fixture);
    assert_null(find(fixture, "quay"));
    g_autoptr(GPtrArray) ticks = view_reader_ticks(fixture->reader, NULL);
    assert_int_equal(ticks->len, 0);
    assert_list(fixture, (ViewQuery){0}, "tide");
    assert_list(fixture, (ViewQuery){.search = "first"}, "tide");
    assert_list(fixture, (ViewQuery){.tag = "harbour"}, "");
}

/* What people read of a withdrawn statement is its note; its text is nowhere. */
static void test_a_withdrawal_takes_the_text_away(void **state)
{
    ViewFixture *fixture = *state;
    Statement *statement = make_statement("quay", 1, "Secretword");
    message_set_string(&statement->body, "secretword again");
    put(fixture, statement);
    commit(fixture);
    assert_list(fixture, (ViewQuery){.search = "secretword"}, "quay");
    Statement *withdrawal = make_withdrawal("quay", 2);
    message_set_string(&withdrawal->title, "Secretword"); /* a careless producer */
    put(fixture, withdrawal);
    commit(fixture);
    g_autoptr(Statement) found = find(fixture, "quay");
    assert_int_equal(found->status, STATEMENT_STATUS_WITHDRAWN);
    assert_string_equal(found->note, "Published by mistake.");
    assert_string_equal(found->title, "");
    assert_list(fixture, (ViewQuery){.search = "secretword"}, "");
    assert_list(fixture, (ViewQuery){.search = "secretword", .withdrawn = true}, "");
    assert_list(fixture, (ViewQuery){0}, "");
    assert_list(fixture, (ViewQuery){.withdrawn = true}, "quay");
    put(fixture, make_statement("quay", 3, "Published anew"));
    commit(fixture);
    assert_list(fixture, (ViewQuery){.search = "anew"}, "quay");
}

static void assert_knows(const ViewFixture *fixture, uint32_t epoch, int64_t offset, uint32_t stamp,
                         bool expected)
{
    g_autofree Cursor *cursor = make_cursor(epoch, offset, 0);
    bool known = !expected;
    cursor->positions[0].stamp = stamp;
    assert_true(view_reader_knows(fixture->reader, cursor, &known, NULL));
    if (known != expected)
        fail_msg("offset %d with stamp %u", (int)offset, stamp);
}

static void test_a_cursor_is_known_by_the_record_it_stands_on(void **state)
{
    ViewFixture *fixture = *state;
    assert_knows(fixture, VIEW_EPOCH, 0, 0, false); /* nothing is known yet */
    for (int64_t offset = 10; offset < 20; offset++)
        assert_true(view_put_record(fixture->view, 0, offset, 100000 + (uint32_t)offset, true, NULL));
    for (int64_t offset = 30; offset < 40; offset++)
        assert_true(view_put_record(fixture->view, 0, offset, 200000 + (uint32_t)offset, true, NULL));
    g_autofree Cursor *end = make_cursor(VIEW_EPOCH, 40, 0);
    end->positions[0].stamp = 200039;
    assert_true(view_commit(fixture->view, end, 1, NULL));
    assert_knows(fixture, VIEW_EPOCH, 0, 0, true);
    assert_knows(fixture, VIEW_EPOCH, 15, 100014, true);
    assert_knows(fixture, VIEW_EPOCH, 15, 100015, false);
    assert_knows(fixture, VIEW_EPOCH, 40, 200039, true);
    assert_knows(fixture, VIEW_EPOCH, 40, 200040, false);
    assert_knows(fixture, VIEW_EPOCH + 1, 15, 100014, false);
    assert_knows(fixture, VIEW_EPOCH, 15, 0, true);      /* says nothing */
    assert_knows(fixture, VIEW_EPOCH, 41, 200039, true); /* beyond what we have read */
    assert_knows(fixture, VIEW_EPOCH, 41, 200038, false);
    assert_knows(fixture, VIEW_EPOCH, 1000, 300000, true);
    assert_knows(fixture, VIEW_EPOCH, 1000, 190000, false); /* the topic is another one, and shorter */
    assert_knows(fixture, VIEW_EPOCH, 25, 150000, true);    /* compacted away: between its neighbours */
    assert_knows(fixture, VIEW_EPOCH, 25, 90000, false);
    assert_knows(fixture, VIEW_EPOCH, 25, 250000, false);
    assert_knows(fixture, VIEW_EPOCH, 5, 90000, true);
    assert_knows(fixture, VIEW_EPOCH, 5, 110000, false);
    g_autofree Cursor *ticks = make_cursor(VIEW_EPOCH, 0, 5);
    bool known = true;
    ticks->positions[1].stamp = 200000;
    assert_true(view_reader_knows(fixture->reader, ticks, &known, NULL));
    assert_false(known); /* where there is nothing yet */
    g_autofree Cursor *wide = cursor_new(VIEW_EPOCH, 3);
    assert_true(view_reader_knows(fixture->reader, wide, &known, NULL));
    assert_false(known);
}

static void test_records_are_kept_in_bounds(void **state)
{
    ViewFixture *fixture = *state;
    const int64_t count = VIEW_RECORDS_MAX / 2 + 5000;
    for (int64_t offset = 0; offset < count; offset++)
        assert_true(view_put_record(fixture->view, 0, offset, 7, true, NULL));
    fixture->offset = count;
    commit(fixture);
    sqlite3 *database = NULL;
    sqlite3_stmt *query = NULL;
    assert_int_equal(sqlite3_open_v2(fixture->path, &database, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(database, "SELECT count(*), min(record_offset) FROM record", -1, &query, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(query), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int64(query, 0), VIEW_RECORDS_MAX / 2); /* there are two partitions */
    assert_int_equal(sqlite3_column_int64(query, 1), 5000);
    sqlite3_finalize(query);
    sqlite3_close(database);
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, view_fixture_setup, view_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_an_empty_view_stands_nowhere),
        TEST(test_everything_of_a_statement_is_kept),
        TEST(test_only_newer_revisions_are_applied),
        TEST(test_a_tick_never_goes_back),
        TEST(test_a_removed_counter_can_come_back),
        TEST(test_records_are_remembered_as_news_or_not),
        TEST(test_readers_see_whole_transactions),
        TEST(test_rollback_leaves_no_trace),
        TEST(test_a_view_is_kept_when_it_is_opened_again),
        TEST(test_clearing_is_part_of_a_transaction),
        TEST(test_a_withdrawal_takes_the_text_away),
        TEST(test_a_cursor_is_known_by_the_record_it_stands_on),
        TEST(test_records_are_kept_in_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
