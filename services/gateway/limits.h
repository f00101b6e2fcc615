/* SPDX-License-Identifier: Apache-2.0 */
/* How many connections there may be, in all and from one address. Any thread. */
#ifndef DAYWIRE_GATEWAY_LIMITS_H
#define DAYWIRE_GATEWAY_LIMITS_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>

struct sockaddr;

/* What counts as one address: an IPv4 address, or the /64 network of an IPv6 one, since whoever has one
 * address of it has them all. */
typedef struct {
    uint8_t bytes[16];
} PeerAddress;

/* Of any other family: all zeros, which is one address as well. */
PeerAddress peer_address(const struct sockaddr *address);

typedef struct Limits Limits;

typedef enum { LIMITS_FREE, LIMITS_FULL, LIMITS_ADDRESS_FULL } LimitsVerdict;

/* 0: no limit. */
Limits *limits_new(unsigned connections, unsigned connections_per_address);
void limits_free(Limits *limits); /* NULL is fine */

/* With FREE the connection is counted until limits_leave(). */
LimitsVerdict limits_enter(Limits *limits, const PeerAddress *address) MUST_CHECK;
void limits_leave(Limits *limits, const PeerAddress *address);

unsigned limits_connections(Limits *limits);

#endif
