/* SPDX-License-Identifier: Apache-2.0 */
/* What the API says about where a statement is. */
#include "unit.h"

#include <jansson.h>

#include "common/error.h"
#include "ingest/api/reply.h"

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

/* The member as JSON, or NULL. */
static char *member(GBytes *body, const char *name)
{
    json_t *object = json_loadb(g_bytes_get_data(body, NULL), g_bytes_get_size(body), 0, NULL);
    assert_non_null(object);
    char *text = json_dumps(json_object_get(object, name), JSON_ENCODE_ANY);
    char *copy = g_strdup(text);
    free(text);
    json_decref(object);
    return copy;
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
        {RESULT_SCHEDULED, 0, 202},
        {RESULT_CANCELLED, 0, 200},
        {RESULT_REFUSED, DAYWIRE_ERROR_INVALID, 400},
        {RESULT_REFUSED, DAYWIRE_ERROR_STALE, 412},
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

static Statement *make_scheduled(void)
{
    Statement *statement = make(0);
    statement->change = STATEMENT_CHANGE_UNSPECIFIED;
    statement->publish_at = instant_to_timestamp(INT64_C(1700000000) * INSTANT_SECOND);
    return statement;
}

static void assert_members(GBytes *body, const char *const *expected)
{
    for (; *expected; expected += 2) {
        g_autofree char *told = member(body, expected[0]);
        if (strcmp(told ? told : "(absent)", expected[1]) != 0)
            fail_msg("%s: %s", expected[0], told ? told : "(absent)");
    }
}

#define MEMBERS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void test_what_is_only_scheduled(void **state)
{
    g_auto(StoredStatement)
        stored = {.schedule = {.version = 17, .submission = {.statement = make_scheduled()}}};
    g_autoptr(GBytes) body = reply_stored(&stored);
    g_autoptr(GBytes) statement = NULL;
    g_autofree char *shown = member(body, "scheduled");
    g_autofree char *etag = reply_etag(stored.latest, stored.schedule.version);

    (void)state;
    assert_members(body,
                   MEMBERS("state", "\"scheduled\"", "topic", "null", "offset", "null", "statement", shown));
    statement = g_bytes_new(shown, strlen(shown));
    assert_members(statement, MEMBERS("publish_at", "\"2023-11-14T22:13:20Z\"", "revision", "0", "title",
                                      "\"The pier opens\""));
    assert_string_equal(etag, "\"0.17\"");
}

/* The published one is told as ever; what is to come stands beside it. */
static void test_published_and_scheduled(void **state)
{
    g_auto(StoredStatement)
        stored = {.latest = make(2),
                  .published = {.revision = 2, .topic = g_strdup("t"), .partition = 1, .offset = 42},
                  .schedule = {.version = 17, .submission = {.statement = make_scheduled()}}};
    g_autoptr(GBytes) body = reply_stored(&stored);
    g_autofree char *statement = member(body, "statement");
    g_autofree char *scheduled = member(body, "scheduled");
    g_autofree char *etag = reply_etag(stored.latest, stored.schedule.version);

    (void)state;
    assert_members(body, MEMBERS("state", "\"published\"", "offset", "42"));
    assert_non_null(strstr(statement, "\"revision\": 2"));
    assert_null(strstr(statement, "publish_at"));
    assert_non_null(strstr(scheduled, "publish_at"));
    assert_string_equal(etag, "\"2.17\"");
    g_autofree char *without = reply_etag(stored.latest, 0);
    assert_string_equal(without, "\"2\"");
    assert_null(reply_etag(NULL, 0));
}

static JobItem make_item(AcceptResult result, Statement *latest, Statement *scheduled)
{
    Statement *wish = make(0);
    return (JobItem){.submission = {.kind = SUBMISSION_PUT, .statement = wish},
                     .result = result,
                     .latest = latest,
                     .scheduled = scheduled,
                     .schedule_version = scheduled ? 17 : 0,
                     .published = {.revision = 1, .offset = -1, .partition = -1}};
}

static void item_free(JobItem *item)
{
    submission_clear(&item->submission);
    statement_free(item->latest);
    statement_free(item->scheduled);
    g_clear_error(&item->refusal);
}

static void test_answers(void **state)
{
    JobItem scheduled = make_item(RESULT_SCHEDULED, NULL, make_scheduled());
    g_autoptr(GBytes) scheduled_body = reply_item(&scheduled);
    JobItem beside = make_item(RESULT_SCHEDULED, make(2), make_scheduled());
    g_autoptr(GBytes) beside_body = reply_item(&beside);
    JobItem cancelled = make_item(RESULT_CANCELLED, NULL, NULL);
    g_autoptr(GBytes) cancelled_body = reply_item(&cancelled);
    JobItem left = make_item(RESULT_CANCELLED, make(2), NULL);
    g_autoptr(GBytes) left_body = reply_item(&left);

    (void)state;
    assert_members(scheduled_body, MEMBERS("id", "\"pier\"", "revision", "0", "result", "\"scheduled\"",
                                           "change", "null", "state", "\"scheduled\"", "topic", "null"));
    assert_members(beside_body, MEMBERS("revision", "2", "result", "\"scheduled\"", "change", "\"updated\"",
                                        "state", "\"stored\""));
    assert_members(cancelled_body, MEMBERS("revision", "0", "result", "\"cancelled\"", "state",
                                           "\"cancelled\"", "statement", "null", "scheduled", "(absent)"));
    assert_members(left_body, MEMBERS("revision", "2", "result", "\"cancelled\"", "state", "\"stored\"",
                                      "scheduled", "(absent)"));
    item_free(&scheduled);
    item_free(&beside);
    item_free(&cancelled);
    item_free(&left);
}

static void test_lines(void **state)
{
    g_autoptr(GString) text = g_string_new(NULL);
    JobItem scheduled = make_item(RESULT_SCHEDULED, NULL, make_scheduled());
    JobItem refused = make_item(RESULT_REFUSED, NULL, NULL);

    (void)state;
    refused.field = "expires_at";
    refused.refusal = g_error_new_literal(DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "expires_at: it has passed");
    reply_append_item_line(text, 3, &scheduled);
    reply_append_item_line(text, 4, &refused);
    assert_string_equal(
        text->str,
        "{\"line\":3,\"status\":202,\"id\":\"pier\",\"revision\":0,\"result\":\"scheduled\",\"state\":"
        "\"scheduled\"}\n"
        "{\"line\":4,\"status\":400,\"id\":\"pier\",\"field\":\"expires_at\",\"detail\":\"expires_at: it "
        "has passed\"}\n");
    item_free(&scheduled);
    item_free(&refused);
}

static void test_history(void **state)
{
    g_autoptr(GArray) revisions = g_array_new(FALSE, FALSE, sizeof(StoredRevision));
    StoredRevision newer = {.statement = make(5), .submitter = g_strdup("editor")};
    StoredRevision older = {.statement = make(4), .submitter = g_strdup("")};

    (void)state;
    newer.statement->updated_at = instant_to_timestamp(INT64_C(1700000000) * INSTANT_SECOND);
    g_array_set_clear_func(revisions, (GDestroyNotify)stored_revision_clear);
    g_array_append_val(revisions, newer);
    g_array_append_val(revisions, older);
    g_autoptr(GBytes) body = reply_history("pier", revisions);
    g_autofree char *text = g_strndup(g_bytes_get_data(body, NULL), g_bytes_get_size(body));
    assert_string_equal(
        text,
        "{\"id\":\"pier\",\"revisions\":[{\"revision\":5,\"change\":\"updated\",\"note\":null,\"at\":"
        "\"2023-11-14T22:13:20Z\",\"by\":\"editor\",\"title\":\"The pier opens\"},{\"revision\":4,\"change\":"
        "\"updated\",\"note\":null,\"at\":null,\"by\":null,\"title\":\"The pier opens\"}],\"next\":4}");
    g_autoptr(GBytes) one = reply_revision(&g_array_index(revisions, StoredRevision, 0));
    g_autofree char *whole = member(one, "statement");
    assert_non_null(strstr(whole, "\"date\": \"2021-07-23\""));

    g_array_set_size(revisions, 1);
    g_array_index(revisions, StoredRevision, 0).statement->revision = 1;
    g_autoptr(GBytes) last = reply_history("pier", revisions);
    assert_members(last, MEMBERS("next", "null"));
    g_array_set_size(revisions, 0);
    g_autoptr(GBytes) none = reply_history("pier", revisions);
    assert_members(none, MEMBERS("revisions", "[]", "next", "null"));
    g_autoptr(GBytes) republished = reply_republished(7);
    assert_members(republished, MEMBERS("statements", "7"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_place_is_that_of_the_revision),
        cmocka_unit_test(test_statuses),
        cmocka_unit_test(test_what_is_only_scheduled),
        cmocka_unit_test(test_published_and_scheduled),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_history),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
