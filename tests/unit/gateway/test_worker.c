/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker does for its clients as a whole: limits, slow clients, silent clients, farewell. */
#include "unit.h"

#include <poll.h>
#include <sys/socket.h>

#include "gateway_fixture.h"
#include "ws_client.h"

#include "gateway/gateway_metrics.h"

/* Subscribed, and past what came before. */
static int open_live(const Fixture *fixture)
{
    int fd = ws_client_open(fixture->port, "/v1/ws?channels=statements", NULL);
    json_t *message = ws_client_next(fd, "caught_up");

    assert_non_null(message);
    json_decref(message);
    return fd;
}

static void test_connections_beyond_the_limit_hear_why(void **state)
{
    Fixture *fixture = fixture_new("max-connections-per-address = 2\n");
    int first = ws_client_open(fixture->port, "/v1/ws", NULL);
    int second = ws_client_open(fixture->port, "/v1/ws", NULL);
    int third = client_connect(fixture->port);
    HttpReply reply = client_read(third, false);

    (void)state;
    assert_int_equal(reply.status, 429);
    assert_true(client_closed(third));
    reply_clear(&reply);
    close(third);
    close(first);
    fixture_await(gateway_metrics()->connections_open, 1);
    third = ws_client_open(fixture->port, "/v1/ws", NULL);
    close(third);
    close(second);
    fixture_free(fixture);
}

/* One says nothing, one says little by little. */
static void test_a_request_that_does_not_end_is_given_up(void **state)
{
    Fixture *fixture = fixture_new("handshake-timeout = 1s\n");
    int64_t before = metric_value(gateway_metrics()->refusals[REFUSED_HANDSHAKE]);
    int silent = client_connect(fixture->port);
    int slow = client_connect(fixture->port);
    int other = open_live(fixture);
    int64_t deadline = g_get_monotonic_time() + INT64_C(8) * G_USEC_PER_SEC;

    (void)state;
    client_send_text(slow, "GET /v1/time HTTP/1.1\r\nX-");
    while (metric_value(gateway_metrics()->refusals[REFUSED_HANDSHAKE]) < before + 2 &&
           g_get_monotonic_time() < deadline) {
        struct pollfd pollfd = {.fd = slow, .events = POLLIN};
        (void)send(slow, "a", 1, MSG_NOSIGNAL);
        (void)poll(&pollfd, 1, 50);
    }
    assert_int_equal(metric_value(gateway_metrics()->refusals[REFUSED_HANDSHAKE]), before + 2);
    assert_true(client_closed(silent));
    assert_true(client_closed(slow));
    /* Who was in time stays. */
    fixture_publish(fixture, "still", "Still here");
    json_t *statement = ws_client_next(other, "statement");
    assert_non_null(statement);
    json_decref(statement);
    close(silent);
    close(slow);
    close(other);
    fixture_free(fixture);
}

static void test_a_client_that_takes_nothing_delays_nobody_and_is_closed(void **state)
{
    Fixture *fixture = fixture_new("send-timeout = 1s\n");
    int64_t before = metric_value(gateway_metrics()->closes[CLOSED_SLOW]);
    int stuck = ws_client_open(fixture->port, "/v1/ws?channels=statements", NULL);
    int other = open_live(fixture);

    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        g_autofree char *id = g_strdup_printf("large-%u", i);
        fixture_publish_body(fixture, id, 200000);
        json_t *statement = ws_client_next(other, "statement");
        assert_non_null(statement);
        assert_string_equal(json_string_value(json_object_get(json_object_get(statement, "data"), "id")), id);
        json_decref(statement);
    }
    fixture_await(gateway_metrics()->closes[CLOSED_SLOW], before + 1);
    fixture_await(gateway_metrics()->blocked, 0);
    close(stuck);
    close(other);
    fixture_free(fixture);
}

/* The socket has taken all that was written, and is not writable: libwebsockets keeps nothing, but more is due. */
static void test_who_leaves_a_long_answer_lying_is_closed_as_slow(void **state)
{
    Fixture *fixture = fixture_new("send-timeout = 1s\n");
    int64_t before = metric_value(gateway_metrics()->closes[CLOSED_SLOW]);

    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        g_autofree char *id = g_strdup_printf("middling-%u", i);
        fixture_publish_body(fixture, id, 10000);
    }
    int stuck = ws_client_open(fixture->port, "/v1/ws?channels=statements&last=100", NULL);
    fixture_await(gateway_metrics()->closes[CLOSED_SLOW], before + 1);
    fixture_await(gateway_metrics()->blocked, 0);
    close(stuck);
    fixture_free(fixture);
}

