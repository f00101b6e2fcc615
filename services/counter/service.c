/* SPDX-License-Identifier: Apache-2.0 */
/* The thread goes round two loops. The outer one stands by until it is elected, then gets a session: it waits for
 * the broker, reads. The inner one asks the schedule what to write, writes it, and waits for the moment that the
 * schedule names; it asks again early when the clock is set or new rules have come. A session that is lost (LOST), or
 * another one elected, leads back to the outer loop. Failures are tried again with a growing pause, for ever: a broker
 * may be away for a night. But who fails for long withdraws before each pause, since it may be he who is sick and
 * another one well; and whose clock is absurd takes no part until it is right.
 *
 * Another service with the same transactional id fences this one when it gets its session: from then on this one can
 * write nothing, and notices (CONFLICT) at the next tick at the latest. It withdraws and stands by.
 *
 * The lock is over what counter_service_reload() leaves for the thread. All else is the thread's. */
#include "counter/service.h"

#include <pthread.h>
#include <stdatomic.h>

#include "common/daemon.h"
#include "common/error.h"
#include "common/health.h"
#include "common/log.h"
#include "common/timer.h"
#include "counter/clock.h"
#include "counter/counter_metrics.h"
#include "counter/election.h"
#include "counter/pause.h"
#include "counter/session.h"

#define PLANNED_AT_A_TIME 10000
#define RECORDS_AT_A_TIME 1000 /* in one transaction */
#define LOGGED_EACH_MAX   20   /* ticks of one write that are logged one by one */
#define WATCH_MS          1000
#define WATCH_MARGIN      (5 * INSTANT_SECOND) /* no look at the bus so near to a tick: it may take seconds */
#define DISCONNECTED_US   (3 * G_TIME_SPAN_SECOND) /* until the broker is said to be away */
#define STANDBY_MS        200
#define RETRY_LEAST_MS    500
#define RETRY_MOST_MS     30000
#define WITHDRAW_MS       8000 /* with pauses of this length it fails for long */

struct CounterService {
    const Config *config;
    Instant earliest; /* before it the clock is absurd */
    Timer *timer;
    GThread *thread;
    atomic_bool stopping;

    pthread_mutex_t lock;
    GPtrArray *new_rules; /* under the lock; NULL: none have come */
    CatchUp new_catch_up; /* under the lock */

    GPtrArray *rules;
    CatchUp catch_up;
    Instant planned_at; /* when the schedule was last asked */
    Election *election;
    Pause retry;
    gint64 connected_at; /* g_get_monotonic_time() */
    char *ahead;         /* the counter that was last warned of; NULL: none */
    CounterMetrics metrics;
};

static CatchUp catch_up_of(const Config *config)
{
    return g_str_equal(config_string(config, "counters", "catch-up"), "all") ? CATCH_UP_ALL : CATCH_UP_LATEST;
}

static void take_new_rules(CounterService *service)
{
    pthread_mutex_lock(&service->lock);
    GPtrArray *rules = g_steal_pointer(&service->new_rules);
    if (rules)
        service->catch_up = service->new_catch_up;
    pthread_mutex_unlock(&service->lock);
    if (!rules)
        return;
    if (service->rules)
        g_ptr_array_unref(service->rules);
    service->rules = rules;
    log_info("counters loaded", LOG_INT("counters", rules->len));
}

/* --- writing --- */

static void log_written(const ScheduleEntry *entry)
{
    const Tick *tick = entry->tick;
    if (tick)
        log_info("tick written", LOG_STR("counter", tick->counter), LOG_STR("date", tick->date),
                 LOG_INT("days", tick->days), LOG_INT("revision", tick->revision),
                 LOG_INT("late", tick->late));
    else
        log_info("counter removed", LOG_STR("counter", entry->counter));
}

static void tell_all_written(const CounterService *service, ScheduleEntry *const *entries, guint count)
{
    Instant now = g_get_real_time();
    for (guint i = 0; i < count; i++) {
        counter_metrics_count(&service->metrics, entries[i], now);
        if (count <= LOGGED_EACH_MAX)
            log_written(entries[i]);
    }
    if (count > LOGGED_EACH_MAX)
        log_info("ticks written", LOG_INT("ticks", count));
}

static bool write_all(const CounterService *service, Session *session, const Schedule *schedule, Instant now,
                      GError **error)
{
    guint left = schedule->entries->len;
    ScheduleEntry *const *entries = (ScheduleEntry *const *)schedule->entries->pdata;
    while (left > 0) {
        guint count = MIN(left, RECORDS_AT_A_TIME);
        if (!session_write(session, entries, count, now, error))
            return false;
        tell_all_written(service, entries, count);
        entries += count;
        left -= count;
    }
    return true;
}

