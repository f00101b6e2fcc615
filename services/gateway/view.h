/* SPDX-License-Identifier: Apache-2.0 */
/* The view: the current state of both topics in SQLite, with the offsets up to which it was applied in the
 * same transaction. It can always be made anew from the bus. One thread writes through a View; each other
 * thread reads through a ViewReader of its own. */
#ifndef DAYWIRE_GATEWAY_VIEW_H
#define DAYWIRE_GATEWAY_VIEW_H

#include "common/model.h"
#include "gateway/cursor.h"
#include "gateway/event.h"
#include "gateway/filter.h"

typedef struct View View;
typedef struct ViewReader ViewReader;

/* Writing (consumer thread). Opens or creates; a file of another schema version, or one that is damaged, is
 * made anew. CONFLICT: another process has it. INVALID: it is some other database. Any call below may fail
 * with UNAVAILABLE (a full disk), and with LOST when the file turns out to be damaged: then view_condemn()
 * it. */
View *view_open(const char *path, GError **error) MUST_CHECK;
void view_free(View *view); /* drops what was not committed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(View, view_free)

/* Where the view stands: NULL when it is empty. g_free it. */
Cursor *view_cursor(View *view);
/* Empties it, within the transaction that view_commit() ends: the bus is another one. */
bool view_clear(View *view, GError **error) MUST_CHECK;
/* LOST when the file that is written is no longer the one at its path: deleted or replaced. */
bool view_check(View *view, GError **error) MUST_CHECK;
/* Moves the damaged file away, so that the next process makes it anew. */
void view_condemn(View *view);

/* Apply within a transaction that view_commit() ends. A revision not newer than the one known is passed over;
 * so is a tick not newer, by date and revision, unless the counter was removed in between. `partition` and
 * `offset` tell where the record lies, for replays out of the view. */
bool view_put_statement(View *view, const Statement *statement, size_t partition, int64_t offset,
                        GError **error) MUST_CHECK;
bool view_put_tick(View *view, const Tick *tick, size_t partition, int64_t offset, GError **error) MUST_CHECK;
bool view_remove_counter(View *view, const char *counter, size_t partition, int64_t offset, GError **error)
    MUST_CHECK;
/* Grows by one with each of these that was not passed over. */
int64_t view_sequence(const View *view);
/* That a record was read, and whether it told something new: proves cursors that stand on it (see
 * view_reader_knows()), and tells its copies when the window is filled again. The newest VIEW_RECORDS_MAX are
 * kept. */
#define VIEW_RECORDS_MAX 200000
bool view_put_record(View *view, size_t partition, int64_t offset, uint32_t stamp, bool news, GError **error)
    MUST_CHECK;
/* Whether it was news; also true when nothing is known about it. */
bool view_find_record(View *view, size_t partition, int64_t offset, bool *ret_news, GError **error)
    MUST_CHECK;

/* `log_next`: the number that the log gives to the next event; a reader's snapshot ends just before it. After
 * a failure nothing of the transaction is applied: make it again. */
bool view_commit(View *view, const Cursor *cursor, uint64_t log_next, GError **error) MUST_CHECK;
void view_rollback(View *view);

/* Reading. */
ViewReader *view_reader_open(const char *path, GError **error) MUST_CHECK;
void view_reader_free(ViewReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ViewReader, view_reader_free)

/* Between begin and end all reads see one state: the one at *ret_log_next and *ret_cursor (g_free it; NULL:
 * the view is empty, nothing has been read from the bus yet). Keep it short: the WAL grows meanwhile. */
bool view_reader_begin(ViewReader *reader, uint64_t *ret_log_next, char **ret_cursor, GError **error)
    MUST_CHECK;
void view_reader_end(ViewReader *reader);

typedef struct {
    unsigned limit;                             /* 1 to 1000 */
    const char *before;                         /* page cursor of the answer before, NULL: from the newest */
    const char *search;                         /* words that must all occur (FTS5), 16 at most; NULL: none */
    const char *source, *tag, *kind, *language; /* NULL: any */
    bool withdrawn;                             /* also withdrawn ones (without text) */
    size_t bytes; /* a page also ends with so many, as they are stored; 0: 4 MiB */
} ViewQuery;

/* Newest first: by published_at, else the start of its date in UTC, then by id. An array of Statement;
 * *ret_next is the page cursor of the next page, or NULL on the last; g_free it. INVALID: a bad page cursor,
 * or too much to search for. */
GPtrArray *view_reader_statements(ViewReader *reader, const ViewQuery *query, char **ret_next, GError **error)
    MUST_CHECK;
/* NULL without an error: not known. */
Statement *view_reader_statement(ViewReader *reader, const char *id, GError **error) MUST_CHECK;
/* NULL without an error: not known, or removed. */
Tick *view_reader_tick(ViewReader *reader, const char *counter, GError **error) MUST_CHECK;
/* An array of Tick in the order of lists: groups by the smallest `order` of their counters, then by name; within one by
 * `order`, then by id. Counters without a group are the group "". */
GPtrArray *view_reader_ticks(ViewReader *reader, GError **error) MUST_CHECK;

/* Whether the view has seen the record on which `cursor` stands: false when it belongs to another log. Where the record
 * itself is no longer known, its stamp must lie between those of its neighbours. What lies beyond the view's own position
 * counts as known when it is not older than the last record there: another replica is ahead. When in doubt, false: a
 * snapshot too many is better than an event too few. */
bool view_reader_knows(ViewReader *reader, const Cursor *cursor, bool *ret_known, GError **error) MUST_CHECK;

/* What a subscription is told before the log goes on, event by event: a slow client costs neither memory nor
 * an open transaction. It is the state of the moment when the scan was made, less whatever has changed since:
 * the log tells that anyway. Made between begin and end, read at any time, by any reader of the same view.
 * `filter` must outlive the scan, NULL: everything; `channels` are bits of Channel. */
typedef struct ViewScan ViewScan;

/* The `last` newest statements that match, withdrawn ones included, the oldest of them first; then the
 * current ticks in the order of lists. */
ViewScan *view_scan_snapshot(ViewReader *reader, unsigned channels, const Filter *filter, unsigned last,
                             GError **error) MUST_CHECK;
/* The latest of everything that `since` has not seen, in the order in which it was read, removals and
 * withdrawals included. TOO_LARGE: more than `max` items. */
ViewScan *view_scan_changes(ViewReader *reader, unsigned channels, const Filter *filter, const Cursor *since,
                            size_t max, GError **error) MUST_CHECK;
/* *ret_event is a new reference, or NULL at the end. Its cursor is "", its `since` 0. */
bool view_scan_next(ViewScan *scan, ViewReader *reader, Event **ret_event, GError **error) MUST_CHECK;
void view_scan_free(ViewScan *scan); /* NULL is fine */

#endif
