/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "folder.h"
#include "ingest/store_fixture.h"

#include <glib/gstdio.h>
#include <sqlite3.h>

Store *store_fixture_open(const char *path)
{
    g_autoptr(GError) error = NULL;
    Store *store = store_open(path, &error);

    if (store == NULL)
        fail_msg("%s", error->message);
    return store;
}

void store_fixture_init(StoreFixture *fixture)
{
    fixture->folder = folder_new();
    fixture->path = g_build_filename(fixture->folder, "ingest.db", NULL);
    fixture->store = store_fixture_open(fixture->path);
}

void store_fixture_clear(StoreFixture *fixture)
{
    store_close(fixture->store);
    folder_remove(fixture->folder);
    g_free(fixture->path);
}

int store_fixture_setup(void **state)
{
    StoreFixture *fixture = g_new0(StoreFixture, 1);

    store_fixture_init(fixture);
    *state = fixture;
    return 0;
}

int store_fixture_teardown(void **state)
{
    StoreFixture *fixture = *state;

    store_fixture_clear(fixture);
    g_free(fixture);
    return 0;
}

void store_fixture_reopen(StoreFixture *fixture)
{
    store_close(fixture->store);
    fixture->store = store_fixture_open(fixture->path);
}

void store_fixture_run_sql(const char *path, const char *sql)
{
    sqlite3 *database = NULL;
    char *message = NULL;

    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    if (sqlite3_exec(database, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s", message);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

static bool append_row(int64_t position G_GNUC_UNUSED, const Statement *statement,
                       GBytes *packed G_GNUC_UNUSED, void *user)
{
    GString *text = user;

    g_string_append_printf(text, "%s%s/%u", text->len > 0 ? " " : "", statement->id, statement->revision);
    return true;
}

char *store_fixture_outbox(Store *store, int64_t after, unsigned max)
{
    GString *text = g_string_new(NULL);

    OK(store_outbox_read(store, after, max, append_row, text, ok));
    return g_string_free(text, FALSE);
}
