/* SPDX-License-Identifier: Apache-2.0 */
/* storage-sweep: for each seed a scenario (scenario.h), and of it a run for every operation of the disk and every kind
 * of fault at that operation. Stops at the first complaint, and tells how to have it again. */
#include <errno.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <glib/gstdio.h>

#include "common/log.h"
#include "disk.h"
#include "fault_vfs.h"
#include "scenario.h"

static const struct {
    const char *name;
    FaultKind kind;
    bool lasting;
} faults[] = {
    {"none", FAULT_NONE, false},    {"cut", FAULT_CUT, false},
    {"kill", FAULT_KILL, false},    {"full-once", FAULT_FULL, false},
    {"full", FAULT_FULL, true},     {"short-once", FAULT_SHORT, false},
    {"short", FAULT_SHORT, true},   {"broken-once", FAULT_BROKEN, false},
    {"broken", FAULT_BROKEN, true},
};

#define WORKERS_MAX 64

/* Of all workers. */
typedef struct {
    atomic_ulong scenarios, runs[G_N_ELEMENTS(faults)], hits, acknowledged, complaints;
    struct {
        atomic_ulong seed, which, at;
    } current[WORKERS_MAX];
} Totals;

static int64_t seed = 1;
static int64_t runs_wanted;
static int seconds = 10;
static int workers = 1;
static char *fault_name;
static int64_t at;
static char *folder;
static bool verbose;
static Totals *totals;
static int own_number;
static int64_t started;

static const GOptionEntry options[] = {
    {"seed", 's', 0, G_OPTION_ARG_INT64, &seed, "The first scenario's; the next ones have the next numbers",
     "N"},
    {"runs", 'r', 0, G_OPTION_ARG_INT64, &runs_wanted, "So many runs at least, however long that takes", "N"},
    {"seconds", 't', 0, G_OPTION_ARG_INT, &seconds, "Without --runs: no new scenario after so long", "N"},
    {"workers", 'w', 0, G_OPTION_ARG_INT, &workers, "Processes", "N"},
    {"fault", 'f', 0, G_OPTION_ARG_STRING, &fault_name, "Of one scenario, this kind only", "KIND"},
    {"at", 'a', 0, G_OPTION_ARG_INT64, &at, "And this operation only", "N"},
    {"folder", 0, 0, G_OPTION_ARG_FILENAME, &folder, "In memory, for the files (default: /dev/shm)", "DIR"},
    {"verbose", 'v', 0, G_OPTION_ARG_NONE, &verbose, "Show the engine's log and the disk's operations", NULL},
    {0},
};

/* GLib's clock is the scenario's (lockstep.h). */
static int64_t clock_now(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

/* ---- runs ---- */

static void tell(uint64_t scenario, size_t which, uint64_t operation, const char *complaint)
{
    printf("FAILED: storage-sweep --seed %lu --fault %s --at %lu: %s\n", (unsigned long)scenario,
           faults[which].name, (unsigned long)operation, complaint);
}

static unsigned long total_runs(void)
{
    unsigned long sum = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(faults); i++)
        sum += atomic_load(&totals->runs[i]);
    return sum;
}

/* A scenario that was begun is finished, unless there are seconds to keep to. */
static bool must_stop(void)
{
    return atomic_load(&totals->complaints) > 0 ||
           (runs_wanted == 0 && !fault_name && clock_now() - started >= (int64_t)seconds * G_USEC_PER_SEC);
}

static bool is_enough(void)
{
    return must_stop() || (runs_wanted > 0 && total_runs() >= (unsigned long)runs_wanted);
}

static void run(uint64_t scenario, size_t which, uint64_t operation, ScenarioResult *ret_result)
{
    const Fault fault = {.kind = faults[which].kind, .lasting = faults[which].lasting, .at = operation};

    atomic_store(&totals->current[own_number].seed, scenario);
    atomic_store(&totals->current[own_number].which, which);
    atomic_store(&totals->current[own_number].at, operation);
    scenario_run(scenario, fault, ret_result);
    atomic_fetch_add(&totals->runs[which], 1);
    atomic_fetch_add(&totals->hits, ret_result->hit);
    atomic_fetch_add(&totals->acknowledged, ret_result->acknowledged);
    g_autofree char *complaint = ret_result->complaint;
    if (!complaint)
        return;
    atomic_fetch_add(&totals->complaints, 1);
    tell(scenario, which, operation, complaint);
}

static void sweep_fault(uint64_t scenario, size_t which, const ScenarioResult *healthy)
{
    uint64_t count = faults[which].kind == FAULT_BROKEN ? healthy->operations : healthy->changes;
    ScenarioResult result;

    if (at > 0)
        run(scenario, which, (uint64_t)at, &result);
    else
        for (uint64_t operation = 1; operation <= count && !must_stop(); operation++)
            run(scenario, which, operation, &result);
}

