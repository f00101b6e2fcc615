/* SPDX-License-Identifier: Apache-2.0 */
/* The fetcher against servers that mean no good. */
#include "unit.h"

#include <zlib.h>

#include "ingest/feeds/fetch.h"
#include "ingest/feeds/hostile_server.h"

#define DEADLINE_US (INT64_C(30) * G_USEC_PER_SEC)
#define MAX_SIZE    ((size_t)100000)

static HostileServer *server;

/* ---- what the server does ---- */

static bool answer_well(int fd, const char *request)
{
    (void)request;
    return hostile_send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"first\"\r\n"
                                 "Last-Modified: Wed, 10 Jan 2024 12:00:00 GMT\r\n"
                                 "Content-Type: application/rss+xml; charset=\"windows-1251\"\r\n\r\nhello");
}

static bool echo(int fd, const char *request)
{
    return hostile_send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(request),
                             request);
}

static bool answer_conditionally(int fd, const char *request)
{
    if (strstr(request, "If-None-Match: \"first\"\r\n") &&
        strstr(request, "If-Modified-Since: Wed, 10 Jan 2024 12:00:00 GMT\r\n"))
        return hostile_send_text(fd, "HTTP/1.1 304 Not Modified\r\nETag: \"first\"\r\n\r\n");
    return answer_well(fd, request);
}

static GByteArray *zip(size_t size)
{
    g_autofree guint8 *plain = g_malloc0(size);
    GByteArray *zipped = g_byte_array_new();
    z_stream stream = {0};

    g_byte_array_set_size(zipped, (guint)size / 100 + 1000);
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = plain;
    stream.avail_in = (uInt)size;
    stream.next_out = zipped->data;
    stream.avail_out = zipped->len;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    g_byte_array_set_size(zipped, (guint)stream.total_out);
    deflateEnd(&stream);
    return zipped;
}

static bool send_zipped(int fd, size_t size)
{
    g_autoptr(GByteArray) zipped = zip(size);

    return hostile_send_text(fd, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %u\r\n\r\n",
                             zipped->len) &&
           hostile_send(fd, zipped->data, zipped->len);
}

static bool answer_zipped(int fd, const char *request)
{
    (void)request;
    return send_zipped(fd, MAX_SIZE);
}

/* 50 MB in 50 KB. */
static bool bomb(int fd, const char *request)
{
    (void)request;
    return send_zipped(fd, 500 * MAX_SIZE);
}

static bool answer_with_bad_gzip(int fd, const char *request)
{
    (void)request;
    return hostile_send_text(fd,
                             "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello");
}

static bool send_without_end(int fd, const char *request)
{
    char block[4096];

    (void)request;
    memset(block, 'x', sizeof(block));
    if (!hostile_send_text(fd, "HTTP/1.1 200 OK\r\n\r\n"))
        return false;
    while (hostile_send(fd, block, sizeof(block)))
        continue;
    return false;
}

