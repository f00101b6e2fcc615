/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <jansson.h>

#include "common/error.h"
#include "common/instant.h"
#include "common/statement_json.h"

static Statement *read_text(const char *text, char **ret_field, GError **error)
{
    g_autoptr(yyjson_doc) doc = json_read(text, strlen(text), 1, error);
    if (!doc)
        fail_msg("%s: %s", text, (*error)->message);
    return statement_from_json(yyjson_doc_get_root(doc), ret_field, error);
}

/* Another reader sees the same in it. */
static char *print(const Statement *statement)
{
    g_autoptr(yyjson_mut_doc) doc = json_new();
    char *text = json_write(statement_to_json(statement, doc), NULL);
    json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    g_autofree char *again = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    assert_string_equal(again, text);
    return text;
}

typedef struct {
    const char *input;
    const char *field; /* NULL: none */
    const char *message;
} BadInput;

static const BadInput bad_inputs[] = {
    {"[]", NULL, "a statement is a JSON object, this is an array"},
    {"\"title\"", NULL, "a statement is a JSON object, this is a string"},
    {"7", NULL, "a statement is a JSON object, this is a number"},
    {"null", NULL, "a statement is a JSON object, this is null"},
    {"{}", "title", "title: 1 to 1000 characters, this one has none"},
    {"{\"title\":null,\"date\":\"2021-07-23\"}", "title", "title: 1 to 1000 characters, this one has none"},
    {"{\"title\":\"A\"}", "date", "date: a statement needs this or published_at"},
    {"{\"titel\":\"A\",\"date\":\"2021-07-23\"}", "titel",
     "titel: no such field; a statement has id, revision, status, change, note, title, summary, body, "
     "body_type, "
     "language, url, source, kind, tags, author, place, date, published_at, updated_at, publish_at, "
     "expires_at"},
    {"{\"Title\":\"A\",\"date\":\"2021-07-23\"}", "Title",
     "Title: no such field; a statement has id, revision, status, change, note, title, summary, body, "
     "body_type, "
     "language, url, source, kind, tags, author, place, date, published_at, updated_at, publish_at, "
     "expires_at"},
    {"{\"a\\u0007\\nb\":1}", "a??b",
     "a??b: no such field; a statement has id, revision, status, change, note, title, summary, body, "
     "body_type, "
     "language, url, source, kind, tags, author, place, date, published_at, updated_at, publish_at, "
     "expires_at"},
    {"{\"title\":5,\"date\":\"2021-07-23\"}", "title", "title: a string, this one is a number"},
    {"{\"title\":{\"en\":\"A\"},\"date\":\"2021-07-23\"}", "title", "title: a string, this one is an object"},
    {"{\"title\":\"A\",\"date\":20210723}", "date", "date: a string, this one is a number"},
    {"{\"title\":\"A\",\"date\":\"2021-13-01\"}", "date",
     "date: a day of the calendar as YYYY-MM-DD, this one is \"2021-13-01\""},
    {"{\"title\":\"A\",\"date\":\"2021-07-23\",\"tags\":\"x\"}", "tags",
     "tags: an array of strings, this one is a string"},
    {"{\"title\":\"A\",\"date\":\"2021-07-23\",\"tags\":[\"x\",true]}", "tags",
     "tags: an array of strings, number 2 is true"},
    {"{\"title\":\"A\",\"published_at\":\"2021-07-23T12:00:00\"}", "published_at",
     "published_at: date, time and offset as in 2021-07-23T12:00:00+01:00, this one is "
     "\"2021-07-23T12:00:00\""},
    {"{\"title\":\"A\",\"published_at\":\"2021-02-30T12:00:00Z\"}", "published_at",
     "published_at: date, time and offset as in 2021-07-23T12:00:00+01:00, this one is "
     "\"2021-02-30T12:00:00Z\""},
    {"{\"title\":\"A\",\"published_at\":1627038000}", "published_at",
     "published_at: a string, this one is a number"},
    {"{\"title\":\"A\",\"date\":\"2021-07-23\",\"status\":\"withdrawn\"}", "status",
     "status: a withdrawn statement cannot be submitted; withdraw the one with this id by DELETE "
     "/v1/statements/{id} or `daywire withdraw`"},
    {"{\"title\":\"A\",\"date\":\"2021-07-23\",\"status\":\"draft\"}", "status",
     "status: usable, this one is \"draft\""},
    {"{\"title\":\"A\",\"date\":\"2021-07-23\",\"change\":\"fixed\"}", "change",
     "change: published, updated or corrected, this one is \"fixed\""},
    {"{\"title\":\"A\",\"date\":\"2021-07-23\",\"change\":\"withdrawn\",\"note\":\"x\"}", "change",
     "change: published, updated or corrected"},
    {"{\"title\":\"A\",\"date\":\"2021-07-23\",\"change\":\"corrected\"}", "note",
     "note: a correction needs one: the public sentence of what was wrong and what is right"},
    {"{\"title\":\"A\",\"date\":\"2021-07-23\",\"body_type\":\"text/markdown\"}", "body_type",
     "body_type: text/plain or text/html, this one is \"text/markdown\""},
    {"{\"title\":\"A\",\"date\":\"2021-07-23\",\"revision\":\"1\"}", "revision",
     "revision: a whole number; it is set by Daywire and may be left out"},
    {"{\"title\":\"A\",\"date\":\"2021-07-23\",\"revision\":-1}", "revision",
     "revision: a whole number; it is set by Daywire and may be left out"},
    {"{\"title\":\"A\",\"date\":\"2021-07-23\",\"revision\":1.0}", "revision",
     "revision: a whole number; it is set by Daywire and may be left out"},
    {"{\"title\":\"A\",\"date\":\"2021-07-23\",\"revision\":18446744073709551615}", "revision",
     "revision: a whole number; it is set by Daywire and may be left out"},
    {"{\"title\":\"A\",\"date\":\"2021-07-23\",\"updated_at\":\"yesterday\"}", "updated_at",
     "updated_at: date, time and offset as in 2021-07-23T12:00:00+01:00, this one is \"yesterday\""},
    {"{\"title\":\"A\",\"date\":\"2021-07-23\",\"publish_at\":\"noon\"}", "publish_at",
     "publish_at: date, time and offset as in 2021-07-23T12:00:00+01:00, this one is \"noon\""},
    {"{\"title\":\"A\",\"date\":\"2021-07-23\",\"expires_at\":1}", "expires_at",
     "expires_at: a string, this one is a number"},
    {"{\"title\":\"A\",\"publish_at\":\"2021-07-23T12:00:00Z\",\"expires_at\":\"2021-07-23T12:00:00Z\"}",
     "expires_at", "expires_at: later than publish_at"},
};

