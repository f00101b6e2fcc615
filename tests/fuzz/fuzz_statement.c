/* SPDX-License-Identifier: Apache-2.0 */
/* A statement as JSON and as protobuf. What is accepted is valid, survives the wire, and is accepted again.
 */
#include <string.h>

#include "common/model.h"
#include "common/statement_json.h"
#include "common/statement_rules.h"
#include "fuzz.h"

static void expect_round_trip(const Statement *statement)
{
    g_autoptr(Statement) copy = statement_copy(statement);
    const char *field = NULL;
    EXPECT(statement_validate(copy, &field, NULL));
    EXPECT(statement_same_content(copy, statement));

    g_autoptr(GBytes) packed = statement_pack(statement);
    size_t size;
    const void *data = g_bytes_get_data(packed, &size);
    g_autoptr(Statement) unpacked = statement_unpack(data, size, NULL);
    EXPECT(unpacked);
    EXPECT(statement_same_content(unpacked, statement));
}

/* What is written is read strictly, and is the same text when it is written again. */
static void expect_json(const Statement *statement)
{
    g_autoptr(yyjson_mut_doc) written = json_new();
    yyjson_mut_val *value = statement_to_json(statement, written);
    size_t size = 0;
    g_autofree char *text = json_write(value, &size);
    g_autoptr(yyjson_doc) read = json_read(text, size, 1, NULL);
    EXPECT(read);
    g_autoptr(yyjson_mut_doc) copied = json_new();
    EXPECT(yyjson_mut_equals(value, yyjson_val_mut_copy(copied, yyjson_doc_get_root(read))));
    g_autofree char *again = json_rewrite(yyjson_doc_get_root(read));
    EXPECT(strcmp(again, text) == 0);
}

static void check(Statement *statement)
{
    const char *field = NULL;
    if (statement && statement_validate(statement, &field, NULL)) {
        expect_round_trip(statement);
        expect_json(statement);
    }
}

static void check_text(const char *text, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(yyjson_doc) doc = json_read(text, size, 1, &error);
    EXPECT(!doc == !!error);
    if (!doc)
        return;
    g_autofree char *field = NULL;
    g_autoptr(Statement) statement = statement_from_json(yyjson_doc_get_root(doc), &field, &error);
    EXPECT(!statement == !!error);
    check(statement);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_text((const char *)data, size);
    g_autoptr(Statement) statement = statement_unpack(data, size, NULL);
    check(statement);
    return 0;
}
