/* SPDX-License-Identifier: Apache-2.0 */
/* Sends many statements to ingest in requests of a bounded size (NDJSON), and counts what becomes of them. */
#ifndef DAYWIRE_CLI_BATCH_H
#define DAYWIRE_CLI_BATCH_H

#include "cli/client.h"
#include "common/model.h"

#define BATCH_LINES_MAX 500
#define BATCH_BYTES_MAX (1024UL * 1024)

typedef struct {
    unsigned created;
    unsigned updated;
    unsigned unchanged;
    unsigned refused;
} BatchTally;

/* Called for each statement that the server refuses; `line` is as given to batch_add(). */
typedef void (*BatchRefused)(unsigned line, const char *reason, void *user);

typedef struct Batch Batch;

/* The client must outlive the batch. */
Batch *batch_new(Client *client, BatchRefused refused, void *user);
void batch_free(Batch *batch); /* drops what was not sent; NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Batch, batch_free)

/* Adds a valid statement and sends what is there when it is enough. The errors of client_send(), or FAILED
 * when the server does not answer for every statement: then what was sent last may be stored or not. */
bool batch_add(Batch *batch, unsigned line, const Statement *statement, GError **error) MUST_CHECK;
/* Sends the rest. */
bool batch_flush(Batch *batch, GError **error) MUST_CHECK;

BatchTally batch_tally(const Batch *batch);

#endif
