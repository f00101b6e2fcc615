/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <pthread.h>

#include "gateway/event_log.h"
#include "stream_fixture.h"

#define EPOCH 7
#define HOUR  (3600 * INSTANT_SECOND)
#define MANY  (1 << 30)

static void append_event(EventLog *log, Event *event, Instant now)
{
    event_log_append(log, event, now);
    event_unref(event);
}

/* Statement `id` at `offset` of partition 0; the ticks stand at 0. */
static void append(EventLog *log, const char *id, int64_t offset, Instant now)
{
    g_autofree char *cursor = cursor_text(EPOCH, offset + 1, 0);
    append_event(log, event_new_statement(make_statement(id, 1, id), cursor, 0, offset, now), now);
}

static void withdraw(EventLog *log, const char *id, int64_t offset, Instant now)
{
    g_autofree char *cursor = cursor_text(EPOCH, offset + 1, 0);
    append_event(log, event_new_statement(make_withdrawal(id, 2), cursor, 0, offset, now), now);
}

static void assert_bounds(const EventLog *log, uint64_t first, uint64_t next)
{
    uint64_t got_first = 0;
    uint64_t got_next = 0;
    event_log_bounds(log, &got_first, &got_next);
    assert_int_equal(got_first, first);
    assert_int_equal(got_next, next);
}

/* The ids from *position on, separated by spaces; "gone" when the position is. */
static char *read_ids(const EventLog *log, uint64_t *position, size_t max)
{
    Event *events[16];
    size_t count = 0;
    g_autoptr(GString) ids = g_string_new(NULL);
    if (!event_log_read(log, position, events, max, &count)) {
        assert_int_equal(count, 0);
        return g_strdup("gone");
    }
    for (size_t i = 0; i < count; i++) {
        g_string_append_printf(ids, "%s%s", i > 0 ? " " : "", event_statement(events[i])->id);
        event_unref(events[i]);
    }
    return g_string_free(g_steal_pointer(&ids), FALSE);
}

static void assert_reads(const EventLog *log, uint64_t from, const char *expected, uint64_t to)
{
    g_autofree char *ids = read_ids(log, &from, 16);
    assert_string_equal(ids, expected);
    assert_int_equal(from, to);
}

static void test_readers_get_what_was_appended_in_order(void **state)
{
    (void)state;
    EventLog *log = event_log_new(MANY, HOUR);
    uint64_t position = 1;
    assert_bounds(log, 1, 1);
    assert_reads(log, 1, "", 1);
    append(log, "a", 0, NOON);
    append(log, "b", 1, NOON);
    append(log, "c", 2, NOON);
    assert_bounds(log, 1, 4);
    assert_reads(log, 1, "a b c", 4);
    assert_reads(log, 3, "c", 4);
    assert_reads(log, 4, "", 4);
    assert_reads(log, 9, "", 9); /* a view may be ahead of the log */
    g_autofree char *first = read_ids(log, &position, 2);
    assert_string_equal(first, "a b");
    assert_int_equal(position, 3);
    event_log_free(log);
    event_log_free(NULL);
}

static void test_old_events_are_dropped(void **state)
{
    (void)state;
    EventLog *log = event_log_new(MANY, HOUR);
    append(log, "a", 0, NOON);
    append(log, "b", 1, NOON + HOUR / 2);
    append(log, "c", 2, NOON + HOUR + 1);
    assert_bounds(log, 2, 4);
    assert_reads(log, 1, "gone", 1);
    assert_reads(log, 2, "b c", 4);
    event_log_trim(log, NOON + 3 * HOUR);
    assert_bounds(log, 4, 4);
    assert_reads(log, 4, "", 4);
    event_log_free(log);
}

static void test_bytes_are_bounded_but_for_the_newest_event(void **state)
{
    (void)state;
    EventLog *log = event_log_new(10000, HOUR);
    for (int64_t i = 0; i < 1000; i++)
        append(log, "a", i, NOON);
    uint64_t first = 0;
    uint64_t next = 0;
    event_log_bounds(log, &first, &next);
    assert_int_equal(next, 1001);
    assert_true(next - first >= 2 && next - first <= 10);
    g_autofree char *title = g_strnfill(20000, 'x');
    append_event(log, event_new_statement(make_statement("big", 1, title), "", 0, 1000, NOON), NOON);
    assert_bounds(log, 1001, 1002);
    event_log_free(log);
}

