/* SPDX-License-Identifier: Apache-2.0 */
/* One thread, one place where it waits: sigtimedwait() for the signals that are blocked everywhere. A SIGCHLD
 * may stand for several children, hence after each all are asked; nothing is done in a signal handler.
 *
 * A child is a process group of its own, so that Ctrl-C in a terminal reaches this process alone and the
 * children are stopped in order. PR_SET_PDEATHSIG takes them along when this process dies without stopping
 * them. */
#include "cli/children.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "cli/restart_policy.h"
#include "common/error.h"

#define EXIT_CONFIGURATION 2   /* of the services, see daemon.h */
#define EXIT_NOT_STARTED   127 /* of a child that could not become its program */

typedef struct {
    char *name;
    char **arguments;
    char **environment;
    char *folder;
    char *log;
    int stop_ms;
    int orphan_signal;

    pid_t pid;        /* 0: not running */
    int64_t start_at; /* when not running: monotonic time of the next start */
    RestartPolicy policy;
} Child;

struct Children {
    char *command;
    GPtrArray *list; /* in the order of their first start */
    sigset_t signals;
};

void children_tell(const Children *children, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    (void)printf("%s: %s\n", children->command, text);
    (void)fflush(stdout); /* whoever starts us from a program waits for these lines */
}

static void child_free(gpointer data)
{
    Child *child = data;
    g_free(child->name);
    g_strfreev(child->arguments);
    g_strfreev(child->environment);
    g_free(child->folder);
    g_free(child->log);
    g_free(child);
}

static Child *child_new(const ChildSpec *spec)
{
    Child *child = g_new(Child, 1);
    *child = (Child){
        .name = g_strdup(spec->name),
        .arguments = g_strdupv((char **)spec->arguments),
        .environment = g_strdupv((char **)spec->environment),
        .folder = g_strdup(spec->folder),
        .log = g_strdup(spec->log),
        .stop_ms = spec->stop_ms,
        .orphan_signal = spec->orphan_signal,
    };
    return child;
}

Children *children_new(const char *command)
{
    Children *children = g_new0(Children, 1);
    children->command = g_strdup(command);
    children->list = g_ptr_array_new_with_free_func(child_free);
    sigemptyset(&children->signals);
    sigaddset(&children->signals, SIGCHLD);
    sigaddset(&children->signals, SIGTERM);
    sigaddset(&children->signals, SIGINT);
    sigaddset(&children->signals, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, &children->signals, NULL); /* cannot fail with these arguments */
    return children;
}

/* Between fork() and exec(): nothing here may allocate or lock, since another thread may have held any lock.
 */
static G_NORETURN void become(const Child *child, pid_t parent, const sigset_t *unblock)
{
    if (prctl(PR_SET_PDEATHSIG, child->orphan_signal) != 0 || getppid() != parent)
        _exit(EXIT_NOT_STARTED); /* the parent has gone already */
    (void)setpgid(0, 0);
    closefrom(STDERR_FILENO + 1); /* a connection of the embedded broker's would stay open in here too */
    int input = open("/dev/null", O_RDONLY);
    int output = child->log ? open(child->log, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;
    if (input < 0 || dup2(input, STDIN_FILENO) < 0 || (child->log && output < 0) ||
        (output >= 0 && (dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0)) ||
        (child->folder && chdir(child->folder) != 0))
        _exit(EXIT_NOT_STARTED);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)sigprocmask(SIG_UNBLOCK, unblock, NULL);
    (void)execve(child->arguments[0], child->arguments, child->environment);
    _exit(EXIT_NOT_STARTED);
}

static bool start(const Children *children, Child *child, GError **error)
{
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0)
        become(child, parent, &children->signals);
    if (pid < 0) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "%s cannot be started: %s", child->name,
                    g_strerror(errno));
        return false;
    }
    child->pid = pid;
    return true;
}

bool children_start(Children *children, const ChildSpec *spec, GError **error)
{
    Child *child = child_new(spec);
    children_tell(children, "starting %s", child->name);
    if (!start(children, child, error)) {
        child_free(child);
        return false;
    }
    g_ptr_array_add(children->list, child);
    return true;
}

static char *describe_end(const Child *child, int status)
{
    if (WIFSIGNALED(status))
        return g_strdup_printf("was ended by signal %d (%s)", WTERMSIG(status),
                               g_strsignal(WTERMSIG(status)));
    if (WEXITSTATUS(status) == EXIT_NOT_STARTED)
        return g_strdup_printf("could not be started: is %s there?", child->arguments[0]);
    return g_strdup_printf("ended with status %d", WEXITSTATUS(status));
}

/* Whether the child, if it runs, has ended; then *ret_status tells how. */
static bool reap(Child *child, int *ret_status)
{
    if (child->pid == 0 || waitpid(child->pid, ret_status, WNOHANG) != child->pid)
        return false;
    child->pid = 0;
    return true;
}

