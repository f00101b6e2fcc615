/* SPDX-License-Identifier: Apache-2.0 */
/* What the gateway answers over HTTP: the API (api.c), the pages and web files (pages.c), and the feeds
 * (syndication_http.c). Every answer says how it may be cached; what comes from the view has an ETag made of the state
 * that it was read at. The worker's thread. */
#ifndef DAYWIRE_GATEWAY_API_H
#define DAYWIRE_GATEWAY_API_H

#include "common/http/exchange.h"
#include "gateway/gateway.h"
#include "gateway/view.h"

/* The routes' `user`. */
typedef struct {
    const Gateway *gateway;
    ViewReader *reader; /* borrowed */
    GBytes *site;       /* the answer of /v1/site */
    char *site_etag;
    char *salt; /* tells ETags of another version or configuration apart */
} Api;

void api_init(Api *api, const Gateway *gateway, ViewReader *reader);
void api_release(Api *api);

extern const HttpRoute api_routes[];

/* For pages.c and syndication_http.c. */

/* Whether the view may be read. False: answered. */
bool api_is_ready(const Api *api, HttpRequest *request);
/* Takes over `error`: of the query, or of the view, which the consumer is told. */
void api_answer_error(const Api *api, HttpRequest *request, GError *error);
/* Refuses parameters that are not in `allowed` (NULL-terminated), and repeated ones. False: answered. */
bool api_check_query(HttpRequest *request, const char *const *allowed);
/* Answers from the state of the view at `cursor`; "": nothing has been read from the bus yet. False with an error: it has
 * not answered. */
typedef bool ApiAnswer(const Api *api, HttpRequest *request, const char *cursor, const void *asked,
                       GError **error);
/* Calls `answer` with `asked`, between begin and end of a reading; what fails is answered as by api_answer_error(). */
void api_read(const Api *api, HttpRequest *request, ApiAnswer *answer, const void *asked);
/* An ETag of what was read at `cursor`. g_free it. */
char *api_etag(const Api *api, const char *cursor, const char *variant);

void pages_get_home(HttpRequest *request, void *user);
void pages_get_archive(HttpRequest *request, void *user);
void pages_get_statement(HttpRequest *request, void *user);
void pages_get_asset(HttpRequest *request, void *user);

void syndication_get_atom(HttpRequest *request, void *user);
void syndication_get_json(HttpRequest *request, void *user);

#endif
