/* SPDX-License-Identifier: Apache-2.0 */
/* Which web origins may connect: the option [gateway] origins. Browsers always say where a page comes from;
 * other programs need not, so this protects the readers of web sites, not the gateway. Immutable, any thread.
 */
#ifndef DAYWIRE_GATEWAY_ORIGINS_H
#define DAYWIRE_GATEWAY_ORIGINS_H

#include <stdbool.h>
#include <glib.h>

typedef struct Origins Origins;

/* `list` holds origins ("https://www.example.org", with a port where it is not the scheme's own), separated
 * by spaces, or
 * "*" for all. INVALID names the word that is no origin. */
Origins *origins_new(const char *list, GError **error) MUST_CHECK;
void origins_free(Origins *origins); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Origins, origins_free)

bool origins_all(const Origins *origins);
/* `origin` as a browser sends it. */
bool origins_allow(const Origins *origins, const char *origin);

#endif
