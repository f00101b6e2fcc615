/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/spool/report.h"

#include "ingest/spool/name.h"

#define REASON_MAX 2000 /* bytes */

struct SpoolReport {
    uint64_t items[RESULT_REFUSED + 1]; /* by result */
    GString *refusals;                  /* a line each */
    uint64_t untold;                    /* refused, beyond what is in `refusals` */
    char *failure;                      /* NULL: none */
};

SpoolReport *spool_report_new(void)
{
    SpoolReport *report = g_new0(SpoolReport, 1);
    report->refusals = g_string_new(NULL);
    return report;
}

void spool_report_free(SpoolReport *report)
{
    if (!report)
        return;
    g_string_free(report->refusals, TRUE);
    g_free(report->failure);
    g_free(report);
}

static uint64_t read_in_all(const SpoolReport *report)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(report->items); i++)
        sum += report->items[i];
    return sum;
}

void spool_report_count(SpoolReport *report, AcceptResult result)
{
    report->items[result]++;
}

/* Reasons quote what was handed in. */
static char *sentence(const char *reason)
{
    g_autofree char *cut = g_strndup(reason, REASON_MAX);
    g_autofree char *whole = g_utf8_make_valid(cut, -1);
    return spool_name_printable(whole);
}

void spool_report_refuse(SpoolReport *report, uint64_t line, const char *field, const char *reason)
{
    report->items[RESULT_REFUSED]++;
    if (report->refusals->len >= SPOOL_REPORT_BYTES_MAX) {
        report->untold++;
        return;
    }
    g_autofree char *text = sentence(reason);
    bool named = !field || strstr(reason, field);
    if (line > 0)
        g_string_append_printf(report->refusals, "line %" G_GUINT64_FORMAT ": ", line);
    else
        g_string_append_printf(report->refusals, "item %" G_GUINT64_FORMAT ": ", read_in_all(report));
    g_string_append_printf(report->refusals, "%s%s%s\n", named ? "" : field, named ? "" : ": ", text);
}

void spool_report_fail(SpoolReport *report, const char *reason)
{
    if (!report->failure)
        report->failure = sentence(reason);
}

uint64_t spool_report_items(const SpoolReport *report, AcceptResult result)
{
    return report->items[result];
}

bool spool_report_is_good(const SpoolReport *report)
{
    return !report->failure && report->items[RESULT_REFUSED] == 0;
}

/* The usual ones always, the others when there are some. */
static void append_counts(const SpoolReport *report, GString *text)
{
    static const struct {
        const char *name;
        AcceptResult result;
        bool always;
    } names[] = {
        {"created", RESULT_CREATED, true},      {"updated", RESULT_UPDATED, true},
        {"unchanged", RESULT_UNCHANGED, true},  {"scheduled", RESULT_SCHEDULED, false},
        {"withdrawn", RESULT_WITHDRAWN, false}, {"cancelled", RESULT_CANCELLED, false},
        {"refused", RESULT_REFUSED, true},
    };
    G_STATIC_ASSERT(G_N_ELEMENTS(names) == RESULT_REFUSED + 1);
    g_string_append_printf(text, "%" G_GUINT64_FORMAT " read: ", read_in_all(report));
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        uint64_t count = report->items[names[i].result];
        if (names[i].always || count > 0)
            g_string_append_printf(text, "%s%" G_GUINT64_FORMAT " %s", i ? ", " : "", count, names[i].name);
    }
    g_string_append_c(text, '\n');
}

char *spool_report_text(const SpoolReport *report, const char *name, Instant now)
{
    g_autofree char *shown = spool_name_printable(name);
    char when[INSTANT_TEXT_MAX];
    GString *text = g_string_new(NULL);
    instant_format(now - now % INSTANT_SECOND, 0, when);
    g_string_append_printf(text, "%s\n%s\n", shown, when);
    if (report->failure)
        g_string_append_printf(text, "not imported: %s\n", report->failure);
    if (!report->failure || read_in_all(report) > 0)
        append_counts(report, text);
    if (report->items[RESULT_REFUSED] > 0)
        g_string_append_printf(text, "\n%s", report->refusals->str);
    if (report->untold > 0)
        g_string_append_printf(text, "and %" G_GUINT64_FORMAT " more\n", report->untold);
    return g_string_free(text, FALSE);
}
