/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the route of a request. Pure, any thread. */
#ifndef DAYWIRE_COMMON_HTTP_ROUTER_H
#define DAYWIRE_COMMON_HTTP_ROUTER_H

#include "common/http/exchange.h"

#define HTTP_SEGMENTS_MAX 4 /* segments in braces in one path */

typedef struct {
    const char *name; /* within the route's path, not ended by a NUL */
    size_t name_length;
    char *value; /* owned */
} HttpSegment;

typedef struct {
    const HttpRoute *route; /* NULL: none has this path, or none this method */
    bool path_known;        /* at least one route has this path */
    GString *allow;         /* the value for Allow when only the method is wrong; NULL otherwise */
    HttpSegment segments[HTTP_SEGMENTS_MAX];
    size_t segment_count;
} HttpMatch;

/* `path` is decoded. HEAD is answered by the route for GET. */
void http_route_match(const HttpRoute *routes, const char *method, const char *path, HttpMatch *ret_match);
void http_match_clear(HttpMatch *match);

#endif
