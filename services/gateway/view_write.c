/* SPDX-License-Identifier: Apache-2.0 */
/* The writing side. Everything between two commits is one transaction, begun by its first change: the state
 * of both topics, the offsets up to which it was applied, and the number of the log's next event, all or
 * nothing.
 *
 * The checkpoint is ours (see common/sqlite/sql.h): after a commit, when the WAL has grown by some pages,
 * passively, so that it waits for no reader. */
#include "gateway/view.h"

#include "common/error.h"
#include "common/lock_file.h"
#include "common/markup/html_body.h"
#include "common/metrics.h"
#include "gateway/view_schema.h"

#define CHECKPOINT_PAGES 1000 /* 4 MB */
#define PRUNE_RECORDS    1000 /* old records are removed each time that so many were added */

typedef enum {
    SQL_BEGIN,
    SQL_COMMIT,
    SQL_ROLLBACK,
    SQL_STATE,
    SQL_PUT_STATEMENT,
    SQL_DELETE_TAGS,
    SQL_PUT_TAG,
    SQL_DELETE_SEARCH,
    SQL_PUT_SEARCH,
    SQL_PUT_TICK,
    SQL_REMOVE_COUNTER,
    SQL_PUT_RECORD,
    SQL_PRUNE_RECORDS,
    SQL_FIND_RECORD,
    SQL_COUNT,
} Sql;

/* A withdrawal may come without a date: then the statement stays where it was in the order (?9 is NULL). */
static const char *const sql[SQL_COUNT] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_STATE] = "UPDATE state SET cursor = ?1, log_next = ?2, sequence = ?3",
    [SQL_PUT_STATEMENT] =
        "INSERT INTO statement (id, revision, partition_index, record_offset, sequence, withdrawn, source, "
        "kind,"
        "  moment, language, data)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ifnull(?9, 0), ?10, ?11)"
        " ON CONFLICT (id) DO UPDATE SET revision = ?2, partition_index = ?3, record_offset = ?4, sequence = "
        "?5,"
        "  withdrawn = ?6, source = ?7, kind = ?8, moment = ifnull(?9, moment), language = ?10, data = ?11"
        " WHERE revision < ?2 RETURNING number",
    [SQL_DELETE_TAGS] = "DELETE FROM tag WHERE statement = ?1",
    [SQL_PUT_TAG] = "INSERT OR IGNORE INTO tag (statement, tag) VALUES (?1, ?2)",
    [SQL_DELETE_SEARCH] = "DELETE FROM search WHERE rowid = ?1",
    [SQL_PUT_SEARCH] = "INSERT INTO search (rowid, title, summary, body, author, place)"
                       " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [SQL_PUT_TICK] =
        "INSERT INTO counter (counter, date, revision, partition_index, record_offset, sequence, removed,"
        "  list_group, list_order, data)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, ?8, ?9)"
        " ON CONFLICT (counter) DO UPDATE SET date = ?2, revision = ?3, partition_index = ?4,"
        "  record_offset = ?5, sequence = ?6, removed = 0, list_group = ?7, list_order = ?8, data = ?9"
        " WHERE removed OR (date, revision) < (?2, ?3) RETURNING 1",
    [SQL_REMOVE_COUNTER] =
        "INSERT INTO counter (counter, date, revision, partition_index, record_offset, sequence,"
        "  removed, list_group, list_order, data)"
        " VALUES (?1, '', 0, ?2, ?3, ?4, 1, '', 0, x'')"
        " ON CONFLICT (counter) DO UPDATE SET date = '', revision = 0, partition_index = ?2,"
        "  record_offset = ?3, sequence = ?4, removed = 1, data = x''"
        " WHERE NOT removed RETURNING 1",
    [SQL_PUT_RECORD] =
        "INSERT OR REPLACE INTO record (partition_index, record_offset, stamp, news) VALUES (?1, ?2, ?3, ?4)",
    [SQL_PRUNE_RECORDS] = "DELETE FROM record WHERE partition_index = ?1 AND record_offset < ?2",
    [SQL_FIND_RECORD] = "SELECT news FROM record WHERE partition_index = ?1 AND record_offset = ?2",
};

