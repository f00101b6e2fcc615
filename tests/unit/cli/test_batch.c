/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <jansson.h>

#include "cli/batch.h"
#include "cli/fake_ingest.h"
#include "common/error.h"

/* Decides by the title: "new", "old", "changed", "bad", "busy" (no room the first three times). */
typedef struct {
    unsigned busy;  /* how often "busy" was refused */
    GString *notes; /* one line a request: how many statements it had, and the bytes */
    bool mute;      /* leave the last line of each answer out */
    unsigned shift; /* of the line numbers */
} Script;

static const char *result_for(const char *title, Script *script)
{
    if (strcmp(title, "old") == 0)
        return "\"status\":200,\"result\":\"unchanged\"";
    if (strcmp(title, "changed") == 0)
        return "\"status\":200,\"result\":\"updated\"";
    if (strcmp(title, "odd") == 0)
        return "\"status\":302";
    if (strcmp(title, "bad") == 0)
        return "\"status\":400,\"field\":\"title\",\"detail\":\"title: a bad word\"";
    if (strcmp(title, "busy") == 0 && script->busy++ < 3)
        return "\"status\":503,\"detail\":\"the queue is full\"";
    return "\"status\":201,\"result\":\"created\"";
}

static int answer(const FakeRequest *request, GString *body, void *user)
{
    Script *script = user;
    if (strcmp(request->content_type, "application/x-ndjson") != 0)
        return 415;
    g_auto(GStrv) lines = g_strsplit(request->body, "\n", -1);
    unsigned count = g_strv_length(lines) - 1;
    g_string_append_printf(script->notes, "%u %d\n", count, strlen(request->body) <= BATCH_BYTES_MAX);
    for (unsigned i = 0; i < count; i++) {
        json_t *statement = json_loads(lines[i], 0, NULL);
        const char *title = json_string_value(json_object_get(statement, "title"));
        if (!script->mute || i + 1 < count)
            g_string_append_printf(body, "{\"line\":%u,%s}\n", i + 1 + script->shift,
                                   result_for(title, script));
        json_decref(statement);
    }
    return 200;
}

static void note_refused(unsigned line, const char *reason, void *user)
{
    g_string_append_printf(user, "%u: %s\n", line, reason);
}

static Statement *statement_with(const char *title, size_t body_size)
{
    Statement *statement = statement_new();
    message_set_string(&statement->title, title);
    message_set_string(&statement->date, "2021-07-23");
    g_autofree char *body = g_strnfill(body_size, 'x');
    message_set_string(&statement->body, body);
    return statement;
}

typedef struct {
    Script script;
    FakeIngest *fake;
    Client *client;
    GString *refused;
    Batch *batch;
} Fixture;

static int setup(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    fixture->script.notes = g_string_new(NULL);
    fixture->refused = g_string_new(NULL);
    fixture->fake = fake_ingest_start(answer, &fixture->script);
    ClientOptions options = {.server = fake_ingest_address(fixture->fake),
                             .token_file = fake_ingest_token_file(fixture->fake),
                             .back_off_ms = 1};
    fixture->client = client_new(&options, NULL);
    fixture->batch = batch_new(fixture->client, note_refused, fixture->refused);
    *state = fixture;
    return fixture->client ? 0 : -1;
}

static int teardown(void **state)
{
    Fixture *fixture = *state;
    batch_free(fixture->batch);
    client_free(fixture->client);
    fake_ingest_stop(fixture->fake);
    g_string_free(fixture->script.notes, TRUE);
    g_string_free(fixture->refused, TRUE);
    g_free(fixture);
    return 0;
}

static void add(Fixture *fixture, unsigned line, const char *title, size_t body_size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Statement) statement = statement_with(title, body_size);
    bool added = batch_add(fixture->batch, line, statement, &error);
    if (error)
        fail_msg("%s", error->message);
    assert_true(added);
}

static void flush(Fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    bool flushed = batch_flush(fixture->batch, &error);
    if (error)
        fail_msg("%s", error->message);
    assert_true(flushed);
}

