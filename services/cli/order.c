/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/order.h"

#include <inttypes.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/submission.h"
#include "common/error.h"
#include "common/statement_rules.h"

void order_clear(Order *order)
{
    g_free(order->server);
    g_free(order->token_file);
    g_free(order->if_match);
    draft_clear(&order->draft);
}

const char *order_only_id(const char *command, char *const *rest)
{
    if (!rest[0] || rest[1]) {
        complain(command, "name one statement by its id; `daywire %s --help` shows how", command);
        return NULL;
    }
    if (!id_is_valid(rest[0], STATEMENT_ID_MAX)) {
        complain(command, "%s: an id is 1 to %d characters of A-Z a-z 0-9 . _ ~ -", rest[0],
                 STATEMENT_ID_MAX);
        return NULL;
    }
    return rest[0];
}

Client *order_connect(const char *command, const Order *order)
{
    ClientOptions options = {.server = order->server, .token_file = order->token_file};
    g_autoptr(GError) error = NULL;
    Client *client = client_new(&options, &error);
    if (!client)
        complain(command, "%s", error->message);
    return client;
}

int order_tell_error(const char *command, const GError *error)
{
    bool refused = g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_CONFLICT) ||
                   g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_NOT_FOUND);
    complain(command, "%s", error->message);
    return refused ? COMMAND_REFUSED : COMMAND_FAILED;
}

char *order_if_match(const Order *order)
{
    if (!order->if_match || strpbrk(order->if_match, "\"*"))
        return g_strdup(order->if_match);
    return g_strdup_printf("\"%s\"", order->if_match);
}

char *order_path(const Order *order, const char *id, const char *below)
{
    return g_strconcat("/v1/statements", *id ? "/" : "", id, below, order->wait ? "?wait=published" : "",
                       NULL);
}

char *order_submission(Statement *statement, GError **error)
{
    const char *field = NULL;
    return statement_validate(statement, &field, error) ? submission_of(statement, NULL) : NULL;
}

/* How far the revision has got: of a withdrawal "published" would say the opposite. */
static const char *state_words(yyjson_val *value)
{
    const char *state = json_member_text(value, "state", "stored");

    return strcmp(state, "published") == 0 ? "on the topic" : "waits for the broker";
}

/* "harbour-1, revision 2: corrected, on the topic": what came of the request, and how far the revision has got. What is
 * scheduled has its instant in place of that, and with what is scheduled or cancelled the published revision stays. */
static void print_answer(yyjson_val *value)
{
    const char *result = json_member_text(value, "result", "done");
    const char *change = json_member_text(value, "change", result);
    const char *at = json_member_text(yyjson_obj_get(value, "scheduled"), "publish_at", NULL);
    bool scheduled = strcmp(result, "scheduled") == 0;
    bool cancelled = strcmp(result, "cancelled") == 0;
    int64_t revision = json_member_integer(value, "revision", 0);
    if (strcmp(result, "updated") == 0) /* in which way */
        result = strcmp(change, "published") == 0 ? "published again" : change;
    output("%s", json_member_text(value, "id", "?"));
    if (revision > 0 && !scheduled && !cancelled)
        output(", revision %" PRId64, revision);
    output(": %s", result);
    if (revision > 0 && !scheduled && !cancelled)
        output(", %s", state_words(value));
    if (at)
        output("%s for %s", scheduled ? "" : ", scheduled", at);
    if (revision > 0 && (scheduled || cancelled))
        output("; %srevision %" PRId64 " stays", scheduled ? "until then " : "", revision);
    output("\n");
}

int order_send(const char *command, Client *client, const ClientRequest *request, const char *stale)
{
    enum { ACCEPTED = 202, PRECONDITION_FAILED = 412 };
    g_auto(ClientAnswer) answer = {0};
    g_autoptr(GError) error = NULL;
    if (!client_send(client, request, &answer, &error))
        return order_tell_error(command, error);
    if (answer.status >= 300) {
        g_autofree char *problem = client_answer_problem(&answer);
        complain(command, "refused: %s", stale && answer.status == PRECONDITION_FAILED ? stale : problem);
        return COMMAND_REFUSED;
    }
    g_autoptr(yyjson_doc) doc = client_answer_json(&answer, &error);
    if (!doc)
        return order_tell_error(command, error);
    yyjson_val *value = yyjson_doc_get_root(doc);
    print_answer(value);
    bool waits = answer.status == ACCEPTED && strcmp(json_member_text(value, "result", ""), "scheduled") != 0;
    if (waits)
        complain(command, "it is stored; the broker has not confirmed it yet, and gets it as soon as it can");
    return output_finish(command, COMMAND_OK);
}
