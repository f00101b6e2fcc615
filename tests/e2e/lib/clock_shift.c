/* SPDX-License-Identifier: Apache-2.0 */
/* Preloaded into a service under test: its wall clock is ahead by CLOCK_SHIFT seconds (negative: behind), and
 * runs on from there. With CLOCK_SHIFT_FILE it is ahead by the eight bytes of that file, so that it can be stepped.
 * Monotonic time, and whatever waits by it, stays as it is. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <threads.h>
#include <time.h>

static const int64_t *map(const char *path)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    void *bytes = file < 0 ? MAP_FAILED : mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
    if (bytes == MAP_FAILED)
        abort();
    return bytes;
}

static time_t shift(void)
{
    static int64_t fixed;
    static const int64_t *seconds;
    const int64_t *known = __atomic_load_n(&seconds, __ATOMIC_ACQUIRE);
    if (!known) {
        const char *path = getenv("CLOCK_SHIFT_FILE");
        const char *text = getenv("CLOCK_SHIFT");
        fixed = text ? strtoll(text, NULL, 10) : 0;
        known = path ? map(path) : &fixed;
        __atomic_store_n(&seconds, known, __ATOMIC_RELEASE);
    }
    return __atomic_load_n(known, __ATOMIC_RELAXED);
}

static void *next(const char *name)
{
    void *function = dlsym(RTLD_NEXT, name);
    if (!function)
        abort();
    return function;
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
    static int (*real)(clockid_t, struct timespec *);
    if (!real)
        real = next("clock_gettime");
    int result = real(clock, time);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        time->tv_sec += shift();
    return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone)
{
    (void)zone;
    struct timespec now;
    int result = clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return result;
}

time_t time(time_t *ret_time)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (ret_time)
        *ret_time = now.tv_sec;
    return now.tv_sec;
}

int timespec_get(struct timespec *time, int base)
{
    return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, time) == 0 ? base : 0;
}

/* The kernel's clock is not shifted, hence waits and timers are set for its own time. These are librdkafka's
 * waits. */
int cnd_timedwait(cnd_t *restrict condition, mtx_t *restrict mutex, const struct timespec *restrict deadline)
{
    static int (*real)(cnd_t *, mtx_t *, const struct timespec *);
    if (!real)
        real = next("cnd_timedwait");
    struct timespec moved = *deadline;
    moved.tv_sec -= shift();
    return real(condition, mutex, &moved);
}

int timerfd_settime(int timer, int flags, const struct itimerspec *value, struct itimerspec *ret_old)
{
    static int (*real)(int, int, const struct itimerspec *, struct itimerspec *);
    if (!real)
        real = next("timerfd_settime");
    struct itimerspec moved = *value;
    if ((flags & TFD_TIMER_ABSTIME) && (moved.it_value.tv_sec || moved.it_value.tv_nsec))
        moved.it_value.tv_sec -= shift();
    return real(timer, flags, &moved, ret_old);
}