static bool announce_too_much(int fd, const char *request)
{
    (void)request;
    if (!hostile_send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100001\r\n\r\n"))
        return false;
    hostile_hold(fd);
    return false;
}

static bool send_exactly_the_most(int fd, const char *request)
{
    g_autofree char *body = g_strnfill(MAX_SIZE, 'x');

    (void)request;
    return hostile_send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n%s", body);
}

static bool break_off(int fd, const char *request)
{
    (void)request;
    return hostile_send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello");
}

static bool say_nothing(int fd, const char *request)
{
    (void)request;
    hostile_hold(fd);
    return false;
}

static bool begin_and_stop(int fd, const char *request)
{
    (void)request;
    if (hostile_send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello"))
        hostile_hold(fd);
    return false;
}

static bool send_headers_without_end(int fd, const char *request)
{
    (void)request;
    bool good = hostile_send_text(fd, "HTTP/1.1 200 OK\r\n");
    while (good)
        good = hostile_send_text(fd, "X-Harbour: the quay is open, the quay is open, the quay is open\r\n");
    return false;
}

static bool send_a_long_header(int fd, const char *request)
{
    g_autofree char *value = g_strnfill(90000, 'x');

    (void)request;
    return hostile_send_text(fd, "HTTP/1.1 200 OK\r\nX-Harbour: %s\r\nContent-Length: 0\r\n\r\n", value);
}

static bool send_odd_validators(int fd, const char *request)
{
    g_autofree char *value = g_strnfill(501, 'x');

    (void)request;
    return hostile_send_text(
        fd, "HTTP/1.1 200 OK\r\nETag: \"%s\"\r\nLast-Modified: \xff\r\nContent-Length: 0\r\n\r\n", value);
}

static bool redirect(int fd, int status, const char *where)
{
    return hostile_send_text(fd, "HTTP/1.1 %d Elsewhere\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n", status,
                             where);
}

#define REDIRECT(name, status, where)                                                                        \
    static bool name(int fd, const char *request)                                                            \
    {                                                                                                        \
        (void)request;                                                                                       \
        return redirect(fd, status, where);                                                                  \
    }

REDIRECT(redirect_to_itself, 302, "/loop")
REDIRECT(move, 301, "/ok")
REDIRECT(move_308, 308, "/moved")
REDIRECT(move_for_now, 307, "/ok")
REDIRECT(move_and_for_now, 301, "/for-now")
REDIRECT(redirect_to_file, 302, "file:///etc/passwd")
REDIRECT(redirect_to_ftp, 301, "ftp://127.0.0.2/feed")
REDIRECT(redirect_to_private, 301, "http://10.1.2.3/feed")
REDIRECT(redirect_to_metadata, 302, "http://169.254.169.254/latest/meta-data/")
REDIRECT(redirect_to_v6, 302, "http://[::1]/feed")
REDIRECT(redirect_to_mapped, 302, "http://[::ffff:127.0.0.1]/feed")
REDIRECT(redirect_to_decimal, 302, "http://2130706433/feed")

/* By a name, which leads to 127.0.0.1 and ::1. */
static bool redirect_to_name(int fd, const char *request)
{
    g_autofree char *where = g_strdup_printf("http://localhost:%u/ok", hostile_server_port(server));

    (void)request;
    return redirect(fd, 302, where);
}

static bool ask_to_wait(int fd, const char *request)
{
    (void)request;
    return hostile_send_text(fd, "HTTP/1.1 503 Busy\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n");
}

static bool ask_to_wait_until(int fd, const char *request)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autoptr(GDateTime) then = g_date_time_add_hours(now, 1);
    g_autofree char *date = g_date_time_format(then, "%a, %d %b %Y %H:%M:%S GMT");

    (void)request;
    return hostile_send_text(fd, "HTTP/1.1 429 Slowly\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n", date);
}

static bool be_gone(int fd, const char *request)
{
    (void)request;
    return hostile_send_text(fd, "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n");
}

static bool speak_nonsense(int fd, const char *request)
{
    (void)request;
    return hostile_send_text(fd, "220 harbour.example.org ESMTP\r\n");
}

static const HostileRoute routes[] = {
    {"/ok", answer_well},
    {"/echo", echo},
    {"/conditional", answer_conditionally},
    {"/zipped", answer_zipped},
    {"/bomb", bomb},
    {"/bad-gzip", answer_with_bad_gzip},
    {"/endless", send_without_end},
    {"/announced", announce_too_much},
    {"/most", send_exactly_the_most},
    {"/broken-off", break_off},
    {"/silent", say_nothing},
    {"/stopped", begin_and_stop},
    {"/endless-headers", send_headers_without_end},
    {"/long-header", send_a_long_header},
    {"/odd-validators", send_odd_validators},
    {"/loop", redirect_to_itself},
    {"/moved", move},
    {"/moved-twice", move_308},
    {"/for-now", move_for_now},
    {"/moved-and-for-now", move_and_for_now},
    {"/to-file", redirect_to_file},
    {"/to-ftp", redirect_to_ftp},
    {"/to-private", redirect_to_private},
    {"/to-metadata", redirect_to_metadata},
    {"/to-v6", redirect_to_v6},
    {"/to-mapped", redirect_to_mapped},
    {"/to-decimal", redirect_to_decimal},
    {"/to-name", redirect_to_name},
    {"/wait", ask_to_wait},
    {"/wait-until", ask_to_wait_until},
    {"/gone", be_gone},
    {"/nonsense", speak_nonsense},
    {NULL, NULL},
};

/* ---- asking ---- */

static char *address_of(const char *path)
{
    return *path == '/' ? g_strdup_printf("http://127.0.0.2:%u%s", hostile_server_port(server), path)
                        : g_strdup(path);
}

static FeedAnswer wait_for_answer(FeedFetcher *fetcher, const char *what)
{
    int64_t end = g_get_monotonic_time() + DEADLINE_US;
    FeedAnswer answer = {0};

    while (!feed_fetcher_take(fetcher, &answer)) {
        if (g_get_monotonic_time() > end)
            fail_msg("no end of %s", what);
        feed_fetcher_wait(fetcher, 1000);
    }
    return answer;
}

static FeedAnswer ask_with(const FeedLimits *limits, const char *path, const char *etag,
                           const char *last_modified)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *url = address_of(path);
    FeedFetcher *fetcher = feed_fetcher_new(limits, &error);
    const FeedRequest request = {
        .url = url, .etag = etag, .last_modified = last_modified, .user = (void *)path};

    if (!fetcher || !feed_fetcher_start(fetcher, &request, &error))
        fail_msg("%s", error->message);
    assert_int_equal(feed_fetcher_running(fetcher), 1);
    FeedAnswer answer = wait_for_answer(fetcher, path);
    assert_int_equal(feed_fetcher_running(fetcher), 0);
    assert_ptr_equal(answer.user, path);
    feed_fetcher_free(fetcher);
    return answer;
}

