/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/known_date.h"

#include "common/error.h"
#include "common/formats/feed.h"
#include "common/instant.h"

/* Of the form of a statement that GET answers with, only the two fields. */
static bool read_date(yyjson_val *object, Statement *ret_known)
{
    const char *date = yyjson_get_str(yyjson_obj_get(object, "date"));
    const char *published_at = yyjson_get_str(yyjson_obj_get(object, "published_at"));
    Instant instant = 0;
    int offset_minutes = 0;
    if (!date || (published_at && !instant_parse(published_at, &instant, &offset_minutes)))
        return false;
    message_set_string(&ret_known->date, date);
    message_clear_timestamp(&ret_known->published_at);
    if (published_at)
        ret_known->published_at = instant_to_timestamp(instant);
    ret_known->published_at_offset_minutes = offset_minutes;
    return true;
}

bool known_date_keep(Client *client, Statement *statement, GError **error)
{
    g_autofree char *path = g_strconcat("/v1/statements/", statement->id, NULL); /* needs no escaping */
    ClientRequest request = {.method = "GET", .path = path};
    g_auto(ClientAnswer) answer = {0};
    if (!client_send(client, &request, &answer, error))
        return false;
    if (answer.status == 404)
        return true;
    g_autoptr(yyjson_doc) doc = answer.status == 200 ? client_answer_json(&answer, NULL) : NULL;
    g_autoptr(Statement) known = statement_new();
    if (read_date(yyjson_obj_get(yyjson_doc_get_root(doc), "statement"), known)) {
        feed_keep_date(statement, known);
        return true;
    }
    g_autofree char *problem = client_answer_problem(&answer);
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED,
                "%s has no date of its own, and the server does not tell the one that it has: %s",
                statement->id, problem);
    return false;
}
