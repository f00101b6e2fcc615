/* SPDX-License-Identifier: Apache-2.0 */
/* The web files, loaded once at start: bounded, with ETag, media type and a gzipped form. Immutable, any
 * thread. */
#ifndef DAYWIRE_GATEWAY_ASSETS_H
#define DAYWIRE_GATEWAY_ASSETS_H

#include <glib.h>

typedef struct {
    char *name; /* "daywire.js" */
    const char *media_type;
    char *etag; /* with its quotes */
    GBytes *plain;
    GBytes *gzip;
} Asset;

typedef struct Assets Assets;

/* Loads every file of `folder` whose ending is known (js, css, svg, html, map). */
Assets *assets_load(const char *folder, GError **error) MUST_CHECK;
void assets_free(Assets *assets);

/* NULL: none of that name. */
const Asset *assets_find(const Assets *assets, const char *name);

#endif