/* A batch stays until the view has it, so that a state of the view is never behind the log. */
static void test_a_batch_that_is_held_is_not_dropped(void **state)
{
    (void)state;
    EventLog *log = event_log_new(1, HOUR);
    append(log, "a", 0, NOON);
    append(log, "b", 1, NOON);
    assert_bounds(log, 2, 3);
    event_log_hold(log);
    append(log, "c", 2, NOON);
    append(log, "d", 3, NOON + 2 * HOUR);
    withdraw(log, "c", 4, NOON);
    append(log, "e", 5, NOON);
    assert_bounds(log, 3, 7);
    assert_reads(log, 3, "d c e", 7);
    event_log_trim(log, NOON);
    assert_bounds(log, 6, 7);
    append(log, "f", 6, NOON);
    assert_bounds(log, 7, 8);
    event_log_free(log);
}

static void test_a_withdrawal_takes_the_earlier_events_along(void **state)
{
    (void)state;
    EventLog *log = event_log_new(MANY, HOUR);
    uint64_t position = 1;
    append(log, "a", 0, NOON);
    append(log, "b", 1, NOON);
    append(log, "a", 2, NOON);
    append(log, "ab", 3, NOON);
    withdraw(log, "a", 4, NOON);
    append(log, "c", 5, NOON);
    assert_bounds(log, 2, 7); /* a hole at the head is no event */
    assert_reads(log, 2, "b ab a c", 7);
    assert_reads(log, 3, "ab a c", 7);
    position = 3;
    g_autofree char *one = read_ids(log, &position, 1);
    assert_string_equal(one, "ab");
    assert_int_equal(position, 5);
    append(log, "a", 6, NOON); /* published anew */
    assert_reads(log, 5, "a c a", 8);
    event_log_free(log);
}

static void assert_seek(const EventLog *log, const char *cursor, bool found, uint64_t expected)
{
    g_autofree Cursor *parsed = cursor_parse(cursor);
    uint64_t position = 0;
    assert_int_equal(event_log_seek(log, parsed, &position), found);
    assert_int_equal(position, found ? expected : 0);
}

static void assert_seek_at(const EventLog *log, int64_t statements, int64_t ticks, bool found,
                           uint64_t expected)
{
    g_autofree char *cursor = cursor_text(EPOCH, statements, ticks);
    assert_seek(log, cursor, found, expected);
}

static void test_seek_finds_where_a_cursor_goes_on(void **state)
{
    (void)state;
    EventLog *log = event_log_new(MANY, HOUR);
    g_autofree char *start = cursor_text(EPOCH, 10, 0);
    g_autofree char *foreign = cursor_text(EPOCH + 1, 12, 0);
    assert_seek_at(log, 10, 0, false, 0); /* nobody said where the log begins */
    event_log_set_cursor(log, start);
    assert_seek_at(log, 10, 0, true, 1);
    assert_seek_at(log, 9, 0, false, 0);
    for (int64_t offset = 10; offset < 30; offset++)
        append(log, offset == 12 || offset == 29 ? "x" : "a", offset, NOON);
    for (int64_t offset = 10; offset <= 30; offset++)
        assert_seek_at(log, offset, 0, true, (uint64_t)offset - 9);
    assert_seek_at(log, 9, 0, false, 0);
    assert_seek_at(log, 40, 0, true, 21); /* another replica is ahead */
    assert_seek_at(log, 15, 4, true, 6);
    assert_seek(log, foreign, false, 0);
    withdraw(log, "a", 30, NOON); /* nearly all of it is holes now */
    for (int64_t offset = 10; offset <= 31; offset++) {
        g_autofree Cursor *cursor = make_cursor(EPOCH, offset, 0);
        uint64_t position = 0;
        assert_true(event_log_seek(log, cursor, &position));
        g_autofree char *ids = read_ids(log, &position, 16);
        assert_string_equal(ids, offset <= 12 ? "x x a" : offset <= 29 ? "x a" : offset == 30 ? "a" : "");
    }
    event_log_free(log);
}

/* Once its events are dropped, the log no longer reaches back to before them. */
static void test_seek_knows_what_was_dropped(void **state)
{
    (void)state;
    EventLog *log = event_log_new(MANY, HOUR);
    g_autofree char *start = cursor_text(EPOCH, 10, 0);
    event_log_set_cursor(log, start);
    append(log, "a", 10, NOON);
    append(log, "b", 15, NOON);
    append(log, "c", 16, NOON + 2 * HOUR);
    assert_seek_at(log, 15, 0, false, 0);
    assert_seek_at(log, 16, 0, true, 3);
    event_log_trim(log, NOON + 4 * HOUR);
    assert_seek_at(log, 16, 0, false, 0);
    assert_seek_at(log, 17, 0, true, 4);
    event_log_free(log);
}

