/* SPDX-License-Identifier: Apache-2.0 */
/* The wire format cannot drift unseen: each message with all its fields set has these bytes. They come from
 * Google's protoc (protoc --encode), so that two implementations agree on them. When this test fails, a field
 * has changed its number, type or place, and every consumer out there is broken: add a field instead
 * (proto/README.md). */
#include "unit.h"

#include <daywire/v1/stream.pb-c.h>

#include "common/instant.h"
#include "common/model.h"

/* protobuf-c's strings are not const; nothing here writes to them. */
#define TEXT(literal_) ((char *)(literal_))

static char *hex(const void *data, size_t size)
{
    GString *text = g_string_new(NULL);
    for (size_t i = 0; i < size; i++)
        g_string_append_printf(text, "%02x", ((const uint8_t *)data)[i]);
    return g_string_free(text, FALSE);
}

static char *packed_hex(const ProtobufCMessage *message)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_byte_array_set_size(bytes, (guint)size);
    protobuf_c_message_pack(message, bytes->data);
    return hex(bytes->data, size);
}

static void check_bytes(const ProtobufCMessage *message, const char *expected)
{
    g_autofree char *packed = packed_hex(message);
    assert_string_equal(packed, expected);

    g_autoptr(GByteArray) bytes = g_byte_array_new();
    for (const char *digits = expected; *digits; digits += 2) {
        uint8_t byte = (uint8_t)(g_ascii_xdigit_value(digits[0]) << 4 | g_ascii_xdigit_value(digits[1]));
        g_byte_array_append(bytes, &byte, 1);
    }
    ProtobufCMessage *read = protobuf_c_message_unpack(message->descriptor, NULL, bytes->len, bytes->data);
    assert_non_null(read);
    assert_int_equal(read->n_unknown_fields, 0);
    g_autofree char *again = packed_hex(read);
    assert_string_equal(again, expected);
    protobuf_c_message_free_unpacked(read, NULL);
}

static void statement(void **state)
{
    (void)state;
    g_autoptr(Statement) message = statement_new();
    message_set_string(&message->id, "harbour-1");
    message->revision = 3;
    message->status = STATEMENT_STATUS_USABLE;
    message->change = STATEMENT_CHANGE_CORRECTED;
    message_set_string(&message->note, "Nine, not ten.");
    message_set_string(&message->title, "The harbour opens");
    message_set_string(&message->summary, "In short.");
    message_set_string(&message->body, "One.\n\nTwo.");
    message->body_type = BODY_TYPE_PLAIN;
    message_set_string(&message->language, "en");
    message_set_string(&message->url, "https://example.org/1");
    message_set_string(&message->source, "press-office");
    message_set_string(&message->kind, "comment");
    statement_add_tag(message, "harbour");
    statement_add_tag(message, "weather");
    message_set_string(&message->author, "A. Writer");
    message_set_string(&message->place, "Oslo");
    message_set_string(&message->date, "2021-07-23");
    message->published_at = instant_to_timestamp(INT64_C(1627038000250000));
    message->published_at_offset_minutes = -90;
    message->updated_at = instant_to_timestamp(INT64_C(1627041600000000));
    message->publish_at = instant_to_timestamp(INT64_C(1627048800125000));
    message->expires_at = instant_to_timestamp(INT64_C(1627135200000000));
    check_bytes(
        &message->base,
        "0a09686172626f75722d311003180120032a0e4e696e652c206e6f742074656e2e321154686520686172626f7572206f7065"
        "6e733a09496e2073686f72742e420a4f6e652e0a0a54776f2e48015202656e5a1568747470733a2f2f6578616d706c652e6f"
        "72672f31620c70726573732d6f66666963656a07636f6d6d656e747207686172626f75727207776561746865727a09412e20"
        "5772697465728201044f736c6f8a010a323032312d30372d323392010b08b0c2ea87061080e59a779801b301a2010608c0de"
        "ea8706aa010b08e096eb870610c0b2cd3bb2010608e0b9f08706");
}

