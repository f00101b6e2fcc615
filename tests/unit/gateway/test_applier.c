/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <signal.h>
#include <sys/resource.h>

#include "common/error.h"
#include "common/metrics.h"
#include "replica.h"

#define MANY (1 << 30)

static int setup(void **state)
{
    return replica_setup(state, MANY);
}

/* The events of the whole log: "id/revision", "counter/date", "-id" for what is gone. */
static char *log_text(const Replica *replica)
{
    g_autoptr(GString) text = g_string_new(NULL);
    uint64_t position = 0;
    uint64_t next = 0;
    event_log_bounds(replica->log, &position, &next);
    for (;;) {
        g_autoptr(Event) event = NULL;
        size_t count = 0;
        assert_true(event_log_read(replica->log, &position, &event, 1, &count));
        if (count == 0)
            return g_string_free(g_steal_pointer(&text), FALSE);
        const Statement *statement = event_statement(event);
        const Tick *tick = event_tick(event);
        g_string_append(text, text->len ? " " : "");
        if (event_is_removal(event))
            g_string_append_printf(text, "-%s", tick->counter);
        else if (tick)
            g_string_append_printf(text, "%s/%s/%u", tick->counter, tick->date, tick->revision);
        else
            g_string_append_printf(text, "%s%s/%u",
                                   statement->status == STATEMENT_STATUS_WITHDRAWN ? "-" : "", statement->id,
                                   statement->revision);
    }
}

static void assert_log(const Replica *replica, const char *expected)
{
    g_autofree char *text = log_text(replica);
    assert_string_equal(text, expected);
}

/* "a" and "c" lie in partition 1, "b" in partition 0; the order within a batch is by partition. */
static void test_records_become_events_and_state(void **state)
{
    ReplicaFixture *fixture = *state;
    replica_publish(fixture, "a", 1);
    replica_publish(fixture, "b", 1);
    bus_tick(fixture->bus, make_tick("opened", "2024-05-01", 1));
    replica_follow(fixture->replica);
    assert_log(fixture->replica, "a/1 b/1 opened/2024-05-01/1");
    g_autoptr(Statement) found = view_reader_statement(fixture->replica->reader, "a", NULL);
    assert_int_equal(found->revision, 1);
    /* The state's number is that of the event which comes next. */
    uint64_t first = 0;
    uint64_t next = 0;
    uint64_t log_next = 0;
    g_autofree char *cursor = NULL;
    g_autofree char *log_cursor = event_log_cursor(fixture->replica->log);
    event_log_bounds(fixture->replica->log, &first, &next);
    assert_true(view_reader_begin(fixture->replica->reader, &log_next, &cursor, NULL));
    view_reader_end(fixture->replica->reader);
    assert_int_equal(log_next, next);
    assert_string_equal(cursor, log_cursor);
    g_autofree Cursor *parsed = cursor_parse(cursor);
    assert_int_equal(parsed->epoch, 7);
    assert_int_equal(parsed->positions[BUS_STATEMENTS].offset, 1);
    assert_int_equal(parsed->positions[BUS_STATEMENTS].stamp, cursor_stamp(fixture->bus->time));
}

static void test_what_is_not_newer_is_no_event(void **state)
{
    ReplicaFixture *fixture = *state;
    Metric *duplicates = metric_counter("daywire_gateway_duplicates_total", NULL, "");
    int64_t before = metric_value(duplicates);
    replica_publish(fixture, "a", 2);
    replica_publish(fixture, "a", 2);
    replica_publish(fixture, "a", 1);
    bus_statement(fixture->bus, make_statement("a", 3, "a"));
    bus_statement(fixture->bus, make_statement("a", 3, "a"));
    bus_tick(fixture->bus, make_tick("opened", "2024-05-02", 1));
    bus_tick(fixture->bus, make_tick("opened", "2024-05-02", 1));
    bus_tick(fixture->bus, make_tick("opened", "2024-05-01", 1));
    bus_tick(fixture->bus, make_tick("opened", "2024-05-02", 2));
    bus_removal(fixture->bus, "opened");
    bus_removal(fixture->bus, "opened");
    bus_tick(fixture->bus, make_tick("opened", "2024-05-02", 1));
    replica_follow(fixture->replica);
    assert_log(fixture->replica,
               "a/2 a/3 opened/2024-05-02/1 opened/2024-05-02/2 -opened opened/2024-05-02/1");
    assert_int_equal(metric_value(duplicates) - before, 6);
}

static void read_again(Replica *replica, size_t partition)
{
    replica->next[partition] = 0;
    replica_read(replica, partition, SIZE_MAX);
}

