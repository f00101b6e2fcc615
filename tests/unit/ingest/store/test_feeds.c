/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "common/error.h"
#include "ingest/store/feeds.h"
#include "ingest/store_fixture.h"

#define URL "https://example.org/feed"

typedef struct {
    StoreFixture base;
    FeedReader *reader;
} Fixture;

static int setup(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);

    store_fixture_init(&fixture->base);
    OK(fixture->reader = feed_reader_open(fixture->base.path, ok));
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    Fixture *fixture = *state;

    feed_reader_close(fixture->reader);
    store_fixture_clear(&fixture->base);
    g_free(fixture);
    return 0;
}

static FeedKnown *item(const char *guid, const char *link, const char *id, const char *title)
{
    FeedKnown *known = g_new0(FeedKnown, 1);

    *known = (FeedKnown){.guid = g_strdup(guid),
                         .link = g_strdup(link),
                         .id = g_strdup(id),
                         .title = g_strdup(title),
                         .published = 7,
                         .date = g_strdup("2024-01-01"),
                         .digest = g_strdup("d")};
    return known;
}

/* Takes over the changes. */
static void store_changes(Fixture *fixture, FeedChanges *changes)
{
    g_autoptr(GError) error = NULL;

    if (!store_begin(fixture->base.store, &error) ||
        !store_write_feed(fixture->base.store, changes, &error) || !store_commit(fixture->base.store, &error))
        fail_msg("%s", error->message);
    feed_changes_free(changes);
}

static void write_item(Fixture *fixture, const char *feed, FeedKnown *known)
{
    FeedChanges *changes = feed_changes_new(feed);

    g_ptr_array_add(changes->items, known);
    store_changes(fixture, changes);
}

/* "guid link id title", newest first. */
static char *look_up(Fixture *fixture, FeedLookup by, const char *feed, const char *value)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) known = g_ptr_array_new_with_free_func((GDestroyNotify)feed_known_free);
    g_autoptr(GString) text = g_string_new(NULL);

    if (!feed_reader_known(fixture->reader, by, feed, value, known, &error))
        fail_msg("%s", error->message);
    for (guint i = 0; i < known->len; i++) {
        const FeedKnown *one = g_ptr_array_index(known, i);
        assert_true(i == 0 || ((FeedKnown *)g_ptr_array_index(known, i - 1))->sequence > one->sequence);
        g_string_append_printf(text, "%s%s %s %s %s", i > 0 ? ", " : "", one->guid, one->link, one->id,
                               one->title);
    }
    return g_strdup(text->str);
}

static void assert_found(Fixture *fixture, FeedLookup by, const char *value, const char *expected)
{
    g_autofree char *found = look_up(fixture, by, "harbour", value);

    assert_string_equal(found, expected);
}

static void test_a_state_comes_back(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    FeedChanges *changes = feed_changes_new("harbour");
    FeedState *written = feed_state_new("harbour", URL);

    assert_null(feed_reader_state(fixture->reader, "harbour", &error));
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_NOT_FOUND));
    feed_state_set(&written->moved_to, "https://example.net/");
    feed_state_set(&written->etag, "\"1\"");
    feed_state_set(&written->last_modified, "yesterday");
    feed_state_set(&written->digest, "abc");
    feed_state_set(&written->error, "it rains");
    feed_state_set(&written->refusal, "line 7: no title");
    written->moved_at = 1;
    written->polled_at = 2;
    written->succeeded_at = 3;
    written->next_at = 10;
    written->failures = 5;
    written->status = 503;
    written->gone = true;
    written->begun = true;
    written->ttl_minutes = G_MAXUINT;
    written->skip_hours = 0xffffff;
    written->skip_days = 0x7f;
    written->items = 20;
    written->refused = 1;
    changes->state = written;
    store_changes(fixture, changes);
    g_autoptr(FeedState) read = feed_reader_state(fixture->reader, "harbour", NULL);
    assert_string_equal(read->name, "harbour");
    assert_string_equal(read->url, URL);
    assert_string_equal(read->moved_to, "https://example.net/");
    assert_string_equal(read->etag, "\"1\"");
    assert_string_equal(read->last_modified, "yesterday");
    assert_string_equal(read->digest, "abc");
    assert_string_equal(read->error, "it rains");
    assert_string_equal(read->refusal, "line 7: no title");
    assert_true(read->moved_at == 1 && read->polled_at == 2 && read->succeeded_at == 3 &&
                read->next_at == 10);
    assert_true(read->wait == 8);
    assert_int_equal(read->failures, 5);
    assert_int_equal(read->status, 503);
    assert_true(read->gone && read->begun);
    assert_true(read->ttl_minutes == G_MAXUINT && read->skip_hours == 0xffffff && read->skip_days == 0x7f);
    assert_int_equal(read->items, 20);
    assert_int_equal(read->refused, 1);
}

