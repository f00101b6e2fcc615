/* SPDX-License-Identifier: Apache-2.0 */
/* From documents to jobs, with what was stored of the jobs before. */
#include "unit.h"

#include "common/error.h"
#include "common/statement_rules.h"
#include "ingest/feeds/intake.h"

#define NOW (INT64_C(1704888000) * INSTANT_SECOND) /* 2024-01-10T12:00:00Z */

static char *no_tags[] = {NULL};
static const SubmissionLimits limits = {
    .title = 40, .summary = STATEMENT_SUMMARY_MAX, .text = STATEMENT_BODY_MAX, .tags = STATEMENT_TAGS_MAX};
static const FeedSettings plain = {.name = (char *)"harbour",
                                   .url = (char *)"https://example.org/feed",
                                   .initial = FEED_INITIAL_ALL,
                                   .language = (char *)"",
                                   .kind = (char *)"",
                                   .tags = no_tags};

typedef struct {
    const char *guid, *link, *title, *date; /* NULL: it has none */
} Item;

static char *document(const Item *items, size_t count)
{
    GString *text = g_string_new("<rss version=\"2.0\"><channel><title>Harbour</title><ttl>90</ttl>");

    for (size_t i = 0; i < count; i++) {
        g_string_append_printf(text, "<item><title>%s</title>", items[i].title);
        if (items[i].guid)
            g_string_append_printf(text, "<guid isPermaLink=\"false\">%s</guid>", items[i].guid);
        if (items[i].link)
            g_string_append_printf(text, "<link>https://example.org/%s</link>", items[i].link);
        if (items[i].date)
            g_string_append_printf(text, "<pubDate>%s</pubDate>", items[i].date);
        g_string_append(text, "</item>");
    }
    g_string_append(text, "</channel></rss>");
    return g_string_free(text, FALSE);
}

/* What the store would know: a list that grows with each job. */
typedef struct {
    GPtrArray *known; /* of FeedKnown *, newest first */
    int64_t sequence;
} Memory;

static FeedKnown *copy(const FeedKnown *known)
{
    FeedKnown *made = g_new(FeedKnown, 1);

    *made = *known;
    made->guid = g_strdup(known->guid);
    made->link = g_strdup(known->link);
    made->id = g_strdup(known->id);
    made->title = g_strdup(known->title);
    made->date = g_strdup(known->date);
    made->digest = g_strdup(known->digest);
    made->withheld = g_strdup(known->withheld);
    made->before = NULL;
    return made;
}

static int memory_setup(void **state)
{
    Memory *memory = g_new0(Memory, 1);

    memory->known = g_ptr_array_new_with_free_func((GDestroyNotify)feed_known_free);
    *state = memory;
    return 0;
}

static int memory_teardown(void **state)
{
    Memory *memory = *state;

    g_ptr_array_unref(memory->known);
    g_free(memory);
    return 0;
}

static FeedIntake *read_at(Memory *memory, const FeedSettings *feed, const char *text, bool first,
                           Instant now)
{
    g_autoptr(GError) error = NULL;
    const FeedOrigin origin = {.feed = feed, .url = feed->url, .now = now, .limits = limits};
    FeedIntake *intake = feed_intake_new(&origin, text, strlen(text), &error);
    GPtrArray *known = g_ptr_array_new_with_free_func((GDestroyNotify)feed_known_free);

    if (!intake)
        fail_msg("%s", error->message);
    for (guint i = 0; i < memory->known->len; i++)
        g_ptr_array_add(known, copy(g_ptr_array_index(memory->known, i)));
    feed_intake_resolve(intake, known, first);
    return intake;
}

/* As the store does: what it knows of an item is the same under all of its names. */
static void remember(Memory *memory, const Job *job)
{
    for (guint i = 0; i < job->feed->items->len; i++) {
        const FeedKnown *item = g_ptr_array_index(job->feed->items, i);
        for (guint k = 0; k < memory->known->len; k++) {
            FeedKnown *old = g_ptr_array_index(memory->known, k);
            if (strcmp(old->id, item->id) != 0)
                continue;
            g_free(old->digest);
            old->digest = g_strdup(item->digest);
            g_free(old->withheld);
            old->withheld = g_strdup(item->withheld);
            old->withheld_at = item->withheld_at;
            old->passed_over = item->passed_over;
        }
        FeedKnown *made = copy(item);
        made->sequence = ++memory->sequence;
        g_ptr_array_insert(memory->known, 0, made);
    }
}

