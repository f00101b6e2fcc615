/* SPDX-License-Identifier: Apache-2.0 */
#include "scenario.h"

#include <limits.h>

#include "base_images.h"
#include "checkpoints.h"
#include "common/health.h"
#include "common/metrics.h"
#include "fake_bus.h"
#include "fault_vfs.h"
#include "ingest/engine.h"
#include "jobs.h"
#include "lockstep.h"
#include "oracle.h"

#define ATTEMPTS     6 /* a second each: until a disk that is well again is used */
#define DRAIN_ROUNDS 200
#define STEPS_MIN    5
#define STEPS_MAX    10

static struct {
    const Config *config;
    const char *path;
} setup;

typedef struct {
    Dice *dice;
    Oracle *oracle;
    Jobs *jobs;
    Engine *engine;
    StoreReader *reader;
    FakeBusTrouble trouble;
    ScenarioResult result;
} Run;

void scenario_init(const Config *config, const char *path)
{
    setup.config = config;
    setup.path = path;
    base_images_init(path);
}

void scenario_end(void)
{
    base_images_end();
    fake_bus_end();
}

/* ---- the process ---- */

static bool health_says(const char *line)
{
    g_autofree char *report = NULL;
    (void)health_ready(&report);
    return strstr(report, line) != NULL;
}

/* A start that a fault makes fail says so, and succeeds when the fault is over. */
static void start(Run *run)
{
    g_autoptr(GError) error = NULL;

    run->engine = engine_start(setup.config, &error);
    if (run->engine || disk_is_dead())
        return;
    if (!disk_was_hit())
        oracle_complain(run->oracle, "the engine does not start: %s", error->message);
    if (disk_was_hit() && !strstr(error->message, setup.path))
        oracle_complain(run->oracle, "a failed start does not name the file: %s", error->message);
    g_clear_error(&error);
    disk_heal();
    run->engine = engine_start(setup.config, &error);
    if (!run->engine)
        oracle_complain(run->oracle, "the engine does not start on a disk that is well again: %s",
                        error->message);
}

static void stop(Run *run)
{
    store_reader_close(g_steal_pointer(&run->reader));
    engine_stop(g_steal_pointer(&run->engine));
}

typedef struct {
    Run *run;
    unsigned number;
    bool after_hit; /* nothing could be written when it was handed in */
} Ticket;

static void on_finished(Job *job, JobOutcome outcome, const GError *failure)
{
    g_autofree Ticket *ticket = job->user;
    Run *run = ticket->run;

    if (disk_is_dead()) { /* and the process with it: nobody hears this */
        job_free(job);
        return;
    }
    oracle_hears(run->oracle, ticket->number, job, outcome, ticket->after_hit && disk_is_failing());
    if (outcome != JOB_FAILED)
        run->result.acknowledged++;
    else if (!disk_was_hit())
        oracle_complain(run->oracle, "job %u failed on a disk that is well: %s", ticket->number,
                        failure->message);
    else if (health_says("database: ok"))
        oracle_complain(run->oracle, "job %u failed, and the database is said to be well", ticket->number);
    job_free(job);
}

static unsigned submit(Run *run)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) certain = g_array_new(FALSE, TRUE, sizeof(bool));
    Job *job = jobs_next(run->jobs, certain);
    Ticket *ticket = g_new0(Ticket, 1);
    unsigned number = oracle_submits(run->oracle, job, certain);

    *ticket = (Ticket){.run = run, .number = number, .after_hit = disk_is_failing()};
    job->finished = on_finished;
    job->user = ticket;
    if (!engine_submit(run->engine, job, &error)) {
        oracle_drops(run->oracle, number);
        g_free(ticket);
        job_free(job);
    }
    return number;
}

static void read_something(Run *run)
{
    const char *id = JOBS_IDS[dice_range(run->dice, 0, (int)G_N_ELEMENTS(JOBS_IDS) - 1)];
    g_autoptr(GError) error = NULL;
    g_auto(StoredStatement) stored = {0};

    if (!run->reader)
        run->reader = store_reader_open(setup.path, &error);
    if (run->reader && store_reader_find(run->reader, id, &stored, &error))
        oracle_reads(run->oracle, id, stored.latest);
    else if (!disk_was_hit())
        oracle_complain(run->oracle, "a reader fails on a disk that is well: %s", error->message);
}

static void step(Run *run)
{
    if (dice_chance(run->dice, 20))
        fake_bus_open();
    for (int jobs = dice_range(run->dice, 0, 3); jobs > 0; jobs--)
        (void)submit(run);
    lockstep_run();
    for (int works = dice_range(run->dice, 0, 3); works > 0; works--) {
        fake_bus_work(false);
        lockstep_run();
    }
    if (dice_chance(run->dice, 30))
        read_something(run);
    if (dice_chance(run->dice, 40))
        lockstep_pass(dice_range(run->dice, 1, 2 * (int)G_USEC_PER_SEC));
}

/* ---- after a fault ---- */

/* The disk is well again: the engine takes statements again, without a restart, and says so. */
static void check_recovery(Run *run)
{
    bool good = false;

    disk_heal();
    for (int i = 0; i < ATTEMPTS && !good && !disk_is_dead(); i++) {
        unsigned number = submit(run);
        lockstep_run();
        good = oracle_was_acknowledged(run->oracle, number);
        /* One that waits for the bus is told after its time. */
        lockstep_pass(JOBS_WAIT_MAX_US + G_USEC_PER_SEC);
        good = good || oracle_was_acknowledged(run->oracle, number);
    }
    if (!good)
        oracle_complain(run->oracle, "the engine stores nothing though the disk is well again");
    if (!health_says("database: ok"))
        oracle_complain(run->oracle, "the database is not said to be well though the disk is well again");
}