static void bad_input_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(bad_inputs); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *field = NULL;
        assert_null(read_text(bad_inputs[i].input, &field, &error));
        assert_string_equal(error->message, bad_inputs[i].message);
        assert_true(error->domain == DAYWIRE_ERROR);
        if (bad_inputs[i].field)
            assert_string_equal(field, bad_inputs[i].field);
        else
            assert_null(field);
    }
}

static void what_is_sent_is_shown_shortened(void **state)
{
    (void)state;
    g_autofree char *name = g_strnfill(5000, 'x');
    g_autofree char *text = g_strdup_printf("{\"%s\":1}", name);
    g_autoptr(GError) error = NULL;
    g_autofree char *field = NULL;
    assert_null(read_text(text, &field, &error));
    assert_int_equal(strlen(field), 63);
    assert_true(strlen(error->message) < 300);
}

#define FULL                                                                                                 \
    "{\"id\":\"harbour-1\",\"revision\":3,\"status\":\"usable\",\"change\":\"corrected\","                   \
    "\"note\":\"The opening is at nine.\",\"title\":\"The harbour opens\",\"summary\":\"In short.\","        \
    "\"body\":\"One.\\n\\nTwo.\",\"body_type\":\"text/plain\",\"language\":\"en\","                          \
    "\"url\":\"https://example.org/1\",\"source\":\"press-office\",\"kind\":\"comment\","                    \
    "\"tags\":[\"harbour\",\"weather\"],\"author\":\"A. "                                                    \
    "Writer\",\"place\":\"Oslo\",\"date\":\"2021-07-23\","                                                   \
    "\"published_at\":\"2021-07-23T12:00:00+01:00\",\"updated_at\":\"2021-07-23T11:00:00.250Z\"}"

/* What is printed can be read again; what Daywire sets is left out then. */
static void a_full_statement_goes_round(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *field = NULL;
    g_autoptr(Statement) statement = read_text(FULL, &field, &error);
    assert_null(error);
    assert_null(field);
    assert_int_equal(statement->revision, 0);
    assert_null(statement->updated_at);
    assert_int_equal(statement->published_at->seconds, 1627038000);
    assert_int_equal(statement->published_at_offset_minutes, 60);
    statement->revision = 3;
    statement->updated_at = instant_to_timestamp(INT64_C(1627038000250000));
    g_autofree char *text = print(statement);
    assert_string_equal(text, FULL);
}

