/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "common/error.h"
#include "common/instant.h"
#include "ingest/request_body.h"

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
    REFUSED_JSON("{\"title\":", NULL, "line 1, column 9");
    REFUSED_JSON("{\n \"title\": nul}", NULL, "line 2");
    REFUSED_JSON("{} {}", NULL, "not valid JSON");
    REFUSED_JSON("[]", NULL, "object");
    REFUSED_JSON("{\"title\":\"a\",\"title\":\"b\",\"date\":\"2021-07-23\"}", NULL, "duplicate");
    REFUSED_JSON("{\"title\":\"a\\u0000\",\"date\":\"2021-07-23\"}", NULL, "not valid JSON");
    REFUSED_JSON("{\"title\":\"\xff\",\"date\":\"2021-07-23\"}", NULL, "not valid UTF-8");
    REFUSED_JSON("{\"titel\":\"a\"}", "titel", "no such field");
    REFUSED_JSON("{\"date\":\"2021-07-23\"}", "title", "title");
    REFUSED_JSON("{\"title\":\"a\",\"date\":\"2021-02-30\"}", "date", "2021-02-30");
    REFUSED_JSON("{\"title\":\"a\",\"date\":\"2021-07-23\",\"publish_at\":\"2030-01-01\"}", "publish_at",
                 "date, time and offset");
    REFUSED_JSON("{\"title\":\"a\",\"date\":\"2021-07-23\",\"change\":\"corrected\"}", "note", "correction");
    assert_refused(MEDIA_JSON, deep, 1000000, NULL, "depth");
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

static void assert_line(const GArray *lines, guint index, unsigned number, const char *title,
                        const char *part)
{
    const BodyLine *line = &g_array_index(lines, BodyLine, index);

    assert_int_equal(line->number, number);
    if (title != NULL) {
        assert_null(line->error);
        assert_string_equal(line->statement->title, title);
    } else {
        assert_null(line->statement);
        assert_non_null(strstr(line->error->message, part));
    }
}

static void test_lines(void **state)
{
    static const char text[] =
        "\n{\"title\":\"One\",\"date\":\"2021-07-23\"}\r\n \t\r\n{\"date\":\"2021-07-23\"}\n"
        "nonsense\n\n{\"title\":\"Two\",\"date\":\"2021-07-23\"}";
    g_autoptr(GBytes) body = g_bytes_new_static(text, sizeof text - 1);
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) lines = body_lines(body, &error);

    (void)state;
    assert_int_equal(lines->len, 4);
    assert_line(lines, 0, 2, "One", NULL);
    assert_line(lines, 1, 4, NULL, "title");
    assert_line(lines, 2, 5, NULL, "column");
    assert_line(lines, 3, 7, "Two", NULL);
    assert_string_equal(g_array_index(lines, BodyLine, 1).field, "title");
}

static void test_lines_are_bounded(void **state)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GError) error = NULL;

    (void)state;
    for (size_t i = 0; i <= BODY_LINE_MAX; i++)
        g_string_append_c(text, 'x');
    g_string_append(text, "\n{\"title\":\"One\",\"date\":\"2021-07-23\"}\n");
    g_autoptr(GBytes) long_line = g_bytes_new(text->str, text->len);
    g_autoptr(GArray) lines = body_lines(long_line, &error);
    assert_int_equal(lines->len, 2);
    assert_line(lines, 0, 1, NULL, "longer than 1048576 bytes");
    assert_true(
        g_error_matches(g_array_index(lines, BodyLine, 0).error, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE));
    assert_line(lines, 1, 2, "One", NULL);

    g_string_truncate(text, 0);
    for (unsigned i = 0; i <= BODY_LINES_MAX; i++)
        g_string_append(text, "{}\n");
    g_autoptr(GBytes) many = g_bytes_new(text->str, text->len);
    assert_null(body_lines(many, &error));
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_media_types),       cmocka_unit_test(test_bad_json),
        cmocka_unit_test(test_protobuf),          cmocka_unit_test(test_lines),
        cmocka_unit_test(test_lines_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
