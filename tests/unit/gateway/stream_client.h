/* SPDX-License-Identifier: Apache-2.0 */
/* A client of a subscription as a test wants it: takes frames and writes down what they say. */
#ifndef DAYWIRE_TESTS_STREAM_CLIENT_H
#define DAYWIRE_TESTS_STREAM_CLIENT_H

#include "gateway/subscription.h"
#include "replica.h"

#define BOTH (CHANNEL_STATEMENTS | CHANNEL_TICKS)

typedef struct {
    Subscription *subscription;
    Replica *replica;
    char *cursor; /* the last one that was not empty, as clients keep it; NULL: none yet */
} Client;

/* `filter` is "field=value", NULL: everything; `since` may be NULL. Must succeed. */
Client *client_new(Replica *replica, unsigned channels, const char *filter, const char *since, unsigned last);
void client_free(Client *client);

/* What one call of subscription_take() gives: "snapshot", "complete", ... for `subscribed`, "a/1" for a
 * revision, "opened/2024-05-01/1" for a tick, "-a/2" and "-opened" for what is gone, "." for `caught_up`;
 * separated by spaces. *ret_more as returned. g_free it. */
char *client_take(Client *client, size_t max_bytes, bool *ret_more);
/* Everything. */
char *client_take_all(Client *client);
void assert_takes(Client *client, const char *expected);

#endif
