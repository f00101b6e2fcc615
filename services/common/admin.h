/* SPDX-License-Identifier: Apache-2.0 */
/* The operator's endpoint of a service, on a port of its own: /livez, /readyz, /metrics. Own thread. */
#ifndef DAYWIRE_COMMON_ADMIN_H
#define DAYWIRE_COMMON_ADMIN_H

#include <glib.h>

typedef struct Admin Admin;

/* `listen` is "address:port". UNAVAILABLE when the port cannot be had. */
Admin *admin_start(const char *listen, GError **error) MUST_CHECK;
void admin_stop(Admin *admin); /* NULL is fine */
/* For a listen address with port 0. */
unsigned admin_port(const Admin *admin);

#endif
