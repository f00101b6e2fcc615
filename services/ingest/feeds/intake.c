/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/feeds/intake.h"

#include "common/error.h"
#include "common/markup/html_body.h"
#include "common/statement_rules.h"
#include "ingest/identity.h"

typedef enum { UNDECIDED, REFUSED, UNCHANGED, PASSED_OVER, WANTED } Decision;

/* Beside the FeedIdentity of the same index. */
typedef struct {
    Statement *statement; /* NULL: refused, or handed in */
    char *guid;           /* this and the next as feed_identity_key() makes them */
    char *link;
    char *title;
    char *fresh_id;
    char *digest;
    char *refusal;
    bool undated;
    bool again; /* it was withheld before */
    Decision decision;
} Entry;

struct FeedIntake {
    const FeedSettings *feed;
    SubmissionLimits limits;
    FeedHead head;
    GArray *entries;    /* of Entry */
    GArray *identities; /* of FeedIdentity */
    GPtrArray *known;
    unsigned next; /* entry to store */
};

static void entry_clear(Entry *entry)
{
    statement_free(entry->statement);
    g_free(entry->guid);
    g_free(entry->link);
    g_free(entry->title);
    g_free(entry->fresh_id);
    g_free(entry->digest);
    g_free(entry->refusal);
}

static void identity_clear(FeedIdentity *identity)
{
    g_free(identity->id);
}

void feed_intake_free(FeedIntake *intake)
{
    if (!intake)
        return;
    feed_head_clear(&intake->head);
    g_array_unref(intake->entries);
    g_array_unref(intake->identities);
    if (intake->known)
        g_ptr_array_unref(intake->known);
    g_free(intake);
}

/* ---- reading ---- */

static char *refusal_of(const FeedItem *item)
{
    const char *name = *item->guid ? item->guid : item->link;

    return g_strdup_printf("line %u%s%s: %s", item->line, *name ? ", " : "", name, item->reason);
}

static bool take_item(FeedItem *item, void *user)
{
    FeedIntake *intake = user;
    const Statement *statement = item->statement;
    Entry entry = {
        .guid = feed_identity_key(item->guid),
        .link = feed_identity_key(item->link),
        .title = g_strdup(statement ? statement->title : ""),
        .fresh_id = feed_item_id(intake->feed->name, item->guid, item->link),
        .refusal = statement ? NULL : refusal_of(item),
        .undated = item->undated,
        .decision = statement ? UNDECIDED : REFUSED,
    };
    const FeedIdentity identity = {
        .guid = entry.guid,
        .link = entry.link,
        .title = entry.title,
        .published = statement ? instant_from_timestamp(statement->published_at) : 0,
        .fresh_id = entry.fresh_id,
        .refused = !statement,
    };

    entry.statement = g_steal_pointer(&item->statement);
    g_array_append_val(intake->entries, entry);
    g_array_append_val(intake->identities, identity);
    return true;
}

FeedIntake *feed_intake_new(const FeedOrigin *origin, const void *data, size_t size, GError **error)
{
    FeedIntake *intake = g_new0(FeedIntake, 1);
    const FeedContext context = {.charset = origin->charset,
                                 .base_url = origin->url,
                                 .source = origin->feed->name,
                                 .now = origin->now};

    intake->feed = origin->feed;
    intake->limits = origin->limits;
    intake->entries = g_array_new(FALSE, FALSE, sizeof(Entry));
    intake->identities = g_array_new(FALSE, FALSE, sizeof(FeedIdentity));
    g_array_set_clear_func(intake->entries, (GDestroyNotify)entry_clear);
    g_array_set_clear_func(intake->identities, (GDestroyNotify)identity_clear);
    if (feed_read(data, size, &context, &intake->head, take_item, intake, error))
        return intake;
    feed_intake_free(intake);
    return NULL;
}

const FeedHead *feed_intake_head(const FeedIntake *intake)
{
    return &intake->head;
}

unsigned feed_intake_count(const FeedIntake *intake)
{
    return intake->identities->len;
}

