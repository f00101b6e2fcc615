/* SPDX-License-Identifier: Apache-2.0 */
/* The children are shell scripts that write down what happens to them. */
#include "unit.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/children.h"
#include "folder.h"

#define WAIT_MS 10000

typedef struct {
    char *folder;
    char *diary; /* the file in which scripts write */
    Children *children;
} Fixture;

static int setup(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    fixture->folder = folder_new();
    fixture->diary = g_build_filename(fixture->folder, "diary", NULL);
    fixture->children = children_new("test");
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    Fixture *fixture = *state;
    children_free(fixture->children);
    folder_remove(fixture->folder);
    g_free(fixture->diary);
    g_free(fixture);
    return 0;
}

/* $DIARY is the diary in the script. */
static bool start_script(const Fixture *fixture, const char *name, const char *script, int stop_ms)
{
    g_autofree char *diary = g_strconcat("DIARY=", fixture->diary, NULL);
    const ChildSpec spec = {
        .name = name,
        .arguments = (const char *const[]){"/bin/sh", "-c", script, NULL},
        .environment = (const char *const[]){diary, "PATH=/usr/bin:/bin", NULL},
        .stop_ms = stop_ms,
        .orphan_signal = SIGKILL,
    };
    return children_start(fixture->children, &spec, NULL);
}

static char *read_diary(const Fixture *fixture)
{
    char *text = NULL;
    return g_file_get_contents(fixture->diary, &text, NULL, NULL) ? text : g_strdup("");
}

/* Supervises until the diary has `text` in it. */
static void await_entry(const Fixture *fixture, const char *text)
{
    int64_t end = g_get_monotonic_time() + WAIT_MS * G_TIME_SPAN_MILLISECOND;
    for (;;) {
        g_autofree char *diary = read_diary(fixture);
        if (strstr(diary, text))
            return;
        if (g_get_monotonic_time() > end)
            fail_msg("the diary says \"%s\"", diary);
        assert_int_equal(children_wait(fixture->children, 10), CHILDREN_RUNNING);
    }
}

static void test_restarts_what_ends_until_it_is_too_often(void **state)
{
    const Fixture *fixture = *state;
    assert_true(start_script(fixture, "short", "echo ran >> $DIARY; exit 0", 1000));
    assert_int_equal(children_wait(fixture->children, WAIT_MS), CHILDREN_FAILED);
    g_autofree char *diary = read_diary(fixture);
    assert_string_equal(diary, "ran\nran\nran\nran\nran\n");
}

static void test_wrong_configuration_is_not_tried_again(void **state)
{
    const Fixture *fixture = *state;
    assert_true(start_script(fixture, "wrong", "echo ran >> $DIARY; exit 2", 1000));
    assert_int_equal(children_wait(fixture->children, WAIT_MS), CHILDREN_FAILED);
    g_autofree char *diary = read_diary(fixture);
    assert_string_equal(diary, "ran\n");
}

static void test_killed_child_comes_back(void **state)
{
    const Fixture *fixture = *state;
    assert_true(start_script(fixture, "long", "echo $$ >> $DIARY; exec sleep 60", 1000));
    await_entry(fixture, "\n");
    g_autofree char *first = read_diary(fixture);
    assert_int_equal(kill((pid_t)g_ascii_strtoll(first, NULL, 10), SIGKILL), 0);
    int64_t end = g_get_monotonic_time() + WAIT_MS * G_TIME_SPAN_MILLISECOND;
    g_autofree char *diary = NULL;
    do {
        g_free(diary);
        assert_int_equal(children_wait(fixture->children, 10), CHILDREN_RUNNING);
        diary = read_diary(fixture);
    } while (strlen(diary) <= strlen(first) && g_get_monotonic_time() < end);
    assert_true(strlen(diary) > strlen(first));
}

static void test_stops_in_reverse_order(void **state)
{
    const Fixture *fixture = *state;
    static const char *const names[] = {"a", "b", "c"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *script = g_strdup_printf("trap 'echo stop-%s >> $DIARY; exit 0' TERM; echo start-%s "
                                                  ">> $DIARY; while :; do :; done",
                                                  names[i], names[i]);
        assert_true(start_script(fixture, names[i], script, WAIT_MS));
        g_autofree char *entry = g_strdup_printf("start-%s\n", names[i]);
        await_entry(fixture, entry);
    }
    children_stop(fixture->children);
    g_autofree char *diary = read_diary(fixture);
    assert_string_equal(diary, "start-a\nstart-b\nstart-c\nstop-c\nstop-b\nstop-a\n");
}

static void test_kills_what_does_not_stop(void **state)
{
    const Fixture *fixture = *state;
    assert_true(start_script(fixture, "deaf", "trap '' TERM; echo ready >> $DIARY; exec sleep 60", 200));
    await_entry(fixture, "ready");
    int64_t start = g_get_monotonic_time();
    children_stop(fixture->children);
    int64_t taken = g_get_monotonic_time() - start;
    assert_true(taken >= 200 * G_TIME_SPAN_MILLISECOND);
    assert_true(taken < WAIT_MS * G_TIME_SPAN_MILLISECOND);
}

