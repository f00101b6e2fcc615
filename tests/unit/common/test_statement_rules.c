/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "common/error.h"
#include "common/instant.h"
#include "common/statement_rules.h"

static Statement *sound_statement(void)
{
    Statement *statement = statement_new();
    message_set_string(&statement->title, "The harbour opens");
    message_set_string(&statement->date, "2021-07-23");
    return statement;
}

typedef struct {
    const char *name;
    size_t offset; /* of the char * that is set */
    const char *value;
    size_t repeat; /* the value so many times; 0: once */
    int code;
    const char *message;
} BadText;

#define AT(name_) #name_, offsetof(Statement, name_)

static const BadText bad_texts[] = {
    {AT(title), "", 0, DAYWIRE_ERROR_INVALID, "title: 1 to 1000 characters, this one has none"},
    {AT(title), " \t\u00a0\u3000\n", 0, DAYWIRE_ERROR_INVALID,
     "title: 1 to 1000 characters, this one has none"},
    {AT(title), "x", 1204, DAYWIRE_ERROR_TOO_LARGE, "title: 1 to 1000 characters, this one has 1204"},
    {AT(title), "ж", 1001, DAYWIRE_ERROR_TOO_LARGE, "title: 1 to 1000 characters, this one has 1001"},
    {AT(title), "ab\ncd", 0, DAYWIRE_ERROR_INVALID,
     "title: no control characters, this one has U+000A as character 3"},
    {AT(title), "ab\tcd", 0, DAYWIRE_ERROR_INVALID,
     "title: no control characters, this one has U+0009 as character 3"},
    {AT(title), "жж\x07", 0, DAYWIRE_ERROR_INVALID,
     "title: no control characters, this one has U+0007 as character 3"},
    {AT(title), "a\x7f", 0, DAYWIRE_ERROR_INVALID,
     "title: no control characters, this one has U+007F as character 2"},
    {AT(title),
     "a\xc2\x85"
     "b",
     0, DAYWIRE_ERROR_INVALID, "title: no control characters, this one has U+0085 as character 2"},
    {AT(title), "ab\xff", 0, DAYWIRE_ERROR_INVALID, "title: not valid UTF-8 at byte 3"},
    {AT(title), "a\xed\xa0\x80", 0, DAYWIRE_ERROR_INVALID, "title: not valid UTF-8 at byte 2"},
    {AT(summary), "x", 10001, DAYWIRE_ERROR_TOO_LARGE,
     "summary: at most 10000 characters, this one has 10001"},
    {AT(summary), "a\rb", 0, DAYWIRE_ERROR_INVALID,
     "summary: no control characters, this one has U+000D as character 2"},
    {AT(body), "x", 524289, DAYWIRE_ERROR_TOO_LARGE, "body: at most 524288 bytes, this one has 524289"},
    {AT(body), "ж", 262145, DAYWIRE_ERROR_TOO_LARGE, "body: at most 524288 bytes, this one has 524290"},
    {AT(body), "a\x1b[31m", 0, DAYWIRE_ERROR_INVALID,
     "body: no control characters, this one has U+001B as character 2"},
    {AT(note), "x", 2001, DAYWIRE_ERROR_TOO_LARGE, "note: at most 2000 characters, this one has 2001"},
    {AT(id), "a b", 0, DAYWIRE_ERROR_INVALID,
     "id: 1 to 200 characters of A-Z a-z 0-9 . _ ~ -, but not . or .. alone"},
    {AT(id), "..", 0, DAYWIRE_ERROR_INVALID,
     "id: 1 to 200 characters of A-Z a-z 0-9 . _ ~ -, but not . or .. alone"},
    {AT(id), "a/b", 0, DAYWIRE_ERROR_INVALID,
     "id: 1 to 200 characters of A-Z a-z 0-9 . _ ~ -, but not . or .. alone"},
    {AT(id), "é", 0, DAYWIRE_ERROR_INVALID,
     "id: 1 to 200 characters of A-Z a-z 0-9 . _ ~ -, but not . or .. alone"},
    {AT(id), "x", 201, DAYWIRE_ERROR_TOO_LARGE, "id: at most 200 characters, this one has 201"},
    {AT(source), "x", 201, DAYWIRE_ERROR_TOO_LARGE, "source: at most 200 characters, this one has 201"},
    {AT(kind), "x", 201, DAYWIRE_ERROR_TOO_LARGE, "kind: at most 200 characters, this one has 201"},
    {AT(author), "x", 201, DAYWIRE_ERROR_TOO_LARGE, "author: at most 200 characters, this one has 201"},
    {AT(place), "x", 201, DAYWIRE_ERROR_TOO_LARGE, "place: at most 200 characters, this one has 201"},
    {AT(language), "english", 0, DAYWIRE_ERROR_INVALID,
     "language: a BCP 47 tag such as en or pt-BR, this one is \"english\""},
    {AT(language), "en_GB", 0, DAYWIRE_ERROR_INVALID,
     "language: a BCP 47 tag such as en or pt-BR, this one is \"en_GB\""},
    {AT(language), "en-", 0, DAYWIRE_ERROR_INVALID,
     "language: a BCP 47 tag such as en or pt-BR, this one is \"en-\""},
    {AT(language), "en-x", 0, DAYWIRE_ERROR_INVALID,
     "language: a BCP 47 tag such as en or pt-BR, this one is \"en-x\""},
    {AT(language), "e", 0, DAYWIRE_ERROR_INVALID,
     "language: a BCP 47 tag such as en or pt-BR, this one is \"e\""},
    {AT(language), "e1", 0, DAYWIRE_ERROR_INVALID,
     "language: a BCP 47 tag such as en or pt-BR, this one is \"e1\""},
    {AT(language), "en-abcdefghi", 0, DAYWIRE_ERROR_INVALID,
     "language: a BCP 47 tag such as en or pt-BR, this one is \"en-abcdefghi\""},
    {AT(language), "x", 36, DAYWIRE_ERROR_TOO_LARGE, "language: at most 35 characters, this one has 36"},
    {AT(url), "x", 2001, DAYWIRE_ERROR_TOO_LARGE, "url: at most 2000 characters, this one has 2001"},
    {AT(url), "https://user:secret@example.org/", 0, DAYWIRE_ERROR_INVALID,
     "url: no user name or password in the address"},
    {AT(date), "2021-02-30", 0, DAYWIRE_ERROR_INVALID,
     "date: a day of the calendar as YYYY-MM-DD, this one is \"2021-02-30\""},
    {AT(date), "0000-01-01", 0, DAYWIRE_ERROR_INVALID,
     "date: a day of the calendar as YYYY-MM-DD, this one is \"0000-01-01\""},
    {AT(date), "23.07.2021", 0, DAYWIRE_ERROR_INVALID,
     "date: a day of the calendar as YYYY-MM-DD, this one is \"23.07.2021\""},
    {AT(date), "10000-01-01", 0, DAYWIRE_ERROR_INVALID,
     "date: a day of the calendar as YYYY-MM-DD, this one is \"10000-01-01\""},
    {AT(date), "", 0, DAYWIRE_ERROR_INVALID, "date: a statement needs this or published_at"},
};

