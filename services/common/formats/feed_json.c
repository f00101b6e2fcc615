/* SPDX-License-Identifier: Apache-2.0 */
/* JSON Feed 1.0 and 1.1. Its title, summary and content_text are plain text. A value of a wrong type counts as
 * absent, but for an id that is a number, which version 1.0 asks to read as text. */
#include "common/formats/feed_json.h"

#include "common/error.h"
#include "common/formats/feed_link.h"
#include "common/formats/feed_run.h"
#include "common/formats/feed_text.h"
#include "common/json.h"

/* Where the items begin, and how much there is of everything, in any text. */
typedef struct {
    const char *at;
    unsigned line;
    unsigned depth;
    unsigned values;
    bool in_items;     /* at depth 2: directly in the array "items" of the feed */
    bool items_found;  /* only the first ones count, as json_read_leniently() says */
    bool element_next; /* what comes next is an item */
    GArray *lines;     /* of the items, unsigned */
} Scan;

/* *at is behind the string. Returns its length without the quotation marks. */
static size_t skip_string(Scan *scan)
{
    const char *start = ++scan->at;
    while (*scan->at && *scan->at != '"') {
        scan->line += *scan->at == '\n' ? 1 : 0; /* not allowed there, and told by the parser */
        scan->at += *scan->at == '\\' && scan->at[1] ? 2 : 1;
    }
    size_t length = (size_t)(scan->at - start);
    scan->at += *scan->at ? 1 : 0;
    return length;
}

static void scan_string(Scan *scan)
{
    static const char items[] = "items";
    const char *start = scan->at + 1;
    size_t length = skip_string(scan);
    scan->values++;
    if (scan->depth != 1 || length != strlen(items) || strncmp(start, items, length) != 0)
        return;
    const char *next = scan->at + strspn(scan->at, " \t\r\n");
    if (*next != ':')
        return;
    next += 1 + strspn(next + 1, " \t\r\n");
    scan->in_items = *next == '[' && !scan->items_found;
    scan->items_found = true;
}

static void scan_mark(Scan *scan)
{
    char c = *scan->at++;
    if (c == '{' || c == '[') {
        scan->depth++;
        scan->values++;
        scan->element_next = c == '[' && scan->depth == 2 && scan->in_items;
    } else if (c == '}' || c == ']') {
        scan->in_items = scan->in_items && scan->depth > 2;
        scan->depth -= scan->depth > 0 ? 1 : 0;
        scan->element_next = false;
    } else {
        scan->values++; /* a comma: another value follows */
        scan->element_next = scan->depth == 2 && scan->in_items;
    }
}

static bool scan_all(const char *text, GArray *lines, GError **error)
{
    Scan scan = {.at = text, .line = 1, .lines = lines};
    while (*scan.at) {
        char c = *scan.at;
        if (c == '\n' || c == ' ' || c == '\t' || c == '\r') {
            scan.line += c == '\n' ? 1 : 0;
            scan.at++;
            continue;
        }
        if (scan.element_next && c != ']') {
            g_array_append_val(scan.lines, scan.line);
            scan.element_next = false;
        }
        if (c == '"')
            scan_string(&scan);
        else if (strchr("{}[],", c))
            scan_mark(&scan);
        else
            scan.at++;
        if (scan.depth > FEED_DEPTH_MAX)
            return feed_too_large(error, "line %u: more than %d values within each other", scan.line,
                                  FEED_DEPTH_MAX);
        if (scan.values > FEED_NODES_MAX)
            return feed_too_large(error, "line %u: more than %d values", scan.line, FEED_NODES_MAX);
    }
    return true;
}

/* g_malloc'd; NULL: no text. What follows a NUL would be lost: such a text is refused. */
static char *text_of(yyjson_val *object, const char *name, FeedEntry *entry)
{
    yyjson_val *value = yyjson_obj_get(object, name);
    const char *text = yyjson_get_str(value);
    if (text && strlen(text) != yyjson_get_len(value)) {
        feed_entry_refuse(entry, name, "no control characters, this one has U+0000");
        return NULL;
    }
    return g_strdup(text);
}

static char *id_of(yyjson_val *item, FeedEntry *entry)
{
    yyjson_val *id = yyjson_obj_get(item, "id");
    return yyjson_is_raw(id) ? g_strdup(yyjson_get_raw(id)) : text_of(item, "id", entry);
}

/* "authors", in version 1.0 "author". */
static void add_authors(yyjson_val *object, FeedEntry *entry)
{
    yyjson_val *authors = yyjson_obj_get(object, "authors");
    size_t i = 0, count = 0;
    yyjson_val *author = NULL;
    yyjson_arr_foreach(authors, i, count, author)
    {
        feed_entry_add_author(entry, text_of(author, "name", entry));
    }
    if (entry->authors->len == 0)
        feed_entry_add_author(entry, text_of(yyjson_obj_get(object, "author"), "name", entry));
}

