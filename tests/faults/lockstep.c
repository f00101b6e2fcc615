/* SPDX-License-Identifier: Apache-2.0 */
#include "lockstep.h"

#include <poll.h>
#include <stdbool.h>
#include <sys/eventfd.h>
#include <ucontext.h>

#include "common/timer.h"

#define STACK_SIZE (1 << 20)
#define START_US   (INT64_C(1800000000) * G_USEC_PER_SEC)
/* Turns of the thread while no time passes: more, and it would use up a processor. */
#define TURNS_MAX 10000

GThread *__wrap_g_thread_new(const char *name, GThreadFunc function, void *data);
void *__wrap_g_thread_join(GThread *thread);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout_ms);
int64_t __wrap_g_get_monotonic_time(void);
int64_t __wrap_g_get_real_time(void);

struct Timer {
    int fd; /* 0: not made */
    Instant at;
};

static struct {
    int64_t now;
    GThreadFunc function; /* NULL: there is no thread */
    void *data;
    bool ended;
    int64_t wake_at; /* of the sleeping thread */
    bool inside;
    unsigned sleepless; /* calls of poll() that found something, since the last sleep */
    Timer timer;
    char *stack;
    ucontext_t outer, inner;
} lockstep;

/* Each look takes a microsecond, so that no two revisions have the same time. */
int64_t __wrap_g_get_monotonic_time(void)
{
    return lockstep.now++;
}

int64_t __wrap_g_get_real_time(void)
{
    return START_US + lockstep.now++;
}

static void begin(void)
{
    lockstep.function(lockstep.data);
    lockstep.ended = true;
}

GThread *__wrap_g_thread_new(const char *name G_GNUC_UNUSED, GThreadFunc function, void *data)
{
    g_assert(!lockstep.function);
    if (!lockstep.stack)
        lockstep.stack = g_malloc(STACK_SIZE);
    lockstep.function = function;
    lockstep.data = data;
    lockstep.ended = false;
    getcontext(&lockstep.inner);
    lockstep.inner.uc_stack.ss_sp = lockstep.stack;
    lockstep.inner.uc_stack.ss_size = STACK_SIZE;
    lockstep.inner.uc_link = &lockstep.outer;
    makecontext(&lockstep.inner, begin, 0);
    return (GThread *)&lockstep;
}

static void resume(void)
{
    lockstep.inside = true;
    swapcontext(&lockstep.outer, &lockstep.inner);
    lockstep.inside = false;
}

/* ---- common/timer.h ---- */

Timer *timer_new(GError **error G_GNUC_UNUSED)
{
    g_assert(lockstep.timer.fd == 0);
    lockstep.timer = (Timer){.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), .at = INT64_MAX};
    g_assert(lockstep.timer.fd > 0);
    return &lockstep.timer;
}

void timer_free(Timer *timer)
{
    if (!timer)
        return;
    close(timer->fd);
    timer->fd = 0;
}

static void look_at_timer(Timer *timer)
{
    eventfd_t ignored;

    if (timer->at <= START_US + lockstep.now)
        (void)eventfd_write(timer->fd, 1);
    else
        (void)eventfd_read(timer->fd, &ignored);
}

int timer_arm(Timer *timer, Instant at)
{
    timer->at = at;
    look_at_timer(timer);
    return timer->fd;
}

/* ---- waiting ---- */

/* Whether the thread waits for the timer, too. */
static bool is_polled(const struct pollfd *fds, nfds_t count, int fd)
{
    for (nfds_t i = 0; i < count; i++)
        if (fd > 0 && fds[i].fd == fd)
            return true;
    return false;
}

int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    struct timespec at_once = {0};
    int ready = ppoll(fds, count, &at_once, NULL);

    if (lockstep.inside && ++lockstep.sleepless > TURNS_MAX)
        g_error("the engine's thread never sleeps");
    if (!lockstep.inside || ready != 0 || timeout_ms == 0)
        return ready;
    lockstep.sleepless = 0;
    lockstep.wake_at = timeout_ms < 0 ? INT64_MAX : lockstep.now + timeout_ms * INT64_C(1000);
    if (is_polled(fds, count, lockstep.timer.fd))
        lockstep.wake_at = MIN(lockstep.wake_at, MAX(lockstep.timer.at - START_US, lockstep.now));
    swapcontext(&lockstep.inner, &lockstep.outer);
    if (lockstep.timer.fd > 0)
        look_at_timer(&lockstep.timer);
    return ppoll(fds, count, &at_once, NULL);
}

/* Not in poll() all the time, and not in a circle either. */
static void step(unsigned *turns, int64_t *since)
{
    if (lockstep.now - *since > G_USEC_PER_SEC / 10) {
        *turns = 0;
        *since = lockstep.now;
    }
    if (++*turns > TURNS_MAX)
        g_error("the engine's thread turns in a circle");
    resume();
}

void lockstep_pass(int64_t microseconds)
{
    int64_t end = lockstep.now + microseconds;
    int64_t since = lockstep.now;
    unsigned turns = 0;

    if (!lockstep.function)
        return;
    step(&turns, &since);
    while (!lockstep.ended && lockstep.wake_at <= end) {
        lockstep.now = MAX(lockstep.now, lockstep.wake_at);
        step(&turns, &since);
    }
    lockstep.now = MAX(lockstep.now, end);
}

void lockstep_run(void)
{
    lockstep_pass(0);
}

void *__wrap_g_thread_join(GThread *thread G_GNUC_UNUSED)
{
    int64_t since = lockstep.now;
    unsigned turns = 0;

    while (!lockstep.ended) {
        step(&turns, &since);
        if (!lockstep.ended)
            lockstep.now = MAX(lockstep.now, lockstep.wake_at);
    }
    lockstep.function = NULL;
    return NULL;
}

void lockstep_reset(void)
{
    g_assert(!lockstep.function);
    lockstep.now = G_USEC_PER_SEC;
}
