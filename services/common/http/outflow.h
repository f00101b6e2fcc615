/* SPDX-License-Identifier: Apache-2.0 */
/* An answer that is written while it is sent. Knows no libwebsockets. One thread. */
#ifndef DAYWIRE_COMMON_HTTP_OUTFLOW_H
#define DAYWIRE_COMMON_HTTP_OUTFLOW_H

#include <stdbool.h>
#include <glib.h>

#include "common/http/transfer.h"

typedef struct {
    GString *bytes; /* NULL: nothing was ever written */
    size_t sent;    /* of them */
    bool chunked;
} HttpOutflow;

/* Takes over `head`. */
void http_outflow_begin(HttpOutflow *outflow, GString *head, bool chunked);
void http_outflow_add(HttpOutflow *outflow, const char *data, size_t size);
void http_outflow_end(HttpOutflow *outflow);
void http_outflow_clear(HttpOutflow *outflow);

/* Bytes that the socket has not taken. */
size_t http_outflow_pending(const HttpOutflow *outflow);
/* Sends what the non-blocking socket takes, and adds its number to *moved. */
HttpTransferState http_outflow_send(HttpOutflow *outflow, int fd, size_t *moved);

#endif
