/* SPDX-License-Identifier: Apache-2.0 */
/* preview: what the counters will say, or would have said, from the same core as the service. No bus. The dates are
 * given; the clock only tells a calendar when it was made. */
#include "cli/commands.h"

#include <unistd.h>

#include "cli/arguments.h"
#include "cli/output.h"
#include "cli/tick_table.h"
#include "common/error.h"
#include "common/statement_rules.h"
#include "common/tick_json.h"
#include "counter/calendar.h"
#include "counter/preview.h"

#define CALENDAR_DAYS_MAX 36525 /* a hundred years */

typedef struct {
    char *config_path;
    char *from;
    char *to;
    char *counter;
    char *format;
    char *language;
} Options;

typedef bool (*PreviewRun)(const Config *config, const Options *options, PreviewRange range, GError **error);

static void options_clear(Options *options)
{
    g_free(options->config_path);
    g_free(options->from);
    g_free(options->to);
    g_free(options->counter);
    g_free(options->format);
    g_free(options->language);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

/* --- formats: where printing a tick returns false, nobody reads it any more, and that ends the preview --- */

static bool print_json(const Tick *tick, void *user G_GNUC_UNUSED)
{
    g_autoptr(yyjson_mut_doc) doc = json_new();
    return output_json(tick_to_json(tick, doc));
}

static bool run_ndjson(const Config *config, const Options *options, PreviewRange range, GError **error)
{
    return counter_preview(config, &range, options->counter, print_json, NULL, error);
}

typedef struct {
    TickTable table;
    bool begun;
} TableOutput;

/* The head comes with the first tick: a preview that is refused prints nothing. */
static bool print_line(const Tick *tick, void *user)
{
    TableOutput *out = user;
    g_autofree char *head = out->begun ? NULL : tick_table_head(&out->table);
    g_autofree char *line = tick_table_line(&out->table, tick);
    out->begun = true;
    return output("%s%s", head ? head : "", line);
}

static int longest_id(const Config *config, const char *only)
{
    size_t longest = only ? strlen(only) : 0;
    for (const char *const *id = config_instances(config, "counter"); *id && !only; id++)
        longest = MAX(longest, strlen(*id));
    return (int)longest;
}

static bool run_table(const Config *config, const Options *options, PreviewRange range, GError **error)
{
    TableOutput out = {.table = {.counter_width = longest_id(config, options->counter),
                                 .language = options->language,
                                 .colours = isatty(STDOUT_FILENO) != 0}};
    return counter_preview(config, &range, options->counter, print_line, &out, error);
}

typedef struct {
    Calendar *calendar;
    bool full;
} CalendarOutput;

static bool take_event(const Tick *tick, void *user)
{
    CalendarOutput *out = user;
    out->full = !calendar_add(out->calendar, tick);
    return !out->full;
}

static bool run_calendar(const Config *config, const Options *options, PreviewRange range, GError **error)
{
    const CalendarHead head = {.title = config_string(config, "site", "title"),
                               .counter = options->counter,
                               .language = options->language,
                               .stamp = g_get_real_time()};
    range.events = true;
    if (range.to - range.from >= CALENDAR_DAYS_MAX) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE,
                    "a calendar has at most %d days, a hundred years", CALENDAR_DAYS_MAX);
        return false;
    }
    g_autoptr(Calendar) calendar = calendar_new(&head);
    CalendarOutput out = {.calendar = calendar};
    if (!counter_preview(config, &range, options->counter, take_event, &out, error))
        return false;
    if (out.full) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE,
                    "a calendar has at most %d events; take a shorter range, or one --counter",
                    CALENDAR_EVENTS_MAX);
        return false;
    }
    g_autoptr(GBytes) text = calendar_finish(calendar);
    gsize size = 0;
    const char *start = g_bytes_get_data(text, &size);
    (void)output("%.*s", (int)size, start); /* output_finish() tells a failure */
    return true;
}

static PreviewRun find_format(const char *name, GError **error)
{
    if (!name || strcmp(name, "ndjson") == 0)
        return run_ndjson;
    if (strcmp(name, "table") == 0)
        return run_table;
    if (strcmp(name, "ics") == 0)
        return run_calendar;
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "--format %s: one of ndjson, table, ics", name);
    return NULL;
}

/* --- the command --- */

static bool check_language(char *language, PreviewRun format, GError **error)
{
    if (!language)
        return true;
    if (format == run_ndjson)
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID,
                    "--language: NDJSON has all languages; this is for --format table and ics");
    else if (!language_normalise(language))
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID,
                    "--language: a BCP 47 tag such as en or pt-BR");
    else
        return true;
    return false;
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
    PreviewRange range = {0};
    PreviewRun format = find_format(options->format, error);
    if (!format || !check_language(options->language, format, error) ||
        !read_date("from", options->from, &range.from, error) ||
        !read_date("to", options->to, &range.to, error))
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
    return format(config, options, range, error);
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
        {"format", 0, 0, G_OPTION_ARG_FILENAME, &options.format,
         "ndjson (all of each tick), table (for people) or ics (a calendar of the anniversaries and "
         "milestones)",
         "ndjson|table|ics"},
        {"language", 0, 0, G_OPTION_ARG_FILENAME, &options.language,
         "of the sentences in a table or calendar (default: the first of each counter)", "TAG"},
        {0},
    };
    const Arguments arguments = {
        .usage = "--config FILE --from DATE --to DATE",
        .summary = "Prints the ticks of a range of dates, past or future, one line a date and counter.",
        .description = "Examples:\n"
                       "  daywire preview --config daywire.conf --from 2030-01-01 --to 2030-12-31 | "
                       "jq .label.en\n"
                       "  daywire preview --config daywire.conf --from 2030-01-01 --to 2034-12-31 --format "
                       "ics >days.ics\n"
                       "A calendar covers a hundred years at most and has " G_STRINGIFY(
                           CALENDAR_EVENTS_MAX) " events at most.\n"
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
