/* SPDX-License-Identifier: Apache-2.0 */
/* daywire-counter as a process: command line, signals, exit statuses; and on a date of our choice, where
 * libfaketime can be had. */
#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "common/bus_record.h"
#include "common/config_fixture.h"
#include "common/kafka_fixture.h"

#define LONDON                                                                                               \
    "[counter harbour]\n"                                                                                    \
    "since = 2018-03-04\n"                                                                                   \
    "time-zone = Europe/London\n"                                                                            \
    "label.en = {days, plural, one {# day has} other {# days have}} passed since the harbour opened\n"       \
    "label.ru = {days, plural, one {# день} few {# дня} many {# дней} other {# дня}}\n"        \
    "[counter library]\n"                                                                                    \
    "since = 2018-03-12\n"                                                                                   \
    "time-zone = Europe/London\n"                                                                            \
    "label.en = {days} days\n"

/* --- the process --- */

static char *log_path, *lock_path;

static char **make_environment(const KafkaFixture *fixture, const char *time)
{
    char **environment = g_get_environ();
    g_autofree char *preload = g_strjoin(" ", FAKETIME_SANITIZER, FAKETIME_WAITS, FAKETIME_LIBRARY, NULL);
    environment = g_environ_setenv(environment, "DAYWIRE_COUNTERS_ADMIN", "127.0.0.1:0", TRUE);
    environment = g_environ_setenv(environment, "DAYWIRE_KAFKA_FETCH_WAIT_MAX_MS", "10", TRUE);
    /* This broker takes its time with a group. */
    environment = g_environ_setenv(environment, "DAYWIRE_COUNTERS_LOCK_FILE", lock_path, TRUE);
    if (fixture)
        environment = g_environ_setenv(environment, "DAYWIRE_KAFKA_BOOTSTRAP_SERVERS",
                                       embedded_broker_address(fixture->broker), TRUE);
    if (!time)
        return environment;
    environment = g_environ_setenv(environment, "DAYWIRE_COUNTERS_EARLIEST_CLOCK", "2000-01-01", TRUE);
    environment = g_environ_setenv(environment, "LD_PRELOAD", preload, TRUE);
    environment = g_environ_setenv(environment, "FAKETIME", time, TRUE);
    environment = g_environ_setenv(environment, "FAKETIME_DONT_FAKE_MONOTONIC", "1", TRUE);
    return g_environ_setenv(environment, "TZ", "UTC", TRUE);
}

