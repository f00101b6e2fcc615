/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/feeds/changes.h"

FeedChanges *feed_changes_new(const char *feed)
{
    FeedChanges *changes = g_new0(FeedChanges, 1);

    changes->feed = g_strdup(feed);
    changes->items = g_ptr_array_new_with_free_func((GDestroyNotify)feed_known_free);
    return changes;
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
