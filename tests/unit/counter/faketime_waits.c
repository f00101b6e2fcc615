/* SPDX-License-Identifier: Apache-2.0 */
/* To be preloaded before libfaketime, for a program with librdkafka: that one waits by C11's cnd_timedwait(),
 * which libfaketime leaves alone, for moments of the clock that it fakes, so that waits would be over at once
 * or never. Here such a moment is turned into the real clock's. */
#include <dlfcn.h>
#include <sys/syscall.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000L

typedef int Wait(cnd_t *condition, mtx_t *mutex, const struct timespec *until);

int cnd_timedwait(cnd_t *restrict condition, mtx_t *restrict mutex, const struct timespec *restrict until)
{
    struct timespec faked = {0}, real = {0};
    Wait *next = (Wait *)dlsym(RTLD_NEXT, "cnd_timedwait");
    if (!next || clock_gettime(CLOCK_REALTIME, &faked) != 0 ||
        syscall(SYS_clock_gettime, CLOCK_REALTIME, &real) != 0)
        return thrd_error;
    long nanoseconds = until->tv_nsec - faked.tv_nsec + real.tv_nsec + SECOND; /* 0 to 3 seconds */
    const struct timespec moment = {
        .tv_sec = until->tv_sec - faked.tv_sec + real.tv_sec - 1 + nanoseconds / SECOND,
        .tv_nsec = nanoseconds % SECOND,
    };
    return next(condition, mutex, &moment);
}
