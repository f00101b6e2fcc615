/* SPDX-License-Identifier: Apache-2.0 */
/* One request of the fetcher (fetch.h), as libcurl has it: what is asked, within which limits, and what the answer
 * is. The fetcher's thread. */
#ifndef DAYWIRE_INGEST_FEEDS_TRANSFER_H
#define DAYWIRE_INGEST_FEEDS_TRANSFER_H

#include <curl/curl.h>

#include "ingest/feeds/fetch.h"

typedef struct FeedTransfer FeedTransfer;

/* NULL: libcurl does not take it. `limits` must outlive it. */
FeedTransfer *feed_transfer_new(const FeedLimits *limits, const FeedRequest *request) MUST_CHECK;
/* Its handle must be in no multi handle any more. NULL is fine. */
void feed_transfer_free(FeedTransfer *transfer);

/* Its CURLOPT_PRIVATE is the transfer. */
CURL *feed_transfer_handle(const FeedTransfer *transfer);

/* What became of it; once. Clear it. */
FeedAnswer feed_transfer_finish(FeedTransfer *transfer, CURLcode code);

#endif
