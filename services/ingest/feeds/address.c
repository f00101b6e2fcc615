/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/feeds/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "common/error.h"

#define V4_BYTES 4
#define V6_BYTES 16

typedef struct {
    unsigned char bytes[V6_BYTES]; /* the first V4_BYTES of an IPv4 address */
    unsigned size;                 /* V4_BYTES or V6_BYTES */
} Address;

typedef struct {
    Address address;
    unsigned bits;
} Network;

struct FeedNetworks {
    GArray *list; /* of Network */
};

typedef enum { NEVER, UNLESS_PRIVATE_IS_ALLOWED } Severity;

typedef struct {
    Network network;
    Severity severity;
    const char *what;
} Special;

#define V4(a, b, c, d, bits)                                                                                 \
    {                                                                                                        \
        {{a, b, c, d}, V4_BYTES}, bits                                                                       \
    }
#define V6(bits, ...)                                                                                        \
    {                                                                                                        \
        {{__VA_ARGS__}, V6_BYTES}, bits                                                                      \
    }

/* The first match counts. */
static const Special specials[] = {
    {V4(169, 254, 169, 254, 32), NEVER, "an address of cloud metadata"},
    {V4(169, 254, 170, 2, 32), NEVER, "an address of cloud metadata"},
    {V4(100, 100, 100, 200, 32), NEVER, "an address of cloud metadata"},
    {V4(0, 0, 0, 0, 8), NEVER, "an unspecified address"},
    {V4(10, 0, 0, 0, 8), UNLESS_PRIVATE_IS_ALLOWED, "a private address"},
    {V4(100, 64, 0, 0, 10), UNLESS_PRIVATE_IS_ALLOWED, "a shared address (CGNAT)"},
    {V4(127, 0, 0, 0, 8), UNLESS_PRIVATE_IS_ALLOWED, "a loopback address"},
    {V4(169, 254, 0, 0, 16), UNLESS_PRIVATE_IS_ALLOWED, "a link-local address"},
    {V4(172, 16, 0, 0, 12), UNLESS_PRIVATE_IS_ALLOWED, "a private address"},
    {V4(192, 0, 0, 0, 24), NEVER, "an address reserved for protocols"},
    {V4(192, 0, 2, 0, 24), NEVER, "an address of documentation"},
    {V4(192, 88, 99, 0, 24), NEVER, "an address reserved for protocols"},
    {V4(192, 168, 0, 0, 16), UNLESS_PRIVATE_IS_ALLOWED, "a private address"},
    {V4(198, 18, 0, 0, 15), NEVER, "an address of benchmarks"},
    {V4(198, 51, 100, 0, 24), NEVER, "an address of documentation"},
    {V4(203, 0, 113, 0, 24), NEVER, "an address of documentation"},
    {V4(224, 0, 0, 0, 4), NEVER, "a multicast address"},
    {V4(240, 0, 0, 0, 4), NEVER, "a reserved address"},

    {V6(128, 0xfd, 0x00, 0x0e, 0xc2, [14] = 0x02, [15] = 0x54), NEVER, "an address of cloud metadata"},
    {V6(128, 0), NEVER, "an unspecified address"},
    {V6(128, [15] = 1), UNLESS_PRIVATE_IS_ALLOWED, "a loopback address"},
    {V6(7, 0xfc), UNLESS_PRIVATE_IS_ALLOWED, "a unique local address"},
    {V6(10, 0xfe, 0x80), UNLESS_PRIVATE_IS_ALLOWED, "a link-local address"},
    {V6(10, 0xfe, 0xc0), UNLESS_PRIVATE_IS_ALLOWED, "a site-local address"},
    {V6(8, 0xff), NEVER, "a multicast address"},
    {V6(48, 0x00, 0x64, 0xff, 0x9b, 0x00, 0x01), NEVER, "an address of local translation (NAT64)"},
    {V6(64, 0x01, 0x00), NEVER, "a discarded address"},
    {V6(32, 0x20, 0x01, 0x0d, 0xb8), NEVER, "an address of documentation"},
    {V6(20, 0x3f, 0xff), NEVER, "an address of documentation"},
    {V6(23, 0x20, 0x01), NEVER, "an address reserved for protocols"}, /* Teredo, benchmarks, ORCHID */
    {V6(16, 0x5f, 0x00), NEVER, "an address of segment routing"},
};

/* Where an IPv6 address carries an IPv4 one. */
static const struct {
    Network network;
    unsigned at; /* the byte at which it begins */
} carriers[] = {
    {V6(96, [10] = 0xff, [11] = 0xff), 12}, /* mapped */
    {V6(96, 0x00, 0x64, 0xff, 0x9b), 12},   /* NAT64, RFC 6052 */
    {V6(16, 0x20, 0x02), 2},                /* 6to4 */
    {V6(96, [8] = 0xff, [9] = 0xff), 12},   /* translated, RFC 2765 */
    {V6(96, 0), 12},                        /* compatible */
};

