/* SPDX-License-Identifier: Apache-2.0 */
/* What an item lacks is taken from the feed or made from what it has, in a way that gives the same when the
 * same feed is read again; only the date of an item without one cannot be (see feed.h). */
#include "common/formats/feed_run.h"

#include "common/civil_date.h"
#include "common/error.h"
#include "common/formats/feed_link.h"
#include "common/formats/feed_text.h"
#include "common/markup/html_text.h"
#include "common/statement_rules.h"

#define TITLE_FROM_TEXT_MAX 120 /* characters, of an item without a title */
#define FEED_TITLE_MAX      200

typedef struct {
    unsigned line;
    char *digest; /* of the statement */
} SeenItem;

static void seen_item_free(void *data)
{
    SeenItem *item = data;
    g_free(item->digest);
    g_free(item);
}

void feed_run_clear(FeedRun *run)
{
    feed_head_clear(&run->head);
    g_free(run->link);
    g_free(run->language);
    g_free(run->author);
    g_free(run->source);
    if (run->seen)
        g_hash_table_unref(run->seen);
    *run = (FeedRun){0};
}

bool feed_too_large(GError **error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *reason = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error_literal(error, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE, reason);
    return false;
}

void feed_run_set_title(FeedRun *run, char *text)
{
    g_autofree char *owned = text;
    if (!text || run->head.title)
        return;
    for (char *c = text; *c; c++)
        *c = g_ascii_iscntrl(*c) ? ' ' : *c;
    g_autofree char *line = feed_one_line(text);
    run->head.title = *line ? feed_cut(line, FEED_TITLE_MAX) : NULL;
}

const char *feed_run_base(const FeedRun *run)
{
    const char *base = run->context->base_url;
    if (base && *base)
        return base;
    return run->link ? run->link : "";
}

void feed_run_begin(FeedRun *run)
{
    const char *source = run->context->source;
    if (source && *source)
        run->source = g_strdup(source);
    else if (!(run->source = feed_link_host(run->link)))
        run->source = feed_link_host(run->context->base_url);
    if (!run->source)
        run->source = g_strdup("");
    run->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, seen_item_free);
    if (!run->head.title)
        run->head.title = g_strdup("");
    *run->ret_head = run->head;
    run->head = (FeedHead){0};
}

/* What is no language tag is no reason to refuse a statement. */
static bool set_language(Statement *statement, const char *text)
{
    g_autofree char *tag = text ? feed_one_line(text) : NULL;
    if (!tag || !language_normalise(g_strdelimit(tag, "_", '-')))
        return false;
    message_set_string(&statement->language, tag);
    return true;
}

static void set_text(Statement *statement, const FeedEntry *entry)
{
    const char *summary = entry->summary ? entry->summary : "";
    g_autofree char *cut = feed_cut(summary, STATEMENT_SUMMARY_MAX);
    const char *body = entry->body;
    bool is_html = entry->body_is_html;
    if (!body && strcmp(cut, summary) != 0) { /* nothing of a text is lost */
        body = entry->summary_html ? entry->summary_html : summary;
        is_html = entry->summary_html != NULL;
    }
    message_set_string(&statement->summary, cut);
    message_set_string(&statement->body, body);
    if (body)
        statement->body_type = is_html ? BODY_TYPE_HTML : BODY_TYPE_PLAIN;
}

/* An item without a title gets the beginning of its text, which is then no summary as well. */
static void set_title(Statement *statement, const FeedEntry *entry)
{
    if (entry->title) {
        message_set_string(&statement->title, entry->title);
        return;
    }
    g_autofree char *text = NULL;
    if (*statement->summary)
        text = g_strdup(statement->summary);
    else if (entry->body)
        text = entry->body_is_html ? html_to_text(entry->body) : g_strdup(entry->body);
    g_autofree char *line = feed_one_line(text ? text : "");
    g_autofree char *title = feed_cut(line, TITLE_FROM_TEXT_MAX);
    message_set_string(&statement->title, title);
    if (strcmp(title, statement->summary) == 0)
        message_set_string(&statement->summary, NULL);
}

static CivilDate date_of(Instant instant)
{
    Instant days = instant / INSTANT_DAY - (instant % INSTANT_DAY < 0 ? 1 : 0);
    return (CivilDate)CLAMP(days, CIVIL_DATE_MIN, CIVIL_DATE_MAX);
}

