/* SPDX-License-Identifier: Apache-2.0 */
/* The registry and its text form, Prometheus' exposition format 0.0.4.
 *
 * The registry only grows, under a lock; values change without it, by relaxed atomics: a metric orders
 * nothing else. A scrape that runs beside updates sees each number at some moment of the scrape, not all at
 * one moment; only the count of a histogram always fits its buckets, since it is their sum. */
#include "common/metrics.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "common/process_metrics.h"
#include "common/text.h"

#define MICROSECONDS INT64_C(1000000)

typedef enum { COUNTER, GAUGE, HISTOGRAM } Type;
static const char *const type_names[] = {"counter", "gauge", "histogram"};

/* Upper bounds in microseconds, and as they are written. The last bucket, +Inf, has none. */
static const struct {
    int64_t most;
    const char *text;
} bounds[] = {
    {100, "0.0001"}, {250, "0.00025"}, {500, "0.0005"}, {1000, "0.001"},  {2500, "0.0025"}, {5000, "0.005"},
    {10000, "0.01"}, {25000, "0.025"}, {50000, "0.05"}, {100000, "0.1"},  {250000, "0.25"}, {500000, "0.5"},
    {1000000, "1"},  {2500000, "2.5"}, {5000000, "5"},  {10000000, "10"}, {30000000, "30"}, {60000000, "60"},
};
#define BOUNDS G_N_ELEMENTS(bounds)

struct Metric {
    Type type;
    char *labels;
    _Atomic int64_t value; /* counter, gauge */
    _Atomic int64_t sum;   /* histogram: microseconds */
    _Atomic int64_t buckets[BOUNDS + 1];
};

typedef struct {
    Type type;
    char *help;
    GPtrArray *metrics; /* one for each set of labels */
} Family;

/* Metrics live as long as the process. The lock is not a GMutex since ThreadSanitizer does not see those. */
static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static GHashTable *registry; /* name -> Family; under the lock */

static bool is_name(const char *text, size_t length, const char *more)
{
    if (length == 0 || g_ascii_isdigit(text[0]))
        return false;
    for (size_t i = 0; i < length; i++)
        if (!g_ascii_isalnum(text[i]) && !strchr(more, text[i]))
            return false;
    return true;
}

/* name="value",name="value" with backslash, quote and line feed escaped. */
static bool are_labels(const char *text)
{
    for (;;) {
        size_t length = strcspn(text, "=");
        if (!is_name(text, length, "_") || text[length] != '=' || text[length + 1] != '"')
            return false;
        for (text += length + 2; *text != '"'; text++) {
            if (*text == '\\' && (*++text == '\0' || !strchr("\\\"n", *text)))
                return false;
            if (*text == '\0' || *text == '\n')
                return false;
        }
        if (*++text == '\0')
            return true;
        if (*text++ != ',')
            return false;
    }
}

/* Under the lock. */
static Family *family_of(const char *name, Type type, const char *help)
{
    if (!registry)
        registry = g_hash_table_new(g_str_hash, g_str_equal);
    Family *family = g_hash_table_lookup(registry, name);
    if (family) {
        if (family->type != type)
            g_error("metric %s is both a %s and a %s", name, type_names[family->type], type_names[type]);
        return family;
    }
    family = g_new(Family, 1);
    *family = (Family){.type = type, .help = g_strdup(help), .metrics = g_ptr_array_new()};
    g_hash_table_insert(registry, g_strdup(name), family);
    return family;
}

/* Under the lock. */
static Metric *metric_of(Family *family, const char *labels)
{
    for (guint i = 0; i < family->metrics->len; i++) {
        Metric *metric = family->metrics->pdata[i];
        if (g_strcmp0(metric->labels, labels) == 0)
            return metric;
    }
    Metric *metric = g_new0(Metric, 1);
    metric->type = family->type;
    metric->labels = g_strdup(labels);
    g_ptr_array_add(family->metrics, metric);
    return metric;
}

static Metric *metric_new(const char *name, Type type, const char *labels, const char *help)
{
    if (!is_name(name, strlen(name), "_:") || (labels && !are_labels(labels)))
        g_error("metric %s{%s} is not named by the rules", name, labels ? labels : "");
    pthread_mutex_lock(&registry_lock);
    Metric *metric = metric_of(family_of(name, type, help), labels);
    pthread_mutex_unlock(&registry_lock);
    return metric;
}

Metric *metric_counter(const char *name, const char *labels, const char *help)
{
    return metric_new(name, COUNTER, labels, help);
}

Metric *metric_gauge(const char *name, const char *labels, const char *help)
{
    return metric_new(name, GAUGE, labels, help);
}

Metric *metric_histogram(const char *name, const char *labels, const char *help)
{
    return metric_new(name, HISTOGRAM, labels, help);
}

void metric_add(Metric *metric, int64_t value)
{
    g_return_if_fail(metric->type == GAUGE || (metric->type == COUNTER && value >= 0));
    atomic_fetch_add_explicit(&metric->value, value, memory_order_relaxed);
}

void metric_set(Metric *metric, int64_t value)
{
    g_return_if_fail(metric->type == GAUGE);
    atomic_store_explicit(&metric->value, value, memory_order_relaxed);
}