static FeedLimits limits_to(const char *networks)
{
    return (FeedLimits){.user_agent = (char *)"Harbour/1",
                        .timeout_ms = 20000,
                        .max_size = MAX_SIZE,
                        .max_at_once = 4,
                        .networks = feed_networks_parse(networks, NULL)};
}

static FeedAnswer ask(const char *path)
{
    FeedLimits limits = limits_to("127.0.0.2");
    FeedAnswer answer = ask_with(&limits, path, "", "");

    feed_networks_free(limits.networks);
    return answer;
}

/* ---- tests ---- */

static void test_a_good_answer(void **state)
{
    g_auto(FeedAnswer) answer = ask("/ok");
    g_autofree char *url = address_of("/ok");

    (void)state;
    assert_int_equal(answer.outcome, FEED_TAKEN);
    assert_int_equal(answer.status, 200);
    assert_memory_equal(answer.body->data, "hello", 5);
    assert_int_equal(answer.body->len, 5);
    assert_string_equal(answer.etag, "\"first\"");
    assert_string_equal(answer.last_modified, "Wed, 10 Jan 2024 12:00:00 GMT");
    assert_string_equal(answer.charset, "windows-1251");
    assert_string_equal(answer.final_url, url);
    assert_null(answer.moved_to);
    assert_null(answer.error);
}

static void test_conditional_requests(void **state)
{
    FeedLimits limits = limits_to("127.0.0.2");
    g_auto(FeedAnswer) again =
        ask_with(&limits, "/conditional", "\"first\"", "Wed, 10 Jan 2024 12:00:00 GMT");
    g_auto(FeedAnswer) other = ask_with(&limits, "/conditional", "\"other\"", "");

    (void)state;
    assert_int_equal(again.outcome, FEED_NOT_MODIFIED);
    assert_int_equal(again.body->len, 0);
    assert_int_equal(other.outcome, FEED_TAKEN);
    feed_networks_free(limits.networks);
}

static void test_what_is_sent(void **state)
{
    g_auto(FeedAnswer) answer = ask("/echo");
    g_autofree char *request = g_strndup((const char *)answer.body->data, answer.body->len);

    (void)state;
    assert_non_null(strstr(request, "\r\nUser-Agent: Harbour/1\r\n"));
    assert_non_null(strstr(request, "\r\nAccept-Encoding: gzip, deflate\r\n"));
    assert_null(strstr(request, "If-None-Match"));
    assert_null(strstr(request, "If-Modified-Since"));
    assert_null(strstr(request, "Cookie"));
}

