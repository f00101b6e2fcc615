/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/limits.h"

#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

struct Limits {
    unsigned most, most_per_address;
    pthread_mutex_t lock; /* not a GMutex: ThreadSanitizer does not see those */
    /* under the lock */
    unsigned connections;
    GHashTable *by_address; /* PeerAddress -> count; only with most_per_address */
};

PeerAddress peer_address(const struct sockaddr *address)
{
    PeerAddress peer = {{0}};

    if (address->sa_family == AF_INET) {
        peer.bytes[10] = peer.bytes[11] = 0xff;
        memcpy(peer.bytes + 12, &((const struct sockaddr_in *)address)->sin_addr, 4);
    } else if (address->sa_family == AF_INET6) {
        const struct in6_addr *in6 = &((const struct sockaddr_in6 *)address)->sin6_addr;
        memcpy(peer.bytes, in6, IN6_IS_ADDR_V4MAPPED(in6) ? 16 : 8);
    }
    return peer;
}

static guint hash_address(gconstpointer key)
{
    const PeerAddress *address = key;
    guint hash = 2166136261U;

    for (size_t i = 0; i < sizeof address->bytes; i++)
        hash = (hash ^ address->bytes[i]) * 16777619U;
    return hash;
}

static gboolean equal_addresses(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(PeerAddress)) == 0;
}

Limits *limits_new(unsigned connections, unsigned connections_per_address)
{
    Limits *limits = g_new0(Limits, 1);

    limits->most = connections;
    limits->most_per_address = connections_per_address;
    (void)pthread_mutex_init(&limits->lock, NULL);
    limits->by_address = g_hash_table_new_full(hash_address, equal_addresses, g_free, NULL);
    return limits;
}

void limits_free(Limits *limits)
{
    if (limits == NULL)
        return;
    g_hash_table_unref(limits->by_address);
    (void)pthread_mutex_destroy(&limits->lock);
    g_free(limits);
}

static unsigned count_of(const Limits *limits, const PeerAddress *address)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(limits->by_address, address));
}

static void set_count(Limits *limits, const PeerAddress *address, unsigned count)
{
    if (count == 0)
        g_hash_table_remove(limits->by_address, address);
    else
        g_hash_table_replace(limits->by_address, g_memdup2(address, sizeof *address),
                             GUINT_TO_POINTER(count));
}

static LimitsVerdict enter(Limits *limits, const PeerAddress *address)
{
    if (limits->most != 0 && limits->connections >= limits->most)
        return LIMITS_FULL;
    if (limits->most_per_address != 0) {
        unsigned count = count_of(limits, address);
        if (count >= limits->most_per_address)
            return LIMITS_ADDRESS_FULL;
        set_count(limits, address, count + 1);
    }
    limits->connections++;
    return LIMITS_FREE;
}

LimitsVerdict limits_enter(Limits *limits, const PeerAddress *address)
{
    (void)pthread_mutex_lock(&limits->lock);
    LimitsVerdict verdict = enter(limits, address);
    (void)pthread_mutex_unlock(&limits->lock);
    return verdict;
}

void limits_leave(Limits *limits, const PeerAddress *address)
{
    (void)pthread_mutex_lock(&limits->lock);
    g_assert(limits->connections > 0);
    limits->connections--;
    if (limits->most_per_address != 0)
        set_count(limits, address, count_of(limits, address) - 1);
    (void)pthread_mutex_unlock(&limits->lock);
}

unsigned limits_connections(Limits *limits)
{
    (void)pthread_mutex_lock(&limits->lock);
    unsigned connections = limits->connections;
    (void)pthread_mutex_unlock(&limits->lock);
    return connections;
}
