/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "ingest/feeds/identity.h"

#define ITEMS_MAX 4
#define NEW       ""  /* the expected id is that of a new item: its fresh one */
#define SALTED    "?" /* the expected id is a new one, made of all that the item is */

typedef struct {
    const char *guid, *link, *title;
    Instant published;
    const char *id; /* of what is known; of the document: what is expected, NULL: none */
} Row;

typedef struct {
    const char *name;
    Row known[ITEMS_MAX];
    Row document[ITEMS_MAX];
} Case;

/* A fresh id is "n-" and the guid, or the link where there is none. */
static const Case cases[] = {
    {.name = "nothing is known", .document = {{"g1", "a", "One", 1, NEW}, {"g2", "b", "Two", 2, NEW}}},
    {.name = "the same again",
     .known = {{"g1", "a", "One", 1, "A"}, {"g2", "b", "Two", 2, "B"}},
     .document = {{"g2", "b", "Two", 2, "B"}, {"g1", "a", "One", 1, "A"}}},
    {.name = "other text, the same item",
     .known = {{"g1", "a", "One", 1, "A"}},
     .document = {{"g1", "a", "Uno", 9, "A"}}},
    {.name = "another guid, the same link",
     .known = {{"g1", "a", "One", 1, "A"}},
     .document = {{"h1", "a", "Uno", 9, "A"}}},
    {.name = "all guids changed",
     .known = {{"g1", "a", "One", 1, "A"}, {"g2", "b", "Two", 2, "B"}},
     .document = {{"h1", "a", "One", 1, "A"}, {"h2", "b", "Two", 2, "B"}}},
    {.name = "guids swapped: links count",
     .known = {{"g1", "a", "One", 1, "A"}, {"g2", "b", "Two", 2, "B"}},
     .document = {{"g2", "a", "One", 1, "A"}, {"g1", "b", "Two", 2, "B"}}},
    {.name = "another link, the same guid and title",
     .known = {{"g1", "a", "One", 1, "A"}},
     .document = {{"g1", "z", "One", 9, "A"}}},
    {.name = "another link, the same guid and time",
     .known = {{"g1", "a", "One", 1, "A"}},
     .document = {{"g1", "z", "Uno", 1, "A"}}},
    {.name = "a guid used again for another link",
     .known = {{"g1", "a", "One", 1, "n-g1"}},
     .document = {{"g1", "z", "Other", 9, SALTED}}},
    {.name = "no time is no agreement",
     .known = {{"g1", "a", "One", 0, "n-g1"}},
     .document = {{"g1", "z", "Other", 0, SALTED}}},
    {.name = "a guid used again while its old link is there under another guid",
     .known = {{"g1", "a", "One", 1, "n-g1"}},
     .document = {{"g1", "z", "One", 1, SALTED}, {"g9", "a", "One", 1, "n-g1"}}},
    {.name = "a guid used again while its old item is there as it was",
     .known = {{"g1", "a", "One", 1, "n-g1"}},
     .document = {{"g1", "z", "One", 1, SALTED}, {"g1", "a", "One", 1, "n-g1"}}},
    {.name = "one guid for all items, links differ",
     .document = {{"g", "a", "One", 1, NEW}, {"g", "b", "Two", 2, SALTED}, {"g", "c", "Three", 3, SALTED}}},
    {.name = "one guid for all items, again",
     .known = {{"g", "a", "One", 1, "n-g"}, {"g", "b", "Two", 2, "B"}},
     .document = {{"g", "c", "Three", 3, SALTED}, {"g", "b", "Two", 2, "B"}, {"g", "a", "One", 1, "n-g"}}},
    {.name = "one link for all items, guids differ",
     .document = {{"g1", "a", "One", 1, NEW}, {"g2", "a", "Two", 2, NEW}}},
    {.name = "one link for all items, again, and a new one",
     .known = {{"g1", "a", "One", 1, "A"}, {"g2", "a", "Two", 2, "B"}},
     .document = {{"g3", "a", "Three", 3, NEW}, {"g2", "a", "Two", 2, "B"}}},
    {.name = "a link that several have now is nobody's by itself",
     .known = {{"h1", "a", "One", 1, "A"}},
     .document = {{"g1", "a", "Other", 5, NEW}, {"g2", "a", "One", 9, "A"}}},
    {.name = "a link that led to several: a new one alone",
     .known = {{"g1", "a", "One", 1, "A"}, {"g2", "a", "Two", 2, "B"}},
     .document = {{"g3", "a", "Three", 3, NEW}}},
    {.name = "a link that led to several: the title tells",
     .known = {{"g1", "a", "One", 1, "A"}, {"g2", "a", "Two", 2, "B"}},
     .document = {{"h2", "a", "Two", 9, "B"}, {"h1", "a", "One", 9, "A"}}},
    {.name = "no guids", .document = {{"", "a", "One", 1, NEW}, {"", "b", "Two", 2, NEW}}},
    {.name = "no guids, again",
     .known = {{"", "a", "One", 1, "A"}, {"", "b", "Two", 2, "B"}},
     .document = {{"", "b", "Two!", 2, "B"}, {"", "a", "One!", 9, "A"}}},
    {.name = "no guids, one link for all: titles tell",
     .document = {{"", "a", "One", 1, NEW}, {"", "a", "Two", 2, SALTED}}},
    {.name = "no guids, one link for all, again",
     .known = {{"", "a", "One", 1, "n-a"}, {"", "a", "Two", 2, "B"}},
     .document = {{"", "a", "Two", 2, "B"}, {"", "a", "One", 1, "n-a"}, {"", "a", "Three", 3, SALTED}}},
    {.name = "twice the same has one id",
     .document = {{"", "a", "One", 1, NEW}, {"", "a", "One", 1, SALTED}, {"", "a", "One", 1, NULL}}},
    {.name = "no links",
     .known = {{"g1", "", "One", 1, "A"}},
     .document = {{"g1", "", "Uno", 9, "A"}, {"g2", "", "Two", 2, NEW}}},
    {.name = "a link comes to a guid",
     .known = {{"g1", "", "One", 1, "A"}},
     .document = {{"g1", "a", "Uno", 9, "A"}}},
    {.name = "a link goes from a guid",
     .known = {{"g1", "a", "One", 1, "A"}},
     .document = {{"g1", "", "Uno", 9, "A"}}},
    {.name = "a guid comes to a link",
     .known = {{"", "a", "One", 1, "A"}},
     .document = {{"g1", "a", "Uno", 9, "A"}}},
    {.name = "an old name of the same item",
     .known = {{"h1", "a", "One", 1, "A"}, {"g1", "a", "One", 1, "A"}},
     .document = {{"g1", "a", "Uno", 9, "A"}}},
    {.name = "two names of one item in one document",
     .known = {{"h1", "a", "One", 1, "A"}, {"g1", "a", "One", 1, "A"}},
     .document = {{"h1", "a", "One", 1, "A"}, {"g1", "a", "Other", 9, NEW}}},
    {.name = "a link used again for another item, by guid and link",
     .known = {{"g2", "a", "Two", 2, "B"}, {"g1", "a", "One", 1, "A"}},
     .document = {{"g2", "a", "Zwei", 9, "B"}}},
    {.name = "surer answers come first, whatever the order",
     .known = {{"g1", "a", "One", 1, "A"}},
     .document = {{"g9", "a", "One", 1, NEW}, {"g1", "a", "One", 1, "A"}}},
};

