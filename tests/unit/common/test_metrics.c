/* SPDX-License-Identifier: Apache-2.0 */
/* The text as Prometheus reads it. Metrics are never removed, so each test has names of its own. */
#include "unit.h"

#include <fcntl.h>
#include <math.h>

#include <glib.h>

#include "common/metrics.h"

/* The lines of the family `name`, its HELP and TYPE included. g_free it. */
static char *family(const char *name)
{
    g_autofree char *text = metrics_text();
    g_autofree char *head = g_strdup_printf("# HELP %s ", name);
    const char *start = strstr(text, head);
    if (!start) {
        fail_msg("there is no family %s", name);
        return NULL;
    }
    const char *end = strstr(start + 1, "# HELP ");
    return end ? g_strndup(start, (gsize)(end - start)) : g_strdup(start);
}

static void test_counters(void **state)
{
    (void)state;
    Metric *metric = metric_counter("test_boats_total", NULL, "Boats that came in.");
    metric_add(metric, 2);
    metric_add(metric, 0);
    metric_add(metric, INT64_C(9007199254740993));
    assert_int_equal(metric_value(metric), INT64_C(9007199254740995));
    g_autofree char *text = family("test_boats_total");
    assert_string_equal(text, "# HELP test_boats_total Boats that came in.\n"
                              "# TYPE test_boats_total counter\n"
                              "test_boats_total 9007199254740995\n");
}

static void test_gauges_with_labels(void **state)
{
    (void)state;
    Metric *east = metric_gauge("test_depth_meters", "quay=\"east\"", "Depth.");
    Metric *west =
        metric_gauge("test_depth_meters", "quay=\"west\",side=\"a\"", "Another help is not looked at.");
    metric_set(east, 7);
    metric_add(east, -9);
    metric_set(west, 3);
    assert_ptr_not_equal(east, west);
    assert_ptr_equal(metric_gauge("test_depth_meters", "quay=\"east\"", "Depth."), east);
    g_autofree char *text = family("test_depth_meters");
    assert_string_equal(text, "# HELP test_depth_meters Depth.\n"
                              "# TYPE test_depth_meters gauge\n"
                              "test_depth_meters{quay=\"east\"} -2\n"
                              "test_depth_meters{quay=\"west\",side=\"a\"} 3\n");
}

static void test_escapes(void **state)
{
    (void)state;
    g_autofree char *label = metric_label("path", "a\"b\\c\nd\xff");
    assert_string_equal(label, "path=\"a\\\"b\\\\c\\nd\xef\xbf\xbd\"");
    metric_set(metric_gauge("test_escapes", label, "Two\nlines, a \\ and a \"quote\"."), 1);
    g_autofree char *text = family("test_escapes");
    assert_string_equal(text, "# HELP test_escapes Two\\nlines, a \\\\ and a \"quote\".\n"
                              "# TYPE test_escapes gauge\n"
                              "test_escapes{path=\"a\\\"b\\\\c\\nd\xef\xbf\xbd\"} 1\n");
}

static void test_histograms(void **state)
{
    (void)state;
    Metric *metric = metric_histogram("test_wait_seconds", "way=\"in\"", "Wait.");
    static const double seconds[] = {0, -5, 0.0001, 0.000101, 0.5, 0.7, 60, 60.1, INFINITY, NAN};
    for (size_t i = 0; i < G_N_ELEMENTS(seconds); i++)
        metric_observe(metric, seconds[i]);
    assert_int_equal(metric_value(metric), G_N_ELEMENTS(seconds));
    g_autofree char *text = family("test_wait_seconds");
    assert_string_equal(text, "# HELP test_wait_seconds Wait.\n"
                              "# TYPE test_wait_seconds histogram\n"
                              "test_wait_seconds_bucket{way=\"in\",le=\"0.0001\"} 4\n"
                              "test_wait_seconds_bucket{way=\"in\",le=\"0.00025\"} 5\n"
                              "test_wait_seconds_bucket{way=\"in\",le=\"0.0005\"} 5\n"
                              "test_wait_seconds_bucket{way=\"in\",le=\"0.001\"} 5\n"
                              "test_wait_seconds_bucket{way=\"in\",le=\"0.0025\"} 5\n"
                              "test_wait_seconds_bucket{way=\"in\",le=\"0.005\"} 5\n"
                              "test_wait_seconds_bucket{way=\"in\",le=\"0.01\"} 5\n"
                              "test_wait_seconds_bucket{way=\"in\",le=\"0.025\"} 5\n"
                              "test_wait_seconds_bucket{way=\"in\",le=\"0.05\"} 5\n"
                              "test_wait_seconds_bucket{way=\"in\",le=\"0.1\"} 5\n"
                              "test_wait_seconds_bucket{way=\"in\",le=\"0.25\"} 5\n"
                              "test_wait_seconds_bucket{way=\"in\",le=\"0.5\"} 6\n"
                              "test_wait_seconds_bucket{way=\"in\",le=\"1\"} 7\n"
                              "test_wait_seconds_bucket{way=\"in\",le=\"2.5\"} 7\n"
                              "test_wait_seconds_bucket{way=\"in\",le=\"5\"} 7\n"
                              "test_wait_seconds_bucket{way=\"in\",le=\"10\"} 7\n"
                              "test_wait_seconds_bucket{way=\"in\",le=\"30\"} 7\n"
                              "test_wait_seconds_bucket{way=\"in\",le=\"60\"} 8\n"
                              "test_wait_seconds_bucket{way=\"in\",le=\"+Inf\"} 10\n"
                              "test_wait_seconds_sum{way=\"in\"} 1000121.300201\n"
                              "test_wait_seconds_count{way=\"in\"} 10\n");
}

