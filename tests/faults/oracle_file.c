/* SPDX-License-Identifier: Apache-2.0 */
#include "common/bus_record.h"
#include "common/sqlite/renew_log.h"
#include "fake_bus.h"
#include "oracle_parts.h"

static void note_expiry(Oracle *oracle, GHashTable *latest)
{
    GHashTableIter each;
    gpointer row;

    g_hash_table_iter_init(&each, latest);
    while (g_hash_table_iter_next(&each, NULL, &row)) {
        const Statement *statement = ((Row *)row)->statement;
        if (statement->expires_at)
            oracle->expires_first = MIN(oracle->expires_first, instant_from_timestamp(statement->expires_at));
    }
}

static void check_order(Check *check)
{
    g_autoptr(GHashTable) latest = g_hash_table_new(g_str_hash, g_str_equal); /* id -> Row */

    for (guint i = 0; i < check->rows->len; i++) {
        Row *row = g_ptr_array_index(check->rows, i);
        const Row *before = g_hash_table_lookup(latest, row->statement->id);
        g_autofree char *event = statement_event_id(row->statement);
        if (strcmp(event, row->event) != 0)
            oracle_complain(check->oracle, "%s holds %s", row->event, event);
        if (row->statement->revision != (before ? before->statement->revision + 1 : 1))
            oracle_complain(check->oracle, "%s follows revision %u", event,
                            before ? before->statement->revision : 0);
        g_hash_table_insert(latest, row->statement->id, row);
    }
    note_expiry(check->oracle, latest);
}

static void check_acknowledged(Check *check)
{
    GHashTableIter each;
    gpointer event, packed;

    g_hash_table_iter_init(&each, check->oracle->known);
    while (g_hash_table_iter_next(&each, &event, &packed)) {
        const Row *row = g_hash_table_lookup(check->found, event);
        if (!row)
            oracle_complain(check->oracle, "%s was acknowledged and is lost", (const char *)event);
        else if (!g_bytes_equal(row->packed, packed))
            oracle_complain(check->oracle, "%s has another content than the acknowledged one",
                            (const char *)event);
        const char *submitter = g_hash_table_lookup(check->oracle->submitters, event);
        if (row && submitter && strcmp(submitter, row->submitter) != 0)
            oracle_complain(check->oracle, "%s is said to be from %s", row->event, row->submitter);
    }
}

static bool has_expired(Check *check, const Row *row)
{
    const Statement *statement = row->statement;
    g_autofree char *event = g_strdup_printf("%s/%u", statement->id, statement->revision - 1);
    const Row *before = g_hash_table_lookup(check->found, event);

    return statement->status == STATEMENT_STATUS_WITHDRAWN &&
           strcmp(statement->note, check->oracle->expiry_note) == 0 && before &&
           before->statement->expires_at &&
           instant_from_timestamp(before->statement->expires_at) <=
               instant_from_timestamp(statement->updated_at);
}

/* What nobody was told of: a job of which nothing was heard, or the engine's own. */
static void check_origin(Check *check, const Row *row)
{
    g_autofree char *mark = oracle_mark_of(row->statement);
    const Instant *embargo = g_hash_table_lookup(check->oracle->embargoes, mark);
    bool known = g_hash_table_contains(check->oracle->known, row->event);

    if (embargo && instant_from_timestamp(row->statement->updated_at) < *embargo)
        oracle_complain(check->oracle, "%s (%s) was published before its instant", row->event, mark);
    if (!known && !oracle_may_come_from(check->oracle, mark) &&
        !g_hash_table_contains(check->oracle->releasable, mark) && !has_expired(check, row))
        oracle_complain(check->oracle, "%s (%s) is there, and nobody can have stored it", row->event, mark);
}

static gboolean is_of(gconstpointer wish, gconstpointer id)
{
    return strcmp(((const Statement *)wish)->id, id) == 0;
}

static bool may_have_changed(const Oracle *oracle, const char *id)
{
    for (guint i = 0; i < oracle->tries->len; i++) {
        const Try *try = oracle_try_at(oracle, i);
        if ((try->state == TRY_OPEN || try->state == TRY_FAILED) &&
            g_ptr_array_find_with_equal_func(try->wishes, id, is_of, NULL))
            return true;
    }
    return false;
}

/* Kept, or released, or taken back by a job of which nothing was heard. */
static void check_schedule(Check *check)
{
    GHashTableIter each;
    gpointer id, value;

    g_hash_table_iter_init(&each, check->oracle->scheduled);
    while (g_hash_table_iter_next(&each, &id, &value)) {
        const Scheduled *scheduled = value;
        const char *kept = g_hash_table_lookup(check->due, id);
        if (!(kept && strcmp(kept, scheduled->mark) == 0) &&
            !g_hash_table_contains(check->marks, scheduled->mark) && !may_have_changed(check->oracle, id))
            oracle_complain(check->oracle, "%s (%s) was scheduled and is lost", (const char *)id,
                            scheduled->mark);
    }
}