static char *fresh_id(const Row *row)
{
    return g_strconcat("n-", *row->guid ? row->guid : row->link, NULL);
}

static GPtrArray *known_rows(const Case *one)
{
    GPtrArray *rows = g_ptr_array_new_with_free_func((GDestroyNotify)feed_known_free);

    for (size_t i = 0; i < ITEMS_MAX && one->known[i].guid; i++) {
        const Row *row = &one->known[i];
        FeedKnown *known = g_new(FeedKnown, 1);
        *known = (FeedKnown){
            .guid = g_strdup(row->guid),
            .link = g_strdup(row->link),
            .id = g_strdup(row->id),
            .title = g_strdup(row->title),
            .published = row->published,
            .date = g_strdup("2024-01-01"),
            .digest = g_strdup(""),
        };
        g_ptr_array_add(rows, known);
    }
    return rows;
}

static GArray *document_items(const Case *one)
{
    GArray *items = g_array_new(FALSE, TRUE, sizeof(FeedIdentity));

    for (size_t i = 0; i < ITEMS_MAX && one->document[i].guid; i++) {
        const Row *row = &one->document[i];
        const FeedIdentity item = {.guid = row->guid,
                                   .link = row->link,
                                   .title = row->title,
                                   .published = row->published,
                                   .fresh_id = fresh_id(row)};
        g_array_append_val(items, item);
    }
    return items;
}

