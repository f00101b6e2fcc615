/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 is checked where it stands, everything else goes through ICU's converters, which are there whatever
 * tables the C library was installed with. */
#include "common/formats/feed_encoding.h"

#include <unicode/ucnv.h>
#include <unicode/ustring.h>

#include "common/error.h"

#define NAME_MAX_BYTES    40
#define DECLARATION_BYTES 1024 /* within which the XML declaration ends */

typedef struct {
    char name[NAME_MAX_BYTES + 1];
    const char *said_by; /* for messages */
    size_t mark;         /* bytes of the byte order mark */
} Encoding;

typedef struct {
    const char *bytes;
    size_t size;
    const char *name;
} Mark;

/* The longer ones first. */
static const Mark marks[] = {
    {"\xff\xfe\0\0", 4, "UTF-32LE"}, {"\0\0\xfe\xff", 4, "UTF-32BE"}, {"\xef\xbb\xbf", 3, "UTF-8"},
    {"\xff\xfe", 2, "UTF-16LE"},     {"\xfe\xff", 2, "UTF-16BE"},
};

static void set(Encoding *encoding, const char *name, const char *said_by)
{
    g_strlcpy(encoding->name, name, sizeof(encoding->name));
    encoding->said_by = said_by;
}

static bool from_mark(const char *data, size_t size, Encoding *encoding)
{
    for (size_t i = 0; i < G_N_ELEMENTS(marks); i++) {
        if (size >= marks[i].size && memcmp(data, marks[i].bytes, marks[i].size) == 0) {
            set(encoding, marks[i].name, "as the byte order mark says");
            encoding->mark = marks[i].size;
            return true;
        }
    }
    return false;
}

/* "UTF-16LE", "UTF-16BE", or NULL: an ASCII character in two bytes at the beginning. */
static const char *utf16_by_pattern(const char *data, size_t size)
{
    if (size < 2 || (data[0] == '\0') == (data[1] == '\0'))
        return NULL;
    return data[0] == '\0' ? "UTF-16BE" : "UTF-16LE";
}

/* Behind the quotation mark and before the next one, at most NAME_MAX_BYTES; "": none. */
static void copy_quoted(const char *at, char name[static NAME_MAX_BYTES + 1])
{
    const char *end = *at == '"' || *at == '\'' ? strchr(at + 1, *at) : NULL;
    if (end)
        g_strlcpy(name, at + 1, (size_t)MIN(end - at - 1, NAME_MAX_BYTES) + 1);
}

static bool from_declaration(const char *data, size_t size, Encoding *encoding)
{
    g_autofree char *head = g_strndup(data, MIN(size, DECLARATION_BYTES));
    char *start = head + strspn(head, " \t\r\n");
    if (!g_str_has_prefix(start, "<?xml"))
        return false;
    char *end = strstr(start, "?>");
    if (!end)
        return false;
    *end = '\0';
    const char *at = strstr(start, "encoding");
    if (!at)
        return false;
    at += strlen("encoding");
    at += strspn(at, " \t\r\n");
    if (*at != '=')
        return false;
    at++;
    char name[NAME_MAX_BYTES + 1] = "";
    at += strspn(at, " \t\r\n");
    if (*at)
        copy_quoted(at, name);
    /* What could be read until here has one byte a character. */
    if (!*name || g_ascii_strncasecmp(name, "utf-16", 6) == 0 || g_ascii_strncasecmp(name, "utf-32", 6) == 0)
        return false;
    set(encoding, name, "as the XML declaration says");
    return true;
}

static bool from_charset(const char *charset, const char *data, size_t size, Encoding *encoding)
{
    size_t start = charset ? strspn(charset, " \t\"'") : 0;
    size_t length = charset ? strcspn(charset + start, " \t\"';") : 0;
    if (length == 0)
        return false;
    g_autofree char *name = g_strndup(charset + start, length);
    const char *order = g_ascii_strcasecmp(name, "utf-16") == 0 ? utf16_by_pattern(data, size) : NULL;
    set(encoding, order ? order : name, "as the Content-Type header says");
    return true;
}

static Encoding encoding_of(const char *data, size_t size, const char *charset)
{
    Encoding encoding = {0};
    const char *order = utf16_by_pattern(data, size);
    if (from_mark(data, size, &encoding) || from_charset(charset, data, size, &encoding))
        return encoding;
    if (order)
        set(&encoding, order, "by its pattern");
    else if (!from_declaration(data, size, &encoding))
        set(&encoding, "UTF-8", "as no other encoding is named");
    return encoding;
}

