/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "ingest/engine_fixture.h"

#include <glib/gstdio.h>

#include "common/error.h"
#include "common/health.h"
#include "common/kafka/reader.h"
#include "folder.h"

/* ---- set-up ---- */

EmbeddedBroker *open_broker(void)
{
    g_autoptr(GError) error = NULL;
    EmbeddedBroker *broker = embedded_broker_new(&error);

    if (broker == NULL || !embedded_broker_create_topic(broker, TOPIC, 2, &error) ||
        !embedded_broker_create_topic(broker, "daywire.ticks", 1, &error))
        fail_msg("%s", error->message);
    return broker;
}

Config *make_config(const Fixture *fixture, const char *refill, const char *more)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *servers =
        g_strdup_printf("DAYWIRE_KAFKA_BOOTSTRAP_SERVERS=%s", embedded_broker_address(fixture->broker));
    g_autofree char *database = g_strdup_printf("DAYWIRE_INGEST_DATABASE=%s", fixture->path);
    g_autofree char *refill_text = g_strdup_printf("DAYWIRE_INGEST_REFILL=%s", refill);
    char *const environment[] = {servers,
                                 database,
                                 refill_text,
                                 (char *)"DAYWIRE_KAFKA_FETCH_WAIT_MAX_MS=10",
                                 (char *)"DAYWIRE_KAFKA_RECONNECT_BACKOFF_MAX_MS=200",
                                 (char *)"DAYWIRE_INGEST_MAX_IN_FLIGHT=50",
                                 (char *)more,
                                 NULL};
    Config *config = config_load(NULL, environment, &error);

    if (config == NULL)
        fail_msg("%s", error->message);
    return config;
}

void start_engine(Fixture *fixture)
{
    g_autoptr(GError) error = NULL;

    fixture->engine = engine_start(fixture->config, &error);
    if (fixture->engine == NULL)
        fail_msg("%s", error->message);
}

void stop_engine(Fixture *fixture)
{
    engine_stop(g_steal_pointer(&fixture->engine));
}

int engine_setup(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);

    fixture->folder = folder_new();
    fixture->path = g_build_filename(fixture->folder, "ingest.db", NULL);
    fixture->broker = open_broker();
    fixture->config = make_config(fixture, "never", NULL);
    *state = fixture;
    return 0;
}

int engine_teardown(void **state)
{
    Fixture *fixture = *state;

    engine_stop(fixture->engine);
    embedded_broker_free(fixture->broker);
    config_free(fixture->config);
    folder_remove(fixture->folder);
    g_free(fixture->path);
    g_free(fixture);
    return 0;
}

/* ---- submitting ---- */

void on_finished(Job *job, JobOutcome outcome, const GError *failure)
{
    Results *results = job->user;
    const JobItem *item = job_item(job, job->items->len - 1);

    pthread_mutex_lock(&results->lock);
    results->finished++;
    results->outcome = outcome;
    if (outcome == JOB_FAILED) {
        g_free(results->failure);
        results->failure = g_strdup(failure->message);
    } else {
        results->result = item->result;
        results->revision = item->latest != NULL ? item->latest->revision : 0;
        results->published = job_item_is_published(item);
        results->offset = item->published.offset;
    }
    pthread_cond_signal(&results->changed);
    pthread_mutex_unlock(&results->lock);
    job_free(job);
}

Statement *text(const char *id, const char *title)
{
    Statement *statement = statement_new();

    message_set_string(&statement->id, id);
    message_set_string(&statement->title, title);
    message_set_string(&statement->date, "2021-07-23");
    statement->status = STATEMENT_STATUS_USABLE;
    return statement;
}

void submit_job(Fixture *fixture, Results *results, Job *job, int64_t wait_us)
{
    g_autoptr(GError) error = NULL;

    job->finished = on_finished;
    job->user = results;
    job->wait_us = wait_us;
    if (!engine_submit(fixture->engine, job, &error))
        fail_msg("%s", error->message);
}

void submit_submission(Fixture *fixture, Results *results, Submission submission, int64_t wait_us)
{
    Job *job = job_new();

    job_add(job, submission);
    submit_job(fixture, results, job, wait_us);
}