/* It stops for a while, and then gets everything that it missed, in order. */
static void test_a_client_that_comes_back_has_lost_nothing(void **state)
{
    Fixture *fixture = fixture_new(NULL);
    int fd = open_live(fixture);
    json_t *message = NULL;

    (void)state;
    for (unsigned i = 0; i < 60; i++) {
        g_autofree char *id = g_strdup_printf("large-%u", i);
        fixture_publish_body(fixture, id, 200000);
    }
    fixture_await(gateway_metrics()->blocked, 1);
    for (unsigned i = 0; i < 60; i++) {
        g_autofree char *id = g_strdup_printf("large-%u", i);
        message = ws_client_next(fd, "statement");
        assert_non_null(message);
        assert_string_equal(json_string_value(json_object_get(json_object_get(message, "data"), "id")), id);
        json_decref(message);
    }
    ws_client_send_text(fd, "{\"type\":\"ping\",\"id\":5}");
    message = ws_client_next(fd, "heartbeat");
    assert_non_null(message);
    json_decref(message);
    close(fd);
    fixture_free(fixture);
}

typedef struct {
    int fd;
    GString *out; /* what is still to be sent */
    GString *in;
} Talk;

/* Sends and, if asked to, receives what goes without waiting. False: nothing went for a while. */
static bool talk(Talk *it, bool receive)
{
    struct pollfd pollfd = {.fd = it->fd,
                            .events = (short)((it->out->len > 0 ? POLLOUT : 0) | (receive ? POLLIN : 0))};
    char buffer[65536];

    if (poll(&pollfd, 1, 1000) <= 0)
        return false;
    if (pollfd.revents & POLLOUT) {
        ssize_t sent = send(it->fd, it->out->str, it->out->len, MSG_DONTWAIT | MSG_NOSIGNAL);
        assert_true(sent > 0);
        g_string_erase(it->out, 0, sent);
    }
    if (pollfd.revents & POLLIN) {
        ssize_t got = recv(it->fd, buffer, sizeof buffer, MSG_DONTWAIT);
        assert_true(got > 0);
        g_string_append_len(it->in, buffer, got);
    }
    return true;
}

static unsigned count(const GString *text, const char *word)
{
    unsigned found = 0;

    for (const char *at = text->str;
         (at = memmem(at, (size_t)(text->str + text->len - at), word, strlen(word))); at++)
        found++;
    return found;
}

/* Nothing is sent from a view that holds a part of what it will. */
static void test_while_the_view_is_made_anew_clients_wait(void **state)
{
    Fixture *fixture = fixture_new(NULL);
    int fd = open_live(fixture);

    (void)state;
    g_atomic_int_set(&fixture_caught_up, 0);
    fixture_publish(fixture, "first", "Made anew");
    for (unsigned i = 0; i < 3; i++) {
        ws_client_send_text(fd, "{\"type\":\"ping\",\"id\":1}");
        WsFrame frame = ws_client_read(fd);
        assert_non_null(strstr(frame.payload->str, "\"heartbeat\""));
        ws_frame_clear(&frame);
    }
    g_atomic_int_set(&fixture_caught_up, 1);
    event_log_publish(fixture->gateway.log);
    json_t *statement = ws_client_next(fd, "statement");
    assert_string_equal(json_string_value(json_object_get(json_object_get(statement, "data"), "id")),
                        "first");
    json_decref(statement);
    close(fd);
    fixture_free(fixture);
}

/* Whoever meets the damage first, the consumer is told: see consumer.h. */
static void test_a_damaged_view_is_reported(void **state)
{
    Fixture *fixture = fixture_new(NULL);
    HttpReply reply;

    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        g_autofree char *id = g_strdup_printf("large-%u", i);
        fixture_publish_body(fixture, id, 100000);
    }
    fixture_damage(fixture);
    g_atomic_int_set(&fixture_lost, 0);
    reply = client_request(fixture->port, "GET", "/v1/statements", NULL, NULL);
    assert_int_equal(reply.status, 503);
    reply_clear(&reply);
    assert_int_equal(g_atomic_int_get(&fixture_lost), 1);
    reply = client_request(fixture->port, "GET", "/", NULL, NULL);
    assert_int_equal(reply.status, 503);
    reply_clear(&reply);
    assert_int_equal(g_atomic_int_get(&fixture_lost), 2);
    int fd = ws_client_open(fixture->port, "/v1/ws?channels=statements&last=20", NULL);
    assert_int_equal(ws_client_close_code(fd), 1013);
    assert_int_equal(g_atomic_int_get(&fixture_lost), 3);
    close(fd);
    fixture_free(fixture);
}

/* Who does not read the answers is not asked for more questions; once it reads, no question is without
 * answer. */
