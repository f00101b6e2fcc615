/* SPDX-License-Identifier: Apache-2.0 */
/* commit-floor FILE RATE COUNT: what a durable commit costs. Writes COUNT rows of 1 KB, RATE a second, each in a
 * transaction of its own, with ingest's settings (write-ahead log, synchronous=FULL), and prints the milliseconds of each
 * as a JSON array. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "pace.h"

static void check(sqlite3 *database, int result)
{
    if (result != SQLITE_OK && result != SQLITE_DONE)
        g_error("SQLite: %s", sqlite3_errmsg(database));
}

int main(int argc, char **argv)
{
    static const char row[1024];
    sqlite3 *database = NULL;
    sqlite3_stmt *insert = NULL;
    if (argc != 4) {
        (void)fprintf(stderr, "usage: %s FILE RATE COUNT\n", argv[0]);
        return 2;
    }
    int64_t interval = pace_interval(argv[2]);
    int64_t count = g_ascii_strtoll(argv[3], NULL, 10);
    check(database, sqlite3_open(argv[1], &database));
    check(
        database,
        sqlite3_exec(database,
                     "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;"
                     "CREATE TABLE IF NOT EXISTS rows (number INTEGER PRIMARY KEY, row BLOB)",
                     NULL, NULL, NULL));
    check(database, sqlite3_prepare_v2(database, "INSERT INTO rows (row) VALUES (?1)", -1, &insert, NULL));
    check(database, sqlite3_bind_blob(insert, 1, row, sizeof(row), SQLITE_STATIC));
    int64_t next = g_get_monotonic_time();
    for (int64_t i = 0; i < count; i++, next += interval) {
        pace_wait_until(next);
        check(database, sqlite3_step(insert));
        check(database, sqlite3_reset(insert));
        pace_print(i == 0, next);
    }
    printf("]\n");
    check(database, sqlite3_finalize(insert));
    check(database, sqlite3_close(database));
    return 0;
}
