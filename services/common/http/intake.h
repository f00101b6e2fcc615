/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a request over from libwebsockets' table of headers and judges whether it is well-formed. What
 * libwebsockets lets through and must not reach a handler (DESIGN 6a) is found here. */
#ifndef DAYWIRE_COMMON_HTTP_INTAKE_H
#define DAYWIRE_COMMON_HTTP_INTAKE_H

#include <libwebsockets.h>

#include "common/http/request.h"

typedef struct {
    HttpRequest *request; /* never NULL, but without all its parts when refused */
    int refusal;          /* status to answer; 0: well-formed */
    const char *reason;   /* when refused: static */
    bool body_follows;    /* libwebsockets is going to hand over a body, whether or not it is wanted */
    bool keep_alive;
    bool expects_continue;
    bool http_1_1; /* else 1.0 */
    bool chunked;  /* the body is in chunked transfer coding, and its size is not known */
    uint64_t body_size;
} HttpIntake;

/* For LWS_CALLBACK_HTTP. */
void http_intake(struct lws *wsi, HttpMailbox *mailbox, HttpIntake *ret_intake);

#endif
