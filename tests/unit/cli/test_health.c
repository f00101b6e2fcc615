/* SPDX-License-Identifier: Apache-2.0 */
/* What a container's health check hears. */
#include "unit.h"

#include "cli/commands.h"
#include "cli/fake_ingest.h"
#include "common/admin.h"
#include "common/health.h"
#include "common/log.h"

#define ASK(...) run_command(command_health, (const char *const[]){"health", __VA_ARGS__, NULL}, &printed)

static void test_a_service_is_asked(void **state)
{
    g_autoptr(GError) error = NULL;
    Admin *admin = admin_start("127.0.0.1:0", &error);
    g_auto(Printed) printed = {0};
    (void)state;
    assert_non_null(admin);
    g_autofree char *address = g_strdup_printf("127.0.0.1:%u", admin_port(admin));
    g_setenv("DAYWIRE_GATEWAY_ADMIN", address, TRUE);
    g_setenv("DAYWIRE_INGEST_ADMIN", "127.0.0.1:1", TRUE);
    g_setenv("DAYWIRE_COUNTERS_ADMIN", "127.0.0.1:1", TRUE);

    health_set("view", true, NULL);
    assert_int_equal(ASK("gateway"), 0);
    assert_string_equal(printed.out, "gateway: ready\n");
    assert_int_equal(ASK(NULL), 0); /* the only one that is there */
    assert_string_equal(printed.out, "gateway: ready\n");
    assert_int_equal(ASK("gateway", "counter"), 1);
    assert_non_null(strstr(printed.out, "counter: http://127.0.0.1:1: "));

    health_set("view", false, "the disk is full");
    assert_int_equal(ASK(NULL), 1);
    assert_string_equal(printed.out, "gateway: view: the disk is full\n");
    admin_stop(admin);
    assert_int_equal(ASK(NULL), 1);
    assert_string_equal(printed.out, "no service of Daywire answers on this machine\n");
}

static void test_mistakes(void **state)
{
    g_auto(Printed) printed = {0};
    (void)state;
    assert_int_equal(ASK("gatway"), 2);
    assert_string_equal(
        printed.err,
        "daywire health: gatway: there is no such service; they are ingest, counter and gateway\n");
    assert_int_equal(ASK("--config", "/nonexistent/daywire.ini"), 2);
    assert_non_null(strstr(printed.err, "/nonexistent/daywire.ini"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_service_is_asked),
        cmocka_unit_test(test_mistakes),
    };
    log_init("test", LOG_FORMAT_TEXT, LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
