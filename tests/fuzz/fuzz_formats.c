/* SPDX-License-Identifier: Apache-2.0 */
/* Files to import: every item is either a valid statement or has a reason. */
#include "common/formats/formats.h"
#include "common/formats/page_capture.h"
#include "common/statement_rules.h"
#include "fuzz.h"

static bool expect_item(const FormatItem *item, void *user)
{
    (void)user;
    EXPECT(!item->statement == !!item->reason);
    EXPECT(!item->reason || g_utf8_validate(item->reason, -1, NULL));
    if (item->statement) {
        const char *field = NULL;
        EXPECT(statement_validate(item->statement, &field, NULL));
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    bool read = formats_read(data, size, expect_item, NULL, &error);
    EXPECT(read == !error);
    EXPECT(!error || g_utf8_validate(error->message, -1, NULL));
    return 0;
}
