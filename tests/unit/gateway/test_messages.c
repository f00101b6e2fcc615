/* SPDX-License-Identifier: Apache-2.0 */
/* The frames below are what clients in the field read: they may not change. The bytes come from protoc
 * --encode. */
#include "unit.h"

#include <daywire/v1/stream.pb-c.h>

#include "common/error.h"
#include "gateway/messages.h"
#include "gateway/ws_frame.h"
#include "stream_fixture.h"

/* -- server messages -- */

/* Takes over the frame. */
static void assert_json(GBytes *frame, const char *expected)
{
    unsigned opcode = 0;
    g_autoptr(GBytes) payload = frame_payload(frame, &opcode);
    g_autofree char *text = frame_text(frame);
    assert_int_equal(opcode, WS_TEXT);
    assert_string_equal(text, expected);
    g_bytes_unref(frame);
}

static void assert_proto(GBytes *frame, const char *expected)
{
    unsigned opcode = 0;
    g_autoptr(GBytes) payload = frame_payload(frame, &opcode);
    size_t size = 0;
    const uint8_t *data = g_bytes_get_data(payload, &size);
    g_autoptr(GString) hex = g_string_new(NULL);
    for (size_t i = 0; i < size; i++)
        g_string_append_printf(hex, "%02x", data[i]);
    assert_int_equal(opcode, WS_BINARY);
    assert_string_equal(hex->str, expected);
    g_bytes_unref(frame);
}

#define HALF_PAST (NOON + 30 * INSTANT_SECOND + 500000)

static void test_hello(void **state)
{
    (void)state;
    assert_json(
        message_hello(FORMAT_JSON, HALF_PAST, 25000, "0.1.0"),
        "{\"type\":\"hello\",\"time\":\"2024-05-01T12:00:30.500Z\",\"heartbeat\":25,\"version\":\"0.1.0\"}");
    assert_proto(message_hello(FORMAT_PROTO, HALF_PAST, 25000, "0.1.0"),
                 "0a170a0c08deddc8b1061080cab5ee0110191a05302e312e30");
    /* Whole seconds, rather more than less: clients take a heartbeat that is late for a dead connection. */
    assert_json(message_hello(FORMAT_JSON, NOON, 1001, "1"),
                "{\"type\":\"hello\",\"time\":\"2024-05-01T12:00:00Z\",\"heartbeat\":2,\"version\":\"1\"}");
}

static void test_subscribed(void **state)
{
    (void)state;
    static const char *const names[] = {"snapshot", "complete", "compacted", "reset"};
    static const char *const protos[] = {"1208080710011a024151", "1208080710021a024151",
                                         "1208080710031a024151", "1208080710041a024151"};
    for (Resume resume = RESUME_SNAPSHOT; resume <= RESUME_RESET; resume++) {
        g_autofree char *expected = g_strdup_printf(
            "{\"type\":\"subscribed\",\"id\":-7,\"resume\":\"%s\",\"cursor\":\"AQ\"}", names[resume]);
        assert_json(message_subscribed(FORMAT_JSON, -7, resume, "AQ"), expected);
        assert_proto(message_subscribed(FORMAT_PROTO, 7, resume, "AQ"), protos[resume]);
    }
    assert_json(message_subscribed(FORMAT_JSON, 0, RESUME_SNAPSHOT, ""),
                "{\"type\":\"subscribed\",\"id\":0,\"resume\":\"snapshot\",\"cursor\":\"\"}");
}

static void test_caught_up(void **state)
{
    (void)state;
    assert_json(message_caught_up(FORMAT_JSON, 1, "AQ"),
                "{\"type\":\"caught_up\",\"id\":1,\"cursor\":\"AQ\"}");
    /* Out of a view's file that is damaged: the client will get a reset for it. */
    assert_json(message_caught_up(FORMAT_JSON, 1, "\xff"),
                "{\"type\":\"caught_up\",\"id\":1,\"cursor\":\"\xef\xbf\xbd\"}");
    assert_proto(message_caught_up(FORMAT_PROTO, 1, "AQ"), "2a06080112024151");
}