static bool contains(const Network *network, const Address *address)
{
    if (network->address.size != address->size)
        return false;
    unsigned whole = network->bits / 8;
    unsigned rest = network->bits % 8;
    if (memcmp(network->address.bytes, address->bytes, whole) != 0)
        return false;
    return rest == 0 || (network->address.bytes[whole] ^ address->bytes[whole]) >> (8 - rest) == 0;
}

/* ---- the allowed ones ---- */

static bool parse_network(const char *word, Network *network)
{
    g_auto(GStrv) parts = g_strsplit(word, "/", 2);
    guint64 bits = 0;
    bool is_v6 = strchr(parts[0], ':') != NULL;

    *network = (Network){.address.size = is_v6 ? V6_BYTES : V4_BYTES};
    if (inet_pton(is_v6 ? AF_INET6 : AF_INET, parts[0], network->address.bytes) != 1)
        return false;
    unsigned most = network->address.size * 8;
    if (!parts[1])
        bits = most;
    else if (!g_ascii_string_to_unsigned(parts[1], 10, 0, most, &bits, NULL))
        return false;
    network->bits = (unsigned)bits;
    return true;
}

FeedNetworks *feed_networks_parse(const char *text, GError **error)
{
    g_auto(GStrv) words = g_strsplit_set(text ? text : "", " \t\n", -1);
    FeedNetworks *networks = g_new(FeedNetworks, 1);
    bool good = true;

    networks->list = g_array_new(FALSE, FALSE, sizeof(Network));
    for (char **word = words; good && *word; word++) {
        Network network;
        if (!**word)
            continue;
        if (!parse_network(*word, &network)) {
            good = error_refuse(error, "\"%.60s\" is no network (10.0.0.0/8, fd00::/8, 192.168.1.7)", *word);
        } else if (networks->list->len == FEED_NETWORKS_MAX) {
            good = error_refuse(error, "more than %d networks", FEED_NETWORKS_MAX);
        } else {
            g_array_append_val(networks->list, network);
        }
    }
    if (good)
        return networks;
    feed_networks_free(networks);
    return NULL;
}

void feed_networks_free(FeedNetworks *networks)
{
    if (!networks)
        return;
    g_array_unref(networks->list);
    g_free(networks);
}

static bool is_listed(const FeedNetworks *networks, const Address *address)
{
    for (guint i = 0; networks && i < networks->list->len; i++)
        if (contains(&g_array_index(networks->list, Network, i), address))
            return true;
    return false;
}

/* ---- looking at one ---- */

static bool read_address(const struct sockaddr *from, size_t size, Address *address)
{
    if (from->sa_family == AF_INET && size >= sizeof(struct sockaddr_in)) {
        const struct sockaddr_in *v4 = (const void *)from;
        address->size = V4_BYTES;
        memcpy(address->bytes, &v4->sin_addr, V4_BYTES);
        return true;
    }
    if (from->sa_family == AF_INET6 && size >= sizeof(struct sockaddr_in6)) {
        const struct sockaddr_in6 *v6 = (const void *)from;
        address->size = V6_BYTES;
        memcpy(address->bytes, &v6->sin6_addr, V6_BYTES);
        return true;
    }
    return false;
}

static const Special *find_special(const Address *address)
{
    for (size_t i = 0; i < G_N_ELEMENTS(specials); i++)
        if (contains(&specials[i].network, address))
            return &specials[i];
    return NULL;
}

/* ISATAP (RFC 5214): behind any prefix, with or without the bit that says "unique". */
static bool is_isatap(const Address *address)
{
    static const unsigned char mark[] = {0x00, 0x5e, 0xfe};

    return address->size == V6_BYTES && (address->bytes[8] & 0xfd) == 0 &&
           memcmp(address->bytes + 9, mark, sizeof(mark)) == 0;
}

/* False: it carries none. */
static bool carried_address(const Address *address, Address *carried)
{
    unsigned at = is_isatap(address) ? 12 : 0;

    for (size_t i = 0; at == 0 && i < G_N_ELEMENTS(carriers); i++)
        if (contains(&carriers[i].network, address))
            at = carriers[i].at;
    if (at == 0)
        return false;
    *carried = (Address){.size = V4_BYTES};
    memcpy(carried->bytes, address->bytes + at, V4_BYTES);
    return true;
}

const char *feed_address_forbidden(const FeedAddressPolicy *policy, const struct sockaddr *address,
                                   size_t size)
{
    Address whole = {0};
    Address carried = {0};

    if (!read_address(address, size, &whole))
        return "no internet address";
    if (is_listed(policy->allowed, &whole))
        return NULL;
    const Special *special = find_special(&whole);
    if (!special && carried_address(&whole, &carried)) {
        if (is_listed(policy->allowed, &carried))
            return NULL;
        special = find_special(&carried);
    }
    if (!special || (policy->allow_private && special->severity == UNLESS_PRIVATE_IS_ALLOWED))
        return NULL;
    return special->what;
}
