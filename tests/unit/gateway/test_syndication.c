/* SPDX-License-Identifier: Apache-2.0 */
/* The feeds as they leave the server, and as a reader of feeds reads them. */
#include "unit.h"

#include <libxml/parser.h>
#include <libxml/tree.h>

#include "common/feed_fixture.h"
#include "common/json.h"
#include "gateway/stream_fixture.h"
#include "gateway/syndication.h"

typedef struct {
    GPtrArray *statements;
    Site site;
    Syndication feed;
} Fixture;

static int setup(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);

    fixture->statements = g_ptr_array_new_with_free_func((GDestroyNotify)statement_free);
    fixture->site = (Site){.title = (char *)"Harbour Office", .language = (char *)"en-GB"};
    fixture->feed = (Syndication){.site = &fixture->site,
                                  .site_url = "https://press.example",
                                  .query = "?tag=a%26b",
                                  .page = "?tag=a%26b&before=x",
                                  .next = "?tag=a%26b&before=y",
                                  .statements = fixture->statements};
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    Fixture *fixture = *state;

    g_ptr_array_unref(fixture->statements);
    g_free(fixture);
    return 0;
}

static Statement *add(Fixture *fixture, const char *id, const char *title)
{
    Statement *statement = statement_new();

    message_set_string(&statement->id, id);
    message_set_string(&statement->title, title);
    message_set_string(&statement->date, "2024-05-01");
    statement->revision = 1;
    statement->status = STATEMENT_STATUS_USABLE;
    statement->change = STATEMENT_CHANGE_PUBLISHED;
    statement->updated_at = instant_to_timestamp(NOON);
    g_ptr_array_add(fixture->statements, statement);
    return statement;
}

/* One with all that a statement can say, one that was corrected, one that was withdrawn. */
static void add_three(Fixture *fixture)
{
    Statement *whole = add(fixture, "pier", "Pier & <quay>");
    message_set_string(&whole->summary, "In short.");
    message_set_string(&whole->body, "One & two.\n\nThree.");
    whole->body_type = BODY_TYPE_PLAIN;
    message_set_string(&whole->language, "de");
    message_set_string(&whole->url, "https://www.example.org/?a=1&b=2");
    message_set_string(&whole->author, "A. Pilot");
    statement_add_tag(whole, "a&b");
    statement_add_tag(whole, "c");
    whole->published_at = instant_to_timestamp(NOON);
    whole->published_at_offset_minutes = 120;

    Statement *corrected = add(fixture, "ferry~1", "Ferry");
    corrected->change = STATEMENT_CHANGE_CORRECTED;
    message_set_string(&corrected->note, "Nine, not <ten>.");
    message_set_string(&corrected->body, "<p>At <b>nine</b></p>");
    corrected->body_type = BODY_TYPE_HTML;

    Statement *withdrawn = add(fixture, "gone", "SECRET");
    withdrawn->status = STATEMENT_STATUS_WITHDRAWN;
    withdrawn->change = STATEMENT_CHANGE_WITHDRAWN;
    message_set_string(&withdrawn->note, "Sent too early.");
    message_set_string(&withdrawn->summary, "SECRET");
    message_set_string(&withdrawn->body, "SECRET");
    message_set_string(&withdrawn->url, "https://SECRET.example/");
    message_set_string(&withdrawn->author, "SECRET");
    statement_add_tag(withdrawn, "SECRET");
}

#define PIER_HTML                                                                                            \
    "<div class=\"summary\">\n<p dir=\"auto\">In short.</p>\n</div>\n"                                       \
    "<div class=\"body\">\n<p dir=\"auto\">One &amp; two.</p>\n<p dir=\"auto\">Three.</p>\n</div>\n"
#define FERRY_HTML                                                                                           \
    "<p><strong>Corrected</strong> Nine, not &lt;ten&gt;.</p>\n"                                             \
    "<div class=\"body html\" dir=\"auto\">\n<p>At <b>nine</b></p>\n</div>\n"
#define GONE_HTML "<p>Sent too early.</p>\n"

