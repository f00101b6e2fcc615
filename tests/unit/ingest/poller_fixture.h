/* SPDX-License-Identifier: Apache-2.0 */
/* An engine with the poller of feeds on it, of one configuration. */
#ifndef DAYWIRE_TESTS_INGEST_POLLER_FIXTURE_H
#define DAYWIRE_TESTS_INGEST_POLLER_FIXTURE_H

#include "ingest/feeds/poller.h"

typedef struct {
    Config *config;
    Engine *engine;
    FeedPoller *poller;
} PollerFixture;

/* Takes over the configuration. */
void poller_fixture_start(PollerFixture *fixture, Config *config);

/* In two steps: who asks the poller, as it can be until the second, ends in between. */
void poller_fixture_stop(PollerFixture *fixture);
void poller_fixture_clear(PollerFixture *fixture);

#endif
