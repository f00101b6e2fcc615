/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/exchange_lws.h"

#include <pthread.h>

#include "common/log.h"

/* Clients can make libwebsockets complain (too long headers, odd methods), so they must not be able to fill a
 * disk. */
#define LINES_A_MINUTE 10

static void write_line(int level, const char *line)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static int64_t minute;
    static unsigned written;
    static unsigned left_out;
    int64_t now = g_get_monotonic_time() / (INT64_C(60) * G_USEC_PER_SEC);

    pthread_mutex_lock(&lock);
    unsigned before = 0;
    if (now != minute) {
        before = left_out;
        left_out = 0;
        written = 0;
        minute = now;
    }
    bool write = written < LINES_A_MINUTE;
    written += write;
    left_out += !write;
    pthread_mutex_unlock(&lock);

    if (!write)
        return;
    g_autofree char *text = g_strdup(line);
    log_write(level == LLL_ERR ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO, "libwebsockets",
              (LogField[]){LOG_STR("text", g_strchomp(text)), LOG_INT("left_out_before", before), {0}});
}

void http_log_init(void)
{
    lws_set_log_level(LLL_ERR | LLL_WARN, write_line);
}