static void test_json_feed(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(yyjson_mut_doc) doc = json_new();

    add_three(fixture);
    g_autofree char *text = text_of(syndication_to_json(&fixture->feed));
    g_autofree char *pier = json_write(json_text(doc, PIER_HTML), NULL);
    g_autofree char *ferry = json_write(json_text(doc, FERRY_HTML), NULL);
    g_autofree char *gone = json_write(json_text(doc, GONE_HTML), NULL);
    g_autofree char *expected = g_strconcat(
        "{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"Harbour Office\","
        "\"home_page_url\":\"https://press.example/\","
        "\"feed_url\":\"https://press.example/feed.json?tag=a%26b\","
        "\"next_url\":\"https://press.example/feed.json?tag=a%26b&before=y\","
        "\"language\":\"en-GB\",\"authors\":[{\"name\":\"Harbour Office\"}],\"items\":["
        "{\"id\":\"https://press.example/statements/pier\","
        "\"url\":\"https://press.example/statements/pier\","
        "\"title\":\"Pier & <quay>\",\"content_html\":",
        pier,
        ",\"date_published\":\"2024-05-01T14:00:00+02:00\",\"date_modified\":\"2024-05-01T12:00:00Z\","
        "\"language\":\"de\",\"external_url\":\"https://www.example.org/?a=1&b=2\","
        "\"summary\":\"In short.\",\"authors\":[{\"name\":\"A. Pilot\"}],\"tags\":[\"a&b\",\"c\"]},"
        "{\"id\":\"https://press.example/statements/ferry~1\","
        "\"url\":\"https://press.example/statements/ferry~1\",\"title\":\"Ferry\",\"content_html\":",
        ferry,
        ",\"date_published\":\"2024-05-01T00:00:00Z\",\"date_modified\":\"2024-05-01T12:00:00Z\"},"
        "{\"id\":\"https://press.example/statements/gone\",\"url\":\"https://press.example/statements/gone\","
        "\"title\":\"Statement withdrawn\",\"content_html\":",
        gone, ",\"date_published\":\"2024-05-01T00:00:00Z\",\"date_modified\":\"2024-05-01T12:00:00Z\"}]}",
        NULL);
    assert_string_equal(text, expected);
}

/* An element's children by name and attributes by name, down to the text: <a b="c">d</a> as a(b=c;d). */
static void append_node(GString *tree, const xmlNode *node)
{
    g_string_append_printf(tree, "%s(", (const char *)node->name);
    for (const xmlAttr *attribute = node->properties; attribute; attribute = attribute->next)
        g_string_append_printf(tree, "%s=%s;", (const char *)attribute->name,
                               (const char *)attribute->children->content);
    for (const xmlNode *child = node->children; child; child = child->next) {
        if (child->type == XML_ELEMENT_NODE)
            append_node(tree, child);
        else
            g_string_append(tree, (const char *)child->content);
    }
    g_string_append(tree, ")\n");
}

static char *atom_tree(const Fixture *fixture)
{
    g_autoptr(GBytes) bytes = syndication_to_atom(&fixture->feed);
    gsize size = 0;
    const char *data = g_bytes_get_data(bytes, &size);
    xmlDoc *doc = xmlReadMemory(data, (int)size, NULL, NULL, XML_PARSE_NONET);
    GString *tree = g_string_new(NULL);

    if (!doc)
        fail_msg("not well-formed: %.*s", (int)size, data);
    const xmlNode *root = xmlDocGetRootElement(doc);
    assert_string_equal((const char *)root->ns->href, "http://www.w3.org/2005/Atom");
    append_node(tree, root);
    xmlFreeDoc(doc);
    return g_string_free(tree, FALSE);
}

