/* SPDX-License-Identifier: Apache-2.0 */
/* Of a statement one row at a time, and of what was refused one at all. */
#include "unit.h"

#include "ingest/lanes.h"

static int setup(void **state)
{
    Lanes *lanes = g_new0(Lanes, 1);

    lanes_init(lanes);
    *state = lanes;
    return 0;
}

static int teardown(void **state)
{
    lanes_clear(*state);
    g_free(*state);
    return 0;
}

static Lane *send(Lanes *lanes, const char *id, uint32_t revision)
{
    Lane *lane = lanes_find(lanes, id);

    if (lane == NULL)
        lane = lanes_begin(lanes, id);
    lanes_sent(lanes, lane, 100 + revision, revision, 0);
    return lane;
}

static void assert_next(const Lanes *lanes, const char *id, uint32_t done)
{
    const Lane *lane = lanes_next(lanes);

    if (id == NULL) {
        assert_null(lane);
        return;
    }
    assert_non_null(lane);
    assert_string_equal(lane->id, id);
    assert_int_equal(lane->done, done);
}

static void test_a_lane_lasts_as_long_as_rows_wait(void **state)
{
    Lanes *lanes = *state;

    Lane *pier = send(lanes, "pier", 4);
    assert_ptr_equal(lanes_find(lanes, "pier"), pier);
    pier->more = true;
    assert_next(lanes, NULL, 0);
    lanes_confirmed(lanes, pier);
    assert_next(lanes, "pier", 4);
    send(lanes, "pier", 5);
    assert_next(lanes, NULL, 0);
    lanes_confirmed(lanes, pier);
    assert_next(lanes, "pier", 5);
    lanes_end(lanes, pier); /* no row was found */
    assert_null(lanes_find(lanes, "pier"));
    lanes_confirmed(lanes, send(lanes, "quay", 1));
    assert_null(lanes_find(lanes, "quay"));
}

static void test_who_was_ready_first_is_next(void **state)
{
    static const char *const ids[] = {"pier", "quay", "ferry"};
    Lanes *lanes = *state;

    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++)
        send(lanes, ids[i], 1)->more = true;
    for (size_t i = G_N_ELEMENTS(ids); i > 0; i--)
        lanes_confirmed(lanes, lanes_find(lanes, ids[i - 1]));
    for (size_t i = G_N_ELEMENTS(ids); i > 0; i--) {
        assert_next(lanes, ids[i - 1], 1);
        send(lanes, ids[i - 1], 2);
    }
    assert_int_equal(lanes->under_way.length, 3);
}

static void test_what_was_refused_is_tried_alone_when_it_is_due(void **state)
{
    Lanes *lanes = *state;

    Lane *pier = send(lanes, "pier", 3);
    Lane *quay = send(lanes, "quay", 1);
    Lane *ferry = send(lanes, "ferry", 1);
    ferry->more = true;
    lanes_refused(lanes, pier);
    lanes_refused(lanes, quay);
    assert_true(lanes_has_refused(lanes));
    lanes_isolate(lanes, false);
    assert_next(lanes, NULL, 0);
    lanes_isolate(lanes, true);
    assert_true(lanes->isolating);
    assert_next(lanes, NULL, 0); /* ferry is under way */
    lanes_confirmed(lanes, ferry);
    assert_next(lanes, "pier", 2); /* and not ferry, which is ready */
    send(lanes, "pier", 3);
    assert_next(lanes, NULL, 0);
    lanes_refused(lanes, pier);
    lanes_isolate(lanes, true);
    assert_next(lanes, "quay", 0); /* pier has another turn */
    send(lanes, "quay", 1);
    lanes_isolate(lanes, true);
    assert_true(lanes->isolating);
    lanes_confirmed(lanes, quay);
    lanes_isolate(lanes, false);
    assert_false(lanes->isolating);
    assert_true(lanes_has_refused(lanes));
    assert_next(lanes, "ferry", 1);
    lanes_isolate(lanes, true);
    assert_next(lanes, "pier", 2);
    send(lanes, "pier", 3);
    assert_false(lanes_has_refused(lanes));
    lanes_confirmed(lanes, pier);
    lanes_isolate(lanes, true);
    assert_next(lanes, "ferry", 1);
}

static void test_all_are_forgotten_at_once(void **state)
{
    Lanes *lanes = *state;

    send(lanes, "pier", 1)->more = true;
    lanes_confirmed(lanes, lanes_find(lanes, "pier"));
    lanes_refused(lanes, send(lanes, "quay", 1));
    lanes_isolate(lanes, true);
    lanes_reset(lanes);
    assert_null(lanes_find(lanes, "pier"));
    assert_false(lanes->isolating);
    assert_next(lanes, NULL, 0);
    lanes_confirmed(lanes, send(lanes, "pier", 1));
}

int main(void)
{
#define LANES_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        LANES_TEST(test_a_lane_lasts_as_long_as_rows_wait),
        LANES_TEST(test_who_was_ready_first_is_next),
        LANES_TEST(test_what_was_refused_is_tried_alone_when_it_is_due),
        LANES_TEST(test_all_are_forgotten_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
