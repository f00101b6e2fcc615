/* SPDX-License-Identifier: Apache-2.0 */
/* Asks a service's admin endpoint whether it is ready. Every wait is bounded. Main thread. */
#ifndef DAYWIRE_CLI_READINESS_H
#define DAYWIRE_CLI_READINESS_H

#include <stdbool.h>
#include <glib.h>

/* Where this machine reaches a service that listens at "address:port": http://127.0.0.1:8080 for
 * 0.0.0.0:8080. For people loopback is called localhost. g_free it. */
char *readiness_url(const char *listen, bool for_people);

typedef enum {
    READINESS_READY,
    READINESS_UNREADY, /* it says so itself, or takes too long */
    READINESS_ABSENT,  /* nobody listens there */
} Readiness;

/* Asks for /readyz at `listen`. When it is not ready, *ret_reason says why, in one line: g_free it. */
Readiness readiness_ask(const char *listen, char **ret_reason);

#endif
