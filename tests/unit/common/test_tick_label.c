/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "common/tick_label.h"

static const char *language_of(const Tick *tick, const char *wanted)
{
    const char *language = NULL;
    const char *label = tick_label_near(tick, wanted, &language);
    assert_string_equal(label, tick_label(tick, language));
    return language;
}

static void test_the_nearest_language_is_taken(void **state)
{
    (void)state;
    g_autoptr(Tick) tick = tick_new();
    const char *language = NULL;
    assert_null(tick_label_near(tick, "en", &language));
    tick_add_label(tick, "ru", "три дня");
    assert_string_equal(language_of(tick, "pt-BR"), "ru");
    tick_add_label(tick, "en", "three days");
    tick_add_label(tick, "pt", "três dias");
    tick_add_label(tick, "pt-BR", "3 dias");
    tick_add_label(tick, "zh-Hant", "三天");
    assert_string_equal(language_of(tick, "pt-BR"), "pt-BR");
    assert_string_equal(language_of(tick, "PT-br"), "pt-BR");
    assert_string_equal(language_of(tick, "pt-AO"), "pt");
    assert_string_equal(language_of(tick, "zh-Hant-TW"), "zh-Hant");
    assert_string_equal(language_of(tick, "fr"), "en");
    assert_string_equal(language_of(tick, NULL), "ru");
    assert_string_equal(language_of(tick, "-pt"), "en");
    assert_string_equal(language_of(tick, "--"), "en");
    assert_string_equal(language_of(tick, ""), "en");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_nearest_language_is_taken)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
