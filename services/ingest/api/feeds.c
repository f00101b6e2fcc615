/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of the feeds, and polling one now. */
#include "ingest/api/routes.h"

#include <jansson.h>

#include "common/error.h"
#include "ingest/feeds/schedule.h"

static json_t *instant_or_null(Instant instant)
{
    char text[INSTANT_TEXT_MAX];

    return instant == 0 || instant == FEED_NEVER ? json_null()
                                                 : json_string(instant_format(instant, 0, text));
}

/* Texts come from servers. */
static json_t *text_or_null(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);

    return *valid ? json_string(valid) : json_null();
}

static json_t *feed_to_json(const FeedState *state)
{
    json_t *object = json_pack("{s:s, s:s}", "name", state->name, "url", state->url);

    json_object_set_new(object, "moved_to", text_or_null(state->moved_to));
    json_object_set_new(object, "gone", json_boolean(state->gone));
    json_object_set_new(object, "polled_at", instant_or_null(state->polled_at));
    json_object_set_new(object, "succeeded_at", instant_or_null(state->succeeded_at));
    json_object_set_new(object, "next_at", instant_or_null(state->next_at));
    json_object_set_new(object, "status", state->status != 0 ? json_integer(state->status) : json_null());
    json_object_set_new(object, "failures", json_integer(state->failures));
    json_object_set_new(object, "error", text_or_null(state->error));
    json_object_set_new(object, "items", json_integer(state->items));
    json_object_set_new(object, "refused", json_integer(state->refused));
    json_object_set_new(object, "refusal", text_or_null(state->refusal));
    return object;
}

void api_get_feeds(HttpRequest *request, void *user)
{
    static const char *const headers[] = {"Cache-Control", "no-store", NULL};
    Api *api = user;

    if (!api_check_query(request, (const char *const[]){NULL}))
        return;
    g_autoptr(GPtrArray) states = feed_poller_states(api->poller);
    json_t *feeds = json_array();
    for (guint i = 0; i < states->len; i++)
        json_array_append_new(feeds, feed_to_json(g_ptr_array_index(states, i)));
    json_t *object = json_pack("{s:o}", "feeds", feeds);
    char *text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    g_autoptr(GBytes) body = g_bytes_new_with_free_func(text, strlen(text), free, text);
    http_respond(request, 200, "application/json", headers, body);
}

void api_poll_feed(HttpRequest *request, void *user)
{
    Api *api = user;
    g_autoptr(GError) error = NULL;

    if (!api_check_query(request, (const char *const[]){NULL}))
        return;
    if (!feed_poller_poll_now(api->poller, http_request_segment(request, "name"), &error)) {
        bool unknown = g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_NOT_FOUND);
        http_respond_problem(request, unknown ? 404 : 409, error->message, NULL);
        return;
    }
    g_autoptr(GBytes) body = g_bytes_new_static("{}", 2);
    http_respond(request, 202, "application/json", NULL, body);
}
