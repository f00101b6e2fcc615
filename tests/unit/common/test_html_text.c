/* SPDX-License-Identifier: Apache-2.0 */
/* HTML, and what feeds call text, as plain text. */
#include "unit.h"

#include <glib.h>

#include "common/markup/html_text.h"

static void text_is_what_is_read_aloud(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", ""},
        {" \n ", ""},
        {"AT&T", "AT&T"},
        {"AT&amp;T &lt;b&gt;", "AT&T <b>"},
        {"AT&amp;amp;T", "AT&amp;T"},
        {"Q&A &unknown; &", "Q&A &unknown; &"},
        {"5 < 6 & 7 > 3 <3", "5 < 6 & 7 > 3 <3"},
        {"&#146;&#x2019;&apos;&hellip;&eacute;&nbsp;&euro;x", "’’'…é\u00a0€x"},
        {"a&#0;b&#1;c&#x85;d&#127;e", "abc…de"},
        {"The <b>north</b> quay<sup>2</sup>", "The north quay2"},
        {" a\t\n b ", "a b"},
        {"a<br>b<br/><br>c", "a\nb\nc"},
        {"<p>a</p><p>b", "a\n\nb"},
        {"<div>a</div><div>b</div>c", "a\nb\nc"},
        {"a<h2>b</h2>c<hr>d", "a\n\nb\n\nc\n\nd"},
        {"<ul><li>a<li>b</ul>c", "a\nb\n\nc"},
        {"<table><tr><td>a<td>b<tr><th>c</table>d", "a b\nc\n\nd"},
        {"<dl><dt>a<dd>b</dl>", "a\nb"},
        {"a<script>b</script><style>c</style><svg>d</svg><title>e</title>f", "af"},
        {"a<!-- b --><![CDATA[c]]><?d e?>f", "af"},
        {"<img alt=\"A &quot;pier&quot;\" src=x> b<img src=y>", "A \"pier\" b"},
        {"a\xff"
         "b",
         "a\uFFFDb"},
        {"Гавань &ndash; 港", "Гавань – 港"},
        {"<b", ""},
        {"a<", "a<"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = html_to_text(cases[i][0]);
        if (strcmp(text, cases[i][1]) != 0)
            fail_msg("%s became %s and not %s", cases[i][0], text, cases[i][1]);
    }
}

static void what_is_too_deep_is_cut_off(void **state)
{
    (void)state;
    g_autoptr(GString) html = g_string_new("a");
    for (int i = 0; i < 100000; i++)
        g_string_append(html, "<b>b");
    g_autofree char *text = html_to_text(html->str);
    assert_true(g_str_has_prefix(text, "abbbb"));
    assert_true(strlen(text) < 260);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_what_is_read_aloud),
        cmocka_unit_test(what_is_too_deep_is_cut_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
