/* SPDX-License-Identifier: Apache-2.0 */
/* Cursors: what is parsed is bounded and is written again as the same text. */
#include "gateway/cursor.h"
#include "fuzz.h"

#include <string.h>
#include <glib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autofree Cursor *cursor = cursor_parse(text);
    if (cursor) {
        g_autofree char *again = cursor_format(cursor);
        EXPECT(strlen(again) <= CURSOR_TEXT_MAX);
        g_autofree Cursor *same = cursor_parse(again);
        EXPECT(same && same->count == cursor->count && same->epoch == cursor->epoch);
        for (size_t i = 0; i < cursor->count; i++)
            EXPECT(same->positions[i].offset == cursor->positions[i].offset &&
                   cursor->positions[i].offset >= 0);
    }
    return 0;
}