static void test_heartbeat(void **state)
{
    (void)state;
    assert_json(message_heartbeat(FORMAT_JSON, 0, HALF_PAST, "AQ"),
                "{\"type\":\"heartbeat\",\"time\":\"2024-05-01T12:00:30.500Z\",\"cursor\":\"AQ\"}");
    assert_json(message_heartbeat(FORMAT_JSON, 3, NOON, NULL),
                "{\"type\":\"heartbeat\",\"id\":3,\"time\":\"2024-05-01T12:00:00Z\",\"cursor\":\"\"}");
    assert_proto(message_heartbeat(FORMAT_PROTO, 3, HALF_PAST, "AQ"),
                 "32140803120c08deddc8b1061080cab5ee011a024151");
}

static void test_error(void **state)
{
    (void)state;
    assert_json(message_error(FORMAT_JSON, 1, "bad_filter", "filter tag: \"32\" values"),
                "{\"type\":\"error\",\"id\":1,\"code\":\"bad_filter\",\"message\":\"filter tag: \\\"32\\\" "
                "values\"}");
    assert_proto(message_error(FORMAT_PROTO, 1, "bad_filter", "no"),
                 "3a120801120a6261645f66696c7465721a026e6f");
    /* Whatever a client sent comes back as text. */
    assert_json(message_error(FORMAT_JSON, 0, "bad_message", "\xff"),
                "{\"type\":\"error\",\"id\":0,\"code\":\"bad_message\",\"message\":\"\xef\xbf\xbd\"}");
}

static void test_bye(void **state)
{
    (void)state;
    assert_json(message_bye(FORMAT_JSON, "restart", 1234, "AQ"),
                "{\"type\":\"bye\",\"code\":\"restart\",\"retry_after_ms\":1234,\"cursor\":\"AQ\"}");
    assert_proto(message_bye(FORMAT_PROTO, "restart", 1234, "AQ"), "42100a077265737461727410d2091a024151");
}

static Event *statement_event(void)
{
    Statement *statement = make_statement("quay", 2,
                                          "Quay \xe2\x80\x9c"
                                          "7\xe2\x80\x9d opens");
    statement->change = STATEMENT_CHANGE_CORRECTED;
    message_set_string(&statement->note, "It is quay 7, not quay 6.");
    statement_add_tag(statement, "harbour");
    return event_new_statement(statement, "AQ", 0, 0, 0);
}

static void test_a_statement(void **state)
{
    (void)state;
    g_autoptr(Event) event = statement_event();
    assert_json(
        message_event(FORMAT_JSON, event),
        "{\"type\":\"statement\",\"cursor\":\"AQ\",\"change\":\"corrected\",\"data\":{\"id\":\"quay\","
        "\"revision\":2,\"status\":\"usable\",\"change\":\"corrected\",\"note\":\"It is quay 7, not quay "
        "6.\","
        "\"title\":\"Quay \xe2\x80\x9c"
        "7\xe2\x80\x9d opens\",\"summary\":null,\"body\":null,\"body_type\":null,"
        "\"language\":null,\"url\":null,\"source\":null,\"kind\":null,\"tags\":[\"harbour\"],"
        "\"author\":null,\"place\":null,\"date\":\"2024-05-01\",\"published_at\":null,\"updated_at\":null}}");
    assert_proto(message_event(FORMAT_PROTO, event),
                 "1a570a02415112510a04717561791002180120032a194974206973207175617920372c206e6f74207175617920"
                 "362e32125175617920e2809c37e2809d206f70656e737207686172626f75728a010a323032342d30352d3031");
    g_autoptr(GBytes) other = message_event_at(FORMAT_JSON, event, "");
    json_t *json = frame_json(other);
    assert_string_equal(json_string_value(json_object_get(json, "cursor")), "");
    json_decref(json);
}

static void test_a_withdrawal(void **state)
{
    (void)state;
    g_autoptr(Event) event = event_new_statement(make_withdrawal("quay", 3), "AQ", 0, 0, 0);
    json_t *json = frame_json(event_frame(event, FORMAT_JSON));
    json_t *data = json_object_get(json, "data");
    assert_string_equal(json_string_value(json_object_get(json, "change")), "withdrawn");
    assert_string_equal(json_string_value(json_object_get(data, "status")), "withdrawn");
    assert_string_equal(json_string_value(json_object_get(data, "note")), "Published by mistake.");
    assert_true(json_is_null(json_object_get(data, "title")));
    json_decref(json);
    assert_proto(message_event(FORMAT_PROTO, event),
                 "1a290a02415112230a04717561791003180220042a155075626c6973686564206279206d697374616b652e");
}