static void restart(Run *run)
{
    stop(run);
    oracle_restarts(run->oracle);
    start(run);
}

/* Lasting faults last some steps. Some people restart what does not work. */
static void live(Run *run)
{
    int patience = dice_range(run->dice, 1, 4);
    bool recovered = false;

    start(run);
    for (int steps = dice_range(run->dice, STEPS_MIN, STEPS_MAX); steps > 0 && run->engine && !disk_is_dead();
         steps--) {
        step(run);
        if (recovered || !disk_was_hit() || disk_is_dead() || patience-- > 0)
            continue;
        if (dice_chance(run->dice, 30))
            restart(run);
        if (run->engine)
            check_recovery(run);
        recovered = true;
    }
    if (!recovered && run->engine && disk_was_hit() && !disk_is_dead())
        check_recovery(run);
}

/* Another process goes on with what this one has written, synced or not. */
static void live_on(Run *run)
{
    fake_bus_freeze();
    stop(run);
    disk_revive();
    fake_bus_thaw();
    oracle_restarts(run->oracle);
    start(run);
    for (int steps = dice_range(run->dice, 0, STEPS_MIN); steps > 0 && run->engine; steps--)
        step(run);
}

/* The next process finds the files as the check did. */
static void check_file(Run *run, Fault next)
{
    g_autoptr(GHashTable) image = disk_image();
    oracle_checks_file(run->oracle, setup.path);
    disk_set(image, next);
}

/* The power goes; what is on the disk is compared with what was said. */
static void cut(Run *run, Fault next)
{
    disk_kill();
    fake_bus_freeze();
    stop(run);
    disk_restart();
    fake_bus_thaw();
    check_file(run, next);
}

static bool outbox_is_empty(void)
{
    return metric_value(metric_gauge("daywire_ingest_outbox_depth", NULL, "")) == 0;
}

/* What is scheduled comes due, everything comes to the bus, a last job included. */
static void drain(Run *run)
{
    unsigned last = 0;
    bool told = false;

    start(run);
    if (!run->engine || disk_is_dead())
        return;
    lockstep_pass(JOBS_HORIZON_US);
    for (int i = 0; i < DRAIN_ROUNDS && !disk_is_dead(); i++) {
        if (i == 1)
            last = submit(run);
        fake_bus_open();
        lockstep_pass(G_USEC_PER_SEC / 5);
        fake_bus_work(i > DRAIN_ROUNDS / 2);
        lockstep_run();
        told = i > 1 && oracle_was_acknowledged(run->oracle, last);
        if (told && outbox_is_empty() && oracle_bus_has_all(run->oracle))
            break;
    }
    if (!told && !disk_is_dead())
        oracle_complain(run->oracle, "the last job was not acknowledged");
}

static void run_all(Run *run, Fault fault, bool again)
{
    const Fault second = {.kind = again ? FAULT_CUT : FAULT_NONE,
                          .at = (uint64_t)dice_range(run->dice, 1, 40)};

    live(run);
    run->result.hit = disk_was_hit();
    run->result.changes = disk_count(FAULT_CUT);
    run->result.operations = disk_count(FAULT_BROKEN);
    if (fault.kind == FAULT_KILL && disk_is_dead())
        live_on(run);
    cut(run, second);
    if (again && !oracle_complaint(run->oracle)) {
        drain(run);
        cut(run, (Fault){0});
    }
    if (oracle_complaint(run->oracle))
        return;
    drain(run);
    Instant done = g_get_real_time() - G_USEC_PER_SEC / 5;
    stop(run);
    check_file(run, (Fault){0});
    oracle_checks_end(run->oracle, done);
}

void scenario_run(uint64_t seed, Fault fault, ScenarioResult *ret_result)
{
    g_autoptr(Oracle) oracle = oracle_new(config_string(setup.config, "ingest", "expiry-note"));
    Run run = {.dice = dice_new(seed, 1, 0), .oracle = oracle};
    Base base = (Base)dice_range(run.dice, BASE_NOTHING, BASE_COUNT - 1);

    if (dice_chance(run.dice, 50))
        run.trouble = (FakeBusTrouble){.refuses = dice_chance(run.dice, 50) ? 5 : 0,
                                       .fails = dice_chance(run.dice, 50) ? 5 : 0,
                                       .is_busy = dice_chance(run.dice, 50) ? 5 : 0};
    checkpoints_come_at(dice_chance(run.dice, 70) ? dice_range(run.dice, 10, 60) : INT_MAX);
    run.jobs = jobs_new(run.dice);
    lockstep_reset();
    fault_vfs_seed(seed);
    fake_bus_reset(seed, run.trouble);
    disk_reset(base_image(base), seed, fault);
    base_image_introduce(base, oracle);
    run_all(&run, fault, dice_chance(run.dice, 25));
    stop(&run);
    *ret_result = run.result;
    ret_result->complaint = g_strdup(oracle_complaint(oracle));
    jobs_free(run.jobs);
    g_rand_free(run.dice);
}
