/* SPDX-License-Identifier: Apache-2.0 */
/* Which files the rules of the counters are made from, besides the configuration. Any thread. */
#ifndef DAYWIRE_COUNTER_SOURCES_H
#define DAYWIRE_COUNTER_SOURCES_H

#include "common/config/config.h"

/* Their paths, some of them several times: the zones and holidays of the counters, and what tells the version of
 * tzdata. They need not exist. An array that owns its strings. */
GPtrArray *counter_sources(const Config *config);

#endif