static void test_questions_without_end_wait_for_their_answers_to_be_taken(void **state)
{
    static const char ping[] = "\x81\x96\0\0\0\0{\"type\":\"ping\",\"id\":1}";
    static const int small = 65536;
    Fixture *fixture = fixture_new("message-rate = 10000\n");
    Talk it = {.fd = ws_client_open(fixture->port, "/v1/ws", "daywire.v1.json"),
               .out = g_string_new(NULL),
               .in = g_string_new(NULL)};
    unsigned asked = 0;

    (void)state;
    assert_int_equal(setsockopt(it.fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small), 0);
    do {
        /* At 50,000 it would be closed for its rate. */
        assert_true(asked < 45000);
        for (; it.out->len < 10000; asked++)
            g_string_append_len(it.out, ping, sizeof ping - 1);
    } while (talk(&it, false));
    assert_int_equal(metric_value(gateway_metrics()->blocked), 1);
    while (count(it.in, "\"heartbeat\",\"id\":1") < asked)
        assert_true(talk(&it, true));
    fixture_await(gateway_metrics()->blocked, 0);
    g_string_free(it.out, TRUE);
    g_string_free(it.in, TRUE);
    close(it.fd);
    fixture_free(fixture);
}

static void test_heartbeats_come_and_who_answers_no_pings_is_closed(void **state)
{
    Fixture *fixture = fixture_new("heartbeat = 1s\n");
    int deaf = ws_client_open(fixture->port, "/v1/ws", NULL);
    int alive = ws_client_open(fixture->port, "/v1/ws?channels=ticks", NULL);

    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        json_t *heartbeat = ws_client_next(alive, "heartbeat");
        assert_non_null(heartbeat);
        assert_true(json_is_string(json_object_get(heartbeat, "cursor")));
        json_decref(heartbeat);
    }
    assert_int_equal(ws_client_close_code(deaf), 1001);
    close(deaf);
    close(alive);
    fixture_free(fixture);
}

static void test_at_a_stop_clients_are_told_where_to_go_on(void **state)
{
    Fixture *fixture = fixture_new("drain = 2s\n");
    int fds[150];

    (void)state;
    fixture_publish(fixture, "last", "The last one");
    for (size_t i = 0; i < G_N_ELEMENTS(fds); i++)
        fds[i] = ws_client_open(fixture->port, "/v1/ws?channels=statements", NULL);
    worker_drain(fixture->worker);
    for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
        json_t *bye = ws_client_next(fds[i], "bye");
        assert_non_null(bye);
        assert_string_equal(json_string_value(json_object_get(bye, "code")), "restart");
        assert_true(json_is_string(json_object_get(bye, "cursor")));
        assert_in_range(json_integer_value(json_object_get(bye, "retry_after_ms")), 0, 1000);
        json_decref(bye);
        assert_int_equal(ws_client_close_code(fds[i]), 1012);
        ws_client_send(fds[i], 0x80 | WS_CLIENT_CLOSE, "\x03\xf4", 2);
        close(fds[i]);
    }
    worker_join(fixture->worker);
    assert_true(worker_done(fixture->worker));
    fixture_free(fixture);
}

/* Who neither reads nor answers cannot hold up a stop. */
static void test_a_stop_ends_in_time(void **state)
{
    Fixture *fixture = fixture_new("drain = 1s\n");
    int stuck = ws_client_open(fixture->port, "/v1/ws?channels=statements", NULL);
    int silent = client_connect(fixture->port);
    int64_t start = g_get_monotonic_time();

    (void)state;
    for (unsigned i = 0; i < 60; i++)
        fixture_publish_body(fixture, "large", 200000);
    fixture_await(gateway_metrics()->blocked, 1);
    worker_drain(fixture->worker);
    worker_join(fixture->worker);
    assert_true(g_get_monotonic_time() - start < INT64_C(10) * G_USEC_PER_SEC);
    assert_int_equal(metric_value(gateway_metrics()->blocked), 0);
    assert_int_equal(metric_value(gateway_metrics()->connections_open), 0);
    close(stuck);
    close(silent);
    fixture_free(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_connections_beyond_the_limit_hear_why),
        cmocka_unit_test(test_a_request_that_does_not_end_is_given_up),
        cmocka_unit_test(test_a_client_that_takes_nothing_delays_nobody_and_is_closed),
        cmocka_unit_test(test_who_leaves_a_long_answer_lying_is_closed_as_slow),
        cmocka_unit_test(test_a_client_that_comes_back_has_lost_nothing),
        cmocka_unit_test(test_while_the_view_is_made_anew_clients_wait),
        cmocka_unit_test(test_a_damaged_view_is_reported),
        cmocka_unit_test(test_questions_without_end_wait_for_their_answers_to_be_taken),
        cmocka_unit_test(test_heartbeats_come_and_who_answers_no_pings_is_closed),
        cmocka_unit_test(test_at_a_stop_clients_are_told_where_to_go_on),
        cmocka_unit_test(test_a_stop_ends_in_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
