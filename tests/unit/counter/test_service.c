/* SPDX-License-Identifier: Apache-2.0 */
/* The whole service on the embedded broker: what is on the topic in the end. */
#include "unit.h"

#include <glib/gstdio.h>

#include "common/config_fixture.h"
#include "common/health.h"
#include "common/kafka_fixture.h"
#include "common/lock_file.h"
#include "common/zone.h"
#include "counter/service.h"
#include "counter/zone_fixture.h"
#include "folder.h"

#define LONG_WAIT_MS 30000 /* the embedded broker takes its time with a group */
#define PIER         "[counter pier]\nsince = 2018-03-04\ntime-zone = Noon\nlabel.en = {days} days\n"

static char *lock_folder;

/* --- arrangement --- */

static int setup_all(void **state)
{
    lock_folder = folder_new();
    zone_fixture_setup();
    zone_fixture_add("Noon", 43200);
    return fixture_setup(state);
}

static int teardown_all(void **state)
{
    folder_remove(lock_folder);
    zone_fixture_teardown();
    return fixture_teardown(state);
}

/* A group elects; on this broker it takes 3 seconds. */
static Config *make_group_config(const KafkaFixture *fixture, const char *content)
{
    g_autofree char *servers =
        g_strdup_printf("DAYWIRE_KAFKA_BOOTSTRAP_SERVERS=%s", embedded_broker_address(fixture->broker));
    return fixture_load(content, (char *[]){servers, (char *)"DAYWIRE_KAFKA_FETCH_WAIT_MAX_MS=10", NULL});
}

/* A lock file elects. */
static Config *make_config(const KafkaFixture *fixture, const char *content)
{
    g_autofree char *servers =
        g_strdup_printf("DAYWIRE_KAFKA_BOOTSTRAP_SERVERS=%s", embedded_broker_address(fixture->broker));
    g_autofree char *lock = g_strdup_printf("DAYWIRE_COUNTERS_LOCK_FILE=%s/counter.lock", lock_folder);
    return fixture_load(content,
                        (char *[]){servers, lock, (char *)"DAYWIRE_KAFKA_FETCH_WAIT_MAX_MS=10", NULL});
}

static CounterService *start(const Config *config)
{
    g_autoptr(GError) error = NULL;
    CounterService *service = counter_service_start(config, &error);
    if (!service)
        fail_msg("%s", error->message);
    return service;
}

static void reload(CounterService *service, const KafkaFixture *fixture, const char *content)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = make_config(fixture, content);
    if (!counter_service_reload(service, config, &error))
        fail_msg("%s", error->message);
}

/* --- what a consumer sees --- */

/* "pier/1 1238 days" for each tick in the order of the topic, "pier removed"; `ret_ticks` may be NULL. */
static char *read_topic(const KafkaFixture *fixture, GPtrArray *ret_ticks)
{
    GString *text = g_string_new(NULL);
    g_autoptr(KafkaReader) reader = open_reader(fixture->config);
    assert_true(kafka_reader_start(reader, NULL));
    g_autoptr(GPtrArray) records = read_to_end(reader);
    for (guint i = 0; i < records->len; i++) {
        const BusRecord *record = records->pdata[i];
        g_autofree char *key = bus_record_key(record);
        if (strcmp(record->topic, TICKS_TOPIC) != 0)
            continue;
        if (!record->value) {
            g_string_append_printf(text, "%s removed; ", key);
            continue;
        }
        g_autoptr(Tick) tick = bus_record_tick(record, NULL);
        assert_non_null(tick);
        g_autofree char *id = tick_event_id(tick);
        assert_string_equal(bus_record_header(record, "ce_id"), id);
        g_string_append_printf(text, "%s/%u %s; ", tick->counter, tick->revision, tick_label(tick, "en"));
        if (ret_ticks)
            g_ptr_array_add(ret_ticks, g_steal_pointer(&tick));
    }
    return g_string_free(text, FALSE);
}

/* As the label writes it. */
static char *days_now(void)
{
    CivilDate since = 0;
    g_autoptr(Zone) zone = zone_new("Noon", NULL);
    assert_true(civil_date_parse("2018-03-04", &since));
    int days = zone_date_at(zone, g_get_real_time()) - since;
    assert_in_range(days, 1000, 999999);
    return g_strdup_printf("%d,%03d", days / 1000, days % 1000);
}

/* "DAYS" in `expected` stands for the days of now. */
static void expect_topic(const KafkaFixture *fixture, const char *expected)
{
    g_autofree char *days = days_now();
    g_auto(GStrv) parts = g_strsplit(expected, "DAYS", -1);
    g_autofree char *wanted = g_strjoinv(days, parts);
    g_autofree char *text = NULL;
    gint64 deadline = g_get_monotonic_time() + LONG_WAIT_MS * INT64_C(1000);
    do {
        g_free(text);
        text = read_topic(fixture, NULL);
    } while (strlen(text) < strlen(wanted) && g_get_monotonic_time() < deadline);
    assert_string_equal(text, wanted);
}

