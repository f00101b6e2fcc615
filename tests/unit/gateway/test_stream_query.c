/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "common/error.h"
#include "gateway/stream_query.h"

static ClientMessage *parse(const char *query, char **ret_refusal)
{
    g_auto(GStrv) parameters = g_strsplit(query, "&", -1);
    g_autoptr(GError) error = NULL;
    ClientMessage *message = NULL;

    *ret_refusal = NULL;
    if (!stream_query_parse((const char *const *)parameters, &message, &error)) {
        assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID));
        *ret_refusal = g_strdup(error->message);
    }
    return message;
}

static bool takes_source(const ClientMessage *message, const char *source)
{
    Statement *statement = statement_new();
    message_set_string(&statement->id, "a");
    message_set_string(&statement->source, source);
    statement->status = STATEMENT_STATUS_USABLE;
    g_autoptr(Event) event = event_new_statement(statement, "cursor", 0, 1, 0);
    return filter_matches(message->filter, event);
}

static void test_no_parameters_are_no_subscription(void **state)
{
    const char *const none[] = {NULL};
    ClientMessage *message = NULL;

    (void)state;
    assert_true(stream_query_parse(none, &message, NULL));
    assert_null(message);
}

static void test_a_whole_subscription(void **state)
{
    g_autofree char *refusal = NULL;
    g_autoptr(ClientMessage) message =
        parse("channels=statements,ticks&last=10&since=abc=&source=desk,office&source=quay", &refusal);

    (void)state;
    assert_null(refusal);
    assert_int_equal(message->type, CLIENT_SUBSCRIBE);
    assert_int_equal(message->id, 0);
    assert_int_equal(message->channels, CHANNEL_STATEMENTS | CHANNEL_TICKS);
    assert_int_equal(message->last, 10);
    assert_string_equal(message->since, "abc=");
    assert_true(takes_source(message, "desk"));
    assert_true(takes_source(message, "office"));
    assert_true(takes_source(message, "quay"));
    assert_false(takes_source(message, "elsewhere"));
}

static void test_channels_may_be_repeated_and_an_empty_cursor_is_none(void **state)
{
    g_autofree char *refusal = NULL;
    g_autoptr(ClientMessage) message = parse("channels=ticks&since=&channels=statements", &refusal);

    (void)state;
    assert_null(refusal);
    assert_int_equal(message->channels, CHANNEL_STATEMENTS | CHANNEL_TICKS);
    assert_null(message->since);
    assert_null(message->filter);
}

static void test_refusals_name_the_parameter(void **state)
{
    static const struct {
        const char *query, *word;
    } cases[] = {
        {"last=10", "channels"},
        {"channels=", "channels"},
        {"channels=weather", "weather"},
        {"channels=ticks,weather", "weather"},
        {"channels=ticks,,statements", "channels"},
        {"channels=ticks&last=1001", "last"},
        {"channels=ticks&last=-1", "last"},
        {"channels=ticks&last=", "last"},
        {"channels=ticks&last=1x", "last"},
        {"channels=ticks&last=1&last=2", "last"},
        {"channels=ticks&since=a&since=b", "since"},
        {"channels=ticks&colour=red", "colour"},
        {"channels=ticks&token=secret", "token"},
        {"channels=ticks&tag=", "tag"},
        {"channels=ticks&tag=a,,b", "tag"},
        {"channels=ticks&tag=\xff", "UTF-8"},
        {"channels", "channels"},
        {"=ticks", "parameter"},
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *refusal = NULL;
        assert_null(parse(cases[i].query, &refusal));
        if (refusal == NULL || strstr(refusal, cases[i].word) == NULL)
            fail_msg("%s: %s", cases[i].query, refusal != NULL ? refusal : "taken");
    }
}

static void test_too_many_values_are_refused(void **state)
{
    GString *query = g_string_new("channels=statements&tag=t");
    g_autofree char *refusal = NULL;

    (void)state;
    for (unsigned i = 0; i < FILTER_VALUES_MAX; i++)
        g_string_append_printf(query, ",t%u", i);
    assert_null(parse(query->str, &refusal));
    assert_non_null(strstr(refusal, "tag"));
    g_string_free(query, TRUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_parameters_are_no_subscription),
        cmocka_unit_test(test_a_whole_subscription),
        cmocka_unit_test(test_channels_may_be_repeated_and_an_empty_cursor_is_none),
        cmocka_unit_test(test_refusals_name_the_parameter),
        cmocka_unit_test(test_too_many_values_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
