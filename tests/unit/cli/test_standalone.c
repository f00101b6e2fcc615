/* SPDX-License-Identifier: Apache-2.0 */
/* The pure parts of standalone, and its sample. */
#include "unit.h"

#include "cli/local_bus.h"
#include "cli/overrides.h"
#include "cli/readiness.h"
#include "common/formats/formats.h"

static void test_overrides_give_way_to_the_user(void **state)
{
    (void)state;
    g_auto(GStrv) environment = g_strsplit(
        "HOME=/home/x,DAYWIRE_INGEST_DATABASE=/mine.db,DAYWIRE_KAFKA_BOOTSTRAP_SERVERS=mine:9092", ",", 0);
    g_autoptr(Config) config = config_load(NULL, environment, NULL);
    assert_non_null(config);
    static const Override overrides[] = {
        {"kafka", "bootstrap.servers", "127.0.0.1:1234", true},
        {"kafka", "fetch.wait.max.ms", "20", false},
        {"ingest", "database", "/ours.db", false},
        {"gateway", "database", "/ours-too.db", false},
        {0},
    };
    g_auto(GStrv) result = overrides_apply(overrides, config, environment);
    assert_string_equal(g_environ_getenv(result, "HOME"), "/home/x");
    assert_string_equal(g_environ_getenv(result, "DAYWIRE_INGEST_DATABASE"), "/mine.db");
    assert_string_equal(g_environ_getenv(result, "DAYWIRE_GATEWAY_DATABASE"), "/ours-too.db");
    assert_string_equal(g_environ_getenv(result, "DAYWIRE_KAFKA_BOOTSTRAP_SERVERS"), "127.0.0.1:1234");
    assert_string_equal(g_environ_getenv(result, "DAYWIRE_KAFKA_FETCH_WAIT_MAX_MS"), "20");

    g_autoptr(Config) after = config_load(NULL, result, NULL);
    assert_non_null(after);
    assert_string_equal(config_string(after, "kafka", "bootstrap.servers"), "127.0.0.1:1234");
    assert_string_equal(config_string(after, "kafka", "fetch.wait.max.ms"), "20");
    assert_string_equal(config_string(after, "gateway", "database"), "/ours-too.db");
}

static void test_partitions_grow_with_the_archive(void **state)
{
    (void)state;
    const uint64_t mib = 1048576;
    assert_int_equal(local_bus_partitions(0), 16);
    assert_int_equal(local_bus_partitions(30 * mib), 16);
    assert_int_equal(local_bus_partitions(100 * mib), 42);
    assert_int_equal(local_bus_partitions(UINT64_MAX), 256);
}

static void assert_url(const char *listen, bool for_people, const char *expected)
{
    g_autofree char *url = readiness_url(listen, for_people);
    assert_string_equal(url, expected);
}

static void test_addresses(void **state)
{
    (void)state;
    assert_url("0.0.0.0:8080", true, "http://localhost:8080");
    assert_url("0.0.0.0:8080", false, "http://127.0.0.1:8080");
    assert_url("127.0.0.1:9081", false, "http://127.0.0.1:9081");
    assert_url("[::]:80", false, "http://[::1]:80");
    assert_url("[::1]:80", true, "http://localhost:80");
    assert_url("192.0.2.7:8080", true, "http://192.0.2.7:8080");
}

static void test_nobody_there_is_not_ready(void **state)
{
    (void)state;
    g_autofree char *reason = NULL;
    assert_int_equal(readiness_ask("127.0.0.1:1", &reason), READINESS_ABSENT);
    assert_non_null(strstr(reason, "127.0.0.1:1"));
}

typedef struct {
    unsigned good;
    unsigned corrections;
} Sample;

static bool count(const FormatItem *item, void *user)
{
    Sample *sample = user;
    if (!item->statement) {
        fail_msg("line %u: %s: %s", item->line, item->field, item->reason);
        return false;
    }
    sample->good++;
    sample->corrections += item->statement->change == STATEMENT_CHANGE_CORRECTED;
    return true;
}

static void test_the_sample_is_good(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    /* tests run in tests/ */
    g_autoptr(Config) config = config_load("../deploy/sample/daywire.ini", (char *[]){NULL}, &error);
    if (!config)
        fail_msg("%s", error->message);
    assert_int_equal(g_strv_length((char **)config_instances(config, "counter")), 3);
    assert_int_equal(g_strv_length((char **)config_keys(config, "site", "clock.")), 3);

    g_autofree char *text = NULL;
    size_t size = 0;
    Sample sample = {0};
    assert_true(g_file_get_contents("../deploy/sample/statements.ndjson", &text, &size, NULL));
    assert_true(formats_read(text, size, count, &sample, &error));
    assert_int_equal(sample.good, 13);
    assert_int_equal(sample.corrections, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_overrides_give_way_to_the_user),
        cmocka_unit_test(test_partitions_grow_with_the_archive),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_nobody_there_is_not_ready),
        cmocka_unit_test(test_the_sample_is_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
