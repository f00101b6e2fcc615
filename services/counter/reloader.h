/* SPDX-License-Identifier: Apache-2.0 */
/* Gives the service new rules: when it is told to, and when a file that they are made from has changed. What is wrong
 * changes nothing, is logged, and is read again when a file changes again. Main thread. */
#ifndef DAYWIRE_COUNTER_RELOADER_H
#define DAYWIRE_COUNTER_RELOADER_H

#include "counter/service.h"

typedef struct Reloader Reloader;

/* Notes what the files of `config`, from daemon_start(), look like: call it before the service makes its rules of
 * them. */
Reloader *reloader_new(const Config *config);
void reloader_free(Reloader *reloader); /* NULL is fine */

/* The configuration and all files are read again. */
void reloader_reload(Reloader *reloader, CounterService *service);

/* The same once a change has been seen that stands at the next look, too. To be called once a second. */
void reloader_look(Reloader *reloader, CounterService *service);

#endif
