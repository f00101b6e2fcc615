/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <glib.h>

#include "ingest/spool/report.h"

#define NOW  (INT64_C(1772438400) * INSTANT_SECOND + 123456)
#define HEAD "ferry.json\n2026-03-02T08:00:00Z\n"

typedef struct {
    uint64_t line; /* of a refused item */
    const char *field;
    const char *reason; /* NULL: `count` items with `result` */
    AcceptResult result;
    unsigned count;
} Item;

typedef struct {
    const char *name;
    Item items[5];
    const char *failure;
    bool good;
    const char *text;
} Case;

static const Case cases[] = {
    {"nothing", {{0}}, NULL, true, HEAD "0 read: 0 created, 0 updated, 0 unchanged, 0 refused\n"},
    {"all good",
     {{.result = RESULT_CREATED, .count = 3},
      {.result = RESULT_UPDATED, .count = 2},
      {.result = RESULT_UNCHANGED, .count = 1}},
     NULL,
     true,
     HEAD "6 read: 3 created, 2 updated, 1 unchanged, 0 refused\n"},
    {"what comes later",
     {{.result = RESULT_SCHEDULED, .count = 2}, {.result = RESULT_WITHDRAWN, .count = 1}},
     NULL,
     true,
     HEAD "3 read: 0 created, 0 updated, 0 unchanged, 2 scheduled, 1 withdrawn, 0 refused\n"},
    {"refused items in their order",
     {{.line = 2, .field = "title", .reason = "title: 1 to 1000 characters, this one has none"},
      {.result = RESULT_CREATED, .count = 1},
      {.line = 70000000000, .reason = "ferry-1: it was withdrawn (\"Over\") and stays so"}},
     NULL,
     false,
     HEAD "3 read: 1 created, 0 updated, 0 unchanged, 2 refused\n\n"
          "line 2: title: 1 to 1000 characters, this one has none\n"
          "line 70000000000: ferry-1: it was withdrawn (\"Over\") and stays so\n"},
    {"a field that the reason does not name",
     {{.line = 1, .field = "tags", .reason = "none twice"}},
     NULL,
     false,
     HEAD "1 read: 0 created, 0 updated, 0 unchanged, 1 refused\n\nline 1: tags: none twice\n"},
    {"an item without a line",
     {{.result = RESULT_CREATED, .count = 1}, {.reason = "date: none"}},
     NULL,
     false,
     HEAD "2 read: 1 created, 0 updated, 0 unchanged, 1 refused\n\nitem 2: date: none\n"},
    {"a reason with what was handed in",
     {{.line = 1, .reason = "id: \"a\nline 9: forged\x1b[2J\xff\" is none"}},
     NULL,
     false,
     HEAD "1 read: 0 created, 0 updated, 0 unchanged, 1 refused\n\n"
          "line 1: id: \"a\\nline 9: forged\\u{1b}[2J\uFFFD\" is none\n"},
    {"not readable", {{0}}, "there is nothing in it", false, HEAD "not imported: there is nothing in it\n"},
    {"not readable to its end",
     {{.result = RESULT_CREATED, .count = 5}},
     "line 6 is longer than 10 bytes",
     false,
     HEAD
     "not imported: line 6 is longer than 10 bytes\n5 read: 5 created, 0 updated, 0 unchanged, 0 refused\n"},
};

static void fill(SpoolReport *report, const Case *row)
{
    for (size_t i = 0; i < G_N_ELEMENTS(row->items); i++) {
        const Item *item = &row->items[i];
        if (item->reason)
            spool_report_refuse(report, item->line, item->field, item->reason);
        for (unsigned k = 0; k < item->count; k++)
            spool_report_count(report, item->result);
    }
    if (row->failure)
        spool_report_fail(report, row->failure);
}

static void a_report_says_what_became_of_the_file(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SpoolReport) report = spool_report_new();
        fill(report, &cases[i]);
        g_autofree char *text = spool_report_text(report, "ferry.json", NOW);
        if (strcmp(text, cases[i].text) != 0 || spool_report_is_good(report) != cases[i].good)
            fail_msg("%s: %s", cases[i].name, text);
    }
}

static void a_hostile_name_stays_on_its_line(void **state)
{
    g_autoptr(SpoolReport) report = spool_report_new();
    g_autofree char *text = spool_report_text(report, "a\n9 read\xff", NOW);
    (void)state;
    assert_true(g_str_has_prefix(text, "a\\n9 read\\xff\n2026-03-02T08:00:00Z\n0 read"));
}

static void the_first_failure_counts(void **state)
{
    g_autoptr(SpoolReport) report = spool_report_new();
    (void)state;
    spool_report_fail(report, "first");
    spool_report_fail(report, "second");
    g_autofree char *text = spool_report_text(report, "ferry.json", NOW);
    assert_string_equal(text, HEAD "not imported: first\n");
}

/* Neither by many items, nor by one long reason. */
static void a_report_is_bounded(void **state)
{
    g_autoptr(SpoolReport) report = spool_report_new();
    g_autofree char *reason = g_strnfill(100000, 'x');
    const unsigned count = 10000;
    (void)state;
    for (unsigned i = 0; i < count; i++)
        spool_report_refuse(report, i + 1, NULL, reason);
    g_autofree char *text = spool_report_text(report, "ferry.json", NOW);
    assert_true(strlen(text) < SPOOL_REPORT_BYTES_MAX + 10000);
    assert_int_equal(spool_report_items(report, RESULT_REFUSED), count);
    unsigned told = 0;
    for (const char *at = text; (at = strstr(at, "\nline ")); at++)
        told++;
    g_autofree char *end = g_strdup_printf("\nand %u more\n", count - told);
    assert_true(told > 500 && g_str_has_suffix(text, end));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_says_what_became_of_the_file),
        cmocka_unit_test(a_hostile_name_stays_on_its_line),
        cmocka_unit_test(the_first_failure_counts),
        cmocka_unit_test(a_report_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
