/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "feed_fixture.h"

#define ATOM     "<feed xmlns=\"http://www.w3.org/2005/Atom\">"
#define ATOM_03  "<feed version=\"0.3\" xmlns=\"http://purl.org/atom/ns#\">"
#define REQUIRED "<id>1</id><title>A</title><updated>2021-07-23T12:00:00Z</updated>"
#define AT       " at=2021-07-23T12:00:00Z\n"

static void a_whole_feed(void **state)
{
    (void)state;
    check_feed(
        "<?xml version=\"1.0\"?>\n"
        "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"en\" xml:base=\"https://harbour.example/\">\n"
        "<title type=\"html\">Port &amp;amp; &lt;i>harbour&lt;/i></title>\n"
        "<link rel=\"self\" href=\"feed.atom\"/><link href=\"news/\"/>\n"
        "<author><name>The office</name><email>press@harbour.example</email></author>\n"
        "<updated>2021-07-24T00:00:00Z</updated><id>urn:feed</id>\n"
        "<entry>\n"
        "  <id>urn:quay</id><title>The quay &amp; &lt;b></title>\n"
        "  <link rel=\"enclosure\" href=\"quay.pdf\"/>\n"
        "  <link rel=\"alternate\" type=\"application/pdf\" href=\"quay.pdf\"/>\n"
        "  <link rel=\"alternate\" type=\"text/html\" href=\"quay?a=1&amp;b=2\"/>\n"
        "  <published>2021-07-23T12:00:00+01:00</published><updated>2021-07-23T13:00:00Z</updated>\n"
        "  <summary type=\"html\">&lt;p>From &lt;b>Monday&lt;/b>&lt;/p></summary>\n"
        "  <content type=\"xhtml\" xml:base=\"deep/\">\n"
        "   <div xmlns=\"http://www.w3.org/1999/xhtml\"><p>All &amp; <x:em xmlns:x=\"http://www.w3.org/1999/"
        "xhtml\">more</x:em><br/><i/></p></div>\n"
        "  </content>\n"
        "  <category term=\"q\" label=\"Quay\"/><category term=\"pier\"/><category/>\n"
        "  <author><name>Jane Doe</name></author><author><name>J. Roe</name></author>\n"
        "</entry>\n"
        "<entry xml:lang=\"fr\">" REQUIRED "<content>Plain &lt;text></content></entry>\n"
        "</feed>",
        "Port & harbour\n"
        "7 guid=urn:quay link=https://harbour.example/quay?a=1&b=2 title=The quay & <b> summary=From Monday "
        "html=<p>All &amp; <em>more</em><br /><i></i></p> language=en author=Jane Doe, J. Roe tags=Quay,pier "
        "at=2021-07-23T12:00:00+01:00\n"
        "20 guid=1 title=A text=Plain <text> language=fr author=The office" AT);
}

static void texts(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {ATOM "<entry>" REQUIRED "</entry></feed>", "\n1 guid=1 title=A" AT},
        {ATOM "<entry>" REQUIRED "<summary> a &amp;amp; b </summary></entry></feed>",
         "\n1 guid=1 title=A summary=a &amp; b" AT},
        {ATOM "<entry>" REQUIRED
              "<summary type=\"xhtml\"><div xmlns=\"http://www.w3.org/1999/xhtml\">a<p>b</p>"
              "</div></summary></entry></feed>",
         "\n1 guid=1 title=A summary=a//b" AT},
        {ATOM "<entry>" REQUIRED "<content type=\"HTML\"><![CDATA[<p>x</p>]]></content></entry></feed>",
         "\n1 guid=1 title=A html=<p>x</p>" AT},
        {ATOM "<entry>" REQUIRED "<content type=\"text/html; charset=utf-8\">&lt;p></content></entry></feed>",
         "\n1 guid=1 title=A html=<p>" AT},
        {ATOM "<entry>" REQUIRED "<content type=\"text/plain\">&lt;p></content></entry></feed>",
         "\n1 guid=1 title=A text=<p>" AT},
        {ATOM "<entry>" REQUIRED "<content type=\"image/png\">iVBORw0K</content></entry></feed>",
         "\n1 guid=1 title=A" AT},
        {ATOM "<entry>" REQUIRED "<content type=\"application/xml\"><x>y</x></content></entry></feed>",
         "\n1 guid=1 title=A" AT},
        {ATOM "<entry>" REQUIRED "<content type=\"xhtml\"><b xmlns=\"http://www.w3.org/1999/xhtml\">x</b> y"
              "</content></entry></feed>",
         "\n1 guid=1 title=A html=<b>x</b> y" AT},
        {ATOM "<entry>" REQUIRED "<content type=\"xhtml\" xmlns:h=\"http://www.w3.org/1999/xhtml\"><h:div>"
              "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:k=\"http://www.w3.org/1999/xlink\">"
              "<a k:href=\"x\" xml:lang=\"de\"/></svg></h:div></content></entry></feed>",
         "\n1 guid=1 title=A html=<svg><a href=\"x\" xml:lang=\"de\" lang=\"de\"></a></svg>" AT},
        {ATOM "<entry>" REQUIRED "<summary>s</summary><content/></entry></feed>",
         "\n1 guid=1 title=A summary=s" AT},
        {ATOM "<entry><id>1</id><title type=\"xhtml\"><div xmlns=\"http://www.w3.org/1999/xhtml\">A <b>b</b>"
              "</div></title><updated>2021-07-23T12:00:00Z</updated></entry></feed>",
         "\n1 guid=1 title=A b" AT},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        check_feed(cases[i][0], cases[i][1]);
}

