/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP side from outside: answers, caching, policies. */
#include "unit.h"

#include "gateway_fixture.h"
#include "http_client.h"

#include <jansson.h>

static int setup(void **state)
{
    Fixture *fixture = fixture_new("origins = https://www.example.org\n");

    fixture_publish(fixture, "one", "The first one");
    fixture_publish(fixture, "two", "The second <one>");
    fixture_withdraw(fixture, "one", "Sent too early.");
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    fixture_free(*state);
    return 0;
}

static HttpReply get(const Fixture *fixture, const char *target, const char *headers)
{
    return client_request(fixture->port, "GET", target, headers, NULL);
}

static json_t *get_json(const Fixture *fixture, const char *target, int status)
{
    HttpReply reply = get(fixture, target, NULL);
    json_t *json = json_loads(reply.body->str, 0, NULL);

    if (reply.status != status || json == NULL)
        fail_msg("%s: %d %s", target, reply.status, reply.body->str);
    reply_clear(&reply);
    return json;
}

static void expect_header(const HttpReply *reply, const char *name, const char *expected)
{
    g_autofree char *value = reply_header(reply, name);

    if (g_strcmp0(value, expected) != 0)
        fail_msg("%s is %s", name, value != NULL ? value : "absent");
}

static void test_statements_are_listed_and_found(void **state)
{
    json_t *list = get_json(*state, "/v1/statements", 200);
    json_t *one = json_array_get(json_object_get(list, "statements"), 0);

    assert_int_equal(json_array_size(json_object_get(list, "statements")), 1);
    assert_string_equal(json_string_value(json_object_get(one, "id")), "two");
    assert_true(json_is_null(json_object_get(list, "next")));
    json_decref(list);
    json_decref(get_json(*state, "/v1/statements/two", 200));
    json_decref(get_json(*state, "/v1/statements/three", 404));
}

static void test_a_withdrawn_statement_is_gone_but_for_its_note(void **state)
{
    json_t *gone = get_json(*state, "/v1/statements/one", 410);
    HttpReply page = get(*state, "/statements/one", NULL);

    assert_string_equal(json_string_value(json_object_get(gone, "note")), "Sent too early.");
    assert_true(json_is_null(json_object_get(gone, "title")));
    assert_int_equal(page.status, 410);
    assert_non_null(strstr(page.body->str, "Sent too early."));
    assert_null(strstr(page.body->str, "The first one"));
    reply_clear(&page);
    json_decref(gone);
}

static void test_site_counters_and_time(void **state)
{
    json_t *site = get_json(*state, "/v1/site", 200);
    json_t *counters = get_json(*state, "/v1/counters", 200);
    json_t *time = get_json(*state, "/v1/time", 200);
    HttpReply reply = get(*state, "/v1/time", NULL);
    Instant now = 0;

    assert_string_equal(json_string_value(json_object_get(site, "title")), "Harbour Office");
    assert_int_equal(json_array_size(json_object_get(counters, "counters")), 0);
    assert_true(instant_parse(json_string_value(json_object_get(time, "time")), &now, NULL));
    assert_true(ABS(now - g_get_real_time()) < 60 * INSTANT_SECOND);
    expect_header(&reply, "Cache-Control", "no-store");
    reply_clear(&reply);
    json_decref(time);
    json_decref(counters);
    json_decref(site);
}

static void expect_counters(const Fixture *fixture, const char *target, const char *expected)
{
    json_t *answer = get_json(fixture, target, 200);
    g_autoptr(GString) ids = g_string_new(NULL);
    size_t i;
    json_t *tick;

    json_array_foreach(json_object_get(answer, "counters"), i, tick)
        g_string_append_printf(ids, "%s ", json_string_value(json_object_get(tick, "counter")));
    json_decref(answer);
    assert_string_equal(ids->str, expected);
}

static void test_counters_are_listed_in_order_and_by_group(void **state)
{
    fixture_tick(*state, "mole", "Piers & <moles>", 2);
    fixture_tick(*state, "pier", "Piers & <moles>", 1);
    fixture_tick(*state, "lamp", NULL, 3);
    fixture_tick(*state, "ferry", "Ferries", 1);
    expect_counters(*state, "/v1/counters", "ferry pier mole lamp ");
    expect_counters(*state, "/v1/counters?group=", "ferry pier mole lamp ");
    expect_counters(*state, "/v1/counters?group=Piers%20%26%20%3Cmoles%3E", "pier mole ");
    expect_counters(*state, "/v1/counters?group=ferries", "");
    HttpReply page = get(*state, "/", NULL);
    const char *ferries = strstr(page.body->str, "<h2 dir=\"auto\">Ferries</h2><ul data-group=\"Ferries\">");
    const char *piers = strstr(page.body->str, "<h2 dir=\"auto\">Piers &amp; &lt;moles&gt;</h2>");
    const char *others = strstr(page.body->str, "<ul data-group=\"\"><li data-order=\"3\"");
    assert_true(ferries && ferries < piers && piers < others);
    reply_clear(&page);
    for (size_t i = 0; i < 4; i++)
        fixture_remove_counter(*state, (const char *const[]){"mole", "pier", "lamp", "ferry"}[i]);
}

