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
static void add_state(yyjson_mut_doc *doc, yyjson_mut_val *object, const Statement *latest,
                      const StorePublished *published, const Statement *scheduled)
{
    bool out = latest != NULL && published->revision == latest->revision;
    bool placed = out && published->offset >= 0;

    yyjson_mut_obj_add_str(doc, object, "state", state_name(latest, scheduled, out));
    yyjson_mut_obj_add_val(doc, object, "topic",
                           out ? json_text(doc, published->topic) : yyjson_mut_null(doc));
    yyjson_mut_obj_add_val(doc, object, "partition",
                           out ? yyjson_mut_int(doc, published->partition) : yyjson_mut_null(doc));
    yyjson_mut_obj_add_val(doc, object, "offset",
                           placed ? yyjson_mut_int(doc, published->offset) : yyjson_mut_null(doc));
}

/* `form`: of what is shown as the statement; NULL: of nothing. */
static void add_statements(yyjson_mut_doc *doc, yyjson_mut_val *object, yyjson_mut_val *form,
                           const Statement *scheduled)
{
    yyjson_mut_obj_add_val(doc, object, "statement", form != NULL ? form : yyjson_mut_null(doc));
    if (scheduled != NULL)
        yyjson_mut_obj_add_val(doc, object, "scheduled", statement_to_json(scheduled, doc));
}

static yyjson_mut_val *shown_to_json(yyjson_mut_doc *doc, const Statement *latest, const Statement *scheduled)
{
    const Statement *shown = latest != NULL ? latest : scheduled;

    return shown != NULL ? statement_to_json(shown, doc) : NULL;
}

/* A value has one place in a document. */
static void add_copy(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *name, yyjson_mut_val *form,
                     const char *member)
{
    yyjson_mut_obj_add_val(doc, object, name, yyjson_mut_val_mut_copy(doc, yyjson_mut_obj_get(form, member)));
}

GBytes *reply_item(const JobItem *item)
{
    const Statement *latest = item->latest;
    g_autoptr(yyjson_mut_doc) doc = json_new();
    yyjson_mut_val *object = yyjson_mut_obj(doc);
    yyjson_mut_val *form = shown_to_json(doc, latest, item->scheduled);

    yyjson_mut_obj_add_val(doc, object, "id", json_text(doc, item->submission.statement->id));
    yyjson_mut_obj_add_uint(doc, object, "revision", latest != NULL ? latest->revision : 0);
    yyjson_mut_obj_add_str(doc, object, "result", accept_result_name(item->result));
    if (latest != NULL)
        add_copy(doc, object, "change", form, "change");
    else
        yyjson_mut_obj_add_null(doc, object, "change");
    add_state(doc, object, latest, &item->published, item->scheduled);
    add_statements(doc, object, form, item->scheduled);
    return json_write_bytes(object);
}

GBytes *reply_stored(const StoredStatement *stored)
{
    const Statement *scheduled = stored->schedule.submission.statement;
    g_autoptr(yyjson_mut_doc) doc = json_new();
    yyjson_mut_val *object = yyjson_mut_obj(doc);

    add_state(doc, object, stored->latest, &stored->published, scheduled);
    add_statements(doc, object, shown_to_json(doc, stored->latest, scheduled), scheduled);
    return json_write_bytes(object);
}

static yyjson_mut_val *revision_to_json(yyjson_mut_doc *doc, const StoredRevision *revision, bool whole)
{
    const Statement *statement = revision->statement;
    yyjson_mut_val *form = statement_to_json(statement, doc);
    yyjson_mut_val *object = yyjson_mut_obj(doc);

    yyjson_mut_obj_add_uint(doc, object, "revision", statement->revision);
    add_copy(doc, object, "change", form, "change");
    add_copy(doc, object, "note", form, "note");
    add_copy(doc, object, "at", form, "updated_at");
    yyjson_mut_obj_add_val(doc, object, "by", json_text_or_null(doc, revision->submitter));
    add_copy(doc, object, "title", form, "title");
    if (whole)
        yyjson_mut_obj_add_val(doc, object, "statement", form);
    return object;
}

