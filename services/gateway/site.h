/* SPDX-License-Identifier: Apache-2.0 */
/* What the page says beside statements and counters, from [site]: title, contact, language, clocks; and its URL.
 * Immutable, any thread. */
#ifndef DAYWIRE_GATEWAY_SITE_H
#define DAYWIRE_GATEWAY_SITE_H

#include "common/config/config.h"
#include "common/json.h"
#include "common/zone.h"

typedef struct {
    char *label; /* "London" */
    Zone *zone;
} SiteClock;

typedef struct {
    char *title;
    char *url;     /* "https://press.example"; NULL: as it is asked for */
    char *contact; /* NULL: none */
    char *language;
    Zone *zone;
    SiteClock *clocks;
    size_t clock_count;
} Site;

Site *site_new(const Config *config, GError **error) MUST_CHECK;
void site_free(Site *site);

/* Under which readers reach the site, without a slash at its end: its own, else "http://" and `host`, the Host of a
 * request (NULL: it has none). g_free it. NULL with INVALID: there is no own one, and `host` is no host. */
char *site_url(const Site *site, const char *host, GError **error) MUST_CHECK;

/* The answer of /v1/site. A value of `doc`. */
yyjson_mut_val *site_to_json(const Site *site, yyjson_mut_doc *doc);

#endif