static const struct {
    const char *path;
    FeedOutcome outcome;
    const char *message; /* what it contains; NULL: none */
} cases[] = {
    {"/zipped", FEED_TAKEN, NULL},
    {"/most", FEED_TAKEN, NULL},
    {"/bomb", FEED_TOO_LARGE, "larger than 100000 bytes ([feeds] max-size)"},
    {"/endless", FEED_TOO_LARGE, "larger than 100000 bytes ([feeds] max-size)"},
    {"/announced", FEED_TOO_LARGE, "larger than 100000 bytes ([feeds] max-size)"},
    {"/bad-gzip", FEED_UNREADABLE, "Error while processing content unencoding"},
    {"/broken-off", FEED_UNREACHABLE, "with 95 bytes remaining to read"},
    {"/endless-headers", FEED_TOO_LARGE, "headers of more than 65536 bytes"},
    {"/long-header", FEED_TOO_LARGE, "headers of more than 65536 bytes"},
    {"/loop", FEED_UNREACHABLE, "Maximum (5) redirects followed"},
    {"/to-file", FEED_UNREACHABLE, "Protocol \"file\""},
    {"/to-ftp", FEED_UNREACHABLE, "Protocol \"ftp\""},
    {"file:///etc/passwd", FEED_UNREACHABLE, "Protocol \"file\""},
    {"/to-private", FEED_FORBIDDEN, "it leads to 10.1.2.3, a private address, where feeds may not lead"},
    {"/to-metadata", FEED_FORBIDDEN, "it leads to 169.254.169.254, an address of cloud metadata"},
    {"/to-v6", FEED_FORBIDDEN, "it leads to ::1, a loopback address"},
    {"/to-mapped", FEED_FORBIDDEN, "it leads to ::ffff:127.0.0.1, a loopback address"},
    {"/to-decimal", FEED_FORBIDDEN, "it leads to 127.0.0.1, a loopback address"},
    {"/to-name", FEED_FORBIDDEN, "a loopback address, where feeds may not lead"},
    {"http://localhost:9/", FEED_FORBIDDEN, "a loopback address, where feeds may not lead"},
    {"http://127.0.0.2:1/", FEED_UNREACHABLE, "Failed to connect to 127.0.0.2 port 1"},
    {"/nonsense", FEED_UNREACHABLE, "HTTP/0.9"},
    {"/gone", FEED_GONE, "the server answered 410"},
    {"/nothing", FEED_REFUSED, "the server answered 404"},
    {"/wait", FEED_ASKED_TO_WAIT, "the server answered 503"},
};

static void test_outcomes(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(FeedAnswer) answer = ask(cases[i].path);
        if (answer.outcome != cases[i].outcome)
            fail_msg("%s: %s (%s)", cases[i].path, feed_outcome_name(answer.outcome), answer.error);
        if (cases[i].message ? !answer.error || !strstr(answer.error, cases[i].message)
                             : answer.error != NULL)
            fail_msg("%s: %s", cases[i].path, answer.error);
        if (answer.body->len > MAX_SIZE)
            fail_msg("%s: %u bytes", cases[i].path, answer.body->len);
    }
}

/* With the addresses allowed, the same name leads somewhere. */
static void test_a_name_that_is_allowed(void **state)
{
    FeedLimits limits = limits_to("");
    g_auto(FeedAnswer) strict = ask_with(&limits, "/ok", "", "");

    (void)state;
    assert_int_equal(strict.outcome, FEED_FORBIDDEN);
    limits.allow_private = true;
    g_auto(FeedAnswer) lenient = ask_with(&limits, "/ok", "", "");
    assert_int_equal(lenient.outcome, FEED_TAKEN);
    feed_networks_free(limits.networks);
}

static void test_a_forbidden_server_hears_nothing(void **state)
{
    FeedLimits limits = limits_to("");
    unsigned before = hostile_server_requests(server);
    g_auto(FeedAnswer) answer = ask_with(&limits, "/ok", "", "");

    (void)state;
    assert_int_equal(answer.outcome, FEED_FORBIDDEN);
    assert_int_equal(answer.status, 0);
    assert_int_equal(hostile_server_requests(server), before);
    feed_networks_free(limits.networks);
}