/* False: nothing is left but to stop. */
static bool handle_end(const Children *children, Child *child, int status)
{
    g_autofree char *end = describe_end(child, status);
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_CONFIGURATION) {
        children_tell(children, "%s %s: its configuration is wrong, see above", child->name, end);
        return false;
    }
    int64_t now = g_get_monotonic_time();
    if (!restart_policy_failed(&child->policy, now, &child->start_at)) {
        children_tell(children, "%s %s, the %dth time within a minute: giving up", child->name, end,
                      RESTART_FAILURES_MAX);
        return false;
    }
    children_tell(children, "%s %s; starting it again in %.2f s", child->name, end,
                  (double)(child->start_at - now) / 1e6);
    return true;
}

/* Looks after all children. False: nothing is left but to stop. */
static bool look_after(Children *children)
{
    for (guint i = 0; i < children->list->len; i++) {
        Child *child = g_ptr_array_index(children->list, i);
        int status = 0;
        if (reap(child, &status) && !handle_end(children, child, status))
            return false;
        g_autoptr(GError) error = NULL;
        if (child->pid == 0 && g_get_monotonic_time() >= child->start_at && !start(children, child, &error)) {
            children_tell(children, "%s", error->message);
            return false;
        }
    }
    return true;
}

/* When look_after() has to be called again at the latest. */
static int64_t next_start(const Children *children, int64_t end)
{
    for (guint i = 0; i < children->list->len; i++) {
        const Child *child = g_ptr_array_index(children->list, i);
        if (child->pid == 0)
            end = MIN(end, child->start_at);
    }
    return end;
}

/* The signal that came, 0 when none did until `end`. */
static int wait_signal(const Children *children, int64_t end)
{
    int64_t left = MAX(end - g_get_monotonic_time(), 0);
    const struct timespec wait = {.tv_sec = left / G_USEC_PER_SEC, .tv_nsec = left % G_USEC_PER_SEC * 1000};
    int number = sigtimedwait(&children->signals, NULL, &wait);
    return number > 0 ? number : 0; /* EAGAIN and EINTR are no news */
}

ChildrenEvent children_wait(Children *children, int timeout_ms)
{
    int64_t end =
        timeout_ms < 0 ? G_MAXINT64 / 2 : g_get_monotonic_time() + timeout_ms * G_TIME_SPAN_MILLISECOND;
    do {
        if (!look_after(children))
            return CHILDREN_FAILED;
        int number = wait_signal(children, next_start(children, end));
        if (number != 0 && number != SIGCHLD)
            return CHILDREN_STOP;
    } while (g_get_monotonic_time() < end);
    return look_after(children) ? CHILDREN_RUNNING : CHILDREN_FAILED;
}

bool children_run_once(Children *children, const ChildSpec *spec, GError **error)
{
    Child *child = child_new(spec);
    int64_t end = g_get_monotonic_time() + spec->stop_ms * G_TIME_SPAN_MILLISECOND;
    int status = 0;
    bool started = start(children, child, error);
    bool ended = false;
    int number = 0;
    while (started && !(ended = reap(child, &status)) && (number == 0 || number == SIGCHLD) &&
           g_get_monotonic_time() < end)
        number = wait_signal(children, end);
    if (started && !ended) {
        (void)kill(child->pid, SIGKILL);
        (void)waitpid(child->pid, &status, 0);
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "%s was stopped before it was done",
                    spec->name);
    } else if (started && status != 0) {
        g_autofree char *text = describe_end(child, status);
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "%s %s", spec->name, text);
    }
    child_free(child);
    return started && ended && status == 0;
}

/* Ends one child; without patience at once. Returns whether patience is left for the others. */
static bool stop_child(const Children *children, Child *child, bool patient)
{
    int64_t end = g_get_monotonic_time() + child->stop_ms * G_TIME_SPAN_MILLISECOND;
    int status = 0;
    if (patient)
        (void)kill(child->pid, SIGTERM);
    while (patient && !reap(child, &status) && g_get_monotonic_time() < end) {
        int number = wait_signal(children, end);
        if (number != 0 && number != SIGCHLD)
            patient = false;
    }
    if (child->pid == 0) {
        children_tell(children, "%s has stopped", child->name);
        return patient;
    }
    (void)kill(child->pid, SIGKILL);
    (void)waitpid(child->pid, &status, 0);
    child->pid = 0;
    children_tell(children, "%s was killed%s", child->name, patient ? ": it did not stop in time" : "");
    return patient;
}

void children_stop(Children *children)
{
    bool patient = true;
    for (guint i = children->list->len; i-- > 0;) {
        Child *child = g_ptr_array_index(children->list, i);
        int status = 0;
        if (child->pid != 0 && !reap(child, &status))
            patient = stop_child(children, child, patient);
    }
    g_ptr_array_set_size(children->list, 0);
}

void children_free(Children *children)
{
    if (!children)
        return;
    for (guint i = children->list->len; i-- > 0;) {
        Child *child = g_ptr_array_index(children->list, i);
        if (child->pid != 0)
            (void)stop_child(children, child, false);
    }
    g_ptr_array_free(children->list, TRUE);
    g_free(children->command);
    g_free(children);
}
