/* SPDX-License-Identifier: Apache-2.0 */
/* json_read() against jansson, an independent reader: of documents made at random, and of what random changes
 * of some bytes make of them, both take the same ones, and see the same values in them. DAYWIRE_TEST_SEED
 * repeats a run. */
#include "unit.h"

#include <jansson.h>

#include "common/json.h"

enum { DOCUMENTS = 1000, CHANGED = 8 /* of each */, DEPTH = 5 };

/* ---- documents ---- */

static const char *pick(GRand *random, const char *const *among, int32_t count)
{
    return among[g_rand_int_range(random, 0, count)];
}

static void add_space(GRand *random, GString *text)
{
    static const char *const spaces[] = {"", "", "", " ", "\n", "\t", "\r\n", "  "};
    g_string_append(text, pick(random, spaces, G_N_ELEMENTS(spaces)));
}

static void add_string(GRand *random, GString *text, int32_t most)
{
    static const char *const parts[] = {
        "a",
        "b",
        "xyz",
        "/",
        " ",
        "0",
        "\\u0061",
        "\\/",
        "\\\"",
        "\\\\",
        "\\n",
        "\\t",
        "\\b",
        "\\u0001",
        "\\u00e4",
        "\xc3\xa4",
        "\xe2\x82\xac",
        "\xf0\x9f\x98\x80",
        "\\ud83d\\ude00",
        "\\uFFFF",
        "\xef\xbf\xbf",
        "\x7f",
        "{",
        "]",
    };
    g_string_append_c(text, '"');
    for (int32_t i = g_rand_int_range(random, 0, most + 1); i > 0; i--)
        g_string_append(text, pick(random, parts, G_N_ELEMENTS(parts)));
    g_string_append_c(text, '"');
}

static void add_number(GRand *random, GString *text)
{
    static const char *const numbers[] = {
        "0",
        "-0",
        "1",
        "-1",
        "10",
        "0.5",
        "-1.25",
        "1e2",
        "1E+2",
        "2.5e-3",
        "0e0",
        "-0.0",
        "1.7976931348623157e308",
        "4.9e-324",
        "1e-400",
        "0.1",
        "123456789.123456789",
        "9223372036854775807",
        "-9223372036854775808",
        "4294967296",
    };
    if (g_rand_boolean(random))
        g_string_append(text, pick(random, numbers, G_N_ELEMENTS(numbers)));
    else
        g_string_append_printf(text, "%d", (int)g_rand_int(random));
}

static void add_value(GRand *random, GString *text, unsigned depth);

/* Names are short, so that some come twice. */
static void add_many(GRand *random, GString *text, unsigned depth, bool object)
{
    bool wide = g_rand_int_range(random, 0, 40) == 0;
    int32_t count = g_rand_int_range(random, 0, wide ? 60 : 5);
    g_string_append_c(text, object ? '{' : '[');
    add_space(random, text);
    for (int32_t i = 0; i < count; i++) {
        g_string_append(text, i ? "," : "");
        add_space(random, text);
        if (object) {
            if (wide)
                g_string_append_printf(text, "\"%d\"", i);
            else
                add_string(random, text, 3);
            add_space(random, text);
            g_string_append_c(text, ':');
            add_space(random, text);
        }
        add_value(random, text, wide ? DEPTH : depth + 1);
        add_space(random, text);
    }
    g_string_append_c(text, object ? '}' : ']');
}

static void add_value(GRand *random, GString *text, unsigned depth)
{
    static const char *const words[] = {"true", "false", "null"};
    switch (g_rand_int_range(random, 0, depth < DEPTH ? 7 : 4)) {
    case 0:
        g_string_append(text, pick(random, words, G_N_ELEMENTS(words)));
        break;
    case 1:
        add_number(random, text);
        break;
    case 2:
    case 3:
        add_string(random, text, 8);
        break;
    case 4:
        add_many(random, text, depth, false);
        break;
    default:
        add_many(random, text, depth, true);
    }
}

/* ---- changes ---- */

static const char *const inserted[] = {
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    " ",
    "\n",
    "0",
    "1",
    "-",
    "+",
    ".",
    "e",
    "E",
    "n",
    "t",
    "/",
    "/**/",
    "//",
    "'",
    "\t",
    "\x01",
    "\x7f",
    "\x80",
    "\xc0\x80",
    "\xc3",
    "\xe2\x82",
    "\xed\xa0\x80",
    "\xf4\x90\x80\x80",
    "\xff",
    "\xef\xbb\xbf",
    "\\u",
    "\\u0000",
    "\\ud800",
    "\\udc00",
    "\\x",
    "NaN",
    "Infinity",
    "null",
    "00",
    "1e400",
    "99999999999999999999",
    ",,",
    "\"a\":1,",
    "[[",
    "\v",
};

static void change(GRand *random, GString *text)
{
    gssize at = g_rand_int_range(random, 0, (int32_t)text->len + 1);
    gssize left = (gssize)text->len - at;
    gssize length = left ? g_rand_int_range(random, 0, (int32_t)MIN(left, 6) + 1) : 0;
    switch (g_rand_int_range(random, 0, 6)) {
    case 0:
        g_string_erase(text, at, length);
        break;
    case 1:
        g_string_truncate(text, (size_t)at);
        break;
    case 2:
        if (left)
            text->str[at] = (char)g_rand_int_range(random, 0, 256);
        break;
    case 3: {
        g_autofree char *part = g_memdup2(text->str + at, (size_t)length);
        g_string_insert_len(text, g_rand_int_range(random, 0, (int32_t)text->len + 1), part, length);
        break;
    }
    default:
        g_string_insert(text, at, pick(random, inserted, G_N_ELEMENTS(inserted)));
    }
}

