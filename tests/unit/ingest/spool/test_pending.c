/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "ingest/spool/pending.h"

static unsigned forgotten;

static void forget(void *user)
{
    (void)user;
    forgotten++;
}

static int setup(void **state)
{
    forgotten = 0;
    *state = spool_pending_new(4, forget);
    return 0;
}

static int teardown(void **state)
{
    spool_pending_free(*state);
    return 0;
}

static void add(SpoolPending *pending, const char *name, bool announced, int64_t now)
{
    assert_true(spool_pending_add(pending, name, announced, now));
}

/* The name of the one whose time has come; it is gone then. */
static void take(SpoolPending *pending, int64_t now, const char *expected)
{
    SpoolEntry *entry = spool_pending_next(pending, now);
    if (!expected) {
        assert_null(entry);
        return;
    }
    assert_non_null(entry);
    assert_string_equal(entry->name, expected);
    spool_pending_done(pending, entry);
}

static void files_have_the_order_in_which_they_came(void **state)
{
    SpoolPending *pending = *state;
    add(pending, "z", true, 10);
    add(pending, "a", false, 10);
    add(pending, "m", true, 11);
    assert_int_equal(spool_pending_deadline(pending), 10);
    take(pending, 9, NULL);
    take(pending, 11, "z");
    take(pending, 11, "a");
    take(pending, 11, "m");
    take(pending, 11, NULL);
    assert_int_equal(spool_pending_deadline(pending), G_MAXINT64);
}

static void one_that_waits_holds_up_no_other(void **state)
{
    SpoolPending *pending = *state;
    add(pending, "stuck", true, 10);
    add(pending, "good", true, 10);
    SpoolEntry *stuck = spool_pending_next(pending, 10);
    spool_pending_later(pending, stuck, 500);
    assert_int_equal(stuck->attempts, 1);
    take(pending, 10, "good");
    take(pending, 499, NULL);
    assert_int_equal(spool_pending_deadline(pending), 500);
    add(pending, "new", true, 490);
    take(pending, 500, "new");
    take(pending, 500, "stuck");
}

static void what_is_known_is_not_waited_for_twice(void **state)
{
    SpoolPending *pending = *state;
    add(pending, "ferry", false, 10);
    SpoolEntry *entry = spool_pending_next(pending, 10);
    spool_pending_later(pending, entry, 500);
    add(pending, "ferry", false, 20); /* seen again: nothing new */
    assert_int_equal(spool_pending_count(pending), 1);
    assert_null(spool_pending_next(pending, 20));
    assert_false(entry->announced);
    add(pending, "ferry", true, 30); /* written again: now */
    assert_ptr_equal(spool_pending_next(pending, 30), entry);
    assert_true(entry->announced);
    assert_int_equal(entry->attempts, 0);
    assert_int_equal(entry->seen_at, 10);
    add(pending, "ferry", false, 40);
    assert_true(entry->announced);
}

static void they_are_bounded_and_forgotten(void **state)
{
    static char known[] = "known";
    SpoolPending *pending = *state;
    for (unsigned i = 0; i < 4; i++) {
        g_autofree char *name = g_strdup_printf("%u", i);
        add(pending, name, true, i);
    }
    assert_false(spool_pending_add(pending, "too many", true, 5));
    add(pending, "3", true, 5); /* known */
    spool_pending_next(pending, 5)->user = known;
    take(pending, 5, "0");
    assert_int_equal(forgotten, 1);
    add(pending, "again", true, 5);
    spool_pending_next(pending, 5)->user = known;
    spool_pending_free(pending);
    assert_int_equal(forgotten, 2);
    *state = NULL;
}

static void pauses_double_up_to_a_bound(void **state)
{
    (void)state;
    assert_int_equal(spool_back_off(0, 10, 1000), 10);
    assert_int_equal(spool_back_off(1, 10, 1000), 20);
    assert_int_equal(spool_back_off(6, 10, 1000), 640);
    assert_int_equal(spool_back_off(7, 10, 1000), 1000);
    assert_int_equal(spool_back_off(G_MAXUINT, 10, 1000), 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_have_the_order_in_which_they_came, setup, teardown),
        cmocka_unit_test_setup_teardown(one_that_waits_holds_up_no_other, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_known_is_not_waited_for_twice, setup, teardown),
        cmocka_unit_test_setup_teardown(they_are_bounded_and_forgotten, setup, teardown),
        cmocka_unit_test(pauses_double_up_to_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
