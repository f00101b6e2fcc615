/* SPDX-License-Identifier: Apache-2.0 */
/* One turn of the loop:
 *
 *     go on with those whose job the engine has finished
 *     start those that are due
 *     wait for the servers, and take their answers */
#include "ingest/feeds/poller.h"

#include "common/error.h"
#include "common/log.h"
#include "ingest/feeds/poll.h"

#define WAIT_MAX_MS 30000 /* how soon a clock that was set, or a suspend, is noticed */

typedef struct {
    Job *job;
    char *failure; /* why it failed; NULL: it did not */
} Finished;

struct FeedPoller {
    FeedPolls polls;
    GPtrArray *settings; /* of FeedSettings * */
    FeedLimits *limits;
    FeedFetcher *fetcher;
    GArray *feeds;        /* of Feed; its size is fixed */
    pthread_mutex_t lock; /* of the next */
    GQueue finished;      /* of Finished */
    atomic_bool stopping;
    GThread *thread;
};

static Feed *feed_at(const FeedPoller *poller, guint index)
{
    return &g_array_index(poller->feeds, Feed, index);
}

/* On the engine's thread. */
static void on_finished(Job *job, JobOutcome outcome, const GError *failure)
{
    FeedPoller *poller = ((Feed *)job->user)->polls->user;
    Finished *finished = g_new(Finished, 1);

    *finished = (Finished){.job = job, .failure = outcome == JOB_FAILED ? g_strdup(failure->message) : NULL};
    pthread_mutex_lock(&poller->lock);
    g_queue_push_tail(&poller->finished, finished);
    pthread_mutex_unlock(&poller->lock);
    feed_fetcher_wake(poller->fetcher);
}

static void take_finished(FeedPoller *poller)
{
    for (;;) {
        pthread_mutex_lock(&poller->lock);
        Finished *finished = g_queue_pop_head(&poller->finished);
        pthread_mutex_unlock(&poller->lock);
        if (!finished)
            return;
        feed_poll_stored(finished->job->user, finished->job, finished->failure);
        job_free(finished->job);
        g_free(finished->failure);
        g_free(finished);
    }
}

/* ---- the loop ---- */

static void start(FeedPoller *poller, Feed *feed, Instant now)
{
    g_autoptr(GError) error = NULL;
    const char *url = feed_schedule_url(feed->state, feed->settings, now);
    const FeedRequest request = {
        .url = url, .etag = feed->state->etag, .last_modified = feed->state->last_modified, .user = feed};

    feed->phase = FETCHING;
    if (!feed_fetcher_start(poller->fetcher, &request, &error))
        feed_poll_give_up(feed, error->message);
}

/* When the feed is due; nearer than it was when the clock was set back. */
static Instant due_at(FeedPoller *poller, Feed *feed, Instant now)
{
    pthread_mutex_lock(&poller->polls.lock);
    Instant due = feed_schedule_due(feed->state, now);
    pthread_mutex_unlock(&poller->polls.lock);
    return due;
}

/* Starts what is due, as far as may be under way together; when to come back. */
static Instant start_due(FeedPoller *poller, Instant now)
{
    Instant first = INT64_MAX;
    unsigned under_way = 0;

    for (guint i = 0; i < poller->feeds->len; i++)
        under_way += feed_at(poller, i)->phase != AT_REST;
    for (guint i = 0; i < poller->feeds->len && under_way < poller->limits->max_at_once; i++) {
        Feed *feed = feed_at(poller, i);
        if (feed->phase != AT_REST)
            continue;
        Instant before = feed->state->next_at;
        Instant due = due_at(poller, feed, now);
        if (feed->state->next_at != before)
            feed_metrics_show(&feed->metrics, feed->state); /* the clock was set back */
        if (atomic_exchange(&feed->asked, false) || due <= now) {
            start(poller, feed, now);
            under_way++;
        } else {
            first = MIN(first, due);
        }
    }
    return first;
}

static void take_answers(FeedPoller *poller)
{
    FeedAnswer answer;

    while (!atomic_load(&poller->stopping) && feed_fetcher_take(poller->fetcher, &answer)) {
        feed_poll_answered(answer.user, &answer);
        feed_answer_clear(&answer);
    }
}

static void *run(void *user)
{
    FeedPoller *poller = user;

    for (;;) {
        take_finished(poller);
        bool stopping = atomic_load(&poller->stopping);
        if (stopping && poller->polls.jobs == 0)
            return NULL;
        Instant now = g_get_real_time();
        Instant first = stopping ? INT64_MAX : start_due(poller, now);
        Instant wait_ms = first == INT64_MAX ? WAIT_MAX_MS : (first - now) / 1000 + 1;
        feed_fetcher_wait(poller->fetcher, (int)CLAMP(wait_ms, 0, WAIT_MAX_MS));
        take_answers(poller);
    }
}

