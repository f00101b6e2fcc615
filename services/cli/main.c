/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>

#include <curl/curl.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "common/daemon.h"
#include "common/nearest.h"

typedef struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} Command;

static const Command commands[] = {
    {"standalone", command_standalone, "run all of Daywire on this machine, with sample content"},
    {"import", command_import, "import statements from files, or from the text of a page"},
    {"publish", command_publish, "publish one statement"},
    {"correct", command_correct, "correct a statement, with a public note"},
    {"withdraw", command_withdraw, "withdraw a statement, with a reason"},
    {"cancel", command_cancel, "drop what is scheduled for a statement"},
    {"history", command_history, "print the revisions of a statement"},
    {"feeds", command_feeds, "list the feeds that are polled, and how they are"},
    {"preview", command_preview, "print the ticks of counters for any range of dates"},
    {"backup", command_backup, "copy ingest's database while it is used"},
    {"republish", command_republish, "publish all statements again, into a topic that was lost"},
    {"health", command_health, "ask services on this machine whether they are ready"},
    {"tail", command_tail, "print what is on the bus, and what comes"},
};

static int help(void)
{
    output("Usage: daywire COMMAND [OPTION...]\n\n"
           "Statements and day counters over Kafka, pushed to browsers.\n\nCommands:\n");
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
        output("  %-12s %s\n", commands[i].name, commands[i].summary);
    output("\n`daywire COMMAND --help` tells more of each. The services are daywire-ingest, daywire-counter "
           "and\n"
           "daywire-gateway.\n");
    return output_finish("help", COMMAND_OK);
}

static int dispatch(int argc, char **argv)
{
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        if (strcmp(argv[0], commands[i].name) == 0)
            return commands[i].run(argc, argv);
    }
    if (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0 || strcmp(argv[0], "help") == 0)
        return help();
    if (strcmp(argv[0], "--version") == 0) {
        output("daywire %s\n", daemon_version());
        return output_finish(argv[0], COMMAND_OK);
    }
    const char *names[G_N_ELEMENTS(commands) + 1] = {NULL};
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
        names[i] = commands[i].name;
    const char *meant = nearest_name(argv[0], names);
    if (meant)
        complain(argv[0], "no such command; did you mean `daywire %s`?", meant);
    else
        complain(argv[0], "no such command; `daywire --help` lists them");
    return COMMAND_FAILED;
}

int main(int argc, char **argv)
{
    (void)signal(SIGPIPE, SIG_IGN); /* a reader that goes is an error of output, not the end of the process */
    if (argc < 2) {
        (void)help();
        return COMMAND_FAILED;
    }
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0) {
        complain(argv[1], "libcurl cannot be initialised");
        return COMMAND_FAILED;
    }
    int status = dispatch(argc - 1, argv + 1);
    curl_global_cleanup();
    return status;
}
