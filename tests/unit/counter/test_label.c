/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "common/error.h"
#include "counter/label.h"
#include "counter/rules_fixture.h"

/* What a counter with `since` has. */
#define SINCE                                                                                                \
    (1u << LABEL_DAYS | 1u << LABEL_WEEKS | 1u << LABEL_YEARS | 1u << LABEL_MONTHS | 1u << LABEL_DATE |      \
     1u << LABEL_SINCE | 1u << LABEL_ANNIVERSARY)

#define ALL_ARGUMENTS ((1u << LABEL_ARGUMENTS) - 1)

static char *format(const char *language, const char *pattern, int32_t days)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Label) label = label_new(language, pattern, SINCE, &error);
    if (!label)
        fail_msg("%s", error->message);
    LabelValues values = {
        .days = days,
        .elapsed = {3, 4, 20},
        .date = date_of("2021-07-24"),
        .since = date_of("2018-03-04"),
    };
    return label_format(label, &values);
}

#define EN "{days, plural, one {# day has} other {# days have}} passed since the harbour opened"
#define RU "{days, plural, one {Прошёл # день} few {Прошло # дня} many {Прошло # дней} other {Прошло # дня}}"

static const struct {
    const char *language, *pattern;
    int32_t days;
    const char *text;
} sentences[] = {
    {"en", EN, 0, "0 days have passed since the harbour opened"},
    {"en", EN, 1, "1 day has passed since the harbour opened"},
    {"en", EN, 2, "2 days have passed since the harbour opened"},
    {"en", EN, 1238, "1,238 days have passed since the harbour opened"},
    {"en", EN, -3, "-3 days have passed since the harbour opened"},
    {"en", EN, 3652058, "3,652,058 days have passed since the harbour opened"},
    {"de", "{days} Tage", 1238, "1.238 Tage"},
    {"de-CH", "{days} Tage", 1238, "1’238 Tage"},
    {"ru", RU, 1, "Прошёл 1 день"},
    {"ru", RU, 21, "Прошёл 21 день"},
    {"ru", RU, 2, "Прошло 2 дня"},
    {"ru", RU, 1234, "Прошло 1\u00a0234 дня"},
    {"ru", RU, 5, "Прошло 5 дней"},
    {"ru", RU, 11, "Прошло 11 дней"},
    {"ru", RU, 1238, "Прошло 1\u00a0238 дней"},
    /* every argument, with and without a type, in an order of one's own */
    {"en-GB", "{date}: {years} years, {months} months; {days, number} since {since}", 1238,
     "24 July 2021: 3 years, 4 months; 1,238 since 4 March 2018"},
    {"en-GB", "{since, date, full}", 1, "Sunday, 4 March 2018"},
    {"en", "{since, date, yyyy-MM-dd}", 1, "2018-03-04"},
    {"en", "{since, date, ::yMMM}/{since, date, short}", 1, "Mar 2018/3/4/18"},
    {"de", "seit dem {since}", 1, "seit dem 4. März 2018"},
    /* "integer" is read as an int by ICU, the others as double: all in one pattern */
    {"en", "{days, number, integer} {years, number,  Integer } {days, number, #,##0.0} {days,spellout}", 7,
     "7 3 7.0 seven"},
    {"en", "{days, selectordinal, one {#st} two {#nd} few {#rd} other {#th}} day", 1222, "1,222nd day"},
    {"en", "{ days , plural , offset:1 =0 {none} =1{one} one {one and # more} other {# more}}", 2,
     "one and 1 more"},
    {"en", "{years, plural, =0 {{days, plural, one {# day} other {# days}}} other {# years and {months}m}}",
     5, "3 years and 4m"},
    /* apostrophes */
    {"en", "the port's {days}th day", 5, "the port's 5th day"},
    {"en", "''{days}'' '{days}' it''s", 5, "'5' {days} it's"},
    {"en", "{days, plural, other {'#' is # isn't it}}", 5, "# is 5 isn't it"},
    {"fr", "{days} jours depuis l'''ouverture''", 1238, "1\u202f238 jours depuis l''ouverture'"},
    {"en", "no argument at all", 5, "no argument at all"},
    {"ar-EG", "{days}", 1238, "١٬٢٣٨"},
    {"zh-Hans", "已过去{days}天", 1238, "已过去1,238天"},
};