static void test_a_tick(void **state)
{
    (void)state;
    g_autoptr(Event) event = event_new_tick(make_tick("opened", "2021-07-24", 1), "AQ", 0, 0, 0);
    assert_json(
        message_event(FORMAT_JSON, event),
        "{\"type\":\"tick\",\"cursor\":\"AQ\",\"data\":{\"counter\":\"opened\",\"revision\":1,\"days\":1238,"
        "\"date\":\"2021-07-24\",\"since\":\"2018-03-04\",\"until\":null,\"time_zone\":\"Europe/London\","
        "\"label\":{\"en\":\"1,238 days have passed since the harbour opened\"},\"elapsed\":null,"
        "\"anniversary\":null,\"milestone\":false,\"effective_at\":null,\"next_at\":null,"
        "\"emitted_at\":null,\"late\":false}}");
    assert_proto(message_event(FORMAT_PROTO, event),
                 "22710a024151126b0a066f70656e6564100118ac13220a323032312d30372d32342a0a323031382d30332d3034"
                 "3a0d4575726f70652f4c6f6e646f6e42350a02656e122f312c3233382064617973206861766520706173736564"
                 "2073696e63652074686520686172626f7572206f70656e6564");
}

static void test_a_removed_counter(void **state)
{
    (void)state;
    Tick *tick = tick_new();
    message_set_string(&tick->counter, "opened");
    g_autoptr(Event) event = event_new_counter_removed(tick, "AQ", 0, 0, 0);
    assert_json(message_event(FORMAT_JSON, event),
                "{\"type\":\"tick\",\"cursor\":\"AQ\",\"removed\":true,\"data\":{\"counter\":\"opened\"}}");
    assert_proto(message_event(FORMAT_PROTO, event), "22100a02415112080a066f70656e65641801");
}

