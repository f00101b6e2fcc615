/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <jansson.h>

#include "common/error.h"
#include "common/instant.h"
#include "common/tick_json.h"

/* By another reader than the product's, so that the tests can change what is in it. */
static json_t *parse(const char *text)
{
    json_error_t problem;
    json_t *value = json_loads(text, JSON_DECODE_ANY, &problem);
    if (!value)
        fail_msg("%s: %s", text, problem.text);
    return value;
}

/* The other reader sees the same in it. */
static char *print(const Tick *tick)
{
    g_autoptr(yyjson_mut_doc) doc = json_new();
    char *text = json_write(tick_to_json(tick, doc), NULL);
    json_t *object = parse(text);
    g_autofree char *again = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    assert_string_equal(again, text);
    return text;
}

static Tick *full_tick(void)
{
    Tick *tick = tick_new();
    message_set_string(&tick->counter, "sample");
    tick->revision = 1;
    tick->days = 1238;
    message_set_string(&tick->date, "2021-07-24");
    message_set_string(&tick->since, "2018-03-04");
    message_set_string(&tick->time_zone, "Europe/London");
    tick_add_label(tick, "ru", "1238 дней");
    tick_add_label(tick, "en", "1,238 days");
    tick->elapsed = g_new(Daywire__V1__Elapsed, 1);
    daywire__v1__elapsed__init(tick->elapsed);
    tick->elapsed->years = 3;
    tick->elapsed->months = 4;
    tick->elapsed->days = 20;
    tick->effective_at = instant_to_timestamp(INT64_C(1627081200) * INSTANT_SECOND);
    tick->next_at = instant_to_timestamp(INT64_C(1627167600) * INSTANT_SECOND);
    tick->emitted_at = instant_to_timestamp(INT64_C(1627081200125000));
    return tick;
}

static void all_fields_in_their_order(void **state)
{
    (void)state;
    g_autoptr(Tick) tick = full_tick();
    g_autofree char *text = print(tick);
    assert_string_equal(
        text, "{\"counter\":\"sample\",\"revision\":1,\"days\":1238,\"date\":\"2021-07-24\",\"since\":\"2018-"
              "03-04\","
              "\"until\":null,\"time_zone\":\"Europe/London\",\"label\":{\"en\":\"1,238 days\",\"ru\":\"1238 "
              "дней\"},"
              "\"elapsed\":{\"years\":3,\"months\":4,\"days\":20},\"anniversary\":null,\"milestone\":false,"
              "\"effective_at\":\"2021-07-23T23:00:00Z\",\"next_at\":\"2021-07-24T23:00:00Z\","
              "\"emitted_at\":\"2021-07-23T23:00:00.125Z\",\"late\":false}");
}

static void an_anniversary_of_a_countdown(void **state)
{
    (void)state;
    g_autoptr(Tick) tick = full_tick();
    message_set_string(&tick->since, NULL);
    message_set_string(&tick->until, "2021-07-20");
    tick->days = -4;
    tick->anniversary = 3;
    tick->milestone = true;
    tick->late = true;
    g_autofree char *text = print(tick);
    json_t *object = parse(text);
    assert_true(json_is_null(json_object_get(object, "since")));
    assert_string_equal(json_string_value(json_object_get(object, "until")), "2021-07-20");
    assert_int_equal(json_integer_value(json_object_get(object, "days")), -4);
    assert_int_equal(json_integer_value(json_object_get(object, "anniversary")), 3);
    assert_true(json_is_true(json_object_get(object, "milestone")));
    assert_true(json_is_true(json_object_get(object, "late")));
    json_decref(object);
}

/* As a foreign encoder may write it; in a map of protobuf the last one holds. */
static void a_language_is_printed_once(void **state)
{
    (void)state;
    g_autoptr(Tick) tick = tick_new();
    tick_add_label(tick, "en", "first");
    tick_add_label(tick, "ru", "other");
    tick_add_label(tick, "xx", "last");
    message_set_string(&tick->label[2]->key, "en");
    g_autofree char *text = print(tick);
    assert_non_null(strstr(text, "\"label\":{\"en\":\"last\",\"ru\":\"other\"}"));
}

