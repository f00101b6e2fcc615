/* SPDX-License-Identifier: Apache-2.0 */
/* Only in builds with ThreadSanitizer, which knows the threads that pthread_create() makes and no others:
 * librdkafka makes its threads with C11's thrd_create(), and the first allocation in one of them would crash.
 * In glibc both kinds are the same thing (thrd_t is pthread_t), so that these two stand in for glibc's. */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <threads.h>

typedef struct {
    thrd_start_t function;
    void *argument;
} Start;

static void *run(void *data)
{
    Start start = *(Start *)data;
    free(data);
    return (void *)(intptr_t)start.function(start.argument);
}

int thrd_create(thrd_t *thread, thrd_start_t function, void *argument)
{
    Start *start = malloc(sizeof(*start));
    if (!start)
        return thrd_nomem;
    *start = (Start){.function = function, .argument = argument};
    int code = pthread_create(thread, NULL, run, start);
    if (code != 0)
        free(start);
    return code == 0 ? thrd_success : code == ENOMEM ? thrd_nomem : thrd_error;
}

int thrd_join(thrd_t thread, int *ret_result)
{
    void *result = NULL;
    if (pthread_join(thread, &result) != 0)
        return thrd_error;
    if (ret_result)
        *ret_result = (int)(intptr_t)result;
    return thrd_success;
}
