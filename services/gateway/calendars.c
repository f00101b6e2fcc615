/* SPDX-License-Identifier: Apache-2.0 */
/* To make a calendar takes some tenths of a millisecond a counter; it is kept until a date begins in the zone of one of its
 * counters, or in UTC, or there are new rules. Its ETag is that of its text. Its events are stamped with the beginning of the day in UTC, so that it changes once a day, and is the same at
 * every gateway. */
#include "gateway/calendars.h"

#include <pthread.h>
#include <stdatomic.h>

#include "counter/calendar.h"
#include "counter/preview.h"
#include "counter/tick.h"
#include "gateway/calendar_cache.h"
#include "gateway/reply.h"

#define TYPE  "text/calendar; charset=utf-8"
#define CACHE "max-age=300"

struct Calendars {
    const char *title;
    const Origins *origins;
    GThread *thread;
    /* the thread's */
    GPtrArray *rules;
    CalendarCache *cache; /* made from them */

    pthread_mutex_t lock; /* not a GMutex: ThreadSanitizer does not see those */
    pthread_cond_t changed;
    /* under the lock */
    GPtrArray *new_rules; /* for the thread; NULL: none have come */
    GQueue jobs;

    atomic_bool stopping;
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

/* --- the thread --- */

/* Waits for one; NULL: it is time to end, and nobody waits. */
static Job *next_job(Calendars *calendars)
{
    pthread_mutex_lock(&calendars->lock);
    while (!atomic_load(&calendars->stopping) && calendars->jobs.length == 0)
        pthread_cond_wait(&calendars->changed, &calendars->lock);
    Job *job = g_queue_pop_head(&calendars->jobs);
    GPtrArray *rules = g_steal_pointer(&calendars->new_rules);
    pthread_mutex_unlock(&calendars->lock);
    if (rules) {
        g_ptr_array_unref(calendars->rules);
        calendars->rules = rules;
        calendar_cache_clear(calendars->cache);
    }
    return job;
}

typedef struct {
    Calendar *calendar;
    bool full;
} Events;

/* False ends it: what comes later than the last event that has room is left out. */
static bool add_event(const Tick *tick, void *user)
{
    Events *events = user;
    events->full = !calendar_add(events->calendar, tick);
    return !events->full;
}

static Instant end_of_date(const CounterRule *rule, CivilDate date)
{
    return zone_first_instant(rule->zone, zone_next_date(rule->zone, date));
}

/* NULL: there is no such counter. Less than all of it at a stop. It is good from the job's instant to *ret_until. */
static GBytes *make(const Calendars *calendars, const Job *job, Instant *ret_until)
{
    const CalendarHead head = {.title = calendars->title,
                               .counter = job->counter,
                               .language = job->language,
                               .stamp = job->now - job->now % INSTANT_DAY};
    Instant until = head.stamp + INSTANT_DAY;
    const GPtrArray *rules = calendars->rules;
    g_autoptr(Calendar) calendar = calendar_new(&head);
    Events events = {.calendar = calendar};
    bool known = job->counter == NULL;
    for (guint i = 0; i < rules->len && !events.full && !atomic_load(&calendars->stopping); i++) {
        const CounterRule *rule = rules->pdata[i];
        if (job->counter && strcmp(rule->id, job->counter) != 0)
            continue;
        CivilDate today = counter_date_at(rule, job->now);
        known = true;
        until = MIN(until, end_of_date(rule, today));
        const PreviewRange range = {today, MIN(today + CALENDARS_DAYS_AHEAD, TICK_DATE_MAX), .events = true};
        counter_preview_rule(rule, &range, add_event, &events);
    }
    *ret_until = until;
    return known ? calendar_finish(calendar) : NULL;
}

static GBytes *find_or_make(const Calendars *calendars, const Job *job)
{
    GBytes *body = calendar_cache_find(calendars->cache, job->counter, job->language, job->now);
    if (body)
        return body;
    Instant until = 0;
    body = make(calendars, job, &until);
    if (body && !atomic_load(&calendars->stopping))
        calendar_cache_put(calendars->cache, job->counter, job->language, body, job->now, until);
    return body;
}

static void answer(const Calendars *calendars, const Job *job)
{
    g_autoptr(GBytes) body = find_or_make(calendars, job);
    if (atomic_load(&calendars->stopping)) {
        http_respond_problem(job->request, 503, "this gateway is stopping", NULL);
    } else if (body) {
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
}

static void *run(void *user)
{
    Calendars *calendars = user;
    for (Job *job; (job = next_job(calendars)); job_free(job))
        answer(calendars, job);
    return NULL;
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
    calendars->cache = calendar_cache_new();
    pthread_mutex_init(&calendars->lock, NULL);
    pthread_cond_init(&calendars->changed, NULL);
    g_queue_init(&calendars->jobs);
    calendars->thread = g_thread_new("calendars", run, calendars);
    return calendars;
}

bool calendars_reload(Calendars *calendars, const Config *config, GError **error)
{
    GPtrArray *rules = counter_rules_new(config, error);
    if (!rules)
        return false;
    pthread_mutex_lock(&calendars->lock);
    g_clear_pointer(&calendars->new_rules, g_ptr_array_unref);
    calendars->new_rules = rules;
    pthread_mutex_unlock(&calendars->lock);
    return true;
}

void calendars_stop(Calendars *calendars)
{
    if (!calendars)
        return;
    pthread_mutex_lock(&calendars->lock);
    atomic_store(&calendars->stopping, true);
    pthread_cond_signal(&calendars->changed);
    pthread_mutex_unlock(&calendars->lock);
    g_thread_join(calendars->thread);
    g_clear_pointer(&calendars->new_rules, g_ptr_array_unref);
    g_ptr_array_unref(calendars->rules);
    calendar_cache_free(calendars->cache);
    pthread_cond_destroy(&calendars->changed);
    pthread_mutex_destroy(&calendars->lock);
    g_free(calendars);
}

/* False when too many wait. */
static bool put_job(Calendars *calendars, Job *job)
{
    pthread_mutex_lock(&calendars->lock);
    bool has_room = calendars->jobs.length < CALENDARS_WAITING_MAX;
    if (has_room) {
        g_queue_push_tail(&calendars->jobs, job);
        pthread_cond_signal(&calendars->changed);
    }
    pthread_mutex_unlock(&calendars->lock);
    return has_room;
}

void calendars_answer(Calendars *calendars, HttpRequest *request, const char *counter, const char *language,
                      Instant now)
{
    Job *job = g_new0(Job, 1);
    job->request = request;
    job->counter = g_strdup(counter);
    job->language = g_strdup(language);
    job->now = now;
    if (put_job(calendars, job))
        return;
    job_free(job);
    http_respond_problem(request, 503, "other calendars are being made; ask again in a moment", NULL);
}