struct View {
    char *path;
    int lock; /* of "<path>.lock", held as long as the view is open */
    SqlDatabase *database;
    SqlStatement *sql[SQL_COUNT];
    int64_t sequence;
    int64_t committed_sequence;
    unsigned new_records; /* since the last pruning */
    int wal_pages;
    Metric *commit_seconds;
};

/* Two writers of one file would meet SQLite's fault, and each other's state. */
static bool take_lock(View *view, GError **error)
{
    g_autofree char *name = g_strconcat(view->path, ".lock", NULL);
    LockFileState state = lock_file_take(name, &view->lock, error);
    if (state == LOCK_FILE_HELD)
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_CONFLICT, "the view %s is in use by another process",
                    view->path);
    return state == LOCK_FILE_TAKEN;
}

static int on_wal(void *user, SqlDatabase *database G_GNUC_UNUSED, const char *name G_GNUC_UNUSED, int pages)
{
    View *view = user;
    view->wal_pages = pages;
    return SQLITE_OK;
}

static bool open_all(View *view, GError **error)
{
    if (!take_lock(view, error))
        return false;
    view->database = view_schema_open(view->path, error);
    if (!view->database || !sql_prepare(view->database, sql, view->sql, SQL_COUNT, error) ||
        !sql_number(view->database, "SELECT sequence FROM state", &view->sequence, error))
        return false;
    view->committed_sequence = view->sequence;
    sqlite3_wal_hook(view->database, on_wal, view);
    return true;
}

View *view_open(const char *path, GError **error)
{
    View *view = g_new0(View, 1);
    view->path = g_strdup(path);
    view->lock = -1;
    view->commit_seconds = metric_histogram("daywire_gateway_view_commit_seconds", NULL,
                                            "Time of a transaction's commit in the view.");
    if (open_all(view, error))
        return view;
    view_free(view);
    return NULL;
}

void view_free(View *view)
{
    if (!view)
        return;
    sql_finalize(view->sql, SQL_COUNT);
    if (view->database)
        sql_close(view->database);
    lock_file_release(view->lock);
    g_free(view->path);
    g_free(view);
}

bool view_check(View *view, GError **error)
{
    if (sql_is_in_place(view->database))
        return true;
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_LOST, "the view %s was deleted or replaced", view->path);
    return false;
}

void view_condemn(View *view)
{
    view_schema_set_aside(view->path);
}

Cursor *view_cursor(View *view)
{
    static const char *const query = "SELECT cursor FROM state";
    SqlStatement *statement = NULL;
    bool row = false;
    Cursor *cursor = NULL;
    if (sql_prepare(view->database, &query, &statement, 1, NULL) && sql_step(statement, &row, NULL) && row)
        cursor = cursor_parse(sql_text(statement, 0));
    sql_finalize(&statement, 1);
    return cursor;
}

static bool begin(View *view, GError **error)
{
    return !sqlite3_get_autocommit(view->database) || sql_execute(view->sql[SQL_BEGIN], error);
}

bool view_clear(View *view, GError **error)
{
    return begin(view, error) && sql_run(view->database, view_schema_clear, error);
}

/* Steps a change that returns a row when it did something, and takes the row's number. */
static bool change(View *view, Sql index, bool *ret_changed, int64_t *ret_number, GError **error)
{
    SqlStatement *statement = view->sql[index];
    bool good = sql_step(statement, ret_changed, error);
    if (good && *ret_changed) {
        bool more = false;
        *ret_number = sqlite3_column_int64(statement, 0);
        view->sequence++;
        good = sql_step(statement, &more, error); /* to its end */
    }
    sql_done(statement);
    return good;
}

