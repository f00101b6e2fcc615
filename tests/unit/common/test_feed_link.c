/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <glib.h>

#include "common/formats/feed_link.h"

static void links_in_one_spelling(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"http://a.example/", NULL, "http://a.example/"},
        {"https://a.example", NULL, "https://a.example/"},
        {" \n HTTPS://A.Example:443/B/../c/./d?E=f&g#H \n", NULL, "https://a.example/c/d?E=f&g#H"},
        {"http://a.example:80", NULL, "http://a.example/"},
        {"http://a.example:8080?x", NULL, "http://a.example:8080/?x"},
        {"http://a.example/a b\tc\nd", NULL, "http://a.example/a%20bcd"},
        {"http://a.example/ü?q=\"<>\\^`{|}\"", NULL,
         "http://a.example/%C3%BC?q=%22%3C%3E%5C%5E%60%7B%7C%7D%22"},
        {"http://a.example/100%", NULL, "http://a.example/100%25"},
        {"http://a.example/%c3%bc%zz", NULL, "http://a.example/%C3%BC%25zz"},
        {"http://hafen-zürich.example/", NULL, "http://xn--hafen-zrich-zhb.example/"},
        {"http://127.0.0.1/x", NULL, "http://127.0.0.1/x"},
        {"http://[2001:DB8::1]:80/x", NULL, "http://[2001:db8::1]/x"},
        {"http://user@a.example/", NULL, "http://user@a.example/"}, /* for statement_rules.h to refuse */
        /* relative */
        {"x", "http://a.example/b/c", "http://a.example/b/x"},
        {"/x", "http://a.example/b/c", "http://a.example/x"},
        {"?x", "http://a.example/b/c?d", "http://a.example/b/c?x"},
        {"#x", "http://a.example/b/c?d", "http://a.example/b/c?d#x"},
        {"../../../x", "http://a.example/b/c", "http://a.example/x"},
        {"//b.example/x", "https://a.example/", "https://b.example/x"},
        {"http://b.example/", "https://a.example/", "http://b.example/"},
        {"x", "", NULL},
        {"x", NULL, NULL},
        {"x", "nothing", NULL},
        {"x", "file:///etc/", NULL},
        /* what is no address of a page */
        {"", "http://a.example/", NULL},
        {" ", "http://a.example/", NULL},
        {"javascript:alert(1)", "http://a.example/", NULL},
        {"JavaScript:alert(1)", NULL, NULL},
        {"java\nscript:alert(1)", "http://a.example/", NULL},
        {"data:text/html,x", NULL, NULL},
        {"mailto:a@a.example", NULL, NULL},
        {"ftp://a.example/", NULL, NULL},
        {"urn:uuid:1", NULL, NULL},
        {"http:", NULL, NULL},
        {"http://", NULL, NULL},
        {"http:///x", NULL, NULL},
        {"http://:80/", NULL, NULL},
        {"http://a.example:99999/", NULL, NULL},
        {"http://a.example:x/", NULL, NULL},
        {"http://a%00b/", NULL, NULL},
        {"http://a%2Fb/", NULL, NULL},
        {"http://[::1/", NULL, NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *link = feed_link(cases[i][0], cases[i][1]);
        if (g_strcmp0(link, cases[i][2]) != 0)
            fail_msg("\"%s\" at %s gives %s, not %s", cases[i][0], cases[i][1] ? cases[i][1] : "nothing",
                     link ? link : "nothing", cases[i][2] ? cases[i][2] : "nothing");
        g_autofree char *again = link ? feed_link(link, NULL) : NULL;
        assert_int_equal(g_strcmp0(again, link), 0);
    }
}

static void hosts(void **state)
{
    (void)state;
    g_autofree char *host = feed_link_host("http://A.example:8080/");
    assert_string_equal(host, "a.example");
    assert_null(feed_link_host("nothing"));
    assert_null(feed_link_host(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(links_in_one_spelling), cmocka_unit_test(hosts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
