/* SPDX-License-Identifier: Apache-2.0 */
#include "stream_client.h"

#include "unit.h"

Client *client_new(Replica *replica, unsigned channels, const char *filter, const char *since, unsigned last)
{
    g_autoptr(GError) error = NULL;
    ClientMessage request = {.id = 1, .channels = channels, .since = (char *)since, .last = last};
    if (filter) {
        g_auto(GStrv) parts = g_strsplit(filter, "=", 2);
        request.filter = filter_new();
        assert_true(filter_add(request.filter, parts[0], parts[1], NULL));
    }
    Client *client = g_new0(Client, 1);
    client->replica = replica;
    client->cursor = g_strdup(since);
    client->subscription = subscription_new(replica->log, replica->reader, &request, FORMAT_JSON, &error);
    filter_free(request.filter);
    if (!client->subscription)
        fail_msg("%s", error->message);
    return client;
}

void client_free(Client *client)
{
    subscription_free(client->subscription);
    g_free(client->cursor);
    g_free(client);
}

static void describe_statement(GString *text, const json_t *frame)
{
    const json_t *data = json_object_get(frame, "data");
    bool withdrawn = strcmp(json_string_value(json_object_get(data, "status")), "withdrawn") == 0;
    g_string_append_printf(text, "%s%s/%d", withdrawn ? "-" : "",
                           json_string_value(json_object_get(data, "id")),
                           (int)json_integer_value(json_object_get(data, "revision")));
}

static void describe_tick(GString *text, const json_t *frame)
{
    const json_t *data = json_object_get(frame, "data");
    const char *counter = json_string_value(json_object_get(data, "counter"));
    if (json_is_true(json_object_get(frame, "removed")))
        g_string_append_printf(text, "-%s", counter);
    else
        g_string_append_printf(text, "%s/%s/%d", counter, json_string_value(json_object_get(data, "date")),
                               (int)json_integer_value(json_object_get(data, "revision")));
}

static void describe(GString *text, const json_t *frame)
{
    const char *type = json_string_value(json_object_get(frame, "type"));
    g_string_append(text, text->len ? " " : "");
    if (strcmp(type, "subscribed") == 0)
        g_string_append(text, json_string_value(json_object_get(frame, "resume")));
    else if (strcmp(type, "statement") == 0)
        describe_statement(text, frame);
    else if (strcmp(type, "tick") == 0)
        describe_tick(text, frame);
    else if (strcmp(type, "caught_up") == 0)
        g_string_append_c(text, '.');
    else
        fail_msg("a frame of type %s", type);
}

char *client_take(Client *client, size_t max_bytes, bool *ret_more)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) frames = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    g_autoptr(GString) text = g_string_new(NULL);
    size_t bytes = 0;
    *ret_more = subscription_take(client->subscription, client->replica->reader, max_bytes, frames, &error);
    if (error)
        fail_msg("%s", error->message);
    for (guint i = 0; i < frames->len; i++) {
        json_t *frame = frame_json(frames->pdata[i]);
        const char *cursor = json_string_value(json_object_get(frame, "cursor"));
        if (*cursor) {
            g_free(client->cursor);
            client->cursor = g_strdup(cursor);
        }
        describe(text, frame);
        json_decref(frame);
        bytes += g_bytes_get_size(frames->pdata[i]);
    }
    assert_true(frames->len <= 1 || bytes <= max_bytes);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

char *client_take_all(Client *client)
{
    bool more = false;
    char *text = client_take(client, SIZE_MAX, &more);
    assert_false(more);
    return text;
}

void assert_takes(Client *client, const char *expected)
{
    g_autofree char *text = client_take_all(client);
    assert_string_equal(text, expected);
}
