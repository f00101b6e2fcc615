/* SPDX-License-Identifier: Apache-2.0 */
/* The poller with a real engine and store, when not everything goes well. There is no broker. */
#include "unit.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include <glib/gstdio.h>

#include "common/error.h"
#include "common/formats/feed.h"
#include "common/sqlite/sql.h"
#include "folder.h"
#include "ingest/feeds/metrics.h"
#include "ingest/feeds/poller.h"
#include "ingest/feeds/hostile_server.h"
#include "ingest/poller_fixture.h"
#include "log_capture.h"

#define DEADLINE_US (INT64_C(30) * G_USEC_PER_SEC)
#define RSS(items)  "<rss version=\"2.0\"><channel><title>Harbour</title>" items "</channel></rss>"
#define MANY        1000
#define ITEM_AS(name, title)                                                                                 \
    "<item><guid>" name "</guid><title>" title                                                               \
    "</title><pubDate>Mon, 01 Jan 2024 10:00:00 GMT</pubDate></item>"
#define ITEM(name) ITEM_AS(name, name)

typedef struct {
    char *folder;
    char *database;
    char *file;
    HostileServer *server;
    PollerFixture base;
    StoreReader *reader;
} Fixture;

/* ---- what the server does ---- */

static bool answer_with(int fd, const char *request, const char *body)
{
    if (strstr(request, "If-None-Match: \"1\"\r\n"))
        return hostile_send_text(fd, "HTTP/1.1 304 Not Modified\r\n\r\n");
    return hostile_send_text(fd, "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: %zu\r\n\r\n%s",
                             strlen(body), body);
}

static bool answer(int fd, const char *request)
{
    return answer_with(fd, request, RSS(ITEM("one") ITEM("two")));
}

static bool answer_with_changes(int fd, const char *request)
{
    return answer_with(fd, request, RSS(ITEM_AS("one", "one!") ITEM_AS("two", "two!")));
}

static bool say_nothing(int fd, const char *request)
{
    (void)request;
    hostile_hold(fd);
    return false;
}

/* Answers once the test says so. */
static pthread_mutex_t gate_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_changed = PTHREAD_COND_INITIALIZER;
static bool gate_is_open;

static bool answer_behind_gate(int fd, const char *request)
{
    pthread_mutex_lock(&gate_lock);
    while (!gate_is_open)
        pthread_cond_wait(&gate_changed, &gate_lock);
    pthread_mutex_unlock(&gate_lock);
    return answer(fd, request);
}

static bool answer_with_many(int fd, const char *request)
{
    g_autoptr(GString) body = g_string_new("<rss version=\"2.0\"><channel><title>Harbour</title>");

    for (unsigned i = 0; i < MANY; i++)
        g_string_append_printf(body, "<item><guid>%u</guid><title>News %u</title></item>", i, i);
    g_string_append(body, "</channel></rss>");
    return answer_with(fd, request, body->str);
}

static void open_gate(void)
{
    pthread_mutex_lock(&gate_lock);
    gate_is_open = true;
    pthread_cond_signal(&gate_changed);
    pthread_mutex_unlock(&gate_lock);
}

static const HostileRoute routes[] = {
    {"/good", answer},           {"/changed", answer_with_changes}, {"/gated", answer_behind_gate},
    {"/many", answer_with_many}, {"/silent", say_nothing},          {NULL, NULL}};

/* ---- set-up ---- */

static int setup(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);

    fixture->folder = folder_new();
    fixture->database = g_build_filename(fixture->folder, "ingest.db", NULL);
    fixture->file = g_build_filename(fixture->folder, "daywire.ini", NULL);
    fixture->server = hostile_server_start(routes);
    *state = fixture;
    return 0;
}

static void stop(Fixture *fixture)
{
    poller_fixture_stop(&fixture->base);
    store_reader_close(g_steal_pointer(&fixture->reader));
    poller_fixture_clear(&fixture->base);
}

static int teardown(void **state)
{
    Fixture *fixture = *state;

    stop(fixture);
    hostile_server_stop(fixture->server);
    folder_remove(fixture->folder);
    g_free(fixture->database);
    g_free(fixture->file);
    g_free(fixture);
    return 0;
}

