/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "common/admin.h"
#include "common/health.h"
#include "common/metrics.h"
#include "http_client.h"

static void assert_get(const Admin *admin, const char *path, int status, const char *type, const char *part)
{
    HttpReply reply = client_request(admin_port(admin), "GET", path, NULL, NULL);
    g_autofree char *sent_type = reply_header(&reply, "Content-Type");
    g_autofree char *cache = reply_header(&reply, "Cache-Control");

    assert_int_equal(reply.status, status);
    assert_string_equal(sent_type, type);
    assert_string_equal(cache, "no-store");
    if (strstr(reply.body->str, part) == NULL)
        fail_msg("%s gave: %s", path, reply.body->str);
    reply_clear(&reply);
}

static void test_endpoint(void **state)
{
    static const char text[] = "text/plain; charset=utf-8";
    g_autoptr(GError) error = NULL;
    Admin *admin = admin_start("127.0.0.1:0", &error);

    (void)state;
    assert_non_null(admin);
    assert_get(admin, "/livez", 200, text, "ok");
    assert_get(admin, "/readyz", 503, text, "starting");
    health_set("database", true, NULL);
    assert_get(admin, "/readyz", 200, text, "database: ok");
    health_set("kafka", false, "no broker");
    assert_get(admin, "/readyz", 503, text, "kafka: no broker");
    metric_add(metric_counter("daywire_test_total", NULL, "A test"), 3);
    assert_get(admin, "/metrics", 200, "text/plain; version=0.0.4; charset=utf-8",
               "\ndaywire_test_total 3\n");

    HttpReply reply = client_request(admin_port(admin), "POST", "/livez", NULL, "x");
    assert_int_equal(reply.status, 405);
    reply_clear(&reply);
    reply = client_request(admin_port(admin), "GET", "/", NULL, NULL);
    assert_int_equal(reply.status, 404);
    reply_clear(&reply);
    admin_stop(admin);
}

static void test_no_port(void **state)
{
    g_autoptr(GError) error = NULL;

    (void)state;
    assert_null(admin_start("127.0.0.1", &error));
    assert_non_null(strstr(error->message, "address:port"));
    g_clear_error(&error);
    assert_null(admin_start("192.0.2.1:80", &error));
    assert_non_null(strstr(error->message, "192.0.2.1:80"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_endpoint),
        cmocka_unit_test(test_no_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
