/* SPDX-License-Identifier: Apache-2.0 */
/* What the main() of each service shares: command line, configuration, log, signals.
 *
 *     static const DaemonProgram program = {
 *         .name = "daywire-counter",
 *         .summary = "emits the daily ticks",
 *         .groups = (const char *const[]){"kafka", "topics", "counters", "counter *", NULL},
 *         .check = rules_check,
 *     };
 *
 *     int main(int argc, char **argv)
 *     {
 *         g_autoptr(Config) config = NULL;
 *         int status = daemon_start(argc, argv, &program, &config);
 *         if (status >= 0)
 *             return status;
 *         ...start the threads...
 *         while (daemon_wait(-1) == DAEMON_RELOAD) ...;
 *         ...stop the threads...
 *         return daemon_exit_status();
 *     }
 */
#ifndef DAYWIRE_COMMON_DAEMON_H
#define DAYWIRE_COMMON_DAEMON_H

#include "common/config/config.h"
#include "common/file_watch.h"

typedef struct {
    const char *name;
    const char *summary;       /* what it does, for --help */
    const char *const *groups; /* the groups of the table that it reads, for --help */
    /* Whether the values make sense to this service, beyond what the table can say; also run by
     * --check-config and daemon_reload(). NULL: nothing to check. */
    bool (*check)(const Config *config, GError **error);
} DaemonProgram;

/* Parses --config FILE, --check-config, --log-format text|json, --log-level, --version, --help; loads the
 * configuration; starts the log; blocks SIGTERM, SIGINT and SIGHUP in this and all later threads, ignores
 * SIGPIPE. Returns -1 to go on, else the exit status: 0 after --help, --version or a good --check-config, 2
 * after an error, which has been printed. `program` and `argv` must stay valid. */
int daemon_start(int argc, char **argv, const DaemonProgram *program, Config **ret_config) MUST_CHECK;

/* The same file and environment again, for DAEMON_RELOAD. INVALID says where the file is wrong. */
Config *daemon_reload(GError **error) MUST_CHECK;

/* Main thread only. The file of --config, NULL when there is none, and what it looked like just before it was
 * last read, for well or ill. */
const char *daemon_config_file(FileStamp *ret_stamp);

typedef enum { DAEMON_TIMEOUT, DAEMON_STOP, DAEMON_RELOAD } DaemonEvent;

/* Main thread only. Waits for SIGTERM or SIGINT (STOP), SIGHUP (RELOAD) or the end of the time-out; -1: for
 * ever. */
DaemonEvent daemon_wait(int timeout_ms);

/* Any thread: makes daemon_wait() return STOP, and daemon_exit_status() 1: something that the service cannot
 * live without is gone. The reason is logged. */
void daemon_fail(const char *reason);
/* 0 after a signal, 1 after daemon_fail(). */
int daemon_exit_status(void);

/* "0.1.0" */
const char *daemon_version(void);

/* Where the files of the product are: "../share/daywire/<name>" beside the running program, so that the build
 * tree and an installation work alike. g_free it. */
char *daemon_data_path(const char *name);

#endif