static void await_health(bool ready, const char *part_of_text)
{
    gint64 deadline = g_get_monotonic_time() + LONG_WAIT_MS * INT64_C(1000);
    for (;;) {
        g_autofree char *text = NULL;
        if (health_ready(&text) == ready && strstr(text, part_of_text))
            return;
        if (g_get_monotonic_time() > deadline)
            fail_msg("the health is: %s", text);
        g_usleep(2000);
    }
}

/* --- tests --- */

static void test_two_runs_one_tick(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(Config) config = make_config(fixture, PIER);
    for (int i = 0; i < 2; i++) {
        CounterService *service = start(config);
        await_health(true, "ticks: ok");
        counter_service_stop(service);
        expect_topic(fixture, "pier/1 DAYS days; ");
    }
}

static void test_reload(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(Config) config = make_config(fixture, PIER);
    CounterService *service = start(config);
    expect_topic(fixture, "pier/1 DAYS days; ");
    reload(service, fixture,
           "[counter pier]\nsince = 2018-03-04\ntime-zone = Noon\nlabel.en = day {days}\n"
           "[counter quay]\nsince = 2018-03-04\ntime-zone = Noon\nlabel.en = {days}!\n");
    expect_topic(fixture, "pier/1 DAYS days; pier/2 day DAYS; quay/1 DAYS!; ");
    reload(service, fixture, PIER);
    expect_topic(fixture,
                 "pier/1 DAYS days; pier/2 day DAYS; quay/1 DAYS!; pier/3 DAYS days; quay removed; ");

    g_autoptr(GError) error = NULL;
    g_autoptr(Config) bad = make_config(fixture, "[counter pier]\nsince = 2018-03-04\nlabel.en = {dais}\n");
    assert_false(counter_service_reload(service, bad, &error));
    if (!strstr(error->message, ":3: [counter pier] label.en: the argument \"dais\" is unknown"))
        fail_msg("%s", error->message);
    /* a good one afterwards shows that the bad one did nothing */
    reload(service, fixture,
           PIER "[counter quay]\nsince = 2018-03-04\ntime-zone = Noon\nlabel.en = {days}!\n");
    expect_topic(fixture, "pier/1 DAYS days; pier/2 day DAYS; quay/1 DAYS!; pier/3 DAYS days; quay removed; "
                          "quay/2 DAYS!; ");
    counter_service_stop(service);
}

/* Removed while the service was down. */
static void test_removed_meanwhile(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(Config) config = make_config(fixture, PIER);
    g_autoptr(Config) empty = make_config(fixture, "[counters]\n");
    CounterService *service = start(config);
    await_health(true, "ticks: ok");
    counter_service_stop(service);
    for (int i = 0; i < 2; i++) {
        service = start(empty);
        await_health(true, "ticks: ok");
        counter_service_stop(service);
        expect_topic(fixture, "pier/1 DAYS days; pier removed; ");
    }
}

static void test_midnight(void **state)
{
    const KafkaFixture *fixture = *state;
    zone_fixture_add("Eve", 86400 - 5);
    g_autoptr(Config) config =
        make_config(fixture, "[counter pier]\nsince = 2018-03-04\ntime-zone = Eve\nlabel.en = {days}\n");
    CounterService *service = start(config);
    g_autoptr(GPtrArray) ticks = g_ptr_array_new_with_free_func((GDestroyNotify)tick_free);
    gint64 deadline = g_get_monotonic_time() + LONG_WAIT_MS * INT64_C(1000);
    while (ticks->len < 2 && g_get_monotonic_time() < deadline) {
        g_ptr_array_set_size(ticks, 0);
        g_autofree char *text = read_topic(fixture, ticks);
    }
    counter_service_stop(service);
    assert_int_equal(ticks->len, 2);
    const Tick *eve = ticks->pdata[0], *day = ticks->pdata[1];
    assert_int_equal(day->days, eve->days + 1);
    assert_true(eve->late);
    assert_false(day->late);
    Instant effective_at = instant_from_timestamp(day->effective_at);
    assert_int_equal(effective_at, instant_from_timestamp(eve->next_at));
    assert_in_range(instant_from_timestamp(day->emitted_at) - effective_at, 0, 5 * INSTANT_SECOND);
}

static void test_broker_away_at_start(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(Config) config = make_config(fixture, PIER);
    embedded_broker_set_up(fixture->broker, false);
    CounterService *service = start(config);
    await_health(false, "kafka: no Kafka broker answers at 127.0.0.1:");
    embedded_broker_set_up(fixture->broker, true);
    await_health(true, "ticks: ok");
    expect_topic(fixture, "pier/1 DAYS days; ");
    counter_service_stop(service);
}