static void tick(void **state)
{
    (void)state;
    g_autoptr(Tick) message = tick_new();
    message_set_string(&message->counter, "sample");
    message->revision = 2;
    message->days = -3;
    message_set_string(&message->date, "2021-07-24");
    message_set_string(&message->since, "2021-07-27");
    message_set_string(&message->until, "2021-07-21");
    message_set_string(&message->time_zone, "Europe/London");
    tick_add_label(message, "en", "three days");
    tick_add_label(message, "ru", "три дня");
    message->elapsed = g_new(Daywire__V1__Elapsed, 1);
    *message->elapsed = (Daywire__V1__Elapsed)DAYWIRE__V1__ELAPSED__INIT;
    message->elapsed->years = 1;
    message->elapsed->months = 2;
    message->elapsed->days = 3;
    message->anniversary = 4;
    message->milestone = true;
    message->effective_at = instant_to_timestamp(INT64_C(1627081200000000));
    message->next_at = instant_to_timestamp(INT64_C(1627167600000000));
    message->emitted_at = instant_to_timestamp(INT64_C(1627081200125000));
    message->late = true;
    message->late_seconds = 3600;
    message_set_string(&message->count, "weekdays");
    message_set_string(&message->group, "Port");
    message->order = 2;
    message->remaining = -3;
    check_bytes(
        &message->base,
        "0a0673616d706c6510021805220a323032312d30372d32342a0a323032312d30372d3237320a323032312d30372d32313a0d"
        "4575726f70652f4c6f6e646f6e42100a02656e120a7468726565206461797342130a027275120dd182d180d0b820d0b4d0bd"
        "d18f4a0608011002180350045801620608f093ed87066a0608f0b6f28706720b08f093ed870610c0b2cd3b780180"
        "01901c8a01087765656b64617973920104506f7274980102a00105");
}

/* Enums keep their numbers. */
static void numbers(void **state)
{
    (void)state;
    assert_int_equal(STATEMENT_STATUS_USABLE, 1);
    assert_int_equal(STATEMENT_STATUS_WITHDRAWN, 2);
    assert_int_equal(STATEMENT_CHANGE_PUBLISHED, 1);
    assert_int_equal(STATEMENT_CHANGE_UPDATED, 2);
    assert_int_equal(STATEMENT_CHANGE_CORRECTED, 3);
    assert_int_equal(STATEMENT_CHANGE_WITHDRAWN, 4);
    assert_int_equal(BODY_TYPE_PLAIN, 1);
    assert_int_equal(BODY_TYPE_HTML, 2);
    assert_int_equal(DAYWIRE__V1__CHANNEL__CHANNEL_STATEMENTS, 1);
    assert_int_equal(DAYWIRE__V1__CHANNEL__CHANNEL_TICKS, 2);
    assert_int_equal(DAYWIRE__V1__RESUME__RESUME_SNAPSHOT, 1);
    assert_int_equal(DAYWIRE__V1__RESUME__RESUME_COMPLETE, 2);
    assert_int_equal(DAYWIRE__V1__RESUME__RESUME_COMPACTED, 3);
    assert_int_equal(DAYWIRE__V1__RESUME__RESUME_RESET, 4);
}