static void check_refused(Statement *statement, int code, const char *field, const char *message)
{
    g_autoptr(GError) error = NULL;
    const char *at = NULL;
    assert_false(statement_validate(statement, &at, &error));
    assert_string_equal(error->message, message);
    assert_string_equal(at, field);
    assert_true(g_error_matches(error, DAYWIRE_ERROR, code));
}

static void bad_texts_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(bad_texts); i++) {
        const BadText *bad = &bad_texts[i];
        g_autoptr(GString) value = g_string_new(NULL);
        for (size_t k = 0; k < MAX(bad->repeat, 1); k++)
            g_string_append(value, bad->value);
        g_autoptr(Statement) statement = sound_statement();
        message_set_string(G_STRUCT_MEMBER_P(statement, bad->offset), value->str);
        check_refused(statement, bad->code, bad->name, bad->message);
    }
}

static void bad_addresses_are_refused(void **state)
{
    (void)state;
    static const char *const urls[] = {
        "javascript:alert(1)",
        "ftp://example.org/x",
        "example.org",
        "//example.org/x",
        "https://",
        "http:///x",
        "https:example.org",
        "https://example .org",
        "data:text/html,x",
        "https://example.org/a b",
        "https://example.org/\"x",
        "https://example.org/<x>",
        "https://example.org\\x",
        "https://example.org:99999/",
        "https://[::1",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(urls); i++) {
        g_autoptr(Statement) statement = sound_statement();
        message_set_string(&statement->url, urls[i]);
        check_refused(
            statement, DAYWIRE_ERROR_INVALID, "url",
            "url: a full address that begins with http:// or https://, without spaces or quotation marks");
    }
}