static void add_tags(yyjson_val *item, FeedEntry *entry)
{
    yyjson_val *tags = yyjson_obj_get(item, "tags");
    size_t i = 0, count = 0;
    yyjson_val *tag = NULL;
    yyjson_arr_foreach(tags, i, count, tag)
    {
        if (yyjson_is_str(tag) && strlen(yyjson_get_str(tag)) == yyjson_get_len(tag))
            feed_entry_add_tag(entry, g_strdup(yyjson_get_str(tag)));
    }
}

static void add_link(yyjson_val *item, const char *name, const char *base, FeedEntry *entry)
{
    g_autofree char *address = text_of(item, name, entry);
    feed_entry_set(&entry->link, address ? feed_link(address, base) : NULL);
}

static void read_item(yyjson_val *item, const char *base, FeedEntry *entry)
{
    if (!yyjson_is_obj(item)) {
        feed_entry_refuse(entry, "items", "an item is a JSON object");
        return;
    }
    g_autofree char *title = text_of(item, "title", entry);
    feed_entry_set(&entry->guid, id_of(item, entry));
    feed_entry_set(&entry->title, title ? feed_one_line(title) : NULL);
    feed_entry_set(&entry->summary, text_of(item, "summary", entry));
    feed_entry_set(&entry->body, text_of(item, "content_html", entry));
    entry->body_is_html = entry->body != NULL;
    feed_entry_set(&entry->body, text_of(item, "content_text", entry));
    feed_entry_set(&entry->language, text_of(item, "language", entry));
    add_link(item, "url", base, entry);
    add_link(item, "external_url", base, entry);
    add_authors(item, entry);
    add_tags(item, entry);
    feed_entry_add_date(entry, text_of(item, "date_published", entry));
    feed_entry_add_date(entry, text_of(item, "date_modified", entry));
}

static void read_feed(yyjson_val *feed, FeedRun *run)
{
    g_auto(FeedEntry) entry = {0};
    feed_entry_init(&entry, 0);
    feed_run_set_title(run, text_of(feed, "title", &entry));
    feed_entry_set(&run->language, text_of(feed, "language", &entry));
    g_autofree char *page = text_of(feed, "home_page_url", &entry);
    g_autofree char *self = text_of(feed, "feed_url", &entry);
    run->link = page ? feed_link(page, run->context->base_url) : NULL;
    if (!run->link && self)
        run->link = feed_link(self, run->context->base_url);
    add_authors(feed, &entry);
    if (entry.authors->len > 0)
        run->author = g_strdup(entry.authors->str);
}

static bool is_feed(yyjson_val *value)
{
    const char *version = yyjson_get_str(yyjson_obj_get(value, "version"));
    return version && (g_str_has_prefix(version, "https://jsonfeed.org/version/") ||
                       g_str_has_prefix(version, "http://jsonfeed.org/version/"));
}

static bool read_value(yyjson_val *feed, const GArray *lines, FeedRun *run, GError **error)
{
    yyjson_val *items = yyjson_obj_get(feed, "items");
    if (!is_feed(feed))
        return error_refuse(error,
                            "JSON, but no feed: its \"version\" is not https://jsonfeed.org/version/...");
    if (yyjson_arr_size(items) > FEED_ITEMS_MAX)
        return feed_too_large(error, "a feed has at most %d items, this one has %zu", FEED_ITEMS_MAX,
                              yyjson_arr_size(items));
    read_feed(feed, run);
    feed_run_begin(run);
    size_t i = 0, count = 0;
    yyjson_val *item = NULL;
    yyjson_arr_foreach(items, i, count, item)
    {
        g_auto(FeedEntry) entry = {0};
        feed_entry_init(&entry, i < lines->len ? g_array_index(lines, unsigned, i) : 0);
        read_item(item, feed_run_base(run), &entry);
        if (!feed_run_give(run, &entry))
            break;
    }
    return true;
}

bool feed_read_json(const char *text, FeedRun *run, GError **error)
{
    g_autoptr(GArray) lines = g_array_new(FALSE, FALSE, sizeof(unsigned));
    if (!scan_all(text, lines, error))
        return false;
    g_autoptr(yyjson_doc) doc = json_read_leniently(text, strlen(text), 1, error);
    return doc && read_value(yyjson_doc_get_root(doc), lines, run, error);
}

bool feed_is_json(const char *text)
{
    g_autoptr(GArray) lines = g_array_new(FALSE, FALSE, sizeof(unsigned));

    if (text[strspn(text, " \t\r\n")] != '{' || !strstr(text, "jsonfeed.org") || !scan_all(text, lines, NULL))
        return false;
    g_autoptr(yyjson_doc) doc = json_read_leniently(text, strlen(text), 1, NULL);
    return doc && is_feed(yyjson_doc_get_root(doc));
}