static void client_messages(void **state)
{
    (void)state;
    Daywire__V1__ClientMessage message = DAYWIRE__V1__CLIENT_MESSAGE__INIT;
    Daywire__V1__Channel channels[] = {DAYWIRE__V1__CHANNEL__CHANNEL_STATEMENTS,
                                       DAYWIRE__V1__CHANNEL__CHANNEL_TICKS};

    Daywire__V1__Filter filter = DAYWIRE__V1__FILTER__INIT;
    char *words[] = {TEXT("a"), TEXT("b"), TEXT("c"), TEXT("d"), TEXT("en"), TEXT("e")};
    filter.n_counter = filter.n_source = filter.n_language = filter.n_kind = 1;
    filter.counter = &words[0];
    filter.source = &words[1];
    filter.n_tag = 2;
    filter.tag = &words[2];
    filter.language = &words[4];
    filter.kind = &words[5];
    Daywire__V1__Subscribe subscribe = DAYWIRE__V1__SUBSCRIBE__INIT;
    subscribe.id = 7;
    subscribe.n_channels = 2;
    subscribe.channels = channels;
    subscribe.filter = &filter;
    subscribe.since = TEXT("CURSOR");
    subscribe.last = 10;
    message.message_case = DAYWIRE__V1__CLIENT_MESSAGE__MESSAGE_SUBSCRIBE;
    message.subscribe = &subscribe;
    check_bytes(&message.base,
                "0a250807120201021a130a01611201621a01631a01642202656e2a01652206435552534f52280a");

    Daywire__V1__Unsubscribe unsubscribe = DAYWIRE__V1__UNSUBSCRIBE__INIT;
    unsubscribe.id = 8;
    unsubscribe.n_channels = 1;
    unsubscribe.channels = &channels[1];
    message.message_case = DAYWIRE__V1__CLIENT_MESSAGE__MESSAGE_UNSUBSCRIBE;
    message.unsubscribe = &unsubscribe;
    check_bytes(&message.base, "12050808120102");

    Daywire__V1__Ping ping = DAYWIRE__V1__PING__INIT;
    ping.id = -1;
    message.message_case = DAYWIRE__V1__CLIENT_MESSAGE__MESSAGE_PING;
    message.ping = &ping;
    check_bytes(&message.base, "1a0b08ffffffffffffffffff01");
}

static void server_events(void **state)
{
    (void)state;
    Daywire__V1__ServerMessage message = DAYWIRE__V1__SERVER_MESSAGE__INIT;

    Statement short_statement = DAYWIRE__V1__STATEMENT__INIT;
    short_statement.id = TEXT("a");
    short_statement.revision = 1;
    Daywire__V1__StatementEvent statement_event = DAYWIRE__V1__STATEMENT_EVENT__INIT;
    statement_event.cursor = TEXT("C");
    statement_event.data = &short_statement;
    message.message_case = DAYWIRE__V1__SERVER_MESSAGE__MESSAGE_STATEMENT;
    message.statement = &statement_event;
    check_bytes(&message.base, "1a0a0a014312050a01611001");

    Tick short_tick = DAYWIRE__V1__TICK__INIT;
    short_tick.counter = TEXT("a");
    Daywire__V1__TickEvent tick_event = DAYWIRE__V1__TICK_EVENT__INIT;
    tick_event.cursor = TEXT("C");
    tick_event.data = &short_tick;
    tick_event.removed = true;
    message.message_case = DAYWIRE__V1__SERVER_MESSAGE__MESSAGE_TICK;
    message.tick = &tick_event;
    check_bytes(&message.base, "220a0a014312030a01611801");
}

