/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "common/formats/feed_encoding.h"
#include "feed_fixture.h"

#define XML(encoding) "<?xml version=\"1.0\" encoding=\"" encoding "\"?>"
#define BYTES(text)   text, sizeof(text) - 1

typedef struct {
    const char *charset;
    const char *bytes;
    size_t size;
    const char *text; /* or "error: ..." */
} Case;

static void check(const Case *test)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = feed_decode(test->bytes, test->size, test->charset, &error);
    g_autofree char *outcome = text ? g_strdup(text) : g_strconcat("error: ", error->message, NULL);
    if (strcmp(outcome, test->text) != 0)
        fail_msg("case \"%s\" (charset %s) gives \"%s\"", test->text, test->charset ? test->charset : "none",
                 outcome);
}

static void encodings_as_they_are_named(void **state)
{
    (void)state;
    static const Case cases[] = {
        {NULL, BYTES(""), ""},
        {NULL, BYTES("<a>Hafen\xc3\xbc</a>"), "<a>Hafenü</a>"},
        {NULL, BYTES(XML("utf-8") "\xc3\xbc"), XML("utf-8") "ü"},
        {NULL, BYTES(XML("UTF8") "\xc3\xbc"), XML("UTF8") "ü"},
        {NULL, BYTES(XML("windows-1251") "\xcf\xee\xf0\xf2"), XML("windows-1251") "Порт"},
        {NULL, BYTES(XML("cp1251") "\xcf\xee\xf0\xf2"), XML("cp1251") "Порт"},
        {NULL, BYTES(XML("koi8-r") "\xf0\xcf\xd2\xd4"), XML("koi8-r") "Порт"},
        {NULL, BYTES(XML("KOI8-U") "\xf0\xcf\xd2\xd4\xa4"), XML("KOI8-U") "Портє"},
        {NULL, BYTES(XML("ISO-8859-1") "\xfc"), XML("ISO-8859-1") "ü"},
        {NULL, BYTES(XML("ISO-8859-1") "\x93x\x94\x80"), XML("ISO-8859-1") "“x”€"}, /* it is windows-1252 */
        {NULL, BYTES(XML("ISO-8859-2") "\xb1"), XML("ISO-8859-2") "ą"},
        {NULL, BYTES(XML("ISO-8859-15") "\xa4"), XML("ISO-8859-15") "€"},
        {NULL, BYTES(XML("Shift_JIS") "\x8d\x60"), XML("Shift_JIS") "港"},
        {NULL, BYTES(XML("EUC-JP") "\xb9\xc1"), XML("EUC-JP") "港"},
        {NULL, BYTES(XML("GB2312") "\xb8\xdb"), XML("GB2312") "港"},
        {NULL, BYTES(XML("Big5") "\xb4\xe4"), XML("Big5") "港"},
        {NULL, BYTES("<?xml version='1.0'\n encoding = 'koi8-r' ?>\xf0"),
         "<?xml version='1.0'\n encoding = 'koi8-r' ?>П"},
        {NULL, BYTES(" \n" XML("koi8-r") "\xf0"), " \n" XML("koi8-r") "П"},
        {NULL, BYTES("<a b='<?xml encoding=\"koi8-r\"?>'>\xc3\xbc"), "<a b='<?xml encoding=\"koi8-r\"?>'>ü"},
        /* UTF-16 and UTF-32, with mark and without */
        {NULL, BYTES("\xff\xfe<\0\xfc\0"), "<ü"},
        {NULL, BYTES("\xfe\xff\0<\0\xfc"), "<ü"},
        {NULL, BYTES("<\0\xfc\0"), "<ü"},
        {NULL, BYTES("\0<\0\xfc"), "<ü"},
        {NULL, BYTES("\n\0<\0"), "\n<"},
        {NULL, BYTES("\xff\xfe<\0\x3d\xd8\x22\xde"), "<😢"},
        {NULL, BYTES("\xff\xfe\0\0<\0\0\0\xfc\0\0\0"), "<ü"},
        {NULL, BYTES("\0\0\xfe\xff\0\0\0<"), "<"},
        {"utf-16", BYTES("<\0\xfc\0"), "<ü"},
        {"utf-16", BYTES("\0<\0\xfc"), "<ü"},
        {"UTF-16LE", BYTES("<\0\xfc\0"), "<ü"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        check(&cases[i]);
}

static void what_counts_when_they_differ(void **state)
{
    (void)state;
    static const Case cases[] = {
        /* the mark before all else */
        {"koi8-r", BYTES("\xef\xbb\xbf" XML("windows-1251") "\xc3\xbc"), XML("windows-1251") "ü"},
        {"utf-8", BYTES("\xff\xfe<\0"), "<"},
        /* the header before the declaration */
        {"koi8-r", BYTES(XML("windows-1251") "\xf0"), XML("windows-1251") "П"},
        {"utf-8", BYTES(XML("koi8-r") "\xc3\xbc"), XML("koi8-r") "ü"},
        {" \"koi8-r\" ", BYTES("<\xf0"), "<П"},
        {"koi8-r; version=1", BYTES("<\xf0"), "<П"},
        {"", BYTES(XML("koi8-r") "\xf0"), XML("koi8-r") "П"},
        {"us-ascii", BYTES("<\xc3\xbc"), "<ü"},
        /* a declaration that cannot be true is none */
        {NULL, BYTES(XML("utf-16") "\xc3\xbc"), XML("utf-16") "ü"},
        {NULL, BYTES(XML("UTF-32BE") "\xc3\xbc"), XML("UTF-32BE") "ü"},
        {NULL, BYTES("<\0?\0x\0m\0l\0 \0e\0n\0c\0o\0d\0i\0n\0g\0=\0\"\0k\0o\0i\0008\0-\0r\0\"\0?\0>\0"),
         "<?xml encoding=\"koi8-r\"?>"},
        {NULL, BYTES("<?xml encoding=\"\"?>\xc3\xbc"), "<?xml encoding=\"\"?>ü"},
        {NULL, BYTES("<?xml encoding=\"koi8-r?>\xc3\xbc"), "<?xml encoding=\"koi8-r?>ü"},
        {NULL, BYTES("<?xml encoding=\"koi8-r\">\xc3\xbc"), "<?xml encoding=\"koi8-r\">ü"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        check(&cases[i]);
}

static void what_is_no_text_is_refused(void **state)
{
    (void)state;
    static const Case cases[] = {
        {NULL, BYTES("<a>\n\n\xfc</a>"),
         "error: line 3: byte 0xFC is not UTF-8 text (as no other encoding is named)"},
        {NULL, BYTES(XML("utf-8") "\n\xcf\xee"),
         "error: line 2: byte 0xCF is not UTF-8 text (as the XML declaration says)"},
        {"UTF-8", BYTES(XML("windows-1251") "\n\xcf\xee"),
         "error: line 2: byte 0xCF is not UTF-8 text (as the Content-Type header says)"},
        {NULL, BYTES("\xef\xbb\xbf\xed\xa0\x80"),
         "error: line 1: byte 0xED is not UTF-8 text (as the byte order mark says)"},
        {NULL, BYTES("<a>\nb\0</a>"),
         "error: line 2: byte 0x00 is not UTF-8 text (as no other encoding is named)"},
        {NULL, BYTES(XML("koi8-r") "\n\0"),
         "error: line 2: byte 0x00 is not koi8-r text (as the XML declaration says)"},
        {NULL, BYTES(XML("Shift_JIS") "\n\x81"),
         "error: line 2: byte 0x81 is not Shift_JIS text (as the XML declaration says)"},
        {NULL, BYTES(XML("EUC-JP") "\xff"),
         "error: line 1: byte 0xFF is not EUC-JP text (as the XML declaration says)"},
        {NULL, BYTES("\xff\xfe<\0\n\0\x3d\xd8<\0"),
         "error: line 2: byte 0x3D is not UTF-16LE text (as the byte order mark says)"},
        {NULL, BYTES("\xff\xfe<\0a"),
         "error: line 1: byte 0x61 is not UTF-16LE text (as the byte order mark says)"},
        {NULL, BYTES(XML("klingon")),
         "error: the encoding \"klingon\" is not known (as the XML declaration says)"},
        {"utf-8,swaplfnl", BYTES("<"),
         "error: the encoding \"utf-8,swaplfnl\" is not known (as the Content-Type header says)"},
        {"\xc3\xbc", BYTES("<"), "error: the encoding \"u\" is not known (as the Content-Type header says)"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        check(&cases[i]);
}

static void markup_is_told_in_any_encoding(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        bool is;
    } cases[] = {
        {BYTES("<rss>"), true},
        {BYTES(" \r\n\t<"), true},
        {BYTES("\xef\xbb\xbf\n<"), true},
        {BYTES("\xff\xfe<\0"), true},
        {BYTES("\0<"), true},
        {BYTES("\xfe\xff\0\n\0<"), true},
        {BYTES(""), false},
        {BYTES("  "), false},
        {BYTES("{<"), false},
        {BYTES("\xff\xfe{\0"), false},
        {BYTES("\xef\xbb\xbf"), false},
        {BYTES("\0\0\0"), false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_int_equal(feed_is_markup(cases[i].bytes, cases[i].size), cases[i].is);
}

static void nothing_at_all_is_told(void **state)
{
    (void)state;
    const char *const charsets[] = {NULL, "utf-8", "koi8-r", "utf-16"};
    for (size_t i = 0; i < G_N_ELEMENTS(charsets); i++) {
        const FeedContext context = {.now = FEED_NOW, .charset = charsets[i]};
        g_autofree char *notes = feed_notes(NULL, 0, &context);
        assert_string_equal(notes, "error: there is nothing in it");
    }
    assert_false(feed_is_markup(NULL, 0));
}

/* ---- from bytes to a statement ---- */

typedef enum { ONE_BYTE, LITTLE_ENDIAN_MARKED, BIG_ENDIAN_MARKED } Form;

/* A feed as a server sends it: its bytes, and what it says of them. */
typedef struct {
    const char *declared; /* the XML declaration; NULL: there is none */
    const char *charset;  /* the HTTP header; NULL: it tells none */
    Form form;
    const char *title; /* its bytes; UTF-8, which becomes UTF-16, unless ONE_BYTE */
    const char *read;
} Sent;

static char *document(const Sent *sent)
{
    g_autofree char *declaration =
        sent->declared ? g_strdup_printf("<?xml version=\"1.0\" encoding=\"%s\"?>", sent->declared)
                       : g_strdup("");

    return g_strdup_printf("%s\n<rss><channel><title>%s</title><item><guid>1</guid>"
                           "<title>%s &amp; &mdash;</title><pubDate>2021-07-23</pubDate></item>"
                           "</channel></rss>",
                           declaration, sent->title, sent->title);
}

static void append_unit(GByteArray *bytes, unsigned unit, Form form)
{
    guint8 low = (guint8)(unit & 0xff);
    guint8 high = (guint8)(unit >> 8);
    const guint8 little[] = {low, high};
    const guint8 big[] = {high, low};

    g_byte_array_append(bytes, form == LITTLE_ENDIAN_MARKED ? little : big, 2);
}

/* As UTF-16 with its mark, without the decoder's library. */
static GByteArray *widened(const char *text, Form form)
{
    glong count = 0;
    g_autofree gunichar2 *units = g_utf8_to_utf16(text, -1, NULL, &count, NULL);
    GByteArray *bytes = g_byte_array_new();

    append_unit(bytes, 0xfeff, form);
    for (glong i = 0; i < count; i++)
        append_unit(bytes, units[i], form);
    return bytes;
}

static GByteArray *sent_bytes(const Sent *sent)
{
    g_autofree char *text = document(sent);
    size_t size = strlen(text);

    return sent->form == ONE_BYTE ? g_byte_array_new_take((guint8 *)g_steal_pointer(&text), size)
                                  : widened(text, sent->form);
}

static void check_sent(const Sent *sent)
{
    g_autoptr(GByteArray) bytes = sent_bytes(sent);
    const FeedContext context = {.now = FEED_NOW, .charset = sent->charset};
    g_autofree char *notes = feed_notes(bytes->data, bytes->len, &context);
    g_autofree char *expected =
        g_strdup_printf("%s\n2 guid=1 title=%s & — date=2021-07-23\n", sent->read, sent->read);

    if (strcmp(notes, expected) != 0)
        fail_msg("declared as %s, sent as %s, form %d: \"%s\" and not \"%s\"",
                 sent->declared ? sent->declared : "nothing", sent->charset ? sent->charset : "nothing",
                 (int)sent->form, notes, expected);
}

static void a_feed_in_another_encoding(void **state)
{
    (void)state;
    static const Sent cases[] = {
        {"windows-1251", NULL, ONE_BYTE, "\xcf\xee\xf0\xf2", "Порт"},
        {NULL, "windows-1251", ONE_BYTE, "\xcf\xee\xf0\xf2", "Порт"},
        {"koi8-r", NULL, ONE_BYTE, "\xf0\xcf\xd2\xd4", "Порт"},
        {NULL, "koi8-r", ONE_BYTE, "\xf0\xcf\xd2\xd4", "Порт"},
        {"ISO-8859-1", NULL, ONE_BYTE, "K\xfcste \xa3", "Küste £"},
        {NULL, "ISO-8859-1", ONE_BYTE, "K\xfcste \xa3", "Küste £"},
        {"UTF-16", NULL, LITTLE_ENDIAN_MARKED, "Порт 港 ⚓ 😢", "Порт 港 ⚓ 😢"},
        {"UTF-16", NULL, BIG_ENDIAN_MARKED, "Порт 港 ⚓ 😢", "Порт 港 ⚓ 😢"},
        {NULL, "utf-16", LITTLE_ENDIAN_MARKED, "Порт 港 ⚓ 😢", "Порт 港 ⚓ 😢"},
        {NULL, "utf-16", BIG_ENDIAN_MARKED, "Порт 港 ⚓ 😢", "Порт 港 ⚓ 😢"},
        {NULL, NULL, LITTLE_ENDIAN_MARKED, "Порт", "Порт"}, /* the mark alone */
        {NULL, NULL, BIG_ENDIAN_MARKED, "Порт", "Порт"},
        /* they differ: the header is believed, the mark more */
        {"windows-1251", "koi8-r", ONE_BYTE, "\xcf\xee\xf0\xf2", "оНПР"},
        {"koi8-r", "ISO-8859-1", ONE_BYTE, "K\xfcste", "Küste"},
        {"UTF-8", "koi8-r", BIG_ENDIAN_MARKED, "Порт", "Порт"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        check_sent(&cases[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodings_as_they_are_named), cmocka_unit_test(what_counts_when_they_differ),
        cmocka_unit_test(what_is_no_text_is_refused),  cmocka_unit_test(markup_is_told_in_any_encoding),
        cmocka_unit_test(nothing_at_all_is_told),      cmocka_unit_test(a_feed_in_another_encoding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
