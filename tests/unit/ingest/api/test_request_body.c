/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "common/error.h"
#include "common/instant.h"
#include "ingest/api/request_body.h"

static void test_media_types(void **state)
{
    (void)state;
    assert_int_equal(media_type_parse("application/json"), MEDIA_JSON);
    assert_int_equal(media_type_parse("Application/JSON; charset=utf-8"), MEDIA_JSON);
    assert_int_equal(media_type_parse("application/x-ndjson"), MEDIA_NDJSON);
    assert_int_equal(media_type_parse("application/protobuf"), MEDIA_PROTOBUF);
    assert_int_equal(media_type_parse("application/x-protobuf ;a=b"), MEDIA_PROTOBUF);
    assert_int_equal(media_type_parse("application/jsonx"), MEDIA_UNKNOWN);
    assert_int_equal(media_type_parse("text/plain"), MEDIA_UNKNOWN);
    assert_int_equal(media_type_parse(""), MEDIA_UNKNOWN);
    assert_int_equal(media_type_parse(NULL), MEDIA_UNKNOWN);
}

static void assert_refused(MediaType type, const void *data, size_t size, const char *field, const char *part)
{
    g_autoptr(GBytes) body = g_bytes_new(data, size);
    g_autoptr(GError) error = NULL;
    g_autofree char *at_fault = NULL;

    assert_null(body_statement(type, body, &at_fault, &error));
    if (strstr(error->message, part) == NULL)
        fail_msg("'%s' is not in: %s", part, error->message);
    if (field != NULL)
        assert_string_equal(at_fault, field);
    else
        assert_null(at_fault);
}

#define REFUSED_JSON(text, field, part) assert_refused(MEDIA_JSON, text, sizeof(text) - 1, field, part)

static void test_bad_json(void **state)
{
    g_autofree char *deep = g_strnfill(1000000, '[');

    (void)state;
    REFUSED_JSON("", NULL, "empty");
    REFUSED_JSON("{\"title\":", NULL, "not valid JSON at line 1, column 10: unexpected end of data");
    REFUSED_JSON("{\n \"title\": nul}", NULL, "line 2");
    REFUSED_JSON("{} {}", NULL, "not valid JSON");
    REFUSED_JSON("[]", NULL, "object");
    REFUSED_JSON("{\"title\":\"a\",\"title\":\"b\",\"date\":\"2021-07-23\"}", NULL, "\"title\" comes twice");
    REFUSED_JSON("{\"title\":\"a\\u0000\",\"date\":\"2021-07-23\"}", NULL, "not valid JSON");
    REFUSED_JSON("{\"title\":\"\xff\",\"date\":\"2021-07-23\"}", NULL, "invalid UTF-8 encoding in string");
    REFUSED_JSON("{\"titel\":\"a\"}", "titel", "no such field");
    REFUSED_JSON("{\"date\":\"2021-07-23\"}", "title", "title");
    REFUSED_JSON("{\"title\":\"a\",\"date\":\"2021-02-30\"}", "date", "2021-02-30");
    REFUSED_JSON("{\"title\":\"a\",\"date\":\"2021-07-23\",\"publish_at\":\"2030-01-01\"}", "publish_at",
                 "date, time and offset");
    REFUSED_JSON("{\"title\":\"a\",\"date\":\"2021-07-23\",\"change\":\"corrected\"}", "note", "correction");
    assert_refused(MEDIA_JSON, deep, 1000000, NULL, "unexpected end of data");
}

static GBytes *packed(void (*change)(Statement *))
{
    g_autoptr(Statement) statement = statement_new();

    message_set_string(&statement->title, "The pier opens");
    message_set_string(&statement->date, "2021-07-23");
    statement->revision = 9;
    statement->updated_at = instant_to_timestamp(1);
    if (change != NULL)
        change(statement);
    return statement_pack(statement);
}

static void withdraw(Statement *statement)
{
    statement->status = STATEMENT_STATUS_WITHDRAWN;
}

static void remove_title(Statement *statement)
{
    message_set_string(&statement->title, NULL);
}