/* Nobody knows whether it was committed: the topic is read again, and says that it was. */
static void test_commit_without_answer(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(Config) config = make_config(fixture, PIER);
    embedded_broker_fail(fixture->broker, EMBEDDED_END_TRANSACTION, EMBEDDED_REFUSED, 1);
    CounterService *service = start(config);
    await_health(true, "ticks: ok");
    counter_service_stop(service);
    expect_topic(fixture, "pier/1 DAYS days; ");
}

static void test_refused_once(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(Config) config = make_config(fixture, PIER);
    embedded_broker_fail(fixture->broker, EMBEDDED_ADD_PARTITIONS, EMBEDDED_REFUSED, 1);
    CounterService *service = start(config);
    await_health(true, "ticks: ok");
    counter_service_stop(service);
    expect_topic(fixture, "pier/1 DAYS days; ");
}

/* Another one has the transactional id: this one stands by, and writes when it is elected again. */
static void test_fenced(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(Config) config = make_config(fixture, PIER);
    embedded_broker_fail(fixture->broker, EMBEDDED_ADD_PARTITIONS, EMBEDDED_FENCED, 2);
    CounterService *service = start(config);
    expect_topic(fixture, "pier/1 DAYS days; ");
    await_health(true, "ticks: ok");
    counter_service_stop(service);
    expect_topic(fixture, "pier/1 DAYS days; ");
}

/* This broker may elect the second as it joins: either way one of them writes. */
static void test_group(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(Config) config = make_group_config(fixture, PIER);
    CounterService *first = start(config);
    expect_topic(fixture, "pier/1 DAYS days; ");
    CounterService *second = start(config);
    await_health(true, "ticks: ok");
    counter_service_stop(first);
    reload(second, fixture, "[counter pier]\nsince = 2018-03-04\ntime-zone = Noon\nlabel.en = day {days}\n");
    expect_topic(fixture, "pier/1 DAYS days; pier/2 day DAYS; ");
    counter_service_stop(second);
}

static void test_lock_file(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = make_config(fixture, PIER);
    const char *path = config_string(config, "counters", "lock-file");
    int other = -1, fd = -1;
    assert_int_equal(lock_file_take(path, &other, &error), LOCK_FILE_TAKEN);
    assert_int_equal(lock_file_take(path, &fd, &error), LOCK_FILE_HELD);

    CounterService *service = start(config);
    await_health(true, "ticks: ok"); /* a standby is well */
    expect_topic(fixture, "");
    lock_file_release(other);
    expect_topic(fixture, "pier/1 DAYS days; ");
    assert_int_equal(lock_file_take(path, &fd, &error), LOCK_FILE_HELD);
    counter_service_stop(service);
    assert_int_equal(lock_file_take(path, &fd, &error), LOCK_FILE_TAKEN);
    lock_file_release(fd);

    assert_int_equal(lock_file_take("/nowhere/at/all", &fd, &error), LOCK_FILE_FAILED);
    assert_string_equal(error->message, "the lock file /nowhere/at/all: No such file or directory");
}

/* Somebody else's records on the topic. */
static void test_foreign_records(void **state)
{
    const KafkaFixture *fixture = *state;
    g_autoptr(BusRecord) garbage = text_record(TICKS_TOPIC, "pier", "no tick");
    g_autoptr(BusRecord) keyless = text_record(TICKS_TOPIC, "not an id", NULL);
    g_autoptr(Config) config = make_config(fixture, PIER);
    send_all(fixture->config, (BusRecord *[]){garbage, keyless}, 2);
    CounterService *service = start(config);
    await_health(true, "ticks: ok");
    counter_service_stop(service);
    g_autoptr(KafkaReader) reader = open_reader(fixture->config);
    assert_true(kafka_reader_start(reader, NULL));
    g_autoptr(GPtrArray) records = read_to_end(reader);
    assert_int_equal(records->len, 3);
}

#define BROKER_TEST(test) cmocka_unit_test_setup_teardown(test, kafka_fixture_setup, kafka_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BROKER_TEST(test_two_runs_one_tick),
        BROKER_TEST(test_reload),
        BROKER_TEST(test_removed_meanwhile),
        BROKER_TEST(test_midnight),
        BROKER_TEST(test_broker_away_at_start),
        BROKER_TEST(test_commit_without_answer),
        BROKER_TEST(test_refused_once),
        BROKER_TEST(test_fenced),
        BROKER_TEST(test_group),
        BROKER_TEST(test_lock_file),
        BROKER_TEST(test_foreign_records),
    };
    return cmocka_run_group_tests(tests, setup_all, teardown_all);
}
