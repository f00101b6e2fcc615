/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds: read or refused with a message; every item is a valid statement with a name, or has a reason; and the
 * same bytes are read the same way again. */
#include <string.h>

#include "common/formats/feed.h"
#include "common/statement_rules.h"
#include "fuzz.h"

static bool expect_item(FeedItem *item, void *user)
{
    GChecksum *seen = user;
    EXPECT(!item->statement == !!item->reason);
    EXPECT(strlen(item->guid) <= FEED_GUID_MAX);
    if (item->statement) {
        const char *field = NULL;
        g_autofree char *id = feed_item_id(item->statement->source, item->guid, item->link);
        EXPECT(statement_validate(item->statement, &field, NULL));
        EXPECT(id && id_is_valid(id, STATEMENT_ID_MAX));
        EXPECT(strcmp(item->link, item->statement->url) == 0);
        g_checksum_update(seen, (const guchar *)id, -1);
        g_checksum_update(seen, (const guchar *)item->statement->title, -1);
    } else {
        EXPECT(g_utf8_validate(item->reason, -1, NULL));
    }
    return true;
}

static char *read_once(const uint8_t *data, size_t size, const FeedContext *context)
{
    g_autoptr(GChecksum) seen = g_checksum_new(G_CHECKSUM_SHA256);
    g_autoptr(GError) error = NULL;
    g_auto(FeedHead) head = {0};
    bool read = feed_read(data, size, context, &head, expect_item, seen, &error);
    EXPECT(read == !error);
    EXPECT(read == !!head.title);
    if (error) {
        EXPECT(g_utf8_validate(error->message, -1, NULL));
        g_checksum_update(seen, (const guchar *)error->message, -1);
    }
    return g_strdup(g_checksum_get_string(seen));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const charsets[] = {NULL, "utf-8", "windows-1251", "utf-16"};
    FeedContext context = {.base_url = "https://a.example/feed", .now = INT64_C(1627041600) * INSTANT_SECOND};
    if (size > 0) /* the last byte, so that files of the corpus are what they seem */
        context.charset = charsets[data[size - 1] % G_N_ELEMENTS(charsets)];
    g_autofree char *once = read_once(data, size, &context);
    g_autofree char *again = read_once(data, size, &context);
    EXPECT(strcmp(once, again) == 0);
    return 0;
}
