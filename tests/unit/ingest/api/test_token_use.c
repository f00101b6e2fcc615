/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <glib.h>

#include "ingest/api/token_use.h"

#define NOW (INT64_C(1000) * G_USEC_PER_SEC)

static void test_requests_at_a_time(void **state)
{
    const TokenLimits limits = {.max_requests = 2};
    TokenUse *use = token_use_new();
    int64_t wait = 0;

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(token_use_begin(use, &limits, NOW, &wait), USE_GRANTED);
        assert_int_equal(token_use_begin(use, &limits, NOW, &wait), USE_GRANTED);
        assert_int_equal(token_use_begin(use, &limits, NOW, &wait), USE_TOO_MANY);
        token_use_end(use);
        assert_int_equal(token_use_begin(use, &limits, NOW, &wait), USE_GRANTED);
        assert_int_equal(token_use_begin(use, &limits, NOW, &wait), USE_TOO_MANY);
        token_use_end(use);
        token_use_end(use);
    }
    token_use_unref(use);
}

static void test_requests_a_second(void **state)
{
    const TokenLimits limits = {.requests_per_second = 4};
    TokenUse *use = token_use_new();
    int64_t wait = 0;

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(token_use_begin(use, &limits, NOW, &wait), USE_GRANTED);
        token_use_end(use);
    }
    assert_int_equal(token_use_begin(use, &limits, NOW, &wait), USE_TOO_FAST);
    assert_int_equal(wait, G_USEC_PER_SEC / 4);
    assert_int_equal(token_use_begin(use, &limits, NOW + wait, &wait), USE_GRANTED);
    token_use_end(use);
    token_use_unref(use);
}

/* Who is refused for one limit does not use up the other. */
static void test_what_is_refused_counts_nowhere(void **state)
{
    const TokenLimits limits = {.requests_per_second = 2, .max_requests = 1};
    TokenUse *use = token_use_new();
    int64_t wait = 0;

    (void)state;
    assert_int_equal(token_use_begin(use, &limits, NOW, &wait), USE_GRANTED);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(token_use_begin(use, &limits, NOW, &wait), USE_TOO_MANY);
    token_use_end(use);
    assert_int_equal(token_use_begin(use, &limits, NOW, &wait), USE_GRANTED);
    token_use_end(use);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(token_use_begin(use, &limits, NOW, &wait), USE_TOO_FAST);
    token_use_unref(use);
}

static void test_zero_is_no_limit(void **state)
{
    const TokenLimits limits = {0};
    TokenUse *use = token_use_new();
    int64_t wait = 0;

    (void)state;
    for (unsigned i = 0; i < 10000; i++)
        assert_int_equal(token_use_begin(use, &limits, NOW, &wait), USE_GRANTED);
    for (unsigned i = 0; i < 10000; i++)
        token_use_end(use);
    token_use_unref(use);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests_at_a_time),
        cmocka_unit_test(test_requests_a_second),
        cmocka_unit_test(test_what_is_refused_counts_nowhere),
        cmocka_unit_test(test_zero_is_no_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
