/* SPDX-License-Identifier: Apache-2.0 */
/* For compare_zones.py: tells when dates begin. Each line of standard input is "ZONE FROM TO STEP", the dates
 * in days since 1970-01-01; for each date of it one line is printed: its first instant in seconds since 1970,
 * or "-" when the zone skipped the date. */
#include <glib.h>

#include "common/zone.h"

static int print_dates(const Zone *zone, CivilDate from, CivilDate to, int step)
{
    for (CivilDate date = from; date <= to; date += step) {
        Instant first = zone_first_instant(zone, date);
        int result = zone_date_at(zone, first) == date
                         ? printf("%" G_GINT64_FORMAT "\n", first / INSTANT_SECOND)
                         : printf("-\n");
        if (result < 0)
            return -1;
    }
    return 0;
}

int main(void)
{
    char line[256];
    while (fgets(line, sizeof(line), stdin)) {
        g_auto(GStrv) words = g_strsplit(g_strchomp(line), " ", -1);
        gint64 numbers[3] = {0};
        if (g_strv_length(words) != 4)
            return 2;
        for (int i = 0; i < 3; i++)
            if (!g_ascii_string_to_signed(words[i + 1], 10, i < 2 ? CIVIL_DATE_MIN + 1 : 1,
                                          CIVIL_DATE_MAX - 1, &numbers[i], NULL))
                return 2;
        g_autoptr(GError) error = NULL;
        g_autoptr(Zone) zone = zone_new(words[0], &error);
        if (!zone) {
            (void)fprintf(stderr, "%s\n", error->message);
            return 1;
        }
        if (print_dates(zone, (CivilDate)numbers[0], (CivilDate)numbers[1], (int)numbers[2]) < 0)
            return 1;
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
