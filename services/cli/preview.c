/* SPDX-License-Identifier: Apache-2.0 */
/* preview: what the counters will say, or would have said, from the same core as the service. No bus, no
 * clock. */
#include "cli/commands.h"

#include <jansson.h>

#include "cli/arguments.h"
#include "cli/output.h"
#include "common/error.h"
#include "common/tick_json.h"
#include "counter/preview.h"

typedef struct {
    char *config_path;
    char *from;
    char *to;
    char *counter;
} Options;

static void options_clear(Options *options)
{
    g_free(options->config_path);
    g_free(options->from);
    g_free(options->to);
    g_free(options->counter);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

/* False ends the preview: nobody reads it any more. */
static bool print_tick(const Tick *tick, void *user G_GNUC_UNUSED)
{
    json_t *object = tick_to_json(tick);
    g_autofree char *text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    return output("%s\n", text);
}

static bool read_date(const char *option, const char *text, CivilDate *ret_date, GError **error)
{
    if (!text)
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "--%s YYYY-MM-DD is needed", option);
    else if (!civil_date_parse(text, ret_date))
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID,
                    "--%s %s: a day of the calendar as YYYY-MM-DD", option, text);
    else
        return true;
    return false;
}

static bool run(const Options *options, GError **error)
{
    CivilDate from = 0;
    CivilDate to = 0;
    if (!read_date("from", options->from, &from, error) || !read_date("to", options->to, &to, error))
        return false;
    g_auto(GStrv) environment = g_get_environ();
    g_autoptr(Config) config = config_load(options->config_path, environment, error);
    if (!config)
        return false;
    if (!*config_instances(config, "counter")) {
        g_set_error(
            error, DAYWIRE_ERROR, DAYWIRE_ERROR_NOT_FOUND,
            "the configuration has no counters; --config names the file with its [counter NAME] groups");
        return false;
    }
    return counter_preview(config, from, to, options->counter, print_tick, NULL, error);
}

int command_preview(int argc, char **argv)
{
    g_auto(Options) options = {0};
    const GOptionEntry entries[] = {
        {"config", 0, 0, G_OPTION_ARG_FILENAME, &options.config_path, "file with the [counter NAME] groups",
         "FILE"},
        {"from", 0, 0, G_OPTION_ARG_FILENAME, &options.from, "the first date", "YYYY-MM-DD"},
        {"to", 0, 0, G_OPTION_ARG_FILENAME, &options.to, "the last date", "YYYY-MM-DD"},
        {"counter", 0, 0, G_OPTION_ARG_FILENAME, &options.counter, "only this one (default: all)", "ID"},
        {0},
    };
    const Arguments arguments = {
        .usage = "--config FILE --from DATE --to DATE",
        .summary =
            "Prints the ticks of a range of dates as NDJSON, past or future, one line a date and counter.",
        .description = "Example: daywire preview --config daywire.conf --from 2030-01-01 --to 2030-12-31 | "
                       "jq .label.en\n"
                       "Exit status: 0 done; 2 an error.\n",
        .entries = entries,
    };
    int status = COMMAND_FAILED;
    if (!arguments_parse(&arguments, argc, argv, NULL, &status))
        return status;
    g_autoptr(GError) error = NULL;
    if (run(&options, &error))
        return output_finish(argv[0], COMMAND_OK);
    complain(argv[0], "%s", error->message);
    return output_finish(argv[0], COMMAND_FAILED);
}
