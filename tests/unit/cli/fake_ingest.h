/* SPDX-License-Identifier: Apache-2.0 */
/* A stand-in for ingest's HTTP API: a real HTTP server on loopback whose answers a test decides. */
#ifndef DAYWIRE_TESTS_CLI_FAKE_INGEST_H
#define DAYWIRE_TESTS_CLI_FAKE_INGEST_H

#include <stdbool.h>
#include <glib.h>

#define FAKE_TOKEN "harbour-token"

typedef struct {
    const char *method;
    const char *path;
    const char *content_type; /* "" when there is none */
    const char *wait;         /* ?wait=, "" when there is none */
    const char *before;       /* ?before=, likewise */
    const char *if_match;     /* likewise */
    const char *body;
    unsigned number; /* of the request, from 0 */
} FakeRequest;

/* Writes the answer's body and returns its status; below 300 it is JSON (NDJSON to NDJSON), from 300 on the
 * body is the problem's detail. Called on the server's thread. */
typedef int (*FakeAnswer)(const FakeRequest *request, GString *body, void *user);

typedef struct FakeIngest FakeIngest;

FakeIngest *fake_ingest_start(FakeAnswer answer, void *user);
void fake_ingest_stop(FakeIngest *fake);

/* Static; what the ETag of its answers is from now on. NULL, as at the start: none. */
void fake_ingest_set_etag(FakeIngest *fake, const char *etag);

/* "http://127.0.0.1:port" */
const char *fake_ingest_address(const FakeIngest *fake);
/* A file with FAKE_TOKEN in it. */
const char *fake_ingest_token_file(const FakeIngest *fake);
/* How many requests there were. */
unsigned fake_ingest_count(FakeIngest *fake);

/* What a command wrote to standard output and standard error. */
typedef struct {
    char *out;
    char *err;
} Printed;

void printed_clear(Printed *printed);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Printed, printed_clear)

/* Runs a command as main() would, argv[0] included, NULL-terminated; what was printed before is dropped.
 * Returns its exit status. */
int run_command(int (*command)(int argc, char **argv), const char *const *argv, Printed *printed);

#endif