static void test_pages_are_rendered_with_a_policy(void **state)
{
    static const char *const targets[] = {"/", "/statements", "/statements/two", "/statements?q=second"};

    for (size_t i = 0; i < G_N_ELEMENTS(targets); i++) {
        HttpReply reply = get(*state, targets[i], NULL);
        g_autofree char *policy = reply_header(&reply, "Content-Security-Policy");
        assert_int_equal(reply.status, 200);
        expect_header(&reply, "Content-Type", "text/html; charset=utf-8");
        assert_non_null(strstr(reply.body->str, "The second &lt;one&gt;"));
        assert_non_null(strstr(policy, "default-src 'none'"));
        assert_non_null(strstr(policy, "require-trusted-types-for 'script'; trusted-types daywire"));
        assert_null(strstr(policy, "unsafe"));
        reply_clear(&reply);
    }
    HttpReply unknown = get(*state, "/statements/three", NULL);
    assert_int_equal(unknown.status, 404);
    reply_clear(&unknown);
}

static void test_what_has_not_changed_is_not_sent_again(void **state)
{
    static const char *const targets[] = {
        "/v1/statements", "/v1/statements/two", "/v1/counters",    "/v1/site",   "/",
        "/statements",    "/web/daywire.js",    "/statements/two", "/feed.atom", "/feed.json"};

    for (size_t i = 0; i < G_N_ELEMENTS(targets); i++) {
        HttpReply first = get(*state, targets[i], NULL);
        g_autofree char *etag = reply_header(&first, "ETag");
        assert_non_null(etag);
        expect_header(&first, "Cache-Control", "no-cache");
        g_autofree char *header = g_strdup_printf("If-None-Match: \"x\", %s\r\n", etag);
        HttpReply second = get(*state, targets[i], header);
        /* A page changes with the minute. */
        if (second.status == 200 && targets[i][1] != 'v' && targets[i][1] != 'w') {
            g_autofree char *newer = reply_header(&second, "ETag");
            assert_string_not_equal(newer, etag);
        } else {
            assert_int_equal(second.status, 304);
            assert_int_equal(second.body->len, 0);
            expect_header(&second, "ETag", etag);
        }
        reply_clear(&first);
        reply_clear(&second);
    }
}

static void test_a_list_changes_its_etag_with_the_state(void **state)
{
    HttpReply before = get(*state, "/v1/statements", NULL);
    g_autofree char *etag = reply_header(&before, "ETag");
    g_autofree char *header = g_strdup_printf("If-None-Match: %s\r\n", etag);

    fixture_publish(*state, "four", "The fourth one");
    HttpReply after = get(*state, "/v1/statements", header);
    assert_int_equal(after.status, 200);
    assert_non_null(strstr(after.body->str, "four"));
    fixture_withdraw(*state, "four", "Not needed.");
    reply_clear(&before);
    reply_clear(&after);
}

static void expect_feed(const Fixture *fixture, const char *target, const char *type)
{
    HttpReply reply = get(fixture, target, NULL);
    g_autofree char *address = g_strconcat("http://test", target, NULL);

    assert_int_equal(reply.status, 200);
    expect_header(&reply, "Content-Type", type);
    if (!strstr(reply.body->str, address) || !strstr(reply.body->str, "/statements/two") ||
        !strstr(reply.body->str, "Statement withdrawn") || !strstr(reply.body->str, "Sent too early.") ||
        strstr(reply.body->str, "The first one"))
        fail_msg("%s: %s", target, reply.body->str);
    reply_clear(&reply);
}

static void test_feeds_tell_statements_and_withdrawals(void **state)
{
    expect_feed(*state, "/feed.atom", "application/atom+xml; charset=utf-8");
    expect_feed(*state, "/feed.json", "application/feed+json; charset=utf-8");
}

static void expect_feed_ids(json_t *feed, const char *expected)
{
    g_autoptr(GString) ids = g_string_new(NULL);
    size_t i;
    json_t *item;

    json_array_foreach(json_object_get(feed, "items"), i, item)
        g_string_append_printf(ids, "%s ", strrchr(json_string_value(json_object_get(item, "id")), '/') + 1);
    assert_string_equal(ids->str, expected);
}

