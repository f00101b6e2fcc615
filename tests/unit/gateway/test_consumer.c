/* SPDX-License-Identifier: Apache-2.0 */
/* The consumer on the embedded broker, with three partitions of statements. */
#include "unit.h"

#include <signal.h>
#include <unistd.h>

#include "common/daemon.h"
#include "common/error.h"
#include "common/health.h"
#include "common/kafka_fixture.h"
#include "folder.h"
#include "gateway/consumer.h"
#include "stream_fixture.h"

#define MANY        (1 << 30)
#define DEADLINE_US (20 * INSTANT_SECOND)
#define PARTITIONS  (STATEMENTS_PARTITIONS + 1)

typedef struct {
    KafkaFixture *kafka;
    char *folder;
    char *path;
    Config *config;
    EventLog *log;
    Consumer *consumer;
    gint wakes;
} Fixture;

static Config *make_config(const Fixture *fixture, const KafkaFixture *kafka)
{
    g_autofree char *database = g_strdup_printf("DAYWIRE_GATEWAY_DATABASE=%s", fixture->path);
    const char *const variables[] = {database, NULL};
    return kafka_fixture_config(kafka, variables);
}

static int setup(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    void *kafka = NULL;
    kafka_fixture_setup(&kafka);
    fixture->kafka = kafka;
    fixture->folder = folder_new();
    fixture->path = folder_path(fixture->folder, "gateway.db");
    fixture->config = make_config(fixture, fixture->kafka);
    *state = fixture;
    return 0;
}

static void stop(Fixture *fixture)
{
    g_clear_pointer(&fixture->consumer, consumer_stop);
    g_clear_pointer(&fixture->log, event_log_free);
}

static int teardown(void **state)
{
    Fixture *fixture = *state;
    void *kafka = fixture->kafka;
    stop(fixture);
    config_free(fixture->config);
    kafka_fixture_teardown(&kafka);
    folder_remove(fixture->folder);
    g_free(fixture->path);
    g_free(fixture);
    return 0;
}

static void count_wake(void *user)
{
    g_atomic_int_inc((gint *)user);
}

static void start(Fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    fixture->log = event_log_new(MANY, 86400 * INSTANT_SECOND);
    event_log_listen(fixture->log, count_wake, &fixture->wakes);
    fixture->consumer = consumer_start(fixture->config, fixture->log, &error);
    if (!fixture->consumer)
        fail_msg("%s", error->message);
}

static uint64_t count_events(const Fixture *fixture)
{
    uint64_t first = 0;
    uint64_t next = 0;
    event_log_bounds(fixture->log, &first, &next);
    return next - first;
}

typedef bool (*Condition)(const Fixture *fixture, uint64_t value);

static void wait_for(const Fixture *fixture, Condition condition, uint64_t value, const char *what)
{
    int64_t end = g_get_monotonic_time() + DEADLINE_US;
    while (!condition(fixture, value)) {
        if (g_get_monotonic_time() > end)
            fail_msg("not in time: %s %u; there are %u events", what, (unsigned)value,
                     (unsigned)count_events(fixture));
        g_usleep(2000);
    }
}

static bool has_caught_up(const Fixture *fixture, uint64_t expected)
{
    return consumer_caught_up(fixture->consumer) == (expected != 0);
}

static bool has_events(const Fixture *fixture, uint64_t count)
{
    return count_events(fixture) >= count;
}

static bool is_healthy(const Fixture *fixture, uint64_t expected)
{
    (void)fixture;
    g_autofree char *text = NULL;
    return health_ready(&text) == (expected != 0);
}

static void start_and_catch_up(Fixture *fixture)
{
    start(fixture);
    wait_for(fixture, has_caught_up, 1, "caught up");
}

