/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of `daywire`: one file each. argv[0] is the command's name; every command knows --help. The
 * result is the process' exit status. */
#ifndef DAYWIRE_CLI_COMMANDS_H
#define DAYWIRE_CLI_COMMANDS_H

enum {
    COMMAND_OK = 0,
    COMMAND_REFUSED = 1,       /* all was tried, and something of it was refused */
    COMMAND_INTERRUPTED = 130, /* by SIGINT or SIGTERM, after an orderly end */
    COMMAND_FAILED = 2,        /* wrong usage, an unreadable file, no server: told on standard error */
};

int command_standalone(int argc, char **argv);
int command_import(int argc, char **argv);
int command_publish(int argc, char **argv);
int command_correct(int argc, char **argv);
int command_withdraw(int argc, char **argv);
int command_cancel(int argc, char **argv);
int command_history(int argc, char **argv);
int command_feeds(int argc, char **argv);
int command_preview(int argc, char **argv);
int command_health(int argc, char **argv);
int command_backup(int argc, char **argv);
int command_republish(int argc, char **argv);
int command_tail(int argc, char **argv);

#endif
