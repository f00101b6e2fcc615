/* SPDX-License-Identifier: Apache-2.0 */
/* For --check-config: what only librdkafka can say of [kafka]. */
#ifndef DAYWIRE_COMMON_KAFKA_CHECK_H
#define DAYWIRE_COMMON_KAFKA_CHECK_H

#include "common/config/config.h"

/* INVALID names the first property that librdkafka refuses, and where it was set. */
bool kafka_config_check(const Config *config, GError **error) MUST_CHECK;

#endif