static int compare_words(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "a/1 b/2 ...", sorted, since partitions are read in any order. */
static char *events_text(const Fixture *fixture)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    uint64_t position = 0;
    uint64_t next = 0;
    event_log_bounds(fixture->log, &position, &next);
    while (position < next) {
        g_autoptr(Event) event = NULL;
        size_t count = 0;
        assert_true(event_log_read(fixture->log, &position, &event, 1, &count));
        const Statement *statement = count ? event_statement(event) : NULL;
        const Tick *tick = count ? event_tick(event) : NULL;
        if (statement)
            g_ptr_array_add(words, g_strdup_printf("%s/%u", statement->id, statement->revision));
        else if (tick)
            g_ptr_array_add(words,
                            g_strdup_printf("%s%s", event_is_removal(event) ? "-" : "", tick->counter));
    }
    g_ptr_array_sort(words, compare_words);
    g_ptr_array_add(words, NULL);
    return g_strjoinv(" ", (char **)words->pdata);
}

static void assert_events(const Fixture *fixture, const char *expected)
{
    g_autofree char *text = events_text(fixture);
    assert_string_equal(text, expected);
}

static void send_one(const KafkaFixture *kafka, BusRecord *record)
{
    send_all(kafka->config, &record, 1);
    bus_record_free(record);
}

static void send_statement(const KafkaFixture *kafka, const char *id, unsigned revision)
{
    send_one(kafka, make_record(make_statement(id, revision, id), NULL, NULL, -1, -1, g_get_real_time()));
}

static void send_tick(const KafkaFixture *kafka, const char *counter)
{
    send_one(kafka, make_record(NULL, make_tick(counter, "2024-05-01", 1), NULL, -1, -1, g_get_real_time()));
}

static void send_removal(const KafkaFixture *kafka, const char *counter)
{
    send_one(kafka, make_record(NULL, NULL, counter, -1, -1, g_get_real_time()));
}

static void assert_known(const Fixture *fixture, const char *id, unsigned revision)
{
    g_autoptr(ViewReader) reader = view_reader_open(fixture->path, NULL);
    g_autoptr(Statement) statement = view_reader_statement(reader, id, NULL);
    assert_int_equal(statement ? statement->revision : 0, revision);
}

static void test_what_is_there_and_what_comes(void **state)
{
    Fixture *fixture = *state;
    send_statement(fixture->kafka, "quay", 1);
    send_statement(fixture->kafka, "tide", 1);
    send_tick(fixture->kafka, "opened");
    start_and_catch_up(fixture);
    assert_events(fixture, "opened quay/1 tide/1");
    assert_known(fixture, "tide", 1);
    wait_for(fixture, is_healthy, 1, "healthy");
    gint before = g_atomic_int_get(&fixture->wakes);
    send_statement(fixture->kafka, "quay", 2);
    send_statement(fixture->kafka, "quay", 2); /* twice on the bus */
    send_removal(fixture->kafka, "opened");
    send_numbered(fixture->kafka->config, STATEMENTS_TOPIC, "nonsense", 3);
    send_statement(fixture->kafka, "tide", 2);
    wait_for(fixture, has_events, 6, "events");
    assert_events(fixture, "-opened opened quay/1 quay/2 tide/1 tide/2");
    assert_true(g_atomic_int_get(&fixture->wakes) > before);
}

static void test_an_empty_bus_is_caught_up_with(void **state)
{
    Fixture *fixture = *state;
    start_and_catch_up(fixture);
    g_autofree char *text = event_log_cursor(fixture->log);
    g_autofree Cursor *cursor = cursor_parse(text);
    assert_int_equal(cursor->count, PARTITIONS);
    for (size_t i = 0; i < PARTITIONS; i++)
        assert_int_equal(cursor->positions[i].offset, 0);
}

static void test_a_new_process_fills_the_window_again(void **state)
{
    Fixture *fixture = *state;
    for (unsigned revision = 1; revision <= 3; revision++) {
        send_statement(fixture->kafka, "quay", revision);
        send_statement(fixture->kafka, "tide", revision);
    }
    send_statement(fixture->kafka, "tide", 3);
    start_and_catch_up(fixture);
    assert_events(fixture, "quay/1 quay/2 quay/3 tide/1 tide/2 tide/3");
    g_autofree char *before = event_log_cursor(fixture->log);
    stop(fixture);
    send_statement(fixture->kafka, "quay", 4);
    start_and_catch_up(fixture);
    assert_events(fixture, "quay/1 quay/2 quay/3 quay/4 tide/1 tide/2 tide/3");
    assert_known(fixture, "quay", 4);
    g_autofree Cursor *cursor = cursor_parse(before);
    uint64_t position = 0;
    assert_true(event_log_seek(fixture->log, cursor, &position)); /* a resume is complete */
}

