/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <stdbool.h>
#include <glib.h>

#include "gateway/template.h"

static const char *const names[] = {"title", "main"};

static void slots_are_filled(void **state)
{
    (void)state;
    g_autoptr(GString) title = g_string_new("T {{main}}");
    g_autoptr(GString) body = g_string_new("M");
    GString *values[] = {title, body};
    g_autoptr(GString) filled =
        template_fill("{{title}}-{{main}}-{{title}} {{ x }} {{}} {{", names, values, 2);
    /* A value is not searched for slots, and what is no slot stays. */
    assert_string_equal(filled->str, "T {{main}}-M-T {{main}} {{ x }} {{}} {{");
}

static void missing_values_are_empty(void **state)
{
    (void)state;
    GString *values[] = {NULL, NULL};
    g_autoptr(GString) filled = template_fill("[{{title}}{{other}}]", names, values, 2);
    assert_string_equal(filled->str, "[]");
}

static void check_refusal(const char *text, const char *expected)
{
    g_autoptr(GError) error = NULL;
    assert_false(template_check(text, names, 2, &error));
    assert_string_equal(error->message, expected);
}

static void a_template_has_exactly_the_slots(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    assert_true(template_check("{{main}}{{title}}{{main}}", names, 2, &error));
    assert_null(error);
    check_refusal("{{main}}{{titel}}{{title}}", "{{titel}}: no such slot");
    check_refusal("{{title}}", "the slot {{main}} is missing");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slots_are_filled),
        cmocka_unit_test(missing_values_are_empty),
        cmocka_unit_test(a_template_has_exactly_the_slots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
