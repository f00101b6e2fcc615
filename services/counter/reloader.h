/* SPDX-License-Identifier: Apache-2.0 */
/* For a service that uses the counters' rules: gives it new ones at SIGHUP, and when a file that they are made from has
 * changed. What is wrong changes nothing, is logged, and is read again when a file changes again. Main thread. */
#ifndef DAYWIRE_COUNTER_RELOADER_H
#define DAYWIRE_COUNTER_RELOADER_H

#include "common/config/config.h"
#include "common/daemon.h"

#define RELOADER_LOOK_MS 1000

typedef struct Reloader Reloader;

/* Notes what the files of `config`, from daemon_start(), look like: call it before rules are made of them. */
Reloader *reloader_new(const Config *config);
void reloader_free(Reloader *reloader); /* NULL is fine */

/* Makes rules of `config`, which it does not keep. INVALID: what is wrong; then nothing changes. */
typedef bool (*ReloaderFunction)(const Config *config, void *user, GError **error);

typedef enum { RELOAD_NONE, RELOAD_TAKEN, RELOAD_REFUSED } ReloadOutcome;

/* After daemon_wait(RELOADER_LOOK_MS): at DAEMON_RELOAD the configuration and all files are read again; at
 * DAEMON_TIMEOUT, too, once a change has been seen that stands at the next look. */
ReloadOutcome reloader_follow(Reloader *reloader, DaemonEvent event, ReloaderFunction take, void *user);

#endif