void submit(Fixture *fixture, Results *results, const char *id, const char *title, int64_t wait_us)
{
    submit_submission(fixture, results, submission_make(SUBMISSION_POST, text(id, title)), wait_us);
}

void wait_finished(Results *results, unsigned count)
{
    struct timespec deadline;

    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += DEADLINE_US / G_USEC_PER_SEC;
    pthread_mutex_lock(&results->lock);
    while (results->finished < count)
        if (pthread_cond_timedwait(&results->changed, &results->lock, &deadline) != 0)
            fail_msg("only %u of %u jobs finished", results->finished, count);
    pthread_mutex_unlock(&results->lock);
}

Results run(Fixture *fixture, const char *id, const char *title, int64_t wait_us)
{
    Results results = RESULTS_INIT;

    submit(fixture, &results, id, title, wait_us);
    wait_finished(&results, 1);
    return results;
}

Results run_submission(Fixture *fixture, Submission submission)
{
    Results results = RESULTS_INIT;

    submit_submission(fixture, &results, submission, 0);
    wait_finished(&results, 1);
    return results;
}

/* ---- what is on the bus ---- */

/* Reads the topic until `count` different events are there; ce_ids in the order of arrival, repeated ones
 * dropped. */
GPtrArray *read_events(Fixture *fixture, unsigned count, unsigned *ret_repeated)
{
    int64_t end = g_get_monotonic_time() + DEADLINE_US;
    GPtrArray *events = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GError) error = NULL;
    g_autoptr(KafkaReader) reader =
        kafka_reader_new(fixture->config, (const char *const[]){TOPIC, NULL}, 10000, &error);

    *ret_repeated = 0;
    if (reader == NULL || !kafka_reader_start(reader, &error))
        fail_msg("%s", error->message);
    while (events->len < count && g_get_monotonic_time() < end) {
        g_autoptr(BusRecord) record = NULL;
        if (kafka_reader_read(reader, 100, &record, &error) != KAFKA_READ_RECORD)
            continue;
        char *id = g_strdup(bus_record_header(record, "ce_id"));
        if (g_hash_table_add(seen, id)) {
            g_ptr_array_add(events, id);
        } else {
            (*ret_repeated)++;
            g_free(id);
        }
    }
    if (events->len < count)
        fail_msg("only %u of %u events arrived", events->len, count);
    return events;
}

unsigned count_records(Fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(KafkaReader) reader =
        kafka_reader_new(fixture->config, (const char *const[]){TOPIC, NULL}, 10000, &error);
    size_t count = 0;
    unsigned records = 0;

    const KafkaPartition *partitions = kafka_reader_partitions(reader, &count);
    for (size_t i = 0; i < count; i++)
        records += (unsigned)(partitions[i].high - partitions[i].low);
    return records;
}

/* Revisions 1 to `count` of the id, in this order. */
void assert_revisions(const GPtrArray *events, const char *id, unsigned count)
{
    unsigned next = 1;

    for (guint i = 0; i < events->len; i++) {
        g_autofree char *expected = g_strdup_printf("%s/%u", id, next);
        const char *event = g_ptr_array_index(events, i);
        if (!g_str_has_prefix(event, id) || event[strlen(id)] != '/')
            continue;
        assert_string_equal(event, expected);
        next++;
    }
    assert_int_equal(next, count + 1);
}

void wait_healthy(bool healthy)
{
    int64_t end = g_get_monotonic_time() + DEADLINE_US;

    for (;;) {
        g_autofree char *report = NULL;
        if (health_ready(&report) == healthy)
            return;
        if (g_get_monotonic_time() > end)
            fail_msg("still: %s", report);
        g_usleep(10000);
    }
}

void wait_reported(const char *expected)
{
    int64_t end = g_get_monotonic_time() + DEADLINE_US;

    for (;;) {
        g_autofree char *report = NULL;
        (void)health_ready(&report);
        if (strstr(report, expected) != NULL)
            return;
        if (g_get_monotonic_time() > end)
            fail_msg("still: %s", report);
        g_usleep(10000);
    }
}

void limit_file_size(rlim_t size)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = MIN(size, limit.rlim_max);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}