static void test_clearing_leaves_all_readers_behind(void **state)
{
    (void)state;
    EventLog *log = event_log_new(MANY, HOUR);
    g_autofree char *other = cursor_text(EPOCH + 1, 0, 0);
    append(log, "a", 0, NOON);
    append(log, "b", 1, NOON);
    uint64_t expected = event_log_next_after_clear(log);
    assert_int_equal(event_log_clear(log, other), expected);
    assert_bounds(log, expected, expected);
    assert_reads(log, 2, "gone", 2);
    assert_reads(log, 3, "gone", 3); /* had read everything */
    assert_reads(log, expected, "", expected);
    g_autofree char *cursor = event_log_cursor(log);
    assert_string_equal(cursor, other);
    assert_seek(log, other, true, expected);
    append(log, "c", 0, NOON);
    assert_reads(log, expected, "c", expected + 1);
    event_log_free(log);
}

static void test_the_cursor_is_the_last_events(void **state)
{
    (void)state;
    EventLog *log = event_log_new(MANY, HOUR);
    g_autofree char *none = event_log_cursor(log);
    assert_string_equal(none, "");
    append(log, "a", 5, NOON);
    g_autofree char *expected = cursor_text(EPOCH, 6, 0);
    g_autofree char *cursor = event_log_cursor(log);
    assert_string_equal(cursor, expected);
    event_log_set_cursor(log, "quiet");
    g_autofree char *quiet = event_log_cursor(log);
    assert_string_equal(quiet, "quiet");
    event_log_free(log);
}

static void count_wake(void *user)
{
    ++*(int *)user;
}

static void test_listeners_are_called_when_it_is_published(void **state)
{
    (void)state;
    EventLog *log = event_log_new(MANY, HOUR);
    int first = 0;
    int second = 0;
    event_log_listen(log, count_wake, &first);
    event_log_listen(log, count_wake, &second);
    append(log, "a", 0, NOON);
    append(log, "b", 1, NOON);
    assert_int_equal(first, 0);
    event_log_publish(log);
    assert_int_equal(first, 1);
    assert_int_equal(second, 1);
    event_log_free(log);
}

/* -- one appends, four read -- */

#define READERS 4
#define EVENTS  20000

typedef struct {
    EventLog *log;
    gint *done;
    uint64_t events;
    uint64_t falls;
} Reader;

/* Each event has its number as its offset and in its frame: a reader sees them in order, none twice, and none
 * missing unless it fell out. */
static void *read_all(void *user)
{
    Reader *reader = user;
    uint64_t position = 1;
    int64_t expected = 1;
    for (bool last = false; !last;) {
        last = g_atomic_int_get(reader->done) != 0;
        Event *events[64];
        size_t count = 0;
        bool kept = event_log_read(reader->log, &position, events, G_N_ELEMENTS(events), &count);
        if (!kept) {
            uint64_t next = 0;
            event_log_bounds(reader->log, &position, &next);
            expected = (int64_t)position;
            reader->falls++;
            last = false;
            continue;
        }
        for (size_t i = 0; i < count; i++) {
            if (event_offset(events[i]) != expected ||
                g_bytes_get_size(event_frame(events[i], FORMAT_JSON)) < 100)
                abort();
            expected++;
            event_unref(events[i]);
        }
        reader->events += count;
        last = last && count == 0;
    }
    if (expected != EVENTS + 1)
        abort();
    return NULL;
}

static void test_one_appends_while_four_read(void **state)
{
    (void)state;
    EventLog *log = event_log_new(1 << 20, HOUR);
    gint done = 0;
    Reader readers[READERS];
    pthread_t threads[READERS];
    for (size_t i = 0; i < READERS; i++) {
        readers[i] = (Reader){.log = log, .done = &done};
        assert_int_equal(pthread_create(&threads[i], NULL, read_all, &readers[i]), 0);
    }
    for (int64_t n = 1; n <= EVENTS; n++) {
        append(log, "a", n, NOON);
        if (n % 100 == 0)
            event_log_trim(log, NOON);
    }
    g_atomic_int_set(&done, 1);
    for (size_t i = 0; i < READERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(readers[i].events > 0);
    }
    event_log_free(log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_readers_get_what_was_appended_in_order),
        cmocka_unit_test(test_old_events_are_dropped),
        cmocka_unit_test(test_bytes_are_bounded_but_for_the_newest_event),
        cmocka_unit_test(test_a_batch_that_is_held_is_not_dropped),
        cmocka_unit_test(test_a_withdrawal_takes_the_earlier_events_along),
        cmocka_unit_test(test_seek_finds_where_a_cursor_goes_on),
        cmocka_unit_test(test_seek_knows_what_was_dropped),
        cmocka_unit_test(test_clearing_leaves_all_readers_behind),
        cmocka_unit_test(test_the_cursor_is_the_last_events),
        cmocka_unit_test(test_listeners_are_called_when_it_is_published),
        cmocka_unit_test(test_one_appends_while_four_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