static void check_whole(Check *check, guint number)
{
    const Try *try = oracle_try_at(check->oracle, number);
    guint found = 0;
    guint certain = 0;

    if (try->state == TRY_SETTLED || try->state == TRY_ACKNOWLEDGED)
        return;
    for (guint i = 0; i < try->certain->len; i++) {
        const char *mark = g_ptr_array_index(try->certain, i);
        if (((GArray *)g_hash_table_lookup(check->oracle->owners, mark))->len > 1)
            continue;
        certain++;
        found += g_hash_table_contains(check->marks, mark);
    }
    if (found != 0 && found != certain)
        oracle_complain(check->oracle, "job %u is stored by half: %u of %u items", number, found, certain);
}

static void check_bus(Check *check)
{
    const GPtrArray *records = fake_bus_records();
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal); /* id -> revision */

    for (guint i = 0; i < records->len; i++) {
        const FakeBusRecord *record = g_ptr_array_index(records, i);
        const Row *row = g_hash_table_lookup(check->found, record->id);
        if (!row) {
            oracle_complain(check->oracle, "%s is on the bus and not in the database", record->id);
            continue;
        }
        if (!g_bytes_equal(row->packed, record->value))
            oracle_complain(check->oracle, "%s is on the bus with another content", record->id);
        const Statement *statement = row->statement;
        g_autofree char *mark = oracle_mark_of(statement);
        const Instant *embargo = g_hash_table_lookup(check->oracle->embargoes, mark);
        if (embargo && record->written_at < *embargo)
            oracle_complain(check->oracle, "%s is on the bus before its instant", record->id);
        guint before = GPOINTER_TO_UINT(g_hash_table_lookup(seen, statement->id));
        if (statement->revision > before + 1)
            oracle_complain(check->oracle, "%s is on the bus after revision %u", record->id, before);
        if (statement->revision > before)
            g_hash_table_insert(seen, statement->id, GUINT_TO_POINTER(statement->revision));
    }
}

static void check_outbox(Check *check)
{
    check->oracle->in_outbox = 0;
    for (guint i = 0; i < check->rows->len; i++) {
        const Row *row = g_ptr_array_index(check->rows, i);
        const FakeBusRecord *record = fake_bus_find(row->event);
        if (row->position > 0)
            check->oracle->in_outbox++;
        else if (!record || !record->reported)
            oracle_complain(check->oracle, "%s left the outbox without the bus's report", row->event);
    }
}

static void check_all(Check *check)
{
    Oracle *oracle = check->oracle;

    check_order(check);
    for (guint i = 0; i < check->rows->len; i++)
        check_origin(check, g_ptr_array_index(check->rows, i));
    check_schedule(check);
    for (guint i = 0; i < oracle->tries->len; i++)
        check_whole(check, i);
    check_outbox(check);
    check_bus(check);
}

static void settle_schedule(Check *check)
{
    GHashTableIter each;
    gpointer id, mark;

    g_hash_table_remove_all(check->oracle->scheduled);
    g_hash_table_iter_init(&each, check->due);
    while (g_hash_table_iter_next(&each, &id, &mark)) {
        Scheduled *scheduled = g_new0(Scheduled, 1);
        scheduled->mark = g_strdup(mark);
        g_hash_table_add(check->oracle->releasable, g_strdup(mark));
        g_hash_table_insert(check->oracle->scheduled, g_strdup(id), scheduled);
    }
}

static void settle(Check *check)
{
    for (guint i = 0; i < check->rows->len; i++)
        oracle_knows(check->oracle, ((Row *)g_ptr_array_index(check->rows, i))->statement);
    for (guint i = 0; i < check->oracle->tries->len; i++)
        oracle_try_at(check->oracle, i)->state = TRY_SETTLED;
    settle_schedule(check);
}

void oracle_checks_file(Oracle *oracle, const char *path)
{
    g_autoptr(GError) error = NULL;
    Check check = {.oracle = oracle};

    oracle->expires_first = oracle->due_first = INT64_MAX;

    if (!sql_renew_log(path, &error)) /* as the store does */
        oracle_complain(oracle, "%s", error->message);
    if (oracle_check_read(&check, path))
        check_all(&check);
    else
        check_schedule(&check);
    check_acknowledged(&check);
    oracle_feeds_check(&check);
    settle(&check);
    oracle_check_clear(&check);
}

bool oracle_bus_has_all(const Oracle *oracle)
{
    GHashTableIter each;
    gpointer event;

    g_hash_table_iter_init(&each, oracle->known);
    while (g_hash_table_iter_next(&each, &event, NULL)) {
        const FakeBusRecord *record = fake_bus_find(event);
        if (!record || !record->reported)
            return false;
    }
    return true;
}

void oracle_checks_end(Oracle *oracle, Instant now)
{
    GHashTableIter each;
    gpointer event;

    if (oracle->due_first < now)
        oracle_complain(oracle, "something is still scheduled though its instant has come");
    if (oracle->expires_first < now)
        oracle_complain(oracle, "something is still published though it has expired");

    if (oracle->in_outbox > 0)
        oracle_complain(oracle, "%u revisions stay in the outbox", oracle->in_outbox);
    g_hash_table_iter_init(&each, oracle->known);
    while (g_hash_table_iter_next(&each, &event, NULL))
        if (!fake_bus_find(event))
            oracle_complain(oracle, "%s never came to the bus", (const char *)event);
}
