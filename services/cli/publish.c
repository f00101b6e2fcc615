/* SPDX-License-Identifier: Apache-2.0 */
/* publish, correct and withdraw: one statement each, through ingest's API. The rules are checked here first,
 * so that a mistake is told without a server. */
#include "cli/commands.h"

#include "cli/arguments.h"
#include "cli/client.h"
#include "cli/draft.h"
#include "cli/output.h"
#include "common/error.h"
#include "common/statement_json.h"
#include "common/statement_rules.h"

typedef struct {
    char *server;
    char *token_file;
    gboolean wait;
    Draft draft;
} Order;

static void order_clear(Order *order)
{
    g_free(order->server);
    g_free(order->token_file);
    draft_clear(&order->draft);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Order, order_clear)

/* clang-format off */
#define SERVER_ENTRIES(order_) \
    {"server", 0, 0, G_OPTION_ARG_FILENAME, &(order_).server, "daywire-ingest (default http://127.0.0.1:8081)", "URL"}, \
    {"token-file", 0, 0, G_OPTION_ARG_FILENAME, &(order_).token_file, "file with the API's token (default: see below)", "FILE"}, \
    {"wait", 0, 0, G_OPTION_ARG_NONE, &(order_).wait, "return only when the broker has confirmed it", NULL}
/* clang-format on */

#define TOKEN_HELP                                                                                           \
    "The token is read from $DAYWIRE_INGEST_TOKEN_FILE, else from $XDG_DATA_HOME/daywire/token (normally\n"  \
    "~/.local/share/daywire/token), which `daywire standalone` makes.\n"                                     \
    "Exit status: 0 done; 1 refused; 2 wrong usage, or no server.\n"

/* Tells the error and gives its exit status. */
static int give_up(const char *command, const GError *error)
{
    complain(command, "%s", error->message);
    return COMMAND_FAILED;
}

static int refuse(const char *command, const GError *error)
{
    complain(command, "%s", error->message);
    return COMMAND_REFUSED;
}

/* What the server says of a statement, unlike what keeps us from asking it. */
static bool is_refusal(const GError *error)
{
    return g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_NOT_FOUND) ||
           g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_CONFLICT);
}

static Client *connect_client(const Order *order, GError **error)
{
    ClientOptions options = {.server = order->server, .token_file = order->token_file};
    return client_new(&options, error);
}

/* The statement as it is submitted, or NULL when it breaks a rule. */
static char *submission(Statement *statement, GError **error)
{
    const char *field = NULL;
    if (!statement_validate(statement, &field, error))
        return NULL;
    json_t *object = statement_to_json(statement);
    json_object_del(object, "revision"); /* Daywire's own */
    json_object_del(object, "updated_at");
    char *text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    return text;
}

/* "harbour-1, revision 2: corrected, published": what came of the request, and how far the revision has got.
 */
static void print_answer(const json_t *value)
{
    const char *id = json_string_value(json_object_get(value, "id"));
    const char *result = json_string_value(json_object_get(value, "result"));
    const char *state = json_string_value(json_object_get(value, "state"));
    if (result && strcmp(result, "updated") == 0) /* in which way */
        result = json_string_value(json_object_get(value, "change"));
    output("%s, revision %lld: %s, %s\n", id ? id : "?",
           (long long)json_integer_value(json_object_get(value, "revision")), result ? result : "done",
           state ? state : "stored");
}

/* Sends and prints what came of it. */
static int send_and_tell(const char *command, Client *client, const ClientRequest *request)
{
    g_auto(ClientAnswer) answer = {0};
    g_autoptr(GError) error = NULL;
    if (!client_send(client, request, &answer, &error))
        return give_up(command, error);
    if (answer.status >= 300) {
        g_autofree char *problem = client_answer_problem(&answer);
        complain(command, "refused: %s", problem);
        return COMMAND_REFUSED;
    }
    json_t *value = client_answer_json(&answer, &error);
    if (!value)
        return give_up(command, error);
    print_answer(value);
    json_decref(value);
    if (answer.status == 202)
        complain(command, "it is stored; the broker has not confirmed it yet, and gets it as soon as it can");
    return output_finish(command, COMMAND_OK);
}

static char *statement_path(const char *id, bool wait)
{
    return g_strconcat("/v1/statements", *id ? "/" : "", id, wait ? "?wait=published" : "", NULL);
}

static int submit(const char *command, const Order *order, Client *client, const char *method, const char *id,
                  const char *body)
{
    g_autofree char *path = statement_path(id, order->wait);
    ClientRequest request = {.method = method,
                             .path = path,
                             .content_type = "application/json",
                             .body = body,
                             .size = strlen(body)};
    return send_and_tell(command, client, &request);
}

