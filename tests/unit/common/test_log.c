/* SPDX-License-Identifier: Apache-2.0 */
/* What arrives on standard error, byte by byte. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>

#include <glib.h>
#include <jansson.h>

#include "common/error.h"
#include "common/instant.h"
#include "common/log.h"
#include "log_capture.h"

static void capture(LogFormat format, LogLevel least)
{
    log_init("daywire-test", format, least);
    log_capture_begin();
}

/* The lines behind their time, which is checked and left out. */
static char *release_without_times(void)
{
    g_autofree char *text = log_capture_end();
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; **line; line++) {
        assert_true(
            g_regex_match_simple("^time=\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z ", *line, 0, 0));
        char *rest = g_strdup(strchr(*line, ' ') + 1);
        g_free(*line);
        *line = rest;
    }
    return g_strjoinv("\n", lines);
}

static void test_text(void **state)
{
    (void)state;
    g_autoptr(GError) error = g_error_new(DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "no \"space\" left");
    capture(LOG_FORMAT_TEXT, LOG_LEVEL_DEBUG);
    log_info("statement stored", LOG_STR("id", "tide-table"), LOG_INT("revision", -2));
    log_warning("plain");
    log_error("failed", LOG_ERROR(error), LOG_ERROR((GError *)NULL));
    log_debug("odd", LOG_STR("empty", ""), LOG_STR("null", NULL), LOG_STR("a", "x=y"), LOG_STR("b", "c:\\d"));
    g_autofree char *text = release_without_times();
    assert_string_equal(
        text, "level=info program=daywire-test msg=\"statement stored\" id=tide-table revision=-2\n"
              "level=warning program=daywire-test msg=plain\n"
              "level=error program=daywire-test msg=failed error=\"no \\\"space\\\" left\" error=unknown\n"
              "level=debug program=daywire-test msg=odd empty=\"\" null=\"\" a=\"x=y\" b=\"c:\\\\d\"\n");
}

static void test_levels(void **state)
{
    (void)state;
    capture(LOG_FORMAT_TEXT, LOG_LEVEL_WARNING);
    log_debug("one");
    log_info("two");
    log_warning("three");
    log_error("four");
    assert_false(log_enabled(LOG_LEVEL_INFO));
    assert_true(log_enabled(LOG_LEVEL_WARNING));
    g_autofree char *text = release_without_times();
    assert_string_equal(text, "level=warning program=daywire-test msg=three\n"
                              "level=error program=daywire-test msg=four\n");
}

static const char *const hostile[] = {
    "line\nfeed",
    "carriage\rreturn",
    "tab\there",
    "\x1b[31mred\x1b[0m",
    "bell\a",
    "del\x7f",
    "quote\"back\\slash",
    "c1 \xc2\x9b next",
    "line separator \xe2\x80\xa8 end",
    "override \xe2\x80\xae end",
    "tag \xf3\xa0\x80\x81 end",
    "emoji \xf0\x9f\x9a\xa2",
    "broken \xff\xfe bytes",
    "cut \xe2\x80",
    "overlong \xc0\xaf",
    "surrogate \xed\xa0\x80",
    "</script>",
    "level=error msg=\"forged\"",
    "",
    "\n",
};

/* A value in JSON is the value, or its valid form. */
static void check_json_line(const char *line, size_t place)
{
    json_error_t problem;
    json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, &problem);
    if (!object)
        fail_msg("not JSON: %s: %s", problem.text, line);
    const char *keys[] = {"time", "level", "program", "message", "value", "count"};
    size_t count = 0;
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(object, key, value) assert_string_equal(key, keys[count++]);
    assert_int_equal(count, G_N_ELEMENTS(keys));
    g_autofree char *valid = g_utf8_make_valid(hostile[place], -1);
    assert_string_equal(json_string_value(json_object_get(object, "value")), valid);
    assert_int_equal(json_integer_value(json_object_get(object, "count")), INT64_MIN);
    Instant time = 0;
    assert_true(instant_parse(json_string_value(json_object_get(object, "time")), &time, NULL));
    json_decref(object);
}

static void test_hostile_values_in_json(void **state)
{
    (void)state;
    capture(LOG_FORMAT_JSON, LOG_LEVEL_INFO);
    for (size_t i = 0; i < G_N_ELEMENTS(hostile); i++)
        log_info("hostile", LOG_STR("value", hostile[i]), LOG_INT("count", INT64_MIN));
    g_autofree char *text = log_capture_end();
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    assert_int_equal(g_strv_length(lines), G_N_ELEMENTS(hostile) + 1);
    for (size_t i = 0; i < G_N_ELEMENTS(hostile); i++)
        check_json_line(lines[i], i);
}

