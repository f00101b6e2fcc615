/* SPDX-License-Identifier: Apache-2.0 */
/* One answer on its way into a socket. Knows no libwebsockets. */
#ifndef DAYWIRE_COMMON_HTTP_TRANSFER_H
#define DAYWIRE_COMMON_HTTP_TRANSFER_H

#include "common/http/answer.h"

typedef struct {
    GString *head;
    GBytes *body;
    size_t sent; /* of both together */
} HttpTransfer;

typedef enum {
    TRANSFER_DONE,
    TRANSFER_BLOCKED, /* the socket takes no more yet, or it is the others' turn */
    TRANSFER_FAILED,  /* the connection is gone */
} HttpTransferState;

/* `with_body` is false for HEAD. */
void http_transfer_init(HttpTransfer *transfer, const HttpAnswer *answer, bool keep_alive, bool with_body);
void http_transfer_clear(HttpTransfer *transfer);

/* Sends what the non-blocking socket takes, copying nothing. */
HttpTransferState http_transfer_send(HttpTransfer *transfer, int fd);

#endif