/* With one feed, at `path`. */
static void start(Fixture *fixture, const char *path)
{
    g_autoptr(GError) error = NULL;
    char *const environment[] = {NULL};
    g_autofree char *text = g_strdup_printf("[kafka]\nbootstrap.servers = 127.0.0.1:1\n"
                                            "[ingest]\ndatabase = %s\n"
                                            "[feeds]\nallow-networks = 127.0.0.2\n"
                                            "[feed harbour]\nurl = http://127.0.0.2:%u%s\nevery = 1h\n",
                                            fixture->database, hostile_server_port(fixture->server), path);

    assert_true(g_file_set_contents(fixture->file, text, -1, NULL));
    Config *config = config_load(fixture->file, environment, &error);
    if (!config)
        fail_msg("%s", error->message);
    poller_fixture_start(&fixture->base, config);
    fixture->reader = store_reader_open(fixture->database, &error);
    if (!fixture->reader)
        fail_msg("%s", error->message);
}

/* ---- looking ---- */

static FeedState *state_now(const Fixture *fixture)
{
    g_autoptr(GPtrArray) states = feed_poller_states(fixture->base.poller);

    assert_int_equal(states->len, 1);
    return feed_state_copy(g_ptr_array_index(states, 0));
}

/* The state after the next poll that ends; `before`: when the last one was. */
static FeedState *wait_polled(const Fixture *fixture, Instant before)
{
    int64_t end = g_get_monotonic_time() + DEADLINE_US;

    for (;;) {
        FeedState *state = state_now(fixture);
        if (state->polled_at != before)
            return state;
        feed_state_free(state);
        if (g_get_monotonic_time() > end)
            fail_msg("no poll ends");
        g_usleep(2000);
    }
}

static FeedState *poll_again(const Fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(FeedState) before = state_now(fixture);

    if (!feed_poller_poll_now(fixture->base.poller, "harbour", &error))
        fail_msg("%s", error->message);
    return wait_polled(fixture, before->polled_at);
}

static bool is_stored(const Fixture *fixture, const char *guid)
{
    g_auto(StoredStatement) stored = {0};
    g_autofree char *id = feed_item_id("harbour", guid, "");

    return store_reader_find(fixture->reader, id, &stored, NULL) && stored_statement_exists(&stored);
}

/* What /metrics shows of the feed is what its state says. */
static void assert_shown(const FeedState *state)
{
    const FeedMetrics metrics = feed_metrics_make("harbour");

    assert_int_equal(metric_value(metrics.polled_at), state->polled_at / INSTANT_SECOND);
    assert_int_equal(metric_value(metrics.succeeded_at), state->succeeded_at / INSTANT_SECOND);
    assert_int_equal(metric_value(metrics.next_at), state->next_at / INSTANT_SECOND);
    assert_int_equal(metric_value(metrics.failures), state->failures);
}

/* As in a process that has just begun; -1 is nothing that is ever shown. */
static void forget_shown(void)
{
    const FeedMetrics metrics = feed_metrics_make("harbour");
    Metric *const shown[] = {metrics.polled_at, metrics.succeeded_at, metrics.next_at, metrics.failures};

    for (size_t i = 0; i < G_N_ELEMENTS(shown); i++)
        metric_set(shown[i], -1);
}

static void limit_file_size(rlim_t size)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = MIN(size, limit.rlim_max);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* ---- tests ---- */

static void test_polled_and_kept(void **state)
{
    Fixture *fixture = *state;

    start(fixture, "/good");
    g_autoptr(FeedState) first = wait_polled(fixture, 0);
    assert_string_equal(first->error, "");
    assert_string_equal(first->etag, "\"1\"");
    assert_int_equal(first->items, 2);
    assert_true(is_stored(fixture, "one") && is_stored(fixture, "two"));
    assert_shown(first);
    stop(fixture);
    unsigned asked = hostile_server_requests(fixture->server);
    forget_shown();
    start(fixture, "/good");
    g_autoptr(FeedState) kept = state_now(fixture);
    assert_true(kept->polled_at == first->polled_at && kept->next_at == first->next_at);
    assert_shown(kept);
    g_autoptr(FeedState) again = poll_again(fixture);
    assert_int_equal(again->status, 304);
    assert_shown(again);
    assert_int_equal(hostile_server_requests(fixture->server), asked + 1);
}

