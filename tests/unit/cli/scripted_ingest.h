/* SPDX-License-Identifier: Apache-2.0 */
/* A server on loopback that takes JSON lines as ingest does, and misbehaves as a test says: one turn a connection,
 * the last one again and again. */
#ifndef DAYWIRE_TESTS_CLI_SCRIPTED_INGEST_H
#define DAYWIRE_TESTS_CLI_SCRIPTED_INGEST_H

#include <glib.h>

typedef struct {
    unsigned lines; /* answered as ingest would; then */
    enum {
        TURN_ALL,   /* all others too (`lines` does not matter) */
        TURN_CUT,   /* the connection is closed */
        TURN_END,   /* the answer ends */
        TURN_BUSY,  /* the others are answered 503 */
        TURN_NOISE, /* something else is answered */
        TURN_HOLD,  /* nothing is read until scripted_ingest_go_on() */
        TURN_STATUS /* of the whole answer, with a problem in place of lines; `lines` is the status */
    } then;
} Turn;

typedef struct ScriptedIngest ScriptedIngest;

ScriptedIngest *scripted_ingest_start(const Turn *turns, unsigned count);
void scripted_ingest_stop(ScriptedIngest *server);
void scripted_ingest_go_on(ScriptedIngest *server);

/* "http://127.0.0.1:port" */
const char *scripted_ingest_address(const ScriptedIngest *server);
unsigned scripted_ingest_connections(ScriptedIngest *server);
/* Different lines that were taken. */
unsigned scripted_ingest_stored(ScriptedIngest *server);

#endif
