/* SPDX-License-Identifier: Apache-2.0 */
/* The content of files into an engine that the test plays. */
#include "unit.h"

#include "common/error.h"
#include "common/formats/feed.h"
#include "ingest/spool/import.h"

#define NOW (INT64_C(1772438400) * INSTANT_SECOND) /* 2026-03-02T08:00:00Z */

typedef struct {
    unsigned jobs;       /* taken */
    unsigned items;      /* of these, in all */
    unsigned largest;    /* job */
    unsigned refuse_at;  /* the item with this number, from 1, is refused */
    unsigned full_for;   /* attempts that are turned away */
    unsigned fail_at;    /* the job with this number, from 1, fails once */
    unsigned pauses;     /* of more than 0 ms */
    unsigned stop_after; /* jobs; 0: never */
    const char *known;   /* id of a statement of 2020-02-29 */
    bool unreadable;
    unsigned asked;
    GString *dates; /* stored, a space behind each */
    GString *ids;   /* stored, a space behind each */
} FakeEngine;

static bool submit(void *user, Job *job, GError **error)
{
    FakeEngine *engine = user;
    if (engine->full_for > 0) {
        engine->full_for--;
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE,
                    "too many statements are waiting to be stored");
        return false;
    }
    engine->jobs++;
    if (engine->jobs == engine->fail_at) {
        g_autoptr(GError) full =
            g_error_new_literal(DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE, "the disk is full");
        job->finished(job, JOB_FAILED, full);
        return true;
    }
    for (guint i = 0; i < job->items->len; i++) {
        JobItem *item = job_item(job, i);
        assert_int_equal(item->submission.kind, SUBMISSION_BATCH);
        assert_string_equal(item->submission.submitter, "spool");
        item->result = RESULT_CREATED;
        if (++engine->items == engine->refuse_at) {
            item->result = RESULT_REFUSED;
            item->refusal = g_error_new_literal(DAYWIRE_ERROR, DAYWIRE_ERROR_CONFLICT, "it stays withdrawn");
        }
        g_string_append_printf(engine->ids, "%s ", item->submission.statement->id);
        g_string_append_printf(engine->dates, "%s ", item->submission.statement->date);
    }
    engine->largest = MAX(engine->largest, job->items->len);
    job->finished(job, JOB_STORED, NULL);
    return true;
}

/* Knows one statement. */
static bool find(void *user, const char *id, Statement **ret_known, GError **error)
{
    FakeEngine *engine = user;
    engine->asked++;
    if (engine->unreadable) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE, "the disk does not answer");
        return false;
    }
    if (strcmp(id, engine->known ? engine->known : "") == 0) {
        *ret_known = statement_new();
        message_set_string(&(*ret_known)->date, "2020-02-29");
    }
    return true;
}

static bool pause_a_while(void *user, int milliseconds)
{
    FakeEngine *engine = user;
    engine->pauses += milliseconds > 0;
    return engine->stop_after == 0 || engine->jobs < engine->stop_after;
}

typedef struct {
    FakeEngine engine;
    SpoolProgress progress;
    GError *error;
} Fixture;

static int setup(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    fixture->engine.ids = g_string_new(NULL);
    fixture->engine.dates = g_string_new(NULL);
    fixture->progress.report = spool_report_new();
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    Fixture *fixture = *state;
    g_string_free(fixture->engine.ids, TRUE);
    g_string_free(fixture->engine.dates, TRUE);
    spool_report_free(fixture->progress.report);
    g_clear_error(&fixture->error);
    g_free(fixture);
    return 0;
}

static SpoolImportOutcome import(Fixture *fixture, const char *text)
{
    const SpoolSink sink = {.submit = submit, .find = find, .pause = pause_a_while, .user = &fixture->engine};
    g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));
    g_clear_error(&fixture->error);
    return spool_import(bytes, NOW, &sink, &fixture->progress, &fixture->error);
}

static char *many(unsigned count)
{
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < count; i++)
        g_string_append_printf(text, "{\"id\":\"f%u\",\"title\":\"Ferry\",\"date\":\"2026-03-02\"}\n", i);
    return g_string_free(text, FALSE);
}

static void check_report(const Fixture *fixture, const char *expected)
{
    g_autofree char *text = spool_report_text(fixture->progress.report, "f", 0);
    const char *counts = strchr(strchr(text, '\n') + 1, '\n') + 1;
    assert_string_equal(counts, expected);
}

static void a_file_goes_in_jobs_of_a_bounded_size(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *text = many(2 * SPOOL_JOB_ITEMS_MAX + 7);
    assert_int_equal(import(fixture, text), SPOOL_IMPORT_DONE);
    assert_int_equal(fixture->engine.jobs, 3);
    assert_int_equal(fixture->engine.largest, SPOOL_JOB_ITEMS_MAX);
    assert_int_equal(fixture->progress.items, 2 * SPOOL_JOB_ITEMS_MAX + 7);
    check_report(fixture, "1007 read: 1007 created, 0 updated, 0 unchanged, 0 refused\n");
}

static void large_statements_make_small_jobs(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *body = g_strnfill(400000, 'x');
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < 7; i++)
        g_string_append_printf(
            text, "{\"id\":\"f%u\",\"title\":\"F\",\"date\":\"2026-03-02\",\"body\":\"%s\"}\n", i, body);
    assert_int_equal(import(fixture, text->str), SPOOL_IMPORT_DONE);
    assert_int_equal(fixture->engine.largest, 3);
    assert_int_equal(fixture->engine.items, 7);
    g_string_free(text, TRUE);
}