static void an_empty_tick_is_printed(void **state)
{
    (void)state;
    g_autoptr(Tick) tick = tick_new();
    g_autofree char *text = print(tick);
    assert_string_equal(
        text, "{\"counter\":null,\"revision\":0,\"days\":0,\"date\":null,\"since\":null,\"until\":null,"
              "\"time_zone\":null,\"label\":{},\"elapsed\":null,\"anniversary\":null,"
              "\"milestone\":false,\"effective_at\":null,\"next_at\":null,\"emitted_at\":null,"
              "\"late\":false}");
}

/* --- reading --- */

static Tick *read_text(const char *text, char **ret_field, GError **error)
{
    g_autoptr(yyjson_doc) doc = json_read(text, strlen(text), 1, error);
    if (!doc)
        fail_msg("%s: %s", text, (*error)->message);
    return tick_from_json(yyjson_doc_get_root(doc), ret_field, error);
}

static Tick *read_tick(json_t *value)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *field = NULL;
    g_autofree char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    json_decref(value);
    Tick *tick = read_text(text, &field, &error);
    if (!tick)
        fail_msg("%s", error->message);
    assert_null(error);
    assert_null(field);
    return tick;
}

/* Every field has a value other than that of an empty tick in one of them. */
static const char *const texts[] = {
    "{\"counter\":\"a.Z_0~-\",\"revision\":4294967295,\"days\":1238,\"date\":\"2021-07-24\",\"since\":\"2018-"
    "03-04\",\"until\":null,\"time_zone\":\"Europe/London\",\"label\":{\"en\":\"1,238 days\",\"pt-BR\":\"\","
    "\"ru\":\"1238 дней\\n\"},\"elapsed\":{\"years\":3,\"months\":4,\"days\":20},\"anniversary\":null,"
    "\"milestone\":false,\"effective_at\":\"2021-07-23T23:00:00Z\",\"next_at\":\"2021-07-24T23:00:00Z\","
    "\"emitted_at\":\"2021-07-23T23:00:00.125Z\",\"late\":false}",
    "{\"counter\":\"b\",\"revision\":1,\"days\":1096,\"date\":\"2021-03-04\",\"since\":\"2018-03-04\","
    "\"until\":"
    "null,\"time_zone\":\"America/Argentina/"
    "Buenos_Aires\",\"label\":{},\"elapsed\":{\"years\":3,\"months\":0,"
    "\"days\":0},\"anniversary\":3,\"milestone\":true,\"effective_at\":\"2021-03-04T03:00:00Z\",\"next_at\":"
    "\"2021-03-05T03:00:00Z\",\"emitted_at\":\"2021-03-04T09:30:00.000001Z\",\"late\":true}",
    "{\"counter\":\"c\",\"revision\":2,\"days\":-3652057,\"date\":\"9999-12-30\",\"since\":null,\"until\":"
    "\"0001-01-01\",\"time_zone\":\"UTC\",\"label\":{\"en\":\"x\"},\"elapsed\":{\"years\":9998,\"months\":11,"
    "\"days\":30},\"anniversary\":null,\"milestone\":true,\"effective_at\":\"9999-12-30T00:00:00Z\","
    "\"next_at\":\"9999-12-31T00:00:00Z\",\"emitted_at\":\"0001-01-01T00:00:00Z\",\"late\":true}",
    "{\"counter\":\"d\",\"revision\":1,\"days\":5,\"date\":\"2026-03-09\",\"since\":\"2026-03-02\",\"until\":"
    "\"2026-03-05\",\"time_zone\":\"UTC\",\"label\":{},\"elapsed\":{\"years\":0,\"months\":0,"
    "\"days\":7},\"anniversary\":null,\"milestone\":false,\"effective_at\":\"2026-03-09T00:00:00Z\","
    "\"next_at\":\"2026-03-10T00:00:00Z\",\"emitted_at\":\"2026-03-09T00:01:01.500Z\",\"late\":true,"
    "\"late_seconds\":61,\"count\":\"weekdays\",\"group\":\"Fähren\",\"order\":4294967295,\"remaining\":-2}",
};

