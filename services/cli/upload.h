/* SPDX-License-Identifier: Apache-2.0 */
/* Sends any number of statements to ingest as one stream of JSON lines, and counts what becomes of them. The answers
 * are read as they come; what has none yet is kept, in bounded memory. When the connection is lost, or the server has
 * no room (429, 503), it is sent again after a wait, and from there the stream goes on: a statement is known by its
 * id or its content, so that one sent twice is stored once. All waits are bounded; those without any progress for
 * some attempts end the upload. One thread. */
#ifndef DAYWIRE_CLI_UPLOAD_H
#define DAYWIRE_CLI_UPLOAD_H

#include <signal.h>
#include <stdint.h>

#include "cli/client.h"

/* Kept and without an answer; beyond it upload_add() waits. */
#define UPLOAD_BYTES_MAX ((size_t)4 * 1024 * 1024)
#define UPLOAD_LINES_MAX 16384U

typedef struct {
    uint64_t created;
    uint64_t updated;
    uint64_t unchanged;
    uint64_t refused;
} UploadTally;

typedef struct {
    /* The server has refused a line; `line` is as given to upload_add(). */
    void (*refused)(uint64_t line, const char *reason, void *user);
    /* Time goes by: called several times a second, and often. */
    void (*tick)(void *user);
    void *user;
    /* The number of SIGINTs: after the first one nothing is waited for that takes long. */
    const volatile sig_atomic_t *interrupts;
} UploadEvents;

typedef struct Upload Upload;

/* The client must outlive it, and is used by nobody else meanwhile. FAILED: libcurl cannot be initialised. */
Upload *upload_new(Client *client, const UploadEvents *events, GError **error) MUST_CHECK;
void upload_free(Upload *upload); /* drops what has no answer; NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Upload, upload_free)

/* Adds one statement, a JSON object without line ends; waits while too many have no answer. `position` is given back
 * by upload_position(). UNAVAILABLE: nobody there, or no progress; INVALID: the token is not the server's; FAILED: the
 * server is no daywire-ingest. What was sent last may be stored or not. */
bool upload_add(Upload *upload, uint64_t line, uint64_t position, const char *text, size_t size,
                GError **error) MUST_CHECK;
/* Moves what is there until `fd` is readable, or at most for a moment. */
bool upload_wait(Upload *upload, int fd, GError **error) MUST_CHECK;
/* Waits for all answers. After an interrupt: for a few seconds, for those to what was sent; the rest is dropped. */
bool upload_flush(Upload *upload, GError **error) MUST_CHECK;

UploadTally upload_tally(const Upload *upload);
/* Lines answered. */
uint64_t upload_answered(const Upload *upload);
/* Of the first line without an answer, or after all of them: how far the upload has come. */
uint64_t upload_position(const Upload *upload);

#endif
