/* SPDX-License-Identifier: Apache-2.0 */
/* import: files of any known format into ingest. What a file has of wrong items is told with file, line and
 * reason on standard error and takes no other item with it; the summary on standard output is one line for
 * all files. */
#include "cli/commands.h"

#include "cli/arguments.h"
#include "cli/batch.h"
#include "cli/files.h"
#include "cli/known_date.h"
#include "cli/output.h"
#include "cli/site_groups.h"
#include "common/formats/formats.h"
#include "common/formats/page_capture.h"
#include "common/statement_json.h"

#define FILE_MAX (256UL * 1024 * 1024)

typedef struct {
    char *server;
    char *token_file;
    char *source;
    gboolean dry_run;
    gboolean site;
} Options;

static void options_clear(Options *options)
{
    g_free(options->server);
    g_free(options->token_file);
    g_free(options->source);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

typedef struct {
    const char *command;
    Client *client; /* NULL: a dry run; so is the next */
    Batch *batch;
    FormatContext context;
    bool print;       /* statements to standard output */
    const char *file; /* being read */
    unsigned read;
    unsigned refused; /* by the rules, here */
    GError *error;    /* ends the import */
} Import;

static void tell_refused(unsigned line, const char *reason, void *user)
{
    const Import *import = user;
    (void)fprintf(stderr, "%s:%u: %s\n", import->file, line, reason);
}

static void print_statement(const Statement *statement)
{
    json_t *object = statement_to_json(statement);
    g_autofree char *text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    output("%s\n", text);
}

static bool take_item(const FormatItem *item, void *user)
{
    Import *import = user;
    import->read++;
    if (!item->statement) {
        import->refused++;
        tell_refused(item->line, item->reason, import);
        return true;
    }
    if (item->undated && import->client && !known_date_keep(import->client, item->statement, &import->error))
        return false;
    if (import->print)
        print_statement(item->statement);
    return !import->batch || batch_add(import->batch, item->line, item->statement, &import->error);
}

static bool import_bytes(Import *import, GBytes *bytes)
{
    size_t size = 0;
    const void *data = g_bytes_get_data(bytes, &size);
    GError *error = NULL;
    if (!formats_read_from(data, size, &import->context, take_item, import, &error)) {
        complain(import->command, "%s: %s", import->file, error->message);
        g_error_free(error);
        return false;
    }
    /* Each file is sent to its end, so that a refused line is one of this file. */
    if (!import->error && (!import->batch || batch_flush(import->batch, &import->error)))
        return true;
    complain(import->command, "%s: %s", import->file, import->error->message);
    return false;
}

static bool print_site(const Import *import, GBytes *bytes)
{
    size_t size = 0;
    const void *data = g_bytes_get_data(bytes, &size);
    g_autoptr(GError) error = NULL;
    g_autoptr(PageSite) site = page_capture_site(data, size, &error);
    if (!site) {
        complain(import->command, "--site: %s: %s", import->file, error->message);
        return false;
    }
    g_autofree char *groups = site_groups(site);
    output("%s\n", groups);
    return true;
}

static bool import_file(Import *import, const char *file, bool with_site)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = file_read(file, FILE_MAX, &error);
    if (!bytes) {
        complain(import->command, "%s", error->message);
        return false;
    }
    import->file = strcmp(file, "-") == 0 ? "standard input" : file;
    return (!with_site || print_site(import, bytes)) && import_bytes(import, bytes);
}

/* Returns the exit status. Where standard output holds something to be used further, the summary keeps out of
 * it. */
static int summarise(const Import *import, bool aside)
{
    BatchTally tally = import->batch ? batch_tally(import->batch) : (BatchTally){0};
    unsigned refused = import->refused + tally.refused;
    g_autofree char *line =
        import->batch ? g_strdup_printf("%u read: %u created, %u updated, %u unchanged, %u refused\n",
                                        import->read, tally.created, tally.updated, tally.unchanged, refused)
                      : g_strdup_printf("%u read: %u good, %u refused\n", import->read,
                                        import->read - refused, refused);
    (void)fputs(line, aside ? stderr : stdout); /* checked by output_finish() */
    return refused > 0 ? COMMAND_REFUSED : COMMAND_OK;
}

