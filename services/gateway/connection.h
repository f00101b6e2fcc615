/* SPDX-License-Identifier: Apache-2.0 */
/* One accepted connection, from accept to its end: at first a request that has to be complete in time, then
 * HTTP, or a WebSocket session. Also the protocols that libwebsockets is given. The worker's thread. */
#ifndef DAYWIRE_GATEWAY_CONNECTION_H
#define DAYWIRE_GATEWAY_CONNECTION_H

#include "common/http/exchange_lws.h"
#include "gateway/session.h"

/* What the connections of a worker share: lws_context_user() of its context. */
typedef struct {
    const Gateway *gateway;
    HttpEndpoint *endpoint;
    SessionGroup sessions;
    GQueue handshakes;           /* of Connection: no request yet; the oldest first */
    const PeerAddress *arriving; /* of the socket that is being adopted */
} Connections;

/* For info.protocols. */
extern const struct lws_protocols connection_protocols[];

/* Takes over the accepted socket `fd`, or refuses it. */
void connections_take(Connections *connections, struct lws_vhost *vhost, int fd);

/* Closes those whose request was not complete in time. */
void connections_check(Connections *connections, int64_t now);

#endif
