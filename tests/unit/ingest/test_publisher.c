/* SPDX-License-Identifier: Apache-2.0 */
/* Which row goes when: the engine is played by the test. */
#include "unit.h"

#include "common/log.h"
#include "ingest/engine_fixture.h"
#include "ingest/publisher.h"

typedef struct {
    Fixture *base;
    Store *store;
    Publisher *publisher;
    GArray *confirmed; /* of Confirmation; not yet cleared */
} Run;

static void begin(Run *run)
{
    run->publisher = publisher_new(run->base->config);
    publisher_open(run->publisher);
}

static void end(Run *run)
{
    publisher_free(run->publisher, 0);
}

/* The next process knows what is in the database, and no more. `more` is a variable of the environment, or NULL. */
static void begin_anew(Run *run, const char *more)
{
    end(run);
    config_free(run->base->config);
    run->base->config = make_config(run->base, "never", more);
    begin(run);
}

static int setup(void **state)
{
    Run *run = g_new0(Run, 1);
    g_autoptr(GError) error = NULL;

    engine_setup((void **)&run->base);
    run->store = store_open(run->base->path, &error);
    assert_non_null(run->store);
    run->confirmed = g_array_new(FALSE, FALSE, sizeof(Confirmation));
    g_array_set_clear_func(run->confirmed, (GDestroyNotify)confirmation_clear);
    begin(run);
    *state = run;
    return 0;
}

static int teardown(void **state)
{
    Run *run = *state;

    end(run);
    store_close(run->store);
    g_array_unref(run->confirmed);
    engine_teardown((void **)&run->base);
    g_free(run);
    return 0;
}

static void add_titled(Run *run, const char *id, uint32_t revision, const char *title)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) packed = NULL;
    g_autoptr(Statement) statement = text(id, title);
    int64_t position = 0;

    statement->revision = revision;
    statement->change = STATEMENT_CHANGE_PUBLISHED;
    statement->updated_at = instant_to_timestamp(g_get_real_time());
    assert_true(store_begin(run->store, &error));
    assert_true(store_add(run->store, statement, NULL, &position, &packed, &error));
    assert_true(store_commit(run->store, &error));
    publisher_row_added(run->publisher, position, statement, packed);
}

static void add(Run *run, const char *id, uint32_t revision)
{
    add_titled(run, id, revision, "A title");
}

static void put_back(Run *run, int64_t expected)
{
    g_autoptr(GError) error = NULL;
    int64_t count = 0;

    assert_true(store_begin(run->store, &error));
    assert_true(store_refill(run->store, &count, &error));
    assert_true(store_commit(run->store, &error));
    assert_true(count == expected);
    publisher_rows_put_back(run->publisher);
}

static void clear(Run *run)
{
    g_autoptr(GError) error = NULL;

    assert_true(store_begin(run->store, &error));
    for (guint i = 0; i < run->confirmed->len; i++)
        assert_true(
            store_outbox_clear(run->store, &g_array_index(run->confirmed, Confirmation, i).row, &error));
    assert_true(store_commit(run->store, &error));
    g_array_set_size(run->confirmed, 0);
}

static void turn_at(Run *run, int64_t now)
{
    g_autoptr(GError) error = NULL;

    publisher_poll(run->publisher, run->confirmed, now);
    assert_true(publisher_send(run->publisher, run->store, run->confirmed->len == 0, now, &error));
    g_usleep(1000);
}

static void turn(Run *run)
{
    turn_at(run, g_get_monotonic_time());
}

static void turn_until_confirmed(Run *run, guint count)
{
    int64_t end = g_get_monotonic_time() + DEADLINE_US;

    while (run->confirmed->len < count && g_get_monotonic_time() < end)
        turn(run);
    assert_int_equal(run->confirmed->len, count);
}

static void assert_topic(Run *run, unsigned count)
{
    assert_int_equal(count_records(run->base), count);
}

