/* SPDX-License-Identifier: Apache-2.0 */
/* A tick as JSON and as protobuf. What is accepted survives the wire, and its text is accepted again and
 * printed as it was. */
#include <string.h>

#include "common/model.h"
#include "common/tick_json.h"
#include "fuzz.h"

static Tick *read_tick(yyjson_val *json)
{
    g_autofree char *field = NULL;
    g_autoptr(GError) error = NULL;
    Tick *tick = tick_from_json(json, &field, &error);
    EXPECT(!tick == !!error);
    return tick;
}

static char *write_tick(const Tick *tick)
{
    g_autoptr(yyjson_mut_doc) doc = json_new();
    return json_write(tick_to_json(tick, doc), NULL);
}

static void expect_wire(const Tick *tick)
{
    g_autoptr(GBytes) packed = tick_pack(tick);
    size_t size;
    const void *data = g_bytes_get_data(packed, &size);
    g_autoptr(Tick) unpacked = tick_unpack(data, size, NULL);
    EXPECT(unpacked);
    g_autoptr(GBytes) again = tick_pack(unpacked);
    EXPECT(g_bytes_equal(packed, again));
}

static void expect_json(const Tick *tick)
{
    g_autofree char *text = write_tick(tick);
    g_autoptr(yyjson_doc) parsed = json_read(text, strlen(text), 1, NULL);
    EXPECT(parsed);
    g_autoptr(Tick) again = read_tick(yyjson_doc_get_root(parsed));
    EXPECT(again);
    g_autofree char *text_again = write_tick(again);
    EXPECT(strcmp(text, text_again) == 0);
}

static void check(yyjson_val *json)
{
    g_autoptr(Tick) tick = read_tick(json);
    if (tick) {
        expect_wire(tick);
        expect_json(tick);
    }
}

static void check_text(const char *text, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(yyjson_doc) doc = json_read(text, size, 1, &error);
    EXPECT(!doc == !!error);
    if (doc)
        check(yyjson_doc_get_root(doc));
}

/* It may hold anything: it is printed as JSON all the same, whose tick is refused or read again. */
static void check_foreign(const Tick *tick)
{
    g_autofree char *text = write_tick(tick);
    g_autoptr(yyjson_doc) doc = json_read(text, strlen(text), 1, NULL);
    EXPECT(doc);
    check(yyjson_doc_get_root(doc));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_text((const char *)data, size);
    g_autoptr(Tick) foreign = tick_unpack(data, size, NULL);
    if (foreign)
        check_foreign(foreign);
    return 0;
}
