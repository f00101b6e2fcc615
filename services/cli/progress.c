/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/progress.h"

#define BAR_WIDTH     24
#define DRAW_EVERY_US ((int64_t)G_USEC_PER_SEC / 5)
#define TELL_EVERY_US ((int64_t)5 * G_USEC_PER_SEC)
/* Earlier, a rate is a guess. */
#define RATE_AFTER_US ((int64_t)G_USEC_PER_SEC / 2)

struct Progress {
    bool drawn; /* on a terminal; else plain lines */
    uint64_t total;
    int64_t started;
    int64_t next;
    bool on_screen;
};

Progress *progress_new(uint64_t total)
{
    Progress *progress = g_new0(Progress, 1);
    progress->drawn = isatty(STDERR_FILENO);
    progress->total = total;
    progress->started = g_get_monotonic_time();
    progress->next = progress->started + (progress->drawn ? DRAW_EVERY_US : TELL_EVERY_US);
    return progress;
}

void progress_free(Progress *progress)
{
    if (!progress)
        return;
    progress_erase(progress);
    g_free(progress);
}

void progress_erase(Progress *progress)
{
    if (!progress || !progress->on_screen)
        return;
    (void)fputs("\r\033[K", stderr);
    (void)fflush(stderr);
    progress->on_screen = false;
}

/* printf's own grouping is that of the locale. */
static void append_number(GString *text, uint64_t number)
{
    g_autofree char *digits = g_strdup_printf("%" G_GUINT64_FORMAT, number);
    size_t length = strlen(digits);
    for (size_t i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            g_string_append_c(text, ',');
        g_string_append_c(text, digits[i]);
    }
}

static void append_time(GString *text, uint64_t seconds)
{
    if (seconds < 120)
        g_string_append_printf(text, "%u s", (unsigned)seconds);
    else if (seconds < (uint64_t)120 * 60)
        g_string_append_printf(text, "%u min", (unsigned)((seconds + 30) / 60));
    else
        g_string_append_printf(text, "%u h", (unsigned)MIN((seconds + 1800) / 3600, 99999));
}

/* A file may grow while it is read. */
static double share(uint64_t bytes, uint64_t total)
{
    return total == 0 ? 0 : MIN((double)bytes / (double)total, 1.0);
}

char *progress_words(uint64_t lines, uint64_t bytes, uint64_t total, int64_t elapsed_us)
{
    GString *text = g_string_new(NULL);
    append_number(text, lines);
    g_string_append(text, lines == 1 ? " line" : " lines");
    if (total > 0)
        g_string_append_printf(text, ", %u %%", (unsigned)(share(bytes, total) * 100));
    if (elapsed_us >= RATE_AFTER_US) {
        double seconds = (double)elapsed_us / G_USEC_PER_SEC;
        g_string_append(text, ", ");
        append_number(text, (uint64_t)((double)lines / seconds));
        g_string_append(text, "/s");
        if (total > bytes && bytes > 0) {
            g_string_append(text, ", ");
            append_time(text, (uint64_t)MIN(seconds / (double)bytes * (double)(total - bytes), 1e9) + 1);
            g_string_append(text, " left");
        }
    }
    return g_string_free(text, FALSE);
}

char *progress_bar(uint64_t lines, uint64_t bytes, uint64_t total, int64_t elapsed_us, unsigned width)
{
    g_autofree char *words = progress_words(lines, bytes, total, elapsed_us);
    if (total == 0)
        return g_steal_pointer(&words);
    unsigned filled = (unsigned)(share(bytes, total) * width);
    GString *text = g_string_new("[");
    for (unsigned i = 0; i < width; i++)
        g_string_append_c(text, i < filled ? '=' : i == filled ? '>' : ' ');
    g_string_append_printf(text, "] %s", words);
    return g_string_free(text, FALSE);
}

void progress_update(Progress *progress, uint64_t lines, uint64_t bytes)
{
    int64_t now = g_get_monotonic_time();
    if (!progress || now < progress->next)
        return;
    progress->next = now + (progress->drawn ? DRAW_EVERY_US : TELL_EVERY_US);
    int64_t elapsed = now - progress->started;
    if (progress->drawn) {
        g_autofree char *bar = progress_bar(lines, bytes, progress->total, elapsed, BAR_WIDTH);
        (void)fprintf(stderr, "\r\033[K%s", bar);
        (void)fflush(stderr);
        progress->on_screen = true;
    } else {
        g_autofree char *words = progress_words(lines, bytes, progress->total, elapsed);
        (void)fprintf(stderr, "%s\n", words);
    }
}