int command_publish(int argc, char **argv)
{
    g_auto(Order) order = {0};
    const GOptionEntry own[] = {
        SERVER_ENTRIES(order),
        {"id", 0, 0, G_OPTION_ARG_FILENAME, &order.draft.id, "its id for ever (default: Daywire gives one)",
         "ID"},
    };
    g_autofree GOptionEntry *entries = draft_entries(&order.draft, own, G_N_ELEMENTS(own));
    const Arguments arguments = {
        .usage = "--title TEXT --date YYYY-MM-DD",
        .summary = "Publishes one statement. A known --id with other content makes a new revision of it.",
        .description =
            "Example: daywire publish --title \"The harbour opens\" --date 2021-07-23 --body-file text.txt\n"
            "Needed are --title and one of --date and --published-at.\n" TOKEN_HELP,
        .entries = entries,
    };
    g_auto(GStrv) rest = NULL;
    int status = COMMAND_FAILED;
    if (!arguments_parse(&arguments, argc, argv, &rest, &status))
        return status;
    if (rest[0]) {
        complain(argv[0], "%s: texts are given by options, for instance --title", rest[0]);
        return COMMAND_FAILED;
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(Statement) statement = statement_new();
    if (!draft_apply(&order.draft, statement, &error))
        return give_up(argv[0], error);
    g_autofree char *body = submission(statement, &error);
    if (!body)
        return refuse(argv[0], error);
    g_autoptr(Client) client = connect_client(&order, &error);
    if (!client)
        return give_up(argv[0], error);
    return submit(argv[0], &order, client, "POST", "", body);
}

/* The one id on the command line. */
static const char *only_id(const char *command, char *const *rest)
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

/* The statement as the server has it. */
static Statement *fetch(Client *client, const char *id, GError **error)
{
    g_autofree char *path = statement_path(id, false);
    ClientRequest request = {.method = "GET", .path = path};
    g_auto(ClientAnswer) answer = {0};
    if (!client_send(client, &request, &answer, error))
        return NULL;
    if (answer.status != 200) {
        g_autofree char *problem = client_answer_problem(&answer);
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_NOT_FOUND, "%s: %s", id, problem);
        return NULL;
    }
    json_t *value = client_answer_json(&answer, error);
    if (!value)
        return NULL;
    g_autofree char *field = NULL;
    const json_t *object = json_object_get(value, "statement");
    const char *status = json_string_value(json_object_get(object, "status"));
    Statement *statement = NULL;
    if (status && strcmp(status, "withdrawn") == 0)
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_CONFLICT,
                    "%s is withdrawn and has no text to correct; `daywire publish --id %s` publishes it anew",
                    id, id);
    else
        statement = statement_from_json(object, &field, error);
    json_decref(value);
    return statement;
}

int command_correct(int argc, char **argv)
{
    g_auto(Order) order = {0};
    const GOptionEntry own[] = {
        SERVER_ENTRIES(order),
        {"note", 0, 0, G_OPTION_ARG_FILENAME, &order.draft.note,
         "needed: the public sentence of what was wrong and what is right", "TEXT"},
    };
    g_autofree GOptionEntry *entries = draft_entries(&order.draft, own, G_N_ELEMENTS(own));
    const Arguments arguments = {
        .usage = "ID --note TEXT",
        .summary = "Corrects a statement: what is given replaces what it has, the rest stays. An empty text "
                   "clears a field.",
        .description = "Example: daywire correct harbour-1 --note \"It opens at nine, not at ten.\" "
                       "--summary \"Open from "
                       "nine.\"\n" TOKEN_HELP,
        .entries = entries,
    };
    g_auto(GStrv) rest = NULL;
    const char *id = NULL;
    int status = COMMAND_FAILED;
    if (!arguments_parse(&arguments, argc, argv, &rest, &status) || !(id = only_id(argv[0], rest)))
        return status;
    if (!order.draft.note || draft_is_empty(&order.draft)) {
        complain(argv[0], "%s",
                 !order.draft.note
                     ? "--note is needed: what was wrong and what is right"
                     : "nothing is corrected: give the fields that change, for instance --title");
        return COMMAND_FAILED;
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(Client) client = connect_client(&order, &error);
    if (!client)
        return give_up(argv[0], error);
    g_autoptr(Statement) statement = fetch(client, id, &error);
    if (!statement)
        return is_refusal(error) ? refuse(argv[0], error) : give_up(argv[0], error);
    if (!draft_apply(&order.draft, statement, &error))
        return give_up(argv[0], error);
    statement->change = STATEMENT_CHANGE_CORRECTED;
    g_autofree char *body = submission(statement, &error);
    return body ? submit(argv[0], &order, client, "PUT", id, body) : refuse(argv[0], error);
}

int command_withdraw(int argc, char **argv)
{
    g_auto(Order) order = {0};
    const GOptionEntry entries[] = {
        SERVER_ENTRIES(order),
        {"note", 0, 0, G_OPTION_ARG_FILENAME, &order.draft.note,
         "needed: the reason, shown in place of the text", "TEXT"},
        {0},
    };
    const Arguments arguments = {
        .usage = "ID --note TEXT",
        .summary = "Withdraws a statement: its text disappears everywhere, the reason is shown in its place.",
        .description = "Example: daywire withdraw harbour-1 --note \"Given out by mistake.\"\n" TOKEN_HELP,
        .entries = entries,
    };
    g_auto(GStrv) rest = NULL;
    const char *id = NULL;
    int status = COMMAND_FAILED;
    if (!arguments_parse(&arguments, argc, argv, &rest, &status) || !(id = only_id(argv[0], rest)))
        return status;
    if (!order.draft.note || !*order.draft.note) {
        complain(argv[0], "--note is needed: the reason, shown in place of the text");
        return COMMAND_FAILED;
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(Client) client = connect_client(&order, &error);
    if (!client)
        return give_up(argv[0], error);
    json_t *reason = json_pack("{s:s}", "note", order.draft.note);
    if (!reason) {
        complain(argv[0], "--note is not valid UTF-8");
        return COMMAND_FAILED;
    }
    char *body = json_dumps(reason, JSON_COMPACT);
    json_decref(reason);
    g_autofree char *path = g_strconcat("/v1/statements/", id, order.wait ? "?wait=published" : "", NULL);
    ClientRequest request = {.method = "DELETE",
                             .path = path,
                             .content_type = "application/json",
                             .body = body,
                             .size = strlen(body)};
    status = send_and_tell(argv[0], client, &request);
    free(body);
    return status;
}