static void test_second_signal_ends_the_patience(void **state)
{
    const Fixture *fixture = *state;
    assert_true(start_script(fixture, "deaf", "trap '' TERM; echo ready >> $DIARY; exec sleep 60", 60000));
    await_entry(fixture, "ready");
    assert_int_equal(kill(getpid(), SIGINT), 0); /* is blocked, hence waits */
    int64_t start = g_get_monotonic_time();
    children_stop(fixture->children);
    assert_true(g_get_monotonic_time() - start < WAIT_MS * G_TIME_SPAN_MILLISECOND);
}

static void test_signals_ask_to_stop(void **state)
{
    const Fixture *fixture = *state;
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP};
    for (size_t i = 0; i < G_N_ELEMENTS(signals); i++) {
        assert_int_equal(kill(getpid(), signals[i]), 0);
        assert_int_equal(children_wait(fixture->children, -1), CHILDREN_STOP);
    }
}

/* It must not hold the embedded broker's sockets, nor miss a signal because its parent blocks it. */
static void test_child_begins_afresh(void **state)
{
    const Fixture *fixture = *state;
    int inherited[2];
    assert_int_equal(pipe(inherited), 0);
    g_autofree char *script =
        g_strdup_printf("[ -e /proc/self/fd/%d ] && echo open >> $DIARY; grep SigBlk /proc/self/status "
                        ">> $DIARY; echo done >> $DIARY; exec sleep 60",
                        inherited[1]);
    assert_true(start_script(fixture, "fresh", script, 1000));
    await_entry(fixture, "done");
    g_autofree char *diary = read_diary(fixture);
    assert_null(strstr(diary, "open"));
    assert_non_null(strstr(diary, "0000000000000000"));
    assert_int_equal(close(inherited[0]), 0);
    assert_int_equal(close(inherited[1]), 0);
}

static void test_folder_and_log(void **state)
{
    const Fixture *fixture = *state;
    const ChildSpec spec = {
        .name = "once",
        .arguments = (const char *const[]){"/bin/sh", "-c", "pwd; echo oops >&2", NULL},
        .environment = (const char *const[]){NULL},
        .folder = fixture->folder,
        .log = fixture->diary,
        .stop_ms = WAIT_MS,
        .orphan_signal = SIGKILL,
    };
    assert_true(children_run_once(fixture->children, &spec, NULL));
    g_autofree char *diary = read_diary(fixture);
    g_autofree char *expected = g_strdup_printf("%s\noops\n", fixture->folder);
    assert_string_equal(diary, expected);
}

static void assert_run_fails(const Fixture *fixture, const char *program, const char *script, int limit_ms,
                             const char *reason)
{
    g_autoptr(GError) error = NULL;
    const ChildSpec spec = {
        .name = "once",
        .arguments = (const char *const[]){program, "-c", script, NULL},
        .environment = (const char *const[]){NULL},
        .stop_ms = limit_ms,
        .orphan_signal = SIGKILL,
    };
    assert_false(children_run_once(fixture->children, &spec, &error));
    if (!strstr(error->message, reason))
        fail_msg("\"%s\" does not say \"%s\"", error->message, reason);
}

static void test_run_once_tells_how_it_failed(void **state)
{
    const Fixture *fixture = *state;
    assert_run_fails(fixture, "/bin/sh", "exit 3", WAIT_MS, "status 3");
    assert_run_fails(fixture, "/bin/sh", "kill -9 $$", WAIT_MS, "signal 9");
    assert_run_fails(fixture, "/bin/sh", "while :; do :; done", 100, "before it was done");
    assert_run_fails(fixture, "/no/such/program", "", WAIT_MS, "/no/such/program");
}

/* A process between this one and the child is killed: the child must go too. */
static void test_no_child_outlives_its_parent(void **state)
{
    const Fixture *fixture = *state;
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0); /* so that the orphan becomes ours */
    pid_t parent = fork();
    if (parent == 0) {
        if (start_script(fixture, "orphan", "echo $$ >> $DIARY; trap '' TERM; exec sleep 60", 1000))
            (void)children_wait(fixture->children, -1);
        _exit(1);
    }
    await_entry(fixture, "\n");
    g_autofree char *diary = read_diary(fixture);
    pid_t child = (pid_t)g_ascii_strtoll(diary, NULL, 10);
    int status = 0;
    assert_int_equal(kill(parent, SIGKILL), 0);
    assert_int_equal(waitpid(parent, &status, 0), parent);
    pid_t ended = 0;
    int64_t end = g_get_monotonic_time() + WAIT_MS * G_TIME_SPAN_MILLISECOND;
    while (ended == 0 && g_get_monotonic_time() < end) {
        ended = waitpid(child, &status, WNOHANG);
        g_usleep(10000);
    }
    if (ended == 0)
        (void)kill(child, SIGKILL);
    assert_int_equal(ended, child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 0), 0);
}

#define child_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        child_test(test_restarts_what_ends_until_it_is_too_often),
        child_test(test_wrong_configuration_is_not_tried_again),
        child_test(test_killed_child_comes_back),
        child_test(test_stops_in_reverse_order),
        child_test(test_kills_what_does_not_stop),
        child_test(test_second_signal_ends_the_patience),
        child_test(test_signals_ask_to_stop),
        child_test(test_child_begins_afresh),
        child_test(test_folder_and_log),
        child_test(test_run_once_tells_how_it_failed),
        child_test(test_no_child_outlives_its_parent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