static void other_parts(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"<entry xmlns=\"http://www.w3.org/2005/Atom\">" REQUIRED "</entry>", "\n1 guid=1 title=A" AT},
        {"<a:feed "
         "xmlns:a=\"http://www.w3.org/2005/Atom\"><a:entry><a:id>1</a:id><a:title>A</a:title></a:entry>"
         "</a:feed>",
         "\n1 guid=1 title=A undated=2021-07-23\n"},
        {ATOM "<updated>2020-01-02T00:00:00Z</updated><entry><id>1</id><title>A</title></entry></feed>",
         "\n1 guid=1 title=A undated=2020-01-02\n"},
        {ATOM "<entry>" REQUIRED "<published>soon</published></entry></feed>", "\n1 guid=1 title=A" AT},
        {ATOM "<entry><id>1</id><title>A</title><updated>soon</updated></entry></feed>",
         "\n1 refused published_at: published_at: no date in a known form: \"soon\"\n"},
        {ATOM "<entry>" REQUIRED "<link rel=\"alternate\" type=\"text/plain\" href=\"http://a.example/t\"/>"
              "<link rel=\"related\" href=\"http://a.example/r\"/></entry></feed>",
         "\n1 guid=1 link=http://a.example/t title=A" AT},
        {ATOM "<entry>" REQUIRED "<link href=\"mailto:a@a.example\"/><link href=\"\"/><link/></entry></feed>",
         "\n1 guid=1 title=A" AT},
        {ATOM "<entry>" REQUIRED "<source><author><name>Elsewhere</name></author></source></entry></feed>",
         "\n1 guid=1 title=A author=Elsewhere" AT},
        {ATOM "<entry xmlns:dc=\"http://purl.org/dc/elements/1.1/\">" REQUIRED
              "<dc:creator>B</dc:creator><dc:subject>t</dc:subject></entry></feed>",
         "\n1 guid=1 title=A author=B tags=t" AT},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        check_feed(cases[i][0], cases[i][1]);
}

static void version_03(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {ATOM_03
         "<title>Old</title><modified>2021-07-23T12:00:00Z</modified>\n"
         "<entry><id>tag:a,1</id><title mode=\"escaped\" type=\"text/html\">A &amp;amp; &lt;b>b&lt;/b>"
         "</title><link rel=\"alternate\" type=\"text/html\" href=\"http://a.example/1\"/>"
         "<issued>2021-07-23T12:00</issued><modified>2021-07-24T12:00:00Z</modified>"
         "<summary type=\"text/plain\">s</summary><author><name>B</name></author>"
         "<content type=\"text/html\" mode=\"escaped\">&lt;p>x&lt;/p></content></entry></feed>",
         "Old\n2 guid=tag:a,1 link=http://a.example/1 title=A & b summary=s html=<p>x</p> author=B" AT},
        {ATOM_03
         "<entry><id>1</id><title>A</title><created>2021-07-23T12:00:00Z</created>"
         "<content type=\"application/xhtml+xml\"><div xmlns=\"http://www.w3.org/1999/xhtml\"><p>x</p></div>"
         "</content></entry></feed>",
         "\n1 guid=1 title=A html=<p>x</p>" AT},
        {ATOM_03 "<entry><id>1</id><title>A</title><created>2021-07-23T12:00:00Z</created>"
                 "<content type=\"text/html\" mode=\"xml\"><b>x</b> y</content></entry></feed>",
         "\n1 guid=1 title=A html=<b>x</b> y" AT},
        {ATOM_03 "<entry><id>1</id><title>A</title><created>2021-07-23T12:00:00Z</created>"
                 "<content type=\"text/html\" mode=\"base64\">PGI+</content></entry></feed>",
         "\n1 guid=1 title=A" AT},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        check_feed(cases[i][0], cases[i][1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_feed),
        cmocka_unit_test(texts),
        cmocka_unit_test(other_parts),
        cmocka_unit_test(version_03),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