static void texts_go_round(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(Tick) tick = read_tick(parse(texts[i]));
        g_autofree char *text = print(tick);
        assert_string_equal(text, texts[i]);
    }
}

static void assert_goes_round(const Tick *tick)
{
    g_autofree char *text = print(tick);
    g_autoptr(Tick) again = read_tick(parse(text));
    g_autoptr(GBytes) packed = tick_pack(tick);
    g_autoptr(GBytes) packed_again = tick_pack(again);
    assert_true(g_bytes_equal(packed, packed_again));
}

static void ticks_go_round(void **state)
{
    (void)state;
    g_autoptr(Tick) tick = full_tick();
    assert_goes_round(tick);
    tick->anniversary = 3;
    tick->milestone = true;
    tick->late = true;
    tick->revision = UINT32_MAX;
    assert_goes_round(tick);
    message_set_string(&tick->until, tick->date);
    message_set_string(&tick->since, NULL);
    tick->days = 0;
    assert_goes_round(tick);
}

/* Told apart by members that are not equal to one another. */
static void each_field_has_its_member(void **state)
{
    (void)state;
    g_autoptr(Tick) tick = read_tick(parse(texts[1]));
    assert_string_equal(tick->counter, "b");
    assert_int_equal(tick->revision, 1);
    assert_int_equal(tick->days, 1096);
    assert_string_equal(tick->date, "2021-03-04");
    assert_string_equal(tick->since, "2018-03-04");
    assert_string_equal(tick->until, "");
    assert_string_equal(tick->time_zone, "America/Argentina/Buenos_Aires");
    assert_int_equal(tick->n_label, 0);
    assert_int_equal(tick->elapsed->years, 3);
    assert_int_equal(tick->anniversary, 3);
    assert_true(tick->milestone);
    assert_int_equal(tick->effective_at->seconds, 1614826800);
    assert_int_equal(tick->next_at->seconds, 1614913200);
    assert_int_equal(tick->emitted_at->seconds, 1614850200);
    assert_int_equal(tick->emitted_at->nanos, 1000);
    assert_true(tick->late);
}

static void an_offset_is_read_as_utc(void **state)
{
    (void)state;
    json_t *value = parse(texts[0]);
    json_object_set_new(value, "effective_at", json_string("2021-07-24T00:00:00+01:00"));
    g_autoptr(Tick) tick = read_tick(value);
    g_autofree char *text = print(tick);
    assert_string_equal(text, texts[0]);
}

/* What is read instead of a field's value, in the first of the texts; "" leaves the field out. */
typedef struct {
    const char *field;
    const char *value;
    const char *message;
} BadField;

#define KNOWN                                                                                                \
    "counter, revision, days, date, since, until, time_zone, label, elapsed, anniversary, milestone, "       \
    "effective_at, next_at, emitted_at, late, late_seconds, count, group, order, remaining"
#define ID_EXPECTED "1 to 100 characters of A-Z a-z 0-9 . _ ~ -, but not . or .. alone"
#define HUNDRED                                                                                              \
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"                                                     \
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define TIME_EXPECTED  "date, time and offset as in 2021-07-23T12:00:00+01:00"
#define ZONE_EXPECTED  "name of a time zone such as Europe/London"
#define LABEL_EXPECTED "by BCP 47 tags such as en or pt-BR"

