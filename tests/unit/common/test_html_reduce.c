/* SPDX-License-Identifier: Apache-2.0 */
/* What is left of HTML: what is meant stays, in one form; what is hostile goes. */
#include "unit.h"

#include <jansson.h>

#include "common/error.h"
#include "common/markup/html_attribute_count.h"
#include "common/markup/html_reader.h"
#include "common/markup/html_reduce.h"
#include "html_check.h"

#define REL " rel=\"noopener noreferrer nofollow\""

/* The result, which is sound whatever it is. */
static char *reduce(const char *html)
{
    g_autoptr(GError) error = NULL;
    char *reduced = html_reduce(html, &error);
    if (!reduced)
        fail_msg("%.200s: %s", html, error->message);
    g_autofree char *fault = html_find_fault(reduced);
    if (*fault)
        fail_msg("%.200s became %.500s with %s", html, reduced, fault);
    g_autofree char *again = html_reduce(reduced, NULL);
    assert_non_null(again);
    assert_string_equal(again, reduced);
    g_autofree char *before = html_words(html);
    g_autofree char *after = html_words(reduced);
    assert_string_equal(after, before);
    return reduced;
}

static void check(const char *const (*cases)[2], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        g_autofree char *reduced = reduce(cases[i][0]);
        if (strcmp(reduced, cases[i][1]) != 0)
            fail_msg("%s\nbecame\n%s\nand not\n%s", cases[i][0], reduced, cases[i][1]);
    }
}

static void text_and_inline_elements_stay(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", ""},
        {" \n ", ""},
        {"The harbour opens", "The harbour opens"},
        {"a\n\tb \r\n c", "a b c"},
        {"5 < 6 & 7 > 3 \"quoted\" 'too'", "5 &lt; 6 &amp; 7 &gt; 3 \"quoted\" 'too'"},
        {"AT&amp;T &lt;b&gt; &amp;lt;", "AT&amp;T &lt;b&gt; &amp;lt;"},
        {"&eacute;&hellip;&#8217;&#x2019;&apos;", "é…’’'"},
        {"&#146;&#x80;&#x85;", "’€…"},
        {"a&#0;b&#1;c&#127;d&#x81;e&#xFFFE;f", "abcdef"},
        {"a\x01\x02"
         "b",
         "ab"},
        {"&nbsp;a&nbsp;b&nbsp;", "a\u00a0b"},
        {"<b>a</b> <i>b</i>", "<b>a</b> <i>b</i>"},
        {"a<b> b </b>c", "a <b>b</b> c"},
        {"<B><STRONG>a", "<b><strong>a</strong></b>"},
        {"<b></b><i> </i>a<u><s></s></u>", "a"},
        {"<strike>a</strike><tt>b</tt><acronym title=x>c</acronym>",
         "<s>a</s><code>b</code><abbr title=\"x\">c</abbr>"},
        {"<font color=red>a</font><blink>b</blink><x-y>c</x-y>", "abc"},
        {"<span class=x>a</span><span lang=ru>b</span><bdo>c</bdo><bdo dir=RTL>d</bdo>",
         "a<span lang=\"ru\">b</span>c<bdo dir=\"rtl\">d</bdo>"},
        {"<abbr title=' two  words\n\"&lt;' onclick=x id=y>a</abbr>",
         "<abbr title=\"two words &#34;&lt;\">a</abbr>"},
        {"<time datetime='2021-07-24T12:00:00+01:00'>a</time><time datetime='now()'>b</time>",
         "<time datetime=\"2021-07-24T12:00:00+01:00\">a</time><time>b</time>"},
        {"a<br>b<br/> c <BR >d", "a<br/>b<br/>c<br/>d"},
        {"a <img src=x alt='A \"pier\" &lt;'> b<img src=y>", "a A \"pier\" &lt; b"},
        {"漢<ruby>字<rp>(</rp><rt>ji</rt><rp>)</rp></ruby>", "漢字(ji)"},
    };
    check(cases, G_N_ELEMENTS(cases));
}