/* librdkafka may deliver a record again after a change of leader. */
static void test_a_record_delivered_again_is_no_event(void **state)
{
    ReplicaFixture *fixture = *state;
    Replica *replica = fixture->replica;
    static const int64_t beginning[BUS_PARTITIONS] = {0};
    for (size_t i = 0; i < 2; i++) {
        bus_statement(fixture->bus, make_statement("b", 1, "b")); /* partition 0 */
        bus_tick(fixture->bus, make_tick("opened", "2024-05-02", 1));
    }
    bus_removal(fixture->bus, "opened");
    replica_read(replica, 0, SIZE_MAX);
    replica_read(replica, BUS_STATEMENTS, SIZE_MAX);
    read_again(replica, 0); /* within a batch */
    read_again(replica, BUS_STATEMENTS);
    replica_flush(replica);
    read_again(replica, 0); /* in a later one */
    read_again(replica, BUS_STATEMENTS);
    replica_flush(replica);
    assert_log(replica, "b/1 opened/2024-05-02/1 -opened");
    replica_restart(replica, beginning);
    assert_log(replica, "b/1 opened/2024-05-02/1 -opened");
}

static void test_nonsense_is_skipped_and_counted(void **state)
{
    ReplicaFixture *fixture = *state;
    Metric *undecodable = metric_counter("daywire_gateway_undecodable_records_total", NULL, "");
    int64_t before = metric_value(undecodable);
    Statement *no_title = make_statement("b", 1, "");
    Statement *no_revision = make_statement("b", 0, "b");
    Statement *script = make_statement("b", 1, "b");
    message_set_string(&script->url, "javascript:alert(1)");
    bus_statement(fixture->bus, no_title);
    bus_statement(fixture->bus, no_revision);
    bus_statement(fixture->bus, script);
    bus_tick(fixture->bus, make_tick("opened", "2024-02-30", 1));
    bus_tick(fixture->bus, make_tick("opened", "2024-02-29", 0));
    for (size_t i = 0; i < BUS_PARTITIONS; i++)
        bus_nonsense(fixture->bus, i);
    replica_publish(fixture, "a", 1);
    assert_log(fixture->replica, "a/1");
    assert_int_equal(metric_value(undecodable) - before, 5 + BUS_PARTITIONS);
    const Cursor *cursor = applier_cursor(fixture->replica->applier);
    for (size_t i = 0; i < BUS_PARTITIONS; i++)
        assert_int_equal(cursor->positions[i].offset, fixture->bus->partitions[i]->len);
}

static void test_a_withdrawal_is_one_though_it_has_text(void **state)
{
    ReplicaFixture *fixture = *state;
    Statement *careless = make_withdrawal("a", 2);
    message_set_string(&careless->body, "what was said");
    replica_publish(fixture, "a", 1);
    bus_statement(fixture->bus, careless);
    replica_follow(fixture->replica);
    assert_log(fixture->replica, "-a/2");
}

static void count_wake(void *user)
{
    ++*(int *)user;
}

static void test_clients_are_woken_once_a_batch_when_live(void **state)
{
    ReplicaFixture *fixture = *state;
    int wakes = 0;
    event_log_listen(fixture->replica->log, count_wake, &wakes);
    bus_statement(fixture->bus, make_statement("a", 1, "a"));
    bus_statement(fixture->bus, make_statement("b", 1, "b"));
    replica_read(fixture->replica, 0, 10);
    replica_read(fixture->replica, 1, 10);
    assert_true(applier_flush(fixture->replica->applier, NOON, false, NULL));
    assert_int_equal(wakes, 0);
    replica_publish(fixture, "c", 1);
    assert_int_equal(wakes, 1);
}

/* -- a new process -- */