/* Once for each counter that gets into this state. */
static void warn_if_ahead(CounterService *service, const Schedule *schedule)
{
    if (g_strcmp0(service->ahead, schedule->ahead) == 0)
        return;
    g_free(service->ahead);
    service->ahead = g_strdup(schedule->ahead);
    if (service->ahead)
        log_warning("the latest tick is of a date to come, the counter is silent until then: set the clock, "
                    "or remove the counter and add it again",
                    LOG_STR("counter", service->ahead));
}

/* Another one may have more luck. */
static bool fails_for_long(const CounterService *service)
{
    return service->retry.next_ms >= WITHDRAW_MS;
}

/* Pauses after a failure that may pass. */
static void pause_after(CounterService *service, const char *part, const GError *error)
{
    int pause = pause_take(&service->retry);
    if (atomic_load(&service->stopping))
        return;
    health_set(part, false, error->message);
    log_warning("trying again", LOG_STR("part", part), LOG_INT("pause_ms", pause), LOG_ERROR(error));
    (void)timer_wait(service->timer, INT64_MAX, pause);
}

/* Writes what is due. False when the session is over: `error` is set, or the clock is absurd. *ret_wake_at: when to look
 * again. */
static bool write_due(CounterService *service, Session *session, Instant *ret_wake_at, GError **error)
{
    g_autoptr(GError) failure = NULL;
    Instant now = g_get_real_time();
    service->planned_at = now;
    if (now < service->earliest)
        return false;
    take_new_rules(service);
    g_autoptr(Schedule) schedule =
        schedule_new(service->rules, session_ledger(session), now, service->catch_up, PLANNED_AT_A_TIME);
    warn_if_ahead(service, schedule);
    *ret_wake_at = schedule->wake_at;
    if (!write_all(service, session, schedule, now, &failure)) {
        *ret_wake_at = now;
        if (!g_error_matches(failure, DAYWIRE_ERROR, DAYWIRE_ERROR_UNAVAILABLE) || fails_for_long(service)) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return false;
        }
        pause_after(service, "ticks", failure);
        return true;
    }
    pause_reset(&service->retry);
    if (schedule->entries->len > 0)
        election_confirm(service->election);
    if (schedule->wake_at > now)
        health_set("ticks", true, NULL);
    return true;
}

/* --- waiting --- */

static void tell_connected(CounterService *service, bool connected)
{
    gint64 now = g_get_monotonic_time();
    if (connected) {
        service->connected_at = now;
        health_set("kafka", true, NULL);
    } else if (now - service->connected_at > DISCONNECTED_US) {
        health_set("kafka", false, "no broker is connected");
    }
}

/* Until there may be something to do. What was planned holds from then to `wake_at`, hence not when the clock was set
 * back to before; the timer may have told that to another wait. False when the session is over: LOST, or `error` is not
 * set, for another one is elected. */
static bool wait_until(CounterService *service, Session *session, Instant wake_at, GError **error)
{
    while (!atomic_load(&service->stopping)) {
        Instant now = g_get_real_time();
        Instant left = wake_at - now;
        metric_set(service->metrics.next_boundary,
                   wake_at == INT64_MAX ? COUNTER_METRICS_NO_BOUNDARY : MAX(left, 0) / INSTANT_SECOND);
        if (election_look(service->election, error) != ELECTION_WON)
            return false;
        if (left <= 0 || now < service->planned_at ||
            timer_wait(service->timer, wake_at, WATCH_MS) != TIMER_PASSED)
            return true;
        if (left < WATCH_MARGIN)
            continue;
        if (!session_watch(session, error))
            return false;
        tell_connected(service, session_connected(session));
    }
    return true;
}

/* --- sessions --- */

static bool may_open(void *user, GError **error)
{
    CounterService *service = user;
    return !atomic_load(&service->stopping) && election_look(service->election, error) == ELECTION_WON;
}

/* Until the session is over; then `error` is set, or another one is elected, or the clock is absurd, or the service is
 * stopping. Returns the part of /readyz that the error concerns. */
static const char *run_session(CounterService *service, GError **error)
{
    g_autoptr(Session) session = session_open(service->config, may_open, service, error);
    if (!session)
        return "kafka";
    bool written = true, goes_on = true;
    Instant wake_at = 0;
    tell_connected(service, true);
    metric_set(service->metrics.active, 1);
    while (goes_on && !atomic_load(&service->stopping)) {
        written = write_due(service, session, &wake_at, error);
        goes_on = written && wait_until(service, session, wake_at, error);
    }
    metric_set(service->metrics.active, 0);
    metric_set(service->metrics.next_boundary, COUNTER_METRICS_NO_BOUNDARY);
    return written ? "kafka" : "ticks";
}

