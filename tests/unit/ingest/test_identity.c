/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "common/instant.h"
#include "common/statement_rules.h"
#include "ingest/identity.h"

static Statement *sample(void)
{
    Statement *statement = statement_new();

    message_set_string(&statement->title, "The library opens");
    message_set_string(&statement->summary, "On Monday.");
    message_set_string(&statement->date, "2021-07-23");
    statement->status = STATEMENT_STATUS_USABLE;
    return statement;
}

static char *id_of(void (*change)(Statement *))
{
    g_autoptr(Statement) statement = sample();

    if (change != NULL)
        change(statement);
    return identity_from_content(statement);
}

static void change_title(Statement *statement)
{
    message_set_string(&statement->title, "The library closes");
}

static void change_place(Statement *statement)
{
    message_set_string(&statement->place, "Oslo");
}

static void change_tags(Statement *statement)
{
    statement_add_tag(statement, "library");
}

static void change_what_is_not_content(Statement *statement)
{
    message_set_string(&statement->id, "library");
    message_set_string(&statement->note, "A note.");
    statement->revision = 4;
    statement->change = STATEMENT_CHANGE_CORRECTED;
    statement->updated_at = instant_to_timestamp(1);
}

/* Stored ids depend on it: it must never change. */
static void test_golden(void **state)
{
    g_autofree char *id = id_of(NULL);

    (void)state;
    assert_string_equal(id, "2021-07-23-1f965fab8c6b9e83");
    assert_true(id_is_valid(id, STATEMENT_ID_MAX));
}

static void test_content_alone_decides(void **state)
{
    g_autofree char *id = id_of(NULL);
    g_autofree char *again = id_of(change_what_is_not_content);
    void (*const changes[])(Statement *) = {change_title, change_place, change_tags};

    (void)state;
    assert_string_equal(id, again);
    for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
        g_autofree char *other = id_of(changes[i]);
        assert_string_not_equal(id, other);
        assert_true(g_str_has_prefix(other, "2021-07-23-"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_content_alone_decides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