/* Takes everything in, in jobs of `max`; "title, title" of what is submitted. */
static char *take_in(Memory *memory, FeedIntake *intake, unsigned max)
{
    g_autoptr(GString) titles = g_string_new(NULL);
    bool more = true;

    while (more) {
        g_autoptr(Job) job = feed_intake_next(intake, max);
        assert_true(job->items->len <= job->feed->items->len && job->feed->items->len <= max);
        for (guint i = 0; i < job->items->len; i++) {
            const Submission *submission = &job_item(job, i)->submission;
            assert_int_equal(submission->kind, SUBMISSION_FEED);
            assert_false(submission->id_derived);
            assert_string_equal(submission->submitter, "feed harbour");
            assert_string_equal(submission->statement->source, "harbour");
            g_string_append_printf(titles, "%s%s", titles->len > 0 ? ", " : "", submission->statement->title);
        }
        remember(memory, job);
        more = feed_intake_has_more(intake);
    }
    feed_intake_free(intake);
    return g_strdup(titles->str);
}

static void assert_taken(Memory *memory, const FeedSettings *feed, const char *text, bool first,
                         const char *expected)
{
    g_autofree char *taken = take_in(memory, read_at(memory, feed, text, first, NOW), 2);

    assert_string_equal(taken, expected);
}

#define DOCUMENT(...)                                                                                        \
    document((const Item[]){__VA_ARGS__}, sizeof((const Item[]){__VA_ARGS__}) / sizeof(Item))

static void test_new_changed_and_unchanged(void **state)
{
    g_autofree char *first = DOCUMENT({"1", "a", "One", "Mon, 01 Jan 2024 10:00:00 GMT"},
                                      {"2", "b", "Two", "Tue, 02 Jan 2024 10:00:00 GMT"},
                                      {"3", "c", "Three", "Wed, 03 Jan 2024 10:00:00 GMT"});
    g_autofree char *second = DOCUMENT({"4", "d", "Four", "Thu, 04 Jan 2024 10:00:00 GMT"},
                                       {"2", "b", "Two!", "Tue, 02 Jan 2024 10:00:00 GMT"},
                                       {"3", "c", "Three", "Wed, 03 Jan 2024 10:00:00 GMT"});

    assert_taken(*state, &plain, first, true, "One, Two, Three");
    assert_taken(*state, &plain, first, false, "");
    assert_taken(*state, &plain, second, false, "Four, Two!");
    assert_taken(*state, &plain, second, false, "");
    assert_taken(*state, &plain, first, false,
                 "Two"); /* it is taken back; what vanished meanwhile is known */
}

static void test_other_names_are_remembered(void **state)
{
    g_autofree char *first = DOCUMENT({"1", "a", "One", NULL});
    g_autofree char *other_guid = DOCUMENT({"x", "a", "One", NULL});
    g_autofree char *other_link = DOCUMENT({"x", "z", "One", NULL});
    g_autofree char *reused = DOCUMENT({"x", "q", "Other", NULL}, {"1", "a", "One", NULL});

    assert_taken(*state, &plain, first, true, "One");
    assert_taken(*state, &plain, other_guid, false, "");
    assert_taken(*state, &plain, other_link, false, "One"); /* another link, so another content */
    assert_taken(*state, &plain, other_link, false, "");
    assert_taken(*state, &plain, reused, false, "Other, One");
    Memory *memory = *state;
    g_autoptr(GHashTable) ids = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < memory->known->len; i++)
        g_hash_table_add(ids, ((FeedKnown *)g_ptr_array_index(memory->known, i))->id);
    assert_int_equal(g_hash_table_size(ids), 2);
}

static void test_first_polls(void **state)
{
    static const struct {
        unsigned initial;
        const char *taken;
        unsigned passed_over;
    } cases[] = {{FEED_INITIAL_ALL, "Old, New, Middle, Nodate", 0},
                 {0, "", 4},
                 {1, "Nodate", 3}, /* it is of today */
                 {2, "New, Nodate", 2},
                 {3, "New, Middle, Nodate", 1},
                 {4, "Old, New, Middle, Nodate", 0},
                 {100, "Old, New, Middle, Nodate", 0}};
    g_autofree char *text =
        DOCUMENT({"1", "a", "Old", "Mon, 01 Jan 2024 10:00:00 GMT"},
                 {"2", "b", "New", "Tue, 02 Jan 2024 11:00:00 GMT"},
                 {"3", "c", "Middle", "Tue, 02 Jan 2024 10:00:00 GMT"}, {"4", "d", "Nodate", NULL});
    g_autofree char *later = DOCUMENT({"5", "e", "Later", "Wed, 03 Jan 2024 10:00:00 GMT"},
                                      {"1", "a", "Old but changed", "Mon, 01 Jan 2024 10:00:00 GMT"},
                                      {"x", "c", "Middle", "Tue, 02 Jan 2024 10:00:00 GMT"});

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        void *memory = NULL;
        FeedSettings feed = plain;
        feed.initial = cases[i].initial;
        memory_setup(&memory);
        FeedIntake *intake = read_at(memory, &feed, text, true, NOW);
        assert_int_equal(feed_intake_counts(intake).passed_over, cases[i].passed_over);
        g_autofree char *taken = take_in(memory, intake, 3);
        assert_string_equal(taken, cases[i].taken);
        assert_taken(memory, &feed, text, false, "");
        assert_taken(memory, &feed, later, false,
                     strstr(cases[i].taken, "Old") ? "Later, Old but changed" : "Later");
        memory_teardown(&memory);
    }
}