/* --- standing by --- */

static void tell_standby(const CounterService *service)
{
    metric_set(service->metrics.standby, 1);
    health_set("ticks", true, NULL);
}

static bool clock_is_absurd(const CounterService *service)
{
    return g_get_real_time() < service->earliest;
}

/* Takes no part until the clock is right, or the service is stopping. */
static void await_clock(CounterService *service)
{
    if (!clock_is_absurd(service))
        return;
    election_withdraw(service->election);
    while (!atomic_load(&service->stopping) && clock_is_absurd(service))
        (void)timer_wait(service->timer, service->earliest, WATCH_MS);
}

/* True: elected. False: `error` is set, or the clock is absurd, or the service is stopping. */
static bool stand_by(CounterService *service, GError **error)
{
    bool told = false;
    ElectionState state = ELECTION_OPEN;
    service->connected_at = g_get_monotonic_time();
    while (!atomic_load(&service->stopping) && !clock_is_absurd(service)) {
        state = election_look(service->election, error);
        if (state == ELECTION_WON || state == ELECTION_FAILED)
            break;
        if (state == ELECTION_LOST && !told) {
            log_info("standing by: another counter service writes the ticks");
            tell_standby(service);
        }
        told = told || state == ELECTION_LOST;
        bool connected = election_connected(service->election);
        if (told || !connected)
            tell_connected(service, connected);
        (void)timer_wait(service->timer, INT64_MAX, STANDBY_MS);
    }
    metric_set(service->metrics.standby, 0);
    return state == ELECTION_WON;
}

static void step_down(CounterService *service, const GError *error)
{
    int pause = election_fenced(service->election);
    log_info("another counter service has taken over", LOG_INT("pause_ms", pause), LOG_ERROR(error));
    tell_standby(service);
    if (!atomic_load(&service->stopping))
        (void)timer_wait(service->timer, INT64_MAX, pause);
}

/* --- the thread --- */

/* False: it will never pass. */
static bool recover(CounterService *service, const char *part, const GError *error)
{
    if (g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID)) {
        health_set("ticks", false, error->message);
        daemon_fail(error->message);
        return false;
    }
    if (g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_CONFLICT)) {
        step_down(service, error);
        return true;
    }
    if (fails_for_long(service))
        election_withdraw(service->election);
    pause_after(service, part, error);
    return true;
}

static void *run(void *user)
{
    CounterService *service = user;
    bool well = true;
    while (well && !atomic_load(&service->stopping)) {
        g_autoptr(GError) error = NULL;
        const char *part = election_part(service->election);
        await_clock(service);
        if (stand_by(service, &error))
            part = run_session(service, &error);
        if (error)
            well = recover(service, part, error);
    }
    return NULL;
}

/* --- start and stop --- */

CounterService *counter_service_start(const Config *config, GError **error)
{
    Timer *timer = timer_new(error);
    if (!timer)
        return NULL;
    CounterService *service = g_new0(CounterService, 1);
    service->config = config;
    service->earliest = clock_earliest(config);
    service->timer = timer;
    service->election = election_new(config);
    pause_init(&service->retry, RETRY_LEAST_MS, RETRY_MOST_MS);
    pthread_mutex_init(&service->lock, NULL);
    service->metrics = counter_metrics_make();
    if (!counter_service_reload(service, config, error)) {
        counter_service_stop(service);
        return NULL;
    }
    health_set("kafka", false, "the broker has not answered yet");
    health_set("ticks", false, "the ticks have not been read yet");
    service->thread = g_thread_new("counter", run, service);
    return service;
}

bool counter_service_reload(CounterService *service, const Config *config, GError **error)
{
    GPtrArray *rules = counter_rules_new(config, error);
    if (!rules)
        return false;
    pthread_mutex_lock(&service->lock);
    if (service->new_rules)
        g_ptr_array_unref(service->new_rules);
    service->new_rules = rules;
    service->new_catch_up = catch_up_of(config);
    pthread_mutex_unlock(&service->lock);
    timer_wake(service->timer);
    return true;
}

void counter_service_stop(CounterService *service)
{
    if (!service)
        return;
    atomic_store(&service->stopping, true);
    timer_wake(service->timer);
    if (service->thread)
        g_thread_join(service->thread);
    election_free(service->election);
    if (service->new_rules)
        g_ptr_array_unref(service->new_rules);
    if (service->rules)
        g_ptr_array_unref(service->rules);
    pthread_mutex_destroy(&service->lock);
    timer_free(service->timer);
    g_free(service->ahead);
    g_free(service);
}
