/* SPDX-License-Identifier: Apache-2.0 */
#include "view_fixture.h"

#include "unit.h"

#include "folder.h"

View *view_fixture_open(const char *path)
{
    g_autoptr(GError) error = NULL;
    View *view = view_open(path, &error);
    if (!view)
        fail_msg("%s", error->message);
    return view;
}

ViewReader *view_fixture_open_reader(const char *path)
{
    g_autoptr(GError) error = NULL;
    ViewReader *reader = view_reader_open(path, &error);
    if (!reader)
        fail_msg("%s", error->message);
    return reader;
}

int view_fixture_setup(void **state)
{
    ViewFixture *fixture = g_new0(ViewFixture, 1);
    fixture->folder = folder_new();
    fixture->path = folder_path(fixture->folder, "gateway.db");
    fixture->view = view_fixture_open(fixture->path);
    fixture->reader = view_fixture_open_reader(fixture->path);
    *state = fixture;
    return 0;
}

int view_fixture_teardown(void **state)
{
    ViewFixture *fixture = *state;
    view_reader_free(fixture->reader);
    view_free(fixture->view);
    folder_remove(fixture->folder);
    g_free(fixture->path);
    g_free(fixture);
    return 0;
}

void commit(ViewFixture *fixture)
{
    g_autoptr(GError) error = NULL;
    g_autofree Cursor *cursor = make_cursor(VIEW_EPOCH, fixture->offset, 0);
    if (!view_commit(fixture->view, cursor, (uint64_t)fixture->offset + 1, &error))
        fail_msg("%s", error->message);
}

/* Takes over the statement. */
void put(ViewFixture *fixture, Statement *statement)
{
    g_autoptr(GError) error = NULL;
    if (!view_put_statement(fixture->view, statement, 0, fixture->offset++, &error))
        fail_msg("%s", error->message);
    statement_free(statement);
}

void put_tick(ViewFixture *fixture, const char *counter, const char *date, unsigned revision)
{
    g_autoptr(Tick) tick = make_tick(counter, date, revision);
    assert_true(view_put_tick(fixture->view, tick, 1, fixture->offset++, NULL));
}

void put_listed(ViewFixture *fixture, const char *counter, const char *group, uint32_t order)
{
    g_autoptr(Tick) tick = make_tick(counter, "2024-05-01", 1);
    message_set_string(&tick->group, group);
    tick->order = order;
    assert_true(view_put_tick(fixture->view, tick, 1, fixture->offset++, NULL));
}

void put_dated(ViewFixture *fixture, const char *id, const char *date)
{
    Statement *statement = make_statement(id, 1, id);
    message_set_string(&statement->date, date);
    put(fixture, statement);
}

Statement *find(const ViewFixture *fixture, const char *id)
{
    g_autoptr(GError) error = NULL;
    Statement *statement = view_reader_statement(fixture->reader, id, &error);
    assert_null(error);
    return statement;
}

/* The ids of a page, separated by spaces. */
char *list(const ViewFixture *fixture, const ViewQuery *query, char **ret_next)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *next = NULL;
    g_autoptr(GPtrArray) page = view_reader_statements(fixture->reader, query, &next, &error);
    if (!page)
        fail_msg("%s", error->message);
    g_autoptr(GString) ids = g_string_new(NULL);
    for (guint i = 0; i < page->len; i++)
        g_string_append_printf(ids, "%s%s", i > 0 ? " " : "", ((Statement *)page->pdata[i])->id);
    if (ret_next)
        *ret_next = g_steal_pointer(&next);
    else
        assert_null(next);
    return g_string_free(g_steal_pointer(&ids), FALSE);
}

void assert_list(const ViewFixture *fixture, ViewQuery query, const char *expected)
{
    query.limit = query.limit ? query.limit : 100;
    g_autofree char *ids = list(fixture, &query, NULL);
    assert_string_equal(ids, expected);
}
