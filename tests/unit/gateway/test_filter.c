/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "common/error.h"
#include "stream_fixture.h"

#include "gateway/filter.h"

static void add(Filter *filter, const char *field, const char *value)
{
    g_autoptr(GError) error = NULL;
    assert_true(filter_add(filter, field, value, &error));
    assert_null(error);
}

static void assert_refused(Filter *filter, const char *field, const char *value, const char *message)
{
    g_autoptr(GError) error = NULL;
    assert_false(filter_add(filter, field, value, &error));
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID));
    assert_string_equal(error->message, message);
}

static Event *press_event(void)
{
    Statement *statement = make_statement("quay", 1, "Quay");
    message_set_string(&statement->source, "press");
    message_set_string(&statement->kind, "comment");
    message_set_string(&statement->language, "en");
    statement_add_tag(statement, "harbour");
    statement_add_tag(statement, "tide");
    return event_new_statement(statement, "", 0, 0, 0);
}

static void assert_matches(const char *field, const char *value, bool expected)
{
    g_autoptr(Event) event = press_event();
    Filter *filter = filter_new();
    add(filter, field, value);
    assert_int_equal(filter_matches(filter, event), expected);
    filter_free(filter);
}

static void test_each_field_takes_its_values(void **state)
{
    (void)state;
    assert_matches("source", "press", true);
    assert_matches("source", "Press", false);
    assert_matches("kind", "comment", true);
    assert_matches("language", "en", true);
    assert_matches("language", "e", false);
    assert_matches("tag", "tide", true);
    assert_matches("tag", "harbour", true);
    assert_matches("tag", "harb", false);
    assert_matches("counter", "none", true); /* concerns ticks only */
}

static void test_all_fields_must_match(void **state)
{
    (void)state;
    g_autoptr(Event) event = press_event();
    Filter *filter = filter_new();
    assert_true(filter_matches(filter, event));
    assert_true(filter_matches(NULL, event));
    add(filter, "source", "press");
    add(filter, "tag", "storm");
    assert_false(filter_matches(filter, event));
    add(filter, "tag", "tide");
    assert_true(filter_matches(filter, event));
    add(filter, "kind", "interview");
    assert_false(filter_matches(filter, event));
    filter_free(filter);
}

static void test_ticks_are_chosen_by_counter(void **state)
{
    (void)state;
    g_autoptr(Event) event = event_new_tick(make_tick("opened", "2024-05-01", 1), "", 0, 0, 0);
    g_autoptr(Event) removal = event_new_counter_removed(make_tick("opened", "", 0), "", 0, 0, 0);
    Filter *filter = filter_new();
    add(filter, "source", "press"); /* concerns statements only */
    assert_true(filter_matches(filter, event));
    add(filter, "counter", "closed");
    assert_false(filter_matches(filter, event));
    assert_false(filter_matches(filter, removal));
    add(filter, "counter", "opened");
    assert_true(filter_matches(filter, event));
    assert_true(filter_matches(filter, removal));
    filter_free(filter);
}

static void test_a_withdrawal_passes_unless_its_words_say_otherwise(void **state)
{
    (void)state;
    Statement *bare = make_withdrawal("quay", 2);
    Statement *worded = make_withdrawal("quay", 2);
    message_set_string(&worded->source, "press");
    statement_add_tag(worded, "tide");
    g_autoptr(Event) unknown = event_new_statement(bare, "", 0, 0, 0);
    g_autoptr(Event) known = event_new_statement(worded, "", 0, 0, 0);
    Filter *filter = filter_new();
    add(filter, "source", "museum");
    add(filter, "kind", "comment");
    assert_true(filter_matches(filter, unknown));
    assert_false(filter_matches(filter, known));
    add(filter, "source", "press");
    assert_true(filter_matches(filter, known));
    add(filter, "tag", "storm");
    assert_false(filter_matches(filter, known));
    assert_true(filter_matches(filter, unknown));
    filter_free(filter);
}

static void test_bounds(void **state)
{
    (void)state;
    Filter *filter = filter_new();
    g_autofree char *longest = g_strnfill(FILTER_VALUE_MAX, 'x');
    g_autofree char *too_long = g_strnfill(FILTER_VALUE_MAX + 1, 'x');
    assert_refused(filter, "colour", "red",
                   "filter: there is no such field; there are counter, source, tag, language, kind");
    assert_refused(filter, "tag", "", "filter tag: a value has 1 to 200 characters");
    assert_refused(filter, "tag", too_long, "filter tag: a value has 1 to 200 characters");
    assert_refused(filter, "tag", "\xff", "filter tag: a value has 1 to 200 characters");
    add(filter, "tag", longest);
    for (int i = 1; i < FILTER_VALUES_MAX; i++) {
        char value[16];
        g_snprintf(value, sizeof(value), "%d", i);
        add(filter, "tag", value);
    }
    add(filter, "tag", "1"); /* is there already */
    assert_refused(filter, "tag", "one more", "filter tag: 32 values at most");
    assert_int_equal(g_strv_length((char **)filter_values(filter, "tag")), FILTER_VALUES_MAX);
    filter_free(filter);
}

static void test_a_copy_stands_alone(void **state)
{
    (void)state;
    Filter *filter = filter_new();
    add(filter, "tag", "tide");
    Filter *copy = filter_copy(filter);
    add(filter, "tag", "storm");
    filter_free(filter);
    assert_string_equal(filter_values(copy, "tag")[0], "tide");
    assert_null(filter_values(copy, "tag")[1]);
    assert_null(filter_values(copy, "kind"));
    assert_null(filter_copy(NULL));
    filter_free(copy);
    filter_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_field_takes_its_values),
        cmocka_unit_test(test_all_fields_must_match),
        cmocka_unit_test(test_ticks_are_chosen_by_counter),
        cmocka_unit_test(test_a_withdrawal_passes_unless_its_words_say_otherwise),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_a_copy_stands_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
