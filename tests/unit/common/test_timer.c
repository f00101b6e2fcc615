/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>

#include "common/timer.h"

#define LONG_MS 10000

static Timer *open_timer(void)
{
    Timer *timer = timer_new(NULL);
    assert_non_null(timer);
    return timer;
}

static void test_due(void **state)
{
    (void)state;
    Timer *timer = open_timer();
    static const Instant waits[] = {20000, 1, 0, -1000000};
    for (size_t i = 0; i < G_N_ELEMENTS(waits); i++) {
        Instant at = g_get_real_time() + waits[i];
        assert_int_equal(timer_wait(timer, at, LONG_MS), TIMER_DUE);
        assert_true(g_get_real_time() >= at);
    }
    assert_int_equal(timer_wait(timer, 0, LONG_MS), TIMER_DUE);
    assert_int_equal(timer_wait(timer, INT64_MIN, LONG_MS), TIMER_DUE);
    timer_free(timer);
}

static void test_time_passes(void **state)
{
    (void)state;
    Timer *timer = open_timer();
    gint64 start = g_get_monotonic_time();
    assert_int_equal(timer_wait(timer, INT64_MAX, 20), TIMER_PASSED);
    assert_int_equal(timer_wait(timer, g_get_real_time() + 60 * INSTANT_SECOND, 20), TIMER_PASSED);
    assert_true(g_get_monotonic_time() - start >= 40000);
    /* an earlier wait leaves nothing behind */
    assert_int_equal(timer_wait(timer, g_get_real_time() + 1000, LONG_MS), TIMER_DUE);
    assert_int_equal(timer_wait(timer, INT64_MAX, 5), TIMER_PASSED);
    timer_free(timer);
}

static void *wake(void *user)
{
    timer_wake(user);
    return NULL;
}

static bool clock_was_set; /* since the last call */

/* In place of libc's: as the kernel answers when the clock was set between two calls. A test cannot set it. */
int timerfd_settime(int timer, int flags, const struct itimerspec *value, struct itimerspec *ret_old)
{
    long result = syscall(SYS_timerfd_settime, timer, flags, value, ret_old);
    if (result != 0 || !clock_was_set || !(flags & TFD_TIMER_CANCEL_ON_SET))
        return (int)result;
    clock_was_set = false;
    errno = ECANCELED;
    return -1;
}

static void test_clock_set_between_waits(void **state)
{
    (void)state;
    Timer *timer = open_timer();
    clock_was_set = true;
    assert_int_equal(timer_wait(timer, INT64_MAX, LONG_MS), TIMER_CLOCK_SET);
    assert_int_equal(timer_wait(timer, INT64_MAX, 5), TIMER_PASSED); /* once */
    timer_free(timer);
}

static void test_wake(void **state)
{
    (void)state;
    Timer *timer = open_timer();
    timer_wake(timer); /* before the wait, and twice: one of them counts */
    timer_wake(timer);
    assert_int_equal(timer_wait(timer, INT64_MAX, LONG_MS), TIMER_WOKEN);
    assert_int_equal(timer_wait(timer, INT64_MAX, 5), TIMER_PASSED);
    GThread *thread = g_thread_new("wake", wake, timer);
    assert_int_equal(timer_wait(timer, INT64_MAX, LONG_MS), TIMER_WOKEN);
    g_thread_join(thread);
    timer_free(timer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_due),
        cmocka_unit_test(test_time_passes),
        cmocka_unit_test(test_clock_set_between_waits),
        cmocka_unit_test(test_wake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
