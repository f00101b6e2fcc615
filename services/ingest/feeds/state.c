/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/feeds/state.h"

FeedState *feed_state_new(const char *name, const char *url)
{
    FeedState *state = g_new0(FeedState, 1);

    state->name = g_strdup(name);
    state->url = g_strdup(url);
    state->moved_to = g_strdup("");
    state->etag = g_strdup("");
    state->last_modified = g_strdup("");
    state->digest = g_strdup("");
    state->seen = g_strdup("");
    state->error = g_strdup("");
    state->refusal = g_strdup("");
    return state;
}

FeedState *feed_state_copy(const FeedState *state)
{
    FeedState *copy = g_memdup2(state, sizeof *state);

    copy->name = g_strdup(state->name);
    copy->url = g_strdup(state->url);
    copy->moved_to = g_strdup(state->moved_to);
    copy->etag = g_strdup(state->etag);
    copy->last_modified = g_strdup(state->last_modified);
    copy->digest = g_strdup(state->digest);
    copy->seen = g_strdup(state->seen);
    copy->error = g_strdup(state->error);
    copy->refusal = g_strdup(state->refusal);
    return copy;
}

void feed_state_free(FeedState *state)
{
    if (!state)
        return;
    g_free(state->name);
    g_free(state->url);
    g_free(state->moved_to);
    g_free(state->etag);
    g_free(state->last_modified);
    g_free(state->digest);
    g_free(state->seen);
    g_free(state->error);
    g_free(state->refusal);
    g_free(state);
}

void feed_state_set(char **text, const char *value)
{
    char *copy = g_strdup(value);

    g_free(*text);
    *text = copy;
}

void feed_state_read_again(FeedState *state)
{
    if (*state->digest)
        feed_state_set(&state->seen, state->digest);
    feed_state_set(&state->etag, "");
    feed_state_set(&state->last_modified, "");
    feed_state_set(&state->digest, "");
}

void feed_state_restart(FeedState *state, const char *url)
{
    FeedState *fresh = feed_state_new(state->name, url);
    FeedState old = *state;

    fresh->begun = state->begun;
    fresh->succeeded_at = state->succeeded_at;
    *state = *fresh;
    *fresh = old;
    feed_state_free(fresh);
}