/* Neither waits for the other's rows to leave the outbox. */
static void test_a_refused_row_alone_is_sent_again(void **state)
{
    Run *run = *state;
    unsigned again = 0;

    add(run, "pier", 1);
    add(run, "ferry", 1);
    turn_until_confirmed(run, 2);
    embedded_broker_fail(run->base->broker, EMBEDDED_PRODUCE, EMBEDDED_REFUSED, 1);
    add(run, "quay", 1);
    turn_until_confirmed(run, 3);
    assert_false(publisher_waits_for_clearing(run->publisher));
    g_autoptr(GPtrArray) events = read_events(run->base, 3, &again);
    assert_int_equal(again, 0);
}

static void test_what_is_put_back_waits_for_what_is_under_way(void **state)
{
    Run *run = *state;

    add(run, "pier", 1);
    add(run, "quay", 1);
    turn_until_confirmed(run, 2);
    clear(run);
    embedded_broker_set_up(run->base->broker, false);
    add(run, "pier", 2);
    turn(run);
    assert_int_equal(publisher_in_flight(run->publisher), 1);
    put_back(run, 1); /* quay; pier's latest is there */
    add(run, "ferry", 1);
    for (int i = 0; i < 20; i++)
        turn(run);
    assert_int_equal(publisher_in_flight(run->publisher), 1);
    embedded_broker_set_up(run->base->broker, true);
    turn_until_confirmed(run, 1);
    for (int i = 0; i < 20; i++)
        turn(run); /* not cleared yet */
    assert_int_equal(publisher_in_flight(run->publisher), 0);
    clear(run);
    turn_until_confirmed(run, 2);
    assert_topic(run, 5);
    clear(run);
    add(run, "ferry", 2);
    assert_int_equal(publisher_in_flight(run->publisher), 1); /* from memory again */
    turn_until_confirmed(run, 1);
    assert_topic(run, 6);
}

static void turn_until_empty(Run *run, guint rows)
{
    int64_t end = g_get_monotonic_time() + DEADLINE_US;
    guint cleared = 0;

    for (; cleared < rows && g_get_monotonic_time() < end; clear(run)) {
        turn(run);
        cleared += run->confirmed->len;
    }
    assert_int_equal(cleared, rows);
}

/* Were the second one under way, the broker would have taken it before the first one is tried again. */
static void test_a_refused_row_holds_up_its_own_statement_alone(void **state)
{
    Run *run = *state;

    add(run, "warm", 1);
    turn_until_empty(run, 1);
    assert_false(publisher_waits_for_clearing(run->publisher));
    embedded_broker_fail(run->base->broker, EMBEDDED_PRODUCE, EMBEDDED_REFUSED, 1);
    add(run, "pier", 1);
    add(run, "pier", 2);
    const int64_t now = g_get_monotonic_time(); /* stands still: the pause does not end */
    while (publisher_deadline(run->publisher) <= now || publisher_in_flight(run->publisher) > 0) {
        turn_at(run, now);
        assert_true(g_get_monotonic_time() < now + DEADLINE_US);
    }
    for (int i = 0; i < 20; i++)
        turn_at(run, now);
    assert_int_equal(run->confirmed->len, 0);
    assert_true(publisher_fd(run->publisher) >= 0); /* the same producer */
    assert_int_equal(publisher_in_flight(run->publisher), 0);
    add(run, "pier", 3);
    assert_int_equal(publisher_in_flight(run->publisher), 0);
    add(run, "quay", 1);
    assert_int_equal(publisher_in_flight(run->publisher), 1);
    turn_until_empty(run, 4);
    unsigned again = 0;
    g_autoptr(GPtrArray) events = read_events(run->base, 5, &again);
    assert_revisions(events, "pier", 3);
    assert_int_equal(again, 0);
    add(run, "quay", 2);
    assert_int_equal(publisher_in_flight(run->publisher), 1); /* from memory again */
    turn_until_empty(run, 1);
}

