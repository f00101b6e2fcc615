/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "ingest/store_fixture.h"

#include <glib/gstdio.h>
#include <sqlite3.h>

static Store *open_store(const char *path)
{
    g_autoptr(GError) error = NULL;
    Store *store = store_open(path, &error);

    if (store == NULL)
        fail_msg("%s", error->message);
    return store;
}

int store_fixture_setup(void **state)
{
    StoreFixture *fixture = g_new0(StoreFixture, 1);

    fixture->folder = g_dir_make_tmp("daywire-test-XXXXXX", NULL);
    fixture->path = g_build_filename(fixture->folder, "ingest.db", NULL);
    fixture->store = open_store(fixture->path);
    *state = fixture;
    return 0;
}

int store_fixture_teardown(void **state)
{
    StoreFixture *fixture = *state;
    const char *name;

    store_close(fixture->store);
    GDir *dir = g_dir_open(fixture->folder, 0, NULL);
    while ((name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(fixture->folder, name, NULL);
        assert_int_equal(g_unlink(path), 0);
    }
    g_dir_close(dir);
    assert_int_equal(g_rmdir(fixture->folder), 0);
    g_free(fixture->folder);
    g_free(fixture->path);
    g_free(fixture);
    return 0;
}

void store_fixture_reopen(StoreFixture *fixture)
{
    store_close(fixture->store);
    fixture->store = open_store(fixture->path);
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

char *store_fixture_outbox(Store *store)
{
    g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(OutboxRow));
    GString *text = g_string_new(NULL);

    g_array_set_clear_func(rows, (GDestroyNotify)outbox_row_clear);
    OK(store_outbox_read(store, 0, 10000, rows, ok));
    for (guint i = 0; i < rows->len; i++) {
        const Statement *statement = g_array_index(rows, OutboxRow, i).statement;
        g_string_append_printf(text, "%s%s/%u", i > 0 ? " " : "", statement->id, statement->revision);
    }
    return g_string_free(text, FALSE);
}
