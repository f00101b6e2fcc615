/* SPDX-License-Identifier: Apache-2.0 */
#include "counter/zone_fixture.h"

#include <glib.h>
#include <glib/gstdio.h>

#include "unit.h"

#include "folder.h"

#define DAY 86400

static char *folder;

void zone_fixture_setup(void)
{
    folder = folder_new();
    g_setenv("TZDIR", folder, TRUE);
}

void zone_fixture_teardown(void)
{
    folder_remove(folder);
    g_unsetenv("TZDIR");
}

/* One offset for ever, at most half a day: an empty block of old times, one type, and the rule. */
void zone_fixture_add(const char *name, int second)
{
    int now = (int)(g_get_real_time() / G_USEC_PER_SEC % DAY);
    int offset = (second - now + DAY + DAY / 2) % DAY - DAY / 2;
    int west = -offset;
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *rule = g_strdup_printf("\nXXX%s%d:%02d:%02d\n", west < 0 ? "-" : "", ABS(west) / 3600,
                                            ABS(west) / 60 % 60, ABS(west) % 60);
    guint8 header[44] = "TZif2";
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_byte_array_append(bytes, header, sizeof(header));
    header[39] = 1; /* types */
    header[43] = 4; /* characters */
    g_byte_array_append(bytes, header, sizeof(header));
    guint8 type[] = {
        (guint8)((guint32)offset >> 24), (guint8)(offset >> 16), (guint8)(offset >> 8), (guint8)offset, 0, 0};
    g_byte_array_append(bytes, type, sizeof(type));
    g_byte_array_append(bytes, (const guint8 *)"XXX", 4);
    g_byte_array_append(bytes, (const guint8 *)rule, (guint)strlen(rule));
    assert_true(g_file_set_contents(path, (const char *)bytes->data, (gssize)bytes->len, NULL));
}
