/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of the feeds, and polling one now. */
#include "ingest/api/routes.h"

#include "common/error.h"
#include "common/json.h"
#include "ingest/feeds/schedule.h"

static yyjson_mut_val *instant_or_null(yyjson_mut_doc *doc, Instant instant)
{
    return instant == 0 || instant == FEED_NEVER ? yyjson_mut_null(doc) : json_instant(doc, instant, 0);
}

static yyjson_mut_val *feed_to_json(const FeedState *state, yyjson_mut_doc *doc)
{
    yyjson_mut_val *object = yyjson_mut_obj(doc);

    yyjson_mut_obj_add_val(doc, object, "name", json_text(doc, state->name));
    yyjson_mut_obj_add_val(doc, object, "url", json_text(doc, state->url));
    yyjson_mut_obj_add_val(doc, object, "moved_to", json_text_or_null(doc, state->moved_to));
    yyjson_mut_obj_add_bool(doc, object, "gone", state->gone);
    yyjson_mut_obj_add_val(doc, object, "polled_at", instant_or_null(doc, state->polled_at));
    yyjson_mut_obj_add_val(doc, object, "succeeded_at", instant_or_null(doc, state->succeeded_at));
    yyjson_mut_obj_add_val(doc, object, "next_at", instant_or_null(doc, state->next_at));
    yyjson_mut_obj_add_val(doc, object, "status",
                           state->status != 0 ? yyjson_mut_int(doc, state->status) : yyjson_mut_null(doc));
    yyjson_mut_obj_add_int(doc, object, "failures", state->failures);
    yyjson_mut_obj_add_val(doc, object, "error", json_text_or_null(doc, state->error));
    yyjson_mut_obj_add_val(doc, object, "etag", json_text_or_null(doc, state->etag));
    yyjson_mut_obj_add_val(doc, object, "last_modified", json_text_or_null(doc, state->last_modified));
    yyjson_mut_obj_add_int(doc, object, "items", state->items);
    yyjson_mut_obj_add_int(doc, object, "refused", state->refused);
    yyjson_mut_obj_add_val(doc, object, "refusal", json_text_or_null(doc, state->refusal));
    return object;
}

void api_get_feeds(HttpRequest *request, void *user)
{
    static const char *const headers[] = {"Cache-Control", "no-store", NULL};
    Api *api = user;

    if (!api_check_query(request, (const char *const[]){NULL}))
        return;
    g_autoptr(GPtrArray) states = feed_poller_states(api->poller);
    g_autoptr(yyjson_mut_doc) doc = json_new();
    yyjson_mut_val *object = yyjson_mut_obj(doc);
    yyjson_mut_val *feeds = yyjson_mut_obj_add_arr(doc, object, "feeds");
    for (guint i = 0; i < states->len; i++)
        yyjson_mut_arr_append(feeds, feed_to_json(g_ptr_array_index(states, i), doc));
    g_autoptr(GBytes) body = json_write_bytes(object);
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