static bool put_tags(View *view, int64_t number, const Statement *statement, GError **error)
{
    sql_bind_number(view->sql[SQL_DELETE_TAGS], 1, number);
    if (!sql_execute(view->sql[SQL_DELETE_TAGS], error))
        return false;
    for (size_t i = 0; i < statement->n_tags; i++) {
        sql_bind_number(view->sql[SQL_PUT_TAG], 1, number);
        sql_bind_text(view->sql[SQL_PUT_TAG], 2, statement->tags[i]);
        if (!sql_execute(view->sql[SQL_PUT_TAG], error))
            return false;
    }
    return true;
}

static bool put_search(View *view, int64_t number, const Statement *statement, GError **error)
{
    SqlStatement *put = view->sql[SQL_PUT_SEARCH];
    g_autofree char *body = html_body_text(statement);
    sql_bind_number(view->sql[SQL_DELETE_SEARCH], 1, number);
    if (!sql_execute(view->sql[SQL_DELETE_SEARCH], error))
        return false;
    if (statement->status == STATEMENT_STATUS_WITHDRAWN)
        return true;
    sql_bind_number(put, 1, number);
    sql_bind_text(put, 2, statement->title);
    sql_bind_text(put, 3, statement->summary);
    sql_bind_text(put, 4, body);
    sql_bind_text(put, 5, statement->author);
    sql_bind_text(put, 6, statement->place);
    return sql_execute(put, error);
}

/* What is stored of a statement: all, or of a withdrawn one all but its text. */
static GBytes *pack_statement(const Statement *statement)
{
    Statement stored = *statement;
    if (statement->status == STATEMENT_STATUS_WITHDRAWN) {
        stored.title = stored.summary = stored.body = stored.url = stored.author = stored.place =
            (char *)protobuf_c_empty_string;
        stored.body_type = BODY_TYPE_UNSPECIFIED;
    }
    return statement_pack(&stored);
}

bool view_put_statement(View *view, const Statement *statement, size_t partition, int64_t offset,
                        GError **error)
{
    SqlStatement *put = view->sql[SQL_PUT_STATEMENT];
    g_autoptr(GBytes) data = pack_statement(statement);
    bool changed = false;
    int64_t moment = 0;
    int64_t number = 0;
    if (!begin(view, error))
        return false;
    sql_bind_text(put, 1, statement->id);
    sql_bind_number(put, 2, statement->revision);
    sql_bind_number(put, 3, (int64_t)partition);
    sql_bind_number(put, 4, offset);
    sql_bind_number(put, 5, view->sequence + 1);
    sql_bind_number(put, 6, statement->status == STATEMENT_STATUS_WITHDRAWN);
    sql_bind_text(put, 7, statement->source);
    sql_bind_text(put, 8, statement->kind);
    if (statement_moment(statement, &moment))
        sql_bind_number(put, 9, moment);
    sql_bind_text(put, 10, statement->language);
    sql_bind_bytes(put, 11, data);
    if (!change(view, SQL_PUT_STATEMENT, &changed, &number, error))
        return false;
    return !changed ||
           (put_tags(view, number, statement, error) && put_search(view, number, statement, error));
}

bool view_put_tick(View *view, const Tick *tick, size_t partition, int64_t offset, GError **error)
{
    SqlStatement *put = view->sql[SQL_PUT_TICK];
    g_autoptr(GBytes) data = tick_pack(tick);
    bool changed = false;
    int64_t number = 0;
    if (!begin(view, error))
        return false;
    sql_bind_text(put, 1, tick->counter);
    sql_bind_text(put, 2, tick->date);
    sql_bind_number(put, 3, tick->revision);
    sql_bind_number(put, 4, (int64_t)partition);
    sql_bind_number(put, 5, offset);
    sql_bind_number(put, 6, view->sequence + 1);
    sql_bind_text(put, 7, tick->group);
    sql_bind_number(put, 8, tick->order);
    sql_bind_bytes(put, 9, data);
    return change(view, SQL_PUT_TICK, &changed, &number, error);
}

