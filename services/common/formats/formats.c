/* SPDX-License-Identifier: Apache-2.0 */
#include "common/formats/formats.h"

#include "common/error.h"
#include "common/formats/reader.h"
#include "common/statement_rules.h"

/* Asked in this order; the first that matches reads. */
static const FormatReader *const readers[] = {&feed_reader, &json_items_reader, &page_capture_reader};

bool format_refuse(const FormatSink *sink, unsigned line, char *field, GError *reason)
{
    FormatItem item = {.line = line, .field = field, .reason = reason->message};
    bool more = sink->each(&item, sink->user);
    g_free(field);
    g_error_free(reason);
    return more;
}

bool format_give(const FormatSink *sink, unsigned line, Statement *statement)
{
    g_autoptr(Statement) owned = statement;
    const char *field = NULL;
    GError *reason = NULL;
    if (sink->context->source && !*owned->source)
        message_set_string(&owned->source, sink->context->source);
    if (!statement_validate(owned, &field, &reason))
        return format_refuse(sink, line, g_strdup(field), reason);
    FormatItem item = {.line = line, .statement = owned};
    return sink->each(&item, sink->user);
}

static unsigned line_of(const char *data, const char *at)
{
    unsigned line = 1;
    for (const char *c = data; c < at; c++)
        line += *c == '\n' ? 1 : 0;
    return line;
}

char *format_text(const void *data, size_t size, GError **error)
{
    const char *text = size > 0 ? data : ""; /* NULL is what an empty GBytes has */
    if (size >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0)) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "the text is UTF-16; save it as UTF-8");
        return NULL;
    }
    if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        size -= 3;
    }
    const char *bad = text;
    if (!g_utf8_validate_len(text, size, &bad)) { /* finds NUL bytes too */
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "line %u: byte 0x%02X is not UTF-8 text",
                    line_of(text, bad), (unsigned char)*bad);
        return NULL;
    }
    return g_strndup(text, size);
}

bool formats_read_from(const void *data, size_t size, const FormatContext *context, FormatFunction each,
                       void *user, GError **error)
{
    FormatSink sink = {.context = context, .each = each, .user = user};
    for (size_t i = 0; i < G_N_ELEMENTS(readers); i++) {
        if (readers[i]->matches_bytes && readers[i]->matches_bytes(data, size))
            return readers[i]->read_bytes(data, size, &sink, error);
    }
    g_autofree char *text = format_text(data, size, error);
    if (!text)
        return false;
    if (text[strspn(text, " \t\r\n")] == '\0')
        return error_refuse(error, "there is nothing in it");
    g_autoptr(GString) names = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(readers); i++) {
        if (readers[i]->matches(text))
            return readers[i]->read(text, &sink, error);
        g_string_append_printf(names, "%s%s", i ? "; " : "", readers[i]->name);
    }
    return error_refuse(error, "not one of: %s", names->str);
}

bool formats_read(const void *data, size_t size, FormatFunction each, void *user, GError **error)
{
    const FormatContext context = {.now = g_get_real_time()};
    return formats_read_from(data, size, &context, each, user, error);
}
