/* SPDX-License-Identifier: Apache-2.0 */
#include "oracle_parts.h"

#include "common/bus_record.h"

/* ---- bookkeeping ---- */

static void try_free(void *data)
{
    Try *try = data;
    g_ptr_array_unref(try->certain);
    g_ptr_array_unref(try->wishes);
    feed_write_free(try->feed);
    g_free(try);
}

static void scheduled_free(void *data)
{
    Scheduled *scheduled = data;
    g_free(scheduled->mark);
    g_free(scheduled);
}

Oracle *oracle_new(const char *expiry_note)
{
    Oracle *oracle = g_new0(Oracle, 1);
    oracle->expiry_note = expiry_note;
    oracle->submitters = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    oracle->scheduled = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, scheduled_free);
    oracle->releasable = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    oracle->embargoes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    oracle->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
    oracle->written = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    oracle->latest = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    oracle->tries = g_ptr_array_new_with_free_func(try_free);
    oracle->owners = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_array_unref);
    oracle->feeds = feed_tables_new();
    return oracle;
}

void oracle_free(Oracle *oracle)
{
    if (!oracle)
        return;
    g_hash_table_unref(oracle->known);
    g_hash_table_unref(oracle->written);
    g_hash_table_unref(oracle->submitters);
    g_hash_table_unref(oracle->scheduled);
    g_hash_table_unref(oracle->releasable);
    g_hash_table_unref(oracle->embargoes);
    g_hash_table_unref(oracle->latest);
    g_ptr_array_unref(oracle->tries);
    g_hash_table_unref(oracle->owners);
    feed_tables_free(oracle->feeds);
    g_free(oracle->complaint);
    g_free(oracle);
}

const char *oracle_complaint(const Oracle *oracle)
{
    return oracle->complaint;
}

void oracle_complain(Oracle *oracle, const char *format, ...)
{
    va_list arguments;

    if (oracle->complaint)
        return;
    va_start(arguments, format);
    oracle->complaint = g_strdup_vprintf(format, arguments);
    va_end(arguments);
}

char *oracle_mark_of(const Statement *statement)
{
    const char *text = statement->status == STATEMENT_STATUS_WITHDRAWN ? statement->note : statement->title;
    return g_strndup(text, strcspn(text, " "));
}

Try *oracle_try_at(const Oracle *oracle, guint number)
{
    return g_ptr_array_index(oracle->tries, number);
}

static guint latest_of(const Oracle *oracle, const char *id)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(oracle->latest, id));
}

void oracle_knows(Oracle *oracle, const Statement *revision)
{
    if (revision->revision > latest_of(oracle, revision->id))
        g_hash_table_insert(oracle->latest, g_strdup(revision->id), GUINT_TO_POINTER(revision->revision));
    g_hash_table_insert(oracle->known, statement_event_id(revision), statement_pack(revision));
}

void oracle_knows_feed(Oracle *oracle, const Job *job)
{
    FeedWrite *write = feed_write_new(job);

    feed_tables_apply(oracle->feeds, write);
    feed_write_free(write);
}

static void add_owner(Oracle *oracle, const char *mark, guint number)
{
    GArray *numbers = g_hash_table_lookup(oracle->owners, mark);
    if (!numbers) {
        numbers = g_array_new(FALSE, FALSE, sizeof(guint));
        g_hash_table_insert(oracle->owners, g_strdup(mark), numbers);
    }
    g_array_append_val(numbers, number);
}

static void add_embargo(Oracle *oracle, const char *mark, Instant at)
{
    g_hash_table_insert(oracle->embargoes, g_strdup(mark), g_memdup2(&at, sizeof at));
}

unsigned oracle_submits(Oracle *oracle, const Job *job, const GArray *certain)
{
    Try *try = g_new0(Try, 1);
    guint number = oracle->tries->len;

    try->certain = g_ptr_array_new_with_free_func(g_free);
    try->wishes = g_ptr_array_new_with_free_func((GDestroyNotify)statement_free);
    try->feed = job->feed ? feed_write_new(job) : NULL;
    for (guint i = 0; i < job->items->len; i++) {
        const Statement *statement = job_item(job, i)->submission.statement;
        char *mark = oracle_mark_of(statement);
        add_owner(oracle, mark, number);
        g_ptr_array_add(try->wishes, statement_copy(statement));
        if (statement->publish_at)
            add_embargo(oracle, mark, instant_from_timestamp(statement->publish_at));
        if (g_array_index(certain, bool, i))
            g_ptr_array_add(try->certain, mark);
        else
            g_free(mark);
    }
    g_ptr_array_add(oracle->tries, try);
    return number;
}

void oracle_drops(Oracle *oracle, unsigned number)
{
    oracle_try_at(oracle, number)->state = TRY_GONE;
}

void oracle_restarts(Oracle *oracle)
{
    for (guint i = 0; i < oracle->tries->len; i++)
        if (oracle_try_at(oracle, i)->state == TRY_FAILED)
            oracle_try_at(oracle, i)->state = TRY_OPEN;
}

bool oracle_was_acknowledged(const Oracle *oracle, unsigned number)
{
    return oracle_try_at(oracle, number)->state == TRY_ACKNOWLEDGED;
}

/* ---- what the engine says ---- */

/* It is not to be published any more, if it has not been by now. */
static void take_back(Oracle *oracle, const Scheduled *scheduled)
{
    const Instant *embargo = g_hash_table_lookup(oracle->embargoes, scheduled->mark);

    if (g_get_real_time() < *embargo)
        g_hash_table_remove(oracle->releasable, scheduled->mark);
}