/* ---- comparison ---- */

static bool same(yyjson_val *ours, const json_t *theirs);

static bool same_object(yyjson_val *ours, json_t *theirs)
{
    size_t i = 0, count = 0;
    yyjson_val *key = NULL, *value = NULL;
    yyjson_obj_foreach(ours, i, count, key, value)
    {
        if (!same(value, json_object_get(theirs, yyjson_get_str(key))))
            return false;
    }
    return count == json_object_size(theirs);
}

static bool same_array(yyjson_val *ours, const json_t *theirs)
{
    size_t i = 0, count = 0;
    yyjson_val *value = NULL;
    yyjson_arr_foreach(ours, i, count, value)
    {
        if (!same(value, json_array_get(theirs, i)))
            return false;
    }
    return count == json_array_size(theirs);
}

static bool same(yyjson_val *ours, const json_t *theirs)
{
    int64_t number = 0;
    if (!theirs)
        return false;
    switch (json_typeof(theirs)) {
    case JSON_OBJECT:
        return yyjson_is_obj(ours) && same_object(ours, (json_t *)theirs);
    case JSON_ARRAY:
        return yyjson_is_arr(ours) && same_array(ours, theirs);
    case JSON_STRING:
        return yyjson_is_str(ours) && yyjson_get_len(ours) == json_string_length(theirs) &&
               memcmp(yyjson_get_str(ours), json_string_value(theirs), json_string_length(theirs) + 1) == 0;
    case JSON_INTEGER:
        return json_get_integer(ours, &number) && number == json_integer_value(theirs);
    case JSON_REAL:
        return yyjson_is_real(ours) && yyjson_get_real(ours) == json_real_value(theirs);
    case JSON_TRUE:
        return yyjson_is_true(ours);
    case JSON_FALSE:
        return yyjson_is_false(ours);
    default:
        return yyjson_is_null(ours);
    }
}

typedef struct {
    unsigned taken, refused, twice, beyond;
} Tally;

/* False: they disagree. Numbers beyond 64 bits, which jansson refuses where it meets them, are not compared. No
 * JSON has a NUL byte, which jansson overlooks behind a number or a word. */
static bool compare(const GString *text, Tally *tally, char **ret_problem)
{
    json_error_t problem = {0};
    g_autoptr(GError) error = NULL;
    g_autofree char *copy = g_memdup2(text->str, MAX(text->len, 1)); /* not one byte more */
    json_t *theirs = json_loadb(copy, text->len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &problem);
    g_autoptr(yyjson_doc) ours = json_read(copy, text->len, 1, &error);
    bool beyond = !theirs && json_error_code(&problem) == json_error_numeric_overflow;
    bool agreed = memchr(text->str, '\0', text->len) ? !ours
                  : theirs && ours                   ? same(yyjson_doc_get_root(ours), theirs)
                                                     : beyond || !theirs == !ours;
    *(beyond ? &tally->beyond : theirs ? &tally->taken : &tally->refused) += 1;
    if (!theirs && json_error_code(&problem) == json_error_duplicate_key)
        tally->twice++;
    if (!agreed)
        *ret_problem = g_strdup_printf("jansson: %s; json_read(): %s", theirs ? "taken" : problem.text,
                                       ours ? "taken" : error->message);
    json_decref(theirs);
    return agreed;
}

static void assert_agreed(const GString *text, uint32_t seed, Tally *tally)
{
    g_autofree char *problem = NULL;
    if (compare(text, tally, &problem))
        return;
    g_autofree char *shown = g_strescape(text->str, NULL); /* up to a NUL: the length tells of it */
    fail_msg("seed %u: %s: %zu bytes: %s", seed, problem, text->len, shown);
}

static void both_readers_agree(void **state)
{
    (void)state;
    const char *given = g_getenv("DAYWIRE_TEST_SEED");
    uint32_t seed = given ? (uint32_t)g_ascii_strtoull(given, NULL, 10) : 20210723;
    g_autoptr(GRand) random = g_rand_new_with_seed(seed);
    Tally tally = {0};
    for (unsigned i = 0; i < DOCUMENTS; i++) {
        g_autoptr(GString) text = g_string_new(NULL);
        add_space(random, text);
        add_value(random, text, 0);
        add_space(random, text);
        assert_agreed(text, seed, &tally);
        for (unsigned k = 0; k < CHANGED; k++) {
            g_autoptr(GString) changed = g_string_new_len(text->str, (gssize)text->len);
            for (int32_t n = g_rand_int_range(random, 1, 4); n > 0; n--)
                change(random, changed);
            assert_agreed(changed, seed, &tally);
        }
    }
    /* It would prove nothing if nearly all were refused, or taken, or not compared. */
    print_message("taken %u, refused %u (a name twice %u), not compared %u\n", tally.taken, tally.refused,
                  tally.twice, tally.beyond);
    assert_true(tally.taken > DOCUMENTS);
    assert_true(tally.refused > DOCUMENTS);
    assert_true(tally.twice > DOCUMENTS / 20);
    assert_true(tally.beyond < DOCUMENTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_readers_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
