/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "gateway/handshake.h"
#include "gateway/reply.h"

static void test_etags_are_compared_weakly(void **state)
{
    (void)state;
    assert_true(reply_etag_matches("\"a\"", "\"a\""));
    assert_true(reply_etag_matches("\"b\", W/\"a\"", "\"a\""));
    assert_true(reply_etag_matches("*", "\"a\""));
    assert_false(reply_etag_matches("\"ab\"", "\"a\""));
    assert_false(reply_etag_matches("a", "\"a\""));
    assert_false(reply_etag_matches(NULL, "\"a\""));
    assert_false(reply_etag_matches("*", NULL));
    assert_false(reply_etag_matches("", "\"a\""));
}

static void test_gzip_is_taken_when_accepted(void **state)
{
    (void)state;
    assert_true(reply_takes_gzip("gzip"));
    assert_true(reply_takes_gzip("gzip, deflate, br"));
    assert_true(reply_takes_gzip("br;q=1.0, GZIP;q=0.8, *;q=0.1"));
    assert_false(reply_takes_gzip("gzip;q=0, deflate"));
    assert_false(reply_takes_gzip("gzip; q=0.000"));
    assert_false(reply_takes_gzip("xgzip"));
    assert_false(reply_takes_gzip(""));
    assert_false(reply_takes_gzip(NULL));
}

static void test_one_known_subprotocol_is_enough(void **state)
{
    (void)state;
    assert_true(handshake_offer_is_known("daywire.v1.json"));
    assert_true(handshake_offer_is_known("something.else , daywire.v1.proto"));
    assert_false(handshake_offer_is_known("daywire.v1"));
    assert_false(handshake_offer_is_known("(http)"));
    assert_false(handshake_offer_is_known("DAYWIRE.V1.JSON"));
    assert_false(handshake_offer_is_known("something.else"));
    assert_false(handshake_offer_is_known(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_etags_are_compared_weakly),
        cmocka_unit_test(test_gzip_is_taken_when_accepted),
        cmocka_unit_test(test_one_known_subprotocol_is_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