static void test_a_feed_goes_on_in_pages(void **state)
{
    json_t *first = get_json(*state, "/feed.json?limit=1", 200);
    const char *next = json_string_value(json_object_get(first, "next_url"));
    assert_non_null(next);
    json_t *second = get_json(*state, strstr(next, "/feed.json"), 200);

    assert_string_equal(json_string_value(json_object_get(second, "feed_url")),
                        json_string_value(json_object_get(first, "feed_url")));
    assert_non_null(json_object_get(second, "next_url"));
    expect_feed_ids(first, "four ");
    expect_feed_ids(second, "one ");
    json_decref(first);
    json_decref(second);
}

/* Whatever the limit: a page is made on a worker's thread. */
static void test_a_page_of_a_feed_is_small(void **state)
{
    static const char *const ids[] = {"big-1", "big-2", "big-3"};

    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++)
        fixture_publish_body(*state, ids[i], 300000);
    json_t *first = get_json(*state, "/feed.json?limit=1000", 200);
    json_t *list = get_json(*state, "/v1/statements?limit=1000", 200);

    assert_int_equal(json_array_size(json_object_get(first, "items")), 2);
    assert_non_null(json_object_get(first, "next_url"));
    assert_true(json_is_null(json_object_get(list, "next")));
    json_decref(first);
    json_decref(list);
    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++)
        fixture_withdraw(*state, ids[i], "Not needed.");
}

static void test_a_feed_is_of_the_site_that_is_asked(void **state)
{
    HttpReply good = get(*state, "/feed.atom", "Host: press.example:81\r\n");
    HttpReply odd = get(*state, "/feed.atom", "Host: press.example/x\r\n");
    g_autofree char *etag = reply_header(&good, "ETag");
    g_autofree char *header = g_strdup_printf("Host: other.example\r\nIf-None-Match: %s\r\n", etag);
    HttpReply other = get(*state, "/feed.atom", header);

    assert_non_null(strstr(good.body->str, "<id>http://press.example:81/feed.atom</id>"));
    assert_int_equal(odd.status, 400);
    assert_non_null(strstr(odd.body->str, "Host: missing, or not the name of a site"));
    assert_int_equal(other.status, 200);
    reply_clear(&good);
    reply_clear(&odd);
    reply_clear(&other);
}

static void test_web_files_are_compressed_where_accepted(void **state)
{
    HttpReply plain = get(*state, "/web/daywire.js", NULL);
    HttpReply gzip = get(*state, "/web/daywire.js", "Accept-Encoding: br, gzip\r\n");
    g_autofree char *plain_etag = reply_header(&plain, "ETag");
    g_autofree char *gzip_etag = reply_header(&gzip, "ETag");

    assert_int_equal(plain.status, 200);
    assert_int_equal(plain.body->len, 4000);
    expect_header(&plain, "Content-Encoding", NULL);
    expect_header(&gzip, "Content-Encoding", "gzip");
    expect_header(&plain, "Vary", "Accept-Encoding, Origin");
    assert_true(gzip.body->len < 200);
    assert_string_not_equal(plain_etag, gzip_etag);
    reply_clear(&plain);
    reply_clear(&gzip);
    HttpReply none = get(*state, "/web/nothing.js", NULL);
    assert_int_equal(none.status, 404);
    reply_clear(&none);
}

static void test_only_listed_origins_may_read(void **state)
{
    HttpReply listed = get(*state, "/v1/counters", "Origin: https://www.example.org\r\n");
    HttpReply other = get(*state, "/v1/counters", "Origin: https://evil.example\r\n");

    expect_header(&listed, "Access-Control-Allow-Origin", "https://www.example.org");
    expect_header(&listed, "Vary", "Origin");
    expect_header(&other, "Access-Control-Allow-Origin", NULL);
    expect_header(&other, "Vary", "Origin");
    reply_clear(&listed);
    reply_clear(&other);
}

static void test_unknown_parameters_are_refused_by_name(void **state)
{
    static const char *const targets[] = {"/v1/statements?colour=red", "/v1/statements/two?colour=red",
                                          "/v1/counters?colour=red",   "/v1/site?colour=red",
                                          "/v1/time?colour=red",       "/web/daywire.js?colour=red",
                                          "/feed.atom?colour=red"};

    for (size_t i = 0; i < G_N_ELEMENTS(targets); i++) {
        json_t *problem = get_json(*state, targets[i], 400);
        assert_string_equal(json_string_value(json_object_get(problem, "field")), "colour");
        json_decref(problem);
    }
    json_decref(get_json(*state, "/v1/statements?limit=0", 400));
    json_decref(get_json(*state, "/v1/statements?before=nonsense", 400));
    json_decref(get_json(*state, "/feed.json?before=nonsense", 400));
    json_t *search = get_json(*state, "/feed.atom?q=second", 400);
    assert_string_equal(json_string_value(json_object_get(search, "field")), "q");
    json_decref(search);
}

