/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/api/reply.h"

#include "common/error.h"
#include "common/statement_json.h"
#include "ingest/etag.h"
#include "ingest/ingest_metrics.h"

static int refusal_status(const GError *refusal)
{
    switch (refusal->code) {
    case DAYWIRE_ERROR_INVALID:
    case DAYWIRE_ERROR_TOO_LARGE:
        return 400;
    case DAYWIRE_ERROR_NOT_FOUND:
        return 404;
    case DAYWIRE_ERROR_STALE:
        return 412;
    case DAYWIRE_ERROR_DAMAGED:
        return 500;
    default:
        return 409;
    }
}

int reply_status(const JobItem *item)
{
    switch (item->result) {
    case RESULT_CREATED:
        return 201;
    case RESULT_SCHEDULED:
        return 202;
    case RESULT_UPDATED:
    case RESULT_UNCHANGED:
    case RESULT_WITHDRAWN:
    case RESULT_CANCELLED:
        return 200;
    case RESULT_REFUSED:
        return refusal_status(item->refusal);
    }
    g_assert_not_reached();
}

char *reply_etag(const Statement *latest, int64_t schedule_version)
{
    return latest != NULL || schedule_version != 0
               ? etag_format(latest != NULL ? latest->revision : 0, schedule_version)
               : NULL;
}

/* "cancelled" is an answer only: nothing has this id then. */
static const char *state_name(const Statement *latest, const Statement *scheduled, bool out)
{
    if (latest != NULL)
        return out ? "published" : "stored";
    return scheduled != NULL ? "scheduled" : "cancelled";
}

/* Topic, partition and offset speak of the latest revision: the record of an older one would be taken for it. What is
 * scheduled besides a published one is a member of its own. */
static void add_state(json_t *object, const Statement *latest, const StorePublished *published,
                      const Statement *scheduled)
{
    bool out = latest != NULL && published->revision == latest->revision;

    json_object_set_new(object, "state", json_string(state_name(latest, scheduled, out)));
    json_object_set_new(object, "topic", out ? json_string(published->topic) : json_null());
    json_object_set_new(object, "partition", out ? json_integer(published->partition) : json_null());
    json_object_set_new(object, "offset",
                        out && published->offset >= 0 ? json_integer(published->offset) : json_null());
}

static void add_statements(json_t *object, const Statement *latest, const Statement *scheduled)
{
    const Statement *shown = latest != NULL ? latest : scheduled;

    json_object_set_new(object, "statement", shown != NULL ? statement_to_json(shown) : json_null());
    if (scheduled != NULL)
        json_object_set_new(object, "scheduled", statement_to_json(scheduled));
}

static GBytes *to_bytes(json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);

    json_decref(object);
    return g_bytes_new_with_free_func(text, strlen(text), free, text);
}

GBytes *reply_item(const JobItem *item)
{
    const Statement *latest = item->latest;
    json_t *statement = latest != NULL ? statement_to_json(latest) : NULL;
    json_t *object =
        json_pack("{s:s, s:I, s:s, s:O?}", "id", item->submission.statement->id, "revision",
                  latest != NULL ? (json_int_t)latest->revision : 0, "result",
                  accept_result_name(item->result), "change", json_object_get(statement, "change"));

    json_decref(statement);
    add_state(object, latest, &item->published, item->scheduled);
    add_statements(object, latest, item->scheduled);
    return to_bytes(object);
}

GBytes *reply_stored(const StoredStatement *stored)
{
    const Statement *scheduled = stored->schedule.submission.statement;
    json_t *object = json_object();

    add_state(object, stored->latest, &stored->published, scheduled);
    add_statements(object, stored->latest, scheduled);
    return to_bytes(object);
}

static json_t *revision_to_json(const StoredRevision *revision, bool whole)
{
    const Statement *statement = revision->statement;
    json_t *form = statement_to_json(statement);
    json_t *object = json_pack("{s:I, s:O, s:O, s:O, s:s?, s:O}", "revision", (json_int_t)statement->revision,
                               "change", json_object_get(form, "change"), "note",
                               json_object_get(form, "note"), "at", json_object_get(form, "updated_at"), "by",
                               *revision->submitter != '\0' ? revision->submitter : NULL, "title",
                               json_object_get(form, "title"));

    if (whole)
        json_object_set(object, "statement", form);
    json_decref(form);
    return object;
}

GBytes *reply_revision(const StoredRevision *revision)
{
    return to_bytes(revision_to_json(revision, true));
}

GBytes *reply_history(const char *id, const GArray *revisions)
{
    json_t *list = json_array();
    uint32_t oldest = 0;

    for (guint i = 0; i < revisions->len; i++) {
        const StoredRevision *revision = &g_array_index(revisions, StoredRevision, i);
        json_array_append_new(list, revision_to_json(revision, false));
        oldest = revision->statement->revision;
    }
    return to_bytes(json_pack("{s:s, s:o, s:o}", "id", id, "revisions", list, "next",
                              oldest > 1 ? json_integer(oldest) : json_null()));
}

GBytes *reply_republished(int64_t count)
{
    return to_bytes(json_pack("{s:I}", "statements", (json_int_t)count));
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
static json_t *valid_text(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    return json_string(valid);
}

void reply_append_item_line(GString *text, uint64_t line, const JobItem *item)
{
    json_t *object = json_pack("{s:I, s:i, s:s}", "line", (json_int_t)line, "status", reply_status(item),
                               "id", item->submission.statement->id);

    if (item->result == RESULT_REFUSED) {
        if (item->field)
            json_object_set_new(object, "field", json_string(item->field));
        json_object_set_new(object, "detail", valid_text(item->refusal->message));
    } else {
        json_object_set_new(object, "revision",
                            json_integer(item->latest != NULL ? item->latest->revision : 0));
        json_object_set_new(object, "result", json_string(accept_result_name(item->result)));
        json_object_set_new(
            object, "state",
            json_string(state_name(item->latest, item->scheduled, job_item_is_published(item))));
    }
    append_line(text, object);
}

void reply_append_refused_line(GString *text, const BodyLine *line)
{
    bool too_long =
        line->field == NULL && g_error_matches(line->error, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE);
    json_t *object =
        json_pack("{s:I, s:i}", "line", (json_int_t)line->number, "status", too_long ? 413 : 400);

    if (line->field != NULL)
        json_object_set_new(object, "field", valid_text(line->field));
    json_object_set_new(object, "detail", valid_text(line->error->message));
    append_line(text, object);
}

void reply_append_failed_line(GString *text, uint64_t line, const JobItem *item, const char *detail)
{
    json_t *object = json_pack("{s:I, s:i, s:s}", "line", (json_int_t)line, "status", 503, "id",
                               item->submission.statement->id);

    json_object_set_new(object, "detail", valid_text(detail));
    append_line(text, object);
}
