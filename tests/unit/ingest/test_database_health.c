/* SPDX-License-Identifier: Apache-2.0 */
/* A failure passes; damage does not. */
#include "unit.h"

#include "common/health.h"
#include "common/log.h"
#include "ingest/database_health.h"

static const GError *full(void)
{
    static GError error = {.code = DAYWIRE_ERROR_UNAVAILABLE, .message = (char *)"the disk is full"};

    error.domain = DAYWIRE_ERROR;
    return &error;
}

static const GError *malformed(const char *message)
{
    static GError error = {.code = DAYWIRE_ERROR_LOST};

    error.domain = DAYWIRE_ERROR;
    error.message = (char *)message;
    return &error;
}

static bool is_ready(void)
{
    g_autofree char *text = NULL;

    return health_ready(&text);
}

static void expect_damage(DatabaseHealth *health, const char *expected)
{
    g_autoptr(GError) error = NULL;

    if (expected == NULL) {
        assert_true(database_health_check_damage(health, &error));
        assert_null(error);
        return;
    }
    assert_false(database_health_check_damage(health, &error));
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_LOST));
    assert_string_equal(error->message, expected);
}

static void test_a_failure_passes(void **state)
{
    DatabaseHealth *health = database_health_new();

    (void)state;
    assert_true(database_health_is_well(health));
    database_health_failed(health, full());
    database_health_outbox(health, full());
    database_health_note_damage(health, full());
    assert_false(database_health_is_well(health));
    assert_false(is_ready());
    expect_damage(health, NULL);
    database_health_worked(health);
    database_health_outbox(health, NULL);
    assert_true(database_health_is_well(health));
    assert_true(is_ready());
    database_health_free(health);
}

static void test_damage_stays_whoever_found_it(void **state)
{
    (void)state;
    for (int way = 0; way < 3; way++) {
        DatabaseHealth *health = database_health_new();
        if (way == 0)
            database_health_failed(health, malformed("page 7"));
        else if (way == 1)
            database_health_outbox(health, malformed("page 7"));
        else
            database_health_note_damage(health, malformed("page 7"));
        database_health_worked(health);
        database_health_outbox(health, NULL);
        database_health_failed(health, malformed("page 8")); /* the first one is kept */
        expect_damage(health, "page 7");
        database_health_free(health);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_failure_passes),
        cmocka_unit_test(test_damage_stays_whoever_found_it),
    };

    log_init("test", LOG_FORMAT_TEXT, LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
