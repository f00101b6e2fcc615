/* SPDX-License-Identifier: Apache-2.0 */
/* republish: asks ingest to publish everything again, for a topic that was lost or made anew. */
#include "cli/commands.h"

#include "cli/arguments.h"
#include "cli/client.h"
#include "cli/output.h"
#include "common/error.h"

/* False with FAILED when the answer is not what ingest says. */
static bool read_count(const ClientAnswer *answer, int64_t *ret_statements, GError **error)
{
    g_autoptr(yyjson_doc) doc = client_answer_json(answer, error);
    if (!doc)
        return false;
    if (json_get_integer(yyjson_obj_get(yyjson_doc_get_root(doc), "statements"), ret_statements))
        return true;
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED,
                "the answer does not tell how many statements: is --server the address of daywire-ingest?");
    return false;
}

static int ask(const char *command, Client *client)
{
    const ClientRequest request = {
        .method = "POST", .path = "/v1/republish", .content_type = "application/json", .body = ""};
    g_auto(ClientAnswer) answer = {0};
    g_autoptr(GError) error = NULL;
    int64_t statements = 0;
    if (!client_send(client, &request, &answer, &error)) {
        complain(command, "%s", error->message);
        return COMMAND_FAILED;
    }
    if (answer.status >= 300) {
        g_autofree char *problem = client_answer_problem(&answer);
        complain(command, "refused: %s", problem);
        return COMMAND_REFUSED;
    }
    if (!read_count(&answer, &statements, &error)) {
        complain(command, "%s", error->message);
        return COMMAND_FAILED;
    }
    output("%" G_GINT64_FORMAT " %s published again\n", statements,
           statements == 1 ? "statement is" : "statements are");
    return output_finish(command, COMMAND_OK);
}

int command_republish(int argc, char **argv)
{
    g_autofree char *server = NULL;
    g_autofree char *token_file = NULL;
    const GOptionEntry entries[] = {
        {"server", 0, 0, G_OPTION_ARG_FILENAME, &server, "daywire-ingest (default http://127.0.0.1:8081)",
         "URL"},
        {"token-file", 0, 0, G_OPTION_ARG_FILENAME, &token_file,
         "file with the API's token (default: see below)", "FILE"},
        {0},
    };
    const Arguments arguments = {
        .usage = "",
        .summary =
            "Publishes the latest revision of every statement again, from the database to the topic, with "
            "the same\n"
            "identifiers: a topic that was lost is filled, and a consumer that has seen a revision drops it.",
        .description =
            "It returns when all are queued for the broker; what is left is daywire_ingest_outbox_depth in\n"
            "/metrics.\n"
            "The token is read from $DAYWIRE_INGEST_TOKEN_FILE, else from $XDG_DATA_HOME/daywire/token "
            "(normally\n"
            "~/.local/share/daywire/token), which `daywire standalone` makes.\n"
            "Exit status: 0 done; 1 refused; 2 wrong usage, or no server.\n",
        .entries = entries,
    };
    int status = COMMAND_FAILED;
    if (!arguments_parse(&arguments, argc, argv, NULL, &status))
        return status;
    g_autoptr(GError) error = NULL;
    ClientOptions options = {.server = server, .token_file = token_file};
    g_autoptr(Client) client = client_new(&options, &error);
    if (!client) {
        complain(argv[0], "%s", error->message);
        return COMMAND_FAILED;
    }
    return ask(argv[0], client);
}
