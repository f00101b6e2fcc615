/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "common/error.h"
#include "common/instant.h"
#include "common/model.h"

static Statement *full_statement(void)
{
    Statement *statement = statement_new();
    message_set_string(&statement->id, "harbour-1");
    statement->revision = 3;
    statement->status = STATEMENT_STATUS_USABLE;
    statement->change = STATEMENT_CHANGE_CORRECTED;
    message_set_string(&statement->note, "The opening is at nine.");
    message_set_string(&statement->title, "The harbour opens");
    statement_add_tag(statement, "harbour");
    statement_add_tag(statement, "opening hours");
    message_set_string(&statement->date, "2021-07-23");
    statement->published_at = instant_to_timestamp(INT64_C(1627038000) * INSTANT_SECOND);
    statement->updated_at = instant_to_timestamp(INT64_C(1627041600) * INSTANT_SECOND);
    return statement;
}

/* The empty text of a field is protobuf-c's own constant in every message, however it came to be; freeing any
 * of them, and replacing any of them, is sound (AddressSanitizer looks on). */
static void empty_strings_are_never_null(void **state)
{
    (void)state;
    g_autoptr(Statement) fresh = statement_new();
    g_autoptr(Statement) copied = statement_copy(fresh);
    g_autoptr(Statement) unpacked = statement_unpack("", 0, NULL);
    Statement *all[] = {fresh, copied, unpacked};
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
        assert_string_equal(all[i]->title, "");
        message_set_string(&all[i]->title, "A title");
        message_set_string(&all[i]->title, "Another");
        assert_string_equal(all[i]->title, "Another");
        message_set_string(&all[i]->title, NULL);
        assert_string_equal(all[i]->title, "");
        message_set_string(&all[i]->title, "");
        assert_string_equal(all[i]->title, "");
        message_set_string(&all[i]->title, "kept until freed");
    }
}

/* A foreign encoder may write an empty string out; then it is memory of its own. */
static void an_explicit_empty_string_is_freed(void **state)
{
    (void)state;
    static const uint8_t wire[] = {0x32, 0x00, 0x82, 0x01, 0x00}; /* title "", place "" */
    g_autoptr(Statement) statement = statement_unpack(wire, sizeof(wire), NULL);
    assert_non_null(statement);
    assert_string_equal(statement->title, "");
    message_set_string(&statement->title, "x");
    assert_string_equal(statement->place, "");
}

static void a_value_may_point_into_the_old_one(void **state)
{
    (void)state;
    g_autoptr(Statement) statement = full_statement();
    message_set_string(&statement->title, statement->title + 4);
    assert_string_equal(statement->title, "harbour opens");
}

static void a_copy_is_equal_and_separate(void **state)
{
    (void)state;
    g_autoptr(Statement) statement = full_statement();
    g_autoptr(Statement) twin = statement_copy(statement);
    g_autoptr(GBytes) first = statement_pack(statement);
    g_autoptr(GBytes) second = statement_pack(twin);
    assert_true(g_bytes_equal(first, second));
    statement_add_tag(twin, "third");
    twin->tags[0][0] = 'H';
    assert_int_equal(statement->n_tags, 2);
    assert_string_equal(statement->tags[0], "harbour");
}

static void same_content_ignores_what_names_the_revision(void **state)
{
    (void)state;
    g_autoptr(Statement) a = full_statement();
    g_autoptr(Statement) b = full_statement();
    b->revision = 9;
    b->change = STATEMENT_CHANGE_UPDATED;
    message_set_string(&b->note, NULL);
    b->updated_at->seconds++;
    assert_true(statement_same_content(a, b));
    assert_int_equal(statement_content_hash(a), statement_content_hash(b));
    assert_int_equal(a->revision, 3);
    assert_string_equal(a->note, "The opening is at nine.");

    b->published_at->seconds++;
    assert_false(statement_same_content(a, b));
    assert_int_not_equal(statement_content_hash(a), statement_content_hash(b));
    b->published_at->seconds--;
    b->tags[1][0] = 'O';
    assert_false(statement_same_content(a, b));
    b->tags[1][0] = 'o';
    b->status = STATEMENT_STATUS_WITHDRAWN;
    assert_false(statement_same_content(a, b));
}