static void test_items_are_found_by_all_their_names(void **state)
{
    Fixture *fixture = *state;

    write_item(fixture, "harbour", item("g1", "a", "A", "One"));
    write_item(fixture, "harbour", item("g2", "b", "B", "Two"));
    write_item(fixture, "lighthouse", item("g1", "a", "L", "Light"));
    assert_found(fixture, FEED_BY_GUID, "g1", "g1 a A One");
    assert_found(fixture, FEED_BY_LINK, "b", "g2 b B Two");
    assert_found(fixture, FEED_BY_ID, "B", "g2 b B Two");
    assert_found(fixture, FEED_BY_ID, "L", "");
    write_item(fixture, "harbour", item("h1", "a", "A", "Uno"));
    assert_found(fixture, FEED_BY_LINK, "a", "h1 a A Uno, g1 a A Uno");
    assert_found(fixture, FEED_BY_GUID, "g1", "g1 a A Uno");
    /* the old name again: it is the newest now */
    write_item(fixture, "harbour", item("g1", "a", "A", "Un"));
    assert_found(fixture, FEED_BY_LINK, "a", "g1 a A Un, h1 a A Un");
}

static void test_what_is_withheld_comes_back(void **state)
{
    Fixture *fixture = *state;
    static const char *const digests[] = {"2024-01-01-abc", ""};

    for (size_t i = 0; i < G_N_ELEMENTS(digests); i++) {
        g_autoptr(GPtrArray) known = g_ptr_array_new_with_free_func((GDestroyNotify)feed_known_free);
        FeedKnown *written = item("g", "a", "A", "One");
        g_free(written->digest);
        written->digest = g_strdup(digests[i]);
        written->withheld = g_strdup("2024-01-01-def");
        written->withheld_at = G_MAXUINT32;
        write_item(fixture, "harbour", written);
        OK(feed_reader_known(fixture->reader, FEED_BY_GUID, "harbour", "g", known, ok));
        assert_int_equal(known->len, 1);
        const FeedKnown *read = g_ptr_array_index(known, 0);
        assert_string_equal(read->digest, digests[i]);
        assert_string_equal(read->withheld, "2024-01-01-def");
        assert_true(read->withheld_at == G_MAXUINT32);
    }
    g_autoptr(GPtrArray) known = g_ptr_array_new_with_free_func((GDestroyNotify)feed_known_free);
    write_item(fixture, "harbour", item("g", "a", "A", "One"));
    OK(feed_reader_known(fixture->reader, FEED_BY_GUID, "harbour", "g", known, ok));
    const FeedKnown *read = g_ptr_array_index(known, 0);
    assert_string_equal(read->digest, "d");
    assert_null(read->withheld);
}

static void test_names_are_bounded(void **state)
{
    Fixture *fixture = *state;

    write_item(fixture, "harbour", item("other", "b", "B", "Two"));
    for (unsigned i = 0; i < 3 * FEED_NAMES_KEPT; i++) {
        g_autofree char *guid = g_strdup_printf("g%u", i);
        write_item(fixture, "harbour", item(guid, "a", "A", "One"));
    }
    g_autofree char *all = look_up(fixture, FEED_BY_ID, "harbour", "A");
    g_auto(GStrv) names = g_strsplit(all, ", ", -1);
    assert_int_equal(g_strv_length(names), FEED_NAMES_KEPT);
    assert_string_equal(names[0], "g23 a A One");
    assert_string_equal(names[FEED_NAMES_KEPT - 1], "g16 a A One");
    assert_found(fixture, FEED_BY_GUID, "other", "other b B Two");
}

static void test_a_guid_of_very_many(void **state)
{
    Fixture *fixture = *state;
    FeedChanges *changes = feed_changes_new("harbour");

    for (unsigned i = 0; i < 3 * FEED_NAMES_READ; i++) {
        g_autofree char *link = g_strdup_printf("l%u", i);
        g_ptr_array_add(changes->items, item("g", link, link, "One"));
    }
    store_changes(fixture, changes);
    g_autofree char *all = look_up(fixture, FEED_BY_GUID, "harbour", "g");
    g_auto(GStrv) names = g_strsplit(all, ", ", -1);
    assert_int_equal(g_strv_length(names), FEED_NAMES_READ);
    assert_string_equal(names[0], "g l299 l299 One");
}

static void test_nothing_of_a_transaction_that_is_rolled_back(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    FeedChanges *changes = feed_changes_new("harbour");

    g_ptr_array_add(changes->items, item("g1", "a", "A", "One"));
    changes->state = feed_state_new("harbour", URL);
    assert_true(store_begin(fixture->base.store, &error));
    assert_true(store_write_feed(fixture->base.store, changes, &error));
    store_rollback(fixture->base.store);
    feed_changes_free(changes);
    assert_null(feed_reader_state(fixture->reader, "harbour", &error));
    assert_found(fixture, FEED_BY_GUID, "g1", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_state_comes_back, setup, teardown),
        cmocka_unit_test_setup_teardown(test_items_are_found_by_all_their_names, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_withheld_comes_back, setup, teardown),
        cmocka_unit_test_setup_teardown(test_names_are_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_guid_of_very_many, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing_of_a_transaction_that_is_rolled_back, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