static void test_time_outs(void **state)
{
    static const char *const paths[] = {"/silent", "/stopped"};
    FeedLimits limits = limits_to("127.0.0.2");

    (void)state;
    limits.timeout_ms = 200;
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_auto(FeedAnswer) answer = ask_with(&limits, paths[i], "", "");
        assert_int_equal(answer.outcome, FEED_UNREACHABLE);
        assert_non_null(strstr(answer.error, "timed out after"));
    }
    feed_networks_free(limits.networks);
}

static void test_moves(void **state)
{
    static const struct {
        const char *path, *moved_to;
    } moves[] = {
        {"/moved", "/ok"}, {"/moved-twice", "/ok"}, {"/for-now", NULL}, {"/moved-and-for-now", NULL},
        {"/ok", NULL},
    };

    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(moves); i++) {
        g_auto(FeedAnswer) answer = ask(moves[i].path);
        g_autofree char *expected = moves[i].moved_to ? address_of(moves[i].moved_to) : NULL;
        assert_int_equal(answer.outcome, FEED_TAKEN);
        if (g_strcmp0(answer.moved_to, expected) != 0)
            fail_msg("%s: %s", moves[i].path, answer.moved_to);
    }
}

static void test_retry_after(void **state)
{
    g_auto(FeedAnswer) seconds = ask("/wait");
    g_auto(FeedAnswer) date = ask("/wait-until");
    g_auto(FeedAnswer) none = ask("/gone");

    (void)state;
    assert_true(seconds.retry_after == 120 * INSTANT_SECOND);
    assert_in_range(date.retry_after, 3500 * INSTANT_SECOND, 3600 * INSTANT_SECOND);
    assert_int_equal(date.outcome, FEED_ASKED_TO_WAIT);
    assert_true(none.retry_after == 0);
}

static void test_odd_validators_are_not_kept(void **state)
{
    g_auto(FeedAnswer) answer = ask("/odd-validators");

    (void)state;
    assert_int_equal(answer.outcome, FEED_TAKEN);
    assert_string_equal(answer.etag, "");
    assert_string_equal(answer.last_modified, "");
}

/* What is under way when it ends is dropped, and several are under way at once. */
static void test_several_and_the_end(void **state)
{
    g_autoptr(GError) error = NULL;
    FeedLimits limits = limits_to("127.0.0.2");
    FeedFetcher *fetcher = feed_fetcher_new(&limits, &error);
    g_autofree char *silent = address_of("/silent");

    (void)state;
    for (int i = 0; i < 3; i++) {
        const FeedRequest request = {.url = silent, .etag = "", .last_modified = ""};
        assert_true(feed_fetcher_start(fetcher, &request, &error));
    }
    feed_fetcher_wait(fetcher, 0);
    assert_int_equal(feed_fetcher_running(fetcher), 3);
    feed_fetcher_free(fetcher);
    feed_networks_free(limits.networks);
}

static void *wake(void *fetcher)
{
    feed_fetcher_wake(fetcher);
    return NULL;
}

static void test_woken(void **state)
{
    g_autoptr(GError) error = NULL;
    FeedLimits limits = limits_to("");
    FeedFetcher *fetcher = feed_fetcher_new(&limits, &error);
    GThread *thread = g_thread_new("wake", wake, fetcher);

    (void)state;
    feed_fetcher_wait(fetcher, 1000 * 1000 * 1000); /* the test's own time-out tells */
    g_thread_join(thread);
    feed_fetcher_free(fetcher);
    feed_networks_free(limits.networks);
}

static int set_up(void **state)
{
    (void)state;
    /* Of no consequence: feeds have a proxy of their own, or none. */
    g_setenv("http_proxy", "http://127.0.0.2:1", TRUE);
    server = hostile_server_start(routes);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    hostile_server_stop(server);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_good_answer),
        cmocka_unit_test(test_conditional_requests),
        cmocka_unit_test(test_what_is_sent),
        cmocka_unit_test(test_outcomes),
        cmocka_unit_test(test_a_name_that_is_allowed),
        cmocka_unit_test(test_a_forbidden_server_hears_nothing),
        cmocka_unit_test(test_time_outs),
        cmocka_unit_test(test_moves),
        cmocka_unit_test(test_retry_after),
        cmocka_unit_test(test_odd_validators_are_not_kept),
        cmocka_unit_test(test_several_and_the_end),
        cmocka_unit_test(test_woken),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
