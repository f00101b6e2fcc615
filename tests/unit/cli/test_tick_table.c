/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "cli/tick_table.h"

static Tick *make_tick(int32_t days)
{
    Tick *tick = tick_new();
    message_set_string(&tick->counter, "ferry");
    message_set_string(&tick->date, "2026-03-04");
    tick_add_label(tick, "ja", "渡し船");
    tick->days = days;
    return tick;
}

static void expect_line(const TickTable *table, const Tick *tick, const char *expected)
{
    g_autofree char *line = tick_table_line(table, tick);
    assert_string_equal(line, expected);
}

static void test_columns(void **state)
{
    (void)state;
    const TickTable table = {.counter_width = 10};
    g_autoptr(Tick) tick = make_tick(-3652058);
    g_autoptr(Tick) silent = tick_new();
    g_autofree char *head = tick_table_head(&table);
    assert_string_equal(head, "DATE        COUNTER         DAYS               LABEL\n");
    expect_line(&table, tick, "2026-03-04  ferry       -3652058               渡し船\n");
    tick->days = 0;
    tick->anniversary = 1;
    expect_line(&table, tick, "2026-03-04  ferry              0  anniversary  渡し船\n");
    tick->milestone = true;
    expect_line(&table, tick, "2026-03-04  ferry              0  milestone    渡し船\n");
    expect_line(&table, silent, "                               0               \n");
}

static void test_a_terminal_shows_what_there_is_to_celebrate(void **state)
{
    (void)state;
    const TickTable table = {.counter_width = 5, .colours = true};
    g_autoptr(Tick) tick = make_tick(7);
    expect_line(&table, tick, "2026-03-04  ferry           7               渡し船\n");
    tick->milestone = true;
    expect_line(&table, tick, "\033[1m2026-03-04  ferry           7  milestone    渡し船\033[0m\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_a_terminal_shows_what_there_is_to_celebrate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