/* As arguments_parse(). */
static bool parse(int argc, char **argv, Options *options, char ***ret_files, int *ret_status)
{
    const GOptionEntry entries[] = {
        {"server", 0, 0, G_OPTION_ARG_FILENAME, &options->server,
         "daywire-ingest (default http://127.0.0.1:8081)", "URL"},
        {"token-file", 0, 0, G_OPTION_ARG_FILENAME, &options->token_file,
         "file with the API's token (default: see below)", "FILE"},
        {"source", 0, 0, G_OPTION_ARG_FILENAME, &options->source, "source of the statements that name none",
         "NAME"},
        {"dry-run", 0, 0, G_OPTION_ARG_NONE, &options->dry_run,
         "send nothing, print the statements as NDJSON", NULL},
        {"site", 0, 0, G_OPTION_ARG_NONE, &options->site,
         "of a page capture, also print clocks, contact and counters as configuration", NULL},
        {0},
    };
    const Arguments arguments = {
        .usage = "FILE...",
        .summary =
            "Imports statements from files; -: standard input. The format is told from the content: a "
            "JSON array,\n"
            "one JSON object, one object a line (NDJSON), a feed (RSS, RDF, Atom, JSON Feed), or the text "
            "of a page\n"
            "with `DD.MM.YYYY - Title` lines.\n"
            "A statement that is there already, unchanged, is left alone: a file that holds no id "
            "twice may be imported again.",
        .description = "Items of a feed get the ids that polling [feed NAME] gives them at first sight, with "
                       "--source NAME;\n"
                       "without it, NAME is the host of the feed's own link.\n"
                       "With --site, standard output is the configuration and the summary goes to standard "
                       "error; with --dry-run\n"
                       "too, the statements are checked and not printed.\n"
                       "The token is read from $DAYWIRE_INGEST_TOKEN_FILE, else from "
                       "$XDG_DATA_HOME/daywire/token (normally\n"
                       "~/.local/share/daywire/token), which `daywire standalone` makes.\n"
                       "Exit status: 0 all taken; 1 something was refused; 2 wrong usage, an unreadable "
                       "file, no server.\n",
        .entries = entries,
    };
    if (!arguments_parse(&arguments, argc, argv, ret_files, ret_status))
        return false;
    if (!**ret_files) {
        *ret_status = COMMAND_FAILED;
        complain(argv[0], "name the files to import; -: standard input");
        return false;
    }
    return true;
}

int command_import(int argc, char **argv)
{
    g_auto(Options) options = {0};
    g_auto(GStrv) files = NULL;
    int status = COMMAND_OK;
    if (!parse(argc, argv, &options, &files, &status))
        return status;
    Import import = {.command = argv[0],
                     .print = options.dry_run && !options.site,
                     .context = {.source = options.source, .now = g_get_real_time()}};
    g_autoptr(Client) client = NULL;
    if (!options.dry_run) {
        ClientOptions where = {.server = options.server, .token_file = options.token_file};
        g_autoptr(GError) error = NULL;
        client = client_new(&where, &error);
        if (!client) {
            complain(argv[0], "%s", error->message);
            return COMMAND_FAILED;
        }
    }
    g_autoptr(Batch) batch = client ? batch_new(client, tell_refused, &import) : NULL;
    import.client = client;
    import.batch = batch;
    bool good = true;
    for (char **file = files; *file && good; file++)
        good = import_file(&import, *file, options.site);
    g_clear_error(&import.error);
    status = summarise(&import, options.dry_run || options.site);
    return output_finish(argv[0], good ? status : COMMAND_FAILED);
}
