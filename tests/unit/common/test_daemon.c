/* SPDX-License-Identifier: Apache-2.0 */
/* Command line, signals and failure of a service, each in a process of its own: signals stay blocked and a
 * failure stays one. What a process said and how it ended is what is looked at. */
#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "config_fixture.h"

#include "common/daemon.h"
#include "common/error.h"
#include "common/log.h"

static bool check_title(const Config *config, GError **error)
{
    if (strcmp(config_string(config, "site", "title"), "wrong") != 0)
        return true;
    g_autofree char *origin = config_origin(config, "site", "title");
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "%s: this title is wrong", origin);
    return false;
}

static const DaemonProgram program = {
    .name = "daywire-test",
    .summary = "does nothing",
    .groups = (const char *const[]){"site", NULL},
    .check = check_title,
};

typedef struct {
    int status; /* exit status, or -signal */
    char *out;
    char *err;
} Outcome;

static void outcome_clear(Outcome *outcome)
{
    g_free(outcome->out);
    g_free(outcome->err);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Outcome, outcome_clear)

static char *read_all(int file)
{
    off_t size = lseek(file, 0, SEEK_END);
    char *text = g_malloc0((size_t)size + 1);
    assert_int_equal(pread(file, text, (size_t)size, 0), size);
    (void)close(file);
    return text;
}

/* daemon_start() with these arguments in a child, then `body`. */
static Outcome run(int (*body)(const Config *config), const char *const *arguments)
{
    int out = memfd_create("out", MFD_CLOEXEC), err = memfd_create("err", MFD_CLOEXEC);
    (void)fflush(NULL);
    pid_t child = fork();
    assert_true(out >= 0 && err >= 0 && child >= 0);
    if (child == 0) {
        Config *config = NULL;
        if (dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0)
            _exit(99);
        int status =
            daemon_start((int)g_strv_length((char **)arguments), (char **)arguments, &program, &config);
        if (status < 0)
            status = body ? body(config) : 50;
        config_free(config);
        (void)fflush(NULL);
        _exit(status);
    }
    Outcome outcome = {0};
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    outcome.out = read_all(out);
    outcome.err = read_all(err);
    return outcome;
}

#define RUN(body_, ...) run(body_, (const char *const[]){"daywire-test", __VA_ARGS__ __VA_OPT__(, ) NULL})

static const char *write_file(const char *content)
{
    return fixture_write(content, strlen(content));
}

static void test_version_and_help(void **state)
{
    (void)state;
    g_auto(Outcome) version = RUN(NULL, "--version");
    assert_int_equal(version.status, 0);
    g_autofree char *expected = g_strdup_printf("daywire-test %s\n", daemon_version());
    assert_string_equal(version.out, expected);
    g_auto(Outcome) help = RUN(NULL, "--help");
    assert_int_equal(help.status, 0);
    assert_non_null(strstr(help.out, "daywire-test does nothing"));
    assert_non_null(strstr(help.out, "--check-config"));
    assert_non_null(strstr(help.out, "[site]\n"));
    assert_non_null(strstr(help.out, "  clock.NAME = ZONE\n"));
    assert_null(strstr(help.out, "[gateway]"));
    assert_string_equal(help.err, "");
}

static void test_check_config(void **state)
{
    (void)state;
    const char *path = write_file("[site]\ntitle = Port\n");
    g_autofree char *expected = g_strdup_printf("%s: good\n", path);
    g_auto(Outcome) good = RUN(NULL, "--check-config", "--config", path);
    assert_int_equal(good.status, 0);
    assert_string_equal(good.out, expected);
    assert_string_equal(good.err, "");
    g_auto(Outcome) none = RUN(NULL, "--check-config");
    assert_int_equal(none.status, 0);
    assert_string_equal(none.out, "defaults and environment: good\n");
}

static void check_refused(const char *content, const char *message)
{
    const char *path = write_file(content);
    g_autofree char *expected = g_strdup_printf("daywire-test: %s%s\n", path, message);
    g_auto(Outcome) checked = RUN(NULL, "--check-config", "--config", path);
    g_auto(Outcome) started = RUN(NULL, "-c", path);
    assert_int_equal(checked.status, 2);
    assert_int_equal(started.status, 2);
    assert_string_equal(checked.out, "");
    assert_string_equal(checked.err, expected);
    assert_string_equal(started.err, expected);
}

static void test_bad_configuration(void **state)
{
    (void)state;
    check_refused("[site]\ntitel = Port\n", ":2: unknown key \"titel\" in [site]; did you mean \"title\"?");
    check_refused("[gateway]\nworkers = x\n",
                  ":2: [gateway] workers: \"x\" is not a whole number from 0 to 256");
    check_refused("\n[site]\ntitle = wrong\n", ":3: this title is wrong");
}

static void check_usage(Outcome outcome, const char *message)
{
    assert_int_equal(outcome.status, 2);
    assert_string_equal(outcome.out, "");
    assert_string_equal(outcome.err, message);
    outcome_clear(&outcome);
}

static void test_bad_arguments(void **state)
{
    (void)state;
    check_usage(RUN(NULL, "--confg", "x"), "daywire-test: Unknown option --confg\n");
    check_usage(RUN(NULL, "file"), "daywire-test: unexpected argument file; see --help\n");
    check_usage(RUN(NULL, "--config"), "daywire-test: Missing argument for --config\n");
    check_usage(RUN(NULL, "--log-format", "xml"), "daywire-test: --log-format xml: it takes text or json\n");
    check_usage(RUN(NULL, "--log-level=all"),
                "daywire-test: --log-level all: it takes debug or info or warning or error\n");
    check_usage(RUN(NULL, "--config", "/nonexistent/file"),
                "daywire-test: /nonexistent/file: No such file or directory\n");
}

