/* SPDX-License-Identifier: Apache-2.0 */
/* One pass from left to right; everything that is not named here is copied as it is. */
#include "common/formats/feed_repair.h"

#include <stdbool.h>

#include "common/error.h"
#include "common/markup/html_characters.h"

#define CONTROLS                                                                                             \
    "\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c"   \
    "\x1d\x1e\x1f"
#define CARRIER          0xfdd0
#define CARRIER_LEAD     "\xef\xb7" /* UTF-8 of U+FDD0 to U+FDEF: two bytes and 0x90 to 0xAF */
#define CARRIER_FIRST    0x90
#define ENTITY_NAME_MAX  10
#define REFERENCE_DIGITS 8

typedef struct {
    const char *text;
    const char *at;
    const char *tag_end; /* of the tag that `at` is in; else before it */
    bool in_prolog;      /* no element yet */
    GString *out;
    GError **error;
} Repair;

G_GNUC_PRINTF(2, 3)
static bool refuse(const Repair *repair, const char *format, ...)
{
    unsigned line = 1;
    for (const char *c = repair->text; c < repair->at; c++)
        line += *c == '\n' ? 1 : 0;
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *reason = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    return error_refuse(repair->error, "line %u: %s", line, reason);
}

static void copy_to(Repair *repair, const char *end)
{
    g_string_append_len(repair->out, repair->at, end - repair->at);
    repair->at = end;
}

/* Leaves out all but the ends of lines. */
static void drop_to(Repair *repair, const char *end)
{
    for (; repair->at < end; repair->at++) {
        if (*repair->at == '\n')
            g_string_append_c(repair->out, '\n');
    }
}

static bool drop_behind(Repair *repair, const char *mark, const char *what)
{
    const char *end = strstr(repair->at, mark);
    if (!end)
        return refuse(repair, "%s does not end", what);
    drop_to(repair, end + strlen(mark));
    return true;
}

static void put_control(Repair *repair, char c)
{
    if (c == '\f' || c == '\v')
        g_string_append_c(repair->out, ' ');
    else
        g_string_append_unichar(repair->out, CARRIER + (gunichar)c);
}

static bool copy_cdata(Repair *repair)
{
    const char *end = strstr(repair->at, "]]>");
    if (!end)
        return refuse(repair, "a CDATA section does not end");
    while (repair->at < end) {
        copy_to(repair, repair->at + strcspn(repair->at, "]" CONTROLS));
        if (*repair->at == ']')
            copy_to(repair, repair->at + 1);
        else
            put_control(repair, *repair->at++);
    }
    copy_to(repair, end + strlen("]]>"));
    return true;
}

/* "<!DOCTYPE rss PUBLIC "..." "...">" */
static bool drop_document_type(Repair *repair)
{
    const char *at = repair->at;
    while (*at && *at != '>') {
        if (*at == '[')
            return refuse(repair, "a document type with declarations is not read");
        if (*at == '"' || *at == '\'') {
            const char *close = strchr(at + 1, *at);
            if (!close)
                break;
            at = close;
        }
        at++;
    }
    if (*at != '>')
        return refuse(repair, "the document type does not end");
    drop_to(repair, at + 1);
    return true;
}

/* The tag itself is copied with the text that follows; this is about its length only. */
static bool enter_tag(Repair *repair)
{
    unsigned attributes = 0;
    const char *at = repair->at + 1;
    while (*at && *at != '>') {
        if (*at == '"' || *at == '\'') {
            const char *close = strchr(at + 1, *at);
            if (!close)
                return refuse(repair, "the value of an attribute does not end");
            if (++attributes > FEED_ATTRIBUTES_MAX)
                return refuse(repair, "a tag has more than %d attributes", FEED_ATTRIBUTES_MAX);
            at = close;
        }
        at++;
    }
    if (!*at)
        return refuse(repair, "a tag does not end");
    repair->tag_end = at;
    repair->in_prolog = false;
    return true;
}

