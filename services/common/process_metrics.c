/* SPDX-License-Identifier: Apache-2.0 */
#include "common/process_metrics.h"

#include <dirent.h>
#include <stdbool.h>

#include <glib.h>

static bool cpu_seconds(double *value)
{
    struct timespec used;
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) != 0)
        return false;
    *value = (double)used.tv_sec + (double)used.tv_nsec / 1e9;
    return true;
}

static bool open_fds(double *value)
{
    DIR *folder = opendir("/proc/self/fd");
    if (!folder)
        return false;
    int count = 0;
    for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder))
        count += entry->d_name[0] != '.';
    (void)closedir(folder);
    *value = count - 1; /* without the one that counted */
    return true;
}

/* The field after `skip` blanks of a line such as /proc/self/statm. */
static bool number_after(const char *line, unsigned skip, guint64 *number)
{
    g_auto(GStrv) words = g_strsplit(line, " ", (int)skip + 2);
    return g_strv_length(words) > skip &&
           g_ascii_string_to_unsigned(g_strstrip(words[skip]), 10, 0, G_MAXINT64, number, NULL);
}

static bool resident_bytes(double *value)
{
    g_autofree char *text = NULL;
    guint64 pages = 0;
    if (!g_file_get_contents("/proc/self/statm", &text, NULL, NULL) || !number_after(text, 1, &pages))
        return false;
    *value = (double)pages * (double)sysconf(_SC_PAGESIZE);
    return true;
}

/* The kernel tells the start in ticks after boot, and the time of boot in whole seconds: always the same
 * answer. */
static bool start_time(double *value)
{
    g_autofree char *process = NULL;
    g_autofree char *system = NULL;
    guint64 ticks = 0, boot = 0;
    if (!g_file_get_contents("/proc/self/stat", &process, NULL, NULL) ||
        !g_file_get_contents("/proc/stat", &system, NULL, NULL))
        return false;
    const char *name_end = strrchr(process, ')'); /* the name may hold blanks; after it comes field 3 */
    const char *boot_line = strstr(system, "\nbtime ");
    if (!name_end || !boot_line || !number_after(name_end, 20, &ticks))
        return false;
    g_autofree char *boot_text = g_strndup(boot_line + 1, strcspn(boot_line + 1, "\n"));
    if (!number_after(boot_text, 1, &boot))
        return false;
    *value = (double)boot + (double)ticks / (double)sysconf(_SC_CLK_TCK);
    return true;
}

size_t process_metrics_read(ProcessMetric metrics[static PROCESS_METRICS_MAX])
{
    static const struct {
        const char *name, *type, *help;
        bool (*read)(double *value);
    } known[PROCESS_METRICS_MAX] = {
        {"process_cpu_seconds_total", "counter", "User and system CPU time spent.", cpu_seconds},
        {"process_open_fds", "gauge", "Open file descriptors.", open_fds},
        {"process_resident_memory_bytes", "gauge", "Resident memory.", resident_bytes},
        {"process_start_time_seconds", "gauge", "Start of the process since the Unix epoch.", start_time},
    };
    size_t count = 0;
    for (size_t i = 0; i < PROCESS_METRICS_MAX; i++) {
        double value = 0;
        if (known[i].read(&value))
            metrics[count++] = (ProcessMetric){known[i].name, known[i].type, known[i].help, value};
    }
    return count;
}