void metric_observe(Metric *metric, double seconds)
{
    g_return_if_fail(metric->type == HISTOGRAM);
    /* Clocks can be set back: less than nothing counts as nothing. NAN compares as false, hence the order. */
    double microseconds = seconds > 0 ? MIN(seconds, 1e6) * (double)MICROSECONDS : 0;
    int64_t rounded = (int64_t)(microseconds + 0.5);
    size_t bucket = 0;
    while (bucket < BOUNDS && rounded > bounds[bucket].most)
        bucket++;
    atomic_fetch_add_explicit(&metric->buckets[bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&metric->sum, rounded, memory_order_relaxed);
}

int64_t metric_value(const Metric *metric)
{
    if (metric->type != HISTOGRAM)
        return atomic_load_explicit(&metric->value, memory_order_relaxed);
    int64_t count = 0;
    for (size_t i = 0; i <= BOUNDS; i++)
        count += atomic_load_explicit(&metric->buckets[i], memory_order_relaxed);
    return count;
}

/* `quote`: within a label's value, where quotes are escaped too. */
static void append_escaped(GString *text, const char *value, bool quote)
{
    for (; *value; value++) {
        if (*value == '\n')
            g_string_append(text, "\\n");
        else if (*value == '\\' || (quote && *value == '"'))
            g_string_append_printf(text, "\\%c", *value);
        else
            g_string_append_c(text, *value);
    }
}

char *metric_label(const char *name, const char *value)
{
    g_autofree char *valid = g_utf8_make_valid(value, -1);
    GString *text = g_string_new(name);
    g_string_append(text, "=\"");
    append_escaped(text, valid, true);
    g_string_append_c(text, '"');
    return g_string_free(text, FALSE);
}

static void append_head(GString *text, const char *name, const char *type, const char *help)
{
    g_string_append_printf(text, "# HELP %s ", name);
    append_escaped(text, help, false);
    g_string_append_printf(text, "\n# TYPE %s %s\n", name, type);
}

static void append_histogram(GString *text, const char *name, const Metric *metric)
{
    const char *labels = metric->labels ? metric->labels : "";
    const char *comma = metric->labels ? "," : "";
    int64_t count = 0;
    for (size_t i = 0; i <= BOUNDS; i++) {
        count += atomic_load_explicit(&metric->buckets[i], memory_order_relaxed);
        g_string_append_printf(text, "%s_bucket{%s%sle=\"%s\"} %" G_GINT64_FORMAT "\n", name, labels, comma,
                               i < BOUNDS ? bounds[i].text : "+Inf", count);
    }
    g_autofree char *braced = metric->labels ? g_strdup_printf("{%s}", labels) : g_strdup("");
    int64_t sum = atomic_load_explicit(&metric->sum, memory_order_relaxed);
    g_string_append_printf(text, "%s_sum%s %" G_GINT64_FORMAT ".%06d\n", name, braced, sum / MICROSECONDS,
                           (int)(sum % MICROSECONDS));
    g_string_append_printf(text, "%s_count%s %" G_GINT64_FORMAT "\n", name, braced, count);
}

static char *family_text(const char *name, const Family *family)
{
    GString *text = g_string_new(NULL);
    append_head(text, name, type_names[family->type], family->help);
    for (guint i = 0; i < family->metrics->len; i++) {
        const Metric *metric = family->metrics->pdata[i];
        if (family->type == HISTOGRAM) {
            append_histogram(text, name, metric);
            continue;
        }
        g_string_append(text, name);
        if (metric->labels)
            g_string_append_printf(text, "{%s}", metric->labels);
        g_string_append_printf(text, " %" G_GINT64_FORMAT "\n", metric_value(metric));
    }
    return g_string_free(text, FALSE);
}

static char *process_metric_text(const ProcessMetric *metric)
{
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    GString *text = g_string_new(NULL);
    append_head(text, metric->name, metric->type, metric->help);
    g_string_append_printf(text, "%s %s\n", metric->name,
                           g_ascii_formatd(number, sizeof(number), "%.15g", metric->value));
    return g_string_free(text, FALSE);
}

char *metrics_text(void)
{
    metric_set(
        metric_gauge("daywire_build_info", "version=\"" DAYWIRE_VERSION "\"", "Always 1, with the version."),
        1);

    /* Every text begins with "# HELP <name> ": sorting the texts sorts the names. */
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
    ProcessMetric process[PROCESS_METRICS_MAX];
    size_t count = process_metrics_read(process);
    for (size_t i = 0; i < count; i++)
        g_ptr_array_add(texts, process_metric_text(&process[i]));

    pthread_mutex_lock(&registry_lock);
    GHashTableIter iterator;
    gpointer name = NULL, family = NULL;
    g_hash_table_iter_init(&iterator, registry);
    while (g_hash_table_iter_next(&iterator, &name, &family))
        g_ptr_array_add(texts, family_text(name, family));
    pthread_mutex_unlock(&registry_lock);

    g_ptr_array_sort(texts, text_compare);
    g_ptr_array_add(texts, NULL);
    return g_strjoinv(NULL, (char **)texts->pdata);
}
