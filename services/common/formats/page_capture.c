/* SPDX-License-Identifier: Apache-2.0 */
/* A capture is cut at its dated lines ("DD.MM.YYYY - Title"). Above the first one are the page's top and the
 * lead statement, below each one is its excerpt. A wrong item is given as refused and takes no other with it:
 * in particular a lead without a date is refused rather than dated by a guess. */
#include "common/formats/page_capture.h"

#include "common/error.h"
#include "common/formats/page_head.h"
#include "common/formats/reader.h"
#include "common/formats/written_date.h"
#include "common/text.h"

#define LINK_WORDS_MAX  4 /* "all messages" */
#define TITLE_BYTES_MAX 4000

typedef struct {
    GStrv lines; /* without the white space around them */
    size_t count;
    GRegex *dated;
    size_t first_dated; /* its line, or `count` */
} Page;

static bool is_dated(const Page *page, size_t line)
{
    return g_regex_match(page->dated, page->lines[line], 0, NULL);
}

static void page_open(Page *page, const char *text)
{
    page->dated = g_regex_new("^(\\d{1,2})\\.(\\d{1,2})\\.(\\d{4})\\s*[-–—]\\s+(\\S.*)$", 0, 0, NULL);
    g_assert(page->dated);
    g_autoptr(GPtrArray) lines = g_ptr_array_new();
    for (const char *at = text; *at;) {
        size_t length = strcspn(at, "\n");
        g_autofree char *line = g_strndup(at, length);
        g_ptr_array_add(lines, text_trim(line));
        at += length + (at[length] ? 1 : 0);
    }
    page->count = lines->len;
    g_ptr_array_add(lines, NULL);
    page->lines = (char **)g_ptr_array_free(g_steal_pointer(&lines), FALSE);
    page->first_dated = 0;
    while (page->first_dated < page->count && !is_dated(page, page->first_dated))
        page->first_dated++;
}

static void page_close(Page *page)
{
    g_strfreev(page->lines);
    g_regex_unref(page->dated);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Page, page_close)

/* The lines from `from` to before `to`, paragraphs separated by one empty line. */
static char *join_paragraphs(const Page *page, size_t from, size_t to)
{
    GString *text = g_string_new(NULL);
    bool gap = false;
    for (size_t i = from; i < to; i++) {
        const char *line = page->lines[i];
        if (*line && text->len > 0)
            g_string_append(text, gap ? "\n\n" : "\n");
        g_string_append(text, line);
        gap = !*line;
    }
    return g_string_free(text, FALSE);
}

/* Where the content of the page ends: before a last paragraph that is a few words without a full stop, which
 * is a link and not the end of an excerpt. */
static size_t end_without_link(const Page *page, size_t from)
{
    size_t end = page->count;
    while (end > from && !*page->lines[end - 1])
        end--;
    if (end == from)
        return end;
    const char *last = page->lines[end - 1];
    bool alone = end - 1 == from || !*page->lines[end - 2];
    g_auto(GStrv) words = g_regex_split_simple("\\s+", last, 0, 0);
    bool sentence = g_regex_match_simple("[.!?…:;)\\]\"'”’»]$", last, 0, 0);
    return alone && !sentence && g_strv_length(words) <= LINK_WORDS_MAX ? end - 1 : end;
}

static bool give_dated(const Page *page, size_t line, size_t end, const FormatSink *sink)
{
    g_autoptr(GMatchInfo) match = NULL;
    g_regex_match(page->dated, page->lines[line], 0, &match);
    g_auto(GStrv) parts = g_match_info_fetch_all(match);
    CivilFields fields = {.year = (int)g_ascii_strtoll(parts[3], NULL, 10),
                          .month = (int)g_ascii_strtoll(parts[2], NULL, 10),
                          .day = (int)g_ascii_strtoll(parts[1], NULL, 10)};
    CivilDate date = 0;
    if (!civil_date_from_fields(fields, &date)) {
        GError *reason =
            g_error_new(DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "date: there is no day %s.%s.%s (DD.MM.YYYY)",
                        parts[1], parts[2], parts[3]);
        return format_refuse(sink, (unsigned)line + 1, g_strdup("date"), reason);
    }
    char text[CIVIL_DATE_TEXT_MAX];
    g_autofree char *excerpt = join_paragraphs(page, line + 1, end);
    Statement *statement = statement_new();
    message_set_string(&statement->date, civil_date_format(date, text));
    message_set_string(&statement->title, parts[4]);
    message_set_string(&statement->summary, excerpt);
    return format_give(sink, (unsigned)line + 1, statement);
}

static bool give_lead(const Page *page, size_t line, size_t end, const FormatSink *sink)
{
    size_t title_end = line;
    g_autoptr(GString) title = g_string_new(NULL);
    CivilDate date = 0;
    size_t start = 0;
    bool dated = false;
    do { /* a title may run over some lines; its date ends it */
        g_string_append_printf(title, "%s%s", title->len > 0 ? " " : "", page->lines[title_end++]);
        dated = written_date_at_end(title->str, &start, &date);
    } while (!dated && title_end < end && *page->lines[title_end] && title->len < TITLE_BYTES_MAX);
    if (!dated) {
        GError *reason = g_error_new(DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID,
                                     "date: the title of the first statement does not end with its date, for "
                                     "instance \", Oslo, 25 March 2021\"");
        return format_refuse(sink, (unsigned)line + 1, g_strdup("date"), reason);
    }
    char text[CIVIL_DATE_TEXT_MAX];
    g_autofree char *body = join_paragraphs(page, title_end, end);
    Statement *statement = statement_new();
    message_set_string(&statement->date, civil_date_format(date, text));
    message_set_string(&statement->title, title->str);
    message_set_string(&statement->body, body);
    return format_give(sink, (unsigned)line + 1, statement);
}

static bool matches(const char *text)
{
    g_auto(Page) page = {0};
    page_open(&page, text);
    g_autoptr(PageSite) site = page_site_new();
    page_head_read(page.lines, page.first_dated, site);
    return page.first_dated < page.count || page_site_is_one(site);
}

static bool read_page(const char *text, const FormatSink *sink, GError **error G_GNUC_UNUSED)
{
    g_auto(Page) page = {0};
    page_open(&page, text);
    g_autoptr(PageSite) site = page_site_new();
    size_t lead = page_head_read(page.lines, page.first_dated, site);
    while (lead < page.first_dated && !*page.lines[lead])
        lead++;
    if (lead < page.first_dated && !give_lead(&page, lead, page.first_dated, sink))
        return true;
    for (size_t line = page.first_dated; line < page.count;) {
        size_t next = line + 1;
        while (next < page.count && !is_dated(&page, next))
            next++;
        size_t end = next == page.count ? end_without_link(&page, line + 1) : next;
        if (!give_dated(&page, line, end, sink))
            return true;
        line = next;
    }
    return true;
}

PageSite *page_capture_site(const void *data, size_t size, GError **error)
{
    g_autofree char *text = format_text(data, size, error);
    if (!text)
        return NULL;
    if (!matches(text)) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "not a %s", page_capture_reader.name);
        return NULL;
    }
    g_auto(Page) page = {0};
    page_open(&page, text);
    PageSite *site = page_site_new();
    page_head_read(page.lines, page.first_dated, site);
    return site;
}

const FormatReader page_capture_reader = {
    .name = "text capture of a page (its lines `DD.MM.YYYY - Title`, or its date, clocks and counters, were "
            "not found)",
    .matches = matches,
    .read = read_page,
};
