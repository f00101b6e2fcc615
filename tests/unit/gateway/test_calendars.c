/* SPDX-License-Identifier: Apache-2.0 */
/* The counters' calendars from outside, and their rules read again. */
#include "unit.h"

#include "gateway_fixture.h"
#include "http_client.h"

#include <unistd.h>

#define COUNTERS                                                                                             \
    "[counter ferry]\nsince = 2018-03-04\nlabel.en = {days} days of the ferry\nlabel.pt = {days} dias\n"     \
    "[counter pier]\nuntil = 2199-01-01\nlabel.en = {days} days to go\n"

static int setup(void **state)
{
    Fixture *fixture = fixture_new(COUNTERS);

    fixture_tick(fixture, "ferry", NULL, 0);
    fixture_tick(fixture, "elsewhere", NULL, 0);
    fixture_tick(fixture, "pier", NULL, 0);
    fixture_remove_counter(fixture, "pier");
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

static void expect_header(const HttpReply *reply, const char *name, const char *expected)
{
    g_autofree char *value = reply_header(reply, name);

    if (g_strcmp0(value, expected) != 0)
        fail_msg("%s is %s", name, value != NULL ? value : "absent");
}

static void expect_problem(const Fixture *fixture, const char *target, int status, const char *word)
{
    HttpReply reply = get(fixture, target, NULL);

    if (reply.status != status || strstr(reply.body->str, word) == NULL)
        fail_msg("%s: %d %s", target, reply.status, reply.body->str);
    expect_header(&reply, "Content-Type", "application/problem+json");
    reply_clear(&reply);
}

static unsigned count(const char *text, const char *part)
{
    g_auto(GStrv) parts = g_strsplit(text, part, -1);

    return g_strv_length(parts) - 1;
}

static void test_the_next_five_years(void **state)
{
    HttpReply reply = get(*state, "/v1/counters/ferry.ics", NULL);
    unsigned events = count(reply.body->str, "BEGIN:VEVENT\r\n");

    assert_int_equal(reply.status, 200);
    expect_header(&reply, "Content-Type", "text/calendar; charset=utf-8");
    expect_header(&reply, "Content-Disposition", "inline; filename=\"ferry.ics\"");
    expect_header(&reply, "Cache-Control", "max-age=300");
    expect_header(&reply, "Access-Control-Allow-Origin", "*");
    assert_true(events == 5 || events == 6); /* 6 on 4 March */
    assert_int_equal(count(reply.body->str, " days of the ferry\r\n"), events);
    assert_non_null(strstr(reply.body->str, "X-WR-CALNAME:Harbour Office: ferry\r\n"));
    assert_non_null(strstr(reply.body->str, "T000000Z\r\n"));
    reply_clear(&reply);
}

static void test_the_language_is_chosen(void **state)
{
    HttpReply portuguese = get(*state, "/v1/counters/ferry.ics?lang=pt-br", NULL);
    HttpReply other = get(*state, "/v1/counters/ferry.ics?lang=fr", NULL);

    assert_non_null(strstr(portuguese.body->str, "SUMMARY;LANGUAGE=pt:"));
    assert_non_null(strstr(other.body->str, "SUMMARY;LANGUAGE=en:"));
    reply_clear(&portuguese);
    reply_clear(&other);
    expect_problem(*state, "/v1/counters/ferry.ics?lang=%22", 400, "\"field\":\"lang\"");
    expect_problem(*state, "/v1/counters/ferry.ics?lang=en&lang=ru", 400, "\"field\":\"lang\"");
    expect_problem(*state, "/v1/counters/ferry.ics?colour=red", 400, "\"field\":\"colour\"");
}

static void test_it_is_sent_once_and_its_head_alone(void **state)
{
    HttpReply first = get(*state, "/v1/counters/ferry.ics", NULL);
    g_autofree char *etag = reply_header(&first, "ETag");
    g_autofree char *header = g_strdup_printf("If-None-Match: %s\r\n", etag);
    HttpReply again = get(*state, "/v1/counters/ferry.ics", header);
    HttpReply other = get(*state, "/v1/counters/ferry.ics?lang=pt", header);
    const Fixture *fixture = *state;
    int fd = client_connect(fixture->port);

    assert_int_equal(again.status, 304);
    assert_int_equal(other.status, 200);
    client_send_text(fd,
                     "HEAD /v1/counters/ferry.ics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    HttpReply head = client_read(fd, true);
    g_autofree char *length = g_strdup_printf("%zu", first.body->len);
    assert_int_equal(head.status, 200);
    expect_header(&head, "Content-Length", length);
    assert_true(client_closed(fd));
    (void)close(fd);
    HttpReply post = client_request(fixture->port, "POST", "/v1/counters/ferry.ics", NULL, "");
    assert_int_equal(post.status, 405);
    expect_header(&post, "Allow", "GET, HEAD");
    reply_clear(&first);
    reply_clear(&again);
    reply_clear(&other);
    reply_clear(&head);
    reply_clear(&post);
}

static void test_why_there_is_none(void **state)
{
    expect_problem(*state, "/v1/counters/nothing.ics", 404, "there is no counter with this id");
    expect_problem(*state, "/v1/counters/pier.ics", 404, "there is no counter with this id");
    expect_problem(*state, "/v1/counters/elsewhere.ics", 404,
                   "the configuration of this gateway has no such");
    expect_problem(*state, "/v1/counters/ferry", 404, "there is a calendar, /v1/counters/ID.ics");
    expect_problem(*state, "/v1/counters/.ics", 404, "there is no counter with this id");
    g_atomic_int_set(&fixture_caught_up, 0);
    expect_problem(*state, "/v1/counters/ferry.ics", 503, "starting");
    g_atomic_int_set(&fixture_caught_up, 1);
}

static Config *load(const Fixture *fixture, const char *text)
{
    g_autofree char *path = g_build_filename(fixture->folder, "other.ini", NULL);
    g_autoptr(GError) error = NULL;

    assert_true(g_file_set_contents(path, text, -1, &error));
    Config *config = config_load(path, (char *[]){NULL}, &error);
    g_assert_no_error(error);
    return config;
}

static void test_rules_are_read_again(void **state)
{
    const Fixture *fixture = *state;
    g_autoptr(Config) other = load(fixture, "[counter elsewhere]\nuntil = 2199-01-01\nlabel.en = Ω\n"
                                            "milestones = every day\n");
    g_autoptr(Config) bad = load(fixture, "[counter elsewhere]\nlabel.en = no date\n");
    g_autoptr(GError) error = NULL;

    assert_true(calendars_reload(fixture->gateway.calendars, other, &error));
    assert_false(calendars_reload(fixture->gateway.calendars, bad, &error));
    assert_non_null(strstr(error->message, "[counter elsewhere] lacks its date"));
    HttpReply reply = get(fixture, "/v1/counters/elsewhere.ics", NULL);
    assert_int_equal(reply.status, 200);
    assert_int_equal(count(reply.body->str, "BEGIN:VEVENT\r\n"), CALENDARS_DAYS_AHEAD + 1);
    reply_clear(&reply);
    expect_problem(fixture, "/v1/counters/ferry.ics", 404, "the configuration of this gateway has no such");
    assert_true(calendars_reload(fixture->gateway.calendars, fixture->config, &error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_next_five_years),
        cmocka_unit_test(test_the_language_is_chosen),
        cmocka_unit_test(test_it_is_sent_once_and_its_head_alone),
        cmocka_unit_test(test_why_there_is_none),
        cmocka_unit_test(test_rules_are_read_again),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
