/* SPDX-License-Identifier: Apache-2.0 */
#include "base_images.h"

#include <limits.h>

#include <sqlite3.h>

#include "checkpoints.h"
#include "common/bus_record.h"
#include "fake_bus.h"
#include "feed_jobs.h"
#include "ingest/store/feeds.h"
#include "jobs.h"
#include "lockstep.h"

#define OLD_STATEMENTS 12

typedef struct {
    Statement *revision;
    GBytes *packed;
    bool published;
} OldRevision;

static struct {
    const char *path;
    DiskImage *images[BASE_COUNT];
    GPtrArray *old; /* of OldRevision */
    Job *feed;      /* all that was stored of one */
} bases;

static Statement *old_statement(unsigned number)
{
    Statement *statement = statement_new();
    g_autofree char *title = g_strdup_printf("H%u an old text", number);

    message_set_string(&statement->id, JOBS_IDS[number % 4]);
    message_set_string(&statement->title, title);
    message_set_string(&statement->date, "2024-05-06");
    statement->revision = number / 4 + 1;
    statement->change = statement->revision == 1 ? STATEMENT_CHANGE_PUBLISHED : STATEMENT_CHANGE_UPDATED;
    statement->status = STATEMENT_STATUS_USABLE;
    statement->updated_at = instant_to_timestamp(INT64_C(1790000000) * G_USEC_PER_SEC + number);
    return statement;
}

/* Two of three are on the bus; fake_bus_add() gives the same places again to each run. */
static void write_old(Store *store)
{
    g_autoptr(GError) error = NULL;

    fake_bus_reset(0, (FakeBusTrouble){0});
    bool good = store_begin(store, &error);
    for (unsigned i = 0; good && i < OLD_STATEMENTS; i++) {
        OldRevision *old = g_new0(OldRevision, 1);
        StoreConfirmed row = {.topic = "daywire.statements"};
        old->revision = old_statement(i);
        old->packed = statement_pack(old->revision);
        old->published = i < OLD_STATEMENTS * 2 / 3;
        g_ptr_array_add(bases.old, old);
        good = store_add(store, old->revision, NULL, &row.position, NULL, &error);
        if (good && old->published) {
            g_autofree char *event = statement_event_id(old->revision);
            row.id = old->revision->id;
            row.revision = old->revision->revision;
            fake_bus_add(event, old->packed, &row.partition, &row.offset);
            good = store_outbox_clear(store, &row, &error);
        }
    }
    if (!good || !store_write_feed(store, bases.feed->feed, &error) || !store_commit(store, &error))
        g_error("%s", error->message);
}

static void make_new_images(void)
{
    g_autoptr(GError) error = NULL;

    disk_reset(NULL, 0, (Fault){0});
    checkpoints_come_at(INT_MAX);
    for (Base base = BASE_TABLES; base <= BASE_CHECKPOINT; base++) {
        g_autoptr(Store) store = store_open(bases.path, &error);
        if (!store)
            g_error("%s", error->message);
        if (base == BASE_LOG)
            write_old(store);
        if (base == BASE_CHECKPOINT) {
            checkpoints_come_at(0);
            if (!store_probe(store, &error) || !store_checkpoint(store, &error))
                g_error("%s", error->message);
        }
        store_close(g_steal_pointer(&store));
        bases.images[base] = disk_image();
    }
}

/* The tables of the first release, and what the newest store wrote, in them. */
static void make_old_image(void)
{
    static const char *const sql =
        "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; BEGIN;"
        "CREATE TABLE revisions (sequence INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL,"
        "  revision INTEGER NOT NULL CHECK (revision > 0), accepted_at INTEGER NOT NULL, statement BLOB NOT "
        "NULL,"
        "  UNIQUE (id, revision)) STRICT;"
        "CREATE TABLE statements (id TEXT PRIMARY KEY, sequence INTEGER NOT NULL REFERENCES revisions,"
        "  published_revision INTEGER NOT NULL DEFAULT 0, bus_topic TEXT NOT NULL DEFAULT '',"
        "  bus_partition INTEGER NOT NULL DEFAULT -1, bus_offset INTEGER NOT NULL DEFAULT -1)"
        "  STRICT, WITHOUT ROWID;"
        "CREATE TABLE outbox (position INTEGER PRIMARY KEY AUTOINCREMENT,"
        "  sequence INTEGER NOT NULL UNIQUE REFERENCES revisions) STRICT;"
        "PRAGMA application_id = 1146579310; PRAGMA user_version = 1;"
        "INSERT INTO revisions SELECT sequence, id, revision, accepted_at, statement FROM new.revisions;"
        "INSERT INTO statements SELECT id, sequence, published_revision, bus_topic, bus_partition, bus_offset"
        "  FROM new.statements;"
        "INSERT INTO outbox SELECT sequence, sequence FROM new.outbox; COMMIT;";
    g_autofree char *old_path = g_strconcat(bases.path, "-old", NULL);
    g_autofree char *attach = g_strdup_printf("ATTACH '%s' AS new", bases.path);
    sqlite3 *database = NULL;

    disk_reset(bases.images[BASE_CHECKPOINT], 0, (Fault){0});
    if (sqlite3_open(old_path, &database) != SQLITE_OK ||
        sqlite3_exec(database, attach, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(database, sql, NULL, NULL, NULL) != SQLITE_OK)
        g_error("the old tables: %s", sqlite3_errmsg(database));
    sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_close(database);
    g_autoptr(GHashTable) all = disk_image();
    bases.images[BASE_OLD_TABLES] = disk_image();
    g_hash_table_remove_all(bases.images[BASE_OLD_TABLES]);
    g_hash_table_insert(bases.images[BASE_OLD_TABLES], g_strdup("ingest.db"),
                        g_bytes_ref(g_hash_table_lookup(all, "ingest.db-old")));
    g_hash_table_insert(bases.images[BASE_OLD_TABLES], g_strdup("ingest.db-wal"),
                        g_bytes_ref(g_hash_table_lookup(all, "ingest.db-old-wal")));
}

static void old_free(void *data)
{
    OldRevision *old = data;
    statement_free(old->revision);
    g_bytes_unref(old->packed);
    g_free(old);
}

void base_images_init(const char *path)
{
    bases.path = path;
    bases.old = g_ptr_array_new_with_free_func(old_free);
    lockstep_reset();
    bases.feed = feed_jobs_first();
    make_new_images();
    make_old_image();
}

void base_images_end(void)
{
    for (Base base = BASE_NOTHING; base < BASE_COUNT; base++)
        g_clear_pointer(&bases.images[base], g_hash_table_unref);
    g_clear_pointer(&bases.old, g_ptr_array_unref);
    g_clear_pointer(&bases.feed, job_free);
}

DiskImage *base_image(Base base)
{
    return bases.images[base];
}

void base_image_introduce(Base base, Oracle *oracle)
{
    if (base < BASE_LOG)
        return;
    if (base != BASE_OLD_TABLES)
        oracle_knows_feed(oracle, bases.feed);
    for (guint i = 0; i < bases.old->len; i++) {
        const OldRevision *old = g_ptr_array_index(bases.old, i);
        oracle_knows(oracle, old->revision);
        if (old->published) {
            g_autofree char *event = statement_event_id(old->revision);
            int32_t partition = 0;
            int64_t offset = 0;
            fake_bus_add(event, old->packed, &partition, &offset);
        }
    }
}