/* RFC 6455, section 5.2, at the borders of its three forms of length. */
static void test_heads_of_frames(void **state)
{
    (void)state;
    static const struct {
        uint64_t size;
        size_t head_size;
        const char *head;
    } cases[] = {
        {0, 2, "\x81\x00"},
        {125, 2, "\x81\x7d"},
        {126, 4, "\x81\x7e\x00\x7e"},
        {65535, 4, "\x81\x7e\xff\xff"},
        {65536, 10, "\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"},
        {UINT64_C(0x0102030405060708), 10, "\x81\x7f\x01\x02\x03\x04\x05\x06\x07\x08"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        uint8_t head[WS_FRAME_HEAD_MAX];
        assert_int_equal(ws_frame_head(head, WS_TEXT, cases[i].size), cases[i].head_size);
        assert_memory_equal(head, cases[i].head, cases[i].head_size);
    }
    for (size_t size = 10; size < 70000; size = size * 5 / 4) {
        g_autofree char *title = g_strnfill(size, 'x');
        g_autoptr(Event) event = event_new_statement(make_statement("long", 1, title), "", 0, 0, 0);
        for (Format format = 0; format < FORMAT_COUNT; format++) {
            g_autoptr(GBytes) payload = frame_payload(event_frame(event, format), NULL);
            assert_true(g_bytes_get_size(payload) >= size);
        }
    }
}

/* -- client messages -- */

static ClientMessage *parse(Format format, const void *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    const char *code = NULL;
    int64_t id = -1;
    ClientMessage *message = client_message_parse(format, data, size, &code, &id, &error);
    if (!message)
        fail_msg("refused with %s: %s", code, error->message);
    assert_int_equal(id, message->id);
    return message;
}

static ClientMessage *parse_json(const char *text)
{
    return parse(FORMAT_JSON, text, strlen(text));
}

static void test_subscribe_in_json(void **state)
{
    (void)state;
    g_autoptr(ClientMessage) all =
        parse_json("{\"type\":\"subscribe\",\"id\":1,\"channels\":[\"statements\",\"ticks\"],"
                   "\"filter\":{\"tag\":[\"a\",\"b\"],\"counter\":[\"x\"],\"kind\":[]},\"since\":\"CURSOR\","
                   "\"last\":10}");
    assert_int_equal(all->type, CLIENT_SUBSCRIBE);
    assert_int_equal(all->id, 1);
    assert_int_equal(all->channels, CHANNEL_STATEMENTS | CHANNEL_TICKS);
    assert_string_equal(filter_values(all->filter, "tag")[0], "a");
    assert_string_equal(filter_values(all->filter, "tag")[1], "b");
    assert_string_equal(filter_values(all->filter, "counter")[0], "x");
    assert_null(filter_values(all->filter, "kind"));
    assert_string_equal(all->since, "CURSOR");
    assert_int_equal(all->last, 10);

    g_autoptr(ClientMessage) least = parse_json(" {\"channels\":[\"ticks\"],\"type\":\"subscribe\"}\n");
    assert_int_equal(least->channels, CHANNEL_TICKS);
    assert_int_equal(least->id, 0);
    assert_null(least->filter);
    assert_null(least->since);
    assert_int_equal(least->last, 0);

    g_autoptr(ClientMessage) nulls =
        parse_json("{\"type\":\"subscribe\",\"id\":null,\"channels\":[\"ticks\"],"
                   "\"filter\":null,\"since\":null,\"last\":null}");
    assert_null(nulls->since);
    g_autoptr(ClientMessage) empty =
        parse_json("{\"type\":\"subscribe\",\"channels\":[\"ticks\"],\"since\":\"\",\"last\":1000}");
    assert_null(empty->since);
    assert_int_equal(empty->last, 1000);
}

static void test_other_messages_in_json(void **state)
{
    (void)state;
    g_autoptr(ClientMessage) leave =
        parse_json("{\"type\":\"unsubscribe\",\"id\":2,\"channels\":[\"ticks\"]}");
    assert_int_equal(leave->type, CLIENT_UNSUBSCRIBE);
    assert_int_equal(leave->channels, CHANNEL_TICKS);
    g_autoptr(ClientMessage) ping = parse_json("{\"type\":\"ping\",\"id\":9007199254740993}");
    assert_int_equal(ping->type, CLIENT_PING);
    assert_int_equal(ping->id, INT64_C(9007199254740993));
}

static void assert_refused(Format format, const void *data, size_t size, const char *code, int64_t id,
                           const char *message)
{
    g_autoptr(GError) error = NULL;
    const char *got_code = NULL;
    int64_t got_id = -1;
    g_autoptr(ClientMessage) parsed = client_message_parse(format, data, size, &got_code, &got_id, &error);
    if (parsed)
        fail_msg("taken: %.*s", (int)size, (const char *)data);
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID));
    assert_string_equal(error->message, message);
    assert_string_equal(got_code, code);
    assert_int_equal(got_id, id);
}