const FeedIdentity *feed_intake_item(const FeedIntake *intake, unsigned index)
{
    return &g_array_index(intake->identities, FeedIdentity, index);
}

/* ---- deciding ---- */

static Entry *entry_at(const FeedIntake *intake, unsigned index)
{
    return &g_array_index(intake->entries, Entry, index);
}

/* Otherwise each day would make another statement of an item without a date. */
static void keep_date(Entry *entry, const FeedKnown *known)
{
    g_autoptr(Statement) before = statement_new();

    if (!entry->undated || !known)
        return;
    message_set_string(&before->date, known->date);
    if (known->published != 0)
        before->published_at = instant_to_timestamp(known->published);
    feed_keep_date(entry->statement, before);
}

static bool has_tag(const Statement *statement, const char *tag)
{
    for (size_t i = 0; i < statement->n_tags; i++)
        if (strcmp(statement->tags[i], tag) == 0)
            return true;
    return false;
}

/* After the digest: what the configuration adds is no change of the feed. */
static void add_words(Statement *statement, const FeedSettings *feed)
{
    if (*feed->kind)
        message_set_string(&statement->kind, feed->kind);
    if (*feed->language && *statement->language == '\0')
        message_set_string(&statement->language, feed->language);
    for (char **tag = feed->tags; *tag; tag++)
        if (!has_tag(statement, *tag) && statement->n_tags < STATEMENT_TAGS_MAX)
            statement_add_tag(statement, *tag);
}

/* What the engine would refuse for itself alone, refused here: such an item is to be known as bad, not as handed in. */
static bool complete(const FeedIntake *intake, Entry *entry, GError **error)
{
    const char *field = NULL;

    if (!html_body_reduce(entry->statement, error))
        return false;
    add_words(entry->statement, intake->feed);
    return submission_limits_check(&intake->limits, entry->statement, &field, error);
}

static void refuse(Entry *entry, const char *reason)
{
    entry->decision = REFUSED;
    entry->refusal = g_strdup_printf("%s: %s", *entry->guid ? entry->guid : entry->link, reason);
}

static void decide(const FeedIntake *intake, Entry *entry, const FeedIdentity *identity)
{
    const FeedKnown *known = identity->known;
    g_autoptr(GError) error = NULL;

    if (entry->decision == REFUSED)
        return;
    if (!identity->id) {
        refuse(entry, "cannot be told from another item of this feed");
        return;
    }
    keep_date(entry, known);
    entry->digest = identity_from_content(entry->statement);
    entry->again = known && known->withheld && strcmp(known->withheld, entry->digest) == 0;
    if (known && (known->passed_over || strcmp(known->digest, entry->digest) == 0))
        entry->decision = UNCHANGED;
    else if (complete(intake, entry, &error))
        entry->decision = WANTED;
    else
        refuse(entry, error->message);
}

/* Newest first; among equals in the order of the document. */
static int compare_age(const void *a, const void *b, void *user)
{
    const FeedIntake *intake = user;
    unsigned left = *(const unsigned *)a;
    unsigned right = *(const unsigned *)b;
    Instant left_time = feed_intake_item(intake, left)->published;
    Instant right_time = feed_intake_item(intake, right)->published;
    int order = strcmp(entry_at(intake, right)->statement->date, entry_at(intake, left)->statement->date);

    if (order == 0)
        order = (right_time > left_time) - (right_time < left_time);
    return order != 0 ? order : (left > right) - (left < right);
}

static void pass_over_old_ones(FeedIntake *intake)
{
    g_autoptr(GArray) order = g_array_new(FALSE, FALSE, sizeof(unsigned));

    for (unsigned i = 0; i < intake->entries->len; i++)
        if (entry_at(intake, i)->decision != REFUSED)
            g_array_append_val(order, i);
    g_array_sort_with_data(order, compare_age, intake);
    for (guint i = intake->feed->initial; i < order->len; i++) {
        Entry *entry = entry_at(intake, g_array_index(order, unsigned, i));
        if (entry->decision == WANTED)
            entry->decision = PASSED_OVER;
    }
}

