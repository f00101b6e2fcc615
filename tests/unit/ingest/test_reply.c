/* SPDX-License-Identifier: Apache-2.0 */
/* What the API says about where a statement is. */
#include "unit.h"

#include <jansson.h>

#include "common/error.h"
#include "ingest/reply.h"

static Statement *make(uint32_t revision)
{
    Statement *statement = statement_new();
    message_set_string(&statement->id, "pier");
    message_set_string(&statement->title, "The pier opens");
    message_set_string(&statement->date, "2021-07-23");
    statement->status = STATEMENT_STATUS_USABLE;
    statement->change = revision == 1 ? STATEMENT_CHANGE_PUBLISHED : STATEMENT_CHANGE_UPDATED;
    statement->revision = revision;
    return statement;
}

static char *member(GBytes *body, const char *name)
{
    json_t *object = json_loadb(g_bytes_get_data(body, NULL), g_bytes_get_size(body), 0, NULL);
    assert_non_null(object);
    char *text = json_dumps(json_object_get(object, name), JSON_ENCODE_ANY);
    g_autofree char *copy = g_strdup(text);
    free(text);
    json_decref(object);
    return g_steal_pointer(&copy);
}

static void assert_state(uint32_t latest, uint32_t published, const char *state, const char *offset)
{
    g_auto(StoredStatement)
        stored = {.latest = make(latest),
                  .published = {.revision = published, .topic = g_strdup("t"), .partition = 1, .offset = 42}};
    g_autoptr(GBytes) body = reply_stored(&stored);
    g_autofree char *told_state = member(body, "state");
    g_autofree char *told_offset = member(body, "offset");
    g_autofree char *told_topic = member(body, "topic");
    assert_string_equal(told_state, state);
    assert_string_equal(told_offset, offset);
    assert_string_equal(told_topic, strcmp(offset, "null") == 0 ? "null" : "\"t\"");
}

static void test_the_place_is_that_of_the_revision(void **state)
{
    (void)state;
    assert_state(1, 0, "\"stored\"", "null");
    assert_state(1, 1, "\"published\"", "42");
    assert_state(2, 1, "\"stored\"", "null"); /* that is where revision 1 lies */
    assert_state(2, 2, "\"published\"", "42");
}

static void test_statuses(void **state)
{
    static const struct {
        AcceptResult result;
        DaywireErrorCode code;
        int status;
    } cases[] = {
        {RESULT_CREATED, 0, 201},
        {RESULT_UPDATED, 0, 200},
        {RESULT_UNCHANGED, 0, 200},
        {RESULT_WITHDRAWN, 0, 200},
        {RESULT_REFUSED, DAYWIRE_ERROR_NOT_FOUND, 404},
        {RESULT_REFUSED, DAYWIRE_ERROR_CONFLICT, 409},
        {RESULT_REFUSED, DAYWIRE_ERROR_DAMAGED, 500},
    };
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        JobItem item = {.result = cases[i].result};
        if (cases[i].result == RESULT_REFUSED)
            item.refusal = g_error_new_literal(DAYWIRE_ERROR, (int)cases[i].code, "why");
        assert_int_equal(reply_status(&item), cases[i].status);
        g_clear_error(&item.refusal);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_place_is_that_of_the_revision),
        cmocka_unit_test(test_statuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