static void test_bad_json_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *text, *code;
        int64_t id;
        const char *message;
    } cases[] = {
        {"[]", "bad_message", 0, "a message is a JSON object"},
        {"{\"id\":5}", "bad_message", 5, "type: subscribe, unsubscribe or ping"},
        {"{\"id\":5,\"type\":\"publish\"}", "bad_message", 5, "type: subscribe, unsubscribe or ping"},
        {"{\"id\":5,\"type\":[]}", "bad_message", 5, "type: subscribe, unsubscribe or ping"},
        {"{\"id\":\"5\",\"type\":\"ping\"}", "bad_message", 0, "id: an integer"},
        {"{\"id\":1.5,\"type\":\"ping\"}", "bad_message", 0, "id: an integer"},
        {"{\"id\":9223372036854775808,\"type\":\"ping\"}", "bad_message", 0, "id: an integer"},
        {"{\"id\":5,\"type\":\"ping\",\"cursor\":\"\"}", "bad_message", 5,
         "ping: there is no member \"cursor\"; there are type, id"},
        {"{\"id\":5,\"type\":\"subscribe\",\"channel\":\"ticks\"}", "bad_message", 5,
         "subscribe: there is no member \"channel\"; there are type, id, channels, filter, since, last"},
        {"{\"id\":5,\"type\":\"unsubscribe\",\"channels\":[\"ticks\"],\"last\":1}", "bad_message", 5,
         "unsubscribe: there is no member \"last\"; there are type, id, channels"},
        {"{\"id\":5,\"type\":\"subscribe\"}", "bad_channel", 5,
         "channels: an array with at least one of \"statements\" and \"ticks\""},
        {"{\"id\":5,\"type\":\"unsubscribe\",\"channels\":[]}", "bad_channel", 5,
         "channels: an array with at least one of \"statements\" and \"ticks\""},
        {"{\"id\":5,\"type\":\"subscribe\",\"channels\":\"ticks\"}", "bad_channel", 5,
         "channels: an array with at least one of \"statements\" and \"ticks\""},
        {"{\"id\":5,\"type\":\"subscribe\",\"channels\":[\"ticks\",\"tocks\"]}", "bad_channel", 5,
         "channels: \"statements\" and \"ticks\", number 2 is \"tocks\""},
        {"{\"id\":5,\"type\":\"subscribe\",\"channels\":[7]}", "bad_channel", 5,
         "channels: \"statements\" and \"ticks\", number 1 is no string"},
        {"{\"id\":5,\"type\":\"subscribe\",\"channels\":[\"ticks\"],\"filter\":[]}", "bad_filter", 5,
         "filter: an object"},
        {"{\"id\":5,\"type\":\"subscribe\",\"channels\":[\"ticks\"],\"filter\":{\"colour\":[\"red\"]}}",
         "bad_filter", 5,
         "filter: there is no field \"colour\"; there are counter, source, tag, language, kind"},
        {"{\"id\":5,\"type\":\"subscribe\",\"channels\":[\"ticks\"],\"filter\":{\"tag\":7}}", "bad_filter", 5,
         "filter tag: an array of strings"},
        {"{\"id\":5,\"type\":\"subscribe\",\"channels\":[\"ticks\"],\"filter\":{\"tag\":\"a\"}}",
         "bad_filter", 5, "filter tag: an array of strings"},
        {"{\"id\":5,\"type\":\"subscribe\",\"channels\":[\"ticks\"],\"filter\":{\"tag\":[\"a\",7]}}",
         "bad_filter", 5, "filter tag: an array of strings, number 2 is no string"},
        {"{\"id\":5,\"type\":\"subscribe\",\"channels\":[\"ticks\"],\"filter\":{\"tag\":[\"\"]}}",
         "bad_filter", 5, "filter tag: a value has 1 to 200 characters"},
        {"{\"id\":5,\"type\":\"subscribe\",\"channels\":[\"ticks\"],\"since\":7}", "bad_cursor", 5,
         "since: a cursor, which is a string"},
        {"{\"id\":5,\"type\":\"subscribe\",\"channels\":[\"ticks\"],\"last\":-1}", "bad_message", 5,
         "last: 0 to 1000, this one is -1"},
        {"{\"id\":5,\"type\":\"subscribe\",\"channels\":[\"ticks\"],\"last\":1001}", "bad_message", 5,
         "last: 0 to 1000, this one is 1001"},
        {"{\"id\":5,\"type\":\"subscribe\",\"channels\":[\"ticks\"],\"last\":18446744073709551615}",
         "bad_message", 5, "last: an integer"},
        {"{\"id\":5,\"type\":\"subscribe\",\"channels\":[\"ticks\"],\"last\":\"1\"}", "bad_message", 5,
         "last: an integer"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_refused(FORMAT_JSON, cases[i].text, strlen(cases[i].text), cases[i].code, cases[i].id,
                       cases[i].message);
}

/* What is wrong is yyjson's to say, where it is must be right. */
static void test_what_is_no_json_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t size;
        const char *where;
    } cases[] = {
        {"", 0, "not valid JSON: there is nothing"},
        {"ping", 4, "not valid JSON at line 1, column 1: "},
        {"{\"type\":\"ping\",\n\"id\":}", 22, "not valid JSON at line 2, column 6: "},
        {"{\"type\":\"ping\",\"id\":1,\"id\":2}", 29,
         "not valid JSON: the name \"id\" comes twice in an object"},
        {"{\"type\":\"ping\"}{", 16, "not valid JSON at line 1, column 16: "},
        {"{\"type\":\"\xff\"}", 12, "not valid JSON at line 1, column 10: "},
        {"{\"type\":\"ping\0\"}", 16, "not valid JSON at line 1, column 14: "},
        {"{\"type\":\"ping\\u0000\"}", 21, "not valid JSON: a text has the character U+0000"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        const char *code = NULL;
        int64_t id = -1;
        assert_null(client_message_parse(FORMAT_JSON, cases[i].text, cases[i].size, &code, &id, &error));
        assert_string_equal(code, "bad_message");
        assert_int_equal(id, 0);
        assert_memory_equal(error->message, cases[i].where, strlen(cases[i].where));
        assert_true(g_utf8_validate(error->message, -1, NULL));
    }
}

