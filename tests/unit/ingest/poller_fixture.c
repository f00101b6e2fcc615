/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "ingest/poller_fixture.h"

void poller_fixture_start(PollerFixture *fixture, Config *config)
{
    g_autoptr(GError) error = NULL;

    fixture->config = config;
    fixture->engine = engine_start(fixture->config, &error);
    if (fixture->engine)
        fixture->poller = feed_poller_start(fixture->config, fixture->engine, &error);
    if (!fixture->poller)
        fail_msg("%s", error->message);
}

void poller_fixture_stop(PollerFixture *fixture)
{
    feed_poller_stop(fixture->poller);
    engine_stop(g_steal_pointer(&fixture->engine));
}

void poller_fixture_clear(PollerFixture *fixture)
{
    feed_poller_free(g_steal_pointer(&fixture->poller));
    config_free(g_steal_pointer(&fixture->config));
}
