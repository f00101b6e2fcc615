/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include "common/error.h"
#include "ingest/feeds/address.h"

static const char *forbidden(const FeedAddressPolicy *policy, const char *text)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(80)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(80)};

    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
        return feed_address_forbidden(policy, (const struct sockaddr *)&v4, sizeof(v4));
    if (inet_pton(AF_INET6, text, &v6.sin6_addr) != 1)
        fail_msg("%s is no address", text);
    return feed_address_forbidden(policy, (const struct sockaddr *)&v6, sizeof(v6));
}

static const struct {
    const char *address;
    const char *what;      /* NULL: allowed */
    bool when_private_too; /* forbidden also where private addresses are allowed */
} cases[] = {
    /* what the internet is made of, and the edges of what is not */
    {"1.1.1.1", NULL, false},
    {"9.255.255.255", NULL, false},
    {"11.0.0.0", NULL, false},
    {"100.63.255.255", NULL, false},
    {"100.128.0.0", NULL, false},
    {"126.255.255.255", NULL, false},
    {"128.0.0.0", NULL, false},
    {"169.253.255.255", NULL, false},
    {"169.255.0.0", NULL, false},
    {"172.15.255.255", NULL, false},
    {"172.32.0.0", NULL, false},
    {"192.0.1.0", NULL, false},
    {"192.167.255.255", NULL, false},
    {"192.169.0.0", NULL, false},
    {"198.17.255.255", NULL, false},
    {"198.20.0.0", NULL, false},
    {"223.255.255.255", NULL, false},
    {"2606:4700::1111", NULL, false},
    {"2a00:1450::1", NULL, false},
    {"2001:200::1", NULL, false},
    {"2001:db9::1", NULL, false},
    {"fbff::1", NULL, false},

    {"0.0.0.0", "an unspecified address", true},
    {"0.1.2.3", "an unspecified address", true},
    {"10.0.0.0", "a private address", false},
    {"10.255.255.255", "a private address", false},
    {"100.64.0.0", "a shared address (CGNAT)", false},
    {"100.127.255.255", "a shared address (CGNAT)", false},
    {"127.0.0.1", "a loopback address", false},
    {"127.255.255.254", "a loopback address", false},
    {"169.254.0.1", "a link-local address", false},
    {"169.254.169.253", "a link-local address", false},
    {"169.254.169.254", "an address of cloud metadata", true},
    {"169.254.170.2", "an address of cloud metadata", true},
    {"100.100.100.200", "an address of cloud metadata", true},
    {"172.16.0.1", "a private address", false},
    {"172.31.255.255", "a private address", false},
    {"192.0.0.8", "an address reserved for protocols", true},
    {"192.0.2.1", "an address of documentation", true},
    {"192.88.99.1", "an address reserved for protocols", true},
    {"192.168.0.1", "a private address", false},
    {"192.168.255.255", "a private address", false},
    {"198.18.0.1", "an address of benchmarks", true},
    {"198.19.255.255", "an address of benchmarks", true},
    {"198.51.100.7", "an address of documentation", true},
    {"203.0.113.7", "an address of documentation", true},
    {"224.0.0.1", "a multicast address", true},
    {"239.255.255.255", "a multicast address", true},
    {"240.0.0.1", "a reserved address", true},
    {"255.255.255.255", "a reserved address", true},

    {"::", "an unspecified address", true},
    {"::1", "a loopback address", false},
    {"fc00::1", "a unique local address", false},
    {"fdff:ffff::1", "a unique local address", false},
    {"fd00:ec2::254", "an address of cloud metadata", true},
    {"fd00:ec2::255", "a unique local address", false},
    {"fe80::1", "a link-local address", false},
    {"febf::1", "a link-local address", false},
    {"fec0::1", "a site-local address", false},
    {"ff02::1", "a multicast address", true},
    {"100::1", "a discarded address", true},
    {"2001:db8::1", "an address of documentation", true},
    {"3fff::1", "an address of documentation", true},
    {"3fff:fff::1", "an address of documentation", true},
    {"2001:2::1", "an address reserved for protocols", true},
    {"2001:0:7f00:1::1", "an address reserved for protocols", true}, /* Teredo */
    {"5f00::1", "an address of segment routing", true},

    /* an IPv4 address within */
    {"::ffff:127.0.0.1", "a loopback address", false},
    {"::ffff:169.254.169.254", "an address of cloud metadata", true},
    {"::ffff:0.0.0.0", "an unspecified address", true},
    {"::ffff:1.1.1.1", NULL, false},
    {"::ffff:0:10.0.0.1", "a private address", false},
    {"::10.0.0.1", "a private address", false},
    {"::127.0.0.1", "a loopback address", false},
    {"::1.1.1.1", NULL, false},
    {"64:ff9b::192.168.1.1", "a private address", false},
    {"64:ff9b::169.254.169.254", "an address of cloud metadata", true},
    {"64:ff9b::1.1.1.1", NULL, false},
    {"64:ff9b:1::1.1.1.1", "an address of local translation (NAT64)", true},
    {"2002:7f00:1::1", "a loopback address", false},
    {"2002:c0a8:101::1", "a private address", false},
    {"2002:a9fe:a9fe::1", "an address of cloud metadata", true},
    {"2002:101:101::1", NULL, false},
    {"2a00:1::5efe:10.0.0.1", "a private address", false},
    {"2a00:1::200:5efe:127.0.0.1", "a loopback address", false},
    {"2a00:1::5efe:1.1.1.1", NULL, false},
};

