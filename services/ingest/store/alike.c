/* SPDX-License-Identifier: Apache-2.0 */
#include "common/error.h"
#include "ingest/store/parts.h"

/* A history as short as this is read each time. */
#define FEW 8

static void append_key(GArray *keys, const Statement *revision)
{
    const ContentKey key = content_key(revision);

    g_array_append_val(keys, key);
}

/* Up to one that is damaged: it is found as one that is not remembered, and told then. */
static bool learn_history(Store *store, const Statement *latest, GError **error)
{
    g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(ContentKey));
    bool readable = true;

    append_key(keys, latest);
    for (uint32_t number = latest->revision - 1; readable && number > 0 && keys->len < CONTENTS_MAX;
         number--) {
        g_autoptr(GError) reason = NULL;
        g_autoptr(Statement) revision = store_revision(store, latest->id, number, &reason);
        readable = revision != NULL;
        if (readable) {
            append_key(keys, revision);
        } else if (!g_error_matches(reason, DAYWIRE_ERROR, DAYWIRE_ERROR_DAMAGED)) {
            g_propagate_error(error, g_steal_pointer(&reason));
            return false;
        }
    }
    contents_set(store->contents, latest->id, latest->revision, keys);
    return true;
}

bool store_find_alike(Store *store, StoreAlike *alike, Statement **ret_revision, GError **error)
{
    const Statement *latest = alike->latest;
    bool is_long = latest->revision > FEW;

    if (is_long && !contents_has(store->contents, latest->id, latest->revision) &&
        !learn_history(store, latest, error))
        return false;
    alike->before = is_long ? contents_find(store->contents, latest->id, alike->before,
                                            content_key(alike->wish), alike->told)
                            : alike->before - 1;
    *ret_revision = alike->before > 0 ? store_revision(store, latest->id, alike->before, error) : NULL;
    return *ret_revision != NULL || alike->before == 0;
}