static void test_too_many_values_are_refused(void **state)
{
    (void)state;
    g_autoptr(GString) text =
        g_string_new("{\"type\":\"subscribe\",\"channels\":[\"ticks\"],\"filter\":{\"counter\":[\"x\"");
    for (int i = 0; i < FILTER_VALUES_MAX; i++)
        g_string_append_printf(text, ",\"x%d\"", i);
    g_string_append(text, "]}}");
    assert_refused(FORMAT_JSON, text->str, text->len, "bad_filter", 0, "filter counter: 32 values at most");
}

static void test_what_is_too_long_for_a_cursor_is_refused(void **state)
{
    (void)state;
    for (size_t length = 8192; length <= 8193; length++) {
        g_autofree char *since = g_strnfill(length, 'A');
        g_autofree char *text =
            g_strdup_printf("{\"type\":\"subscribe\",\"channels\":[\"ticks\"],\"since\":\"%s\"}", since);
        if (length > 8192)
            assert_refused(FORMAT_JSON, text, strlen(text), "bad_cursor", 0,
                           "since: a cursor, which has at most 8192 bytes");
        else
            client_message_free(parse_json(text));
    }
}

/* A WebSocket client in another language sends what its protobuf library makes of stream.proto. */
static GBytes *pack(const Daywire__V1__ClientMessage *message)
{
    size_t size = daywire__v1__client_message__get_packed_size(message);
    uint8_t *data = g_malloc(size + 1);
    daywire__v1__client_message__pack(message, data);
    return g_bytes_new_take(data, size);
}

static GBytes *pack_subscribe(Daywire__V1__Subscribe *subscribe)
{
    Daywire__V1__ClientMessage message = DAYWIRE__V1__CLIENT_MESSAGE__INIT;
    message.message_case = DAYWIRE__V1__CLIENT_MESSAGE__MESSAGE_SUBSCRIBE;
    message.subscribe = subscribe;
    return pack(&message);
}

static void test_subscribe_in_proto(void **state)
{
    (void)state;
    Daywire__V1__Channel channels[] = {DAYWIRE__V1__CHANNEL__CHANNEL_TICKS,
                                       DAYWIRE__V1__CHANNEL__CHANNEL_STATEMENTS};
    char *tags[] = {(char *)"a", (char *)"b"};
    Daywire__V1__Filter filter = DAYWIRE__V1__FILTER__INIT;
    filter.tag = tags;
    filter.n_tag = 2;
    Daywire__V1__Subscribe subscribe = DAYWIRE__V1__SUBSCRIBE__INIT;
    subscribe.id = 4;
    subscribe.channels = channels;
    subscribe.n_channels = 2;
    subscribe.filter = &filter;
    subscribe.since = (char *)"CURSOR";
    subscribe.last = 3;
    g_autoptr(GBytes) bytes = pack_subscribe(&subscribe);
    size_t size = 0;
    const void *data = g_bytes_get_data(bytes, &size);
    g_autoptr(ClientMessage) message = parse(FORMAT_PROTO, data, size);
    assert_int_equal(message->type, CLIENT_SUBSCRIBE);
    assert_int_equal(message->id, 4);
    assert_int_equal(message->channels, CHANNEL_STATEMENTS | CHANNEL_TICKS);
    assert_string_equal(filter_values(message->filter, "tag")[1], "b");
    assert_string_equal(message->since, "CURSOR");
    assert_int_equal(message->last, 3);
}

