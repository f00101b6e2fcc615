/* SPDX-License-Identifier: Apache-2.0 */
/* A file, or standard input, that is to be imported: its beginning tells whether it is taken line by line, of any
 * length, or as a whole. One thread. */
#ifndef DAYWIRE_CLI_INPUT_H
#define DAYWIRE_CLI_INPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>

typedef struct Input Input;

/* "-": standard input. NOT_FOUND, FAILED. Each message names the file. */
Input *input_open(const char *path, GError **error) MUST_CHECK;
void input_close(Input *input); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Input, input_close)

const char *input_name(const Input *input); /* the path, or "standard input" */
/* Bytes; 0: not known, or empty. */
uint64_t input_size(const Input *input);
/* To poll: readable when input_read() would not wait. */
int input_fd(const Input *input);

typedef enum { INPUT_LINES, INPUT_WHOLE, INPUT_UNKNOWN, INPUT_FAILED } InputKind;

/* Reads on until it is known. INPUT_UNKNOWN: read() was interrupted by a signal; call it again or stop. */
InputKind input_kind(Input *input, GError **error) MUST_CHECK;

/* More of the lines: > 0, bytes at *ret_data, valid until the next call; 0 at the end; -1 with FAILED; -2: interrupted
 * by a signal, as above. */
ssize_t input_read(Input *input, const char **ret_data, GError **error) MUST_CHECK;
/* Whether the next input_read() gives what was read already to find out the kind. */
bool input_has_more(const Input *input);

/* The whole of it, for INPUT_WHOLE. TOO_LARGE beyond `max` bytes. */
GBytes *input_read_whole(Input *input, size_t max, GError **error) MUST_CHECK;

#endif
