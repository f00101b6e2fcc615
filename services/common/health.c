/* SPDX-License-Identifier: Apache-2.0 */
#include "common/health.h"

#include <pthread.h>

#include <glib.h>

#include "common/log.h"

typedef struct {
    bool well;
    char *reason; /* "" when none was given */
} State;

/* The parts live as long as the process. The lock is not a GMutex since ThreadSanitizer does not see those.
 */
static pthread_mutex_t parts_lock = PTHREAD_MUTEX_INITIALIZER;
static GTree *parts;  /* name -> State, sorted by name; under the lock */
static bool stopping; /* under the lock */

static int compare_names(const void *a, const void *b, void *user G_GNUC_UNUSED)
{
    return strcmp(a, b);
}

typedef enum { TURN_NONE, TURN_FIRST, TURN_CHANGED } Turn;

static Turn update(const char *part, bool well, const char *reason)
{
    pthread_mutex_lock(&parts_lock);
    if (!parts)
        parts = g_tree_new_full(compare_names, NULL, g_free, g_free);
    State *state = g_tree_lookup(parts, part);
    Turn turn = !state ? TURN_FIRST : state->well != well ? TURN_CHANGED : TURN_NONE;
    if (!state) {
        state = g_new0(State, 1);
        g_tree_insert(parts, g_strdup(part), state);
    }
    g_free(state->reason);
    state->well = well;
    state->reason = g_strdup(reason ? reason : "");
    pthread_mutex_unlock(&parts_lock);
    return turn;
}

void health_set(const char *part, bool well, const char *reason)
{
    Turn turn = update(part, well, reason);
    if (turn == TURN_NONE)
        return;
    if (well)
        log_info("part is ready", LOG_STR("part", part));
    else if (turn == TURN_FIRST) /* a start is no reason to wake anybody */
        log_info("part is not ready yet", LOG_STR("part", part), LOG_STR("reason", reason));
    else
        log_warning("part is not ready", LOG_STR("part", part), LOG_STR("reason", reason));
}

void health_stopping(void)
{
    pthread_mutex_lock(&parts_lock);
    stopping = true;
    pthread_mutex_unlock(&parts_lock);
}

typedef struct {
    GString *text;
    bool ready;
} Report;

static gboolean report_part(gpointer name, gpointer value, gpointer user)
{
    const State *state = value;
    Report *report = user;
    const char *reason = *state->reason ? state->reason : "not ready";
    g_autofree char *line = g_strdup_printf("%s: %s", (const char *)name, state->well ? "ok" : reason);
    g_string_append(report->text, g_strdelimit(line, "\r\n", ' ')); /* one line a part */
    g_string_append_c(report->text, '\n');
    report->ready = report->ready && state->well;
    return FALSE;
}

bool health_ready(char **ret_text)
{
    pthread_mutex_lock(&parts_lock);
    Report report = {.text = g_string_new(NULL), .ready = parts && !stopping};
    if (stopping)
        g_string_append(report.text, "stopping\n");
    if (parts)
        g_tree_foreach(parts, report_part, &report);
    else
        g_string_append(report.text, "starting\n");
    pthread_mutex_unlock(&parts_lock);
    *ret_text = g_string_free(report.text, FALSE);
    return report.ready;
}
