/* SPDX-License-Identifier: Apache-2.0 */
/* Which web origins may connect: the option [gateway] origins. Browsers always say where a page comes from;
 * other programs need not, so this protects the readers of web sites, not the gateway. Immutable, any thread.
 */
#ifndef DAYWIRE_GATEWAY_ORIGINS_H
#define DAYWIRE_GATEWAY_ORIGINS_H

#include <stdbool.h>
#include <glib.h>

#include "common/config/config.h"

typedef struct Origins Origins;

/* `list` holds origins ("https://www.example.org", with a port where it is not the scheme's own), separated
 * by spaces, or "*" for all. INVALID names the word that is no origin. */
Origins *origins_new(const char *list, GError **error) MUST_CHECK;
/* Of the configuration. INVALID says where it is wrong, also when it is set to nothing: the default is all, which
 * is not what an empty list looks like. */
Origins *origins_read(const Config *config, GError **error) MUST_CHECK;
void origins_free(Origins *origins); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Origins, origins_free)

bool origins_all(const Origins *origins);
/* `origin` as a browser sends it. */
bool origins_allow(const Origins *origins, const char *origin);
/* Whether `origin` is the http or https one of the server that was asked as `host` (the Host header; may be
 * NULL): our own page. Pure. */
bool origins_is_own(const char *origin, const char *host);

#endif
