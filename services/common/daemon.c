/* SPDX-License-Identifier: Apache-2.0 */
/* Start and stop of a service.
 *
 * The signals are blocked in all threads and taken by the main thread when it waits, so that no code ever
 * runs in a signal handler; what arrives before is kept by the kernel. daemon_fail() uses the same road: it
 * sends the process SIGTERM, and remembers that it was a failure. While a service stops, signals wait for
 * ever: whoever wants to cut it short uses SIGKILL. */
#include "common/daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>

#include "common/config/options.h"
#include "common/error.h"
#include "common/log.h"

#define EXIT_USAGE 2

static atomic_bool failed;

/* Of the main thread, for daemon_reload(); set by daemon_start(), before there are threads. */
static const DaemonProgram *the_program;
static char *the_path;
static FileStamp the_stamp; /* before the last load() */

typedef struct {
    char *path;
    char *format_name;
    char *level_name;
    gboolean check;
    gboolean version;
    gboolean help;
    LogFormat format;
    LogLevel level;
} Arguments;

static void arguments_clear(Arguments *arguments)
{
    g_free(arguments->path);
    g_free(arguments->format_name);
    g_free(arguments->level_name);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Arguments, arguments_clear)

const char *daemon_version(void)
{
    return DAYWIRE_VERSION;
}

/* One line on standard error: the log has not begun. Returns the exit status. */
static int complain(const DaemonProgram *program, const GError *error)
{
    (void)fprintf(stderr, "%s: %s\n", program->name, error->message);
    return EXIT_USAGE;
}

static int print(const char *text)
{
    return fputs(text, stdout) >= 0 && fflush(stdout) == 0 ? 0 : EXIT_USAGE;
}

/* The place of `name` in the list, which ends with NULL. */
static bool parse_name(const char *option, const char *name, const char *const *names, unsigned *ret_place,
                       GError **error)
{
    for (unsigned i = 0; names[i]; i++) {
        if (strcmp(names[i], name) == 0) {
            *ret_place = i;
            return true;
        }
    }
    g_autofree char *allowed = g_strjoinv(" or ", (char **)names);
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "--%s %s: it takes %s", option, name, allowed);
    return false;
}

static bool check_arguments(Arguments *arguments, char **rest, GError **error)
{
    static const char *const formats[] = {"text", "json", NULL};
    static const char *const levels[] = {"debug", "info", "warning", "error", NULL};
    unsigned format = LOG_FORMAT_TEXT, level = LOG_LEVEL_INFO;
    if (rest[0] && rest[1]) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "unexpected argument %s; see --help",
                    rest[1]);
        return false;
    }
    if (arguments->format_name && !parse_name("log-format", arguments->format_name, formats, &format, error))
        return false;
    if (arguments->level_name && !parse_name("log-level", arguments->level_name, levels, &level, error))
        return false;
    arguments->format = (LogFormat)format;
    arguments->level = (LogLevel)level;
    return true;
}

/* *ret_help is the text of --help. */
static bool parse_arguments(Arguments *arguments, const DaemonProgram *program, char **argv, char **ret_help,
                            GError **error)
{
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &arguments->path, "the configuration", "FILE"},
        {"check-config", 0, 0, G_OPTION_ARG_NONE, &arguments->check, "check the configuration, then exit",
         NULL},
        {"log-format", 0, 0, G_OPTION_ARG_STRING, &arguments->format_name, "default text", "text|json"},
        {"log-level", 0, 0, G_OPTION_ARG_STRING, &arguments->level_name, "default info",
         "debug|info|warning|error"},
        {"version", 0, 0, G_OPTION_ARG_NONE, &arguments->version, "print the version, then exit", NULL},
        {"help", 'h', 0, G_OPTION_ARG_NONE, &arguments->help, "print this, then exit", NULL},
        {NULL, 0, 0, 0, NULL, NULL, NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autofree char *settings = options_help(program->groups);
    g_autofree char *description = g_strdup_printf(
        "The configuration, each key also as an environment variable (DAYWIRE_<GROUP>_<KEY>):\n\n%s",
        settings);
    g_autofree char *summary = g_strdup_printf("%s %s", program->name, program->summary);
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_set_help_enabled(context, FALSE); /* GLib's would exit by itself */
    g_option_context_set_summary(context, summary);
    g_option_context_set_description(context, description);

    g_auto(GStrv) rest = g_strdupv(argv);
    if (!g_option_context_parse_strv(context, &rest, error) || !check_arguments(arguments, rest, error))
        return false;
    *ret_help = g_option_context_get_help(context, TRUE, NULL);
    return true;
}