static void refused_items_keep_their_place(void **state)
{
    Fixture *fixture = *state;
    fixture->engine.refuse_at = 2;
    assert_int_equal(import(fixture, "{\"id\":\"a\",\"title\":\"A\",\"date\":\"2026-03-02\"}\n"
                                     "{\"id\":\"b\",\"date\":\"2026-03-02\"}\n"
                                     "{\"id\":\"c\",\"title\":\"C\",\"date\":\"2026-03-02\"}\n"
                                     "{\n"
                                     "{\"id\":\"e\",\"title\":\"E\",\"date\":\"2026-03-02\"}\n"),
                     SPOOL_IMPORT_DONE);
    assert_string_equal(fixture->engine.ids->str, "a c e ");
    g_autofree char *text = spool_report_text(fixture->progress.report, "f", 0);
    const char *refused = strstr(text, "\n\nline 2: title: ");
    assert_non_null(refused);
    assert_non_null(strstr(refused, "\nline 3: it stays withdrawn\nline 4: not valid JSON "));
    assert_false(spool_report_is_good(fixture->progress.report));
}

static void a_file_that_cannot_be_read_makes_no_job(void **state)
{
    Fixture *fixture = *state;
    assert_int_equal(import(fixture, "\xff"), SPOOL_IMPORT_DONE);
    assert_int_equal(fixture->engine.jobs, 0);
    check_report(fixture, "not imported: line 1: byte 0xFF is not UTF-8 text\n");
    g_autoptr(GBytes) nothing = g_bytes_new(NULL, 0);
    const SpoolSink sink = {.submit = submit, .find = find, .pause = pause_a_while, .user = &fixture->engine};
    SpoolProgress progress = {.report = spool_report_new()};
    assert_int_equal(spool_import(nothing, NOW, &sink, &progress, NULL), SPOOL_IMPORT_DONE);
    assert_false(spool_report_is_good(progress.report));
    spool_report_free(progress.report);
}

static void a_full_queue_is_waited_for_within_bounds(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *text = many(3);
    fixture->engine.full_for = 5;
    assert_int_equal(import(fixture, text), SPOOL_IMPORT_DONE);
    assert_int_equal(fixture->engine.pauses, 5);
    fixture->engine.full_for = G_MAXUINT;
    fixture->engine.pauses = 0;
    fixture->progress.items = 0;
    assert_int_equal(import(fixture, text), SPOOL_IMPORT_UNAVAILABLE);
    assert_string_equal(fixture->error->message, "too many statements are waiting to be stored");
    assert_int_equal(fixture->engine.pauses, 15);
}

/* Else what people change between the attempts would be undone. */
static void a_failure_goes_on_where_it_was(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *text = many(SPOOL_JOB_ITEMS_MAX + 3);
    fixture->engine.fail_at = 2;
    assert_int_equal(import(fixture, text), SPOOL_IMPORT_UNAVAILABLE);
    assert_string_equal(fixture->error->message, "the disk is full");
    assert_int_equal(fixture->progress.items, SPOOL_JOB_ITEMS_MAX);
    g_string_truncate(fixture->engine.ids, 0);
    assert_int_equal(import(fixture, text), SPOOL_IMPORT_DONE);
    assert_null(fixture->error);
    assert_string_equal(fixture->engine.ids->str, "f500 f501 f502 ");
    check_report(fixture, "503 read: 503 created, 0 updated, 0 unchanged, 0 refused\n");
}

static void a_stop_ends_it_between_jobs(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *text = many(3 * SPOOL_JOB_ITEMS_MAX);
    fixture->engine.stop_after = 1;
    assert_int_equal(import(fixture, text), SPOOL_IMPORT_STOPPED);
    assert_int_equal(fixture->engine.jobs, 1);
    assert_null(fixture->error);
    /* And while it waits. */
    fixture->engine.full_for = G_MAXUINT;
    assert_int_equal(import(fixture, text), SPOOL_IMPORT_STOPPED);
    assert_int_equal(fixture->engine.pauses, 1);
    assert_null(fixture->error);
}

#define FEED                                                                                                 \
    "<rss version=\"2.0\"><channel><link>https://harbour.example/</link>"                                    \
    "<item><guid>a</guid><title>Dated</title><pubDate>Mon, 01 Jan 2024 08:00:00 GMT</pubDate></item>"        \
    "<item><guid>b</guid><title>Undated</title></item>"                                                      \
    "<item><guid>c</guid><title>Undated and new</title></item></channel></rss>"

/* Else each day would make another revision of it. */
static void an_item_without_a_date_keeps_its_first_one(void **state)
{
    Fixture *fixture = *state;
    g_autofree char *id = feed_item_id("harbour.example", "b", "");
    fixture->engine.known = id;
    assert_int_equal(import(fixture, FEED), SPOOL_IMPORT_DONE);
    assert_string_equal(fixture->engine.dates->str, "2024-01-01 2020-02-29 2026-03-02 ");
    assert_int_equal(fixture->engine.asked, 2);
    fixture->progress.items = 0;
    fixture->engine.unreadable = true;
    assert_int_equal(import(fixture, FEED), SPOOL_IMPORT_UNAVAILABLE);
    assert_string_equal(fixture->error->message, "the disk does not answer");
    assert_int_equal(fixture->engine.jobs, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_goes_in_jobs_of_a_bounded_size, setup, teardown),
        cmocka_unit_test_setup_teardown(large_statements_make_small_jobs, setup, teardown),
        cmocka_unit_test_setup_teardown(refused_items_keep_their_place, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_that_cannot_be_read_makes_no_job, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_queue_is_waited_for_within_bounds, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failure_goes_on_where_it_was, setup, teardown),
        cmocka_unit_test_setup_teardown(an_item_without_a_date_keeps_its_first_one, setup, teardown),
        cmocka_unit_test_setup_teardown(a_stop_ends_it_between_jobs, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
