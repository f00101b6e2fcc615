/* SPDX-License-Identifier: Apache-2.0 */
#include "json_fixture.h"

#include "common/error.h"
#include "unit.h"

yyjson_doc *read_exactly(JsonReader *reader, const char *text, size_t size, unsigned first_line,
                         GError **error)
{
    char *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, text, size);
    yyjson_doc *doc = reader(copy, size, first_line, error);
    free(copy);
    return doc;
}

void assert_refused_at(const char *text, size_t size, unsigned first_line, const char *message)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(yyjson_doc) doc = read_exactly(json_read, text, size, first_line, &error);
    if (doc)
        fail_msg("accepted, not refused with \"%s\": %s", message, text);
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID));
    assert_string_equal(error->message, message);
    g_autoptr(yyjson_doc) again = read_exactly(json_read, text, size, first_line, NULL);
    assert_null(again);
}