/* Killed between two jobs: the first poll begins again, with what was stored of it. */
static void test_a_first_poll_that_was_broken_off(void **state)
{
    g_autofree char *text = DOCUMENT({"1", "a", "One", "Mon, 01 Jan 2024 10:00:00 GMT"},
                                     {"2", "b", "Two", "Tue, 02 Jan 2024 10:00:00 GMT"},
                                     {"3", "c", "Three", "Wed, 03 Jan 2024 10:00:00 GMT"},
                                     {"4", "d", "Four", "Thu, 04 Jan 2024 10:00:00 GMT"});
    FeedSettings feed = plain;

    feed.initial = 2;
    FeedIntake *intake = read_at(*state, &feed, text, true, NOW);
    g_autoptr(Job) job = feed_intake_next(intake, 3);
    assert_int_equal(job->items->len, 1);
    remember(*state, job);
    feed_intake_free(intake);
    assert_taken(*state, &feed, text, true, "Four");
    assert_taken(*state, &feed, text, false, "");
}

static void test_items_without_a_date_keep_theirs(void **state)
{
    Memory *memory = *state;
    g_autofree char *text = DOCUMENT({"1", "a", "One", NULL});

    assert_taken(memory, &plain, text, true, "One");
    assert_string_equal(((FeedKnown *)g_ptr_array_index(memory->known, 0))->date, "2024-01-10");
    FeedIntake *next_day = read_at(memory, &plain, text, false, NOW + 24 * 3600 * INSTANT_SECOND);
    g_autofree char *taken = take_in(memory, next_day, 10);
    assert_string_equal(taken, "");
    g_autofree char *changed = DOCUMENT({"1", "a", "One!", NULL});
    FeedIntake *later = read_at(memory, &plain, changed, false, NOW + 72 * 3600 * INSTANT_SECOND);
    g_autoptr(Job) job = feed_intake_next(later, 10);
    assert_string_equal(job_item(job, 0)->submission.statement->date, "2024-01-10");
    feed_intake_free(later);
}

static void test_words_of_the_configuration(void **state)
{
    char *tags[] = {(char *)"sea", (char *)"harbour", NULL};
    FeedSettings feed = plain;
    g_autofree char *text = DOCUMENT({"1", "a", "One", NULL});

    feed.kind = (char *)"notice";
    feed.language = (char *)"de";
    feed.tags = tags;
    FeedIntake *intake = read_at(*state, &feed, text, true, NOW);
    g_autoptr(Job) job = feed_intake_next(intake, 10);
    const Statement *statement = job_item(job, 0)->submission.statement;
    assert_string_equal(statement->kind, "notice");
    assert_string_equal(statement->language, "de");
    assert_int_equal(statement->n_tags, 2);
    assert_string_equal(statement->tags[0], "sea");
    remember(*state, job);
    feed_intake_free(intake);
    feed.kind = (char *)"other"; /* no change of the feed */
    assert_taken(*state, &feed, text, false, "");
}

static void test_refused_items(void **state)
{
    g_autofree char *text =
        DOCUMENT({"1", "a", "One", NULL}, {"2", "b", "", NULL}, {"3", "c", "Three", NULL});
    FeedIntake *intake = read_at(*state, &plain, text, true, NOW);
    FeedCounts counts = feed_intake_counts(intake);
    g_autofree char *reason = feed_intake_refusal(intake, 0);
    g_autofree char *none = feed_intake_refusal(intake, 1);

    assert_int_equal(counts.items, 3);
    assert_int_equal(counts.refused, 1);
    assert_true(g_str_has_prefix(reason, "line 1, 2: "));
    assert_non_null(strstr(reason, "title"));
    assert_null(none);
    assert_int_equal(feed_intake_head(intake)->ttl_minutes, 90);
    g_autofree char *taken = take_in(*state, intake, 10);
    assert_string_equal(taken, "One, Three");
}