/* The broker refuses a batch as a whole: beside what it does not take, nothing would ever get there. */
static void test_what_was_refused_together_is_tried_alone(void **state)
{
    static const char *const ids[] = {"pier", "ferry", "quay", "crane", "tug"};
    Run *run = *state;
    const int64_t end_at = g_get_monotonic_time() + DEADLINE_US;

    add(run, "warm", 1);
    turn_until_empty(run, 1);
    embedded_broker_fail(run->base->broker, EMBEDDED_PRODUCE, EMBEDDED_REFUSED, 2); /* two partitions */
    embedded_broker_set_up(run->base->broker, false); /* a batch for each of them */
    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++)
        add(run, ids[i], 1);
    assert_int_equal(publisher_in_flight(run->publisher), 5);
    embedded_broker_set_up(run->base->broker, true);
    while (publisher_in_flight(run->publisher) > 0 && g_get_monotonic_time() < end_at)
        turn(run);
    assert_int_equal(run->confirmed->len, 0);
    add(run, "barge", 1); /* not refused: it need not be alone, but waits for those that are */
    while (run->confirmed->len < 6 && g_get_monotonic_time() < end_at) {
        turn(run);
        assert_true(publisher_in_flight(run->publisher) <= 1);
    }
    assert_topic(run, 7);
}

/* It would be refused for ever, and all others with it. */
static void test_what_the_client_does_not_take_holds_up_its_own_statement_alone(void **state)
{
    Run *run = *state;
    g_autofree char *large = g_strnfill(3000, 'x');
    unsigned again = 0;

    begin_anew(run, "DAYWIRE_KAFKA_MESSAGE_MAX_BYTES=2000");
    add(run, "warm", 1);
    turn_until_empty(run, 1);
    add_titled(run, "pier", 1, large);
    add(run, "pier", 2);
    add(run, "quay", 1);
    add(run, "quay", 2);
    turn_until_empty(run, 2);
    assert_true(publisher_fd(run->publisher) >= 0); /* the same producer */
    assert_topic(run, 3);
    begin_anew(run, NULL);
    turn_until_empty(run, 2);
    g_autoptr(GPtrArray) events = read_events(run->base, 5, &again);
    assert_revisions(events, "pier", 2);
    assert_int_equal(again, 0);
}

/* More of them than may be under way, or are read at once. */
static void test_many_revisions_of_one_statement_keep_no_other_waiting(void **state)
{
    enum { MANY = 200 };
    Run *run = *state;
    const int64_t end_at = g_get_monotonic_time() + DEADLINE_US;
    unsigned again = 0;

    add(run, "warm", 1);
    turn_until_empty(run, 1);
    embedded_broker_set_up(run->base->broker, false);
    for (uint32_t revision = 1; revision <= MANY; revision++)
        add(run, "pier", revision);
    while (publisher_can_send(run->publisher) && g_get_monotonic_time() < end_at)
        turn(run);
    add(run, "quay", 1);
    assert_int_equal(publisher_in_flight(run->publisher), 2);
    begin_anew(run, NULL);
    while (publisher_in_flight(run->publisher) < 2 && g_get_monotonic_time() < end_at)
        turn(run);
    assert_int_equal(publisher_in_flight(run->publisher), 2);
    embedded_broker_set_up(run->base->broker, true);
    turn_until_empty(run, MANY + 1);
    g_autoptr(GPtrArray) events = read_events(run->base, MANY + 2, &again);
    assert_revisions(events, "pier", MANY);
    assert_int_equal(again, 0);
    add(run, "pier", MANY + 1);
    assert_int_equal(publisher_in_flight(run->publisher), 1); /* from memory again */
    turn_until_empty(run, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_refused_row_alone_is_sent_again, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_put_back_waits_for_what_is_under_way, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_refused_row_holds_up_its_own_statement_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_was_refused_together_is_tried_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_the_client_does_not_take_holds_up_its_own_statement_alone,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_many_revisions_of_one_statement_keep_no_other_waiting, setup,
                                        teardown),
    };

    log_init("test", LOG_FORMAT_TEXT, LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
