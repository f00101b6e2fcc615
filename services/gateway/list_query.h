/* SPDX-License-Identifier: Apache-2.0 */
/* The query of a list: of /v1/statements and the feeds, which is strict, ?limit=&before=&q=&source=&tag=&kind=&language=;
 * and of the page /statements, ?before=&q= */
#ifndef DAYWIRE_GATEWAY_LIST_QUERY_H
#define DAYWIRE_GATEWAY_LIST_QUERY_H

#include "common/http/exchange.h"
#include "gateway/view.h"

#define LIST_LIMIT_DEFAULT 50
#define LIST_LIMIT_MAX     1000
#define LIST_SEARCH_MAX    200 /* characters */

/* *ret_query borrows from the request. An empty parameter is none. False with INVALID and the parameter at
 * fault, static or owned by the request, in *ret_field. */
bool list_query_parse(const HttpRequest *request, ViewQuery *ret_query, const char **ret_field,
                      GError **error) MUST_CHECK;

/* For the page: whatever else an address was decorated with (utm_source, fbclid, ...) is not ours to judge, and
 * of repeated parameters the first counts. INVALID: too much to search for. */
bool list_query_parse_page(const HttpRequest *request, ViewQuery *ret_query, GError **error) MUST_CHECK;

/* The query of such a list from `before` on (NULL: from the newest), with its "?"; "" when all is as it is without one.
 * query->before is not written, nor are `withdrawn` and `bytes`, which no parameter sets. g_free it. */
char *list_query_format(const ViewQuery *query, const char *before);

/* Refuses parameters that are not in `allowed` (NULL-terminated) and those given more than once. */
bool list_query_check(const HttpRequest *request, const char *const *allowed, const char **ret_field,
                      GError **error) MUST_CHECK;

#endif