static void test_sentences(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(sentences); i++) {
        g_autofree char *text = format(sentences[i].language, sentences[i].pattern, sentences[i].days);
        if (!g_str_equal(text, sentences[i].text))
            fail_msg("%s, %s: \"%s\", not \"%s\"", sentences[i].language, sentences[i].pattern, text,
                     sentences[i].text);
    }
}

/* A date is the same day wherever the process runs: ICU would take its zone. */
static void test_dates_in_any_zone(void **state)
{
    (void)state;
    static const char *const zones[] = {"Pacific/Kiritimati", "Pacific/Pago_Pago", "Pacific/Apia"};
    const char *zone = g_getenv("DAYWIRE_TEST_ZONE");
    for (size_t i = 0; i < G_N_ELEMENTS(zones) && !zone; i++) {
        /* ICU reads TZ once: each zone needs a process of its own. */
        g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
        g_auto(GStrv) environment = g_environ_setenv(g_get_environ(), "TZ", zones[i], TRUE);
        environment = g_environ_setenv(environment, "DAYWIRE_TEST_ZONE", zones[i], TRUE);
        int status = -1;
        assert_true(g_spawn_sync(NULL, (char *[]){self, NULL}, environment, G_SPAWN_DEFAULT, NULL, NULL, NULL,
                                 NULL, &status, NULL));
        if (status != 0)
            fail_msg("in %s dates are others", zones[i]);
    }
    g_autofree char *text = format("en", "{since, date, yyyy-MM-dd} {date, date, yyyy-MM-dd HH:mm}", 1);
    assert_string_equal(text, "2018-03-04 2021-07-24 00:00");
}

static const struct {
    const char *pattern, *message;
} mistakes[] = {
    {"{dayz} days", "the argument \"dayz\" is unknown, did you mean \"days\"?, at character 2: dayz} days"},
    {"über {hours}", "the argument \"hours\" is none of: days, weeks, years, months, anniversary, date, "
                     "since, at character 7: hours}"},
    {"{until}", "the argument \"until\" is not there: the counter has days, weeks, years, months, "
                "anniversary, date, since, at character 2: until}"},
    {"{0}", "the argument \"0\" is none of: days, weeks, years, months, anniversary, date, since, at "
            "character 2: 0}"},
    {"{}",
     "the argument \"\" is none of: days, weeks, years, months, anniversary, date, since, at character 2: }"},
    {"{days", "there is no , or } after the name of the argument, at its end"},
    {"{days days}", "there is no , or } after the name of the argument, at character 7: days}"},
    {"days}", "there is no { for this } (a brace as text is written '}'), at character 5: }"},
    {"{days, plurl, other {#}}", "for a number the type \"plurl\" is unknown, did you mean \"plural\"?, at "
                                 "character 8: plurl, other {#}}"},
    {"{days, date}", "for a number the type \"date\" is none of: number, plural, selectordinal, spellout, "
                     "ordinal, at character 8: "
                     "date}"},
    {"{days, select, other {x}}", "for a number the type \"select\" is none of: number, plural, "
                                  "selectordinal, spellout, ordinal, at character 8: "
                                  "select, other {x}}"},
    {"{since, number}", "for a date the type \"number\" is none of: date, at character 9: number}"},
    {"{days, plural}", "a plural is followed by , and its forms, at character 14: }"},
    {"{days, plural, one {#}}",
     "the form \"other\" is missing, which every plural must have, at character 1: {days, plural, one {#}}"},
    {"{days, plural, ones {#} other {#}}",
     "the plural form \"ones\" is unknown, did you mean \"one\"?, at character 16: ones {#} other {#}}"},
    {"{days, plural, one # other {#}}",
     "a plural form is followed by its text in braces, at character 20: # other {#}}"},
    {"{days, plural, one {#} other {#}",
     "the argument's } is missing, at character 1: {days, plural, one {#} o…"},
    {"{days, plural, one {#} other {#", "the } of this { is missing, at character 30: {#"},
    {"{days, plural, = {#} other {#}}", "= is followed by a whole number, at character 16: = {#} other {#}}"},
    {"{days, plural, offset:x other {#}}",
     "offset: is followed by a whole number, at character 23: x other {#}}"},
    {"{days, number, #", "the argument's } is missing, at character 1: {days, number, #"},
    {"it's '{days} x", "the text quoted by ' does not end (an apostrophe before a brace is written ''), at "
                       "character 6: '{days} x"},
    {"{days, number, ::nonsense/1}", "ICU cannot use it as a pattern for messages "
                                     "(U_NUMBER_SKELETON_SYNTAX_ERROR), at character 1: {days, number, "
                                     "::nonsens…"},
    {"a\x01 b", "a control character, at character 2: \x01 b"},
};

