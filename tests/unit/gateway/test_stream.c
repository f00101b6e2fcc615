/* SPDX-License-Identifier: Apache-2.0 */
/* The stream from outside, over real sockets: handshake, subprotocols, messages, close codes. */
#include "unit.h"

#include "gateway_fixture.h"
#include "ws_client.h"

#include "gateway/gateway_metrics.h"

static int setup(void **state)
{
    *state = fixture_new("origins = https://www.example.org\nmessage-rate = 2\nmax-message = 4K\n");
    return 0;
}

static int teardown(void **state)
{
    fixture_free(*state);
    return 0;
}

static json_t *expect(int fd, const char *type)
{
    json_t *message = ws_client_next(fd, type);

    if (message == NULL)
        fail_msg("no %s came", type);
    return message;
}

static void expect_gone(int fd, int code)
{
    assert_int_equal(ws_client_close_code(fd), code);
    close(fd);
}

/* ---- handshake ---- */

static void test_the_subprotocol_decides_the_format(void **state)
{
    Fixture *fixture = *state;
    HttpReply reply;
    int fd = ws_client_ask(fixture->port, "/v1/ws",
                           "Sec-WebSocket-Protocol: other, daywire.v1.proto, daywire.v1.json\r\n", &reply);
    g_autofree char *chosen = reply_header(&reply, "Sec-WebSocket-Protocol");
    WsFrame hello = ws_client_read(fd);

    assert_int_equal(reply.status, 101);
    assert_string_equal(chosen, "daywire.v1.proto");
    assert_int_equal(hello.opcode, WS_CLIENT_BINARY);
    ws_frame_clear(&hello);
    reply_clear(&reply);
    close(fd);
}

static void test_no_subprotocol_is_json(void **state)
{
    Fixture *fixture = *state;
    HttpReply reply;
    int fd = ws_client_ask(fixture->port, "/v1/ws", NULL, &reply);
    g_autofree char *chosen = reply_header(&reply, "Sec-WebSocket-Protocol");
    json_t *hello = expect(fd, "hello");

    assert_int_equal(reply.status, 101);
    assert_null(chosen);
    assert_int_equal(json_integer_value(json_object_get(hello, "heartbeat")), 25);
    json_decref(hello);
    reply_clear(&reply);
    close(fd);
}

static void expect_refusal(const Fixture *fixture, const char *target, const char *headers, int status,
                           const char *word)
{
    HttpReply reply;
    int fd = ws_client_ask(fixture->port, target, headers, &reply);

    if (reply.status != status || strstr(reply.body->str, word) == NULL)
        fail_msg("%s %s: %d %s", target, headers != NULL ? headers : "", reply.status, reply.body->str);
    assert_true(client_closed(fd));
    reply_clear(&reply);
    close(fd);
}

static void test_refusals_say_why(void **state)
{
    Fixture *fixture = *state;

    expect_refusal(fixture, "/v1/ws", "Sec-WebSocket-Protocol: something.else\r\n", 400, "daywire.v1.json");
    expect_refusal(fixture, "/v1/ws", "Sec-WebSocket-Protocol: (http)\r\n", 400, "daywire.v1.json");
    expect_refusal(fixture, "/v1/ws", "Origin: https://evil.example\r\n", 403, "origin");
    expect_refusal(fixture, "/v1/ws?channels=weather", NULL, 400, "weather");
    expect_refusal(fixture, "/v1/ws?channels=ticks&colour=red", NULL, 400, "colour");
    expect_refusal(fixture, "/v1/elsewhere", NULL, 404, "WebSocket");
    g_atomic_int_set(&fixture_caught_up, 0);
    expect_refusal(fixture, "/v1/ws", NULL, 503, "starting");
    g_atomic_int_set(&fixture_caught_up, 1);
    int fd = ws_client_open(fixture->port, "/v1/ws", NULL);
    close(fd);
}

/* The client asks for "Host: test". */
static void test_a_listed_origin_and_our_own_may_connect(void **state)
{
    Fixture *fixture = *state;
    static const char *const origins[] = {"Origin: https://www.example.org\r\n", "Origin: https://test\r\n",
                                          "Origin: http://test\r\n"};

    for (size_t i = 0; i < G_N_ELEMENTS(origins); i++) {
        HttpReply reply;
        int fd = ws_client_ask(fixture->port, "/v1/ws", origins[i], &reply);
        assert_int_equal(reply.status, 101);
        reply_clear(&reply);
        close(fd);
    }
}

