/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/api/failed_attempts.h"

#include <pthread.h>

#define OTHERS "others"

struct FailedAttempts {
    pthread_mutex_t lock; /* not a GMutex: ThreadSanitizer does not see those */
    GHashTable *counts;   /* under the lock: address -> how many */
};

FailedAttempts *failed_attempts_new(void)
{
    FailedAttempts *attempts = g_new0(FailedAttempts, 1);

    (void)pthread_mutex_init(&attempts->lock, NULL);
    attempts->counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return attempts;
}

void failed_attempts_free(FailedAttempts *attempts)
{
    if (!attempts)
        return;
    g_hash_table_unref(attempts->counts);
    (void)pthread_mutex_destroy(&attempts->lock);
    g_free(attempts);
}

void failed_attempts_add(FailedAttempts *attempts, const char *address)
{
    (void)pthread_mutex_lock(&attempts->lock);
    if (g_hash_table_size(attempts->counts) >= FAILED_ADDRESSES_MAX &&
        !g_hash_table_contains(attempts->counts, address))
        address = OTHERS;
    unsigned count = GPOINTER_TO_UINT(g_hash_table_lookup(attempts->counts, address));
    g_hash_table_replace(attempts->counts, g_strdup(address), GUINT_TO_POINTER(count + 1));
    (void)pthread_mutex_unlock(&attempts->lock);
}

static FailedSummary summarise(GHashTable *counts)
{
    FailedSummary summary = {.addresses = g_hash_table_size(counts)};
    const char *busiest = NULL;
    GHashTableIter iterator;
    gpointer address, count;

    g_hash_table_iter_init(&iterator, counts);
    while (g_hash_table_iter_next(&iterator, &address, &count)) {
        summary.attempts += GPOINTER_TO_UINT(count);
        if (GPOINTER_TO_UINT(count) > summary.of_busiest) {
            summary.of_busiest = GPOINTER_TO_UINT(count);
            busiest = address;
        }
    }
    summary.busiest = g_strdup(busiest);
    return summary;
}

FailedSummary failed_attempts_take(FailedAttempts *attempts)
{
    (void)pthread_mutex_lock(&attempts->lock);
    FailedSummary summary = summarise(attempts->counts);
    g_hash_table_remove_all(attempts->counts);
    (void)pthread_mutex_unlock(&attempts->lock);
    return summary;
}
