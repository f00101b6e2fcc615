/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses a feed may be fetched from. A feed's address comes from the configuration, but where a name or
 * a redirect leads is for strangers to say: it must not lead into the own network. Looked at is the address that
 * is really connected to. Pure, any thread.
 *
 * Forbidden is what IANA's registries of special-purpose addresses (RFC 6890) do not hold to be globally
 * reachable, also where an IPv6 address only carries such an IPv4 one (mapped, compatible, NAT64, 6to4, ISATAP). */
#ifndef DAYWIRE_INGEST_FEEDS_ADDRESS_H
#define DAYWIRE_INGEST_FEEDS_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

#include <glib.h>

#define FEED_NETWORKS_MAX 64

typedef struct FeedNetworks FeedNetworks;

/* `text`: "10.0.0.0/8 fd00::/8 192.0.2.7", separated by white space; NULL or "": none. INVALID names the word that is
 * no network. */
FeedNetworks *feed_networks_parse(const char *text, GError **error) MUST_CHECK;
void feed_networks_free(FeedNetworks *networks); /* NULL is fine */

typedef struct {
    /* Private, loopback, link-local, unique local and shared (CGNAT) addresses are fine, too; those under which
     * clouds serve their machines' credentials are not. */
    bool allow_private;
    const FeedNetworks *allowed; /* fine whatever they are; NULL: none */
} FeedAddressPolicy;

/* What the address is ("a loopback address", static) when it is forbidden, else NULL. */
const char *feed_address_forbidden(const FeedAddressPolicy *policy, const struct sockaddr *address,
                                   size_t size);

#endif