/* What is asked for next begins with what is stored: no validator stands for items that are not. */
static void test_a_database_that_fails(void **state)
{
    Fixture *fixture = *state;

    signal(SIGXFSZ, SIG_IGN);
    start(fixture, "/gated");
    limit_file_size(1);
    open_gate();
    g_autoptr(FeedState) failed = wait_polled(fixture, 0);
    assert_non_null(strstr(failed->error, "ingest.db failed: "));
    assert_string_equal(failed->etag, "");
    assert_false(failed->begun);
    assert_int_equal(failed->failures, 1);
    assert_shown(failed);
    assert_false(is_stored(fixture, "one"));
    limit_file_size(RLIM_INFINITY);
    g_autoptr(FeedState) good = poll_again(fixture);
    assert_string_equal(good->error, "");
    assert_int_equal(good->failures, 0);
    assert_true(is_stored(fixture, "one") && is_stored(fixture, "two"));
}

static unsigned count_stored(const Fixture *fixture)
{
    unsigned count = 0;

    for (unsigned i = 0; i < MANY; i++) {
        g_autofree char *guid = g_strdup_printf("%u", i);
        count += is_stored(fixture, guid);
    }
    return count;
}

/* The disk is full behind the first jobs of a document; then the process ends. */
static void test_a_document_that_is_stored_in_part(void **state)
{
    Fixture *fixture = *state;

    signal(SIGXFSZ, SIG_IGN);
    limit_file_size(512 * 1024);
    start(fixture, "/many");
    g_autoptr(FeedState) failed = wait_polled(fixture, 0);
    limit_file_size(RLIM_INFINITY);
    assert_non_null(strstr(failed->error, "ingest.db failed: "));
    assert_in_range(count_stored(fixture), 1, MANY - 1);
    stop(fixture);
    start(fixture, "/many");
    g_autoptr(FeedState) good = wait_polled(fixture, 0);
    assert_string_equal(good->error, "");
    assert_int_equal(good->status, 200);
    assert_int_equal(count_stored(fixture), MANY);
}

static void test_another_url_begins_again(void **state)
{
    Fixture *fixture = *state;

    start(fixture, "/gone");
    g_autoptr(FeedState) missing = wait_polled(fixture, 0);
    assert_int_equal(missing->status, 404);
    stop(fixture);
    start(fixture, "/good");
    g_autoptr(FeedState) first = wait_polled(fixture, 0);
    assert_string_equal(first->error, "");
    assert_true(is_stored(fixture, "one"));
}

/* Between two starts: changes one row of the database. */
static void change_row(const Fixture *fixture, const char *sql)
{
    g_autoptr(GError) error = NULL;
    SqlDatabase *database = sql_open(fixture->database, SQLITE_OPEN_READWRITE, &error);

    if (!database || !sql_run(database, sql, &error))
        fail_msg("%s", error->message);
    assert_int_equal(sqlite3_changes(database), 1);
    sql_close(database);
}

/* Waits until what is shown of the next poll is before `end`. */
static void wait_shown_nearer(Instant end)
{
    const FeedMetrics metrics = feed_metrics_make("harbour");
    int64_t deadline = g_get_monotonic_time() + DEADLINE_US;

    while (metric_value(metrics.next_at) >= end / INSTANT_SECOND) {
        if (g_get_monotonic_time() > deadline)
            fail_msg("the next poll is shown as far away");
        g_usleep(2000);
    }
}

