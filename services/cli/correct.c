/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the statement, changes what is given, and sends it whole: under the condition that nobody else has changed it
 * in between, whose change would be undone. */
#include "cli/commands.h"

#include "cli/arguments.h"
#include "cli/order.h"
#include "cli/output.h"
#include "common/error.h"
#include "common/statement_json.h"

typedef struct {
    Statement *statement; /* owned */
    char *etag;           /* owned; NULL: a server that gives none */
    char *scheduled_for;  /* owned; NULL: nothing is scheduled */
} Fetched;

static void fetched_clear(Fetched *fetched)
{
    statement_free(fetched->statement);
    g_free(fetched->etag);
    g_free(fetched->scheduled_for);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Fetched, fetched_clear)

/* NULL: there is nothing to correct. */
static Statement *read_answer(yyjson_val *value, const char *id, GError **error)
{
    g_autofree char *field = NULL;
    yyjson_val *object = yyjson_obj_get(value, "statement");
    const char *status = yyjson_get_str(yyjson_obj_get(object, "status"));
    const char *state = yyjson_get_str(yyjson_obj_get(value, "state"));
    if (state && strcmp(state, "scheduled") == 0)
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_CONFLICT,
                    "%s is not published yet, so that there is nothing to correct; `daywire publish --id %s "
                    "--publish-at TIME` replaces what is scheduled",
                    id, id);
    else if (status && strcmp(status, "withdrawn") == 0)
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_CONFLICT,
                    "%s is withdrawn and has no text to correct; `daywire publish --id %s` publishes it anew",
                    id, id);
    else
        return statement_from_json(object, &field, error);
    return NULL;
}

/* The statement as the server has it. */
static bool fetch(Client *client, const char *id, Fetched *ret_fetched, GError **error)
{
    g_autofree char *path = g_strconcat("/v1/statements/", id, NULL);
    g_auto(ClientAnswer) answer = {0};
    g_autoptr(yyjson_doc) doc = client_get(client, path, id, &answer, error);
    if (!doc)
        return false;
    yyjson_val *value = yyjson_doc_get_root(doc);
    Statement *statement = read_answer(value, id, error);
    if (!statement)
        return false;
    yyjson_val *scheduled = yyjson_obj_get(value, "scheduled");
    *ret_fetched =
        (Fetched){.statement = statement,
                  .etag = g_steal_pointer(&answer.etag),
                  .scheduled_for = g_strdup(yyjson_get_str(yyjson_obj_get(scheduled, "publish_at")))};
    return true;
}

static int correct(const char *command, const Order *order, const char *id)
{
    g_autoptr(Client) client = order_connect(command, order);
    g_autoptr(GError) error = NULL;
    g_auto(Fetched) fetched = {0};
    if (!client)
        return COMMAND_FAILED;
    if (!fetch(client, id, &fetched, &error))
        return order_tell_error(command, error);
    if (!draft_apply(&order->draft, fetched.statement, &error))
        return order_tell_error(command, error);
    fetched.statement->change = STATEMENT_CHANGE_CORRECTED;
    g_autofree char *body = order_submission(fetched.statement, &error);
    if (!body) {
        complain(command, "%s", error->message);
        return COMMAND_REFUSED;
    }
    g_autofree char *path = order_path(order, id, "");
    g_autofree char *stale = g_strdup_printf(
        "%s was changed by somebody else since it was read just now, and nothing was sent over "
        "that; see `daywire history %s`, and correct it again",
        id, id);
    g_autofree char *if_match = order_if_match(order);
    ClientRequest request = {.method = "PUT",
                             .path = path,
                             .content_type = "application/json",
                             .body = body,
                             .size = strlen(body),
                             .if_match = if_match ? if_match : fetched.etag};
    int status = order_send(command, client, &request, if_match ? NULL : stale);
    if (status == COMMAND_OK && fetched.scheduled_for)
        complain(command, "what was scheduled for %s is replaced by this", fetched.scheduled_for);
    return status;
}

int command_correct(int argc, char **argv)
{
    g_auto(Order) order = {0};
    const GOptionEntry own[] = {
        ORDER_ENTRIES(order),
        {"note", 0, 0, G_OPTION_ARG_FILENAME, &order.draft.note,
         "needed: the public sentence of what was wrong and what is right", "TEXT"},
    };
    g_autofree GOptionEntry *entries = draft_entries(&order.draft, own, G_N_ELEMENTS(own));
    const Arguments arguments = {
        .usage = "ID --note TEXT",
        .summary = "Corrects a statement: what is given replaces what it has, the rest stays. An empty text "
                   "clears a field.\nWith --publish-at the correction comes at that instant.",
        .description = "Example: daywire correct harbour-1 --note \"It opens at nine, not at ten.\" "
                       "--summary \"Open from "
                       "nine.\"\n" ORDER_HELP,
        .entries = entries,
    };
    g_auto(GStrv) rest = NULL;
    const char *id = NULL;
    int status = COMMAND_FAILED;
    if (!arguments_parse(&arguments, argc, argv, &rest, &status) || !(id = order_only_id(argv[0], rest)))
        return status;
    if (!order.draft.note || draft_is_empty(&order.draft)) {
        complain(argv[0], "%s",
                 !order.draft.note
                     ? "--note is needed: what was wrong and what is right"
                     : "nothing is corrected: give the fields that change, for instance --title");
        return COMMAND_FAILED;
    }
    return correct(argv[0], &order, id);
}
