/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/site_groups.h"

#include "common/statement_rules.h"
#include "common/zone.h"

#define NAME_WORDS_MAX 4

char *zone_of_city(const char *city)
{
    static const char *const areas[] = {"Africa",   "America",   "Antarctica", "Arctic", "Asia",
                                        "Atlantic", "Australia", "Europe",     "Indian", "Pacific"};
    g_autofree char *leaf = g_strdelimit(g_strdup(city), " ", '_');
    for (size_t i = 0; i < G_N_ELEMENTS(areas); i++) {
        g_autofree char *name = g_strconcat(areas[i], "/", leaf, NULL);
        g_autoptr(Zone) zone = zone_new(name, NULL);
        if (zone)
            return g_steal_pointer(&name);
    }
    return NULL;
}

/* A value of the file: a backslash begins an escape there. */
static void append_value(GString *out, const char *key, const char *value)
{
    g_autoptr(GString) escaped = g_string_new(value);
    g_string_replace(escaped, "\\", "\\\\", 0);
    g_string_append_printf(out, "%s = %s\n", key, escaped->str);
}

/* The zones of the clocks; returns the last one that was found: a page names the place far away first. */
static char *append_clocks(GString *out, const GPtrArray *clocks)
{
    char *last = NULL;
    for (guint i = 0; i < clocks->len; i++) {
        const PageClock *clock = g_ptr_array_index(clocks, i);
        g_autofree char *zone = zone_of_city(clock->city);
        if (!zone) {
            g_string_append_printf(
                out,
                "# no IANA time zone is named after this city; write the one that it is in:\n"
                "# clock.%s =\n",
                clock->city);
            continue;
        }
        g_autofree char *key = g_strconcat("clock.", clock->city, NULL);
        append_value(out, key, zone);
        g_free(last);
        last = g_steal_pointer(&zone);
    }
    return last;
}

/* "have passed since the old lighthouse, ..." gives old-lighthouse; the n-th counter without usable letters
 * counter-n. */
static char *counter_name(const char *text, guint number)
{
    g_autoptr(GRegex) lead_in =
        g_regex_new("^((have|has)\\s+passed\\s+)?((since|after|until|to)\\s+)?((the|an?)\\s+)?",
                    G_REGEX_CASELESS, 0, NULL);
    g_autofree char *rest = g_regex_replace_literal(lead_in, text, -1, 0, "", 0, NULL);
    g_auto(GStrv) clauses = g_regex_split_simple("\\s[-–—]\\s|[,;:.]", rest, 0, 0);
    g_autofree char *ascii = g_str_to_ascii(clauses[0] ? clauses[0] : "", "C");
    g_autofree char *lower = g_ascii_strdown(ascii, -1);
    g_auto(GStrv) words = g_regex_split_simple("[^a-z0-9]+", lower, 0, 0);
    g_autoptr(GString) name = g_string_new(NULL);
    for (guint i = 0, taken = 0; words[i] && taken < NAME_WORDS_MAX; i++) {
        if (*words[i]) {
            g_string_append_printf(name, "%s%s", taken ? "-" : "", words[i]);
            taken++;
        }
    }
    return id_is_valid(name->str, 100) ? g_string_free(g_steal_pointer(&name), FALSE)
                                       : g_strdup_printf("counter-%u", number);
}

/* As ICU's MessageFormat: "have" and "has" follow the number, apostrophes and braces stand for themselves. */
static char *label_pattern(const char *text)
{
    g_autoptr(GString) literal = g_string_new(text);
    const char *verb = NULL;
    if (g_str_has_prefix(text, "have ") || g_str_has_prefix(text, "has ")) {
        verb = " has";
        g_string_erase(literal, 0, strchr(text, ' ') - text + 1);
    }
    g_string_replace(literal, "'", "''", 0);
    g_autoptr(GString) quoted = g_string_new(NULL);
    for (const char *c = literal->str; *c; c++) {
        if (*c == '{' || *c == '}')
            g_string_append_printf(quoted, "'%c'", *c);
        else
            g_string_append_c(quoted, *c);
    }
    return g_strdup_printf("{days, plural, one {# day%s} other {# days%s}} %s", verb ? verb : "",
                           verb ? " have" : "", quoted->str);
}

static char *unused_name(GHashTable *used, const PageCounter *counter, guint number)
{
    g_autofree char *name = counter_name(counter->text, number);
    char *candidate = g_strdup(name);
    for (unsigned i = 2; g_hash_table_contains(used, candidate); i++) {
        g_free(candidate);
        candidate = g_strdup_printf("%s-%u", name, i);
    }
    g_hash_table_add(used, g_strdup(candidate));
    return candidate;
}

static void append_counter(GString *out, const PageSite *site, const PageCounter *counter, const char *name,
                           const char *zone)
{
    g_string_append_printf(out, "\n[counter %s]\n", name);
    int64_t since = (int64_t)site->date - counter->days;
    if (site->has_date && since >= CIVIL_DATE_MIN) {
        char text[CIVIL_DATE_TEXT_MAX];
        append_value(out, "since", civil_date_format((CivilDate)since, text));
    } else {
        g_string_append_printf(
            out, "# the day of the capture less %" G_GINT64_FORMAT " days:\n# since = YYYY-MM-DD\n",
            counter->days);
    }
    if (zone) {
        g_string_append(out, "# the zone in which its days begin: check it\n");
        append_value(out, "time-zone", zone);
    } else {
        g_string_append(out, "# the zone in which its days begin (UTC when it is not set):\n# time-zone =\n");
    }
    g_autofree char *pattern = label_pattern(counter->text);
    append_value(out, "label.en", pattern);
}

char *site_groups(const PageSite *site)
{
    GString *out = g_string_new("[site]\n");
    if (site->title)
        append_value(out, "title", site->title);
    else
        g_string_append(out, "# title =\n");
    if (site->contact)
        append_value(out, "contact", site->contact);
    g_autofree char *zone = append_clocks(out, site->clocks);
    if (zone) {
        g_string_append(out, "# the zone of the page's date: check it\n");
        append_value(out, "time-zone", zone);
    }
    g_autoptr(GHashTable) used = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < site->counters->len; i++) {
        const PageCounter *counter = g_ptr_array_index(site->counters, i);
        g_autofree char *name = unused_name(used, counter, i + 1);
        append_counter(out, site, counter, name, zone);
    }
    return g_string_free(out, FALSE);
}