/* ---- start and stop ---- */

static bool add_feed(FeedPoller *poller, const FeedSettings *settings, GError **error)
{
    g_autoptr(GError) unknown = NULL;
    FeedState *state = feed_reader_state(poller->polls.reader, settings->name, &unknown);

    if (!state && !g_error_matches(unknown, DAYWIRE_ERROR, DAYWIRE_ERROR_NOT_FOUND)) {
        g_propagate_error(error, g_steal_pointer(&unknown));
        return false;
    }
    if (!state)
        state = feed_state_new(settings->name, settings->url);
    else if (strcmp(state->url, settings->url) != 0)
        feed_state_restart(state, settings->url);
    const Feed feed = {.polls = &poller->polls,
                       .settings = settings,
                       .metrics = feed_metrics_make(settings->name),
                       .state = state};
    feed_metrics_show(&feed.metrics, state);
    g_array_append_val(poller->feeds, feed);
    return true;
}

static bool open_parts(FeedPoller *poller, const Config *config, GError **error)
{
    poller->settings = feed_settings_new(config, error);
    poller->limits = poller->settings ? feed_limits_new(config, error) : NULL;
    poller->fetcher = poller->limits ? feed_fetcher_new(poller->limits, error) : NULL;
    poller->polls.reader =
        poller->fetcher ? feed_reader_open(config_string(config, "ingest", "database"), error) : NULL;
    if (!poller->polls.reader)
        return false;
    for (guint i = 0; i < poller->settings->len; i++)
        if (!add_feed(poller, g_ptr_array_index(poller->settings, i), error))
            return false;
    return true;
}

FeedPoller *feed_poller_start(const Config *config, Engine *engine, GError **error)
{
    FeedPoller *poller = g_new0(FeedPoller, 1);

    poller->polls.engine = engine;
    poller->polls.limits = submission_limits_read(config);
    poller->polls.finished = on_finished;
    poller->polls.user = poller;
    pthread_mutex_init(&poller->polls.lock, NULL);
    poller->feeds = g_array_new(FALSE, FALSE, sizeof(Feed));
    pthread_mutex_init(&poller->lock, NULL);
    g_queue_init(&poller->finished);
    if (!open_parts(poller, config, error)) {
        feed_poller_free(poller);
        return NULL;
    }
    if (poller->feeds->len > 0)
        poller->thread = g_thread_new("feeds", run, poller);
    return poller;
}

void feed_poller_stop(FeedPoller *poller)
{
    if (!poller || !poller->thread)
        return;
    atomic_store(&poller->stopping, true);
    feed_fetcher_wake(poller->fetcher);
    g_thread_join(g_steal_pointer(&poller->thread));
}

void feed_poller_free(FeedPoller *poller)
{
    if (!poller)
        return;
    feed_fetcher_free(poller->fetcher);
    feed_reader_close(poller->polls.reader);
    for (guint i = 0; i < poller->feeds->len; i++) {
        feed_poll_drop(feed_at(poller, i));
        feed_state_free(feed_at(poller, i)->state);
    }
    g_array_unref(poller->feeds);
    feed_limits_free(poller->limits);
    if (poller->settings)
        g_ptr_array_unref(poller->settings);
    pthread_mutex_destroy(&poller->polls.lock);
    pthread_mutex_destroy(&poller->lock);
    g_free(poller);
}

/* ---- for other threads ---- */

GPtrArray *feed_poller_states(FeedPoller *poller)
{
    GPtrArray *states = g_ptr_array_new_with_free_func((GDestroyNotify)feed_state_free);

    pthread_mutex_lock(&poller->polls.lock);
    for (guint i = 0; i < poller->feeds->len; i++)
        g_ptr_array_add(states, feed_state_copy(feed_at(poller, i)->state));
    pthread_mutex_unlock(&poller->polls.lock);
    return states;
}

static bool is_gone(FeedPoller *poller, const Feed *feed)
{
    pthread_mutex_lock(&poller->polls.lock);
    bool gone = feed->state->gone;
    pthread_mutex_unlock(&poller->polls.lock);
    return gone;
}

bool feed_poller_poll_now(FeedPoller *poller, const char *name, GError **error)
{
    for (guint i = 0; i < poller->feeds->len; i++) {
        Feed *feed = feed_at(poller, i);
        if (strcmp(feed->settings->name, name) != 0)
            continue;
        if (is_gone(poller, feed)) {
            g_set_error(
                error, DAYWIRE_ERROR, DAYWIRE_ERROR_CONFLICT,
                "the feed %s is gone for good (410); another url in its configuration starts it again", name);
            return false;
        }
        atomic_store(&feed->asked, true);
        feed_fetcher_wake(poller->fetcher);
        return true;
    }
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_NOT_FOUND, "there is no feed %s in the configuration",
                name);
    return false;
}
