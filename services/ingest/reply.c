/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/reply.h"

#include "common/error.h"
#include "common/statement_json.h"
#include "ingest/ingest_metrics.h"

int reply_status(const JobItem *item)
{
    switch (item->result) {
    case RESULT_CREATED:
        return 201;
    case RESULT_UPDATED:
    case RESULT_UNCHANGED:
    case RESULT_WITHDRAWN:
        return 200;
    case RESULT_REFUSED:
        return g_error_matches(item->refusal, DAYWIRE_ERROR, DAYWIRE_ERROR_NOT_FOUND) ? 404
               : g_error_matches(item->refusal, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID) ? 500
                                                                                      : 409;
    }
    g_assert_not_reached();
}

/* All of it speaks of the latest revision: the record of an older one would be taken for it. */
static void add_state(json_t *object, const Statement *latest, const StorePublished *published)
{
    bool out = published->revision == latest->revision;

    json_object_set_new(object, "state", json_string(out ? "published" : "stored"));
    json_object_set_new(object, "topic", out ? json_string(published->topic) : json_null());
    json_object_set_new(object, "partition", out ? json_integer(published->partition) : json_null());
    json_object_set_new(object, "offset",
                        out && published->offset >= 0 ? json_integer(published->offset) : json_null());
}

static GBytes *to_bytes(json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);

    json_decref(object);
    return g_bytes_new_with_free_func(text, strlen(text), free, text);
}

GBytes *reply_item(const JobItem *item)
{
    json_t *statement = statement_to_json(item->latest);
    json_t *object =
        json_pack("{s:s, s:I, s:s}", "id", item->latest->id, "revision", (json_int_t)item->latest->revision,
                  "result", accept_result_name(item->result));

    json_object_set(object, "change", json_object_get(statement, "change"));
    add_state(object, item->latest, &item->published);
    json_object_set_new(object, "statement", statement);
    return to_bytes(object);
}

GBytes *reply_stored(const StoredStatement *stored)
{
    json_t *object = json_object();

    add_state(object, stored->latest, &stored->published);
    json_object_set_new(object, "statement", statement_to_json(stored->latest));
    return to_bytes(object);
}

static void append_line(GString *text, json_t *object)
{
    char *line = json_dumps(object, JSON_COMPACT);

    g_string_append(text, line);
    g_string_append_c(text, '\n');
    free(line);
    json_decref(object);
}

/* Messages may quote what was sent. */
static json_t *detail_of(const GError *error)
{
    g_autofree char *valid = g_utf8_make_valid(error->message, -1);
    return json_string(valid);
}

void reply_append_item_line(GString *text, unsigned line, const JobItem *item)
{
    json_t *object = json_pack("{s:i, s:i, s:s}", "line", (int)line, "status", reply_status(item), "id",
                               item->submission.statement->id);

    if (item->result == RESULT_REFUSED) {
        json_object_set_new(object, "detail", detail_of(item->refusal));
    } else {
        json_object_set_new(object, "revision", json_integer(item->latest->revision));
        json_object_set_new(object, "result", json_string(accept_result_name(item->result)));
        json_object_set_new(object, "state",
                            json_string(job_item_is_published(item) ? "published" : "stored"));
    }
    append_line(text, object);
}

void reply_append_refused_line(GString *text, unsigned line, const char *field, const GError *error)
{
    bool too_long = field == NULL && g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE);
    json_t *object = json_pack("{s:i, s:i}", "line", (int)line, "status", too_long ? 413 : 400);

    if (field != NULL) {
        g_autofree char *valid = g_utf8_make_valid(field, -1);
        json_object_set_new(object, "field", json_string(valid));
    }
    json_object_set_new(object, "detail", detail_of(error));
    append_line(text, object);
}
