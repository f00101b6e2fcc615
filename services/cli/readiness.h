/* SPDX-License-Identifier: Apache-2.0 */
/* Asks a service's admin endpoint whether it is ready. Every wait is bounded. Main thread. */
#ifndef DAYWIRE_CLI_READINESS_H
#define DAYWIRE_CLI_READINESS_H

#include <stdbool.h>
#include <glib.h>

/* Where this machine reaches a service that listens at "address:port": http://127.0.0.1:8080 for
 * 0.0.0.0:8080. For people loopback is called localhost. g_free it. */
char *readiness_url(const char *listen, bool for_people);

/* Whether /readyz at `listen` answers 200. Else *ret_reason says why not, in one line: g_free it. */
bool readiness_ask(const char *listen, char **ret_reason);

#endif