static const BadField bad_fields[] = {
    {"counter", "", "counter: a tick needs this"},
    {"counter", "null", "counter: a tick needs this"},
    {"counter", "7", "counter: a string, this one is a number"},
    {"counter", "\"\"", "counter: " ID_EXPECTED},
    {"counter", "\"a/b\"", "counter: " ID_EXPECTED},
    {"counter", "\"..\"", "counter: " ID_EXPECTED},
    {"counter", "\"" HUNDRED "x\"", "counter: " ID_EXPECTED},
    {"revision", "", "revision: a tick needs this"},
    {"revision", "0", "revision: a whole number from 1 to 4294967295, this one is 0"},
    {"revision", "-1", "revision: a whole number from 1 to 4294967295, this one is -1"},
    {"revision", "4294967296", "revision: a whole number from 1 to 4294967295, this one is 4294967296"},
    {"revision", "1.5", "revision: a whole number from 1 to 4294967295, this one is 1.5"},
    {"revision", "1.0", "revision: a whole number from 1 to 4294967295, this one is 1.0"},
    {"revision", "\"1\"", "revision: a whole number from 1 to 4294967295, this one is a string"},
    {"days", "", "days: a tick needs this"},
    {"days", "null", "days: a tick needs this"},
    {"days", "true", "days: a whole number from -3652058 to 3652058, this one is true"},
    {"days", "3652059", "days: a whole number from -3652058 to 3652058, this one is 3652059"},
    {"days", "-3652059", "days: a whole number from -3652058 to 3652058, this one is -3652059"},
    {"days", "4294968534", "days: a whole number from -3652058 to 3652058, this one is 4294968534"},
    {"days", "-1238", "days: date less since, which is 1238, this one is -1238"},
    {"date", "", "date: a tick needs this"},
    {"date", "20210724", "date: a string, this one is a number"},
    {"date", "\"\"", "date: a day of the calendar as YYYY-MM-DD, this one is \"\""},
    {"date", "\"2021-02-29\"", "date: a day of the calendar as YYYY-MM-DD, this one is \"2021-02-29\""},
    {"date", "\"2021-07-24 \"", "date: a day of the calendar as YYYY-MM-DD, this one is \"2021-07-24 \""},
    {"date", "\"2021-07-25\"", "days: date less since, which is 1239, this one is 1238"},
    {"since", "null", "since: a tick has this or until or both, this one has neither"},
    {"since", "\"\"", "since: a day of the calendar as YYYY-MM-DD, this one is \"\""},
    {"since", "[]", "since: a string, this one is an array"},
    {"until", "\"2018-03-04\"", "remaining: until less date, which is -1238, this one is 0"},
    {"until", "\"0000-01-01\"", "until: a day of the calendar as YYYY-MM-DD, this one is \"0000-01-01\""},
    {"time_zone", "", "time_zone: a tick needs this"},
    {"time_zone", "1", "time_zone: a string, this one is a number"},
    {"time_zone", "\"\"", "time_zone: " ZONE_EXPECTED ", this one is \"\""},
    {"time_zone", "\"+01:00\"", "time_zone: " ZONE_EXPECTED ", this one is \"+01:00\""},
    {"time_zone", "\"Europe/../\\u0007\"", "time_zone: " ZONE_EXPECTED ", this one is \"Europe/../?\""},
    {"label", "", "label: a tick needs this"},
    {"label", "\"x\"", "label: an object of strings by language, this one is a string"},
    {"label", "[\"x\"]", "label: an object of strings by language, this one is an array"},
    {"label", "{\"en\":\"x\",\"de\":1}", "label: an object of strings by language, de is a number"},
    {"label", "{\"en\":null}", "label: an object of strings by language, en is null"},
    {"label", "{\"english\":\"x\"}", "label: " LABEL_EXPECTED ", this one is \"english\""},
    {"label", "{\"\":\"x\"}", "label: " LABEL_EXPECTED ", this one is \"\""},
    {"label", "{\"en_\\n\":\"x\"}", "label: " LABEL_EXPECTED ", this one is \"en_?\""},
    {"label", "{\"en-aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa\":\"x\"}",
     "label: " LABEL_EXPECTED ", this one is \"en-aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa\""},
    {"elapsed", "", "elapsed: a tick needs this"},
    {"elapsed", "null", "elapsed: a tick needs this"},
    {"elapsed", "3", "elapsed: an elapsed time is a JSON object, this is a number"},
    {"elapsed", "{}", "elapsed: years: an elapsed time needs this"},
    {"elapsed", "{\"years\":3,\"months\":4}", "elapsed: days: an elapsed time needs this"},
    {"elapsed", "{\"years\":3,\"months\":4,\"weeks\":2}",
     "elapsed: weeks: no such field; an elapsed time has years, months, days"},
    {"elapsed", "{\"years\":-1,\"months\":4,\"days\":20}",
     "elapsed: years: a whole number from 0 to 9998, this one is -1"},
    {"elapsed", "{\"years\":9999,\"months\":4,\"days\":20}",
     "elapsed: years: a whole number from 0 to 9998, this one is 9999"},
    {"elapsed", "{\"years\":3,\"months\":12,\"days\":20}",
     "elapsed: months: a whole number from 0 to 11, this one is 12"},
    {"elapsed", "{\"years\":3,\"months\":4,\"days\":31}",
     "elapsed: days: a whole number from 0 to 30, this one is 31"},
    {"anniversary", "0", "anniversary: a whole number from 1 to 9998, this one is 0"},
    {"anniversary", "9999", "anniversary: a whole number from 1 to 9998, this one is 9999"},
    {"anniversary", "false", "anniversary: a whole number from 1 to 9998, this one is false"},
    {"milestone", "", "milestone: a tick needs this"},
    {"milestone", "0", "milestone: true or false, this one is a number"},
    {"effective_at", "", "effective_at: a tick needs this"},
    {"effective_at", "1627081200", "effective_at: a string, this one is a number"},
    {"effective_at", "\"2021-07-23\"", "effective_at: " TIME_EXPECTED ", this one is \"2021-07-23\""},
    {"next_at", "null", "next_at: a tick needs this"},
    {"next_at", "\"2021-07-24T24:00:00Z\"",
     "next_at: " TIME_EXPECTED ", this one is \"2021-07-24T24:00:00Z\""},
    {"emitted_at", "", "emitted_at: a tick needs this"},
    {"emitted_at", "\"now\"", "emitted_at: " TIME_EXPECTED ", this one is \"now\""},
    {"late", "", "late: a tick needs this"},
    {"late", "\"no\"", "late: true or false, this one is a string"},
    {"late_seconds", "-1", "late_seconds: a whole number from 0 to 4294967295, this one is -1"},
    {"late_seconds", "1.5", "late_seconds: a whole number from 0 to 4294967295, this one is 1.5"},
    {"count", "1", "count: a string, this one is a number"},
    {"count", "\"\"", "count: weekdays or nothing, this one is \"\""},
    {"count", "\"days\"", "count: weekdays or nothing, this one is \"days\""},
    {"group", "[]", "group: a string, this one is an array"},
    {"group", "\"\"", "group: 1 to 100 characters, no control characters"},
    {"group", "\"a\\nb\"", "group: 1 to 100 characters, no control characters"},
    {"group", "\"" HUNDRED "x\"", "group: 1 to 100 characters, no control characters"},
    {"order", "4294967296", "order: a whole number from 0 to 4294967295, this one is 4294967296"},
    {"remaining", "0", "remaining: for a tick with both since and until"},
    {"Late", "true", "Late: no such field; a tick has " KNOWN},
    {"a\nb", "1", "a?b: no such field; a tick has " KNOWN},
};