/* In both forms a line has nothing that a terminal would obey. */
static void test_hostile_values_stay_in_their_line(void **state)
{
    (void)state;
    for (LogFormat format = LOG_FORMAT_TEXT; format <= LOG_FORMAT_JSON; format++) {
        capture(format, LOG_LEVEL_INFO);
        for (size_t i = 0; i < G_N_ELEMENTS(hostile); i++)
            log_info("hostile", LOG_STR("value", hostile[i]));
        g_autofree char *text = log_capture_end();
        unsigned lines = 0;
        assert_true(g_utf8_validate(text, -1, NULL));
        for (const char *at = text; *at; at = g_utf8_next_char(at)) {
            gunichar c = g_utf8_get_char(at);
            lines += c == '\n';
            assert_true(c == '\n' || g_unichar_isprint(c));
        }
        assert_int_equal(lines, G_N_ELEMENTS(hostile));
    }
}

static void test_long_values_are_cut(void **state)
{
    (void)state;
    GString *value = g_string_new("x");
    while (value->len < 100000)
        g_string_append(value, "é");
    capture(LOG_FORMAT_JSON, LOG_LEVEL_INFO);
    log_info("long", LOG_STR("value", value->str));
    g_autofree char *text = log_capture_end();
    json_t *object = json_loads(text, 0, NULL);
    const char *written = json_string_value(json_object_get(object, "value"));
    assert_true(strlen(written) <= 4003);
    assert_true(g_str_has_suffix(written, "é…"));
    json_decref(object);
    g_string_free(value, TRUE);
}

static void test_messages_of_glib(void **state)
{
    (void)state;
    capture(LOG_FORMAT_TEXT, LOG_LEVEL_INFO);
    g_log("lantern", G_LOG_LEVEL_WARNING, "wick is %d mm", 3);
    g_log("lantern", G_LOG_LEVEL_DEBUG, "not shown");
    g_message("a message");
    g_autofree char *text = release_without_times();
    assert_string_equal(text,
                        "level=warning program=daywire-test msg=\"message of a library\" library=lantern "
                        "text=\"wick is 3 mm\"\n"
                        "level=info program=daywire-test msg=\"message of a library\" library=daywire "
                        "text=\"a message\"\n");
}

static void test_errno_is_kept(void **state)
{
    (void)state;
    int null = dup(STDERR_FILENO);
    (void)close(STDERR_FILENO);
    errno = EDOM;
    log_error("nobody reads this");
    int after = errno;
    assert_int_equal(dup2(null, STDERR_FILENO), STDERR_FILENO);
    (void)close(null);
    assert_int_equal(after, EDOM);
}

#define THREADS 4
#define LINES   500

static gpointer write_lines(gpointer data)
{
    for (int i = 0; i < LINES; i++)
        log_info("line of a thread", LOG_INT("thread", GPOINTER_TO_INT(data)), LOG_INT("line", i));
    return NULL;
}

static void test_threads_write_whole_lines(void **state)
{
    (void)state;
    GThread *threads[THREADS];
    unsigned next[THREADS] = {0};
    capture(LOG_FORMAT_JSON, LOG_LEVEL_INFO);
    /* As services are run: every write goes to the end. */
    assert_int_equal(fcntl(STDERR_FILENO, F_SETFL, O_APPEND), 0);
    for (int i = 0; i < THREADS; i++)
        threads[i] = g_thread_new("writer", write_lines, GINT_TO_POINTER(i));
    for (int i = 0; i < THREADS; i++)
        g_thread_join(threads[i]);
    g_autofree char *text = log_capture_end();
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    assert_int_equal(g_strv_length(lines), THREADS * LINES + 1);
    for (char **line = lines; **line; line++) {
        json_t *object = json_loads(*line, 0, NULL);
        assert_non_null(object);
        size_t thread = (size_t)json_integer_value(json_object_get(object, "thread"));
        assert_in_range(thread, 0, THREADS - 1);
        assert_int_equal(json_integer_value(json_object_get(object, "line")), next[thread]++);
        json_decref(object);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_hostile_values_in_json),
        cmocka_unit_test(test_hostile_values_stay_in_their_line),
        cmocka_unit_test(test_long_values_are_cut),
        cmocka_unit_test(test_messages_of_glib),
        cmocka_unit_test(test_errno_is_kept),
        cmocka_unit_test(test_threads_write_whole_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
