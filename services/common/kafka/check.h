/* SPDX-License-Identifier: Apache-2.0 */
/* For --check-config: what librdkafka says of [kafka], what no client of ours may be told, and the names of the
 * topics. */
#ifndef DAYWIRE_COMMON_KAFKA_CHECK_H
#define DAYWIRE_COMMON_KAFKA_CHECK_H

#include "common/config/config.h"

/* INVALID names the first option or property that is refused, and where it was set. */
bool kafka_config_check(const Config *config, GError **error) MUST_CHECK;

#endif