static void test_atom(void **state)
{
    Fixture *fixture = *state;

    add_three(fixture);
    g_autofree char *tree = atom_tree(fixture);
    const char *generator = strstr(tree, "generator(version=");
    assert_non_null(generator);
    const char *entries = strchr(generator, '\n') + 1;
    g_autofree char *head = g_strndup(tree, (gsize)(generator - tree));
    assert_string_equal(
        head, "feed(lang=en-GB;id(https://press.example/feed.atom?tag=a%26b)\n"
              "link(rel=self;type=application/atom+xml;"
              "href=https://press.example/feed.atom?tag=a%26b&before=x;)\n"
              "link(rel=alternate;type=text/html;href=https://press.example/;)\n"
              "link(rel=next;type=application/atom+xml;"
              "href=https://press.example/feed.atom?tag=a%26b&before=y;)\n"
              "title(Harbour Office)\nupdated(2024-05-01T12:00:00Z)\nauthor(name(Harbour Office)\n)\n");
    assert_string_equal(entries,
                        "entry(lang=de;id(https://press.example/statements/pier)\n"
                        "title(Pier & <quay>)\npublished(2024-05-01T14:00:00+02:00)\n"
                        "updated(2024-05-01T12:00:00Z)\n"
                        "link(rel=alternate;type=text/html;href=https://press.example/statements/pier;)\n"
                        "link(rel=via;href=https://www.example.org/?a=1&b=2;)\nauthor(name(A. Pilot)\n)\n"
                        "category(term=a&b;)\ncategory(term=c;)\nsummary(In short.)\n"
                        "content(type=html;" PIER_HTML ")\n)\n"
                        "entry(id(https://press.example/statements/ferry~1)\n"
                        "title(Ferry)\npublished(2024-05-01T00:00:00Z)\nupdated(2024-05-01T12:00:00Z)\n"
                        "link(rel=alternate;type=text/html;href=https://press.example/statements/ferry~1;)\n"
                        "content(type=html;" FERRY_HTML ")\n)\n"
                        "entry(id(https://press.example/statements/gone)\n"
                        "title(Statement withdrawn)\npublished(2024-05-01T00:00:00Z)\n"
                        "updated(2024-05-01T12:00:00Z)\n"
                        "link(rel=alternate;type=text/html;href=https://press.example/statements/gone;)\n"
                        "content(type=html;" GONE_HTML ")\n)\n)\n");
}

static void test_nothing_yet(void **state)
{
    Fixture *fixture = *state;

    fixture->feed.query = fixture->feed.page = "";
    fixture->feed.next = NULL;
    g_autofree char *json = text_of(syndication_to_json(&fixture->feed));
    assert_non_null(strstr(json, "\"feed_url\":\"https://press.example/feed.json\",\"language\""));
    assert_non_null(strstr(json, "\"items\":[]}"));
    g_autofree char *tree = atom_tree(fixture);
    assert_non_null(strstr(tree, "updated(1970-01-01T00:00:00Z)"));
    assert_null(strstr(tree, "rel=next"));
}

/* As another producer may write one; likewise the next. A reader has to have something in place of the text. */
static void test_a_withdrawal_without_a_reason(void **state)
{
    Fixture *fixture = *state;
    Statement *statement = add(fixture, "bare", "");

    statement->status = STATEMENT_STATUS_WITHDRAWN;
    statement->change = STATEMENT_CHANGE_CORRECTED;
    g_autofree char *tree = atom_tree(fixture);
    assert_non_null(strstr(tree, "content(type=html;<p>Statement withdrawn</p>\n)"));
    g_autofree char *json = text_of(syndication_to_json(&fixture->feed));
    assert_non_null(strstr(json, "\"content_html\":\"<p>Statement withdrawn</p>\\n\""));
}

static void test_a_withdrawal_without_any_date(void **state)
{
    Fixture *fixture = *state;
    Statement *statement = add(fixture, "bare", "");

    statement->status = STATEMENT_STATUS_WITHDRAWN;
    message_set_string(&statement->date, "");
    g_clear_pointer(&statement->updated_at, g_free);
    g_autofree char *tree = atom_tree(fixture);
    assert_null(strstr(tree, "published("));
    assert_non_null(strstr(tree, "title(Statement withdrawn)\nupdated(1970-01-01T00:00:00Z)"));
    g_autofree char *json = text_of(syndication_to_json(&fixture->feed));
    assert_null(strstr(json, "date_published"));
    assert_non_null(strstr(json, "\"date_modified\":\"1970-01-01T00:00:00Z\""));
    message_set_string(&statement->date, "1969-07-24");
    g_autofree char *dated = atom_tree(fixture);
    assert_non_null(strstr(dated, "published(1969-07-24T00:00:00Z)\nupdated(1969-07-24T00:00:00Z)"));
}

