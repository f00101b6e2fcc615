/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "config_fixture.h"

#include "common/config/environment.h"

#define ENVIRONMENT(...) ((char *const *)(const char *const[]){__VA_ARGS__, NULL})

static const char sample[] = "[kafka]\nbootstrap.servers = 127.0.0.1:1\nsasl.mechanism = PLAIN\n"
                             "[counter light-house]\nsince = 2018-03-04\nlabel.en = a\n"
                             "[site]\nclock.New York = America/New_York\n"
                             "[ingest]\ntoken-file = /run/token\n";

static void test_names(void **state)
{
    (void)state;
    static const struct {
        const char *group, *key, *name;
    } names[] = {
        {"gateway", "max-connections-per-address", "DAYWIRE_GATEWAY_MAX_CONNECTIONS_PER_ADDRESS"},
        {"kafka", "bootstrap.servers", "DAYWIRE_KAFKA_BOOTSTRAP_SERVERS"},
        {"counter light-house", "label.en", "DAYWIRE_COUNTER_LIGHT_HOUSE_LABEL_EN"},
        {"site", "clock.S\xc3\xa3o Paulo", "DAYWIRE_SITE_CLOCK_S_O_PAULO"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *name = environment_name(names[i].group, names[i].key);
        assert_string_equal(name, names[i].name);
    }
}

static void test_overrides(void **state)
{
    (void)state;
    g_autoptr(Config) config = fixture_load(
        sample,
        ENVIRONMENT("PATH=/bin", "DAYWIRE_KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:2", "DAYWIRE_GATEWAY_WORKERS=3",
                    "DAYWIRE_COUNTER_LIGHT_HOUSE_SINCE=2020-02-29",
                    "DAYWIRE_COUNTER_LIGHT_HOUSE_TIME_ZONE=Asia/Tokyo",
                    "DAYWIRE_COUNTER_LIGHT_HOUSE_LABEL_EN=b=c", "DAYWIRE_SITE_CLOCK_NEW_YORK=Asia/Tokyo",
                    "DAYWIRE_INGEST_TOKEN_FILE=", "DAYWIRE_KAFKA_SASL_PASSWORD=hunter2 "));
    assert_string_equal(config_string(config, "kafka", "bootstrap.servers"), "127.0.0.1:2");
    assert_int_equal(config_integer(config, "gateway", "workers"), 3);
    assert_string_equal(config_string(config, "counter light-house", "since"), "2020-02-29");
    assert_string_equal(config_string(config, "counter light-house", "time-zone"), "Asia/Tokyo");
    assert_string_equal(config_string(config, "counter light-house", "label.en"), "b=c");
    assert_string_equal(config_string(config, "site", "clock.New York"), "Asia/Tokyo");
    assert_null(config_string(config, "ingest", "token-file")); /* empty: not set */
    assert_string_equal(config_string(config, "kafka", "sasl.password"), "hunter2 ");
    assert_null(config_warnings(config)[0]);
    g_autofree char *origin = config_origin(config, "gateway", "workers");
    assert_string_equal(origin, "$DAYWIRE_GATEWAY_WORKERS");
}

static void test_every_property_of_kafka(void **state)
{
    (void)state;
    g_autoptr(Config) config =
        fixture_load(sample, ENVIRONMENT("DAYWIRE_KAFKA_SECURITY_PROTOCOL=SASL_SSL",
                                         "DAYWIRE_KAFKA_SASL_MECHANISM=SCRAM-SHA-512"));
    const char *const *keys = config_keys(config, "kafka", "");
    assert_string_equal(keys[0], "bootstrap.servers");
    assert_string_equal(keys[1], "sasl.mechanism");
    assert_string_equal(keys[2], "security.protocol");
    assert_null(keys[3]);
    assert_string_equal(config_string(config, "kafka", "sasl.mechanism"), "SCRAM-SHA-512");
    assert_string_equal(config_string(config, "kafka", "security.protocol"), "SASL_SSL");
}

static void test_without_a_file(void **state)
{
    (void)state;
    g_autoptr(Config) config = fixture_load(
        NULL, ENVIRONMENT("DAYWIRE_KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:2", "DAYWIRE_SITE_TITLE=Port \xc3\xa9"));
    assert_string_equal(config_string(config, "kafka", "bootstrap.servers"), "127.0.0.1:2");
    assert_string_equal(config_string(config, "site", "title"), "Port \xc3\xa9");
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *content, *variable, *message;
    } bad[] = {
        {"", "DAYWIRE_GATEWAY_WORKERS=x",
         "$DAYWIRE_GATEWAY_WORKERS: [gateway] workers: \"x\" is not a whole number from 0 to 256"},
        {"", "DAYWIRE_SITE_TITLE=\xff", "$DAYWIRE_SITE_TITLE: invalid UTF-8"},
        {"", "DAYWIRE_KAFKA_SASL_PASSWORD=hunter2\xff", "$DAYWIRE_KAFKA_SASL_PASSWORD: invalid UTF-8"},
        {"[counter a-b]\n[counter a.b]\n", "DAYWIRE_COUNTER_A_B_SINCE=2020-01-01",
         "$DAYWIRE_COUNTER_A_B_SINCE: means both [counter a-b] since and [counter a.b] since; set it in the "
         "file"},
        {"[gateway]\nworkers = 1\n", "DAYWIRE_GATEWAY_LISTEN=\x1b[31m",
         "$DAYWIRE_GATEWAY_LISTEN: [gateway] listen: \"\xef\xbf\xbd[31m\" is not address:port "
         "(127.0.0.1:8080, "
         "[::1]:8080)"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *variable = g_strdup(bad[i].variable);
        g_autofree char *message = fixture_refusal(bad[i].content, ENVIRONMENT(variable));
        assert_string_equal(message, bad[i].message);
    }
}

static void test_rivals_do_no_harm_unless_named(void **state)
{
    (void)state;
    g_autoptr(Config) config = fixture_load("[counter a-b]\nsince = 2020-01-01\n[counter a.b]\n", NULL);
    assert_string_equal(config_string(config, "counter a-b", "since"), "2020-01-01");
}

static void test_warnings(void **state)
{
    (void)state;
    g_autoptr(Config) config = fixture_load(
        sample, ENVIRONMENT("DAYWIRE_GATEWAY_LISTNE=secret", "DAYWIRE_COUNTER_OTHER_SINCE=2020-01-01",
                            "DAYWIRE_=x", "DAYWIRE_KAFKA_=x", "DAYWIRE_KAFKA_lower=x", "DAYWIRE",
                            "DAYWIRE_NO_VALUE", "daywire_gateway_listen=x"));
    const char *const *warnings = config_warnings(config);
    assert_string_equal(warnings[0], "\"DAYWIRE_GATEWAY_LISTNE\" is no option's variable; did you mean "
                                     "DAYWIRE_GATEWAY_LISTEN?");
    assert_true(g_str_has_prefix(warnings[1], "\"DAYWIRE_COUNTER_OTHER_SINCE\" is no option's variable"));
    assert_true(g_str_has_prefix(warnings[2], "\"DAYWIRE_\" is no option's variable"));
    assert_true(g_str_has_prefix(warnings[3], "\"DAYWIRE_KAFKA_\" is no option's variable"));
    assert_true(g_str_has_prefix(warnings[4], "\"DAYWIRE_KAFKA_lower\" is no option's variable"));
    assert_null(warnings[5]);
}

/* What is in every pod beside services called daywire-gateway, daywire-kafka and daywire. */
static void test_kubernetes(void **state)
{
    (void)state;
    g_autoptr(Config) config = fixture_load(
        sample,
        ENVIRONMENT("DAYWIRE_GATEWAY_SERVICE_HOST=10.0.0.1", "DAYWIRE_GATEWAY_SERVICE_PORT=8080",
                    "DAYWIRE_GATEWAY_SERVICE_PORT_HTTP=8080", "DAYWIRE_GATEWAY_PORT=tcp://10.0.0.1:8080",
                    "DAYWIRE_GATEWAY_PORT_8080_TCP=tcp://10.0.0.1:8080",
                    "DAYWIRE_GATEWAY_PORT_8080_TCP_PROTO=tcp", "DAYWIRE_GATEWAY_PORT_8080_TCP_PORT=8080",
                    "DAYWIRE_GATEWAY_PORT_8080_TCP_ADDR=10.0.0.1", "DAYWIRE_KAFKA_SERVICE_HOST=10.0.0.2",
                    "DAYWIRE_KAFKA_PORT_9092_TCP=tcp://10.0.0.2:9092",
                    "DAYWIRE_KAFKA_PORT=tcp://10.0.0.2:9092", "DAYWIRE_SERVICE_HOST=10.0.0.3",
                    "DAYWIRE_PORT=tcp://10.0.0.3:80"));
    assert_null(config_warnings(config)[0]);
    assert_null(config_keys(config, "kafka", "")[2]); /* only those of the file */
    assert_false(environment_is_kubernetes("DAYWIRE_GATEWAY_PORTS"));
    assert_false(environment_is_kubernetes("DAYWIRE_GATEWAY_PORT_TCP"));
    assert_false(environment_is_kubernetes("DAYWIRE_GATEWAY_SERVICE_HOSTS"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_overrides),
        cmocka_unit_test(test_every_property_of_kafka),
        cmocka_unit_test(test_without_a_file),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_rivals_do_no_harm_unless_named),
        cmocka_unit_test(test_warnings),
        cmocka_unit_test(test_kubernetes),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
