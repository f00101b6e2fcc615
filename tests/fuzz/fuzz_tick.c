/* SPDX-License-Identifier: Apache-2.0 */
/* A tick as JSON and as protobuf. What is accepted survives the wire, and its text is accepted again and
 * printed as it was. */
#include "common/model.h"
#include "common/tick_json.h"
#include "fuzz.h"

static Tick *read_tick(const json_t *json)
{
    g_autofree char *field = NULL;
    g_autoptr(GError) error = NULL;
    Tick *tick = tick_from_json(json, &field, &error);
    EXPECT(!tick == !!error);
    return tick;
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
    json_t *json = tick_to_json(tick);
    g_autofree char *text = json_dumps(json, JSON_COMPACT);
    EXPECT(text);
    json_t *parsed = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    EXPECT(parsed);
    g_autoptr(Tick) again = read_tick(parsed);
    EXPECT(again);
    json_t *json_again = tick_to_json(again);
    g_autofree char *text_again = json_dumps(json_again, JSON_COMPACT);
    EXPECT(g_str_equal(text, text_again));
    json_decref(json_again);
    json_decref(parsed);
    json_decref(json);
}

static void check(const json_t *json)
{
    g_autoptr(Tick) tick = read_tick(json);
    if (tick) {
        expect_wire(tick);
        expect_json(tick);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *json = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
    if (json)
        check(json);
    json_decref(json);
    /* A foreign tick may hold anything: it is printed all the same, and refused or read again. */
    g_autoptr(Tick) foreign = tick_unpack(data, size, NULL);
    json = foreign ? tick_to_json(foreign) : NULL;
    if (json)
        check(json);
    json_decref(json);
    return 0;
}