/* The clock was ten days ahead then: the next poll is nearer than was stored. */
static void test_shown_after_a_restart_with_the_clock_set_back(void **state)
{
    Fixture *fixture = *state;
    const FeedMetrics metrics = feed_metrics_make("harbour");

    start(fixture, "/missing");
    g_autoptr(FeedState) first = wait_polled(fixture, 0);
    g_autoptr(FeedState) second = poll_again(fixture);
    assert_int_equal(second->failures, 2);
    assert_shown(second);
    stop(fixture);
    forget_shown();
    change_row(fixture,
               "UPDATE feeds SET polled_at = polled_at + 864000000000, next_at = next_at + 864000000000");
    start(fixture, "/missing");
    assert_int_equal(metric_value(metrics.failures), 2);
    assert_int_equal(metric_value(metrics.succeeded_at), 0);
    wait_shown_nearer(second->polled_at + FEED_DAY);
    g_autoptr(FeedState) after = state_now(fixture);
    assert_shown(after);
}

/* ---- what the engine does not take ---- */

/* What is known of the statement cannot be read any more. */
static void damage(const Fixture *fixture, const char *guid)
{
    g_autofree char *id = feed_item_id("harbour", guid, "");
    g_autofree char *sql = g_strdup_printf("UPDATE revisions SET statement = x'ff' WHERE id = '%s'", id);

    change_row(fixture, sql);
}

/* It is no withdrawal, which would be in order and for nobody to look at. */
static void test_a_damaged_statement_is_told_as_refused(void **state)
{
    Fixture *fixture = *state;
    const FeedMetrics metrics = feed_metrics_make("harbour");

    start(fixture, "/good");
    g_autoptr(FeedState) first = wait_polled(fixture, 0);
    stop(fixture);
    damage(fixture, "one");
    int64_t refused = metric_value(metrics.items[FEED_ITEM_REFUSED]);
    int64_t withheld = metric_value(metrics.items[FEED_ITEM_WITHHELD]);
    int64_t updated = metric_value(metrics.items[FEED_ITEM_UPDATED]);
    log_capture_begin();
    start(fixture, "/changed");
    g_autoptr(FeedState) after = wait_polled(fixture, 0);
    stop(fixture);
    g_autofree char *log = log_capture_end();
    assert_string_equal(after->error, "");
    assert_int_equal(metric_value(metrics.items[FEED_ITEM_REFUSED]), refused + 1);
    assert_int_equal(metric_value(metrics.items[FEED_ITEM_WITHHELD]), withheld);
    assert_int_equal(metric_value(metrics.items[FEED_ITEM_UPDATED]), updated + 1); /* the other one */
    if (strstr(log, "withheld") ||
        !g_regex_match_simple("level=warning .*msg=\"feed item is refused\" feed=harbour "
                              "reason=\"a stored statement is damaged: ",
                              log, 0, 0))
        fail_msg("%s", log);
}

static void test_a_stop_does_not_wait_for_a_server(void **state)
{
    Fixture *fixture = *state;
    int64_t end = g_get_monotonic_time() + DEADLINE_US;

    start(fixture, "/silent");
    while (hostile_server_requests(fixture->server) == 0 && g_get_monotonic_time() < end)
        g_usleep(2000);
    int64_t begin = g_get_monotonic_time();
    feed_poller_stop(fixture->base.poller);
    assert_in_range(g_get_monotonic_time() - begin, 0, 10 * G_USEC_PER_SEC); /* and not [feeds] timeout */
    g_autoptr(FeedState) last = state_now(fixture);
    assert_true(last->polled_at == 0);
}

static void test_feeds_that_are_not_there(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;

    start(fixture, "/good");
    assert_false(feed_poller_poll_now(fixture->base.poller, "lighthouse", &error));
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_NOT_FOUND));
    assert_string_equal(error->message, "there is no feed lighthouse in the configuration");
}

int main(void)
{
#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(test_polled_and_kept),
        WITH_FIXTURE(test_a_database_that_fails),
        WITH_FIXTURE(test_a_document_that_is_stored_in_part),
        WITH_FIXTURE(test_another_url_begins_again),
        WITH_FIXTURE(test_shown_after_a_restart_with_the_clock_set_back),
        WITH_FIXTURE(test_a_damaged_statement_is_told_as_refused),
        WITH_FIXTURE(test_a_stop_does_not_wait_for_a_server),
        WITH_FIXTURE(test_feeds_that_are_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