static void server_states(void **state)
{
    (void)state;
    Daywire__V1__ServerMessage message = DAYWIRE__V1__SERVER_MESSAGE__INIT;
    Google__Protobuf__Timestamp time = GOOGLE__PROTOBUF__TIMESTAMP__INIT;

    time.seconds = 1627041600;
    time.nanos = 5000;
    Daywire__V1__Hello hello = DAYWIRE__V1__HELLO__INIT;
    hello.time = &time;
    hello.heartbeat = 25;
    hello.version = TEXT("0.1.0");
    message.message_case = DAYWIRE__V1__SERVER_MESSAGE__MESSAGE_HELLO;
    message.hello = &hello;
    check_bytes(&message.base, "0a140a0908c0deea870610882710191a05302e312e30");

    Daywire__V1__Subscribed subscribed = DAYWIRE__V1__SUBSCRIBED__INIT;
    subscribed.id = 7;
    subscribed.resume = DAYWIRE__V1__RESUME__RESUME_COMPACTED;
    subscribed.cursor = TEXT("C");
    message.message_case = DAYWIRE__V1__SERVER_MESSAGE__MESSAGE_SUBSCRIBED;
    message.subscribed = &subscribed;
    check_bytes(&message.base, "1207080710031a0143");

    Daywire__V1__CaughtUp caught_up = DAYWIRE__V1__CAUGHT_UP__INIT;
    caught_up.id = 7;
    caught_up.cursor = TEXT("C");
    message.message_case = DAYWIRE__V1__SERVER_MESSAGE__MESSAGE_CAUGHT_UP;
    message.caught_up = &caught_up;
    check_bytes(&message.base, "2a050807120143");

    time.seconds = 1;
    time.nanos = 0;
    Daywire__V1__Heartbeat heartbeat = DAYWIRE__V1__HEARTBEAT__INIT;
    heartbeat.id = 9;
    heartbeat.time = &time;
    heartbeat.cursor = TEXT("C");
    message.message_case = DAYWIRE__V1__SERVER_MESSAGE__MESSAGE_HEARTBEAT;
    message.heartbeat = &heartbeat;
    check_bytes(&message.base, "32090809120208011a0143");
}

static void server_troubles(void **state)
{
    (void)state;
    Daywire__V1__ServerMessage message = DAYWIRE__V1__SERVER_MESSAGE__INIT;

    Daywire__V1__Error error = DAYWIRE__V1__ERROR__INIT;
    error.id = 7;
    error.code = TEXT("bad_filter");
    error.message = TEXT("too long");
    message.message_case = DAYWIRE__V1__SERVER_MESSAGE__MESSAGE_ERROR;
    message.error = &error;
    check_bytes(&message.base, "3a180807120a6261645f66696c7465721a08746f6f206c6f6e67");

    Daywire__V1__Bye bye = DAYWIRE__V1__BYE__INIT;
    bye.code = TEXT("restart");
    bye.retry_after_ms = 1234;
    bye.cursor = TEXT("C");
    message.message_case = DAYWIRE__V1__SERVER_MESSAGE__MESSAGE_BYE;
    message.bye = &bye;
    check_bytes(&message.base, "420f0a077265737461727410d2091a0143");
}

/* All fields are set above: a field that is added without its golden bytes is noticed here. */
static void no_field_is_left_out(void **state)
{
    (void)state;
    static const struct {
        const ProtobufCMessageDescriptor *descriptor;
        unsigned fields;
    } counts[] = {
        {&daywire__v1__statement__descriptor, 22},
        {&daywire__v1__tick__descriptor, 20},
        {&daywire__v1__elapsed__descriptor, 3},
        {&daywire__v1__filter__descriptor, 5},
        {&daywire__v1__subscribe__descriptor, 5},
        {&daywire__v1__unsubscribe__descriptor, 2},
        {&daywire__v1__ping__descriptor, 1},
        {&daywire__v1__client_message__descriptor, 3},
        {&daywire__v1__hello__descriptor, 3},
        {&daywire__v1__subscribed__descriptor, 3},
        {&daywire__v1__statement_event__descriptor, 2},
        {&daywire__v1__tick_event__descriptor, 3},
        {&daywire__v1__caught_up__descriptor, 2},
        {&daywire__v1__heartbeat__descriptor, 3},
        {&daywire__v1__error__descriptor, 3},
        {&daywire__v1__bye__descriptor, 3},
        {&daywire__v1__server_message__descriptor, 8},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(counts); i++) {
        if (counts[i].descriptor->n_fields != counts[i].fields)
            fail_msg("%s has %u fields, this test knows %u", counts[i].descriptor->name,
                     counts[i].descriptor->n_fields, counts[i].fields);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statement),       cmocka_unit_test(tick),
        cmocka_unit_test(numbers),         cmocka_unit_test(client_messages),
        cmocka_unit_test(server_events),   cmocka_unit_test(server_states),
        cmocka_unit_test(server_troubles), cmocka_unit_test(no_field_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
