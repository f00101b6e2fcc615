/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "common/http/answer.h"
#include "common/http/router.h"
#include "common/http/transfer.h"

#include <sys/socket.h>

static void nothing(HttpRequest *request, void *user)
{
    (void)request;
    (void)user;
}

static const HttpRoute routes[] = {
    {"GET", "/", nothing},        {"GET", "/a", nothing},      {"POST", "/a", nothing},
    {"GET", "/a/{id}", nothing},  {"PUT", "/a/{id}", nothing}, {"GET", "/a/{id}/b/{other}", nothing},
    {"GET", "/a/fixed", nothing}, {NULL, NULL, NULL},
};

static void assert_route(const char *method, const char *path, int expected, const char *first,
                         const char *allow)
{
    HttpMatch match;

    http_route_match(routes, method, path, &match);
    assert_ptr_equal(match.route, expected < 0 ? NULL : &routes[expected]);
    assert_int_equal(match.path_known, expected >= 0 || allow != NULL);
    if (first != NULL)
        assert_string_equal(match.segments[0].value, first);
    else
        assert_int_equal(match.segment_count, 0);
    if (allow != NULL)
        assert_string_equal(match.allow->str, allow);
    else
        assert_null(match.allow);
    http_match_clear(&match);
}

static void test_paths(void **state)
{
    (void)state;
    assert_route("GET", "/", 0, NULL, NULL);
    assert_route("GET", "/a", 1, NULL, NULL);
    assert_route("HEAD", "/a", 1, NULL, NULL);
    assert_route("POST", "/a", 2, NULL, NULL);
    assert_route("PUT", "/a/x.y~z", 4, "x.y~z", NULL);
    assert_route("GET", "/a/x/b/y", 5, "x", NULL);
    /* The first that fits is taken. */
    assert_route("GET", "/a/fixed", 3, "fixed", NULL);
    assert_route("GET", "/a/", -1, NULL, NULL);
    assert_route("GET", "/ab", -1, NULL, NULL);
    assert_route("GET", "/a/x/", -1, NULL, NULL);
    assert_route("GET", "/a/x/b", -1, NULL, NULL);
    assert_route("GET", "/a/x/c/y", -1, NULL, NULL);
    assert_route("GET", "", -1, NULL, NULL);
    assert_route("GET", "a", -1, NULL, NULL);
}

static void test_methods(void **state)
{
    (void)state;
    assert_route("DELETE", "/a", -1, NULL, "GET, HEAD, POST");
    assert_route("POST", "/a/x", -1, NULL, "GET, HEAD, PUT");
    assert_route("get", "/a", -1, NULL, "GET, HEAD, POST");
}

static void test_both_segments(void **state)
{
    HttpMatch match;

    (void)state;
    http_route_match(routes, "GET", "/a/x/b/y", &match);
    assert_int_equal(match.segment_count, 2);
    assert_int_equal(match.segments[1].name_length, 5);
    assert_memory_equal(match.segments[1].name, "other", 5);
    assert_string_equal(match.segments[1].value, "y");
    http_match_clear(&match);
}

static void test_head_of_an_answer(void **state)
{
    static const char *const headers[] = {"Location", "/a\r\nSet-Cookie: b", NULL};
    g_autoptr(GBytes) body = g_bytes_new_static("12345", 5);
    g_autoptr(HttpAnswer) answer =
        http_answer_new(201, "text/plain", headers, body, INT64_C(1627000000) * 1000000);
    GString *head = http_answer_finish_head(answer, false);

    (void)state;
    assert_string_equal(head->str, "HTTP/1.1 201 Created\r\nDate: Fri, 23 Jul 2021 00:26:40 GMT\r\n"
                                   "Content-Type: text/plain\r\nLocation: /a  Set-Cookie: b\r\n"
                                   "X-Content-Type-Options: nosniff\r\nContent-Length: 5\r\n"
                                   "Connection: close\r\n\r\n");
    g_string_free(head, TRUE);
}

static void test_problem_is_json_whatever_the_text(void **state)
{
    g_autoptr(HttpAnswer) answer = http_answer_problem(401, "bad \"\xff\" text", NULL, 0);

    (void)state;
    assert_non_null(strstr(answer->head->str, "WWW-Authenticate: Bearer realm=\"daywire\"\r\n"));
    g_autofree char *text = g_strndup(g_bytes_get_data(answer->body, NULL), g_bytes_get_size(answer->body));
    assert_string_equal(text, "{\"type\":\"about:blank\",\"title\":\"Unauthorized\",\"status\":401,"
                              "\"detail\":\"bad \\\"\xef\xbf\xbd\\\" text\"}");
}

static void test_transfer_in_pieces(void **state)
{
    static const size_t size = 3 * 1024 * 1024 + 17;
    char *data = g_malloc(size);
    g_autoptr(GString) received = g_string_new(NULL);
    int sockets[2];
    HttpTransferState transferred;
    HttpTransfer transfer;
    char buffer[70000];

    (void)state;
    for (size_t i = 0; i < size; i++)
        data[i] = (char)(i % 251);
    g_autoptr(GBytes) body = g_bytes_new_take(data, size);
    g_autoptr(HttpAnswer) answer = http_answer_new(200, NULL, NULL, body, 0);
    http_transfer_init(&transfer, answer, true, true);
    size_t head_size = transfer.head->len;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sockets), 0);
    do {
        transferred = http_transfer_send(&transfer, sockets[0]);
        ssize_t got = recv(sockets[1], buffer, sizeof buffer, 0);
        assert_true(got > 0);
        g_string_append_len(received, buffer, got);
    } while (transferred == TRANSFER_BLOCKED);
    assert_int_equal(transferred, TRANSFER_DONE);
    ssize_t got;
    while ((got = recv(sockets[1], buffer, sizeof buffer, 0)) > 0)
        g_string_append_len(received, buffer, got);
    assert_int_equal(received->len, head_size + size);
    assert_memory_equal(received->str + head_size, data, size);
    close(sockets[1]);
    transfer.sent = 0;
    assert_int_equal(http_transfer_send(&transfer, sockets[0]), TRANSFER_FAILED);
    close(sockets[0]);
    http_transfer_clear(&transfer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_methods),
        cmocka_unit_test(test_both_segments),
        cmocka_unit_test(test_head_of_an_answer),
        cmocka_unit_test(test_problem_is_json_whatever_the_text),
        cmocka_unit_test(test_transfer_in_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