static void blocks_are_a_tree_in_one_form(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"<p>a<p>b", "<p>a</p>\n<p>b</p>"},
        {"<p></p><div> <p> </p></div>", ""},
        {"a<p>b</p>c", "a\n<p>b</p>\nc"},
        {"a<div></div>b", "a b"},
        {"<h1>a</h1><h2>b<p>c</h2>", "<h2>a</h2>\n<h2>b</h2>\n<p>c</p>"},
        {"<section><p>a</p>b</section>", "<div>\n<p>a</p>\nb</div>"},
        {"<b>a<p>b</p>c</b>", "<b>a</b>\n<p>b</p>\nc"},
        {"<em>a<div>b</div>c</em>", "<em>a</em>\n<div><em>b</em></div>\n<em>c</em>"},
        {"<a href=https://example.org><h3>a</h3><p>b</p></a>",
         "<h3><a href=\"https://example.org\"" REL ">a</a></h3>\n<p><a href=\"https://example.org\"" REL
         ">b</a></p>"},
        {"<ul><li>a<li>b</ul>", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"},
        {"<ol start=3 reversed><li value=-4>a</ol><ol start=x><li>b</ol>",
         "<ol start=\"3\" reversed=\"\">\n<li value=\"-4\">a</li>\n</ol>\n<ol>\n<li>b</li>\n</ol>"},
        {"<li>a<li>b</li>c", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\nc"},
        {"<ul>a<p>b</p><li>c</ul>", "<ul>\n<li>a\n<p>b</p>\n</li>\n<li>c</li>\n</ul>"},
        {"<menu><li>a<ul><li>b</ul></menu>", "<ul>\n<li>a\n<ul>\n<li>b</li>\n</ul>\n</li>\n</ul>"},
        {"<dl><dt>a<dd>b<dt>c</dl><dd>d",
         "<dl>\n<dt>a</dt>\n<dd>b</dd>\n<dt>c</dt>\n</dl>\n<dl>\n<dd>d</dd>\n</dl>"},
        {"<table><caption>a</caption><tr><th scope=COL colspan=2>b<td rowspan=0>c</table>",
         "<table>\n<caption>a</caption>\n<tbody>\n<tr>\n<th colspan=\"2\" "
         "scope=\"col\">b</th>\n<td>c</td>\n</tr>\n"
         "</tbody>\n</table>"},
        {"<table>a<tr>b<td></td></table>c", "<table>\n<tbody>\n<tr>\n<td>a</td>\n</tr>\n<tr>\n<td>b</"
                                            "td>\n<td></td>\n</tr>\n</tbody>\n</table>\nc"},
        {"<td>a<td><table><tr><td>b</table>",
         "<table>\n<tbody>\n<tr>\n<td>a</td>\n<td>\n<table>\n<tbody>\n<tr>\n<td>b</td>\n</tr>\n</tbody>\n</"
         "table>\n"
         "</td>\n</tr>\n</tbody>\n</table>"},
        {"<pre>\n\n a\n  <b>b</b>\n<p>c</pre>", "<pre> a\n  <b>b</b>\n</pre>\n<p>c</p>"},
        {"<hr>a<hr/><p>b<hr></p>", "<hr/>\na\n<hr/>\n<p>b</p>\n<hr/>"},
        {"<div lang=PT-br dir=x><p dir=rtl lang='no such'>a</div>",
         "<div lang=\"pt-BR\">\n<p dir=\"rtl\">a</p>\n</div>"},
        {"<html lang=en><head><title>x</title><meta charset=koi8-r></head><body class=y>a</body></html> b",
         "a b"},
        {"a</div></b></p></x>b", "ab"},
        {"<figure><img alt=a><figcaption>b</figcaption></figure>", "<div>a\n<p>b</p>\n</div>"},
    };
    check(cases, G_N_ELEMENTS(cases));
}

static void what_is_not_text_goes_with_its_content(void **state)
{
    (void)state;
    static const char *const names[] = {
        "script",   "style",    "iframe",   "object",  "applet", "svg",   "math",
        "template", "noscript", "noframes", "noembed", "xmp",    "title", "canvas",
        "audio",    "textarea", "select",   "button",  "video",  "map",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *html = g_strdup_printf("<div>a<%s>b<b>c</b></%s>d</div>", names[i], names[i]);
        g_autofree char *reduced = reduce(html);
        assert_string_equal(reduced, "<div>ad</div>");
    }
    static const char *const cases[][2] = {
        {"a<!-- b -->c<!-->d<!--->e<!-- f --!>g", "aceg"},
        {"a<![if !x]>b<![endif]>c<![CDATA[d]]>e<!x>f<?xml:namespace prefix=\"o\" />g", "abcefg"},
        {"<!DOCTYPE html [<!ENTITY x \"y\">]>a", "]&gt;a"},
        {"<p><svg>a<p>b</p></svg>c</p>d", "<p>c</p>\nd"},
        {"a<script>b", "a"},
        {"a<iframe>b", "a"},
    };
    check(cases, G_N_ELEMENTS(cases));
}

