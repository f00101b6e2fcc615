/* SPDX-License-Identifier: Apache-2.0 */
/* Against histories that are kept whole. */
#include "unit.h"

#include "ingest/store/contents.h"

#define ROOM       64
#define IDS        6
#define ROUNDS     20000
#define LONGEST    300
#define NOT_WANTED 0xffffffff

static char *id_of(unsigned number)
{
    return g_strdup_printf("ferry-%u", number);
}

static Statement *make(const char *id, uint32_t revision, unsigned text, unsigned note)
{
    g_autofree char *title = g_strdup_printf("The ferry sails at %u", text);
    g_autofree char *said = g_strdup_printf("%u", note);
    Statement *statement = statement_new();

    message_set_string(&statement->id, id);
    message_set_string(&statement->title, title);
    message_set_string(&statement->note, said);
    statement->revision = revision;
    return statement;
}

static ContentKey key_of(const char *id, unsigned text, unsigned note)
{
    g_autoptr(Statement) statement = make(id, 1, text, note);
    return content_key(statement);
}

static void append(Contents *contents, const char *id, GArray *history, unsigned text, unsigned note)
{
    g_autoptr(Statement) revision = make(id, history->len + 1, text, note);
    const ContentKey key = content_key(revision);

    g_array_append_val(history, key);
    contents_add(contents, revision);
}

/* As the store does from a history, its last revision first. */
static void learn(Contents *contents, const char *id, const GArray *history)
{
    g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(ContentKey));

    for (guint i = history->len; i > 0 && keys->len < ROOM; i--)
        g_array_append_vals(keys, &g_array_index(history, ContentKey, i - 1), 1);
    contents_set(contents, id, history->len, keys);
}

static void learn_new(Contents *contents, unsigned number, unsigned revisions)
{
    g_autofree char *id = id_of(number);
    g_autoptr(GArray) history = g_array_new(FALSE, FALSE, sizeof(ContentKey));

    for (unsigned i = 0; i < revisions; i++) {
        const ContentKey key = key_of(id, i, 0);
        g_array_append_val(history, key);
    }
    learn(contents, id, history);
}

static bool has(Contents *contents, unsigned number, uint32_t latest)
{
    g_autofree char *id = id_of(number);
    return contents_has(contents, id, latest);
}

static bool is_meant(const GArray *history, uint32_t revision, ContentKey key, bool told)
{
    const ContentKey *other = &g_array_index(history, ContentKey, revision - 1);

    return other->content == key.content && (!told || other->telling == key.telling);
}

/* Of what is remembered none is missed and none is named that is not meant; one that is not is always named. */
static void check(const Contents *contents, const char *id, const GArray *history, uint32_t remembered)
{
    const ContentKey key = key_of(id, (unsigned)g_random_int_range(0, 8), (unsigned)g_random_int_range(0, 3));
    bool told = g_random_boolean();
    uint32_t before = history->len + 1;

    while (before > 1) {
        uint32_t expected = before - 1;
        while (expected > history->len - remembered && !is_meant(history, expected, key, told))
            expected--;
        before = contents_find(contents, id, before, key, told);
        assert_int_equal(before, expected);
    }
}

static void test_random_histories(void **state)
{
    Contents *contents = contents_new(ROOM);
    GArray *histories[IDS];
    uint32_t remembered[IDS] = {0};

    (void)state;
    g_random_set_seed(1);
    for (unsigned i = 0; i < IDS; i++)
        histories[i] = g_array_new(FALSE, FALSE, sizeof(ContentKey));
    for (unsigned round = 0; round < ROUNDS; round++) {
        unsigned number = (unsigned)g_random_int_range(0, IDS);
        GArray *history = histories[number];
        g_autofree char *id = id_of(number);
        if (history->len < LONGEST && g_random_int_range(0, 3) > 0) {
            append(contents, id, history, (unsigned)g_random_int_range(0, 8),
                   (unsigned)g_random_int_range(0, 3));
            remembered[number]++;
        } else if (history->len > 0) {
            if (!contents_has(contents, id, history->len)) {
                learn(contents, id, history);
                remembered[number] = history->len;
            }
            remembered[number] = MIN(remembered[number], MIN(history->len, ROOM));
            check(contents, id, history, remembered[number]);
        }
        if (g_random_int_range(0, 500) == 0)
            contents_clear(contents);
    }
    for (unsigned i = 0; i < IDS; i++)
        g_array_unref(histories[i]);
    contents_free(contents);
}