static void bad_tags_are_refused(void **state)
{
    (void)state;
    g_autoptr(Statement) twice = sound_statement();
    statement_add_tag(twice, "harbour");
    statement_add_tag(twice, "weather");
    statement_add_tag(twice, " harbour ");
    check_refused(twice, DAYWIRE_ERROR_INVALID, "tags", "tags: none twice, \"harbour\" is there again");

    g_autoptr(Statement) blank = sound_statement();
    statement_add_tag(blank, "harbour");
    statement_add_tag(blank, " ");
    check_refused(blank, DAYWIRE_ERROR_INVALID, "tags", "tags: 1 to 200 characters each, number 2 has 0");

    g_autoptr(Statement) many = sound_statement();
    for (int i = 0; i < 33; i++) {
        g_autofree char *tag = g_strdup_printf("tag-%d", i);
        statement_add_tag(many, tag);
    }
    check_refused(many, DAYWIRE_ERROR_TOO_LARGE, "tags", "tags: at most 32, there are 33");
}

static void enums_are_checked(void **state)
{
    (void)state;
    g_autoptr(Statement) body = sound_statement();
    message_set_string(&body->body, "<p>Text</p>");
    body->body_type = 7; /* proto3 lets any number through */
    check_refused(body, DAYWIRE_ERROR_INVALID, "body_type", "body_type: text/plain or text/html");

    g_autoptr(Statement) statement = sound_statement();
    statement->status = 7;
    check_refused(statement, DAYWIRE_ERROR_INVALID, "status", "status: usable or withdrawn");
    statement->status = STATEMENT_STATUS_USABLE;
    statement->change = 7;
    check_refused(statement, DAYWIRE_ERROR_INVALID, "change", "change: published, updated or corrected");
    statement->change = STATEMENT_CHANGE_WITHDRAWN;
    check_refused(statement, DAYWIRE_ERROR_INVALID, "change", "change: published, updated or corrected");
    statement->change = STATEMENT_CHANGE_CORRECTED;
    message_set_string(&statement->note, "  ");
    check_refused(statement, DAYWIRE_ERROR_INVALID, "note",
                  "note: a correction needs one: the public sentence of what was wrong and what is right");
}

static void instants_are_checked(void **state)
{
    (void)state;
    g_autoptr(Statement) statement = sound_statement();
    message_set_string(&statement->date, NULL);
    statement->published_at = instant_to_timestamp(0);
    statement->published_at->seconds = INT64_C(253402300800); /* 10000-01-01T00:00:00Z */
    check_refused(statement, DAYWIRE_ERROR_INVALID, "published_at",
                  "published_at: an instant in the years 0001 to 9999");
    statement->published_at->seconds = INT64_C(253402300799);
    statement->published_at_offset_minutes = 60; /* there, the next year has begun */
    check_refused(statement, DAYWIRE_ERROR_INVALID, "published_at",
                  "published_at: an instant in the years 0001 to 9999");
    statement->published_at->seconds = 0;
    statement->published_at->nanos = 1000000000;
    check_refused(statement, DAYWIRE_ERROR_INVALID, "published_at",
                  "published_at: an instant in the years 0001 to 9999");
    statement->published_at->nanos = 0;
    statement->published_at_offset_minutes = 1440;
    check_refused(statement, DAYWIRE_ERROR_INVALID, "published_at",
                  "published_at: an offset from -23:59 to +23:59");
}

static void check_sound(Statement *statement)
{
    const char *field = "untouched";
    g_autoptr(GError) error = NULL;
    bool valid = statement_validate(statement, &field, &error);
    if (error)
        print_message("%s\n", error->message);
    assert_true(valid);
    assert_string_equal(field, "untouched");
}

