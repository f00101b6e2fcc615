/* SPDX-License-Identifier: Apache-2.0 */
/* HTML: what is left of it is on the list, well-formed, the same when it is reduced again, and says all that the
 * original says. */
#include <string.h>

#include <glib.h>

#include "common/error.h"
#include "common/markup/html_reduce.h"
#include "common/markup/html_text.h"
#include "fuzz.h"
#include "html_check.h"

static void expect_plain(const char *html)
{
    g_autofree char *text = html_to_text(html);
    EXPECT(g_utf8_validate(text, -1, NULL));
    for (const char *at = text; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        EXPECT(c == '\n' || (c >= 0x20 && !(c >= 0x7f && c < 0xa0)));
    }
}

static void expect_sound(const char *html, const char *reduced)
{
    g_autofree char *fault = html_find_fault(reduced);
    EXPECT(strcmp(fault, "") == 0);
    g_autofree char *again = html_reduce(reduced, NULL);
    EXPECT(again);
    EXPECT(strcmp(again, reduced) == 0);
    g_autofree char *before = html_words(html);
    g_autofree char *after = html_words(reduced);
    EXPECT(strcmp(before, after) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *bytes = g_strndup((const char *)data, size);
    g_autofree char *html = g_utf8_make_valid(bytes, -1);
    g_autoptr(GError) error = NULL;
    g_autofree char *reduced = html_reduce(html, &error);
    EXPECT(!reduced == (error != NULL));
    EXPECT(!error || g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE));
    expect_plain(html);
    if (reduced)
        expect_sound(html, reduced);
    return 0;
}