static bool take_angle(Repair *repair)
{
    const char *at = repair->at;
    if (at > repair->tag_end) {
        if (g_str_has_prefix(at, "<!--"))
            return drop_behind(repair, "-->", "a comment");
        if (g_str_has_prefix(at, "<![CDATA["))
            return copy_cdata(repair);
        if (g_str_has_prefix(at, "<?"))
            return drop_behind(repair, "?>", "a processing instruction");
        if (repair->in_prolog && g_ascii_strncasecmp(at, "<!DOCTYPE", strlen("<!DOCTYPE")) == 0)
            return drop_document_type(repair);
        if (!enter_tag(repair))
            return false;
    }
    copy_to(repair, at + 1);
    return true;
}

/* "&#8212;", "&#x2014;" */
static bool take_number(Repair *repair)
{
    bool hexadecimal = repair->at[2] == 'x' || repair->at[2] == 'X';
    const char *digits = repair->at + (hexadecimal ? 3 : 2);
    size_t count = strspn(digits, hexadecimal ? "0123456789abcdefABCDEF" : "0123456789");
    if (count == 0 || digits[count] != ';') {
        g_string_append(repair->out, "&amp;");
        repair->at++;
        return true;
    }
    size_t zeros = MIN(strspn(digits, "0"), count - 1);
    gunichar c = count - zeros > REFERENCE_DIGITS
                     ? 0
                     : (gunichar)g_ascii_strtoull(digits + zeros, NULL, hexadecimal ? 16 : 10);
    if (c == 0 || !g_unichar_validate(c) || (c >= 0x80 && html_character(c) == 0))
        return refuse(repair, "%.*s names no character", (int)MIN(digits + count + 1 - repair->at, 20),
                      repair->at);
    if (c < 0x20 && c != '\t' && c != '\n' && c != '\r')
        put_control(repair, (char)c);
    else
        g_string_append_printf(repair->out, "&#%u;", c >= 0x80 ? html_character(c) : c);
    repair->at = digits + count + 1;
    return true;
}

static bool is_predefined(const char *name)
{
    return g_strv_contains((const char *const[]){"amp", "lt", "gt", "quot", "apos", NULL}, name);
}

static bool take_reference(Repair *repair)
{
    if (repair->at[1] == '#')
        return take_number(repair);
    char name[ENTITY_NAME_MAX + 1] = "";
    size_t length = 0;
    while (length <= ENTITY_NAME_MAX && g_ascii_isalnum(repair->at[1 + length]))
        length++;
    if (length <= ENTITY_NAME_MAX && repair->at[1 + length] == ';')
        memcpy(name, repair->at + 1, length);
    gunichar entity = html_entity(name);
    if (is_predefined(name)) {
        copy_to(repair, repair->at + length + 2);
    } else if (entity) {
        g_string_append_printf(repair->out, "&#%u;", entity);
        repair->at += length + 2;
    } else {
        g_string_append(repair->out, "&amp;");
        repair->at++;
    }
    return true;
}

char *feed_repair(const char *text, GError **error)
{
    g_autoptr(GString) out = g_string_sized_new(strlen(text) + 1);
    Repair repair = {
        .text = text, .at = text, .tag_end = text - 1, .in_prolog = true, .out = out, .error = error};
    while (*repair.at) {
        copy_to(&repair, repair.at + strcspn(repair.at, "<&" CONTROLS));
        bool good = true;
        if (*repair.at == '<')
            good = take_angle(&repair);
        else if (*repair.at == '&')
            good = take_reference(&repair);
        else if (*repair.at)
            put_control(&repair, *repair.at++);
        if (!good)
            return NULL;
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

char *feed_unrepair(char *text)
{
    char *to = text;
    for (const char *at = text; *at;) {
        if (g_str_has_prefix(at, CARRIER_LEAD) && (unsigned char)at[2] > CARRIER_FIRST &&
            (unsigned char)at[2] < CARRIER_FIRST + 0x20) {
            *to++ = (char)((unsigned char)at[2] - CARRIER_FIRST);
            at += 3;
        } else {
            *to++ = *at++;
        }
    }
    *to = '\0';
    return text;
}
