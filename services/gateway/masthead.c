/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/masthead.h"

#include "common/tick_label.h"
#include "gateway/html.h"

void masthead_append_date(GString *html, Dates *dates, const Site *site, Instant now)
{
    CivilDate today = zone_date_at(site->zone, now);
    char machine[CIVIL_DATE_TEXT_MAX];
    g_autofree char *words = dates_full(dates, today);
    g_string_append_printf(html, "<daywire-date><time datetime=\"%s\">", civil_date_format(today, machine));
    html_append(html, words);
    g_string_append(html, "</time></daywire-date>");
}

static void append_time(GString *html, Dates *dates, const Zone *zone, Instant now)
{
    g_autofree char *words = dates_time(dates, zone, now);
    g_string_append(html, "<time>");
    html_append(html, words);
    g_string_append(html, "</time>");
}

void masthead_append_clocks(GString *html, Dates *dates, const Site *site, Instant now)
{
    if (site->clock_count == 0)
        return;
    g_string_append(html, "<ul class=\"clocks\">\n");
    for (size_t i = 0; i < site->clock_count; i++) {
        const SiteClock *clock = &site->clocks[i];
        g_string_append(html, "<li><daywire-clock");
        html_append_attribute(html, "time-zone", zone_name(clock->zone));
        g_string_append(html, "><span class=\"city\" dir=\"auto\">");
        html_append(html, clock->label);
        g_string_append(html, "</span> ");
        append_time(html, dates, clock->zone, now);
        g_string_append(html, "</daywire-clock></li>\n");
    }
    g_string_append(html, "</ul>");
}

void masthead_append_contact(GString *html, const Site *site)
{
    if (!site->contact)
        return;
    g_string_append(html, "<p class=\"contact\" dir=\"auto\">");
    html_append(html, site->contact);
    g_string_append(html, "</p>");
}

void masthead_append_status(GString *html, Dates *dates, const Site *site, Instant now)
{
    char machine[INSTANT_TEXT_MAX];
    g_autofree char *words = dates_time(dates, site->zone, now);
    Instant second = now - now % INSTANT_SECOND;
    g_string_append_printf(html, "<daywire-status>As of <time datetime=\"%s\">",
                           instant_format(second, 0, machine));
    html_append(html, words);
    g_string_append(html, "</time></daywire-status>");
}

/* --- counters --- */

/* The length of what stands between two digits of one number: a comma, point, apostrophe or narrow space; 0:
 * it is none. */
static size_t separator_length(const char *text)
{
    static const char *const separators[] = {",", ".", "'", "’", "\u00a0", "\u202f"};
    for (size_t i = 0; i < G_N_ELEMENTS(separators); i++) {
        if (g_str_has_prefix(text, separators[i]))
            return strlen(separators[i]);
    }
    return 0;
}

/* The number that `text` begins with: its length in bytes, and its digits alone. */
static size_t read_number(const char *text, GString *ret_digits)
{
    size_t length = 0;
    g_string_truncate(ret_digits, 0);
    for (;;) {
        while (g_ascii_isdigit(text[length]))
            g_string_append_c(ret_digits, text[length++]);
        size_t separator = separator_length(text + length);
        if (ret_digits->len == 0 || separator == 0 || !g_ascii_isdigit(text[length + separator]))
            return length;
        length += separator;
    }
}

/* The sentence with its number of days set off. */
static void append_label(GString *html, const char *label, int32_t days)
{
    g_autofree char *wanted = g_strdup_printf("%" G_GINT64_FORMAT, ABS((gint64)days));
    g_autoptr(GString) digits = g_string_new(NULL);
    const char *plain = label;
    for (const char *at = label; *at;) {
        size_t length = read_number(at, digits);
        if (strcmp(digits->str, wanted) == 0) {
            g_autofree char *before = g_strndup(plain, (gsize)(at - plain));
            g_autofree char *number = g_strndup(at, length);
            html_append(html, before);
            g_string_append(html, "<strong>");
            html_append(html, number);
            g_string_append(html, "</strong>");
            plain = at + length;
            break;
        }
        at += MAX(length, 1);
    }
    html_append(html, plain);
}

static void append_counter(GString *html, const Site *site, const Tick *tick)
{
    const char *language = NULL;
    const char *label = tick_label_near(tick, site->language, &language);
    if (!label)
        return;
    g_string_append(html, "<li");
    if (tick->order > 0)
        g_string_append_printf(html, " data-order=\"%u\"", tick->order);
    g_string_append(html, "><daywire-counter");
    html_append_attribute(html, "counter", tick->counter);
    g_string_append(html, "><p dir=\"auto\"");
    html_append_attribute(html, "lang", language);
    g_string_append_c(html, '>');
    append_label(html, label, tick->days);
    g_string_append(html, "</p></daywire-counter></li>\n");
}

static void begin_group(GString *html, const char *name)
{
    if (*name) {
        g_string_append(html, "<h2 dir=\"auto\">");
        html_append(html, name);
        g_string_append(html, "</h2>");
    }
    g_string_append(html, "<ul");
    html_append_attribute(html, "data-group", name);
    g_string_append(html, ">");
}

void masthead_append_counters(GString *html, const Site *site, const GPtrArray *ticks)
{
    const char *group = NULL;
    g_string_append(html, "<daywire-counters>");
    for (guint i = 0; i < ticks->len; i++) {
        const Tick *tick = g_ptr_array_index(ticks, i);
        if (!group || strcmp(group, tick->group) != 0) {
            g_string_append(html, group ? "</ul>" : "");
            begin_group(html, tick->group);
            group = tick->group;
        }
        append_counter(html, site, tick);
    }
    g_string_append(html, group ? "</ul></daywire-counters>" : "</daywire-counters>");
}
