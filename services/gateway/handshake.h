/* SPDX-License-Identifier: Apache-2.0 */
/* Judges the request that wants to become a WebSocket: version, subprotocol, origin, and the subscription in
 * its query. The worker's thread. */
#ifndef DAYWIRE_GATEWAY_HANDSHAKE_H
#define DAYWIRE_GATEWAY_HANDSHAKE_H

#include <libwebsockets.h>

#include "gateway/gateway.h"
#include "gateway/messages.h"

#define HANDSHAKE_PATH "/v1/ws"

/* What libwebsockets is to call its protocols: it takes the client's first that it knows. */
#define SUBPROTOCOL_JSON  "daywire.v1.json"
#define SUBPROTOCOL_PROTO "daywire.v1.proto"

/* For LWS_CALLBACK_HTTP_CONFIRM_UPGRADE, after http_exchange_callback() has let it pass. Returns 0, with the
 * subscription (or NULL) in *ret_request; or -1 after the request has been refused. */
int handshake_judge(struct lws *wsi, const Gateway *gateway, ClientMessage **ret_request);

/* Whether `offer`, the value of Sec-WebSocket-Protocol, holds one of our subprotocols. Pure. */
bool handshake_offer_is_known(const char *offer);

#endif
