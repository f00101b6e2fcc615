/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/feeds/fetch.h"

#include "common/error.h"
#include "ingest/feeds/transfer.h"

struct FeedFetcher {
    const FeedLimits *limits;
    CURLM *multi;
    GHashTable *transfers; /* of FeedTransfer *: under way */
    GQueue finished;       /* of FeedAnswer * */
};

static void answer_free(void *answer)
{
    feed_answer_clear(answer);
    g_free(answer);
}

FeedFetcher *feed_fetcher_new(const FeedLimits *limits, GError **error)
{
    static gsize initialised;
    static CURLcode result;

    if (g_once_init_enter(&initialised)) {
        result = curl_global_init(CURL_GLOBAL_DEFAULT);
        g_once_init_leave(&initialised, 1);
    }
    CURLM *multi = result == CURLE_OK ? curl_multi_init() : NULL;
    if (!multi) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "libcurl cannot be initialised");
        return NULL;
    }
    FeedFetcher *fetcher = g_new0(FeedFetcher, 1);
    fetcher->limits = limits;
    fetcher->multi = multi;
    fetcher->transfers = g_hash_table_new(g_direct_hash, g_direct_equal);
    g_queue_init(&fetcher->finished);
    return fetcher;
}

/* Takes it out of what is under way. */
static void remove_transfer(FeedFetcher *fetcher, FeedTransfer *transfer)
{
    (void)curl_multi_remove_handle(fetcher->multi, feed_transfer_handle(transfer));
    feed_transfer_free(transfer);
}

void feed_fetcher_free(FeedFetcher *fetcher)
{
    GHashTableIter under_way;
    gpointer transfer = NULL;

    if (!fetcher)
        return;
    g_hash_table_iter_init(&under_way, fetcher->transfers);
    while (g_hash_table_iter_next(&under_way, &transfer, NULL))
        remove_transfer(fetcher, transfer);
    g_hash_table_unref(fetcher->transfers);
    g_queue_clear_full(&fetcher->finished, answer_free);
    (void)curl_multi_cleanup(fetcher->multi);
    g_free(fetcher);
}

unsigned feed_fetcher_running(const FeedFetcher *fetcher)
{
    return g_hash_table_size(fetcher->transfers);
}

void feed_fetcher_wake(FeedFetcher *fetcher)
{
    /* It fails only when its pipe is full, and then the thread is woken already. */
    (void)curl_multi_wakeup(fetcher->multi);
}

bool feed_fetcher_start(FeedFetcher *fetcher, const FeedRequest *request, GError **error)
{
    FeedTransfer *transfer = feed_transfer_new(fetcher->limits, request);

    if (transfer && curl_multi_add_handle(fetcher->multi, feed_transfer_handle(transfer)) == CURLM_OK) {
        g_hash_table_add(fetcher->transfers, transfer);
        return true;
    }
    feed_transfer_free(transfer);
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "libcurl does not take the request");
    return false;
}

static void finish(FeedFetcher *fetcher, FeedTransfer *transfer, CURLcode code)
{
    FeedAnswer *answer = g_new(FeedAnswer, 1);

    *answer = feed_transfer_finish(transfer, code);
    g_queue_push_tail(&fetcher->finished, answer);
    g_hash_table_remove(fetcher->transfers, transfer);
    remove_transfer(fetcher, transfer);
}

void feed_fetcher_wait(FeedFetcher *fetcher, int timeout_ms)
{
    int running = 0;
    int left = 0;
    CURLMsg *message;

    if (!g_queue_is_empty(&fetcher->finished))
        timeout_ms = 0;
    (void)curl_multi_poll(fetcher->multi, NULL, 0, timeout_ms, NULL); /* a failure ends the wait, no more */
    (void)curl_multi_perform(fetcher->multi, &running);
    while ((message = curl_multi_info_read(fetcher->multi, &left)) != NULL) {
        FeedTransfer *transfer = NULL;
        CURLcode code = message->data.result;
        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
        finish(fetcher, transfer, code);
    }
}

bool feed_fetcher_take(FeedFetcher *fetcher, FeedAnswer *ret_answer)
{
    FeedAnswer *answer = g_queue_pop_head(&fetcher->finished);

    if (!answer)
        return false;
    *ret_answer = *answer;
    g_free(answer);
    return true;
}
