/* SPDX-License-Identifier: Apache-2.0 */
/* A store in a folder of its own. */
#ifndef DAYWIRE_TESTS_INGEST_STORE_FIXTURE_H
#define DAYWIRE_TESTS_INGEST_STORE_FIXTURE_H

#include "ingest/store/store.h"

typedef struct {
    char *folder;
    char *path;
    Store *store;
} StoreFixture;

/* As cmocka calls them; *state is a StoreFixture. */
int store_fixture_setup(void **state);
int store_fixture_teardown(void **state);

/* The same for one that is part of something larger. */
void store_fixture_init(StoreFixture *fixture);
void store_fixture_clear(StoreFixture *fixture);

Store *store_fixture_open(const char *path);
void store_fixture_reopen(StoreFixture *fixture);

/* Runs SQL on the file from outside. */
void store_fixture_run_sql(const char *path, const char *sql);

/* "a/1 b/1 ...": the first `max` rows of the outbox after `after`. g_free it. */
char *store_fixture_outbox(Store *store, int64_t after, unsigned max);

/* `call` passes its error to `ok`. */
#define OK(call)                                                                                             \
    do {                                                                                                     \
        g_autoptr(GError) ok_error = NULL;                                                                   \
        GError **ok = &ok_error;                                                                             \
        if (!(call))                                                                                         \
            fail_msg("%s: %s", #call, ok_error->message);                                                    \
    } while (0)

#endif
