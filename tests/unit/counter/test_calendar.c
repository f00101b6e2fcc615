/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "counter/calendar.h"
#include "counter/rules_fixture.h"

#define LINE_MAX_OCTETS 75

static const CalendarHead head = {.title = "Port Authority", .counter = "ferry", .stamp = 0};

static Tick *make_tick(const char *date, const char *label)
{
    Tick *tick = tick_new();
    message_set_string(&tick->counter, "ferry");
    message_set_string(&tick->date, date);
    tick_add_label(tick, "en", label);
    tick->milestone = true;
    return tick;
}

/* Takes over `calendar`. */
static char *text_of(Calendar *calendar)
{
    g_autoptr(GBytes) bytes = calendar_finish(calendar);
    gsize size = 0;
    const char *text = g_bytes_get_data(bytes, &size);
    calendar_free(calendar);
    return g_strndup(text, size);
}

/* The calendar of one event with this label. */
static char *text_with(const char *label)
{
    g_autoptr(Tick) tick = make_tick("2026-03-04", label);
    Calendar *calendar = calendar_new(&head);
    assert_true(calendar_add(calendar, tick));
    return text_of(calendar);
}

/* The content lines: unfolded, and checked for what the RFC says of lines. */
static char **content_lines(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\r\n", -1);
    g_autoptr(GString) unfolded = g_string_new(NULL);
    for (char **line = lines; *line; line++) {
        assert_true(strlen(*line) <= LINE_MAX_OCTETS);
        assert_true(g_utf8_validate(*line, -1, NULL));
        assert_null(strpbrk(*line, "\r\n"));
        bool goes_on = **line == ' ';
        if (line != lines && !goes_on)
            g_string_append(unfolded, "\n");
        g_string_append(unfolded, *line + (goes_on ? 1 : 0));
    }
    return g_strsplit(unfolded->str, "\n", -1);
}

/* The value of the first content line that begins with `start`. */
static char *value_of(const char *text, const char *start)
{
    g_auto(GStrv) lines = content_lines(text);
    for (char **line = lines; *line; line++)
        if (g_str_has_prefix(*line, start))
            return g_strdup(*line + strlen(start));
    fail_msg("no %s in %s", start, text);
    return NULL;
}

static char *unescape(const char *value)
{
    GString *text = g_string_new(NULL);
    for (const char *at = value; *at; at++) {
        if (*at == '\\')
            at++;
        g_string_append_c(text, at > value && at[-1] == '\\' && *at == 'n' ? '\n' : *at);
    }
    return g_string_free(text, FALSE);
}

static void test_a_whole_calendar(void **state)
{
    (void)state;
    const CalendarHead of_all = {
        .title = "Port Authority", .language = "pt-BR", .stamp = instant_of("2026-03-01T12:30:15.25Z")};
    g_autoptr(Tick) first = make_tick("2026-03-04", "8 years, and 2,922 days");
    g_autoptr(Tick) last = make_tick("2026-12-31", "only an anniversary");
    g_autoptr(Tick) plain = make_tick("2026-03-05", "nothing");
    first->anniversary = 8;
    tick_add_label(first, "pt", "8 anos; uma balsa");
    last->anniversary = 8;
    last->milestone = plain->milestone = false;
    Calendar *calendar = calendar_new(&of_all);
    assert_true(calendar_add(calendar, first));
    assert_true(calendar_add(calendar, plain));
    assert_true(calendar_add(calendar, last));
    g_autofree char *text = text_of(calendar);
    assert_string_equal(text, "BEGIN:VCALENDAR\r\n"
                              "VERSION:2.0\r\n"
                              "PRODID:-//Daywire//Daywire//EN\r\n"
                              "CALSCALE:GREGORIAN\r\n"
                              "X-WR-CALNAME:Port Authority\r\n"
                              "BEGIN:VEVENT\r\n"
                              "UID:ferry-2026-03-04@daywire\r\n"
                              "DTSTAMP:20260301T123015Z\r\n"
                              "DTSTART;VALUE=DATE:20260304\r\n"
                              "DTEND;VALUE=DATE:20260305\r\n"
                              "SUMMARY;LANGUAGE=pt:8 anos\\; uma balsa\r\n"
                              "CATEGORIES:ANNIVERSARY,MILESTONE\r\n"
                              "TRANSP:TRANSPARENT\r\n"
                              "END:VEVENT\r\n"
                              "BEGIN:VEVENT\r\n"
                              "UID:ferry-2026-12-31@daywire\r\n"
                              "DTSTAMP:20260301T123015Z\r\n"
                              "DTSTART;VALUE=DATE:20261231\r\n"
                              "DTEND;VALUE=DATE:20270101\r\n"
                              "SUMMARY;LANGUAGE=en:only an anniversary\r\n"
                              "CATEGORIES:ANNIVERSARY\r\n"
                              "TRANSP:TRANSPARENT\r\n"
                              "END:VEVENT\r\n"
                              "END:VCALENDAR\r\n");
}