GBytes *reply_revision(const StoredRevision *revision)
{
    g_autoptr(yyjson_mut_doc) doc = json_new();

    return json_write_bytes(revision_to_json(doc, revision, true));
}

GBytes *reply_history(const char *id, const GArray *revisions)
{
    g_autoptr(yyjson_mut_doc) doc = json_new();
    yyjson_mut_val *object = yyjson_mut_obj(doc);
    yyjson_mut_val *list = yyjson_mut_arr(doc);
    uint32_t oldest = 0;

    for (guint i = 0; i < revisions->len; i++) {
        const StoredRevision *revision = &g_array_index(revisions, StoredRevision, i);
        yyjson_mut_arr_append(list, revision_to_json(doc, revision, false));
        oldest = revision->statement->revision;
    }
    yyjson_mut_obj_add_val(doc, object, "id", json_text(doc, id));
    yyjson_mut_obj_add_val(doc, object, "revisions", list);
    yyjson_mut_obj_add_val(doc, object, "next",
                           oldest > 1 ? yyjson_mut_uint(doc, oldest) : yyjson_mut_null(doc));
    return json_write_bytes(object);
}

GBytes *reply_republished(int64_t count)
{
    g_autoptr(yyjson_mut_doc) doc = json_new();
    yyjson_mut_val *object = yyjson_mut_obj(doc);

    yyjson_mut_obj_add_int(doc, object, "statements", count);
    return json_write_bytes(object);
}

/* ---- the answer to one line of many ---- */

/* `id` NULL: it is not known. */
static yyjson_mut_val *line_new(yyjson_mut_doc *doc, uint64_t line, int status, const char *id)
{
    yyjson_mut_val *object = yyjson_mut_obj(doc);

    yyjson_mut_obj_add_uint(doc, object, "line", line);
    yyjson_mut_obj_add_int(doc, object, "status", status);
    if (id != NULL)
        yyjson_mut_obj_add_val(doc, object, "id", json_text(doc, id));
    return object;
}

/* What quotes what was sent. `field` NULL: none is at fault. */
static void add_reason(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *field, const char *detail)
{
    if (field != NULL)
        yyjson_mut_obj_add_val(doc, object, "field", json_text(doc, field));
    yyjson_mut_obj_add_val(doc, object, "detail", json_text(doc, detail));
}

void reply_append_item_line(GString *text, uint64_t line, const JobItem *item)
{
    g_autoptr(yyjson_mut_doc) doc = json_new();
    yyjson_mut_val *object = line_new(doc, line, reply_status(item), item->submission.statement->id);

    if (item->result == RESULT_REFUSED) {
        add_reason(doc, object, item->field, item->refusal->message);
    } else {
        yyjson_mut_obj_add_uint(doc, object, "revision", item->latest != NULL ? item->latest->revision : 0);
        yyjson_mut_obj_add_str(doc, object, "result", accept_result_name(item->result));
        yyjson_mut_obj_add_str(doc, object, "state",
                               state_name(item->latest, item->scheduled, job_item_is_published(item)));
    }
    json_append_line(text, object);
}

void reply_append_refused_line(GString *text, const BodyLine *line)
{
    bool too_long =
        line->field == NULL && g_error_matches(line->error, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE);
    g_autoptr(yyjson_mut_doc) doc = json_new();
    yyjson_mut_val *object = line_new(doc, line->number, too_long ? 413 : 400, NULL);

    add_reason(doc, object, line->field, line->error->message);
    json_append_line(text, object);
}

void reply_append_failed_line(GString *text, uint64_t line, const JobItem *item, const char *detail)
{
    g_autoptr(yyjson_mut_doc) doc = json_new();
    yyjson_mut_val *object = line_new(doc, line, 503, item->submission.statement->id);

    add_reason(doc, object, NULL, detail);
    json_append_line(text, object);
}