static void assert_text_refused(const char *text, const char *message)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *field = NULL;
    g_autoptr(Tick) tick = text ? read_text(text, &field, &error) : tick_from_json(NULL, &field, &error);
    if (tick)
        fail_msg("accepted, not refused with: %s", message);
    assert_string_equal(error->message, message);
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID));
    if (field)
        assert_memory_equal(message, field, strlen(field)); /* it begins with the field's name */
    assert_int_equal(field != NULL, !g_str_has_prefix(message, "a tick"));
}

static void assert_refused(json_t *value, const char *message)
{
    g_autofree char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    json_decref(value);
    assert_text_refused(text, message);
}

static void bad_fields_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(bad_fields); i++) {
        json_t *value = parse(texts[0]);
        if (*bad_fields[i].value)
            json_object_set_new(value, bad_fields[i].field, parse(bad_fields[i].value));
        else
            json_object_del(value, bad_fields[i].field);
        assert_refused(value, bad_fields[i].message);
    }
}

static void what_is_no_tick_is_refused(void **state)
{
    (void)state;
    assert_text_refused(NULL, "a tick is a JSON object, this is nothing");
    assert_refused(parse("null"), "a tick is a JSON object, this is null");
    assert_refused(parse("[]"), "a tick is a JSON object, this is an array");
    assert_refused(parse("\"tick\""), "a tick is a JSON object, this is a string");
    assert_refused(parse("{}"), "counter: a tick needs this");
    json_t *countdown = parse(texts[2]);
    json_object_set_new(countdown, "days", json_integer(3652057));
    assert_refused(countdown, "days: until less date, which is -3652057, this one is 3652057");
    countdown = parse(texts[2]);
    json_object_set_new(countdown, "days", json_integer(1));
    assert_refused(countdown, "days: until less date, which is -3652057, this one is 1");
    g_autoptr(Tick) empty = tick_new();
    g_autofree char *text = print(empty);
    assert_text_refused(text, "counter: a tick needs this");
}

