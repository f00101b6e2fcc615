/* SPDX-License-Identifier: Apache-2.0 */
/* The side of the client (client.h) for requests whose length nobody knows beforehand: upload.c moves them. One
 * thread. */
#ifndef DAYWIRE_CLI_CLIENT_STREAM_H
#define DAYWIRE_CLI_CLIENT_STREAM_H

#include <curl/curl.h>

#include "cli/client.h"

typedef size_t ClientGive(char *buffer, size_t size, size_t count, void *user); /* CURLOPT_READFUNCTION */
typedef size_t ClientTake(char *data, size_t size, size_t count, void *user);   /* CURLOPT_WRITEFUNCTION */

/* The client's handle, ready to POST in chunks, with no time-out but that of connecting. Until client_stream_end()
 * it does nothing else. NULL with FAILED: no memory. */
CURL *client_stream_begin(Client *client, const char *path, const char *content_type, ClientGive *give,
                          ClientTake *take, void *user, GError **error) MUST_CHECK;
void client_stream_end(Client *client);

/* UNAVAILABLE: what a transfer failed of. */
void client_explain(const Client *client, CURLcode code, GError **error);
/* INVALID: the answer was 401. */
void client_explain_token(const Client *client, GError **error);
/* How long client_send() would wait before it tries again; false when `attempt` (from 0) was the last. */
bool client_back_off_ms(const Client *client, unsigned attempt, unsigned *ret_ms) MUST_CHECK;

#endif
