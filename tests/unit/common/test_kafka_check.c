/* SPDX-License-Identifier: Apache-2.0 */
/* What may not be said in [kafka] is refused before anything is started. */
#include "unit.h"

#include "common/error.h"
#include "common/kafka/check.h"

static Config *config_of(const char *setting)
{
    g_autoptr(GError) error = NULL;
    Config *config = config_load(NULL, (char *const[]){(char *)setting, NULL}, &error);
    if (!config)
        fail_msg("%s", error->message);
    return config;
}

static void test_what_promises_rest_on(void **state)
{
    static const struct {
        const char *setting, *told;
    } cases[] = {
        {"DAYWIRE_KAFKA_ENABLE_IDEMPOTENCE=false", "enable.idempotence = true"},
        {"DAYWIRE_KAFKA_ACKS=1", "acks = -1"},
        {"DAYWIRE_KAFKA_REQUEST_REQUIRED_ACKS=1", "acks = -1"},
        {"DAYWIRE_KAFKA_MESSAGE_TIMEOUT_MS=5", "message.timeout.ms = 0"},
        {"DAYWIRE_KAFKA_DELIVERY_TIMEOUT_MS=5", "message.timeout.ms = 0"},
        {"DAYWIRE_KAFKA_ISOLATION_LEVEL=read_uncommitted", "isolation.level = read_committed"},
        {"DAYWIRE_KAFKA_AUTO_OFFSET_RESET=earliest", "auto.offset.reset = error"},
        {"DAYWIRE_KAFKA_ENABLE_PARTITION_EOF=false", "enable.partition.eof = true"},
        {"DAYWIRE_KAFKA_ALLOW_AUTO_CREATE_TOPICS=true", "allow.auto.create.topics = false"},
        {"DAYWIRE_KAFKA_TRANSACTIONAL_ID=mine", "transactional-id in [counters]"},
        {"DAYWIRE_KAFKA_SECURITY_PROTOCOL=nonsense", "security.protocol"},
    };
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(Config) config = config_of(cases[i].setting);
        if (kafka_config_check(config, &error))
            fail_msg("%s is taken", cases[i].setting);
        assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID));
        if (!strstr(error->message, cases[i].told) || !strstr(error->message, "$DAYWIRE_KAFKA_"))
            fail_msg("%s: %s", cases[i].setting, error->message);
    }
}

static void test_names_of_topics(void **state)
{
    static const struct {
        const char *setting, *told;
    } cases[] = {
        {"DAYWIRE_TOPICS_TICKS=a b/c", "[topics] ticks = a b/c: a topic has 1 to 249 characters"},
        {"DAYWIRE_TOPICS_STATEMENTS=..", "[topics] statements = ..:"},
        {"DAYWIRE_TOPICS_TICKS=daywire.statements", "that is the topic of the statements"},
    };
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(Config) config = config_of(cases[i].setting);
        if (kafka_config_check(config, &error))
            fail_msg("%s is taken", cases[i].setting);
        if (!strstr(error->message, cases[i].told) || !strstr(error->message, "$DAYWIRE_TOPICS_"))
            fail_msg("%s: %s", cases[i].setting, error->message);
    }
}

static void test_what_may_be_said(void **state)
{
    static const char *const settings[] = {
        "DAYWIRE_KAFKA_BOOTSTRAP_SERVERS=one:9092,two:9092",
        "DAYWIRE_KAFKA_ACKS=all",
        "DAYWIRE_KAFKA_LINGER_MS=5",
        "DAYWIRE_KAFKA_SECURITY_PROTOCOL=ssl",
        "DAYWIRE_KAFKA_TOPIC_METADATA_REFRESH_INTERVAL_MS=1000",
    };
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(settings); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(Config) config = config_of(settings[i]);
        if (!kafka_config_check(config, &error))
            fail_msg("%s: %s", settings[i], error->message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_promises_rest_on),
        cmocka_unit_test(test_names_of_topics),
        cmocka_unit_test(test_what_may_be_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