static void test_mistakes(void **state)
{
    (void)state;
    for (size_t i = 0; i < G_N_ELEMENTS(mistakes); i++) {
        g_autoptr(GError) error = NULL;
        if (label_new("en", mistakes[i].pattern, SINCE, &error))
            fail_msg("this was taken: %s", mistakes[i].pattern);
        assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID));
        assert_string_equal(error->message, mistakes[i].message);
    }
}

/* All arguments in one sentence, each with a value of its own. */
static void test_every_argument(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(Label) label =
        label_new("pt-BR", "{until} {since} {date} {remaining} {anniversary} {months} {years} {weeks} {days}",
                  ALL_ARGUMENTS, &error);
    assert_null(error);
    LabelValues values = {
        .days = -1238,
        .remaining = -2001,
        .anniversary = 7,
        .elapsed = {3, 4, 20},
        .date = date_of("2021-07-24"),
        .since = date_of("2018-03-04"),
        .until = date_of("2021-12-01"),
    };
    g_autofree char *text = label_format(label, &values);
    assert_string_equal(
        text, "1 de dezembro de 2021 4 de março de 2018 24 de julho de 2021 -2.001 7 4 3 -176 -1.238");
}

/* One that the counter has not is refused by its name. */
static void test_missing_arguments(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        LabelArgument argument;
    } arguments[LABEL_ARGUMENTS] = {
        {"days", LABEL_DAYS},
        {"weeks", LABEL_WEEKS},
        {"years", LABEL_YEARS},
        {"months", LABEL_MONTHS},
        {"anniversary", LABEL_ANNIVERSARY},
        {"remaining", LABEL_REMAINING},
        {"date", LABEL_DATE},
        {"since", LABEL_SINCE},
        {"until", LABEL_UNTIL},
    };
    for (size_t i = 0; i < LABEL_ARGUMENTS; i++) {
        g_autoptr(GError) error = NULL;
        LabelArgumentSet one = 1u << arguments[i].argument;
        g_autofree char *pattern = g_strdup_printf("{%s}", arguments[i].name);
        g_autofree char *expected =
            g_strdup_printf("the argument \"%s\" is not there: the counter has ", arguments[i].name);
        assert_null(label_new("en", pattern, ALL_ARGUMENTS & ~one, &error));
        assert_true(g_str_has_prefix(error->message, expected));
        g_autoptr(Label) label = label_new("en", pattern, one, NULL);
        assert_non_null(label);
    }
}

