/* SPDX-License-Identifier: Apache-2.0 */
/* A client of ingest's HTTP API. Every wait in it is bounded. One thread. */
#ifndef DAYWIRE_CLI_CLIENT_H
#define DAYWIRE_CLI_CLIENT_H

#include <stdbool.h>
#include <glib.h>

#include "common/json.h"

typedef struct Client Client;

typedef struct {
    const char *server;     /* NULL: http://127.0.0.1:8081 */
    const char *token_file; /* NULL: see client_token_path() */
    unsigned back_off_ms;   /* the first wait before a request is repeated; it doubles. 0: 250 ms */
} ClientOptions;

/* INVALID: the address is none. NOT_FOUND, FAILED: no token, with what to do about it. */
Client *client_new(const ClientOptions *options, GError **error) MUST_CHECK;
void client_free(Client *client); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Client, client_free)

/* Where the token is looked for when none is named: $DAYWIRE_INGEST_TOKEN_FILE, else the file that `daywire
 * standalone` makes, $XDG_DATA_HOME/daywire/token (normally ~/.local/share/daywire/token). g_free it. */
char *client_token_path(void);

typedef struct {
    const char *method;
    const char *path;         /* with its query, escaped: "/v1/statements?wait=published" */
    const char *content_type; /* NULL: no body */
    const char *body;
    size_t size;
    const char *if_match; /* the header; NULL: none */
} ClientRequest;

typedef struct {
    unsigned status;
    GString *body;
    char *etag; /* the header; NULL: none */
} ClientAnswer;

void client_answer_clear(ClientAnswer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ClientAnswer, client_answer_clear)

/* True with any answer of the server but 401, 429 and 503: the last two are tried again some times (the API
 * stores a statement once, however often it is sent). UNAVAILABLE: nobody there, no answer in time, or still
 * 429 or 503. INVALID: the token is not the server's. The error says what to do. */
bool client_send(Client *client, const ClientRequest *request, ClientAnswer *ret_answer, GError **error)
    MUST_CHECK;

/* GETs `path`, which is about the statement `id`, and gives the JSON of its answer of 200; the answer itself,
 * with its ETag, is in *ret_answer. The errors of client_send() and client_answer_json(); NOT_FOUND with what the
 * server says when it is another status. */
yyjson_doc *client_get(Client *client, const char *path, const char *id, ClientAnswer *ret_answer,
                       GError **error) MUST_CHECK;

/* The JSON of the answer, whose root is an object. FAILED when it is none: the server is no daywire-ingest. */
yyjson_doc *client_answer_json(const ClientAnswer *answer, GError **error) MUST_CHECK;

/* The sentence of a refusal: the `detail` of its JSON problem, else the status. g_free it. */
char *client_answer_problem(const ClientAnswer *answer);

#endif