static void the_moment_is_the_instant_or_else_the_beginning_of_the_date(void **state)
{
    (void)state;
    g_autoptr(Statement) statement = full_statement();
    Instant moment = -1;

    assert_true(statement_moment(statement, &moment));
    assert_int_equal(moment, INT64_C(1627038000) * INSTANT_SECOND);
    message_clear_timestamp(&statement->published_at);
    assert_true(statement_moment(statement, &moment));
    assert_int_equal(moment, INT64_C(1626998400) * INSTANT_SECOND); /* 2021-07-23T00:00:00Z */
    message_set_string(&statement->date, "1969-07-24");
    assert_true(statement_moment(statement, &moment));
    assert_int_equal(moment, -161 * INSTANT_DAY);
    for (size_t i = 0; i < 2; i++) {
        message_set_string(&statement->date, i == 0 ? "" : "2021-02-29");
        moment = -1;
        assert_false(statement_moment(statement, &moment));
        assert_int_equal(moment, -1);
    }
}

static void labels_are_packed_in_order(void **state)
{
    (void)state;
    g_autoptr(Tick) a = tick_new();
    tick_add_label(a, "ru", "три");
    tick_add_label(a, "en", "three");
    tick_add_label(a, "de", "drei");
    g_autoptr(Tick) b = tick_new();
    tick_add_label(b, "de", "zwei");
    tick_add_label(b, "en", "three");
    tick_add_label(b, "ru", "три");
    tick_add_label(b, "de", "drei");
    assert_int_equal(b->n_label, 3);
    g_autoptr(GBytes) first = tick_pack(a);
    g_autoptr(GBytes) second = tick_pack(b);
    assert_true(g_bytes_equal(first, second));
    assert_string_equal(a->label[0]->key, "ru"); /* the message itself stays as it was */
    assert_string_equal(tick_label(a, "en"), "three");
    assert_null(tick_label(a, "fr"));

    g_autoptr(Tick) twin = tick_copy(b);
    assert_string_equal(tick_label(twin, "de"), "drei");
}

static void check_refused(const void *data, size_t size, const char *message)
{
    g_autoptr(GError) error = NULL;
    assert_null(statement_unpack(data, size, &error));
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID));
    assert_string_equal(error->message, message);
}

static void foreign_bytes_are_refused(void **state)
{
    (void)state;
    check_refused("\x32\x05"
                  "abc",
                  5, "these 5 bytes are no daywire.v1.Statement message");
    check_refused("\x32\x02"
                  "a\xff",
                  4, "title: not valid UTF-8");
    check_refused("\x72\x01"
                  "a\x72\x01\xc0",
                  6, "tags: not valid UTF-8");
    /* A C string ends there: the rest would be lost without a word. */
    check_refused("\x32\x03"
                  "a\0b",
                  5, "title: holds a NUL character");
    check_refused("\x72\x01"
                  "a\x72\x02"
                  "b\0",
                  7, "tags: holds a NUL character");
    g_autoptr(GError) error = NULL;
    /* label {key: "en", value: 0xff}: a message in the message */
    assert_null(tick_unpack("\x42\x07\x0a\x02"
                            "en\x12\x01\xff",
                            9, &error));
    assert_string_equal(error->message, "label: not valid UTF-8");
    g_clear_error(&error);
    assert_null(tick_unpack("\x42\x07\x0a\x02"
                            "en\x12\x01\0",
                            9, &error));
    assert_string_equal(error->message, "label: holds a NUL character");
}

static void fields_of_a_newer_version_survive(void **state)
{
    (void)state;
    static const uint8_t wire[] = {0x0a, 0x01, 'a', 0xfa, 0x07, 0x02, 'h', 'i'}; /* id "a", field 127 "hi" */
    g_autoptr(Statement) statement = statement_unpack(wire, sizeof(wire), NULL);
    assert_non_null(statement);
    g_autoptr(Statement) twin = statement_copy(statement);
    g_autoptr(GBytes) packed = statement_pack(twin);
    assert_int_equal(g_bytes_get_size(packed), sizeof(wire));
    assert_memory_equal(g_bytes_get_data(packed, NULL), wire, sizeof(wire));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_strings_are_never_null),
        cmocka_unit_test(an_explicit_empty_string_is_freed),
        cmocka_unit_test(a_value_may_point_into_the_old_one),
        cmocka_unit_test(a_copy_is_equal_and_separate),
        cmocka_unit_test(same_content_ignores_what_names_the_revision),
        cmocka_unit_test(the_moment_is_the_instant_or_else_the_beginning_of_the_date),
        cmocka_unit_test(labels_are_packed_in_order),
        cmocka_unit_test(foreign_bytes_are_refused),
        cmocka_unit_test(fields_of_a_newer_version_survive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
