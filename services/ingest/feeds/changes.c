/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/feeds/changes.h"

#include <string.h>

FeedChanges *feed_changes_new(const char *feed)
{
    FeedChanges *changes = g_new0(FeedChanges, 1);

    changes->feed = g_strdup(feed);
    changes->items = g_ptr_array_new_with_free_func((GDestroyNotify)feed_known_free);
    return changes;
}

void feed_changes_withhold(FeedChanges *changes, const char *id, uint32_t latest)
{
    for (guint i = 0; i < changes->items->len; i++) {
        FeedKnown *item = g_ptr_array_index(changes->items, i);
        if (strcmp(item->id, id) != 0)
            continue;
        g_free(item->withheld);
        item->withheld = item->digest;
        item->withheld_at = latest;
        item->digest = item->before ? g_steal_pointer(&item->before) : g_strdup("");
    }
    if (changes->state)
        feed_state_read_again(changes->state);
}

void feed_changes_free(FeedChanges *changes)
{
    if (!changes)
        return;
    g_free(changes->feed);
    g_ptr_array_unref(changes->items);
    feed_state_free(changes->state);
    g_free(changes);
}