/* Returns the status. The connection must have been closed. */
static int ask_raw(const Fixture *fixture, const char *version, const char *headers)
{
    g_autofree char *request = g_strdup_printf("GET /v1/ws %s\r\nHost: test\r\n%s\r\n", version, headers);
    int fd = client_connect(fixture->port);

    client_send_text(fd, request);
    HttpReply reply = client_read(fd, false);
    int status = reply.status;
    assert_true(client_closed(fd));
    reply_clear(&reply);
    close(fd);
    return status;
}

static void test_h2c_and_old_versions_are_refused(void **state)
{
    Fixture *fixture = *state;
    static const char *const headers[] = {
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n",
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
    };
    static const int statuses[] = {400, 426, 400};
    static const char *const versions[] = {"HTTP/1.0", "HTTP/2.0", "HTTP/1.10", "http/1.1"};

    for (size_t i = 0; i < G_N_ELEMENTS(headers); i++)
        assert_int_equal(ask_raw(fixture, "HTTP/1.1", headers[i]), statuses[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(versions); i++)
        assert_int_equal(ask_raw(fixture, versions[i],
                                 "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"),
                         505);
}

static void test_empty_parameters_are_none(void **state)
{
    Fixture *fixture = *state;
    static const char *const targets[] = {"/v1/ws?", "/v1/ws?channels=ticks&", "/v1/ws?&&channels=ticks&&&"};

    for (size_t i = 0; i < G_N_ELEMENTS(targets); i++) {
        HttpReply reply;
        int fd = ws_client_ask(fixture->port, targets[i], NULL, &reply);
        if (reply.status != 101)
            fail_msg("%s: %d %s", targets[i], reply.status, reply.body->str);
        reply_clear(&reply);
        close(fd);
    }
}

/* ---- messages ---- */

static void test_a_subscription_by_query_gets_snapshot_and_live_events(void **state)
{
    Fixture *fixture = *state;

    fixture_publish(fixture, "before", "Before");
    int fd = ws_client_open(fixture->port, "/v1/ws?channels=statements&last=1", "daywire.v1.json");
    json_decref(expect(fd, "hello"));
    json_decref(expect(fd, "subscribed"));
    json_t *statement = expect(fd, "statement");
    assert_string_equal(json_string_value(json_object_get(json_object_get(statement, "data"), "id")),
                        "before");
    json_decref(statement);
    json_decref(expect(fd, "caught_up"));
    fixture_publish(fixture, "after", "After");
    statement = expect(fd, "statement");
    assert_string_equal(json_string_value(json_object_get(json_object_get(statement, "data"), "id")),
                        "after");
    json_decref(statement);
    close(fd);
}

static void test_messages_are_answered_and_bad_ones_named(void **state)
{
    Fixture *fixture = *state;
    int fd = ws_client_open(fixture->port, "/v1/ws", "daywire.v1.json");
    json_t *message = NULL;

    ws_client_send_text(fd, "{\"type\":\"subscribe\",\"id\":1,\"channels\":[\"statements\"]}");
    message = expect(fd, "caught_up");
    assert_int_equal(json_integer_value(json_object_get(message, "id")), 1);
    json_decref(message);
    ws_client_send_text(fd, "{\"type\":\"dance\",\"id\":2}");
    message = expect(fd, "error");
    assert_int_equal(json_integer_value(json_object_get(message, "id")), 2);
    assert_non_null(strstr(json_string_value(json_object_get(message, "message")), "type"));
    json_decref(message);
    ws_client_send_text(fd, "{\"type\":\"unsubscribe\",\"id\":3,\"channels\":[\"statements\"]}");
    message = expect(fd, "subscribed");
    assert_int_equal(json_integer_value(json_object_get(message, "id")), 3);
    assert_true(json_is_string(json_object_get(message, "cursor")));
    json_decref(message);
    fixture_publish(fixture, "unseen", "Unseen");
    ws_client_send_text(fd, "{\"type\":\"ping\",\"id\":4}");
    WsFrame frame = ws_client_read(fd);
    assert_null(strstr(frame.payload->str, "unseen"));
    assert_non_null(strstr(frame.payload->str, "heartbeat"));
    ws_frame_clear(&frame);
    close(fd);
}

static void test_a_message_may_come_in_pieces(void **state)
{
    Fixture *fixture = *state;
    int fd = ws_client_open(fixture->port, "/v1/ws", "daywire.v1.json");
    g_autofree char *spaces = g_strnfill(3000, ' ');

    ws_client_send(fd, WS_CLIENT_TEXT, "{\"type\":", 8);
    ws_client_send(fd, 0x80 | WS_CLIENT_PING, "hello", 5); /* control frames may come in between */
    ws_client_send(fd, 0, spaces, 3000);
    ws_client_send(fd, 0, "", 0);
    ws_client_send(fd, 0x80, "\"ping\",\"id\":9}", 14);
    json_t *heartbeat = expect(fd, "heartbeat");
    assert_int_equal(json_integer_value(json_object_get(heartbeat, "id")), 9);
    json_decref(heartbeat);
    close(fd);
}

static void test_what_breaks_the_rules_is_closed_with_its_code(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *large = g_strnfill(100000, 'x');
    int fd = ws_client_open(fixture->port, "/v1/ws", "daywire.v1.json");

    ws_client_send_text(fd, large);
    expect_gone(fd, 1009);

    fd = ws_client_open(fixture->port, "/v1/ws", "daywire.v1.json");
    ws_client_send(fd, WS_CLIENT_TEXT, large, 3000);
    ws_client_send(fd, 0x80, large, 3000);
    expect_gone(fd, 1009);

    fd = ws_client_open(fixture->port, "/v1/ws", "daywire.v1.json");
    ws_client_send(fd, 0x80 | WS_CLIENT_BINARY, "abc", 3);
    expect_gone(fd, 1003);

    fd = ws_client_open(fixture->port, "/v1/ws", "daywire.v1.proto");
    ws_client_send_text(fd, "{}");
    expect_gone(fd, 1003);

    fd = ws_client_open(fixture->port, "/v1/ws", "daywire.v1.json");
    ws_client_send_text(fd, "{\"type\":\"\xc3\x28\"}");
    expect_gone(fd, 1007);

    fd = ws_client_open(fixture->port, "/v1/ws", "daywire.v1.json");
    for (unsigned i = 0; i < 30; i++)
        ws_client_send_text(fd, "{\"type\":\"ping\",\"id\":1}");
    expect_gone(fd, 1008);

    fd = ws_client_open(fixture->port, "/v1/ws", "daywire.v1.json");
    ws_client_send(fd, 0x83, "abc", 3); /* no such opcode */
    expect_gone(fd, 1002);
}

static void test_a_close_is_answered(void **state)
{
    Fixture *fixture = *state;
    int64_t before = metric_value(gateway_metrics()->closes[CLOSED_BY_CLIENT]);
    int fd = ws_client_open(fixture->port, "/v1/ws?channels=statements", NULL);

    ws_client_send(fd, 0x80 | WS_CLIENT_CLOSE, "\x03\xe8", 2);
    expect_gone(fd, 1000);
    fixture_await(gateway_metrics()->closes[CLOSED_BY_CLIENT], before + 1);
    fixture_await(gateway_metrics()->sessions[FORMAT_JSON], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_subprotocol_decides_the_format),
        cmocka_unit_test(test_no_subprotocol_is_json),
        cmocka_unit_test(test_refusals_say_why),
        cmocka_unit_test(test_a_listed_origin_and_our_own_may_connect),
        cmocka_unit_test(test_h2c_and_old_versions_are_refused),
        cmocka_unit_test(test_empty_parameters_are_none),
        cmocka_unit_test(test_a_subscription_by_query_gets_snapshot_and_live_events),
        cmocka_unit_test(test_messages_are_answered_and_bad_ones_named),
        cmocka_unit_test(test_a_message_may_come_in_pieces),
        cmocka_unit_test(test_what_breaks_the_rules_is_closed_with_its_code),
        cmocka_unit_test(test_a_close_is_answered),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