static void assert_subscribe_refused(const Daywire__V1__Subscribe *subscribe, const char *code,
                                     const char *message)
{
    g_autoptr(GBytes) bytes = pack_subscribe((Daywire__V1__Subscribe *)subscribe);
    size_t size = 0;
    const void *data = g_bytes_get_data(bytes, &size);
    assert_refused(FORMAT_PROTO, data, size, code, subscribe->id, message);
}

static void test_bad_proto_is_refused_by_name(void **state)
{
    (void)state;
    static const uint8_t ping[] = {0x1a, 0x02, 0x08, 0x05};
    g_autoptr(ClientMessage) message = parse(FORMAT_PROTO, ping, sizeof(ping));
    assert_int_equal(message->type, CLIENT_PING);
    assert_int_equal(message->id, 5);
    assert_refused(FORMAT_PROTO, ping, sizeof(ping) - 1, "bad_message", 0,
                   "these bytes are no daywire.v1.ClientMessage");
    assert_refused(FORMAT_PROTO, "", 0, "bad_message", 0,
                   "the message is none of subscribe, unsubscribe and ping");

    Daywire__V1__Channel channels[] = {DAYWIRE__V1__CHANNEL__CHANNEL_UNSPECIFIED};
    Daywire__V1__Subscribe subscribe = DAYWIRE__V1__SUBSCRIBE__INIT;
    subscribe.id = 6;
    assert_subscribe_refused(&subscribe, "bad_channel", "channels: at least one of statements and ticks");
    subscribe.channels = channels;
    subscribe.n_channels = 1;
    assert_subscribe_refused(&subscribe, "bad_channel", "channels: there is no channel 0");
    channels[0] = DAYWIRE__V1__CHANNEL__CHANNEL_TICKS;
    subscribe.last = 1001;
    assert_subscribe_refused(&subscribe, "bad_message", "last: 0 to 1000, this one is 1001");
    subscribe.last = 0;
    subscribe.since = (char *)"\xff";
    assert_subscribe_refused(&subscribe, "bad_cursor", "since: a cursor, which has at most 8192 bytes");
    subscribe.since = (char *)"";
    char *bad[] = {(char *)"\xff"};
    Daywire__V1__Filter filter = DAYWIRE__V1__FILTER__INIT;
    filter.kind = bad;
    filter.n_kind = 1;
    subscribe.filter = &filter;
    assert_subscribe_refused(&subscribe, "bad_filter", "filter kind: a value has 1 to 200 characters");
}

/* Fields that this version does not know are passed over: see the rules of evolution in proto/README.md. */
static void test_unknown_fields_in_proto_are_passed_over(void **state)
{
    (void)state;
    static const uint8_t ping[] = {0x1a, 0x05, 0x08, 0x05, 0xf8, 0x01, 0x01, 0xf8, 0x01, 0x07};
    g_autoptr(ClientMessage) message = parse(FORMAT_PROTO, ping, sizeof(ping));
    assert_int_equal(message->id, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hello),
        cmocka_unit_test(test_subscribed),
        cmocka_unit_test(test_caught_up),
        cmocka_unit_test(test_heartbeat),
        cmocka_unit_test(test_error),
        cmocka_unit_test(test_bye),
        cmocka_unit_test(test_a_statement),
        cmocka_unit_test(test_a_withdrawal),
        cmocka_unit_test(test_a_tick),
        cmocka_unit_test(test_a_removed_counter),
        cmocka_unit_test(test_heads_of_frames),
        cmocka_unit_test(test_subscribe_in_json),
        cmocka_unit_test(test_other_messages_in_json),
        cmocka_unit_test(test_bad_json_is_refused_by_name),
        cmocka_unit_test(test_what_is_no_json_is_refused),
        cmocka_unit_test(test_too_many_values_are_refused),
        cmocka_unit_test(test_what_is_too_long_for_a_cursor_is_refused),
        cmocka_unit_test(test_subscribe_in_proto),
        cmocka_unit_test(test_bad_proto_is_refused_by_name),
        cmocka_unit_test(test_unknown_fields_in_proto_are_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
