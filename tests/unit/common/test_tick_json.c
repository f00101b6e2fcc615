/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "common/instant.h"
#include "common/tick_json.h"

static char *print(const Tick *tick)
{
    json_t *object = tick_to_json(tick);
    char *text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
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
    json_t *object = tick_to_json(tick);
    assert_true(json_is_null(json_object_get(object, "since")));
    assert_string_equal(json_string_value(json_object_get(object, "until")), "2021-07-20");
    assert_int_equal(json_integer_value(json_object_get(object, "days")), -4);
    assert_int_equal(json_integer_value(json_object_get(object, "anniversary")), 3);
    assert_true(json_is_true(json_object_get(object, "milestone")));
    assert_true(json_is_true(json_object_get(object, "late")));
    json_decref(object);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_fields_in_their_order),
        cmocka_unit_test(an_anniversary_of_a_countdown),
        cmocka_unit_test(an_empty_tick_is_printed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
