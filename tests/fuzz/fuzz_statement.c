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

static void expect_json(const Statement *statement)
{
    json_t *json = statement_to_json(statement);
    EXPECT(json);
    char *text = json_dumps(json, JSON_COMPACT);
    EXPECT(text);
    json_t *again = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    EXPECT(again);
    EXPECT(json_equal(json, again));
    free(text);
    json_decref(again);
    json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *json = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
    if (json) {
        g_autofree char *field = NULL;
        g_autoptr(GError) error = NULL;
        g_autoptr(Statement) statement = statement_from_json(json, &field, &error);
        EXPECT(!statement == !!error);
        const char *which = NULL;
        if (statement && statement_validate(statement, &which, NULL)) {
            expect_round_trip(statement);
            expect_json(statement);
        }
        json_decref(json);
    }
    g_autoptr(Statement) statement = statement_unpack(data, size, NULL);
    const char *field = NULL;
    if (statement && statement_validate(statement, &field, NULL)) {
        expect_round_trip(statement);
        expect_json(statement);
    }
    return 0;
}