/* Characters that XML does not have, and bytes that are no text. */
static void test_texts_that_no_document_may_hold(void **state)
{
    Fixture *fixture = *state;
    Statement *statement = add(fixture, "odd",
                               "a\x01"
                               "b\xef\xbf\xbf"
                               "c\xff"
                               "d]]>&amp;\"'");

    message_set_string(&statement->body, "\x1b"
                                         "e\xef\xbf\xbe"
                                         "f");
    statement_add_tag(statement, "\x02\"g");
    statement_add_tag(statement, "\x02");
    message_set_string(&statement->author, "\xef\xbf\xbe");
    message_set_string(&statement->summary, "\xef\xbf\xbf");
    g_autofree char *tree = atom_tree(fixture);
    assert_non_null(strstr(tree, "title(abc\xef\xbf\xbd"
                                 "d]]>&amp;\"')"));
    assert_non_null(strstr(tree, ">ef</p>"));
    assert_non_null(strstr(tree, "category(term=\"g;)"));
    assert_null(strstr(tree, "name()"));
    assert_null(strstr(tree, "category()"));
    assert_null(strstr(tree, "summary("));
    g_autofree char *json = text_of(syndication_to_json(&fixture->feed));
    g_autoptr(GError) error = NULL;
    g_autoptr(yyjson_doc) doc = json_read(json, strlen(json), 1, &error);
    assert_null(error);
    assert_non_null(doc);
}

/* ---- many threads ---- */

#define WRITERS 4

static gint begun, set_ups, too_early;
static gint ready; /* libxml2 is */

void __real_xmlInitParser(void);
void __wrap_xmlInitParser(void);
xmlBuffer *__real_xmlBufferCreate(void);
xmlBuffer *__wrap_xmlBufferCreate(void);

/* Returns only when the others want to write as well. */
void __wrap_xmlInitParser(void)
{
    g_atomic_int_inc(&set_ups);
    while (g_atomic_int_get(&begun) < WRITERS)
        g_thread_yield();
    __real_xmlInitParser();
    g_atomic_int_set(&ready, 1);
}

/* The first that is called of what needs libxml2. */
xmlBuffer *__wrap_xmlBufferCreate(void)
{
    if (!g_atomic_int_get(&ready))
        g_atomic_int_inc(&too_early);
    return __real_xmlBufferCreate();
}

static void *write_atom(void *feed)
{
    g_atomic_int_inc(&begun);
    return syndication_to_atom(feed);
}

/* Has to be the first here that uses libxml2, which is set up once a process. */
static void test_many_threads_and_nobody_before(void **state)
{
    Fixture *fixture = *state;
    GThread *threads[WRITERS];

    add_three(fixture);
    for (size_t i = 0; i < WRITERS; i++)
        threads[i] = g_thread_new("writer", write_atom, &fixture->feed);
    g_autofree char *first = text_of(g_thread_join(threads[0]));
    for (size_t i = 1; i < WRITERS; i++) {
        g_autofree char *text = text_of(g_thread_join(threads[i]));
        assert_string_equal(text, first);
    }
    assert_int_equal(g_atomic_int_get(&set_ups), 1);
    assert_int_equal(g_atomic_int_get(&too_early), 0);
}

/* What ingest would make of it, were it asked to poll it. */
static void test_read_as_any_feed(void **state)
{
    static const char expected[] =
        "2 guid=https://press.example/statements/pier link=https://press.example/statements/pier "
        "title=Pier & <quay> summary=In short.";
    Fixture *fixture = *state;
    const FeedContext context = {.now = NOON, .source = "s"};

    add_three(fixture);
    g_autoptr(GBytes) atom = syndication_to_atom(&fixture->feed);
    g_autoptr(GBytes) json = syndication_to_json(&fixture->feed);
    g_autofree char *of_atom = feed_notes(g_bytes_get_data(atom, NULL), g_bytes_get_size(atom), &context);
    g_autofree char *of_json = feed_notes(g_bytes_get_data(json, NULL), g_bytes_get_size(json), &context);
    if (!strstr(of_atom, expected) || !strstr(of_json, strchr(expected, ' ')))
        fail_msg("%s\n%s", of_atom, of_json);
    assert_non_null(strstr(of_atom, "title=Statement withdrawn"));
    assert_non_null(strstr(of_json, "title=Statement withdrawn"));
    assert_null(strstr(of_atom, "refused"));
    assert_null(strstr(of_json, "refused"));
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(test_many_threads_and_nobody_before),
        WITH_FIXTURE(test_json_feed),
        WITH_FIXTURE(test_atom),
        WITH_FIXTURE(test_nothing_yet),
        WITH_FIXTURE(test_a_withdrawal_without_a_reason),
        WITH_FIXTURE(test_a_withdrawal_without_any_date),
        WITH_FIXTURE(test_texts_that_no_document_may_hold),
        WITH_FIXTURE(test_read_as_any_feed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