static void test_addresses(void **state)
{
    const FeedAddressPolicy strict = {0};
    const FeedAddressPolicy lenient = {.allow_private = true};

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *what = forbidden(&strict, cases[i].address);
        if (g_strcmp0(what, cases[i].what) != 0)
            fail_msg("%s: %s", cases[i].address, what ? what : "is allowed");
        what = forbidden(&lenient, cases[i].address);
        if (g_strcmp0(what, cases[i].when_private_too ? cases[i].what : NULL) != 0)
            fail_msg("%s with private ones allowed: %s", cases[i].address, what ? what : "is allowed");
    }
}

static void test_other_families(void **state)
{
    const FeedAddressPolicy policy = {.allow_private = true};
    const struct sockaddr_un local = {.sun_family = AF_UNIX};
    const struct sockaddr_in6 cut = {.sin6_family = AF_INET6};

    (void)state;
    assert_string_equal(feed_address_forbidden(&policy, (const struct sockaddr *)&local, sizeof(local)),
                        "no internet address");
    assert_string_equal(
        feed_address_forbidden(&policy, (const struct sockaddr *)&cut, sizeof(struct sockaddr_in)),
        "no internet address");
}

static void test_listed_networks(void **state)
{
    g_autoptr(GError) error = NULL;
    FeedNetworks *networks =
        feed_networks_parse(" 10.1.0.0/16\t192.168.1.7 fd00:1::/32  169.254.169.254 127.0.0.0/9 ", &error);
    const FeedAddressPolicy policy = {.allowed = networks};
    static const struct {
        const char *address;
        bool allowed;
    } listed[] = {
        {"10.1.0.1", true},        {"10.2.0.1", false},         {"192.168.1.7", true},
        {"192.168.1.8", false},    {"fd00:1::7", true},         {"fd00:2::7", false},
        {"169.254.169.254", true}, {"127.127.255.255", true},   {"127.128.0.0", false},
        {"::ffff:10.1.2.3", true}, {"64:ff9b::10.1.2.3", true}, {"::ffff:10.2.2.3", false},
    };

    (void)state;
    assert_non_null(networks);
    for (size_t i = 0; i < G_N_ELEMENTS(listed); i++)
        if ((forbidden(&policy, listed[i].address) == NULL) != listed[i].allowed)
            fail_msg("%s", listed[i].address);
    feed_networks_free(networks);
}

static void test_all_of_a_family(void **state)
{
    FeedNetworks *networks = feed_networks_parse("0.0.0.0/0", NULL);
    const FeedAddressPolicy policy = {.allowed = networks};

    (void)state;
    assert_null(forbidden(&policy, "127.0.0.1"));
    assert_string_equal(forbidden(&policy, "::1"), "a loopback address");
    feed_networks_free(networks);
}

static void test_bad_networks(void **state)
{
    static const char *const bad[] = {"10.0.0.0/33",  "10.0.0/8",    "fd00::/129", "10.0.0.0/", "10.0.0.0/-1",
                                      "10.0.0.0/8/8", "example.org", "10.0.0.0,8", "[::1]"};

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *text = g_strconcat("10.0.0.0/8 ", bad[i], NULL);
        g_autofree char *expected =
            g_strdup_printf("\"%s\" is no network (10.0.0.0/8, fd00::/8, 192.168.1.7)", bad[i]);
        assert_null(feed_networks_parse(text, &error));
        assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID));
        assert_string_equal(error->message, expected);
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) many = g_string_new(NULL);
    for (unsigned i = 0; i <= FEED_NETWORKS_MAX; i++)
        g_string_append_printf(many, "10.0.%u.0/24 ", i);
    assert_null(feed_networks_parse(many->str, &error));
    assert_string_equal(error->message, "more than 64 networks");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),       cmocka_unit_test(test_other_families),
        cmocka_unit_test(test_listed_networks), cmocka_unit_test(test_all_of_a_family),
        cmocka_unit_test(test_bad_networks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