static void test_the_window_is_filled_again(void **state)
{
    ReplicaFixture *fixture = *state;
    const int64_t from[BUS_PARTITIONS] = {1, 0, 1};
    replica_publish(fixture, "b", 1);
    replica_publish(fixture, "b", 2);
    replica_publish(fixture, "a", 1);
    replica_publish(fixture, "a", 2);
    bus_repeat(fixture->bus, 1);
    bus_tick(fixture->bus, make_tick("opened", "2024-05-01", 1));
    bus_tick(fixture->bus, make_tick("opened", "2024-05-02", 1));
    replica_follow(fixture->replica);
    assert_log(fixture->replica, "b/1 b/2 a/1 a/2 opened/2024-05-01/1 opened/2024-05-02/1");
    int64_t sequence = view_sequence(fixture->replica->view);
    g_autofree Cursor *before = cursor_copy(applier_cursor(fixture->replica->applier));

    replica_restart(fixture->replica, from);
    assert_log(fixture->replica, "b/2 a/1 a/2 opened/2024-05-02/1");
    assert_int_equal(view_sequence(fixture->replica->view), sequence);
    assert_true(cursor_is_behind(before, applier_cursor(fixture->replica->applier)));
    assert_true(cursor_is_behind(applier_cursor(fixture->replica->applier), before));
    replica_publish(fixture, "a", 3);
    replica_publish(fixture, "a", 3);
    assert_log(fixture->replica, "b/2 a/1 a/2 opened/2024-05-02/1 a/3");

    /* What came while nobody was there is applied after the fill. */
    bus_statement(fixture->bus, make_statement("a", 4, "a"));
    replica_restart(fixture->replica, from);
    assert_log(fixture->replica, "b/2 a/1 a/2 a/3 a/4 opened/2024-05-02/1");
    g_autoptr(Statement) found = view_reader_statement(fixture->replica->reader, "a", NULL);
    assert_int_equal(found->revision, 4);
}

/* The record on which the view stands is read again as a proof; here it is a copy of one before it. */
static void test_a_copy_is_no_event_when_the_original_lies_before_the_window(void **state)
{
    ReplicaFixture *fixture = *state;
    const int64_t from[BUS_PARTITIONS] = {INT64_MAX, INT64_MAX, INT64_MAX};
    replica_publish(fixture, "a", 1);
    bus_repeat(fixture->bus, 1);
    bus_tick(fixture->bus, make_tick("opened", "2024-05-01", 1));
    bus_repeat(fixture->bus, BUS_STATEMENTS);
    replica_follow(fixture->replica);
    replica_restart(fixture->replica, from);
    assert_log(fixture->replica, "");
}

/* A partition whose last records are no longer there, or are control records, is not read to where the view
 * stands. Its events' cursors must not stay behind for ever: whoever resumes would get frames of his own. */
static void test_cursors_are_never_behind_the_view(void **state)
{
    ReplicaFixture *fixture = *state;
    const int64_t from[BUS_PARTITIONS] = {INT64_MAX, INT64_MAX, INT64_MAX};
    replica_publish(fixture, "a", 1);
    replica_publish(fixture, "b", 1);
    bus_tick(fixture->bus, make_tick("opened", "2024-05-01", 1));
    replica_follow(fixture->replica);
    g_autofree Cursor *before = cursor_copy(applier_cursor(fixture->replica->applier));
    GPtrArray *gone = fixture->bus->partitions[0];
    fixture->bus->partitions[0] = g_ptr_array_new_with_free_func((GDestroyNotify)bus_record_free);
    replica_restart(fixture->replica, from);
    g_autofree char *text = event_log_cursor(fixture->replica->log);
    g_autofree Cursor *quiet = cursor_parse(text);
    assert_true(cursor_is_behind(before, quiet));
    replica_publish(fixture, "a", 2);
    g_autofree char *next_text = event_log_cursor(fixture->replica->log);
    g_autofree Cursor *next = cursor_parse(next_text);
    assert_true(cursor_is_behind(before, next));
    g_ptr_array_unref(gone);
}

static void test_withdrawn_text_does_not_come_back(void **state)
{
    ReplicaFixture *fixture = *state;
    const int64_t from[BUS_PARTITIONS] = {0};
    replica_publish(fixture, "a", 1);
    replica_publish(fixture, "c", 1);
    bus_statement(fixture->bus, make_withdrawal("a", 2));
    replica_follow(fixture->replica);
    replica_restart(fixture->replica, from);
    assert_log(fixture->replica, "c/1 -a/2");
}

/* -- another bus -- */

static void test_a_record_of_another_time_is_another_bus(void **state)
{
    ReplicaFixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    replica_publish(fixture, "a", 1);
    replica_publish(fixture, "a", 2);
    g_autofree Cursor *from = cursor_copy(applier_cursor(fixture->replica->applier));
    from->positions[1].offset = 0;
    applier_start(fixture->replica->applier, from, BUS_STATEMENTS, false);
    BusRecord *first = fixture->bus->partitions[1]->pdata[0];
    BusRecord *last = fixture->bus->partitions[1]->pdata[1];
    assert_true(applier_add(fixture->replica->applier, first, &error));
    assert_true(applier_add(fixture->replica->applier, last, &error));
    assert_log(fixture->replica, "a/1 a/2");
    last->timestamp += INSTANT_SECOND;
    assert_false(applier_add(fixture->replica->applier, last, &error));
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_LOST));
    assert_string_equal(error->message,
                        "record 1 of daywire.statements, partition 1, is not the one that was read "
                        "there before");
}