static void test_without_a_broker_it_waits_and_says_so(void **state)
{
    Fixture *fixture = *state;
    embedded_broker_set_up(fixture->kafka->broker, false);
    start(fixture);
    wait_for(fixture, is_healthy, 0, "unhealthy");
    assert_false(consumer_caught_up(fixture->consumer));
    embedded_broker_set_up(fixture->kafka->broker, true);
    wait_for(fixture, has_caught_up, 1, "caught up");
    wait_for(fixture, is_healthy, 1, "healthy");
}

static void test_a_stop_does_not_wait_for_a_broker(void **state)
{
    Fixture *fixture = *state;
    embedded_broker_set_up(fixture->kafka->broker, false);
    start(fixture);
    int64_t begin = g_get_monotonic_time();
    stop(fixture);
    assert_true(g_get_monotonic_time() - begin < 15 * INSTANT_SECOND);
}

static void test_a_broker_that_was_away(void **state)
{
    Fixture *fixture = *state;
    send_statement(fixture->kafka, "quay", 1);
    start_and_catch_up(fixture);
    wait_for(fixture, is_healthy, 1, "healthy");
    embedded_broker_set_up(fixture->kafka->broker, false);
    wait_for(fixture, is_healthy, 0, "unhealthy");
    assert_true(consumer_caught_up(fixture->consumer)); /* what is known is served on */
    embedded_broker_set_up(fixture->kafka->broker, true);
    send_statement(fixture->kafka, "quay", 2);
    wait_for(fixture, has_events, 2, "events");
    wait_for(fixture, is_healthy, 1, "healthy");
    assert_events(fixture, "quay/1 quay/2");
}

static void test_another_cluster_begins_anew(void **state)
{
    Fixture *fixture = *state;
    void *kafka = NULL;
    send_statement(fixture->kafka, "quay", 5);
    start_and_catch_up(fixture);
    g_autofree char *text = event_log_cursor(fixture->log);
    g_autofree Cursor *old = cursor_parse(text);
    stop(fixture);
    kafka_fixture_setup(&kafka);
    config_free(fixture->config);
    fixture->config = make_config(fixture, kafka);
    send_statement(kafka, "tide", 1);
    start_and_catch_up(fixture);
    assert_events(fixture, "tide/1");
    assert_known(fixture, "quay", 0);
    bool known = true;
    g_autoptr(ViewReader) reader = view_reader_open(fixture->path, NULL);
    assert_true(view_reader_knows(reader, old, &known, NULL));
    assert_false(known);
    stop(fixture);
    kafka_fixture_teardown(&kafka);
}

/* A view that claims to come from this very cluster, with one statement and these positions. */
static void make_view(const Fixture *fixture, size_t partitions, int64_t offset, uint32_t stamp)
{
    g_autoptr(KafkaReader) reader = open_reader(fixture->kafka->config);
    uint32_t epoch = cursor_epoch(kafka_reader_cluster(reader), STATEMENTS_TOPIC, TICKS_TOPIC);
    g_autofree Cursor *cursor = cursor_new(epoch, partitions);
    for (size_t i = 0; i < partitions; i++)
        cursor->positions[i] = (CursorPosition){.offset = offset, .stamp = stamp};
    g_autoptr(View) view = view_open(fixture->path, NULL);
    g_autoptr(Statement) statement = make_statement("of-another-bus", 1, "Old");
    assert_true(view_put_statement(view, statement, 0, 0, NULL));
    assert_true(view_commit(view, cursor, 1, NULL));
}

static void assert_made_anew(Fixture *fixture)
{
    start_and_catch_up(fixture);
    assert_known(fixture, "of-another-bus", 0);
    assert_known(fixture, "a", 1);
    assert_events(fixture, "a/1 b/1 c/1 d/1 e/1 f/1 g/1 h/1 opened");
}

/* So that each partition has a record. */
static void send_some(const KafkaFixture *kafka)
{
    static const char *const ids[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++)
        send_statement(kafka, ids[i], 1);
    send_tick(kafka, "opened");
}

