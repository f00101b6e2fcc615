/* SPDX-License-Identifier: Apache-2.0 */
/* Private to view_read.c, view_list.c and view_scan.c: the connection of a reader and its statements. */
#ifndef DAYWIRE_GATEWAY_VIEW_READER_H
#define DAYWIRE_GATEWAY_VIEW_READER_H

#include "gateway/view.h"
#include "common/sqlite/sql.h"

typedef enum {
    READ_BEGIN,
    READ_END,
    READ_STATE,
    READ_SEQUENCE,
    READ_STATEMENT,
    READ_TICK,
    READ_TICKS,
    READ_STAMP,
    READ_STAMP_BEFORE,
    READ_STAMP_AFTER,
    READ_LIST,
    READ_LIST_SEARCH,
    READ_SCAN_FIRST,
    READ_SCAN_STATEMENT,
    READ_SCAN_TICKS,
    READ_CHANGED_STATEMENT,
    READ_CHANGED_COUNTER,
    READ_CHANGES,
    READ_FIRST_CHANGE,
    READ_COUNT,
} ReaderSql;

struct ViewReader {
    SqlDatabase *database;
    SqlStatement *sql[READ_COUNT];
};

/* What the data of a row holds: LOST when it cannot be decoded. */
Statement *view_row_statement(SqlStatement *row, int column, GError **error) MUST_CHECK;
Tick *view_row_tick(SqlStatement *row, int column, GError **error) MUST_CHECK;

#endif
