/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of HttpRequest, for the files of this folder. Filled in by the context's thread before a handler
 * sees it and not changed afterwards, except for `answer` (whoever answers, once) and `exchange` (the
 * context's thread). */
#ifndef DAYWIRE_COMMON_HTTP_REQUEST_H
#define DAYWIRE_COMMON_HTTP_REQUEST_H

#include <stdatomic.h>

#include "common/http/answer.h"
#include "common/http/exchange.h"
#include "common/http/mailbox.h"
#include "common/http/router.h"

typedef enum {
    HTTP_HEADER_AUTHORIZATION,
    HTTP_HEADER_CONTENT_TYPE,
    HTTP_HEADER_IF_MATCH,
    HTTP_HEADER_IF_NONE_MATCH,
    HTTP_HEADER_ACCEPT,
    HTTP_HEADER_ACCEPT_ENCODING,
    HTTP_HEADER_HOST,
    HTTP_HEADER_ORIGIN,
    HTTP_HEADER_COOKIE,
    HTTP_HEADER_X_FORWARDED_FOR,
    HTTP_HEADER_COUNT,
} HttpHeader;

extern const char *const http_header_names[HTTP_HEADER_COUNT];

typedef struct {
    char *name;
    char *value;
} HttpParameter;

struct HttpRequest {
    atomic_uint references; /* one of the connection, one of the handler */
    HttpMailbox *mailbox;
    struct HttpExchange *exchange; /* NULL once the connection is gone or needs no answer any more */
    HttpAnswer *answer;
    const char *method;
    char *path;
    char *peer;
    char *headers[HTTP_HEADER_COUNT];
    GArray *query; /* of HttpParameter */
    HttpMatch match;
    GBytes *body;
    size_t reserved; /* of the mailbox, for the body */
    void *attached;
    void (*release)(void *attached); /* NULL: nothing is attached */
};

/* With one reference. `method` is static. */
HttpRequest *http_request_new(HttpMailbox *mailbox, const char *method);
HttpRequest *http_request_ref(HttpRequest *request);
void http_request_unref(HttpRequest *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HttpRequest, http_request_unref)

/* The connection's reference is to be the last one for a while, after the answer: what is attached need not wait
 * for it. The context's thread. */
void http_request_release_early(HttpRequest *request);

/* Of the form "name=value" or "name", decoded. False when it is not text. */
bool http_request_add_parameter(HttpRequest *request, const char *parameter);

/* Valid UTF-8 without control characters. */
bool http_text_is_clean(const char *text);

#endif
