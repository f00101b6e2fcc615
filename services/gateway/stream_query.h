/* SPDX-License-Identifier: Apache-2.0 */
/* A subscription as the query string of the stream's address:
 * ?channels=statements,ticks&last=10&since=CURSOR&counter=..&source=..&tag=..&language=..&kind=..
 * Values of lists are separated by commas, or the parameter is repeated. Pure. */
#ifndef DAYWIRE_GATEWAY_STREAM_QUERY_H
#define DAYWIRE_GATEWAY_STREAM_QUERY_H

#include "gateway/messages.h"

/* `parameters` are decoded "name=value" texts, NULL-terminated. *ret_message is NULL when there are none: the
 * client is going to send its own. False with INVALID, which names the parameter. */
bool stream_query_parse(const char *const *parameters, ClientMessage **ret_message, GError **error)
    MUST_CHECK;

#endif