/* The other reader takes none of them. */
static void numbers_of_more_than_64_bits_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *number;
        const char *shown;
    } cases[] = {
        {"9223372036854775808", "9223372036854775808"},
        {"18446744073709551615", "18446744073709551615"},
        {"18446744073709551617", "18446744073709552000.0"}, /* not 1 */
        {"-9223372036854775809", "-9223372036854776000.0"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(GStrv) parts = g_strsplit(texts[1], "\"revision\":1,", 2);
        g_autofree char *text = g_strdup_printf("%s\"revision\":%s,%s", parts[0], cases[i].number, parts[1]);
        g_autofree char *message =
            g_strdup_printf("revision: a whole number from 1 to 4294967295, this one is %s", cases[i].shown);
        assert_text_refused(text, message);
    }
}

/* Weekdays are no more than the days, whose sign they have. */
static void days_of_both_dates_are_checked(void **state)
{
    (void)state;
    static const struct {
        const char *field;
        int number;
        const char *message; /* NULL: accepted */
    } cases[] = {
        {"days", 7, NULL},
        {"days", 0, NULL},
        {"remaining", 0, NULL},
        {"remaining", -4, NULL},
        {"days", 8, "days: some of date less since, which is 7, this one is 8"},
        {"days", -1, "days: some of date less since, which is 7, this one is -1"},
        {"remaining", 1, "remaining: some of until less date, which is -4, this one is 1"},
        {"remaining", -5, "remaining: some of until less date, which is -4, this one is -5"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        json_t *value = parse(texts[3]);
        json_object_set_new(value, cases[i].field, json_integer(cases[i].number));
        if (cases[i].message)
            assert_refused(value, cases[i].message);
        else
            tick_free(read_tick(value));
    }
    json_t *all_days = parse(texts[3]);
    json_object_del(all_days, "count");
    assert_refused(json_copy(all_days), "days: date less since, which is 7, this one is 5");
    json_object_set_new(all_days, "days", json_integer(7));
    assert_refused(json_copy(all_days), "remaining: until less date, which is -4, this one is -2");
    json_object_set_new(all_days, "remaining", json_integer(-4));
    tick_free(read_tick(all_days));
}

static void a_countdown_may_stay_at_zero(void **state)
{
    (void)state;
    json_t *value = parse(texts[2]);
    json_object_set_new(value, "days", json_integer(0));
    tick_free(read_tick(value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_fields_in_their_order),
        cmocka_unit_test(an_anniversary_of_a_countdown),
        cmocka_unit_test(a_language_is_printed_once),
        cmocka_unit_test(an_empty_tick_is_printed),
        cmocka_unit_test(texts_go_round),
        cmocka_unit_test(ticks_go_round),
        cmocka_unit_test(each_field_has_its_member),
        cmocka_unit_test(an_offset_is_read_as_utc),
        cmocka_unit_test(bad_fields_are_refused),
        cmocka_unit_test(what_is_no_tick_is_refused),
        cmocka_unit_test(numbers_of_more_than_64_bits_are_refused),
        cmocka_unit_test(days_of_both_dates_are_checked),
        cmocka_unit_test(a_countdown_may_stay_at_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