bool view_remove_counter(View *view, const char *counter, size_t partition, int64_t offset, GError **error)
{
    SqlStatement *removal = view->sql[SQL_REMOVE_COUNTER];
    bool changed = false;
    int64_t number = 0;
    if (!begin(view, error))
        return false;
    sql_bind_text(removal, 1, counter);
    sql_bind_number(removal, 2, (int64_t)partition);
    sql_bind_number(removal, 3, offset);
    sql_bind_number(removal, 4, view->sequence + 1);
    return change(view, SQL_REMOVE_COUNTER, &changed, &number, error);
}

int64_t view_sequence(const View *view)
{
    return view->sequence;
}

bool view_put_record(View *view, size_t partition, int64_t offset, uint32_t stamp, bool news, GError **error)
{
    SqlStatement *put = view->sql[SQL_PUT_RECORD];
    if (!begin(view, error))
        return false;
    sql_bind_number(put, 1, (int64_t)partition);
    sql_bind_number(put, 2, offset);
    sql_bind_number(put, 3, stamp);
    sql_bind_number(put, 4, news);
    view->new_records++;
    return sql_execute(put, error);
}

bool view_find_record(View *view, size_t partition, int64_t offset, bool *ret_news, GError **error)
{
    SqlStatement *query = view->sql[SQL_FIND_RECORD];
    bool row = false;
    sql_bind_number(query, 1, (int64_t)partition);
    sql_bind_number(query, 2, offset);
    bool good = sql_step(query, &row, error);
    if (good)
        *ret_news = !row || sqlite3_column_int64(query, 0) != 0;
    sql_done(query);
    return good;
}

static bool prune_records(View *view, const Cursor *cursor, GError **error)
{
    if (view->new_records < PRUNE_RECORDS)
        return true;
    int64_t kept = VIEW_RECORDS_MAX / (int64_t)MAX(cursor->count, 1);
    for (size_t i = 0; i < cursor->count; i++) {
        sql_bind_number(view->sql[SQL_PRUNE_RECORDS], 1, (int64_t)i);
        sql_bind_number(view->sql[SQL_PRUNE_RECORDS], 2, cursor->positions[i].offset - kept);
        if (!sql_execute(view->sql[SQL_PRUNE_RECORDS], error))
            return false;
    }
    view->new_records = 0;
    return true;
}

/* That it did not get through is no failure: the next one will. */
static void checkpoint(View *view)
{
    if (view->wal_pages < CHECKPOINT_PAGES)
        return;
    if (sql_checkpoint(view->database, NULL))
        view->wal_pages = 0;
}

bool view_commit(View *view, const Cursor *cursor, uint64_t log_next, GError **error)
{
    int64_t start = g_get_monotonic_time();
    g_autofree char *text = cursor_format(cursor);
    sql_bind_text(view->sql[SQL_STATE], 1, text);
    sql_bind_number(view->sql[SQL_STATE], 2, (int64_t)log_next);
    sql_bind_number(view->sql[SQL_STATE], 3, view->sequence);
    if (!begin(view, error) || !prune_records(view, cursor, error) ||
        !sql_execute(view->sql[SQL_STATE], error) || !sql_execute(view->sql[SQL_COMMIT], error)) {
        view_rollback(view);
        return false;
    }
    view->committed_sequence = view->sequence;
    checkpoint(view);
    metric_observe(view->commit_seconds, (double)(g_get_monotonic_time() - start) / (double)INSTANT_SECOND);
    return true;
}

/* SQLite has ended some failed transactions by itself. */
void view_rollback(View *view)
{
    if (!sqlite3_get_autocommit(view->database) && !sql_execute(view->sql[SQL_ROLLBACK], NULL))
        g_warn_if_reached();
    view->sequence = view->committed_sequence;
}
