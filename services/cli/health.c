/* SPDX-License-Identifier: Apache-2.0 */
/* health: whether services on this machine are ready, for container health checks, without a tool of its own in
 * the image. */
#include "cli/commands.h"

#include "cli/arguments.h"
#include "cli/output.h"
#include "cli/readiness.h"
#include "common/config/config.h"
#include "common/error.h"

static const struct {
    const char *name;
    const char *group; /* of its admin address */
} services[] = {{"ingest", "ingest"}, {"counter", "counters"}, {"gateway", "gateway"}};

static bool is_named(char **names, const char *name)
{
    return g_strv_contains((const char *const *)names, name);
}

static bool check_names(char **names, GError **error)
{
    for (char **name = names; *name; name++) {
        bool known = false;
        for (size_t i = 0; i < G_N_ELEMENTS(services); i++)
            known = known || strcmp(services[i].name, *name) == 0;
        if (known)
            continue;
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID,
                    "%s: there is no such service; they are ingest, counter and gateway", *name);
        return false;
    }
    return true;
}

/* Prints a line for each service that was named or is there. *ret_well: one at least, and all of them ready. */
static void ask_all(const Config *config, char **names, bool *ret_well)
{
    unsigned ready = 0;
    unsigned unready = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(services); i++) {
        if (*names && !is_named(names, services[i].name))
            continue;
        g_autofree char *reason = NULL;
        Readiness readiness = readiness_ask(config_string(config, services[i].group, "admin"), &reason);
        if (readiness == READINESS_ABSENT && !*names)
            continue;
        output("%s: %s\n", services[i].name, readiness == READINESS_READY ? "ready" : reason);
        ready += readiness == READINESS_READY;
        unready += readiness != READINESS_READY;
    }
    *ret_well = ready > 0 && unready == 0;
    if (ready + unready == 0)
        output("no service of Daywire answers on this machine\n");
}

int command_health(int argc, char **argv)
{
    g_autofree char *config_path = NULL;
    const GOptionEntry entries[] = {
        {"config", 0, 0, G_OPTION_ARG_FILENAME, &config_path, "where they listen: [...] admin", "FILE"},
        {0},
    };
    const Arguments arguments = {
        .usage = "[ingest|counter|gateway...]",
        .summary =
            "Asks services on this machine whether they are ready; without names, those that are there.",
        .description = "Exit status: 0 all are ready; 1 one is not, or none is there; 2 an error.\n",
        .entries = entries,
    };
    g_auto(GStrv) names = NULL;
    g_autoptr(GError) error = NULL;
    int status = COMMAND_FAILED;
    bool well = false;
    if (!arguments_parse(&arguments, argc, argv, &names, &status))
        return status;
    g_auto(GStrv) environment = g_get_environ();
    g_autoptr(Config) config =
        check_names(names, &error) ? config_load(config_path, environment, &error) : NULL;
    if (!config) {
        complain(argv[0], "%s", error->message);
        return COMMAND_FAILED;
    }
    ask_all(config, names, &well);
    return output_finish(argv[0], well ? COMMAND_OK : COMMAND_REFUSED);
}
