/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the API share: api.c starts it and lets requests in, write.c, lines.c
 * and read.c handle them. */
#ifndef DAYWIRE_INGEST_API_ROUTES_H
#define DAYWIRE_INGEST_API_ROUTES_H

#include "common/http/server.h"
#include "ingest/api/api.h"
#include "ingest/api/gate.h"

struct Api {
    Engine *engine;
    FeedPoller *poller;
    Gate *gate;
    StoreReader *reader;
    bool reader_well; /* as far as we know; the server's thread */
    HttpServer *server;
    int64_t wait_us;
    size_t max_line; /* bytes */
};

/* Handlers; `user` is the Api. */
void api_post_statements(HttpRequest *request, void *user);
void api_put_statement(HttpRequest *request, void *user);
void api_delete_statement(HttpRequest *request, void *user);
void api_cancel_schedule(HttpRequest *request, void *user);
void api_republish(HttpRequest *request, void *user);
void api_get_statement(HttpRequest *request, void *user);
void api_get_history(HttpRequest *request, void *user);
void api_get_revision(HttpRequest *request, void *user);
/* What is taken in pieces: JSON lines. */
extern const HttpStreamRoute api_streams[];

void api_get_feeds(HttpRequest *request, void *user);
void api_poll_feed(HttpRequest *request, void *user);

/* False when the request has been refused for its query: each of `allowed` (NULL-terminated) at most once. */
bool api_check_query(HttpRequest *request, const char *const *allowed);
/* False when the request has been refused for a precondition that says nothing, or for one that it does not take. */
bool api_check_preconditions(HttpRequest *request, bool taken);

/* The name of the token that let the request in, for the history of revisions; never NULL. Valid until the request
 * is answered; any thread. */
const char *api_token_name(HttpRequest *request);

#endif