static void test_histogram_without_labels(void **state)
{
    (void)state;
    metric_observe(metric_histogram("test_plain_seconds", NULL, "Plain."), 1.25);
    g_autofree char *text = family("test_plain_seconds");
    assert_non_null(
        strstr(text, "test_plain_seconds_bucket{le=\"1\"} 0\ntest_plain_seconds_bucket{le=\"2.5\"} 1\n"));
    assert_true(g_str_has_suffix(text, "test_plain_seconds_sum 1.250000\ntest_plain_seconds_count 1\n"));
}

static double value_of(const char *name)
{
    g_autofree char *text = family(name);
    const char *sample = strstr(text, "\n");
    sample = strstr(sample + 1, "\n") + 1; /* behind HELP and TYPE */
    assert_true(g_str_has_prefix(sample, name));
    return g_ascii_strtod(sample + strlen(name), NULL);
}

static int count_open_files(void)
{
    int count = 0;
    for (int fd = 0; fd < 1024; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static void test_the_process(void **state)
{
    (void)state;
    double now = (double)g_get_real_time() / 1e6;
    assert_true(value_of("process_resident_memory_bytes") > 1e6);
    assert_true(value_of("process_cpu_seconds_total") > 0);
    assert_true(value_of("process_start_time_seconds") <= now + 1);
    assert_true(value_of("process_start_time_seconds") > now - 600);
    assert_true(value_of("process_start_time_seconds") == value_of("process_start_time_seconds"));
    int more = dup(STDERR_FILENO);
    assert_int_equal((int)value_of("process_open_fds"), count_open_files());
    (void)close(more);
    assert_int_equal((int)value_of("process_open_fds"), count_open_files());
    g_autofree char *info = family("daywire_build_info");
    assert_non_null(strstr(info, "\ndaywire_build_info{version=\"0."));
}

/* Every line is of the format, families are sorted by name and come once. */
static void test_the_whole_text(void **state)
{
    (void)state;
    metric_add(metric_counter("a_first_total", NULL, "x"), 1);
    metric_add(metric_counter("a_first", NULL, "x"), 1);
    metric_add(metric_counter("zz_last_total", NULL, "x"), 1);
    g_autofree char *text = metrics_text();
    g_autofree char *last = g_strdup("");
    assert_true(g_str_has_suffix(text, "\n"));
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; line[1]; line++) {
        const char *form = "^(# HELP [a-zA-Z_:][a-zA-Z0-9_:]* [^\\n]*"
                           "|# TYPE [a-zA-Z_:][a-zA-Z0-9_:]* (counter|gauge|histogram)"
                           "|[a-zA-Z_:][a-zA-Z0-9_:]*(\\{([a-zA-Z_][a-zA-Z0-9_]*=\"([^\"\\\\]|\\\\.)*\",?)+"
                           "\\})? -?[0-9.e+]+)$";
        if (!g_regex_match_simple(form, *line, 0, 0))
            fail_msg("not of the format: %s", *line);
        if (!g_str_has_prefix(*line, "# HELP "))
            continue;
        g_auto(GStrv) words = g_strsplit(*line, " ", 4);
        assert_true(strcmp(last, words[2]) < 0);
        g_free(last);
        last = g_strdup(words[2]);
    }
    assert_string_equal(last, "zz_last_total");
}

#define THREADS 4
#define ROUNDS  5000

static gpointer work(gpointer data G_GNUC_UNUSED)
{
    /* Every thread asks for the metrics itself: they must be the same ones. */
    Metric *counter = metric_counter("test_threads_total", NULL, "x");
    Metric *gauge = metric_gauge("test_threads", NULL, "x");
    Metric *histogram = metric_histogram("test_threads_seconds", NULL, "x");
    for (int i = 0; i < ROUNDS; i++) {
        metric_add(counter, 1);
        metric_add(gauge, i % 2 ? 1 : -1);
        metric_observe(histogram, 0.001 * i);
    }
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    GThread *threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        threads[i] = g_thread_new("worker", work, NULL);
    for (int i = 0; i < 20; i++) /* scrapes beside the updates */
        g_free(metrics_text());
    for (int i = 0; i < THREADS; i++)
        g_thread_join(threads[i]);
    assert_int_equal(metric_value(metric_counter("test_threads_total", NULL, "x")), THREADS * ROUNDS);
    assert_int_equal(metric_value(metric_gauge("test_threads", NULL, "x")), 0);
    assert_int_equal(metric_value(metric_histogram("test_threads_seconds", NULL, "x")), THREADS * ROUNDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counters),
        cmocka_unit_test(test_gauges_with_labels),
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_histograms),
        cmocka_unit_test(test_histogram_without_labels),
        cmocka_unit_test(test_the_process),
        cmocka_unit_test(test_the_whole_text),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