static void what_follows_is_completed(void **state)
{
    (void)state;
    g_autoptr(Statement) statement = statement_new();
    message_set_string(&statement->title, "\u00a0 The harbour\u2009opens \n");
    message_set_string(&statement->body, "One.\r\n\r\nTwo.\r\n");
    message_set_string(&statement->language, "PT-latn-br");
    statement_add_tag(statement, " harbour ");
    /* 23:30 on the 31st in UTC is the 1st two hours further east. */
    statement->published_at = instant_to_timestamp(INT64_C(1609457400) * INSTANT_SECOND);
    statement->published_at_offset_minutes = 120;
    check_sound(statement);
    assert_string_equal(statement->title, "The harbour\u2009opens");
    assert_string_equal(statement->body, "One.\n\nTwo.");
    assert_int_equal(statement->body_type, BODY_TYPE_PLAIN);
    assert_int_equal(statement->status, STATEMENT_STATUS_USABLE);
    assert_int_equal(statement->change, STATEMENT_CHANGE_UNSPECIFIED);
    assert_string_equal(statement->language, "pt-Latn-BR");
    assert_string_equal(statement->tags[0], "harbour");
    assert_string_equal(statement->date, "2021-01-01");

    statement->body_type = BODY_TYPE_HTML; /* reduced elsewhere */
    check_sound(statement);
    assert_int_equal(statement->body_type, BODY_TYPE_HTML);

    message_set_string(&statement->body, " \n ");
    check_sound(statement);
    assert_string_equal(statement->body, "");
    assert_int_equal(statement->body_type, BODY_TYPE_UNSPECIFIED);
}

/* Each in a statement that is sound besides; seconds since 1970, INT64_MIN: absent. */
static const struct {
    int64_t publish_at;
    int64_t expires_at;
    int32_t nanos; /* of both */
    bool withdrawn;
    const char *field;
    const char *message;
} bad_schedules[] = {
    {INT64_C(253402300800), INT64_MIN, 0, false, "publish_at",
     "publish_at: an instant in the years 0001 to 9999"},
    {INT64_C(-62135596801), INT64_MIN, 0, false, "publish_at",
     "publish_at: an instant in the years 0001 to 9999"},
    {0, INT64_MIN, -1, false, "publish_at", "publish_at: an instant in the years 0001 to 9999"},
    {INT64_MIN, INT64_C(253402300800), 0, false, "expires_at",
     "expires_at: an instant in the years 0001 to 9999"},
    {INT64_MIN, 0, 1000000000, false, "expires_at", "expires_at: an instant in the years 0001 to 9999"},
    {100, 100, 0, false, "expires_at", "expires_at: later than publish_at"},
    {100, 99, 0, false, "expires_at", "expires_at: later than publish_at"},
    {100, 99, 999999999, false, "expires_at", "expires_at: later than publish_at"},
    {100, INT64_MIN, 0, true, "publish_at", "publish_at: a withdrawn statement has none"},
    {INT64_MIN, 100, 0, true, "expires_at", "expires_at: a withdrawn statement has none"},
};

static Google__Protobuf__Timestamp *make_instant(int64_t seconds, int32_t nanos)
{
    if (seconds == INT64_MIN)
        return NULL;
    Google__Protobuf__Timestamp *at = instant_to_timestamp(0);
    at->seconds = seconds;
    at->nanos = nanos;
    return at;
}

static void bad_schedules_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(bad_schedules); i++) {
        g_autoptr(Statement) statement = sound_statement();
        statement->publish_at = make_instant(bad_schedules[i].publish_at, bad_schedules[i].nanos);
        statement->expires_at = make_instant(bad_schedules[i].expires_at, bad_schedules[i].nanos);
        if (bad_schedules[i].withdrawn) {
            statement->status = STATEMENT_STATUS_WITHDRAWN;
            message_set_string(&statement->id, "harbour-1");
            message_set_string(&statement->note, "Gone.");
            message_set_string(&statement->title, NULL);
        }
        check_refused(statement, DAYWIRE_ERROR_INVALID, bad_schedules[i].field, bad_schedules[i].message);
    }
}

/* What is scheduled and says nothing else of its date is dated by its schedule; what says something keeps it. */
static void a_schedule_completes_the_date(void **state)
{
    (void)state;
    const int64_t at = 1609457400; /* 2020-12-31T23:30:00Z */
    g_autoptr(Statement) statement = sound_statement();
    message_set_string(&statement->date, NULL);
    statement->publish_at = make_instant(at, 0);
    statement->published_at_offset_minutes = 60;
    check_sound(statement);
    assert_int_equal(statement->published_at->seconds, at);
    assert_int_equal(statement->published_at_offset_minutes, 60);
    assert_string_equal(statement->date, "2021-01-01");

    g_autoptr(Statement) dated = sound_statement();
    dated->publish_at = make_instant(at, 0);
    check_sound(dated);
    assert_null(dated->published_at);
    assert_string_equal(dated->date, "2021-07-23");

    g_autoptr(Statement) told = sound_statement();
    message_set_string(&told->date, NULL);
    told->publish_at = make_instant(at, 0);
    told->published_at = make_instant(0, 0);
    check_sound(told);
    assert_int_equal(told->published_at->seconds, 0);
    assert_string_equal(told->date, "1970-01-01");

    g_autoptr(Statement) expiring = sound_statement();
    expiring->publish_at = make_instant(100, 0);
    expiring->expires_at = make_instant(100, 1000);
    check_sound(expiring);
}

