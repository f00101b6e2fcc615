/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP API (DESIGN §4): turns requests into jobs for the engine and their outcome into answers. */
#ifndef DAYWIRE_INGEST_API_API_H
#define DAYWIRE_INGEST_API_API_H

#include "common/config/config.h"
#include "ingest/engine.h"
#include "ingest/feeds/poller.h"

typedef struct Api Api;

/* Starts the server of [ingest] listen. UNAVAILABLE: the port cannot be had; INVALID, FAILED: a token's file.
 * Engine and poller must outlive it. */
Api *api_start(const Config *config, Engine *engine, FeedPoller *poller, GError **error) MUST_CHECK;
/* After engine_finish(), so that whoever waits has his answer, and before engine_stop(). NULL is fine. */
void api_stop(Api *api);

/* Reads the tokens again; the rest is as at the start. False with INVALID or FAILED, and nothing is changed. */
bool api_reload(Api *api, const Config *config, GError **error) MUST_CHECK;
/* What is to be logged once a minute. */
void api_report(Api *api);

unsigned api_port(const Api *api);

#endif
