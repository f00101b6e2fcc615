/* SPDX-License-Identifier: Apache-2.0 */
/* A store in a folder of its own. */
#ifndef DAYWIRE_TESTS_INGEST_STORE_FIXTURE_H
#define DAYWIRE_TESTS_INGEST_STORE_FIXTURE_H

#include "ingest/store.h"

typedef struct {
    char *folder;
    char *path;
    Store *store;
} StoreFixture;

/* As cmocka calls them; *state is a StoreFixture. */
int store_fixture_setup(void **state);
int store_fixture_teardown(void **state);

void store_fixture_reopen(StoreFixture *fixture);

/* Runs SQL on the file from outside. */
void store_fixture_run_sql(const char *path, const char *sql);

/* "a/1 b/1 ...": what waits in the outbox. g_free it. */
char *store_fixture_outbox(Store *store);

/* `call` passes its error to `ok`. */
#define OK(call)                                                                                             \
    do {                                                                                                     \
        g_autoptr(GError) ok_error = NULL;                                                                   \
        GError **ok = &ok_error;                                                                             \
        if (!(call))                                                                                         \
            fail_msg("%s: %s", #call, ok_error->message);                                                    \
    } while (0)

#endif