void feed_intake_resolve(FeedIntake *intake, GPtrArray *known, bool first)
{
    intake->known = known;
    feed_identity_resolve(intake->feed->name, intake->identities, known);
    for (unsigned i = 0; i < intake->entries->len; i++)
        decide(intake, entry_at(intake, i), feed_intake_item(intake, i));
    if (first && intake->feed->initial != FEED_INITIAL_ALL)
        pass_over_old_ones(intake);
}

/* ---- storing ---- */

static Submission submission_of(Entry *entry, const FeedIdentity *identity, const FeedSettings *feed)
{
    Statement *statement = g_steal_pointer(&entry->statement);

    message_set_string(&statement->id, identity->id);
    Submission submission = submission_make(SUBMISSION_FEED, statement);
    submission.submitter = g_strdup_printf("feed %s", feed->name);
    submission.offered_again = entry->again;
    submission.offered_at = entry->again ? identity->known->withheld_at : 0;
    return submission;
}

static FeedKnown *known_of(const Entry *entry, const FeedIdentity *identity)
{
    FeedKnown *known = g_new0(FeedKnown, 1);

    *known = (FeedKnown){
        .guid = g_strdup(entry->guid),
        .link = g_strdup(entry->link),
        .id = g_strdup(identity->id),
        .title = g_strdup(entry->title),
        .published = identity->published,
        .date = g_strdup(entry->statement->date),
        .digest = g_strdup(entry->digest),
        .before = identity->known ? g_strdup(identity->known->digest) : NULL,
        .passed_over = entry->decision == PASSED_OVER || (identity->known && identity->known->passed_over),
    };
    return known;
}

/* Whether it is known, and under another name only. */
static bool is_renamed(const Entry *entry, const FeedIdentity *identity)
{
    return entry->decision == UNCHANGED && (strcmp(entry->guid, identity->known->guid) != 0 ||
                                            strcmp(entry->link, identity->known->link) != 0);
}

/* The feed went back to what is decided. */
static bool is_taken_back(const Entry *entry, const FeedIdentity *identity)
{
    return entry->decision == UNCHANGED && identity->known->withheld;
}

static bool is_to_be_stored(const FeedIntake *intake, unsigned index)
{
    const Entry *entry = entry_at(intake, index);

    return entry->decision == WANTED || entry->decision == PASSED_OVER ||
           is_renamed(entry, feed_intake_item(intake, index)) ||
           is_taken_back(entry, feed_intake_item(intake, index));
}

static void skip(FeedIntake *intake)
{
    while (intake->next < intake->entries->len && !is_to_be_stored(intake, intake->next))
        intake->next++;
}

bool feed_intake_has_more(const FeedIntake *intake)
{
    return intake->next < intake->entries->len;
}

Job *feed_intake_next(FeedIntake *intake, unsigned max)
{
    Job *job = job_new();

    job->feed = feed_changes_new(intake->feed->name);
    for (skip(intake); intake->next < intake->entries->len && max > 0; skip(intake), max--) {
        Entry *entry = entry_at(intake, intake->next);
        const FeedIdentity *identity = feed_intake_item(intake, intake->next);
        g_ptr_array_add(job->feed->items, known_of(entry, identity));
        if (entry->decision == WANTED)
            job_add(job, submission_of(entry, identity, intake->feed));
        intake->next++;
    }
    return job;
}

/* ---- telling ---- */

FeedCounts feed_intake_counts(const FeedIntake *intake)
{
    FeedCounts counts = {.items = intake->entries->len};

    for (unsigned i = 0; i < intake->entries->len; i++) {
        Decision decision = entry_at(intake, i)->decision;
        counts.refused += decision == REFUSED;
        counts.unchanged += decision == UNCHANGED;
        counts.passed_over += decision == PASSED_OVER;
    }
    return counts;
}

char *feed_intake_refusal(const FeedIntake *intake, unsigned index)
{
    for (unsigned i = 0; i < intake->entries->len; i++) {
        const Entry *entry = entry_at(intake, i);
        if (entry->decision == REFUSED && index-- == 0)
            return g_strdup(entry->refusal);
    }
    return NULL;
}
