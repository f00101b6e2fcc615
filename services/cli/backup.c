/* SPDX-License-Identifier: Apache-2.0 */
/* backup: a copy of ingest's database, made while ingest runs. */
#include "cli/commands.h"

#include "cli/arguments.h"
#include "cli/database_copy.h"
#include "cli/output.h"
#include "common/config/config.h"

static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
    (void)number;
    stopped = 1;
}

/* So that an interrupted backup leaves nothing behind. */
static void catch_signals(void)
{
    const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = on_signal};
    (void)sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < G_N_ELEMENTS(signals); i++)
        (void)sigaction(signals[i], &action, NULL); /* it fails for a wrong number only */
}

/* The database of the configuration. g_free it. */
static char *configured_database(const char *config_path, GError **error)
{
    g_auto(GStrv) environment = g_get_environ();
    g_autoptr(Config) config = config_load(config_path, environment, error);
    return config ? g_strdup(config_string(config, "ingest", "database")) : NULL;
}

static int back_up(const char *command, const char *database, const char *destination, bool replace)
{
    const DatabaseCopyOptions options = {
        .source = database, .destination = destination, .replace = replace, .stopped = &stopped};
    DatabaseCopy copy = {0};
    g_autoptr(GError) error = NULL;
    catch_signals();
    if (!database_copy(&options, &copy, &error)) {
        complain(command, "%s", error->message);
        return COMMAND_FAILED;
    }
    output("%s: %" G_GINT64_FORMAT " statements, %" G_GINT64_FORMAT " bytes\n", destination, copy.statements,
           copy.bytes);
    return output_finish(command, COMMAND_OK);
}

int command_backup(int argc, char **argv)
{
    g_autofree char *config_path = NULL;
    g_autofree char *database = NULL;
    gboolean force = FALSE;
    const GOptionEntry entries[] = {
        {"config", 0, 0, G_OPTION_ARG_FILENAME, &config_path, "the database is its [ingest] database",
         "FILE"},
        {"database", 0, 0, G_OPTION_ARG_FILENAME, &database, "the database, in place of a configuration",
         "FILE"},
        {"force", 0, 0, G_OPTION_ARG_NONE, &force, "replace a file that is there", NULL},
        {0},
    };
    const Arguments arguments = {
        .usage = "DESTINATION",
        .summary =
            "Copies ingest's database, while ingest runs or not, into one file that is checked and needs "
            "nothing else.",
        .description =
            "Example: daywire backup --database ~/.local/share/daywire/ingest.db monday.db\n"
            "It holds every revision that was acknowledged before it began, also withdrawn texts.\n"
            "Exit status: 0 done; 2 an error, and nothing is left at DESTINATION.\n",
        .entries = entries,
    };
    g_auto(GStrv) rest = NULL;
    int status = COMMAND_FAILED;
    if (!arguments_parse(&arguments, argc, argv, &rest, &status))
        return status;
    if (!rest[0] || !*rest[0] || rest[1]) {
        complain(argv[0], "name one file to write; `daywire backup --help` shows how");
        return COMMAND_FAILED;
    }
    if (config_path && database) {
        complain(argv[0], "--config and --database: give one of them");
        return COMMAND_FAILED;
    }
    g_autoptr(GError) error = NULL;
    if (!database)
        database = configured_database(config_path, &error);
    if (!database) {
        complain(argv[0], "%s", error->message);
        return COMMAND_FAILED;
    }
    return back_up(argv[0], database, rest[0], force);
}