static void links_lead_where_they_may(void **state)
{
    (void)state;
    static const char *const good[][2] = {
        {"https://example.org", "https://example.org"},
        {"  HTTPS://Example.org/a  ", "https://Example.org/a"},
        {"ht\ntp\t://example.org/\n", "http://example.org/"},
        {"http://example.org:8080/a b?c=d&amp;e=\"&lt;'`f#g",
         "http://example.org:8080/a%20b?c=d&amp;e=%22%3C&#39;%60f#g"},
        {"https://[2001:db8::1]/", "https://[2001:db8::1]/"},
        {"https://пример.example/ж", "https://пример.example/ж"},
        {"https://example.org/100%", "https://example.org/100%"},
        {"mailto:a@example.org?subject=x y", "mailto:a@example.org?subject=x%20y"},
        {"TEL:+44 20 7946", "tel:+44%2020%207946"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autofree char *html =
            g_strdup_printf("<a href='%s' target=_top ping=x rel=opener>a</a>", good[i][0]);
        if (strchr(good[i][0], '\'')) {
            g_free(html);
            html = g_strdup_printf("<a href=\"%s\">a</a>",
                                   "http://example.org:8080/a b?c=d&amp;e=&quot;&lt;'`f#g");
        }
        g_autofree char *expected = g_strdup_printf("<a href=\"%s\"" REL ">a</a>", good[i][1]);
        g_autofree char *reduced = reduce(html);
        assert_string_equal(reduced, expected);
    }
    static const char *const bad[] = {
        "",
        " ",
        "#a",
        "/a",
        "a",
        "?a",
        "//example.org/",
        "https:",
        "https://",
        "https:example.org",
        "https:/example.org",
        "https:\\\\example.org",
        "https://a@example.org/",
        "https://a:b@example.org/",
        "https://example.org\\@b",
        "https:///a",
        "https://[::1",
        "https://a b/",
        "https://a%20b/",
        "https://a[b",
        "http://example.org:99999/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        "java\tscript:alert(1)",
        "&#1;javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "blob:https://example.org/x",
        "mailto:",
        "tel:",
        "tel:a/b",
        "ht&#1;tp://example.org/",
        "http\xc2\xa0://example.org",
        "https://a^b/",
        "https://a|b/",
        "x-https://example.org/",
        "view-source:https://example.org/",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *html = g_strdup_printf("<a href=\"%s\">a</a>", bad[i]);
        g_autofree char *reduced = reduce(html);
        if (strcmp(reduced, "a") != 0)
            fail_msg("%s became %s", html, reduced);
    }
    g_autofree char *long_path = g_strnfill(2000, 'x');
    g_autofree char *long_link = g_strdup_printf("<a href=\"https://example.org/%s\">a</a>", long_path);
    g_autofree char *none = reduce(long_link);
    assert_string_equal(none, "a");
    g_autofree char *nested = reduce("<a href=https://a.example>b<b><a href=https://c.example>d</a></b></a>");
    assert_string_equal(nested, "<a href=\"https://a.example\"" REL ">b<b>d</b></a>");
}

static void attacks_leave_nothing(void **state)
{
    (void)state;
    json_error_t problem;
    json_t *file = json_load_file("e2e/data/html-attacks.json", 0, &problem);
    if (!file)
        fail_msg("%s", problem.text);
    const json_t *attacks = json_object_get(file, "attacks");
    assert_true(json_array_size(attacks) > 250);
    for (size_t i = 0; i < json_array_size(attacks); i++)
        g_free(reduce(json_string_value(json_array_get(json_array_get(attacks, i), 1))));
    json_decref(file);
}

static char *repeat(const char *text, size_t times)
{
    g_autoptr(GString) all = g_string_new(NULL);
    while (times-- > 0)
        g_string_append(all, text);
    return g_string_free(g_steal_pointer(&all), FALSE);
}

static void assert_refused(const char *html, int code, const char *message)
{
    g_autoptr(GError) error = NULL;
    char *reduced = html_reduce(html, &error);
    assert_null(reduced);
    assert_string_equal(error->message, message);
    assert_true(g_error_matches(error, DAYWIRE_ERROR, code));
}

/* In libxml2 each of the first four takes seconds. */
static void limits_are_told(void **state)
{
    (void)state;
    g_autofree char *deep = repeat("<b>", 87000);
    g_autofree char *ends = repeat("</i>", 62000);
    g_autofree char *deep_and_ends = g_strconcat(deep, ends, NULL);
    g_autofree char *deepest = repeat("<div>", 100000);
    g_autoptr(GString) wide = g_string_new("<a ");
    for (int i = 0; i < 70000; i++)
        g_string_append_printf(wide, "x%d ", i);
    g_autoptr(GString) quoted = g_string_new("<a ");
    for (int i = 0; i < 50000; i++)
        g_string_append_printf(quoted, "x%d='>'", i);
    static const char depth[] = "HTML with at most 256 elements within each other";
    static const char width[] = "HTML with at most 1000 attributes of one element";
    static const char size[] = "HTML of at most 524288 bytes, as it is sent and as it is after reduction";
    assert_refused(deep_and_ends, DAYWIRE_ERROR_TOO_LARGE, depth);
    assert_refused(deepest, DAYWIRE_ERROR_TOO_LARGE, depth);
    assert_refused(wide->str, DAYWIRE_ERROR_TOO_LARGE, width);
    assert_refused(quoted->str, DAYWIRE_ERROR_TOO_LARGE, width);
    g_autofree char *large = g_strnfill(HTML_REDUCED_MAX + 1, 'x');
    assert_refused(large, DAYWIRE_ERROR_TOO_LARGE, size);
    g_autofree char *grows = g_strnfill(HTML_REDUCED_MAX, '<');
    assert_refused(grows, DAYWIRE_ERROR_TOO_LARGE, size);
    /* Sixteen bytes that become two kilobytes each. */
    g_autofree char *path = g_strnfill(1900, 'x');
    g_autofree char *lines = repeat("<p>a", 100000);
    g_autofree char *link = g_strdup_printf("<a href=https://a/%s><div>%s", path, lines);
    assert_refused(link, DAYWIRE_ERROR_TOO_LARGE, size);
    assert_refused("a\xff", DAYWIRE_ERROR_INVALID, "not valid UTF-8 at byte 2");
}

static void up_to_the_limits_all_is_well(void **state)
{
    (void)state;
    {
        g_autofree char *text = g_strnfill(HTML_REDUCED_MAX, 'x');
        g_autofree char *reduced = reduce(text);
        assert_string_equal(reduced, text);
    }
    g_autofree char *title = g_strnfill(600000, 'x');
    title[400000] = '\0';
    g_autofree char *huge = g_strdup_printf("<p title=\"%s\">a</p><abbr title=\"%s\">b</abbr>", title, "x");
    g_autofree char *without = reduce(huge);
    assert_string_equal(without, "<p>a</p>\n<abbr title=\"x\">b</abbr>");

    /* Elements beyond what is written lose their tags, and the result is within what is read. */
    g_autofree char *blocks = repeat("<div>", 200);
    g_autofree char *inlines = repeat("<b>", 50);
    g_autofree char *html = g_strconcat(blocks, inlines, "a<ul>b<li>c<table>d", NULL);
    g_autofree char *flat = reduce(html);
    assert_true(g_str_has_suffix(flat, "</div>"));
    static const char *const chains[] = {
        "<li><x>", "<td><x>", "<dd><x>", "<ul>a<ul>", "<blockquote><table>", "<caption>a<x>"};
    for (size_t i = 0; i < 4 * G_N_ELEMENTS(chains); i++) {
        g_autofree char *offset = repeat("<div>", i % 4);
        g_autofree char *chain = repeat(chains[i / 4], 120 - i % 4);
        g_autofree char *text = g_strconcat(offset, chain, "b", NULL);
        g_free(reduce(text));
    }
}

static void attributes_are_counted_as_the_parser_would(void **state)
{
    (void)state;
    static const struct {
        const char *html;
        unsigned count;
    } cases[] = {
        {"", 0},
        {"a b c", 0},
        {"<a>", 0},
        {"<a b c=d e='f g' h=\"i>j\" k>l m n", 5},
        {"<a/b/c>", 0},
        {"< a b>", 0},
        {"<a b=\"<c d e f>\">", 3},
        {"<!-- <a b c -->", 2},
        {"<a b = c d=e", 2},
        {"<a b='>' c='>' d", 3},
        {"<a \"x y z", 2},
        {"<a b\"c d\"e f>", 3},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        if (html_attribute_count(cases[i].html) != cases[i].count)
            fail_msg("%s has %u", cases[i].html, html_attribute_count(cases[i].html));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_and_inline_elements_stay),
        cmocka_unit_test(blocks_are_a_tree_in_one_form),
        cmocka_unit_test(what_is_not_text_goes_with_its_content),
        cmocka_unit_test(links_lead_where_they_may),
        cmocka_unit_test(attacks_leave_nothing),
        cmocka_unit_test(limits_are_told),
        cmocka_unit_test(up_to_the_limits_all_is_well),
        cmocka_unit_test(attributes_are_counted_as_the_parser_would),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