/* Jobs that wait for the bus are heard of later than those after them. */
static void hear_schedule(Oracle *oracle, guint number, const JobItem *item, const Statement *wish)
{
    const char *id = wish->id;
    const Scheduled *before = g_hash_table_lookup(oracle->scheduled, id);
    bool schedules = item->result == RESULT_SCHEDULED;

    if (!(schedules || item->result == RESULT_CANCELLED || item->result == RESULT_WITHDRAWN) ||
        (before && before->number > number))
        return;
    if (before)
        take_back(oracle, before);
    g_hash_table_remove(oracle->scheduled, id);
    if (!schedules)
        return;
    Scheduled *scheduled = g_new0(Scheduled, 1);
    scheduled->mark = oracle_mark_of(wish);
    scheduled->number = number;
    g_hash_table_insert(oracle->scheduled, g_strdup(id), scheduled);
    g_hash_table_add(oracle->releasable, g_strdup(scheduled->mark));
}

/* What is acknowledged is what was asked for. */
static void hear_latest(Oracle *oracle, const JobItem *item, const Statement *wish)
{
    const Statement *latest = item->latest;
    g_autofree char *event = statement_event_id(latest);
    g_autoptr(GBytes) packed = statement_pack(latest);
    GBytes *known = g_hash_table_lookup(oracle->known, event);

    bool same = item->result == RESULT_WITHDRAWN ? strcmp(latest->note, wish->note) == 0
                                                 : statement_same_content(latest, wish);
    if (strcmp(latest->id, wish->id) != 0 || (item->result != RESULT_UNCHANGED && !same))
        oracle_complain(oracle, "%s was acknowledged with another content", event);
    if (known && !g_bytes_equal(known, packed))
        oracle_complain(oracle, "%s was acknowledged with two contents", event);
    oracle_knows(oracle, latest);
    if (item->result == RESULT_UNCHANGED)
        return;
    g_hash_table_insert(oracle->submitters, g_strdup(event), g_strdup(item->submission.submitter));
    /* "Unchanged" may come before it, when the job that wrote it waits for the bus. */
    if (!g_hash_table_add(oracle->written, g_steal_pointer(&event)))
        oracle_complain(oracle, "%s/%u was acknowledged twice", latest->id, latest->revision);
}

static void hear_item(Oracle *oracle, guint number, const JobItem *item, const Statement *wish)
{
    bool of_schedule = item->result == RESULT_SCHEDULED || item->result == RESULT_CANCELLED;

    hear_schedule(oracle, number, item, wish);
    if (item->result == RESULT_REFUSED || of_schedule)
        return;
    if (item->latest)
        hear_latest(oracle, item, wish);
    else
        oracle_complain(oracle, "%s was acknowledged without a statement", wish->id);
}

static bool wrote(const Job *job)
{
    for (guint i = 0; i < job->items->len; i++) {
        AcceptResult result = job_item(job, i)->result;
        if (result != RESULT_REFUSED && result != RESULT_UNCHANGED)
            return true;
    }
    return job->feed != NULL;
}

void oracle_hears(Oracle *oracle, unsigned number, const Job *job, JobOutcome outcome, bool failing)
{
    Try *try = oracle_try_at(oracle, number);

    if (try->state != TRY_OPEN)
        oracle_complain(oracle, "job %u was finished twice", number);
    if (outcome == JOB_FAILED) {
        try->state = TRY_FAILED;
        return;
    }
    try->state = TRY_ACKNOWLEDGED;
    for (guint i = 0; i < job->items->len; i++)
        hear_item(oracle, number, job_item(job, i), g_ptr_array_index(try->wishes, i));
    if (!wrote(job))
        return;
    if (failing)
        oracle_complain(oracle, "job %u was acknowledged while nothing could be written", number);
    for (guint i = 0; i < number; i++)
        if (oracle_try_at(oracle, i)->state == TRY_FAILED)
            oracle_try_at(oracle, i)->state = TRY_GONE;
}

void oracle_reads(Oracle *oracle, const char *id, const Statement *latest)
{
    guint least = latest_of(oracle, id);

    if (!latest && least == 0)
        return;
    if (!latest || latest->revision < least) {
        oracle_complain(oracle, "a reader saw revision %u of %s, and %u was acknowledged",
                        latest ? latest->revision : 0, id, least);
        return;
    }
    g_autofree char *event = statement_event_id(latest);
    g_autoptr(GBytes) packed = statement_pack(latest);
    GBytes *known = g_hash_table_lookup(oracle->known, event);
    if (known && !g_bytes_equal(known, packed))
        oracle_complain(oracle, "a reader saw %s with another content than the acknowledged one", event);
}

/* ---- for the checks ---- */

bool oracle_may_come_from(const Oracle *oracle, const char *mark)
{
    const GArray *numbers = g_hash_table_lookup(oracle->owners, mark);

    for (guint i = 0; numbers && i < numbers->len; i++) {
        TryState state = oracle_try_at(oracle, g_array_index(numbers, guint, i))->state;
        if (state == TRY_OPEN || state == TRY_FAILED)
            return true;
    }
    return false;
}

bool oracle_has_scheduled(const Oracle *oracle, const char *id, const char *mark)
{
    const Scheduled *scheduled = g_hash_table_lookup(oracle->scheduled, id);
    return scheduled && strcmp(scheduled->mark, mark) == 0;
}