static void set_date(const FeedRun *run, Statement *statement, const FeedEntry *entry)
{
    char text[CIVIL_DATE_TEXT_MAX];
    CivilDate date = entry->date.date;
    if (!entry->dated) {
        date = date_of(run->context->now);
        if (run->dated)
            date = MIN(date, run->date.has_time ? date_of(run->date.instant) : run->date.date);
    } else if (entry->date.has_time) {
        statement->published_at = instant_to_timestamp(entry->date.instant);
        statement->published_at_offset_minutes = entry->date.offset_minutes;
    }
    message_set_string(&statement->date, civil_date_format(date, text));
}

static Statement *make_statement(const FeedRun *run, const FeedEntry *entry, const char *link)
{
    Statement *statement = statement_new();
    const char *author = entry->authors->len > 0 ? entry->authors->str : run->author;
    g_autofree char *names = feed_cut(author ? author : "", STATEMENT_WORD_MAX);
    set_text(statement, entry);
    set_title(statement, entry);
    set_date(run, statement, entry);
    message_set_string(&statement->author, names);
    message_set_string(&statement->url, link);
    message_set_string(&statement->source, run->source);
    if (!set_language(statement, entry->language))
        (void)set_language(statement, run->language);
    for (guint i = 0; i < entry->tags->len; i++)
        statement_add_tag(statement, g_ptr_array_index(entry->tags, i));
    return statement;
}

/* For an item that the feed does not name. Title and date tell apart what appears daily under one title. */
static char *make_guid(const Statement *statement, bool dated)
{
    g_autoptr(GChecksum) hash = g_checksum_new(G_CHECKSUM_SHA256);
    const char *texts[] = {statement->title, dated ? statement->date : statement->summary,
                           dated ? "" : statement->body};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_checksum_update(hash, (const guchar *)texts[i], (gssize)strlen(texts[i]) + 1);
    if (dated && statement->published_at) {
        char text[INSTANT_TEXT_MAX];
        instant_format(instant_from_timestamp(statement->published_at), 0, text);
        g_checksum_update(hash, (const guchar *)text, -1);
    }
    return g_strconcat("daywire:", g_checksum_get_string(hash), NULL);
}

static bool give_refused(const FeedRun *run, FeedItem *item, const char *field, const char *reason)
{
    item->statement = NULL;
    item->field = field;
    item->reason = reason;
    return run->each(item, run->user);
}

/* Whether the item is new in this feed. When it is not: the line of the first one in *ret_line, 0 when both are
 * the same. */
static bool is_new(const FeedRun *run, const FeedItem *item, unsigned *ret_line)
{
    g_autoptr(GBytes) packed = statement_pack(item->statement);
    g_autofree char *digest = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, packed);
    g_autofree char *key = g_strconcat(item->guid, "\n", item->link, NULL);
    const SeenItem *first = g_hash_table_lookup(run->seen, key);
    if (first) {
        *ret_line = strcmp(first->digest, digest) == 0 ? 0 : first->line;
        return false;
    }
    SeenItem *seen = g_new(SeenItem, 1);
    *seen = (SeenItem){.line = item->line, .digest = g_steal_pointer(&digest)};
    g_hash_table_insert(run->seen, g_steal_pointer(&key), seen);
    return true;
}

static bool give_statement(const FeedRun *run, FeedItem *item, Statement *statement)
{
    item->statement = statement;
    bool more = run->each(item, run->user);
    statement_free(item->statement);
    return more;
}

bool feed_run_give(FeedRun *run, FeedEntry *entry)
{
    g_autofree char *made = NULL;
    FeedItem item = {.line = entry->line,
                     .guid = entry->guid ? entry->guid : "",
                     .link = entry->link ? entry->link : "",
                     .undated = !entry->dated};
    if (strlen(item.guid) > FEED_GUID_MAX) {
        g_autofree char *reason =
            g_strdup_printf("at most %d bytes, this one has %zu", FEED_GUID_MAX, strlen(item.guid));
        feed_entry_refuse(entry, "guid", reason);
        item.guid = "";
    }
    if (entry->field) {
        g_autofree char *reason = g_strdup_printf("%s: %s", entry->field, entry->reason);
        return give_refused(run, &item, entry->field, reason);
    }
    const char *field = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(Statement) statement = make_statement(run, entry, item.link);
    if (!statement_validate(statement, &field, &error))
        return give_refused(run, &item, field, error->message);
    if (!*item.guid && !*item.link) {
        made = make_guid(statement, entry->dated);
        item.guid = made;
    }
    unsigned first = 0;
    item.statement = statement;
    if (is_new(run, &item, &first))
        return give_statement(run, &item, g_steal_pointer(&statement));
    if (!first)
        return true;
    g_autofree char *reason =
        g_strdup_printf("guid: the item at line %u has the same guid and link and another content", first);
    return give_refused(run, &item, "guid", reason);
}
