/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/feeds/poll.h"

#include "common/error.h"
#include "common/log.h"

#define ITEMS_A_JOB     200
#define REFUSALS_LOGGED 5 /* of one document */

/* ---- the end of a poll ---- */

/* One line when a feed begins to fail and one when it is over; /v1/feeds tells how it is meanwhile. */
static void tell_outcome(const Feed *feed, const FeedState *before, const FeedState *after,
                         FeedOutcome outcome)
{
    const LogField fields[] = {LOG_STR("feed", after->name),
                               LOG_STR("outcome", feed_outcome_name(outcome)),
                               LOG_STR("error", after->error),
                               {0}};

    if (after->gone && !before->gone)
        log_write(LOG_LEVEL_WARNING, "feed is gone for good and is polled no more", fields);
    else if (after->failures == 1)
        log_write(LOG_LEVEL_WARNING, "feed cannot be taken in", fields);
    else if (after->failures == 0 && before->failures > 0)
        log_write(LOG_LEVEL_INFO, "feed can be taken in again", fields);
    else
        log_write(LOG_LEVEL_DEBUG, "feed was polled", fields);
    metric_add(feed->metrics.polls[outcome], 1);
    feed_metrics_show(&feed->metrics, after);
}

/* Takes over `state`. */
static void set_state(Feed *feed, FeedState *state)
{
    pthread_mutex_lock(&feed->polls->lock);
    feed_state_free(feed->state);
    feed->state = state;
    pthread_mutex_unlock(&feed->polls->lock);
}

void feed_poll_drop(Feed *feed)
{
    feed->phase = AT_REST;
    feed->last = false;
    g_clear_pointer(&feed->intake, feed_intake_free);
    g_clear_pointer(&feed->next, feed_state_free);
}

/* What the poll would have stored is not stored. */
void feed_poll_give_up(Feed *feed, const char *reason)
{
    FeedState *state = feed_state_copy(feed->state);
    const FeedPoll poll = {.outcome = FEED_NOT_STORED, .error = reason, .asked = "", .status = state->status};

    feed_schedule_polled(state, feed->settings, &poll, g_get_real_time());
    tell_outcome(feed, feed->state, state, FEED_NOT_STORED);
    set_state(feed, state);
    feed_poll_drop(feed);
}

/* ---- storing ---- */

/* The next part; with the state when it is the last. */
static void hand_in(Feed *feed)
{
    g_autoptr(GError) error = NULL;
    Job *job;

    if (feed->intake) {
        job = feed_intake_next(feed->intake, ITEMS_A_JOB);
    } else {
        job = job_new();
        job->feed = feed_changes_new(feed->state->name);
    }
    feed->last = !feed->intake || !feed_intake_has_more(feed->intake);
    if (feed->last)
        job->feed->state = feed_state_copy(feed->next);
    job->user = feed;
    job->finished = feed->polls->finished;
    if (engine_submit(feed->polls->engine, job, &error)) {
        feed->polls->jobs++;
        return;
    }
    job_free(job);
    feed_poll_give_up(feed, error->message);
}

static FeedItemResult result_of(const JobItem *item)
{
    switch (item->result) {
    case RESULT_CREATED:
        return FEED_ITEM_CREATED;
    case RESULT_REFUSED:
        return g_error_matches(item->refusal, DAYWIRE_ERROR, DAYWIRE_ERROR_CONFLICT) ? FEED_ITEM_WITHHELD
                                                                                     : FEED_ITEM_REFUSED;
    case RESULT_UNCHANGED:
        return FEED_ITEM_UNCHANGED;
    default:
        return FEED_ITEM_UPDATED;
    }
}

/* What the engine makes of an item, besides what reading refuses; what is still withheld was told. */
static void log_result(const Feed *feed, FeedItemResult result, const JobItem *item)
{
    if (result == FEED_ITEM_WITHHELD && !(item->withheld && item->submission.offered_again))
        log_info("feed item is withheld", LOG_STR("feed", feed->state->name),
                 LOG_STR("reason", item->refusal->message));
    else if (result == FEED_ITEM_REFUSED)
        log_warning("feed item is refused", LOG_STR("feed", feed->state->name),
                    LOG_STR("reason", item->refusal->message));
}

static void count_items(const Feed *feed, const Job *job)
{
    for (guint i = 0; i < job->items->len; i++) {
        const JobItem *item = job_item(job, i);
        FeedItemResult result = result_of(item);
        metric_add(feed->metrics.items[result], 1);
        log_result(feed, result, item);
        if (item->withheld) /* the state of the last job knows it already */
            feed_state_read_again(feed->next);
    }
}

static void finish_poll(Feed *feed)
{
    FeedState *state = g_steal_pointer(&feed->next);

    tell_outcome(feed, feed->state, state, feed->outcome);
    set_state(feed, state);
    feed_poll_drop(feed);
}

void feed_poll_stored(Feed *feed, const Job *job, const char *failure)
{
    feed->polls->jobs--;
    if (failure) {
        feed_poll_give_up(feed, failure);
        return;
    }
    count_items(feed, job);
    if (feed->last)
        finish_poll(feed);
    else
        hand_in(feed);
}

/* ---- reading ---- */

static bool look_up(const FeedPolls *polls, const char *feed, FeedLookup by, const char *value,
                    GHashTable *asked, GPtrArray *known, GError **error)
{
    if (!value || !*value || !g_hash_table_add(asked, (gpointer)value))
        return true;
    return feed_reader_known(polls->reader, by, feed, value, known, error);
}