static void what_is_absent_is_null(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *field = NULL;
    g_autoptr(Statement) statement =
        read_text("{\"title\":\"A\",\"date\":\"2021-07-23\",\"body\":null,\"tags\":null,\"status\":null,"
                  "\"revision\":null,\"published_at\":null}",
                  &field, &error);
    assert_null(error);
    g_autofree char *text = print(statement);
    assert_string_equal(
        text, "{\"id\":null,\"revision\":0,\"status\":\"usable\",\"change\":null,\"note\":null,"
              "\"title\":\"A\",\"summary\":null,\"body\":null,\"body_type\":null,\"language\":null,"
              "\"url\":null,\"source\":null,\"kind\":null,\"tags\":[],\"author\":null,\"place\":null,"
              "\"date\":\"2021-07-23\",\"published_at\":null,\"updated_at\":null}");
}

/* Unlike other fields they are not there when they are not set. */
static void a_schedule_is_shown_when_there_is_one(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *field = NULL;
    g_autoptr(Statement) statement =
        read_text("{\"title\":\"A\",\"publish_at\":\"2021-07-23T23:30:00.5-01:00\","
                  "\"expires_at\":\"2021-08-01T00:00:00+02:00\"}",
                  &field, &error);
    assert_null(error);
    g_autofree char *text = print(statement);
    const char *end = strstr(text, "\"date\"");
    /* The offset of the schedule is that of what follows from it. */
    assert_string_equal(end, "\"date\":\"2021-07-23\",\"published_at\":\"2021-07-23T23:30:00.500-01:00\","
                             "\"updated_at\":null,\"publish_at\":\"2021-07-24T00:30:00.500Z\","
                             "\"expires_at\":\"2021-07-31T22:00:00Z\"}");

    g_autoptr(Statement) told =
        read_text("{\"title\":\"A\",\"date\":\"2021-07-23\",\"published_at\":\"2021-07-23T12:00:00+01:00\","
                  "\"publish_at\":\"2021-07-23T13:00:00+03:00\"}",
                  &field, &error);
    assert_int_equal(told->published_at_offset_minutes, 60);
}

static void a_withdrawn_statement_shows_no_text(void **state)
{
    (void)state;
    g_autoptr(Statement) statement = statement_new();
    message_set_string(&statement->id, "harbour-1");
    statement->revision = 4;
    statement->status = STATEMENT_STATUS_WITHDRAWN;
    statement->change = STATEMENT_CHANGE_WITHDRAWN;
    message_set_string(&statement->note, "Given out by mistake.");
    message_set_string(&statement->title, "Secret");
    message_set_string(&statement->summary, "Secret");
    message_set_string(&statement->body, "Secret");
    statement->body_type = BODY_TYPE_HTML;
    statement_add_tag(statement, "harbour");
    g_autofree char *text = print(statement);
    assert_string_equal(
        text,
        "{\"id\":\"harbour-1\",\"revision\":4,\"status\":\"withdrawn\",\"change\":\"withdrawn\","
        "\"note\":\"Given out by mistake.\",\"title\":null,\"summary\":null,\"body\":null,\"body_type\":null,"
        "\"language\":null,\"url\":null,\"source\":null,\"kind\":null,\"tags\":[\"harbour\"],\"author\":null,"
        "\"place\":null,\"date\":null,\"published_at\":null,\"updated_at\":null}");
}

static void html_and_numbers_from_newer_versions_are_printed(void **state)
{
    (void)state;
    g_autoptr(Statement) statement = statement_new();
    message_set_string(&statement->body, "<p>A</p>");
    statement->body_type = BODY_TYPE_HTML;
    statement->change = 77;
    g_autofree char *text = print(statement);
    json_t *object = json_loads(text, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(object, "body_type")), "text/html");
    assert_true(json_is_null(json_object_get(object, "change")));
    json_decref(object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_input_is_refused),
        cmocka_unit_test(what_is_sent_is_shown_shortened),
        cmocka_unit_test(a_full_statement_goes_round),
        cmocka_unit_test(what_is_absent_is_null),
        cmocka_unit_test(a_schedule_is_shown_when_there_is_one),
        cmocka_unit_test(a_withdrawn_statement_shows_no_text),
        cmocka_unit_test(html_and_numbers_from_newer_versions_are_printed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
