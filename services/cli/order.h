/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands share that say something of one statement to ingest: their options, sending, and telling what came
 * of it. The rules are checked here first, so that a mistake is told without a server. */
#ifndef DAYWIRE_CLI_ORDER_H
#define DAYWIRE_CLI_ORDER_H

#include "cli/client.h"
#include "cli/draft.h"

typedef struct {
    char *server;
    char *token_file;
    gboolean wait;
    char *if_match;
    Draft draft;
} Order;

void order_clear(Order *order);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Order, order_clear)

/* clang-format off */
#define ORDER_SERVER_ENTRIES(order_) \
    {"server", 0, 0, G_OPTION_ARG_FILENAME, &(order_).server, "daywire-ingest (default http://127.0.0.1:8081)", "URL"}, \
    {"token-file", 0, 0, G_OPTION_ARG_FILENAME, &(order_).token_file, "file with the API's token (default: see below)", "FILE"}
#define ORDER_ENTRIES(order_) \
    ORDER_SERVER_ENTRIES(order_), \
    {"wait", 0, 0, G_OPTION_ARG_NONE, &(order_).wait, "return only when the broker has confirmed it", NULL}, \
    {"if-match", 0, 0, G_OPTION_ARG_FILENAME, &(order_).if_match, "only if its ETag is still this one, for instance 3 for revision 3", "ETAG"}
/* clang-format on */

#define ORDER_HELP                                                                                           \
    "The token is read from $DAYWIRE_INGEST_TOKEN_FILE, else from $XDG_DATA_HOME/daywire/token (normally\n"  \
    "~/.local/share/daywire/token), which `daywire standalone` makes.\n"                                     \
    "Exit status: 0 done; 1 refused; 2 wrong usage, or no server.\n"

/* The one id on the command line; NULL: there is none, which has been told. */
const char *order_only_id(const char *command, char *const *rest);

/* NULL: there is no client to be had, which has been told. */
Client *order_connect(const char *command, const Order *order);

/* Tells what came of a request, and gives the exit status: NOT_FOUND and CONFLICT are refusals, all else keeps us from
 * asking. */
int order_tell_error(const char *command, const GError *error);

/* The header of --if-match: the tag may be given without its quotation marks, which shells take away. NULL: none. */
char *order_if_match(const Order *order);

/* "/v1/statements/ID" or, with an empty id, "/v1/statements"; then `below`. With --wait it has its parameter. */
char *order_path(const Order *order, const char *id, const char *below);

/* The statement as it is submitted; NULL when it breaks a rule. g_free it. */
char *order_submission(Statement *statement, GError **error) MUST_CHECK;

/* Sends, and prints what came of it. `stale` is said in place of the server's words when the statement is not any more
 * what `if_match` says (412); NULL: the server's. The exit status. */
int order_send(const char *command, Client *client, const ClientRequest *request, const char *stale);

#endif