static void test_limits(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *longest = g_strnfill(LABEL_PATTERN_MAX + 1, 'a');
    assert_null(label_new("en", longest, SINCE, &error));
    assert_true(g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE));
    g_clear_error(&error);
    longest[LABEL_PATTERN_MAX] = '\0';
    g_autoptr(Label) label = label_new("en", longest, SINCE, &error);
    assert_non_null(label);
    g_autoptr(GString) spelled = g_string_new(NULL);
    while (spelled->len + 16 < LABEL_PATTERN_MAX)
        g_string_append(spelled, "{days, spellout}");
    assert_null(label_new("ru", spelled->str, SINCE, &error)); /* each may have 130 bytes */
    assert_string_equal(error->message, "for 2932896 days it makes more than 10000 bytes");
    g_clear_error(&error);
    assert_null(label_new("en", "{days, number, ::scale/1e999999999}", SINCE, &error));
    assert_non_null(strstr(error->message, "a scale is a number without exponent"));
    g_clear_error(&error);

    GString *deep = g_string_new(NULL);
    for (int i = 0; i < 9; i++)
        g_string_append(deep, "{days, plural, other {");
    for (int i = 0; i < 9; i++)
        g_string_append(deep, "}}");
    g_autofree char *pattern = g_string_free(deep, FALSE);
    assert_null(label_new("en", pattern, SINCE, &error));
    assert_non_null(strstr(error->message, "nested more than 8 deep"));
}

static void test_languages(void **state)
{
    (void)state;
    static const struct {
        const char *given, *canonical;
    } good[] = {{"en", "en"},           {"EN-gb", "en-GB"}, {"pt-br", "pt-BR"},  {"zh-hans-cn", "zh-Hans-CN"},
                {"sr-Latn", "sr-Latn"}, {"gsw", "gsw"},     {"es-419", "es-419"}};
    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autoptr(Label) label = label_new(good[i].given, "{days}", SINCE, NULL);
        assert_string_equal(label_language(label), good[i].canonical);
    }
    static const char *const bad[] = {"",
                                      "e",
                                      "english",
                                      "en_GB",
                                      "en-",
                                      "de.AT",
                                      "x-private",
                                      "@calendar=hebrew",
                                      "en-aaaaaaaaaaaa",
                                      "en-GB-oed-aaaaaaaa-bbbbbbbb-cccccccc-dddddddd"};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        if (label_new(bad[i], "{days}", SINCE, &error))
            fail_msg("'%s' was taken for a language", bad[i]);
        assert_non_null(strstr(error->message, "is no language tag"));
    }
}

/* Any text is refused with a place, or formats. Fixed seed. */
static void test_any_text(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "{",    "}",     "'",   "''", "#",        ",",       " ",  "days", "since", "plural", "number",
        "date", "other", "one", "=1", "offset:1", "integer", "::", "ß",    "|",     "select", "0"};
    g_autoptr(GRand) random = g_rand_new_with_seed(2018);
    for (int round = 0; round < 30000; round++) {
        g_autoptr(GString) pattern = g_string_new(round % 2 ? "{days, plural, " : "{days");
        for (int i = g_rand_int_range(random, 0, 12); i > 0; i--)
            g_string_append(pattern, pieces[g_rand_int_range(random, 0, G_N_ELEMENTS(pieces))]);
        g_autoptr(GError) error = NULL;
        g_autoptr(Label) label = label_new("ru", pattern->str, SINCE, &error);
        if (!label) {
            assert_true(strstr(error->message, "at character") || strstr(error->message, "at its end") ||
                        strstr(error->message, "cannot format"));
            continue;
        }
        g_autofree char *text = label_format(label, &(LabelValues){.days = 21});
        assert_true(g_utf8_validate(text, -1, NULL));
    }
}

int main(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test(test_sentences),         cmocka_unit_test(test_dates_in_any_zone),
        cmocka_unit_test(test_mistakes),          cmocka_unit_test(test_every_argument),
        cmocka_unit_test(test_missing_arguments), cmocka_unit_test(test_limits),
        cmocka_unit_test(test_languages),         cmocka_unit_test(test_any_text),
    };
    const struct CMUnitTest dates[] = {cmocka_unit_test(test_dates_in_any_zone)};
    return g_getenv("DAYWIRE_TEST_ZONE") ? cmocka_run_group_tests(dates, NULL, NULL)
                                         : cmocka_run_group_tests(all, NULL, NULL);
}
