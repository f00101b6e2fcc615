/* SPDX-License-Identifier: Apache-2.0 */
/* Names of environment variables that stand for options. Pure, any thread. */
#ifndef DAYWIRE_COMMON_CONFIG_ENVIRONMENT_H
#define DAYWIRE_COMMON_CONFIG_ENVIRONMENT_H

#include <stdbool.h>

#define ENVIRONMENT_PREFIX       "DAYWIRE_"
#define ENVIRONMENT_KAFKA_PREFIX "DAYWIRE_KAFKA_"

/* DAYWIRE_<GROUP>_<KEY> in upper case, each character but ASCII letters and digits as "_". g_free it. */
char *environment_name(const char *group, const char *key);

/* librdkafka's property for a name with ENVIRONMENT_KAFKA_PREFIX: "bootstrap.servers" for
 * ..._BOOTSTRAP_SERVERS; NULL when that is none. g_free it. */
char *environment_kafka_key(const char *name);

/* Whether Kubernetes sets a variable of this name in every pod when there is a service called
 * daywire-something:
 * ..._SERVICE_HOST, ..._SERVICE_PORT, ..._SERVICE_PORT_HTTP, ..._PORT, ..._PORT_8080_TCP,
 * ..._PORT_8080_TCP_ADDR. */
bool environment_is_kubernetes(const char *name);

#endif