/* It is no statement, and not known as one. */
static void test_items_that_the_engine_would_refuse(void **state)
{
    Memory *memory = *state;
    static const char text[] =
        "<rss xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel><title>Harbour</title>"
        "<item><guid>long</guid><title>This title is longer than is allowed here, by far</title></item>"
        "<item><guid>html</guid><title>One</title><content:encoded><![CDATA[<p onclick=\"x()\">Good"
        "</p>]]></content:encoded></item>"
        "</channel></rss>";
    FeedIntake *intake = read_at(memory, &plain, text, true, NOW);
    g_autofree char *reason = feed_intake_refusal(intake, 0);
    g_autoptr(Job) job = feed_intake_next(intake, 10);

    assert_int_equal(feed_intake_counts(intake).refused, 1);
    assert_true(g_str_has_prefix(reason, "long: title: "));
    assert_int_equal(job->items->len, 1);
    assert_int_equal(job->feed->items->len, 1);
    assert_string_equal(job_item(job, 0)->submission.statement->body, "<p>Good</p>");
    remember(memory, job);
    feed_intake_free(intake);
    assert_taken(memory, &plain, text, false, "");
}

/* The document's first item, which the engine withholds when `withheld`; "title", and " again, since N" when it was
 * withheld before. */
static char *offer(Memory *memory, const char *text, bool withheld, uint32_t latest)
{
    FeedIntake *intake = read_at(memory, &plain, text, false, NOW);
    g_autoptr(Job) job = feed_intake_next(intake, 10);
    g_autoptr(GString) offered = g_string_new("");

    if (job->items->len > 0) {
        const Submission *submission = &job_item(job, 0)->submission;
        g_string_append(offered, submission->statement->title);
        if (submission->offered_again)
            g_string_append_printf(offered, " again, since %u", submission->offered_at);
        if (withheld)
            feed_changes_withhold(job->feed, submission->statement->id, latest);
    }
    remember(memory, job);
    feed_intake_free(intake);
    return g_strdup(offered->str);
}

static void assert_offered(Memory *memory, const char *text, bool withheld, uint32_t latest,
                           const char *expected)
{
    g_autofree char *offered = offer(memory, text, withheld, latest);

    assert_string_equal(offered, expected);
}

static void test_what_was_withheld_is_offered_until_it_is_decided(void **state)
{
    Memory *memory = *state;
    g_autofree char *first = DOCUMENT({"1", "a", "One", NULL});
    g_autofree char *second = DOCUMENT({"1", "a", "One!", NULL});
    g_autofree char *third = DOCUMENT({"1", "a", "One?", NULL});

    assert_taken(memory, &plain, first, true, "One");
    assert_offered(memory, second, true, 4, "One!");
    assert_offered(memory, second, true, 4, "One! again, since 4");
    assert_offered(memory, third, true, 5, "One?");
    assert_offered(memory, third, false, 0, "One? again, since 5");
    assert_offered(memory, third, false, 0, "");
    /* taken back while it is withheld, and said again */
    assert_offered(memory, second, true, 6, "One!");
    assert_offered(memory, third, false, 0, "");
    assert_offered(memory, second, false, 0, "One!");
    assert_offered(memory, second, false, 0, "");
}

static void test_a_new_item_that_was_withheld(void **state)
{
    Memory *memory = *state;
    g_autofree char *text = DOCUMENT({"1", "a", "One", NULL});

    assert_offered(memory, text, true, 0, "One");
    assert_offered(memory, text, false, 0, "One again, since 0");
    assert_offered(memory, text, false, 0, "");
}

static void test_no_feeds(void **state)
{
    static const char *const bad[] = {"", "hello", "<html><body>404</body></html>", "<rss><channel><item>",
                                      "{}"};

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        const FeedOrigin origin = {.feed = &plain, .url = plain.url, .now = NOW};
        if (feed_intake_new(&origin, bad[i], strlen(bad[i]), &error))
            fail_msg("this was taken: %s", bad[i]);
        assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID));
    }
}

int main(void)
{
#define WITH_MEMORY(test) cmocka_unit_test_setup_teardown(test, memory_setup, memory_teardown)
    const struct CMUnitTest tests[] = {
        WITH_MEMORY(test_new_changed_and_unchanged),
        WITH_MEMORY(test_other_names_are_remembered),
        cmocka_unit_test(test_first_polls),
        WITH_MEMORY(test_a_first_poll_that_was_broken_off),
        WITH_MEMORY(test_items_without_a_date_keep_theirs),
        WITH_MEMORY(test_words_of_the_configuration),
        WITH_MEMORY(test_items_that_the_engine_would_refuse),
        WITH_MEMORY(test_refused_items),
        WITH_MEMORY(test_what_was_withheld_is_offered_until_it_is_decided),
        WITH_MEMORY(test_a_new_item_that_was_withheld),
        cmocka_unit_test(test_no_feeds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
