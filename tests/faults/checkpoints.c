/* SPDX-License-Identifier: Apache-2.0 */
#include "checkpoints.h"

#include <limits.h>

#include <glib.h>
#include <sqlite3.h>

/* Above what store.c asks for before it makes a checkpoint, whatever that is. */
#define MANY_PAGES 1000000

static int threshold = INT_MAX;
static struct {
    int (*hook)(void *user, sqlite3 *database, const char *name, int pages);
    void *user;
} store;

void *__real_sqlite3_wal_hook(sqlite3 *database, int (*hook)(void *, sqlite3 *, const char *, int),
                              void *user);
void *__wrap_sqlite3_wal_hook(sqlite3 *database, int (*hook)(void *, sqlite3 *, const char *, int),
                              void *user);

static int on_commit(void *user G_GNUC_UNUSED, sqlite3 *database, const char *name, int pages)
{
    return store.hook(store.user, database, name, pages >= threshold ? MANY_PAGES : pages);
}

void *__wrap_sqlite3_wal_hook(sqlite3 *database, int (*hook)(void *, sqlite3 *, const char *, int),
                              void *user)
{
    store.hook = hook;
    store.user = user;
    return __real_sqlite3_wal_hook(database, on_commit, NULL);
}

void checkpoints_come_at(int pages)
{
    threshold = pages;
}