static bool is_expected(const FeedIdentity *item, const char *expected)
{
    if (!expected || !item->id)
        return !expected && !item->id;
    if (strcmp(expected, NEW) == 0)
        return !item->known && strcmp(item->id, item->fresh_id) == 0;
    if (strcmp(expected, SALTED) == 0)
        return !item->known && g_str_has_prefix(item->id, "harbour-");
    return item->known && strcmp(item->id, expected) == 0;
}

static void check(const Case *one)
{
    g_autoptr(GPtrArray) known = known_rows(one);
    g_autoptr(GArray) items = document_items(one);
    g_autoptr(GHashTable) ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    feed_identity_resolve("harbour", items, known);
    for (guint i = 0; i < items->len; i++) {
        FeedIdentity *item = &g_array_index(items, FeedIdentity, i);
        if (!is_expected(item, one->document[i].id))
            fail_msg("%s: item %u is %s", one->name, i + 1, item->id ? item->id : "none");
        g_free((char *)item->fresh_id);
        if (item->id && !g_hash_table_add(ids, item->id))
            fail_msg("%s: %s is there twice", one->name, item->id);
    }
}

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        check(&cases[i]);
}

static void test_refused_items_count_as_being_there(void **state)
{
    const Case one = {
        .known = {{"g1", "a", "One", 1, "A"}},
        .document = {{"g1", "z", "One", 1, NEW}, {"g9", "a", "", 0, NULL}},
    };
    g_autoptr(GPtrArray) known = known_rows(&one);
    g_autoptr(GArray) items = document_items(&one);
    FeedIdentity *first = &g_array_index(items, FeedIdentity, 0);
    FeedIdentity *second = &g_array_index(items, FeedIdentity, 1);

    (void)state;
    second->refused = true;
    feed_identity_resolve("harbour", items, known);
    assert_string_equal(first->id, "n-g1");
    assert_null(first->known);
    assert_null(second->id);
    g_free(first->id);
    g_free((char *)first->fresh_id);
    g_free((char *)second->fresh_id);
}

/* The item that had no guid keeps its id when it is looked at with another neighbour. */
static void test_made_ids_are_stable(void **state)
{
    const Case both = {.document = {{"", "a", "One", 1, NEW}, {"", "a", "Two", 2, SALTED}}};
    const Case other = {.document = {{"", "a", "Three", 3, NEW}, {"", "a", "Two", 2, SALTED}}};
    const Case *const documents[] = {&both, &other};
    g_autoptr(GPtrArray) known = g_ptr_array_new();
    char *ids[2];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        g_autoptr(GArray) items = document_items(documents[i]);
        feed_identity_resolve("harbour", items, known);
        ids[i] = g_array_index(items, FeedIdentity, 1).id;
        g_free(g_array_index(items, FeedIdentity, 0).id);
        for (guint k = 0; k < items->len; k++)
            g_free((char *)g_array_index(items, FeedIdentity, k).fresh_id);
    }
    assert_string_equal(ids[0], ids[1]);
    g_free(ids[0]);
    g_free(ids[1]);
}

static void test_keys(void **state)
{
    static const char *const keys[][2] = {
        {"https://example.org/a", "example.org/a"},
        {"http://example.org/a/", "example.org/a"},
        {"HTTPS://example.org/", "example.org"},
        {"https://example.org/a#b", "example.org/a#b"},
        {"https://example.org/a?b=/", "example.org/a?b=/"},
        {"tag:example.org,2024:1/", "tag:example.org,2024:1/"},
        {"", ""},
        {"https:///", "/"},
        {"4711", "4711"},
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        g_autofree char *key = feed_identity_key(keys[i][0]);
        assert_string_equal(key, keys[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_refused_items_count_as_being_there),
        cmocka_unit_test(test_made_ids_are_stable),
        cmocka_unit_test(test_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
