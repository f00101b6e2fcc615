/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/api/token_use.h"

#include <glib.h>
#include <pthread.h>
#include <stdatomic.h>

#include "common/rate.h"

struct TokenUse {
    atomic_uint references;
    pthread_mutex_t lock; /* not a GMutex: ThreadSanitizer does not see those */
    /* under the lock */
    Rate rate;
    unsigned under_way;
};

TokenUse *token_use_new(void)
{
    TokenUse *use = g_new0(TokenUse, 1);

    atomic_init(&use->references, 1);
    (void)pthread_mutex_init(&use->lock, NULL);
    return use;
}

TokenUse *token_use_ref(TokenUse *use)
{
    atomic_fetch_add(&use->references, 1);
    return use;
}

void token_use_unref(TokenUse *use)
{
    if (!use || atomic_fetch_sub(&use->references, 1) != 1)
        return;
    g_assert(use->under_way == 0);
    (void)pthread_mutex_destroy(&use->lock);
    g_free(use);
}

static UseVerdict begin(TokenUse *use, const TokenLimits *limits, int64_t now, int64_t *ret_wait_us)
{
    const RateLimit rate = {.per_second = limits->requests_per_second, .burst = limits->requests_per_second};

    if (limits->max_requests != 0 && use->under_way >= limits->max_requests)
        return USE_TOO_MANY;
    if (limits->requests_per_second != 0 && !rate_take(&use->rate, &rate, now, ret_wait_us))
        return USE_TOO_FAST;
    use->under_way++;
    return USE_GRANTED;
}

UseVerdict token_use_begin(TokenUse *use, const TokenLimits *limits, int64_t now, int64_t *ret_wait_us)
{
    (void)pthread_mutex_lock(&use->lock);
    UseVerdict verdict = begin(use, limits, now, ret_wait_us);
    (void)pthread_mutex_unlock(&use->lock);
    return verdict;
}

void token_use_end(TokenUse *use)
{
    (void)pthread_mutex_lock(&use->lock);
    g_assert(use->under_way > 0);
    use->under_way--;
    (void)pthread_mutex_unlock(&use->lock);
}