static void results_are_counted(void **state)
{
    Fixture *fixture = *state;
    add(fixture, 1, "new", 0);
    add(fixture, 3, "bad", 0);
    add(fixture, 4, "old", 0);
    add(fixture, 7, "changed", 0);
    add(fixture, 9, "bad", 0);
    flush(fixture);
    flush(fixture); /* nothing is left to send */
    BatchTally tally = batch_tally(fixture->batch);
    assert_int_equal(tally.created, 1);
    assert_int_equal(tally.unchanged, 1);
    assert_int_equal(tally.updated, 1);
    assert_int_equal(tally.refused, 2);
    assert_string_equal(fixture->refused->str, "3: title: a bad word\n9: title: a bad word\n");
    assert_int_equal(fake_ingest_count(fixture->fake), 1);
}

static void requests_have_a_bounded_number_of_lines(void **state)
{
    Fixture *fixture = *state;
    for (unsigned i = 1; i <= 1200; i++)
        add(fixture, i, "new", 0);
    flush(fixture);
    assert_int_equal(batch_tally(fixture->batch).created, 1200);
    assert_string_equal(fixture->script.notes->str, "500 1\n500 1\n200 1\n");
}

static void requests_have_a_bounded_size(void **state)
{
    Fixture *fixture = *state;
    for (unsigned i = 1; i <= 5; i++)
        add(fixture, i, "new", 400000);
    flush(fixture);
    assert_int_equal(batch_tally(fixture->batch).created, 5);
    assert_string_equal(fixture->script.notes->str, "2 1\n2 1\n1 1\n");
}

static void only_what_found_no_room_is_sent_again(void **state)
{
    Fixture *fixture = *state;
    add(fixture, 1, "new", 0);
    add(fixture, 2, "busy", 0);
    add(fixture, 3, "bad", 0);
    add(fixture, 4, "busy", 0);
    flush(fixture);
    BatchTally tally = batch_tally(fixture->batch);
    assert_int_equal(tally.created, 3);
    assert_int_equal(tally.refused, 1);
    assert_string_equal(fixture->refused->str, "3: title: a bad word\n");
    /* Both are refused, then one of them, then none. */
    assert_string_equal(fixture->script.notes->str, "4 1\n2 1\n1 1\n");
}

static void a_missing_answer_is_an_error(void **state)
{
    Fixture *fixture = *state;
    fixture->script.mute = true;
    add(fixture, 1, "new", 0);
    add(fixture, 2, "new", 0);
    g_autoptr(GError) error = NULL;
    assert_false(batch_flush(fixture->batch, &error));
    assert_string_equal(
        error->message,
        "the server answered for 1 of 2 statements: is --server the address of daywire-ingest?");
}

static void an_answer_about_other_lines_is_an_error(void **state)
{
    Fixture *fixture = *state;
    fixture->script.shift = 1;
    add(fixture, 1, "new", 0);
    add(fixture, 2, "new", 0);
    g_autoptr(GError) error = NULL;
    assert_false(batch_flush(fixture->batch, &error));
    assert_string_equal(
        error->message,
        "the server answered for 0 of 2 statements: is --server the address of daywire-ingest?");
}

static void an_answer_that_says_nothing_is_an_error(void **state)
{
    Fixture *fixture = *state;
    add(fixture, 1, "new", 0);
    add(fixture, 2, "odd", 0);
    g_autoptr(GError) error = NULL;
    assert_false(batch_flush(fixture->batch, &error));
    assert_string_equal(
        error->message,
        "the server answered for 1 of 2 statements: is --server the address of daywire-ingest?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(results_are_counted, setup, teardown),
        cmocka_unit_test_setup_teardown(requests_have_a_bounded_number_of_lines, setup, teardown),
        cmocka_unit_test_setup_teardown(requests_have_a_bounded_size, setup, teardown),
        cmocka_unit_test_setup_teardown(only_what_found_no_room_is_sent_again, setup, teardown),
        cmocka_unit_test_setup_teardown(a_missing_answer_is_an_error, setup, teardown),
        cmocka_unit_test_setup_teardown(an_answer_that_says_nothing_is_an_error, setup, teardown),
        cmocka_unit_test_setup_teardown(an_answer_about_other_lines_is_an_error, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
