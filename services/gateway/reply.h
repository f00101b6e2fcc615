/* SPDX-License-Identifier: Apache-2.0 */
/* Answers with what caches and browsers want to know. Any thread. */
#ifndef DAYWIRE_GATEWAY_REPLY_H
#define DAYWIRE_GATEWAY_REPLY_H

#include "common/http/exchange.h"
#include "gateway/origins.h"

typedef struct {
    int status;
    const char *type;
    const char *cache;      /* Cache-Control; NULL: "no-cache", may be kept but must be asked for each time */
    const char *etag;       /* with its quotes; NULL: none */
    const char *encoding;   /* Content-Encoding; NULL: none */
    bool by_encoding;       /* depends on Accept-Encoding */
    const Origins *origins; /* whose scripts may read it; NULL: only those of the same origin */
    bool page;              /* a document: gets the content security policy */
    const char *filename;   /* what a browser saves it as, 7 bit without quotes; NULL: none */
    const char *refresh;    /* seconds after which a browser tries again; NULL: never */
} Reply;

/* Answers 304 instead when the client has it already (status 200 only). `body` is referenced. */
void reply_send(HttpRequest *request, const Reply *reply, GBytes *body);

/* If the client has it already, answers 304 and returns true: there is no need to make the body. */
bool reply_unchanged(HttpRequest *request, const Reply *reply);

/* Whether the value of If-None-Match (may be NULL) names the ETag. Pure. */
bool reply_etag_matches(const char *if_none_match, const char *etag);

/* Whether the value of Accept-Encoding (may be NULL) takes gzip. Pure. */
bool reply_takes_gzip(const char *accept_encoding);

#endif
