/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of an upload that have no answer yet: what is to be sent next, and which line an answer is about. Pure,
 * one thread.
 *
 *     oldest -> [sent ... sent | waiting ... waiting] <- newest       in the order of the input
 *
 * A line that the server had no room for waits again once the request is over; lines behind it may be done by then.
 */
#ifndef DAYWIRE_CLI_UPLOAD_WINDOW_H
#define DAYWIRE_CLI_UPLOAD_WINDOW_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>

typedef struct {
    GQueue lines;   /* of UploadLine */
    size_t bytes;   /* of them */
    GList *next;    /* the first that waits; NULL: none */
    size_t given;   /* bytes of it that the request has */
    GList *awaited; /* the first that is sent; NULL: none */
    unsigned busy;  /* lines that the server had no room for in this request */
    uint64_t position;
} UploadWindow;

void upload_window_init(UploadWindow *window);
void upload_window_clear(UploadWindow *window);

void upload_window_add(UploadWindow *window, uint64_t line, uint64_t position, const char *text, size_t size);
bool upload_window_is_empty(const UploadWindow *window);
bool upload_window_waits(const UploadWindow *window);  /* something is to be sent */
bool upload_window_awaits(const UploadWindow *window); /* something is sent and has no answer */

/* Copies what comes next, whole lines with their ends or parts of one; with `finish` no more than the line that was
 * begun. Returns its size. */
size_t upload_window_give(UploadWindow *window, char *buffer, size_t size, bool finish);
/* The number, as given, of the line that the next answer is about. False: nothing is awaited. */
bool upload_window_awaited(const UploadWindow *window, uint64_t *ret_line);
/* It has its answer, or (busy) has to be sent again. */
void upload_window_answer(UploadWindow *window, bool busy);
/* The request is over: all that has no answer waits again. */
void upload_window_rewind(UploadWindow *window);
/* Drops what waits and was not begun. */
void upload_window_drop_waiting(UploadWindow *window);

#endif
