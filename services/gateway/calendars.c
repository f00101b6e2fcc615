/* SPDX-License-Identifier: Apache-2.0 */
/* A calendar is made anew for each request: that costs about a millisecond, and its ETag is that of its text. Its events
 * are stamped with the beginning of the day in UTC, so that it changes once a day, and is the same at every gateway. */
#include "gateway/calendars.h"

#include <pthread.h>

#include "counter/calendar.h"
#include "counter/preview.h"
#include "gateway/reply.h"

#define TYPE  "text/calendar; charset=utf-8"
#define CACHE "max-age=300"
#define DAY   (86400 * INSTANT_SECOND)

struct Calendars {
    const char *title;
    const Origins *origins;
    GThreadPool *maker; /* of one thread */
    pthread_mutex_t lock;
    GPtrArray *rules; /* the pointer under the lock, the rules are the maker's alone once they are here */
};

typedef struct {
    HttpRequest *request;
    char *counter; /* NULL: all */
    char *language;
    Instant now;
} Job;

static void job_free(Job *job)
{
    g_free(job->counter);
    g_free(job->language);
    g_free(job);
}

/* --- the maker's thread --- */

/* A new reference. */
static GPtrArray *current_rules(Calendars *calendars)
{
    pthread_mutex_lock(&calendars->lock);
    GPtrArray *rules = g_ptr_array_ref(calendars->rules);
    pthread_mutex_unlock(&calendars->lock);
    return rules;
}

/* False ends it: what comes later than the last event that has room is left out. */
static bool add_event(const Tick *tick, void *user)
{
    return calendar_add(user, tick);
}

/* NULL: there is no such counter. */
static GBytes *make(Calendars *calendars, const Job *job)
{
    const CalendarHead head = {.title = calendars->title,
                               .counter = job->counter,
                               .language = job->language,
                               .stamp = job->now - job->now % DAY};
    g_autoptr(GPtrArray) rules = current_rules(calendars);
    g_autoptr(Calendar) calendar = calendar_new(&head);
    bool known = job->counter == NULL;
    for (guint i = 0; i < rules->len; i++) {
        const CounterRule *rule = rules->pdata[i];
        if (job->counter && strcmp(rule->id, job->counter) != 0)
            continue;
        CivilDate today = counter_date_at(rule, job->now);
        known = true;
        counter_preview_events(rule, today, MIN(today + CALENDARS_DAYS_AHEAD, TICK_DATE_MAX), add_event,
                               calendar);
    }
    return known ? calendar_finish(calendar) : NULL;
}

static void answer(void *data, void *user)
{
    Job *job = data;
    Calendars *calendars = user;
    g_autoptr(GBytes) body = make(calendars, job);
    if (body) {
        g_autofree char *checksum = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, body);
        g_autofree char *etag = g_strdup_printf("\"%.24s\"", checksum);
        g_autofree char *name = g_strconcat(job->counter ? job->counter : "counters", ".ics", NULL);
        const Reply reply = {.status = 200,
                             .type = TYPE,
                             .cache = CACHE,
                             .etag = etag,
                             .origins = calendars->origins,
                             .filename = name};
        reply_send(job->request, &reply, body);
    } else {
        http_respond_problem(job->request, 404, "the configuration of this gateway has no such counter",
                             NULL);
    }
    job_free(job);
}

/* --- any thread --- */

Calendars *calendars_start(const Config *config, const char *title, const Origins *origins, GError **error)
{
    GPtrArray *rules = counter_rules_new(config, error);
    if (!rules)
        return NULL;
    Calendars *calendars = g_new0(Calendars, 1);
    calendars->title = title;
    calendars->origins = origins;
    calendars->rules = rules;
    pthread_mutex_init(&calendars->lock, NULL);
    calendars->maker = g_thread_pool_new(answer, calendars, 1, TRUE, error);
    if (calendars->maker)
        return calendars;
    calendars_stop(calendars);
    return NULL;
}

bool calendars_reload(Calendars *calendars, const Config *config, GError **error)
{
    GPtrArray *rules = counter_rules_new(config, error);
    if (!rules)
        return false;
    pthread_mutex_lock(&calendars->lock);
    GPtrArray *old = calendars->rules;
    calendars->rules = rules;
    pthread_mutex_unlock(&calendars->lock);
    g_ptr_array_unref(old);
    return true;
}

void calendars_stop(Calendars *calendars)
{
    if (!calendars)
        return;
    if (calendars->maker)
        g_thread_pool_free(calendars->maker, FALSE, TRUE);
    g_ptr_array_unref(calendars->rules);
    pthread_mutex_destroy(&calendars->lock);
    g_free(calendars);
}

void calendars_answer(Calendars *calendars, HttpRequest *request, const char *counter, const char *language,
                      Instant now)
{
    if (g_thread_pool_unprocessed(calendars->maker) >= CALENDARS_WAITING_MAX) {
        http_respond_problem(request, 503, "many calendars are asked for now", NULL);
        return;
    }
    Job *job = g_new0(Job, 1);
    job->request = request;
    job->counter = g_strdup(counter);
    job->language = g_strdup(language);
    job->now = now;
    /* FALSE would tell that there is no thread; the pool is exclusive, it has its own. */
    (void)g_thread_pool_push(calendars->maker, job, NULL);
}
