/* SPDX-License-Identifier: Apache-2.0 */
/* Who is let into the API, and how much of it: the bearer tokens of the configuration with their rights and limits. */
#ifndef DAYWIRE_INGEST_API_GATE_H
#define DAYWIRE_INGEST_API_GATE_H

#include "common/config/config.h"
#include "common/http/exchange.h"

typedef struct Gate Gate;

/* The errors of token_set_load(). Without any token all requests are refused, which is logged. */
Gate *gate_new(const Config *config, GError **error) MUST_CHECK;
void gate_free(Gate *gate); /* NULL is fine; after the server's end */

/* Reads the tokens again. Requests that were let in keep theirs. False with the errors of token_set_load(), and nothing
 * is changed. Any thread. */
bool gate_reload(Gate *gate, const Config *config, GError **error) MUST_CHECK;

/* For HttpAdmit: false when it has answered 401, 403 or 429 itself. The token stays with the request. */
bool gate_admit(Gate *gate, HttpRequest *request);

/* Of the token that let the request in; never NULL. Valid until the request is answered; any thread. */
const char *gate_token_name(const HttpRequest *request);

/* Logs how many requests came without a good token since the last time, if any. To be called once a minute, any
 * thread. */
void gate_report(Gate *gate);

#endif