static Config *load(GError **error)
{
    the_stamp = file_stamp(the_path);
    g_autoptr(Config) config = config_load(the_path, environ, error);
    if (!config || (the_program->check && !the_program->check(config, error)))
        return NULL;
    return g_steal_pointer(&config);
}

static void make_signal_set(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGHUP);
}

static void take_over_signals(void)
{
    sigset_t set;
    make_signal_set(&set);
    /* Neither call can fail with these arguments. */
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
    (void)sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
}

static int report_check(const Config *config)
{
    for (const char *const *warning = config_warnings(config); *warning; warning++)
        (void)fprintf(stderr, "%s: warning: %s\n", the_program->name, *warning);
    g_autofree char *text = g_strdup_printf("%s: good\n", the_path ? the_path : "defaults and environment");
    return print(text);
}

int daemon_start(int argc G_GNUC_UNUSED, char **argv, const DaemonProgram *program, Config **ret_config)
{
    g_auto(Arguments) arguments = {0};
    g_autofree char *help = NULL;
    g_autoptr(GError) error = NULL;
    if (!parse_arguments(&arguments, program, argv, &help, &error))
        return complain(program, error);
    if (arguments.help)
        return print(help);
    if (arguments.version) {
        g_autofree char *text = g_strdup_printf("%s %s\n", program->name, DAYWIRE_VERSION);
        return print(text);
    }
    the_program = program;
    g_free(the_path);
    the_path = g_steal_pointer(&arguments.path);
    g_autoptr(Config) config = load(&error);
    if (!config)
        return complain(program, error);
    if (arguments.check)
        return report_check(config);

    log_init(program->name, arguments.format, arguments.level);
    take_over_signals();
    for (const char *const *warning = config_warnings(config); *warning; warning++)
        log_warning("environment variable left alone", LOG_STR("reason", *warning));
    *ret_config = g_steal_pointer(&config);
    return -1;
}

Config *daemon_reload(GError **error)
{
    return load(error);
}

const char *daemon_config_file(FileStamp *ret_stamp)
{
    *ret_stamp = the_stamp;
    return the_path;
}

DaemonEvent daemon_wait(int timeout_ms)
{
    sigset_t set;
    make_signal_set(&set);
    gint64 end = g_get_monotonic_time() + timeout_ms * G_GINT64_CONSTANT(1000);
    for (;;) {
        gint64 left = timeout_ms < 0 ? (gint64)G_USEC_PER_SEC * 3600 : MAX(end - g_get_monotonic_time(), 0);
        struct timespec wait = {.tv_sec = left / G_USEC_PER_SEC, .tv_nsec = left % G_USEC_PER_SEC * 1000};
        int signal_number = sigtimedwait(&set, NULL, &wait);
        if (signal_number == SIGHUP)
            return DAEMON_RELOAD;
        if (signal_number > 0)
            return DAEMON_STOP;
        /* EINTR: another signal, or the debugger. EAGAIN: the time has passed. */
        if (errno == EAGAIN && timeout_ms >= 0)
            return DAEMON_TIMEOUT;
    }
}

void daemon_fail(const char *reason)
{
    log_error("cannot go on", LOG_STR("reason", reason));
    atomic_store(&failed, true);
    (void)kill(getpid(), SIGTERM); /* to oneself: always allowed */
}

int daemon_exit_status(void)
{
    return atomic_load(&failed) ? 1 : 0;
}

char *daemon_data_path(const char *name)
{
    g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *folder = g_path_get_dirname(program ? program : "/usr/bin/daywire");
    g_autofree char *path = g_build_filename(folder, "..", "share", "daywire", name, NULL);
    return g_canonicalize_filename(path, "/");
}