static void test_a_position_beyond_the_end_is_another_bus(void **state)
{
    Fixture *fixture = *state;
    send_some(fixture->kafka);
    make_view(fixture, PARTITIONS, 100, 7);
    assert_made_anew(fixture);
}

static void test_a_record_of_another_time_is_another_bus(void **state)
{
    Fixture *fixture = *state;
    send_some(fixture->kafka);
    make_view(fixture, PARTITIONS, 1, cursor_stamp(NOON));
    assert_made_anew(fixture);
}

static void test_another_number_of_partitions_is_another_bus(void **state)
{
    Fixture *fixture = *state;
    send_some(fixture->kafka);
    make_view(fixture, PARTITIONS - 1, 0, 0);
    assert_made_anew(fixture);
}

static sigset_t sigterm(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    return set;
}

/* With daemon_fail(), which sends SIGTERM to its own process. */
static void assert_ended(const Fixture *fixture, const char *reason)
{
    const struct timespec deadline = {.tv_sec = DEADLINE_US / INSTANT_SECOND};
    const sigset_t set = sigterm();
    g_autofree char *text = NULL;
    assert_int_equal(sigtimedwait(&set, NULL, &deadline), SIGTERM);
    assert_int_equal(daemon_exit_status(), 1);
    wait_for(fixture, has_caught_up, 0, "ended");
    assert_false(health_ready(&text));
    assert_non_null(strstr(text, reason));
}

/* The consumer has nothing to write, and learns of it from a worker. */
static void test_a_view_that_a_reader_found_damaged_ends_the_process(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *aside = folder_path(fixture->folder, "gateway.db.damaged");
    g_autoptr(GError) busy = g_error_new_literal(DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE, "a full disk");
    g_autoptr(GError) lost = g_error_new_literal(DAYWIRE_ERROR, DAYWIRE_ERROR_LOST, "page 7 is damaged");
    start_and_catch_up(fixture);
    wait_for(fixture, is_healthy, 1, "healthy");
    consumer_report(fixture->consumer, busy);
    send_statement(fixture->kafka, "quay", 1);
    wait_for(fixture, has_events, 1, "events");
    consumer_report(fixture->consumer, lost);
    assert_ended(fixture, "page 7 is damaged");
    assert_true(g_file_test(aside, G_FILE_TEST_EXISTS));
    assert_false(g_file_test(fixture->path, G_FILE_TEST_EXISTS));
}

static void test_a_view_that_is_gone_ends_the_process(void **state)
{
    Fixture *fixture = *state;
    start_and_catch_up(fixture);
    wait_for(fixture, is_healthy, 1, "healthy");
    assert_int_equal(unlink(fixture->path), 0);
    assert_ended(fixture, "was deleted or replaced");
}

static void test_a_database_that_cannot_be_had_is_an_error(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    g_autoptr(View) view = view_open(fixture->path, NULL);
    EventLog *log = event_log_new(MANY, INSTANT_SECOND);
    assert_null(consumer_start(fixture->config, log, &error));
    assert_non_null(strstr(error->message, fixture->path));
    event_log_free(log);
    consumer_stop(NULL);
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, setup, teardown)

int main(void)
{
    const sigset_t set = sigterm();
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL); /* for assert_ended(); all threads inherit it */
    const struct CMUnitTest tests[] = {
        TEST(test_what_is_there_and_what_comes),
        TEST(test_an_empty_bus_is_caught_up_with),
        TEST(test_a_new_process_fills_the_window_again),
        TEST(test_without_a_broker_it_waits_and_says_so),
        TEST(test_a_stop_does_not_wait_for_a_broker),
        TEST(test_a_broker_that_was_away),
        TEST(test_another_cluster_begins_anew),
        TEST(test_a_position_beyond_the_end_is_another_bus),
        TEST(test_a_record_of_another_time_is_another_bus),
        TEST(test_another_number_of_partitions_is_another_bus),
        TEST(test_a_view_that_a_reader_found_damaged_ends_the_process),
        TEST(test_a_view_that_is_gone_ends_the_process),
        TEST(test_a_database_that_cannot_be_had_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