static void test_who_was_asked_for_longest_ago_makes_room(void **state)
{
    Contents *contents = contents_new(ROOM);

    (void)state;
    for (unsigned number = 0; number < 4; number++)
        learn_new(contents, number, 16);
    for (unsigned number = 0; number < 4; number++)
        assert_true(has(contents, number, 16));
    assert_true(has(contents, 0, 16));
    learn_new(contents, 4, 10);
    assert_false(has(contents, 1, 16));
    assert_true(has(contents, 0, 16));
    learn_new(contents, 5, 17); /* as large as two */
    assert_false(has(contents, 2, 16));
    assert_false(has(contents, 3, 16));
    assert_true(has(contents, 4, 10));
    learn_new(contents, 3, ROOM);
    for (unsigned number = 0; number < 6; number++)
        assert_int_equal(has(contents, number, number == 3 ? ROOM : number == 4 ? 10 : 16), number == 3);
    contents_free(contents);
}

static void test_a_history_that_grows_makes_others_go(void **state)
{
    Contents *contents = contents_new(ROOM);
    g_autofree char *id = id_of(1);

    (void)state;
    for (unsigned number = 0; number < 4; number++)
        learn_new(contents, number, 16);
    g_autoptr(Statement) next = make(id, 17, 17, 0);
    contents_add(contents, next);
    assert_false(has(contents, 0, 16));
    assert_true(has(contents, 1, 17));
    assert_true(has(contents, 2, 16));
    contents_free(contents);
}

static void test_a_history_longer_than_there_is_room(void **state)
{
    Contents *contents = contents_new(ROOM);
    g_autofree char *id = id_of(0);
    g_autoptr(GArray) history = g_array_new(FALSE, FALSE, sizeof(ContentKey));

    (void)state;
    append(contents, id, history, 0, 0);
    learn(contents, id, history);
    for (unsigned i = 1; i < LONGEST; i++)
        append(contents, id, history, i, 0);
    assert_true(contents_has(contents, id, LONGEST));
    for (uint32_t revision = LONGEST; revision > LONGEST - ROOM; revision--)
        assert_int_equal(contents_find(contents, id, LONGEST + 1, key_of(id, revision - 1, 0), false),
                         revision);
    const ContentKey unknown = {NOT_WANTED, NOT_WANTED};
    uint32_t before = contents_find(contents, id, LONGEST + 1, unknown, false);
    assert_int_equal(before, LONGEST - ROOM);
    assert_int_equal(contents_find(contents, id, before, unknown, false), before - 1);
    assert_int_equal(contents_find(contents, id, 1, unknown, false), 0);
    contents_free(contents);
}

/* It was changed by somebody else. */
static void test_another_latest_revision(void **state)
{
    Contents *contents = contents_new(ROOM);
    g_autofree char *id = id_of(0);

    (void)state;
    learn_new(contents, 0, 16);
    assert_false(has(contents, 0, 15));
    assert_false(has(contents, 0, 16));
    learn_new(contents, 0, 16);
    g_autoptr(Statement) skipped = make(id, 18, 18, 0);
    contents_add(contents, skipped);
    assert_false(has(contents, 0, 16));
    assert_false(has(contents, 0, 18));
    contents_free(contents);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_histories),
        cmocka_unit_test(test_who_was_asked_for_longest_ago_makes_room),
        cmocka_unit_test(test_a_history_that_grows_makes_others_go),
        cmocka_unit_test(test_a_history_longer_than_there_is_room),
        cmocka_unit_test(test_another_latest_revision),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
