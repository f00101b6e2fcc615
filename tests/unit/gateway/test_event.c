/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <pthread.h>

#include "stream_fixture.h"

static void test_an_event_tells_what_it_was_given(void **state)
{
    (void)state;
    g_autoptr(Event) event = event_new_statement(make_statement("quay", 3, "Quay"), "CURSOR", 2, 41, NOON);
    assert_int_equal(event_channel(event), CHANNEL_STATEMENTS);
    assert_string_equal(event_statement(event)->id, "quay");
    assert_null(event_tick(event));
    assert_false(event_is_removal(event));
    assert_string_equal(event_cursor(event), "CURSOR");
    assert_int_equal(event_partition(event), 2);
    assert_int_equal(event_offset(event), 41);
    assert_int_equal(event_since(event), NOON);

    g_autoptr(Event) tick = event_new_tick(make_tick("opened", "2024-05-01", 1), "", 0, 0, 0);
    assert_int_equal(event_channel(tick), CHANNEL_TICKS);
    assert_string_equal(event_tick(tick)->counter, "opened");
    assert_null(event_statement(tick));
    g_autoptr(Event) removal = event_new_counter_removed(make_tick("opened", "", 0), "", 0, 0, 0);
    assert_true(event_is_removal(removal));
}

static void test_a_withdrawal_has_no_text(void **state)
{
    (void)state;
    Statement *withdrawal = make_withdrawal("quay", 2);
    message_set_string(&withdrawal->title, "what was said");
    message_set_string(&withdrawal->summary, "what was said");
    message_set_string(&withdrawal->body, "what was said");
    withdrawal->body_type = BODY_TYPE_PLAIN;
    g_autoptr(Event) event = event_new_statement(withdrawal, "", 0, 0, 0);
    for (Format format = 0; format < FORMAT_COUNT; format++) {
        size_t size = 0;
        const char *frame = g_bytes_get_data(event_frame(event, format), &size);
        assert_null(memmem(frame, size, "what was said", strlen("what was said")));
        assert_non_null(memmem(frame, size, "by mistake", strlen("by mistake")));
    }
    assert_int_equal(event_statement(event)->body_type, BODY_TYPE_UNSPECIFIED);
}

static void test_size_counts_what_it_may_hold(void **state)
{
    (void)state;
    g_autofree char *body = g_strnfill(100000, 'x');
    Statement *statement = make_statement("quay", 1, "Quay");
    message_set_string(&statement->body, body);
    g_autoptr(Event) event = event_new_statement(statement, "CURSOR", 0, 0, 0);
    size_t held = 100000 + g_bytes_get_size(event_frame(event, FORMAT_JSON)) +
                  g_bytes_get_size(event_frame(event, FORMAT_PROTO));
    assert_true(event_size(event) >= held);
    assert_true(event_size(event) < 2 * held);
}

#define THREADS 4
#define EVENTS  300

typedef struct {
    Event **events;
    GBytes *frames[EVENTS][FORMAT_COUNT];
    pthread_barrier_t *start;
} Reader;

static void *read_frames(void *user)
{
    Reader *reader = user;
    pthread_barrier_wait(reader->start);
    for (size_t i = 0; i < EVENTS; i++) {
        for (Format format = 0; format < FORMAT_COUNT; format++)
            reader->frames[i][format] = event_frame(reader->events[i], format);
        event_unref(reader->events[i]);
    }
    return NULL;
}

/* The last thread to let go frees the event, hence the frames are compared as addresses only. */
static void test_all_threads_share_one_frame(void **state)
{
    (void)state;
    Event *events[EVENTS];
    static Reader readers[THREADS];
    pthread_t threads[THREADS];
    pthread_barrier_t start;
    pthread_barrier_init(&start, NULL, THREADS);
    for (size_t i = 0; i < EVENTS; i++)
        events[i] = event_new_statement(make_statement("quay", 1, "Quay"), "CURSOR", 0, (int64_t)i, 0);
    for (size_t t = 0; t < THREADS; t++) {
        for (size_t i = 0; i < EVENTS; i++)
            event_ref(events[i]);
        readers[t] = (Reader){.events = events, .start = &start};
        assert_int_equal(pthread_create(&threads[t], NULL, read_frames, &readers[t]), 0);
    }
    for (size_t t = 0; t < THREADS; t++)
        assert_int_equal(pthread_join(threads[t], NULL), 0);
    for (size_t i = 0; i < EVENTS; i++) {
        for (Format format = 0; format < FORMAT_COUNT; format++) {
            for (size_t t = 0; t < THREADS; t++)
                assert_ptr_equal(readers[t].frames[i][format], event_frame(events[i], format));
        }
        event_unref(events[i]);
    }
    pthread_barrier_destroy(&start);
}

static void test_channels_have_names(void **state)
{
    (void)state;
    Channel channel = 0;
    assert_true(channel_parse("statements", &channel));
    assert_int_equal(channel, CHANNEL_STATEMENTS);
    assert_true(channel_parse("ticks", &channel));
    assert_int_equal(channel, CHANNEL_TICKS);
    assert_string_equal(channel_name(channel), "ticks");
    assert_false(channel_parse("", &channel));
    assert_false(channel_parse("Ticks", &channel));
    assert_int_equal(channel, CHANNEL_TICKS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_event_tells_what_it_was_given),
        cmocka_unit_test(test_a_withdrawal_has_no_text),
        cmocka_unit_test(test_size_counts_what_it_may_hold),
        cmocka_unit_test(test_all_threads_share_one_frame),
        cmocka_unit_test(test_channels_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
