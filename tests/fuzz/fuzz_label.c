/* SPDX-License-Identifier: Apache-2.0 */
/* Labels: a pattern is refused with the place, or formats any day. */
#include "common/error.h"
#include "counter/label.h"
#include "fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const LabelValues values[] = {
        {.days = 1238,
         .elapsed = {3, 4, 20},
         .date = 18832,
         .since = 17594,
         .until = 20000,
         .remaining = 1168,
         .anniversary = 3},
        {.days = -1, .elapsed = {0, 0, 1}, .date = CIVIL_DATE_MIN, .since = CIVIL_DATE_MIN + 1},
        {.days = 22,
         .elapsed = {0, 0, 22},
         .date = CIVIL_DATE_MAX,
         .since = CIVIL_DATE_MAX - 22,
         .until = CIVIL_DATE_MIN},
    };
    g_autofree char *pattern = g_strndup((const char *)data, size);
    g_autoptr(GError) error = NULL;
    if (!g_utf8_validate(pattern, -1, NULL))
        return 0; /* the configuration does not take it */
    g_autoptr(Label) label = label_new("ru", pattern, (1u << LABEL_ARGUMENTS) - 1, &error);
    EXPECT(!label == (error != NULL));
    EXPECT(!error || error->domain == DAYWIRE_ERROR);
    for (size_t i = 0; label && i < G_N_ELEMENTS(values); i++) {
        g_autofree char *text = label_format(label, &values[i]);
        EXPECT(g_utf8_validate(text, -1, NULL));
    }
    return 0;
}