/* Who shares a link decorates it. */
static void test_pages_do_not_mind_unknown_parameters(void **state)
{
    static const char *const targets[] = {"/?fbclid=x", "/?", "/?&&",
                                          "/statements?utm_source=a&q=second&q=first&limit=0",
                                          "/statements/two?utm_source=a&utm_source=b"};

    for (size_t i = 0; i < G_N_ELEMENTS(targets); i++) {
        HttpReply reply = get(*state, targets[i], NULL);
        if (reply.status != 200 || strstr(reply.body->str, "The second &lt;one&gt;") == NULL)
            fail_msg("%s: %d %s", targets[i], reply.status, reply.body->str);
        reply_clear(&reply);
    }
}

static void test_what_is_wrong_with_a_page_is_told_in_a_page(void **state)
{
    g_autofree char *words = g_strnfill(201, 'x');
    g_autofree char *search = g_strconcat("/statements?q=", words, NULL);
    const struct {
        const char *target;
        int status;
        const char *word;
    } cases[] = {
        {"/statements/three", 404, "There is no such statement."},
        {"/statements?before=%3Cb%3E", 400, "before"},
        {search, 400, "longer than 200 characters"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        HttpReply reply = get(*state, cases[i].target, NULL);
        g_autofree char *policy = reply_header(&reply, "Content-Security-Policy");
        assert_int_equal(reply.status, cases[i].status);
        expect_header(&reply, "Content-Type", "text/html; charset=utf-8");
        assert_non_null(policy);
        if (strstr(reply.body->str, cases[i].word) == NULL || strstr(reply.body->str, "<b>") != NULL)
            fail_msg("%s: %s", cases[i].target, reply.body->str);
        reply_clear(&reply);
    }
}

static void test_the_stream_asks_for_an_upgrade(void **state)
{
    HttpReply reply = get(*state, "/v1/ws", NULL);

    assert_int_equal(reply.status, 426);
    expect_header(&reply, "Upgrade", "websocket");
    reply_clear(&reply);
}

static void test_before_the_view_is_there_everybody_is_told_to_wait(void **state)
{
    g_atomic_int_set(&fixture_caught_up, 0);
    HttpReply api = get(*state, "/v1/statements", NULL);
    HttpReply page = get(*state, "/", NULL);
    HttpReply file = get(*state, "/web/daywire.js", NULL);
    g_atomic_int_set(&fixture_caught_up, 1);

    assert_int_equal(api.status, 503);
    expect_header(&api, "Retry-After", "1");
    assert_int_equal(page.status, 503);
    expect_header(&page, "Retry-After", "1");
    assert_int_equal(file.status, 200);
    reply_clear(&api);
    reply_clear(&page);
    reply_clear(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statements_are_listed_and_found),
        cmocka_unit_test(test_a_withdrawn_statement_is_gone_but_for_its_note),
        cmocka_unit_test(test_site_counters_and_time),
        cmocka_unit_test(test_counters_are_listed_in_order_and_by_group),
        cmocka_unit_test(test_pages_are_rendered_with_a_policy),
        cmocka_unit_test(test_what_has_not_changed_is_not_sent_again),
        cmocka_unit_test(test_a_list_changes_its_etag_with_the_state),
        cmocka_unit_test(test_feeds_tell_statements_and_withdrawals),
        cmocka_unit_test(test_a_feed_goes_on_in_pages),
        cmocka_unit_test(test_a_feed_is_of_the_site_that_is_asked),
        cmocka_unit_test(test_a_page_of_a_feed_is_small),
        cmocka_unit_test(test_web_files_are_compressed_where_accepted),
        cmocka_unit_test(test_only_listed_origins_may_read),
        cmocka_unit_test(test_unknown_parameters_are_refused_by_name),
        cmocka_unit_test(test_pages_do_not_mind_unknown_parameters),
        cmocka_unit_test(test_what_is_wrong_with_a_page_is_told_in_a_page),
        cmocka_unit_test(test_the_stream_asks_for_an_upgrade),
        cmocka_unit_test(test_before_the_view_is_there_everybody_is_told_to_wait),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