static void sweep(uint64_t scenario)
{
    ScenarioResult healthy;

    run(scenario, 0, 0, &healthy);
    for (size_t i = 1; i < G_N_ELEMENTS(faults) && !must_stop(); i++)
        if (!fault_name || strcmp(fault_name, faults[i].name) == 0)
            sweep_fault(scenario, i, &healthy);
    if (!must_stop())
        atomic_fetch_add(&totals->scenarios, 1);
}

/* ---- a worker ---- */

static Config *make_config(const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *database = g_strdup_printf("DAYWIRE_INGEST_DATABASE=%s", path);
    char *const environment[] = {database, (char *)"DAYWIRE_INGEST_MAX_IN_FLIGHT=5", NULL};
    Config *config = config_load(NULL, environment, &error);

    if (!config)
        g_error("%s", error->message);
    return config;
}

static void work(int worker)
{
    g_autofree char *own = g_build_filename(folder, "daywire-sweep-XXXXXX", NULL);

    if (!g_mkdtemp(own))
        g_error("%s: %s", own, g_strerror(errno));
    g_autofree char *path = g_build_filename(own, "ingest.db", NULL);
    g_autoptr(Config) config = make_config(path);
    disk_init(own);
    fault_vfs_register();
    scenario_init(config, path);
    disk_trace(verbose);
    if (fault_name)
        sweep((uint64_t)seed);
    for (int64_t i = worker; !fault_name && !is_enough(); i += workers)
        sweep((uint64_t)(seed + i));
    scenario_end();
    disk_end();
    g_rmdir(own);
}

static void complain_of_death(int worker, const char *reason)
{
    atomic_fetch_add(&totals->complaints, 1);
    tell(atomic_load(&totals->current[worker].seed), atomic_load(&totals->current[worker].which),
         atomic_load(&totals->current[worker].at), reason);
}

/* One case is run in this process, for a debugger. */
static void work_all(void)
{
    pid_t children[WORKERS_MAX] = {0};

    if (at > 0) {
        work(0);
        return;
    }
    for (own_number = 0; own_number < workers; own_number++) {
        children[own_number] = fork();
        if (children[own_number] < 0)
            g_error("fork: %s", g_strerror(errno));
        if (children[own_number] == 0) {
            work(own_number);
            exit(0);
        }
    }
    for (int i = 0; i < workers; i++) {
        int status = 0;
        if (waitpid(children[i], &status, 0) != children[i] || status != 0)
            complain_of_death(i, WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "the worker failed");
    }
}

static void summarise(void)
{
    double took = (double)(clock_now() - started) / G_USEC_PER_SEC;
    unsigned long runs = total_runs();

    printf("storage sweep: seed %ld, %lu scenarios, %lu runs in %.1f s (%.0f a second), %lu met their fault, "
           "%lu jobs acknowledged, %lu complaints\n",
           (long)seed, atomic_load(&totals->scenarios), runs, took, (double)runs / took,
           atomic_load(&totals->hits), atomic_load(&totals->acknowledged), atomic_load(&totals->complaints));
    for (size_t i = 0; i < G_N_ELEMENTS(faults); i++)
        printf("  %-12s %lu\n", faults[i].name, atomic_load(&totals->runs[i]));
}

static bool is_fault_name(const char *name)
{
    for (size_t i = 1; i < G_N_ELEMENTS(faults); i++)
        if (strcmp(name, faults[i].name) == 0)
            return true;
    return false;
}

int main(int argc, char **argv)
{
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autoptr(GError) error = NULL;

    g_option_context_add_main_entries(context, options, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error) || argc > 1 || (at > 0 && !fault_name) ||
        (fault_name && !is_fault_name(fault_name)) || workers < 1 || workers > WORKERS_MAX) {
        fprintf(stderr, "storage-sweep: %s\n", error ? error->message : "see --help");
        return 2;
    }
    started = clock_now();
    if (!folder)
        folder = g_strdup(g_file_test("/dev/shm", G_FILE_TEST_IS_DIR) ? "/dev/shm" : g_get_tmp_dir());
    setvbuf(stdout, NULL, _IOLBF, 0);
    log_init("storage-sweep", LOG_FORMAT_TEXT, verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR);
    totals = mmap(NULL, sizeof *totals, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (totals == MAP_FAILED)
        g_error("mmap: %s", g_strerror(errno));
    work_all();
    summarise();
    g_free(folder);
    bool all_kinds = fault_name == NULL;
    g_free(fault_name);
    if (total_runs() == 0) {
        fprintf(stderr, "storage-sweep: there was no run: this shows nothing\n");
        return 1;
    }
    if (all_kinds && atomic_load(&totals->hits) < total_runs() / 2) {
        fprintf(stderr, "storage-sweep: most runs did not meet their fault: they show nothing\n");
        return 1;
    }
    return atomic_load(&totals->complaints) == 0 ? 0 : 1;
}