static void test_protobuf(void **state)
{
    g_autoptr(GBytes) good = packed(NULL);
    g_autoptr(GBytes) withdrawn = packed(withdraw);
    g_autoptr(GBytes) untitled = packed(remove_title);
    g_autoptr(GError) error = NULL;
    g_autofree char *field = NULL;
    g_autoptr(Statement) statement = body_statement(MEDIA_PROTOBUF, good, &field, &error);

    (void)state;
    assert_non_null(statement);
    assert_string_equal(statement->title, "The pier opens");
    assert_int_equal(statement->revision, 0);
    assert_null(statement->updated_at);
    assert_refused(MEDIA_PROTOBUF, g_bytes_get_data(withdrawn, NULL), g_bytes_get_size(withdrawn), "status",
                   "DELETE");
    assert_refused(MEDIA_PROTOBUF, g_bytes_get_data(untitled, NULL), g_bytes_get_size(untitled), "title",
                   "title");
    assert_refused(MEDIA_PROTOBUF, "\xff\xff", 2, NULL, "no daywire.v1.Statement message");
    /* Field 999, which nobody knows. */
    g_autoptr(GByteArray) unknown = g_byte_array_new();
    g_byte_array_append(unknown, g_bytes_get_data(good, NULL), (guint)g_bytes_get_size(good));
    g_byte_array_append(unknown, (const guint8 *)"\xb8\x3e\x01", 3);
    assert_refused(MEDIA_PROTOBUF, unknown->data, unknown->len, NULL, "field number 999");
    /* The same within published_at (18). */
    g_byte_array_set_size(unknown, (guint)g_bytes_get_size(good));
    g_byte_array_append(unknown, (const guint8 *)"\x92\x01\x05\x08\x05\xb8\x3e\x01", 8);
    assert_refused(MEDIA_PROTOBUF, unknown->data, unknown->len, "published_at", "field number 999");
    /* Would be stored without its second half. */
    g_byte_array_set_size(unknown, (guint)g_bytes_get_size(good));
    g_byte_array_append(unknown,
                        (const guint8 *)"\x3a\x03"
                                        "a\0b",
                        5);
    assert_refused(MEDIA_PROTOBUF, unknown->data, unknown->len, NULL, "summary: holds a NUL character");
}

static void assert_line(const Line *line, const char *title, const char *part)
{
    BodyLine read = body_line(line, 1048576);

    assert_int_equal(read.number, line->number);
    if (title != NULL) {
        assert_null(read.error);
        assert_string_equal(read.statement->title, title);
    } else {
        assert_null(read.statement);
        if (strstr(read.error->message, part) == NULL)
            fail_msg("'%s' is not in: %s", part, read.error->message);
    }
    body_line_clear(&read);
}

#define LINE(text_) (&(Line){.number = 7, .text = (text_), .length = strlen(text_)})

static void test_lines(void **state)
{
    (void)state;
    assert_line(LINE("{\"title\":\"One\",\"date\":\"2021-07-23\"}"), "One", NULL);
    assert_line(LINE("  {\"title\":\"One\",\"date\":\"2021-07-23\"}\r\r"), "One", NULL);
    assert_line(LINE("{\"date\":\"2021-07-23\"}"), NULL, "title: 1 to 1000 characters");
    assert_line(LINE("nonsense"), NULL, "not valid JSON at column 1: invalid literal");
    assert_line(LINE("{\"title\":\"\xff\",\"date\":\"2021-07-23\"}"), NULL,
                "invalid UTF-8 encoding in string");
    /* of a stream: the text does not end where the line does */
    assert_line(&(Line){.number = 1, .text = "{\"title\":\"One\",\"date\":\"2021-07-23\"}}}", .length = 35},
                "One", NULL);
    BodyLine read = body_line(LINE("{\"date\":\"2021-07-23\"}"), 4096);
    assert_string_equal(read.field, "title");
    body_line_clear(&read);
}

static void test_a_line_that_is_too_long(void **state)
{
    Line line = {.number = 3};
    BodyLine read = body_line(&line, 4096);

    (void)state;
    assert_true(g_error_matches(read.error, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE));
    assert_string_equal(read.error->message, "the line is longer than 4096 bytes");
    body_line_clear(&read);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_media_types),
        cmocka_unit_test(test_bad_json),
        cmocka_unit_test(test_protobuf),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_a_line_that_is_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
