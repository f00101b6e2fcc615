/* SPDX-License-Identifier: Apache-2.0 */
/* How far a long command is, on standard error: a line that is drawn over and over and erased at the end, or plain
 * lines every few seconds. One thread. */
#ifndef DAYWIRE_CLI_PROGRESS_H
#define DAYWIRE_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>

typedef struct Progress Progress;

/* Drawn when standard error is a terminal, plain lines otherwise. `total` bytes; 0: not known. */
Progress *progress_new(uint64_t total);
/* Erases what is drawn. NULL is fine. */
void progress_free(Progress *progress);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Progress, progress_free)

/* So many lines are done, and of the total so many bytes. Cheap; tells when it is time. NULL is fine. */
void progress_update(Progress *progress, uint64_t lines, uint64_t bytes);
/* Before anything else is written to the terminal. NULL is fine. */
void progress_erase(Progress *progress);

/* The words: "12,345 lines, 43 %, 8,120/s, 12 s left". `elapsed_us` since the start. Pure. g_free it. */
char *progress_words(uint64_t lines, uint64_t bytes, uint64_t total, int64_t elapsed_us);
/* The same behind a bar of `width` characters; without a bar when the total is not known. Pure. g_free it. */
char *progress_bar(uint64_t lines, uint64_t bytes, uint64_t total, int64_t elapsed_us, unsigned width);

#endif