static int compare_newest(const void *a, const void *b)
{
    const FeedKnown *left = *(FeedKnown *const *)a;
    const FeedKnown *right = *(FeedKnown *const *)b;

    return (left->sequence < right->sequence) - (left->sequence > right->sequence);
}

/* All that is known under the names of the document's items; NULL: the database cannot be read. */
static GPtrArray *look_up_all(const FeedPolls *polls, const char *feed, const FeedIntake *intake,
                              GError **error)
{
    g_autoptr(GPtrArray) known = g_ptr_array_new_with_free_func((GDestroyNotify)feed_known_free);
    g_autoptr(GHashTable) guids = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) links = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) ids = g_hash_table_new(g_str_hash, g_str_equal);

    for (unsigned i = 0; i < feed_intake_count(intake); i++) {
        const FeedIdentity *item = feed_intake_item(intake, i);
        if (!look_up(polls, feed, FEED_BY_GUID, item->guid, guids, known, error) ||
            !look_up(polls, feed, FEED_BY_LINK, item->link, links, known, error) ||
            !look_up(polls, feed, FEED_BY_ID, item->fresh_id, ids, known, error))
            return NULL;
    }
    g_ptr_array_sort(known, compare_newest);
    return g_steal_pointer(&known);
}

static void log_refusals(const Feed *feed, const FeedIntake *intake, unsigned refused)
{
    for (unsigned i = 0; i < MIN(refused, REFUSALS_LOGGED); i++) {
        g_autofree char *reason = feed_intake_refusal(intake, i);
        log_warning("feed item is refused", LOG_STR("feed", feed->state->name), LOG_STR("reason", reason));
    }
    if (refused > REFUSALS_LOGGED)
        log_warning("more feed items are refused", LOG_STR("feed", feed->state->name),
                    LOG_INT("count", refused - REFUSALS_LOGGED));
}

/* What the document says of itself, into the state that is stored with its last item. */
static void note_document(FeedState *state, const FeedIntake *intake, const FeedAnswer *answer,
                          const char *digest)
{
    const FeedHead *head = feed_intake_head(intake);
    FeedCounts counts = feed_intake_counts(intake);
    g_autofree char *refusal = feed_intake_refusal(intake, 0);

    feed_state_set(&state->etag, answer->etag);
    feed_state_set(&state->last_modified, answer->last_modified);
    feed_state_set(&state->digest, digest);
    feed_state_set(&state->seen, "");
    feed_state_set(&state->refusal, refusal ? refusal : "");
    state->ttl_minutes = head->ttl_minutes;
    state->skip_hours = head->skip_hours;
    state->skip_days = head->skip_days;
    state->items = counts.items;
    state->refused = counts.refused;
    state->begun = true;
}

static void count_document(const Feed *feed, const FeedIntake *intake, bool seen)
{
    FeedCounts counts = feed_intake_counts(intake);

    metric_add(feed->metrics.items[FEED_ITEM_REFUSED], counts.refused);
    metric_add(feed->metrics.items[FEED_ITEM_UNCHANGED], counts.unchanged);
    metric_add(feed->metrics.items[FEED_ITEM_PASSED_OVER], counts.passed_over);
    if (!seen)
        log_refusals(feed, intake, counts.refused);
}

/* The document of an answer with a body: into feed->intake and feed->next. When it cannot be read, or is the one
 * that is known, the answer says so. */
static void read_document(Feed *feed, FeedAnswer *answer)
{
    g_autofree char *digest =
        g_compute_checksum_for_data(G_CHECKSUM_SHA256, answer->body->data, answer->body->len);
    if (strcmp(digest, feed->state->digest) == 0) {
        feed_state_set(&feed->next->etag, answer->etag);
        feed_state_set(&feed->next->last_modified, answer->last_modified);
        answer->outcome = FEED_NOT_MODIFIED;
        return;
    }
    g_autoptr(GError) error = NULL;
    const FeedOrigin origin = {.feed = feed->settings,
                               .charset = answer->charset,
                               .url = answer->final_url,
                               .now = g_get_real_time(),
                               .limits = feed->polls->limits};
    FeedIntake *intake = feed_intake_new(&origin, answer->body->data, answer->body->len, &error);
    GPtrArray *known = intake ? look_up_all(feed->polls, feed->state->name, intake, &error) : NULL;

    if (intake && !known)
        engine_reads_failed(feed->polls->engine, error);
    if (!known) {
        answer->outcome = intake                                                           ? FEED_NOT_STORED
                          : g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE) ? FEED_TOO_LARGE
                                                                                           : FEED_UNREADABLE;
        answer->error = g_strdup(error->message);
        feed_intake_free(intake);
        return;
    }
    feed_intake_resolve(intake, known, !feed->state->begun);
    count_document(feed, intake, strcmp(digest, feed->state->seen) == 0);
    note_document(feed->next, intake, answer, digest);
    feed->intake = intake;
}

void feed_poll_answered(Feed *feed, FeedAnswer *answer)
{
    g_autofree char *moved_to = NULL;

    feed->phase = STORING;
    feed->next = feed_state_copy(feed->state);
    if (answer->outcome == FEED_TAKEN)
        read_document(feed, answer);
    feed->outcome = answer->outcome;
    if (answer->moved_to && !feed_url_parse(answer->moved_to, &moved_to, NULL))
        moved_to =
            NULL; /* fine for once, but nothing to be kept and shown: it has a password, for instance */
    const FeedPoll poll = {.outcome = answer->outcome,
                           .status = answer->status,
                           .retry_after = answer->retry_after,
                           .error = answer->error,
                           .asked = answer->url,
                           .moved_to = moved_to};
    feed_schedule_polled(feed->next, feed->settings, &poll, g_get_real_time());
    hand_in(feed);
}
