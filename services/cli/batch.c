/* SPDX-License-Identifier: Apache-2.0 */
/* The server answers each request with one line a statement. A statement that it has no room for (429, 503)
 * stays in the batch and is sent again after a wait; all others are done. Sending twice does no harm, since a
 * statement is known by its id or by its content. */
#include "cli/batch.h"

#include "common/error.h"
#include "common/statement_json.h"

typedef struct {
    unsigned line;
    char *text; /* JSON, with its line end */
    bool done;
} Item;

struct Batch {
    Client *client;
    BatchRefused refused;
    void *user;
    GArray *items; /* of Item */
    size_t bytes;
    BatchTally tally;
};

static void item_clear(void *data)
{
    Item *item = data;
    g_free(item->text);
}

Batch *batch_new(Client *client, BatchRefused refused, void *user)
{
    Batch *batch = g_new0(Batch, 1);
    batch->client = client;
    batch->refused = refused;
    batch->user = user;
    batch->items = g_array_new(FALSE, FALSE, sizeof(Item));
    g_array_set_clear_func(batch->items, item_clear);
    return batch;
}

void batch_free(Batch *batch)
{
    if (!batch)
        return;
    g_array_unref(batch->items);
    g_free(batch);
}

BatchTally batch_tally(const Batch *batch)
{
    return batch->tally;
}

static char *submission_line(const Statement *statement)
{
    json_t *object = statement_to_json(statement);
    json_object_del(object, "revision"); /* Daywire's own */
    json_object_del(object, "updated_at");
    g_autofree char *text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    return g_strconcat(text, "\n", NULL);
}

bool batch_add(Batch *batch, unsigned line, const Statement *statement, GError **error)
{
    Item item = {.line = line, .text = submission_line(statement)};
    size_t size = strlen(item.text);
    bool full = batch->items->len == BATCH_LINES_MAX || batch->bytes + size > BATCH_BYTES_MAX;
    if (full && !batch_flush(batch, error)) {
        g_free(item.text);
        return false;
    }
    g_array_append_val(batch->items, item);
    batch->bytes += size;
    return true;
}

/* What one line of the answer says of one item. */
static bool take_result(Batch *batch, Item *item, const json_t *result)
{
    json_int_t status = json_integer_value(json_object_get(result, "status"));
    const char *detail = json_string_value(json_object_get(result, "detail"));
    const char *outcome = json_string_value(json_object_get(result, "result"));
    if (status == 429 || status == 503)
        return true;
    if (status == 201 || status == 202) {
        batch->tally.created++;
    } else if (status == 200) {
        bool unchanged = !outcome || strcmp(outcome, "unchanged") == 0;
        batch->tally.unchanged += unchanged ? 1 : 0;
        batch->tally.updated += unchanged ? 0 : 1;
    } else if (status >= 400 && status < 600) {
        batch->tally.refused++;
        batch->refused(item->line, detail ? detail : "refused without a reason", batch->user);
    } else {
        return false;
    }
    item->done = true;
    return true;
}

/* `sent` are the items of the request, in their order. */
static bool take_answer(Batch *batch, const GPtrArray *sent, const ClientAnswer *answer, GError **error)
{
    g_auto(GStrv) lines = g_strsplit(answer->body->str, "\n", -1);
    guint taken = 0;
    bool good = true;
    for (char **line = lines; *line && good; line++) {
        if (!**line)
            continue;
        json_t *result = json_loads(*line, 0, NULL);
        json_int_t number = json_integer_value(json_object_get(result, "line"));
        good = taken < sent->len && number == (json_int_t)taken + 1 &&
               take_result(batch, sent->pdata[taken], result);
        taken += good ? 1 : 0;
        json_decref(result);
    }
    if (taken == sent->len && good)
        return true;
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED,
                "the server answered for %u of %u statements: is --server the address of daywire-ingest?",
                taken, sent->len);
    return false;
}

/* Sends what is not done yet, once. */
static bool send_rest(Batch *batch, size_t *ret_left, GError **error)
{
    g_autoptr(GPtrArray) sent = g_ptr_array_new();
    g_autoptr(GString) body = g_string_new(NULL);
    for (guint i = 0; i < batch->items->len; i++) {
        Item *item = &g_array_index(batch->items, Item, i);
        if (item->done)
            continue;
        g_string_append(body, item->text);
        g_ptr_array_add(sent, item);
    }
    ClientRequest request = {.method = "POST",
                             .path = "/v1/statements",
                             .content_type = "application/x-ndjson",
                             .body = body->str,
                             .size = body->len};
    g_auto(ClientAnswer) answer = {0};
    if (!client_send(batch->client, &request, &answer, error))
        return false;
    if (answer.status >= 300) {
        g_autofree char *problem = client_answer_problem(&answer);
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "the server refused the request: %s",
                    problem);
        return false;
    }
    if (!take_answer(batch, sent, &answer, error))
        return false;
    *ret_left = 0;
    for (guint i = 0; i < sent->len; i++)
        *ret_left += ((const Item *)sent->pdata[i])->done ? 0 : 1;
    return true;
}

bool batch_flush(Batch *batch, GError **error)
{
    size_t left = batch->items->len;
    for (unsigned attempt = 0; left > 0; attempt++) {
        if (!send_rest(batch, &left, error))
            return false;
        if (left > 0 && !client_back_off(batch->client, attempt)) {
            g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE,
                        "the server has no room for %zu of %u statements now; import the file again later",
                        left, batch->items->len);
            return false;
        }
    }
    g_array_set_size(batch->items, 0);
    batch->bytes = 0;
    return true;
}
