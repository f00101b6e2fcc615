/* SPDX-License-Identifier: Apache-2.0 */
#include "counter/holidays.h"

#include <string.h>

#include "common/civil_date.h"
#include "common/error.h"
#include "common/file_read.h"
#include "common/line_reader.h"

#define LONGEST_LINE 1000 /* bytes */

/* `line->text` NULL: too long. */
static bool read_line(GArray *dates, const Line *line)
{
    CivilDate date = 0;
    if (!line->text || memchr(line->text, '\0', line->length))
        return false;
    g_autofree char *text = g_strndup(line->text, line->length);
    text[strcspn(text, "#")] = '\0';
    if (*g_strstrip(text) == '\0')
        return true;
    if (!civil_date_parse(text, &date))
        return false;
    g_array_append_val(dates, date);
    return true;
}

GArray *holidays_read(const char *path, GError **error)
{
    g_autoptr(GString) file = file_read(path, HOLIDAYS_SIZE_MAX, error);
    if (!file)
        return NULL;
    g_autoptr(GArray) dates = g_array_new(FALSE, FALSE, sizeof(CivilDate));
    g_autoptr(LineReader) reader = line_reader_new(LONGEST_LINE);
    const char *data = file->str;
    size_t size = file->len;
    Line line = {0};
    bool good = true;
    while (good && line_reader_take(reader, &data, &size, &line))
        good = read_line(dates, &line);
    if (good && line_reader_end(reader, &line))
        good = read_line(dates, &line);
    if (good)
        return g_steal_pointer(&dates);
    error_refuse(error, "%s:%" G_GUINT64_FORMAT ": a holiday is a day of the calendar as YYYY-MM-DD", path,
                 line.number);
    return NULL;
}