static void test_text_is_escaped(void **state)
{
    (void)state;
    static const char label[] = "a\\b; c, d\ne\001\177: \"f\"";
    g_autofree char *text = text_with(label);
    g_autofree char *value = value_of(text, "SUMMARY;LANGUAGE=en:");
    assert_string_equal(value, "a\\\\b\\; c\\, d\\ne: \"f\"");
}

static gunichar random_character(GRand *random)
{
    static const gunichar samples[] = {'a', ' ', ',', ';', '\\', 0xe9, 0x434, 0x4e2d, 0x2028, 0x1f6a2, '\n'};
    return samples[g_rand_int_range(random, 0, G_N_ELEMENTS(samples))];
}

/* Whatever the text and its length, lines are short and whole characters, and reading gives the text. */
static void test_folding_loses_nothing(void **state)
{
    (void)state;
    g_autoptr(GRand) random = g_rand_new_with_seed(20260304);
    for (int round = 0; round < 3000; round++) {
        g_autoptr(GString) label = g_string_new("x");
        for (int length = g_rand_int_range(random, 0, 300); length > 0; length--)
            g_string_append_unichar(label, random_character(random));
        g_autofree char *text = text_with(label->str);
        g_autofree char *value = value_of(text, "SUMMARY;LANGUAGE=en:");
        g_autofree char *read = unescape(value);
        assert_string_equal(read, label->str);
    }
}

static void test_bytes_that_are_no_text_do_no_harm(void **state)
{
    (void)state;
    g_autofree char *label = g_strnfill(500, '\x80');
    g_autofree char *text = text_with(label);
    g_auto(GStrv) lines = content_lines(text);
    assert_non_null(lines);
}

/* The RFC asks for a component. */
static void test_a_calendar_without_events(void **state)
{
    (void)state;
    g_autofree char *text = text_of(calendar_new(&head));
    g_auto(GStrv) lines = content_lines(text);
    assert_true(g_strv_contains((const char *const *)lines, "X-WR-CALNAME:Port Authority: ferry"));
    assert_true(g_strv_contains((const char *const *)lines, "BEGIN:VTIMEZONE"));
    assert_false(g_strv_contains((const char *const *)lines, "BEGIN:VEVENT"));
}

static void test_it_is_bounded(void **state)
{
    (void)state;
    g_autoptr(Tick) tick = make_tick("2026-03-04", "a day");
    g_autoptr(Calendar) calendar = calendar_new(&head);
    for (int i = 0; i < CALENDAR_EVENTS_MAX; i++)
        assert_true(calendar_add(calendar, tick));
    assert_false(calendar_add(calendar, tick));
    tick->milestone = false;
    assert_true(calendar_add(calendar, tick)); /* nothing to add */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_whole_calendar),
        cmocka_unit_test(test_text_is_escaped),
        cmocka_unit_test(test_folding_loses_nothing),
        cmocka_unit_test(test_bytes_that_are_no_text_do_no_harm),
        cmocka_unit_test(test_a_calendar_without_events),
        cmocka_unit_test(test_it_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