/* In the child: a test that fails leaves nothing behind. */
static void die_with_parent(gpointer user)
{
    (void)user;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* `content` is its configuration, `time` NULL the real one. */
static GPid start(const KafkaFixture *fixture, const char *content, const char *time)
{
    GPid pid = 0;
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) environment = make_environment(fixture, time);
    const char *const argv[] = {DAYWIRE_COUNTER_PROGRAM, "--config", fixture_write(content, strlen(content)),
                                NULL};
    int log = open(log_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(log >= 0);
    if (!g_spawn_async_with_pipes_and_fds(NULL, argv, (const char *const *)environment,
                                          G_SPAWN_DO_NOT_REAP_CHILD, die_with_parent, NULL, -1, log, log,
                                          NULL, NULL, 0, &pid, NULL, NULL, NULL, &error))
        fail_msg("%s", error->message);
    (void)close(log);
    return pid;
}

static void await_log(const char *wanted)
{
    gint64 deadline = g_get_monotonic_time() + WAIT_MS * INT64_C(1000);
    for (;;) {
        g_autofree char *text = NULL;
        assert_true(g_file_get_contents(log_path, &text, NULL, NULL));
        if (strstr(text, wanted))
            return;
        if (g_get_monotonic_time() > deadline)
            fail_msg("\"%s\" is not in the log: %s", wanted, text);
        g_usleep(2000);
    }
}

static void reload(GPid pid, const char *content)
{
    (void)fixture_write(content, strlen(content));
    assert_int_equal(kill(pid, SIGHUP), 0);
}

/* `signal_number` 0: it ends by itself. The exit status; the process is killed when it does not end in time. */
static int finish(GPid pid, int signal_number)
{
    int status = 0;
    gint64 deadline = g_get_monotonic_time() + WAIT_MS * INT64_C(1000);
    assert_int_equal(kill(pid, signal_number), 0);
    while (waitpid(pid, &status, WNOHANG) == 0) {
        if (g_get_monotonic_time() > deadline) {
            (void)kill(pid, SIGKILL);
            (void)waitpid(pid, &status, 0);
            fail_msg("the process did not end");
        }
        g_usleep(2000);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* --- the topic --- */

static char *read_topic(const KafkaFixture *fixture)
{
    GString *text = g_string_new(NULL);
    g_autoptr(KafkaReader) reader = open_reader(fixture->config);
    assert_true(kafka_reader_start(reader, NULL));
    g_autoptr(GPtrArray) records = read_to_end(reader);
    for (guint i = 0; i < records->len; i++) {
        g_autoptr(Tick) tick = bus_record_tick(records->pdata[i], NULL);
        g_autofree char *id = tick ? tick_event_id(tick) : NULL;
        const char *russian = tick ? tick_label(tick, "ru") : NULL;
        g_string_append_printf(text, "%s %s%s%s; ", id ? id : "removed", tick ? tick_label(tick, "en") : "",
                               russian ? " / " : "", russian ? russian : "");
    }
    return g_string_free(text, FALSE);
}

/* Waits for `count` records. */
static char *await_records(const KafkaFixture *fixture, int count)
{
    gint64 deadline = g_get_monotonic_time() + WAIT_MS * INT64_C(1000);
    for (;;) {
        g_autofree char *text = read_topic(fixture);
        g_auto(GStrv) records = g_strsplit(text, "; ", -1);
        if ((int)g_strv_length(records) - 1 >= count)
            return g_steal_pointer(&text);
        if (g_get_monotonic_time() > deadline)
            fail_msg("not %d records: %s", count, text);
    }
}

/* --- tests --- */

static void test_check_config(void **state)
{
    (void)state;
    static const struct {
        const char *content;
        int status;
        const char *output;
    } cases[] = {
        {LONDON, 0, ": good\n"},
        {"[counter a]\nsince = 2021-02-29\nlabel.en = x\n", 2,
         ":2: [counter a] since: \"2021-02-29\" is not a date"},
        {"[counter a]\nsince = 2021-02-28\ntime-zone = Europe/Lundon\nlabel.en = x\n", 2,
         ":3: [counter a] time-zone: \"Europe/Lundon\" is not a time zone"},
        {"[counter a]\nsince = 2021-02-28\nlabel.en = {days, plural, one {#}}\n", 2,
         ":3: [counter a] label.en: the form \"other\" is missing"},
        {"[counter a]\nsince = 2021-02-28\nlabel.en = x\nmilstones = 1\n", 2, "did you mean \"milestones\"?"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *out = NULL, *complaint = NULL;
        int status = -1;
        char *argv[] = {(char *)DAYWIRE_COUNTER_PROGRAM, (char *)"--check-config", (char *)"--config",
                        (char *)fixture_write(cases[i].content, strlen(cases[i].content)), NULL};
        assert_true(
            g_spawn_sync(NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, &complaint, &status, NULL));
        assert_int_equal(WEXITSTATUS(status), cases[i].status);
        if (!strstr(cases[i].status == 0 ? out : complaint, cases[i].output))
            fail_msg("%s%s", out, complaint);
    }
}

static void test_signals(void **state)
{
    const KafkaFixture *fixture = *state;
    GPid pid = start(fixture, "[counter a]\nsince = 2018-03-04\nlabel.en = a\n", NULL);
    g_free(await_records(fixture, 1));
    reload(pid, "[counter a]\nsince = 2018-03-04\nlabel.en = {wrong\n");
    await_log("the configuration is wrong, nothing was changed");
    await_log(":3: [counter a] label.en: the argument");
    reload(pid, "[counter a]\nsince = 2018-03-04\nlabel.en = b\n");
    g_autofree char *text = await_records(fixture, 2);
    assert_non_null(strstr(text, "/1 a; a/"));
    assert_true(g_str_has_suffix(text, "/2 b; "));
    assert_int_equal(finish(pid, SIGTERM), 0);
}

static void test_on_the_day(void **state)
{
    const KafkaFixture *fixture = *state;
    if (*FAKETIME_LIBRARY == '\0')
        skip();
    const char *eve =
        "harbour/2021-07-24/1 1,238 days have passed since the harbour opened / 1\u00a0238 дней; "
        "library/2021-07-24/1 1,230 days; ";
    const char *day =
        "harbour/2021-07-25/1 1,239 days have passed since the harbour opened / 1\u00a0239 дней; "
        "library/2021-07-25/1 1,231 days; ";
    GPid pid = start(fixture, LONDON, "@2021-07-24 22:59:55");
    g_autofree char *whole = g_strconcat(eve, day, NULL);
    g_autofree char *before = await_records(fixture, 2);
    assert_string_equal(before, eve);
    g_autofree char *after = await_records(fixture, 4);
    assert_string_equal(after, whole);
    assert_int_equal(finish(pid, SIGKILL), -SIGKILL);

    /* killed, and back on the eve: nothing that is not new is written */
    pid = start(fixture, LONDON, "@2021-07-24 12:00:00");
    await_log("counters loaded");
    reload(pid, LONDON "[counter bridge]\nsince = 2021-07-01\nlabel.en = {days}\n");
    g_autofree char *in_the_end = await_records(fixture, 5);
    g_autofree char *expected = g_strconcat(whole, "bridge/2021-07-24/1 23; ", NULL);
    assert_string_equal(in_the_end, expected);
    assert_int_equal(finish(pid, SIGTERM), 0);
}

static void test_absurd_clock(void **state)
{
    const KafkaFixture *fixture = *state;
    if (*FAKETIME_LIBRARY == '\0')
        skip();
    GPid pid = start(fixture, LONDON, "@1970-01-01 00:00:12");
    await_log("the clock says 1970-01-01T00:00:1");
    await_log(", which is before 2000-01-01T00:00:00Z, ");
    assert_int_equal(finish(pid, 0), 1);
    g_autofree char *text = read_topic(fixture);
    assert_string_equal(text, "");
}

static int setup_all(void **state)
{
    log_path = g_strdup_printf("%s/daywire-counter-test-%d.log", g_get_tmp_dir(), (int)getpid());
    lock_path = g_strconcat(log_path, ".lock", NULL);
    return fixture_setup(state);
}

static int teardown_all(void **state)
{
    (void)remove(log_path);
    (void)remove(lock_path);
    g_free(log_path);
    g_free(lock_path);
    return fixture_teardown(state);
}

#define BROKER_TEST(test) cmocka_unit_test_setup_teardown(test, kafka_fixture_setup, kafka_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check_config),
        BROKER_TEST(test_signals),
        BROKER_TEST(test_on_the_day),
        BROKER_TEST(test_absurd_clock),
    };
    return cmocka_run_group_tests(tests, setup_all, teardown_all);
}
