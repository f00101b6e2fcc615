/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a process are never forgotten, so the tests build on each other, in order. */
#include "unit.h"

#include <glib.h>

#include "common/health.h"
#include "common/log.h"
#include "log_capture.h"

static void check(bool ready, const char *expected)
{
    g_autofree char *text = NULL;
    assert_int_equal(health_ready(&text), ready);
    assert_string_equal(text, expected);
}

static void test_not_ready_before_the_first_report(void **state)
{
    (void)state;
    check(false, "starting\n");
}

static void test_ready_when_all_parts_are_well(void **state)
{
    (void)state;
    health_set("store", true, NULL);
    check(true, "store: ok\n");
    health_set("bus", false, "no broker at 127.0.0.1:1");
    check(false, "bus: no broker at 127.0.0.1:1\nstore: ok\n");
    health_set("bus", false, NULL);
    check(false, "bus: not ready\nstore: ok\n");
    health_set("bus", false, "two\nlines");
    check(false, "bus: two lines\nstore: ok\n");
    health_set("bus", true, "not shown when well");
    check(true, "bus: ok\nstore: ok\n");
}

static void test_names_and_reasons_are_copied(void **state)
{
    (void)state;
    char part[] = "disk", reason[] = "full";
    health_set(part, false, reason);
    memset(part, 'x', sizeof(part) - 1);
    memset(reason, 'x', sizeof(reason) - 1);
    check(false, "bus: ok\ndisk: full\nstore: ok\n");
    health_set("disk", true, NULL);
    check(true, "bus: ok\ndisk: ok\nstore: ok\n");
}

static void test_a_change_is_logged_once(void **state)
{
    (void)state;
    log_init("daywire-test", LOG_FORMAT_TEXT, LOG_LEVEL_INFO);
    log_capture_begin();
    health_set("bus", true, NULL);
    health_set("bus", false, "one");
    health_set("bus", false, "two");
    health_set("bus", true, NULL);
    health_set("bus", true, NULL);
    health_set("fresh", false, "soon");
    health_set("fresh", true, NULL);
    g_autofree char *text = log_capture_end();
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    assert_int_equal(g_strv_length(lines), 5);
    assert_true(g_str_has_suffix(
        lines[0], "level=warning program=daywire-test msg=\"part is not ready\" part=bus reason=one"));
    assert_true(g_str_has_suffix(lines[1], "level=info program=daywire-test msg=\"part is ready\" part=bus"));
    assert_true(g_str_has_suffix(
        lines[2], "level=info program=daywire-test msg=\"part is not ready yet\" part=fresh reason=soon"));
}

#define THREADS 4

static gpointer flip(gpointer data)
{
    g_autofree char *part = g_strdup_printf("thread-%d", GPOINTER_TO_INT(data));
    for (int i = 0; i <= 200; i++) {
        g_autofree char *text = NULL;
        health_set(part, i % 2 == 0, "odd");
        health_set("shared", true, NULL);
        (void)health_ready(&text);
    }
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    GThread *threads[THREADS];
    log_init("daywire-test", LOG_FORMAT_TEXT, LOG_LEVEL_ERROR);
    for (int i = 0; i < THREADS; i++)
        threads[i] = g_thread_new("part", flip, GINT_TO_POINTER(i));
    for (int i = 0; i < THREADS; i++)
        g_thread_join(threads[i]);
    check(true,
          "bus: ok\ndisk: ok\nfresh: ok\nshared: ok\nstore: ok\nthread-0: ok\nthread-1: ok\nthread-2: ok\n"
          "thread-3: ok\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_not_ready_before_the_first_report),
        cmocka_unit_test(test_ready_when_all_parts_are_well),
        cmocka_unit_test(test_names_and_reasons_are_copied),
        cmocka_unit_test(test_a_change_is_logged_once),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