/* What people call by another name than ICU, or mean by it. */
static const char *usual_name(const char *name)
{
    static const char *const others[][2] = {
        {"utf8", "UTF-8"},
        {"us-ascii", "UTF-8"},
        {"ascii", "UTF-8"},
        {"latin1", "windows-1252"},
        {"iso-8859-1", "windows-1252"},
        {"iso8859-1", "windows-1252"},
        {"iso_8859-1", "windows-1252"},
        {"iso-8859-9", "windows-1254"},
        {"x-cp1251", "windows-1251"},
        {"win-1251", "windows-1251"},
        {"koi8", "koi8-r"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        if (g_ascii_strcasecmp(others[i][0], name) == 0)
            return others[i][1];
    }
    return name;
}

static char *check_utf8(const char *data, size_t size, const Encoding *encoding, GError **error)
{
    const char *bad = data;
    if (g_utf8_validate_len(data, size, &bad)) /* finds NUL too */
        return g_strndup(data, size);
    unsigned line = 1;
    for (const char *c = data; c < bad; c++)
        line += *c == '\n' ? 1 : 0;
    error_refuse(error, "line %u: byte 0x%02X is not UTF-8 text (%s)", line, (unsigned char)*bad,
                 encoding->said_by);
    return NULL;
}

static char *refuse_at(const UChar *text, const UChar *end, const char *what, const Encoding *encoding,
                       GError **error)
{
    unsigned line = 1;
    for (const UChar *c = text; c < end; c++)
        line += *c == '\n' ? 1 : 0;
    error_refuse(error, "line %u: %s %s text (%s)", line, what, encoding->name, encoding->said_by);
    return NULL;
}

static char *to_utf8(const UChar *text, const UChar *end, const Encoding *encoding, GError **error)
{
    UErrorCode status = U_ZERO_ERROR;
    const UChar *nul = u_memchr(text, 0, (int32_t)(end - text));
    if (nul)
        return refuse_at(text, nul, "byte 0x00 is not", encoding, error);
    int32_t length = 0;
    u_strToUTF8(NULL, 0, &length, text, (int32_t)(end - text), &status);
    if (status != U_BUFFER_OVERFLOW_ERROR && U_FAILURE(status))
        return refuse_at(text, end, "not", encoding, error);
    status = U_ZERO_ERROR;
    char *utf8 = g_malloc0((size_t)length + 1);
    u_strToUTF8(utf8, length + 1, NULL, text, (int32_t)(end - text), &status);
    if (U_SUCCESS(status))
        return utf8;
    g_free(utf8);
    return refuse_at(text, end, "not", encoding, error);
}

/* The number of characters in `text`, as far as they could be converted. */
static size_t to_unicode(UConverter *converter, const char *data, size_t size, UChar *text, size_t room,
                         UErrorCode *status)
{
    UChar *end = text;
    ucnv_setToUCallBack(converter, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, status);
    ucnv_toUnicode(converter, &end, text + room, &data, data + size, NULL, true, status);
    return (size_t)(end - text);
}

static char *convert(UConverter *converter, const char *data, size_t size, const Encoding *encoding,
                     GError **error)
{
    UErrorCode status = U_ZERO_ERROR;
    UErrorCode ignored = U_ZERO_ERROR;
    size_t room = size + 16; /* no converter makes more characters than there are bytes */
    g_autofree UChar *text = g_new0(UChar, room);
    size_t length = to_unicode(converter, data, size, text, room, &status);
    if (U_SUCCESS(status))
        return to_utf8(text, text + length, encoding, error);
    char bad[8] = "";
    int8_t count = sizeof(bad);
    ucnv_getInvalidChars(converter, bad, &count, &ignored);
    g_autofree char *what = U_SUCCESS(ignored) && count > 0
                                ? g_strdup_printf("byte 0x%02X is not", (unsigned char)bad[0])
                                : g_strdup("not");
    return refuse_at(text, text + length, what, encoding, error);
}

static bool is_name(const char *name)
{
    size_t length = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-");
    return length > 0 && name[length] == '\0';
}

char *feed_decode(const void *data, size_t size, const char *charset, GError **error)
{
    const char *bytes = size > 0 ? data : ""; /* NULL is what an empty GBytes has */
    Encoding encoding = encoding_of(bytes, size, charset);
    const char *name = usual_name(encoding.name);
    bytes += encoding.mark;
    size -= encoding.mark;
    if (g_ascii_strcasecmp(name, "UTF-8") == 0)
        return check_utf8(bytes, size, &encoding, error);
    UErrorCode status = U_ZERO_ERROR;
    UConverter *converter = is_name(name) ? ucnv_open(name, &status) : NULL;
    if (!converter || U_FAILURE(status)) {
        g_autofree char *shown = g_str_to_ascii(encoding.name, "C");
        error_refuse(error, "the encoding \"%s\" is not known (%s)", shown, encoding.said_by);
        return NULL;
    }
    char *text = convert(converter, bytes, size, &encoding, error);
    ucnv_close(converter);
    return text;
}

bool feed_is_markup(const void *data, size_t size)
{
    const char *bytes = data;
    Encoding encoding = {0};
    from_mark(bytes, size, &encoding);
    for (size_t i = encoding.mark; i < size; i++) {
        if (bytes[i] != '\0' && !strchr(" \t\r\n", bytes[i]))
            return bytes[i] == '<';
    }
    return false;
}