static int log_something(const Config *config)
{
    log_debug("debug line");
    log_info("info line", LOG_STR("title", config_string(config, "site", "title")));
    return 0;
}

static void test_log_options(void **state)
{
    (void)state;
    g_auto(Outcome) text = RUN(log_something);
    assert_non_null(strstr(text.err, " level=info program=daywire-test msg=\"info line\" title=Daywire\n"));
    assert_null(strstr(text.err, "debug line"));
    g_auto(Outcome) json = RUN(log_something, "--log-format=json", "--log-level=debug");
    assert_non_null(
        strstr(json.err, "\"level\":\"debug\",\"program\":\"daywire-test\",\"message\":\"debug line\"}\n"));
    g_auto(Outcome) quiet = RUN(log_something, "--log-level=error");
    assert_string_equal(quiet.err, "");
}

static void test_unknown_variables(void **state)
{
    (void)state;
    assert_true(g_setenv("DAYWIRE_SITE_TITEL", "x", TRUE));
    g_auto(Outcome) started = RUN(log_something);
    g_auto(Outcome) checked = RUN(NULL, "--check-config");
    g_unsetenv("DAYWIRE_SITE_TITEL");
    assert_int_equal(started.status, 0);
    assert_non_null(strstr(started.err,
                           "level=warning program=daywire-test msg=\"environment variable left alone\" "
                           "reason=\"\\\"DAYWIRE_SITE_TITEL\\\" is no option's variable; did you mean "
                           "DAYWIRE_SITE_TITLE?\"\n"));
    assert_int_equal(checked.status, 0);
    assert_string_equal(checked.err,
                        "daywire-test: warning: \"DAYWIRE_SITE_TITEL\" is no option's variable; did you "
                        "mean DAYWIRE_SITE_TITLE?\n");
}

/* Signals that arrive while nobody waits are kept. */
static int take_signals(const Config *config G_GNUC_UNUSED)
{
    if (daemon_wait(0) != DAEMON_TIMEOUT || daemon_wait(20) != DAEMON_TIMEOUT)
        return 10;
    (void)kill(getpid(), SIGHUP);
    if (daemon_wait(-1) != DAEMON_RELOAD || daemon_wait(0) != DAEMON_TIMEOUT)
        return 11;
    (void)kill(getpid(), SIGINT);
    if (daemon_wait(-1) != DAEMON_STOP)
        return 12;
    (void)kill(getpid(), SIGTERM);
    if (daemon_wait(60000) != DAEMON_STOP)
        return 13;
    (void)kill(getpid(), SIGPIPE); /* ignored */
    return daemon_exit_status();
}

static void test_signals(void **state)
{
    (void)state;
    g_auto(Outcome) outcome = RUN(take_signals);
    assert_int_equal(outcome.status, 0);
}

static gpointer run_failing(gpointer data G_GNUC_UNUSED)
{
    daemon_fail("the disk is gone");
    return NULL;
}

static int fail_in_a_thread(const Config *config G_GNUC_UNUSED)
{
    GThread *thread = g_thread_new("failing", run_failing, NULL);
    DaemonEvent event = daemon_wait(-1);
    g_thread_join(thread);
    return event == DAEMON_STOP ? daemon_exit_status() : 20;
}

static void test_failure(void **state)
{
    (void)state;
    g_auto(Outcome) outcome = RUN(fail_in_a_thread);
    assert_int_equal(outcome.status, 1);
    assert_non_null(strstr(
        outcome.err, "level=error program=daywire-test msg=\"cannot go on\" reason=\"the disk is gone\""));
}

static int reload(const Config *config)
{
    g_autoptr(GError) error = NULL;
    if (strcmp(config_string(config, "site", "title"), "before") != 0)
        return 30;
    (void)write_file("[site]\ntitle = after\n");
    g_autoptr(Config) second = daemon_reload(&error);
    if (!second || strcmp(config_string(second, "site", "title"), "after") != 0)
        return 31;
    (void)write_file("[site]\ntitle = wrong\n");
    g_autoptr(Config) third = daemon_reload(&error);
    return !third && g_str_has_suffix(error->message, ":2: this title is wrong") ? 0 : 32;
}

static void test_reload(void **state)
{
    (void)state;
    const char *path = write_file("[site]\ntitle = before\n");
    g_auto(Outcome) outcome = RUN(reload, "--config", path);
    assert_int_equal(outcome.status, 0);
}

static void test_data_path(void **state)
{
    (void)state;
    g_autofree char *program_path = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *folder = g_path_get_dirname(program_path);
    g_autofree char *prefix = g_path_get_dirname(folder);
    g_autofree char *expected = g_build_filename(prefix, "share/daywire/web", NULL);
    g_autofree char *path = daemon_data_path("web");
    assert_string_equal(path, expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_version_and_help),
        cmocka_unit_test(test_check_config),
        cmocka_unit_test(test_bad_configuration),
        cmocka_unit_test(test_bad_arguments),
        cmocka_unit_test(test_log_options),
        cmocka_unit_test(test_unknown_variables),
        cmocka_unit_test(test_signals),
        cmocka_unit_test(test_failure),
        cmocka_unit_test(test_reload),
        cmocka_unit_test(test_data_path),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
