/* SPDX-License-Identifier: Apache-2.0 */
/* A timerfd on the real-time clock with an absolute time, which the kernel checks again after a suspend, and
 * cancels when the clock is set. */
#include "common/timer.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

#include "common/error.h"

#define AT_LEAST INT64_C(1)                  /* 0 would stop the timer */
#define AT_MOST  INT64_C(253402300799000000) /* the end of 9999 */

struct Timer {
    int clock; /* timerfd */
    int waker; /* eventfd */
};

Timer *timer_new(GError **error)
{
    Timer *timer = g_new(Timer, 1);
    timer->clock = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    timer->waker = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (timer->clock >= 0 && timer->waker >= 0)
        return timer;
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE, "no timer can be had: %s",
                g_strerror(errno));
    timer_free(timer);
    return NULL;
}

void timer_free(Timer *timer)
{
    if (!timer)
        return;
    if (timer->clock >= 0)
        (void)close(timer->clock);
    if (timer->waker >= 0)
        (void)close(timer->waker);
    g_free(timer);
}

/* False: the clock was set since the last call and before this one, which no read will tell. The timer is set all the
 * same. */
static bool set(const Timer *timer, Instant at)
{
    at = CLAMP(at, AT_LEAST, AT_MOST);
    struct itimerspec when = {
        .it_value = {.tv_sec = at / INSTANT_SECOND, .tv_nsec = at % INSTANT_SECOND * 1000},
    };
    return timerfd_settime(timer->clock, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &when, NULL) == 0 ||
           errno != ECANCELED; /* there is no other reason with these arguments */
}

/* Empties the counter of a descriptor; the errno of the read, 0: it was readable. */
static int take(int fd)
{
    uint64_t count = 0;
    return read(fd, &count, sizeof(count)) == (ssize_t)sizeof(count) ? 0 : errno;
}

int timer_arm(Timer *timer, Instant at)
{
    (void)take(timer->clock); /* a set clock would stay readable */
    (void)set(timer, at);     /* nor does it matter: `at` is a moment of the clock as it is now */
    return timer->clock;
}

/* Waits for being woken only. */
static TimerEvent wait_for_waker(const Timer *timer, int most_ms)
{
    struct pollfd waker = {.fd = timer->waker, .events = POLLIN};
    (void)poll(&waker, 1, most_ms);
    return take(timer->waker) == 0 ? TIMER_WOKEN : TIMER_PASSED;
}

TimerEvent timer_wait(Timer *timer, Instant at, int most_ms)
{
    struct pollfd fds[] = {{.fd = timer->waker, .events = POLLIN}, {.fd = timer->clock, .events = POLLIN}};
    if (!set(timer, at))
        return TIMER_CLOCK_SET;
    (void)poll(fds, G_N_ELEMENTS(fds), most_ms); /* interrupted: has passed */
    if (take(timer->waker) == 0)
        return TIMER_WOKEN;
    int reason = take(timer->clock);
    if (reason == ECANCELED)
        return TIMER_CLOCK_SET;
    if (g_get_real_time() >= at)
        return TIMER_DUE;
    if (reason != 0)
        return TIMER_PASSED;
    /* The kernel's clock has reached it and ours has not: one of the two is faked. Ours counts, and is asked
     * again when the time has passed. */
    return wait_for_waker(timer, MIN(most_ms, (int)((at - g_get_real_time()) / 1000) + 1));
}

void timer_wake(Timer *timer)
{
    uint64_t one = 1;
    /* Fails only when it was woken 2^64 - 2 times without being waited for. */
    if (write(timer->waker, &one, sizeof(one)) != (ssize_t)sizeof(one))
        g_assert(errno == EAGAIN);
}
