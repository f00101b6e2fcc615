/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <glib.h>

#include "gateway/html.h"

static void check_text(const char *text, const char *expected)
{
    g_autoptr(GString) html = g_string_new("|");
    html_append(html, text);
    assert_string_equal(html->str + 1, expected);
}

static void text_reads_as_itself(void **state)
{
    (void)state;
    check_text("A <b> & \"c\" 'd' </script>", "A &lt;b&gt; &amp; &quot;c&quot; &#39;d&#39; &lt;/script&gt;");
    check_text("Гавань – 港 😀\ttab\nline", "Гавань – 港 😀\ttab\nline");
    check_text("{{title}}", "{{title}}");
    check_text("", "");
}

static void what_is_no_text_is_made_harmless(void **state)
{
    (void)state;
    check_text("a\xff"
               "b\xc3",
               "a\uFFFDb\uFFFD");
    check_text("a\x01\x1b\x7f\xc2\x9b"
               "b",
               "ab");
}

static void attributes_cannot_be_left(void **state)
{
    (void)state;
    g_autoptr(GString) html = g_string_new("<p");
    html_append_attribute(html, "title", "x\" onclick=\"steal()");
    assert_string_equal(html->str, "<p title=\"x&quot; onclick=&quot;steal()\"");
}

static void only_web_addresses_become_links(void **state)
{
    (void)state;
    g_autoptr(GString) html = g_string_new("<a");
    html_append_link(html, "javascript:alert(1)");
    html_append_link(html, "data:text/html,x");
    html_append_link(html, " https://example.org/");
    assert_string_equal(html->str, "<a");
    html_append_link(html, "HTTPS://example.org/?a&b");
    assert_string_equal(html->str, "<a href=\"HTTPS://example.org/?a&amp;b\"");
}

static void empty_lines_end_paragraphs(void **state)
{
    (void)state;
    g_autoptr(GString) html = g_string_new(NULL);
    html_append_paragraphs(html, "\n\nOne\nmore <line>\n\n \t\nTwo\n");
    assert_string_equal(html->str, "<p dir=\"auto\">One\nmore &lt;line&gt;</p>\n<p dir=\"auto\">Two</p>\n");
    g_string_truncate(html, 0);
    html_append_paragraphs(html, " \n\n");
    assert_string_equal(html->str, "");
}

static void check_teaser(const char *text, glong max, const char *expected)
{
    g_autofree char *teaser = text_teaser(text, max);
    assert_string_equal(teaser, expected);
}

static void a_teaser_ends_between_words(void **state)
{
    (void)state;
    check_teaser("First one.\n\nSecond.", 400, "First one.");
    check_teaser("one two three", 9, "one two…");
    check_teaser("онодватри четыре", 12, "онодватри…");
    check_teaser("港港港港港", 3, "港港港…");
    check_teaser("", 5, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_reads_as_itself),       cmocka_unit_test(what_is_no_text_is_made_harmless),
        cmocka_unit_test(attributes_cannot_be_left),  cmocka_unit_test(only_web_addresses_become_links),
        cmocka_unit_test(empty_lines_end_paragraphs), cmocka_unit_test(a_teaser_ends_between_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
