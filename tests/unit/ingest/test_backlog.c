/* SPDX-License-Identifier: Apache-2.0 */
/* Counting without counting, and whom a full backlog lets pass. */
#include "unit.h"

#include "common/config_fixture.h"
#include "common/error.h"
#include "ingest/backlog.h"
#include "ingest/store_fixture.h"

#define ROWS_MAX 3

typedef struct {
    StoreFixture base;
    Config *config;
    IngestMetrics metrics;
    Backlog *backlog;
} Run;

static int setup(void **state)
{
    Run *run = g_new0(Run, 1);

    store_fixture_init(&run->base);
    run->config = fixture_load("[ingest]\nmax-backlog = " G_STRINGIFY(ROWS_MAX) "\n", NULL);
    run->metrics = ingest_metrics_make();
    run->backlog = backlog_new(run->config, &run->metrics, 0);
    *state = run;
    return 0;
}

static int teardown(void **state)
{
    Run *run = *state;

    backlog_free(run->backlog);
    config_free(run->config);
    store_fixture_clear(&run->base);
    g_free(run);
    return 0;
}

static Job *make_job(const SubmissionKind *kinds, size_t count)
{
    Job *job = job_new();

    for (size_t i = 0; i < count; i++)
        job_add(job, submission_make(kinds[i], statement_new()));
    return job;
}

static bool admits(const Run *run, const SubmissionKind *kinds, size_t count)
{
    g_autoptr(Job) job = make_job(kinds, count);
    g_autoptr(GError) error = NULL;
    bool admitted = backlog_admits(run->backlog, job, &error);

    if (!admitted) {
        assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE));
        assert_non_null(strstr(error->message, "[ingest] max-backlog"));
    }
    return admitted;
}

static const SubmissionKind post[] = {SUBMISSION_POST};
static const SubmissionKind back[] = {SUBMISSION_WITHDRAW, SUBMISSION_CANCEL};
static const SubmissionKind both[] = {SUBMISSION_WITHDRAW, SUBMISSION_PUT};

static void test_it_is_full_when_that_was_told(void **state)
{
    Run *run = *state;

    backlog_change(run->backlog, ROWS_MAX - 1);
    backlog_tell_depth(run->backlog);
    assert_true(admits(run, post, 1));
    backlog_change(run->backlog, 1);
    assert_true(admits(run, post, 1)); /* by what was told last */
    backlog_tell_depth(run->backlog);
    assert_int_equal(metric_value(run->metrics.outbox_depth), ROWS_MAX);
    assert_false(admits(run, post, 1));
    backlog_change(run->backlog, -1);
    backlog_tell_depth(run->backlog);
    assert_true(admits(run, post, 1));
}

static void test_it_is_full_from_the_start(void **state)
{
    Run *run = *state;

    backlog_free(run->backlog);
    run->backlog = backlog_new(run->config, &run->metrics, ROWS_MAX);
    assert_false(admits(run, post, 1));
}

static void test_what_takes_back_passes_and_what_adds_does_not(void **state)
{
    Run *run = *state;

    backlog_change(run->backlog, ROWS_MAX);
    backlog_tell_depth(run->backlog);
    assert_true(admits(run, back, 2));
    assert_false(admits(run, both, 2));
    assert_true(admits(run, NULL, 0)); /* a republish */
}

static void add_rows(const Run *run, unsigned count)
{
    OK(store_begin(run->base.store, ok));
    for (unsigned i = 0; i < count; i++) {
        g_autofree char *id = g_strdup_printf("row-%u", i);
        g_autoptr(Statement) statement = statement_new();
        g_autoptr(GBytes) packed = NULL;
        int64_t position = 0;
        message_set_string(&statement->id, id);
        statement->revision = 1;
        statement->updated_at = instant_to_timestamp(g_get_real_time() - 60 * INSTANT_SECOND);
        OK(store_add(run->base.store, statement, NULL, &position, &packed, ok));
    }
    OK(store_commit(run->base.store, ok));
}

static void expect_depth(const Run *run, int64_t depth)
{
    backlog_tell_depth(run->backlog);
    assert_int_equal(metric_value(run->metrics.outbox_depth), depth);
}

static void test_rows_are_counted_where_there_is_doubt(void **state)
{
    Run *run = *state;

    add_rows(run, 2);
    OK(backlog_recount(run->backlog, run->base.store, ok));
    expect_depth(run, 0); /* no doubt: not looked at */
    backlog_doubt(run->backlog);
    OK(backlog_recount(run->backlog, run->base.store, ok));
    expect_depth(run, 2);
    backlog_change(run->backlog, -3); /* more than there were */
    OK(backlog_recount(run->backlog, run->base.store, ok));
    expect_depth(run, 2);
    backlog_change(run->backlog, 5);
    OK(backlog_recount(run->backlog, run->base.store, ok));
    expect_depth(run, 7); /* the doubt is over */
}

static void test_the_age_is_that_of_the_oldest_row(void **state)
{
    Run *run = *state;

    OK(backlog_tell_age(run->backlog, run->base.store, ok));
    assert_int_equal(metric_value(run->metrics.outbox_oldest_seconds), 0);
    add_rows(run, 1);
    OK(backlog_tell_age(run->backlog, run->base.store, ok));
    assert_in_range(metric_value(run->metrics.outbox_oldest_seconds), 60, 3600);
}

#define WITH_RUN(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RUN(test_it_is_full_when_that_was_told),
        WITH_RUN(test_it_is_full_from_the_start),
        WITH_RUN(test_what_takes_back_passes_and_what_adds_does_not),
        WITH_RUN(test_rows_are_counted_where_there_is_doubt),
        WITH_RUN(test_the_age_is_that_of_the_oldest_row),
    };

    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
