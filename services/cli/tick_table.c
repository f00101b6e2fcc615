/* SPDX-License-Identifier: Apache-2.0 */
/* The sentence comes last: nothing has to be aligned behind it, however wide its characters are. All else is ASCII. */
#include "cli/tick_table.h"

#include "common/tick_label.h"

#define DATE_WIDTH 10
#define DAYS_WIDTH 8  /* "-3652058" */
#define MARK_WIDTH 11 /* "anniversary" */
#define BOLD       "\033[1m"
#define PLAIN      "\033[0m"

static char *line_of(const TickTable *table, const char *date, const char *counter, const char *days,
                     const char *mark, const char *label)
{
    int width = MAX(table->counter_width, (int)strlen("COUNTER"));
    bool bold = table->colours && *mark;
    return g_strdup_printf("%s%-*s  %-*s  %*s  %-*s  %s%s\n", bold ? BOLD : "", DATE_WIDTH, date, width,
                           counter, DAYS_WIDTH, days, MARK_WIDTH, mark, label, bold ? PLAIN : "");
}

char *tick_table_head(const TickTable *table)
{
    return line_of(table, "DATE", "COUNTER", "DAYS", "", "LABEL");
}

char *tick_table_line(const TickTable *table, const Tick *tick)
{
    char days[DAYS_WIDTH + 4];
    const char *language = NULL;
    const char *label = tick_label_near(tick, table->language, &language);
    const char *mark = tick->milestone ? "milestone" : tick->anniversary > 0 ? "anniversary" : "";
    g_snprintf(days, sizeof(days), "%" G_GINT32_FORMAT, tick->days);
    return line_of(table, tick->date, tick->counter, days, mark, label ? label : "");
}
