/* SPDX-License-Identifier: Apache-2.0 */
/* Line by line: each is told by its form alone, and the first one of no known form ends the top. Only before
 * the first known line a single other one is let through, which is the site's title. */
#include "common/formats/page_head.h"

#include "common/formats/written_date.h"

#define DIGITS_MAX    9     /* of a counter */
#define HEAD_LINE_MAX 10000 /* bytes; a longer line is text */

static void clock_free(void *data)
{
    PageClock *clock = data;
    g_free(clock->city);
    g_free(clock->time);
    g_free(clock);
}

static void counter_free(void *data)
{
    PageCounter *counter = data;
    g_free(counter->text);
    g_free(counter);
}

PageSite *page_site_new(void)
{
    PageSite *site = g_new0(PageSite, 1);
    site->clocks = g_ptr_array_new_with_free_func(clock_free);
    site->counters = g_ptr_array_new_with_free_func(counter_free);
    return site;
}

void page_site_free(PageSite *site)
{
    if (!site)
        return;
    g_free(site->title);
    g_free(site->contact);
    g_ptr_array_unref(site->clocks);
    g_ptr_array_unref(site->counters);
    g_free(site);
}

bool page_site_is_one(const PageSite *site)
{
    return site->has_date || site->clocks->len > 0 || site->counters->len > 0;
}

/* The groups of `pattern` in `text`, from [1] on; NULL when it does not match. */
static char **match(const char *pattern, const char *text)
{
    g_autoptr(GRegex) regex = g_regex_new(pattern, G_REGEX_CASELESS, 0, NULL);
    g_assert(regex);
    g_autoptr(GMatchInfo) info = NULL;
    return g_regex_match(regex, text, 0, &info) ? g_match_info_fetch_all(info) : NULL;
}

static bool take_date(PageSite *site, const char *line)
{
    if (site->has_date || !written_date_whole(line, &site->date))
        return false;
    site->has_date = true;
    return true;
}

static bool take_clock(PageSite *site, const char *line)
{
    g_auto(GStrv) parts = match("^([^:\\d]+?)\\s*:\\s*((?:[01]?\\d|2[0-3]):[0-5]\\d)$", line);
    if (!parts)
        return false;
    PageClock *clock = g_new(PageClock, 1);
    *clock = (PageClock){.city = g_strdup(parts[1]), .time = g_strdup(parts[2])};
    g_ptr_array_add(site->clocks, clock);
    return true;
}

/* "1238 days have passed since ...", also "1,238 days". */
static PageCounter *read_counter(const char *text)
{
    g_auto(GStrv) parts = match("^(\\d[\\d,. \\x{a0}\\x{202f}]*)\\s+days?\\s+(\\S.*)$", text);
    if (!parts)
        return NULL;
    g_autoptr(GString) digits = g_string_new(NULL);
    for (const char *c = parts[1]; *c; c++) {
        if (g_ascii_isdigit(*c))
            g_string_append_c(digits, *c);
    }
    if (digits->len < 1 || digits->len > DIGITS_MAX) /* \d takes digits of any script */
        return NULL;
    PageCounter *counter = g_new(PageCounter, 1);
    *counter =
        (PageCounter){.days = g_ascii_strtoll(digits->str, NULL, 10), .text = g_strstrip(g_strdup(parts[2]))};
    return counter;
}

/* One counter, or several with a gap of three spaces or more between them: then all must be counters. */
static bool take_counters(PageSite *site, const char *line)
{
    g_auto(GStrv) texts = g_regex_split_simple("\\s{3,}|\\t+", line, 0, 0);
    guint before = site->counters->len;
    for (char **text = texts; *text; text++) {
        PageCounter *counter = read_counter(*text);
        if (!counter) {
            g_ptr_array_set_size(site->counters, (int)before);
            return false;
        }
        g_ptr_array_add(site->counters, counter);
    }
    return site->counters->len > before;
}

static bool is_reachable(const char *text)
{
    return g_regex_match_simple("^\\+?[\\d\\s()./-]{6,40}$|^[^\\s@]+@[^\\s@]+\\.[^\\s@]+$", text, 0, 0);
}

static void add_contact(PageSite *site, const char *label, const char *value)
{
    g_autofree char *old = site->contact;
    site->contact =
        g_strdup_printf("%s%s%s%s%s", old ? old : "", old ? ", " : "", label, *label ? ": " : "", value);
}

/* "Label: +44 ...", a number or address by itself, or the label alone with one of these on the next line that
 * is not blank. Returns how many lines were taken. */
static size_t take_contact(PageSite *site, char *const *lines, size_t count)
{
    if (is_reachable(lines[0])) {
        add_contact(site, "", lines[0]);
        return 1;
    }
    g_auto(GStrv) parts = match("^([^:]{1,80}?)\\s*:\\s*(.*)$", lines[0]);
    if (!parts)
        return 0;
    if (*parts[2]) {
        if (!is_reachable(parts[2]))
            return 0;
        add_contact(site, parts[1], parts[2]);
        return 1;
    }
    size_t next = 1;
    while (next < count && !*lines[next])
        next++;
    if (next == count || !is_reachable(lines[next]))
        return 0;
    add_contact(site, parts[1], lines[next]);
    return next + 1;
}

static size_t take(PageSite *site, char *const *lines, size_t count)
{
    const char *line = lines[0];
    if (strlen(line) > HEAD_LINE_MAX)
        return 0;
    if (take_date(site, line) || take_clock(site, line) || take_counters(site, line))
        return 1;
    return take_contact(site, lines, count);
}

size_t page_head_read(char *const *lines, size_t count, PageSite *site)
{
    const char *title = NULL;
    size_t end = 0; /* after the last line of a known form */
    for (size_t i = 0; i < count;) {
        size_t taken = *lines[i] ? take(site, &lines[i], count - i) : 1;
        if (taken > 0 && *lines[i])
            end = i + taken;
        if (taken == 0) {
            size_t ignored = 0;
            CivilDate date = 0;
            if (end > 0 || title || written_date_at_end(lines[i], &ignored, &date))
                break;
            title = lines[i];
            taken = 1;
        }
        i += taken;
    }
    if (title && !page_site_is_one(site)) { /* a lead that a contact line follows */
        g_clear_pointer(&site->contact, g_free);
        return 0;
    }
    site->title = g_strdup(title);
    return end;
}
