/* SPDX-License-Identifier: Apache-2.0 */
/* Child processes under supervision: what ends unasked is started again after a while, within bounds; all are
 * stopped in the reverse order of their start; none outlives its parent. Tells what happens on standard
 * output, a line each. Main thread only, since a child lives as long as the thread that made it. */
#ifndef DAYWIRE_CLI_CHILDREN_H
#define DAYWIRE_CLI_CHILDREN_H

#include <stdbool.h>
#include <glib.h>

typedef struct Children Children;

typedef struct {
    const char *name;               /* for messages */
    const char *const *arguments;   /* the program's path first; NULL-terminated */
    const char *const *environment; /* NULL-terminated */
    const char *folder;             /* to run in; NULL: this one */
    const char *log;                /* file that its standard output and error are added to; NULL: ours */
    int stop_ms;                    /* how long it may take to stop */
    int orphan_signal;              /* what it gets when this process is gone */
} ChildSpec;

/* `command` begins each line. Blocks SIGCHLD, SIGTERM, SIGINT and SIGHUP in this and all later threads
 * (children get them unblocked): call it before there are other threads. */
Children *children_new(const char *command);
/* Kills what still runs. NULL is fine. */
void children_free(Children *children);

/* A line on standard output, as those about the children. */
G_GNUC_PRINTF(2, 3)
void children_tell(const Children *children, const char *format, ...);

/* Starts a child; all strings are copied. FAILED: it cannot be started. */
bool children_start(Children *children, const ChildSpec *spec, GError **error) MUST_CHECK;

typedef enum {
    CHILDREN_RUNNING, /* the time is over */
    CHILDREN_STOP,    /* a signal asks to stop */
    CHILDREN_FAILED, /* a child ended too often, or says by its status 2 that its configuration is wrong: told
                      */
} ChildrenEvent;

/* Supervises for `timeout_ms`; -1: until something else than RUNNING is to be said. */
ChildrenEvent children_wait(Children *children, int timeout_ms);

/* Runs one program to its end, meanwhile supervising nothing: FAILED when it cannot be started, does not end
 * with status 0, takes longer than `spec->stop_ms`, or a signal asks to stop. */
bool children_run_once(Children *children, const ChildSpec *spec, GError **error) MUST_CHECK;

/* Stops all, the last started first. Another signal meanwhile kills what is left. */
void children_stop(Children *children);

#endif