static void test_another_bus_begins_with_nothing(void **state)
{
    ReplicaFixture *fixture = *state;
    Bus *other = bus_new(8);
    replica_publish(fixture, "a", 5);
    replica_publish(fixture, "c", 1);
    uint64_t first = 0;
    uint64_t before = 0;
    event_log_bounds(fixture->replica->log, &first, &before);
    bus_statement(other, make_statement("a", 1, "a"));
    replica_change_bus(fixture->replica, other);
    assert_log(fixture->replica, "");
    assert_null(view_reader_statement(fixture->replica->reader, "c", NULL));
    replica_follow(fixture->replica);
    assert_log(fixture->replica, "a/1");
    uint64_t next = 0;
    event_log_bounds(fixture->replica->log, &first, &next);
    assert_true(first > before); /* nobody's position is still good */
    bus_free(other);
}

/* -- a full disk -- */

static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* The records are kept, and applied when there is room again; no event is lost, none is there twice. */
static void test_a_full_disk_loses_and_repeats_nothing(void **state)
{
    ReplicaFixture *fixture = *state;
    signal(SIGXFSZ, SIG_IGN);
    replica_publish(fixture, "a", 1);
    for (int i = 0; i < 20; i++) {
        g_autofree char *id = g_strdup_printf("%dc", i);
        g_autofree char *title = g_strnfill(900, 'x');
        bus_statement(fixture->bus, make_statement(id, 1, title));
    }
    bus_statement(fixture->bus, make_statement("a", 2, "a"));
    bus_repeat(fixture->bus, 1);
    replica_read(fixture->replica, 0, 100);
    replica_read(fixture->replica, 1, 100);
    limit_files(20000);
    for (int i = 0; i < 3; i++) {
        g_autoptr(GError) error = NULL;
        bool flushed = applier_flush(fixture->replica->applier, NOON, true, &error);
        if (flushed)
            limit_files(RLIM_INFINITY);
        assert_false(flushed);
        assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE));
    }
    limit_files(RLIM_INFINITY);
    replica_flush(fixture->replica);
    uint64_t first = 0;
    uint64_t next = 0;
    uint64_t log_next = 0;
    g_autofree char *cursor = NULL;
    event_log_bounds(fixture->replica->log, &first, &next);
    assert_int_equal(next - first, 1 + 20 + 1);
    assert_true(view_reader_begin(fixture->replica->reader, &log_next, &cursor, NULL));
    view_reader_end(fixture->replica->reader);
    assert_int_equal(log_next, next);
    g_autoptr(Statement) found = view_reader_statement(fixture->replica->reader, "a", NULL);
    assert_int_equal(found->revision, 2);
    replica_publish(fixture, "a", 3);
    event_log_bounds(fixture->replica->log, &first, &next);
    assert_int_equal(next - first, 23);
}

static void test_a_batch_is_bounded(void **state)
{
    ReplicaFixture *fixture = *state;
    g_autofree char *body = g_strnfill(400000, 'x');
    size_t taken = 0;
    for (; !applier_is_full(fixture->replica->applier); taken++) {
        Statement *statement = make_statement("a", (unsigned)taken + 1, "a");
        message_set_string(&statement->body, body);
        bus_statement(fixture->bus, statement);
        replica_read(fixture->replica, 1, 1);
    }
    assert_true(taken > 1 && taken < 20);
    replica_flush(fixture->replica);
    assert_false(applier_is_full(fixture->replica->applier));
    for (taken = 0; !applier_is_full(fixture->replica->applier); taken++) {
        bus_nonsense(fixture->bus, 0);
        replica_read(fixture->replica, 0, 1);
    }
    assert_int_equal(taken, 1000);
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, setup, replica_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_records_become_events_and_state),
        TEST(test_what_is_not_newer_is_no_event),
        TEST(test_a_record_delivered_again_is_no_event),
        TEST(test_nonsense_is_skipped_and_counted),
        TEST(test_a_withdrawal_is_one_though_it_has_text),
        TEST(test_clients_are_woken_once_a_batch_when_live),
        TEST(test_the_window_is_filled_again),
        TEST(test_a_copy_is_no_event_when_the_original_lies_before_the_window),
        TEST(test_cursors_are_never_behind_the_view),
        TEST(test_withdrawn_text_does_not_come_back),
        TEST(test_a_record_of_another_time_is_another_bus),
        TEST(test_another_bus_begins_with_nothing),
        TEST(test_a_full_disk_loses_and_repeats_nothing),
        TEST(test_a_batch_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
