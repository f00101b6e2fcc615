/* SPDX-License-Identifier: Apache-2.0 */
#include "feed_jobs.h"

#include "bodies.h"
#include "ingest/store/feeds.h"

#define ITEMS 3

static const char *const feeds[] = {"harbour", "council"};

/* One job in the making. */
typedef struct {
    Job *job;
    Dice *dice;
    unsigned number;
    GArray *certain;
} Making;

/* ---- items ---- */

/* Takes over `guid`. */
static FeedKnown *known_of(const char *feed, unsigned item, char *guid, const char *mark)
{
    FeedKnown *known = g_new0(FeedKnown, 1);

    *known = (FeedKnown){
        .guid = guid,
        .link = g_strdup_printf("%s.example/%u", feed, item),
        .id = g_strdup_printf("%s-%u", feed, item),
        .title = g_strdup_printf("%s The ferry sails at ten", mark),
        .date = g_strdup("2026-03-02"),
        .digest = g_strdup(mark),
    };
    return known;
}

static void add_statement(const Making *making, const FeedKnown *known)
{
    const char *feed = making->job->feed->feed;
    g_autofree char *url = g_strdup_printf("https://%s", known->link);
    Statement *statement = statement_new();

    message_set_string(&statement->id, known->id);
    message_set_string(&statement->title, known->title);
    message_set_string(&statement->date, known->date);
    message_set_string(&statement->source, feed);
    message_set_string(&statement->url, url);
    statement->status = STATEMENT_STATUS_USABLE;
    bodies_add(making->dice, statement);
    Submission submission = submission_make(SUBMISSION_FEED, statement);
    submission.submitter = g_strdup_printf("feed %s", feed);
    job_add(making->job, submission);
    g_array_append_val(making->certain, (bool){true});
}

/* A statement comes under a name that is known mostly, which then is the newest again. */
static void add_item(const Making *making, unsigned item)
{
    FeedChanges *changes = making->job->feed;
    bool silent = dice_chance(making->dice, 25);
    bool renamed = silent || dice_chance(making->dice, 30);
    g_autofree char *mark = g_strdup_printf("J%u.%u", making->number, item);
    char *guid = renamed ? g_strdup_printf("tag:%s", mark) : g_strdup_printf("tag:%u", item);
    FeedKnown *known = known_of(changes->feed, item, guid, mark);

    if (silent)
        known->passed_over = dice_chance(making->dice, 50);
    else
        add_statement(making, known);
    g_ptr_array_add(changes->items, known);
}

static void add_items(const Making *making)
{
    unsigned last = (unsigned)dice_range(making->dice, 0, ITEMS - 1);

    for (unsigned item = 0; item < last; item++)
        if (dice_chance(making->dice, 60))
            add_item(making, item);
    add_item(making, last);
}

/* ---- the state ---- */

static FeedState *state_of(const char *feed, const char *mark)
{
    g_autofree char *url = g_strdup_printf("https://%s.example/feed", feed);
    FeedState *state = feed_state_new(feed, url);

    feed_state_set(&state->etag, mark);
    feed_state_set(&state->digest, mark);
    state->polled_at = g_get_real_time();
    state->next_at = state->polled_at + 900 * G_USEC_PER_SEC;
    return state;
}

static void set_state(const Making *making)
{
    FeedChanges *changes = making->job->feed;
    g_autofree char *mark = g_strdup_printf("J%u", making->number);
    FeedState *state = state_of(changes->feed, mark);

    feed_state_set(&state->last_modified, "Mon, 02 Mar 2026 10:00:00 GMT");
    state->succeeded_at = state->polled_at;
    state->status = changes->items->len > 0 ? 200 : 304;
    state->begun = true;
    state->ttl_minutes = (unsigned)dice_range(making->dice, 0, 60);
    state->skip_hours = (uint32_t)dice_range(making->dice, 0, 0xffffff);
    state->skip_days = (uint8_t)dice_range(making->dice, 0, 0x7f);
    state->items = changes->items->len + 1;
    state->refused = 1;
    feed_state_set(&state->refusal, "line 7: an item needs a title");
    changes->state = state;
}

/* ---- the whole ---- */

void feed_jobs_fill(Job *job, Dice *dice, unsigned number, GArray *certain)
{
    const Making making = {.job = job, .dice = dice, .number = number, .certain = certain};
    int kind = dice_range(dice, 0, 99);

    job->feed = feed_changes_new(feeds[dice_range(dice, 0, (int)G_N_ELEMENTS(feeds) - 1)]);
    if (kind < 85)
        add_items(&making);
    if (kind >= 20)
        set_state(&making);
}

Job *feed_jobs_first(void)
{
    Job *job = job_new();

    job->feed = feed_changes_new(feeds[0]);
    for (unsigned i = 0; i < FEED_NAMES_KEPT; i++) {
        FeedKnown *known = known_of(feeds[0], 0, g_strdup_printf("tag:H0.%u", i), "H0.0");
        known->passed_over = true;
        g_ptr_array_add(job->feed->items, known);
    }
    job->feed->state = state_of(feeds[0], "H0");
    return job;
}