static void a_date_before_1970_is_found(void **state)
{
    (void)state;
    g_autoptr(Statement) statement = sound_statement();
    message_set_string(&statement->date, NULL);
    statement->published_at = instant_to_timestamp(-INSTANT_SECOND);
    check_sound(statement);
    assert_string_equal(statement->date, "1969-12-31");
}

static void the_largest_pass(void **state)
{
    (void)state;
    g_autoptr(Statement) statement = sound_statement();
    g_autofree char *title = g_strnfill(1000, 'x');
    g_autofree char *body = g_strnfill(524288, 'x');
    g_autofree char *id = g_strnfill(200, 'x');
    message_set_string(&statement->title, title);
    message_set_string(&statement->body, body);
    message_set_string(&statement->id, id);
    message_set_string(&statement->date, "9999-12-31");
    message_set_string(&statement->url, "https://example.org:8443/a/b?c=d&e=%20f#g");
    for (int i = 0; i < 32; i++) {
        g_autofree char *tag = g_strdup_printf("tag %d", i);
        statement_add_tag(statement, tag);
    }
    check_sound(statement);
}

static void languages_pass(void **state)
{
    (void)state;
    static const char *const tags[][2] = {
        {"en", "en"},
        {"RU", "ru"},
        {"zh-hant-tw", "zh-Hant-TW"},
        {"es-419", "es-419"},
        {"sl-rozaj-biske", "sl-rozaj-biske"},
        {"de-CH-1901", "de-CH-1901"},
        {"en-a-bbb-x-a-ccc", "en-a-bbb-x-a-ccc"},
        {"yue", "yue"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(tags); i++) {
        g_autoptr(Statement) statement = sound_statement();
        message_set_string(&statement->language, tags[i][0]);
        check_sound(statement);
        assert_string_equal(statement->language, tags[i][1]);
    }
}

static void a_withdrawal_has_its_own_rules(void **state)
{
    (void)state;
    g_autoptr(Statement) statement = statement_new();
    statement->status = STATEMENT_STATUS_WITHDRAWN;
    check_refused(statement, DAYWIRE_ERROR_INVALID, "id",
                  "id: 1 to 200 characters of A-Z a-z 0-9 . _ ~ -, but not . or .. alone");
    message_set_string(&statement->id, "harbour-1");
    check_refused(statement, DAYWIRE_ERROR_INVALID, "note",
                  "note: a withdrawal needs one: the reason, shown in place of the text");
    message_set_string(&statement->note, "Given out by mistake.");
    check_sound(statement);
    assert_int_equal(statement->change, STATEMENT_CHANGE_WITHDRAWN);
    message_set_string(&statement->summary, "left over");
    check_refused(statement, DAYWIRE_ERROR_INVALID, "summary",
                  "summary: a withdrawn statement carries no text");
    message_set_string(&statement->summary, NULL);
    statement->change = STATEMENT_CHANGE_UPDATED;
    check_refused(statement, DAYWIRE_ERROR_INVALID, "change", "change: withdrawn, as the status says");
}

static void ids(void **state)
{
    (void)state;
    assert_true(id_is_valid("2021-07-23_comment.v1~a", 200));
    assert_true(id_is_valid("abc", 3));
    assert_false(id_is_valid("abcd", 3));
    assert_false(id_is_valid("", 3));
    assert_false(id_is_valid(".", 3) || id_is_valid("..", 3));
    assert_true(id_is_valid("...", 3));
    assert_false(id_is_valid("a b", 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_texts_are_refused),
        cmocka_unit_test(bad_addresses_are_refused),
        cmocka_unit_test(bad_tags_are_refused),
        cmocka_unit_test(enums_are_checked),
        cmocka_unit_test(instants_are_checked),
        cmocka_unit_test(what_follows_is_completed),
        cmocka_unit_test(bad_schedules_are_refused),
        cmocka_unit_test(a_schedule_completes_the_date),
        cmocka_unit_test(a_date_before_1970_is_found),
        cmocka_unit_test(the_largest_pass),
        cmocka_unit_test(languages_pass),
        cmocka_unit_test(a_withdrawal_has_its_own_rules),
        cmocka_unit_test(ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
