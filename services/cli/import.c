/* SPDX-License-Identifier: Apache-2.0 */
/* import: files of any known format into ingest; JSON lines of any length as they are read, other formats as a
 * whole. What a file has of wrong items is told with file, line and reason on standard error and takes no other item
 * with it; the summary on standard output is one line for all files. */
#include "cli/commands.h"

#include <inttypes.h>
#include <poll.h>
#include <signal.h>

#include "cli/arguments.h"
#include "cli/input.h"
#include "cli/known_date.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/site_groups.h"
#include "cli/submission.h"
#include "cli/upload.h"
#include "common/formats/formats.h"
#include "common/formats/json_lines.h"
#include "common/formats/page_capture.h"
#include "common/line_reader.h"
#include "common/statement_json.h"

#define FILE_MAX        (256UL * 1024 * 1024)
#define LINE_MAX_LENGTH ((size_t)16 * 1024 * 1024) /* the most that a server may take */

typedef struct {
    char *server;
    char *token_file;
    char *source;
    gboolean dry_run;
    gboolean site;
    gboolean quiet;
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
    const Options *options;
    Client *client; /* NULL: a dry run, as the next two */
    Client *asking; /* while the other one sends */
    Upload *upload;
    FormatContext context;
    Progress *progress;
    bool print;        /* statements to standard output */
    const char *file;  /* being read */
    const Line *line;  /* being read, where the file is read line by line; else NULL */
    uint64_t position; /* in all files: of the end of what is being read */
    uint64_t read;
    uint64_t refused; /* by the rules, here */
    GError *error;    /* ends the import */
} Import;

static volatile sig_atomic_t interrupts;

static void on_signal(int number G_GNUC_UNUSED)
{
    if (interrupts < 2)
        interrupts++;
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    interrupts = 0;
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
}

static void tell_refused(uint64_t line, const char *reason, void *user)
{
    const Import *import = user;
    progress_erase(import->progress);
    (void)fprintf(stderr, "%s:%" PRIu64 ": %s\n", import->file, line, reason);
}

static void tell_progress(void *user)
{
    const Import *import = user;
    if (import->upload)
        progress_update(import->progress, upload_answered(import->upload), upload_position(import->upload));
}

/* ---- statements ---- */

static void print_statement(const Statement *statement)
{
    g_autoptr(yyjson_mut_doc) doc = json_new();
    output_json(statement_to_json(statement, doc));
}

/* A line goes as it is, if nothing is added to it; anything else as the line that says the same. */
static bool send_statement(Import *import, unsigned line, const Statement *statement)
{
    if (import->line && !import->context.source)
        return upload_add(import->upload, import->line->number, import->position, import->line->text,
                          import->line->length, &import->error);
    size_t size = 0;
    g_autofree char *text = submission_of(statement, &size);
    return upload_add(import->upload, line, import->position, text, size, &import->error);
}

static bool take_item(const FormatItem *item, void *user)
{
    Import *import = user;
    import->read++;
    if (!item->statement) {
        import->refused++;
        tell_refused(item->line, item->reason, import);
        return interrupts == 0;
    }
    if (item->undated && import->asking && !known_date_keep(import->asking, item->statement, &import->error))
        return false;
    if (import->print)
        print_statement(item->statement);
    return (!import->upload || send_statement(import, item->line, item->statement)) && interrupts == 0;
}

/* ---- files ---- */

static bool take_line(Import *import, const Line *line)
{
    if (!line->text) {
        g_autofree char *reason = g_strdup_printf("the line is longer than %zu bytes", LINE_MAX_LENGTH);
        const FormatItem item = {.line = (unsigned)line->number, .reason = reason};
        return take_item(&item, import);
    }
    import->line = line;
    bool more =
        json_line_read(line->text, line->length, (unsigned)line->number, &import->context, take_item, import);
    import->line = NULL;
    return more;
}

/* Meanwhile answers come, from where the input is slow. */
static bool wait_for_input(Import *import, const Input *input)
{
    while (import->upload && interrupts == 0 && !input_has_more(input)) {
        struct pollfd pollfd = {.fd = input_fd(input), .events = POLLIN};
        if (poll(&pollfd, 1, 0) != 0)
            break; /* something to read, its end, or an error that read() tells */
        if (!upload_wait(import->upload, input_fd(input), &import->error))
            return false;
    }
    return true;
}

static bool import_lines(Import *import, Input *input)
{
    g_autoptr(LineReader) reader = line_reader_new(LINE_MAX_LENGTH);
    const uint64_t before = import->position;
    uint64_t passed = 0;
    const char *data = NULL;
    ssize_t size = 1;
    Line line;
    while (size != 0 && interrupts == 0) {
        if (!wait_for_input(import, input))
            return false;
        size = interrupts == 0 ? input_read(input, &data, &import->error) : 0;
        if (size == -1)
            return false;
        size_t left = (size_t)MAX(size, 0);
        passed += left;
        while (interrupts == 0 && line_reader_take(reader, &data, &left, &line)) {
            import->position = before + passed - left;
            if (!take_line(import, &line) && import->error)
                return false;
        }
    }
    import->position = before + passed;
    if (interrupts == 0 && line_reader_end(reader, &line))
        (void)take_line(import, &line);
    return !import->error;
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

static bool import_whole(Import *import, Input *input)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = input_read_whole(input, FILE_MAX, &error);
    if (!bytes) {
        complain(import->command, "%s", error->message);
        return false;
    }
    if (import->options->site && !print_site(import, bytes))
        return false;
    size_t size = 0;
    const void *data = g_bytes_get_data(bytes, &size);
    if (!formats_read_from(data, size, &import->context, take_item, import, &error)) {
        complain(import->command, "%s: %s", import->file, error->message);
        return false;
    }
    import->position += size;
    return !import->error;
}

static bool import_file(Import *import, const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Input) input = input_open(path, &error);
    InputKind kind = input && import->options->site ? INPUT_WHOLE : INPUT_UNKNOWN;
    while (input && kind == INPUT_UNKNOWN && interrupts == 0)
        kind = input_kind(input, &error);
    if (error) {
        complain(import->command, "%s", error->message);
        return false;
    }
    if (interrupts > 0)
        return true;
    import->file = input_name(input);
    bool good = kind == INPUT_LINES ? import_lines(import, input) : import_whole(import, input);
    /* Each file is sent to its end, so that a refused line is one of this file. */
    good = good && (!import->upload || upload_flush(import->upload, &import->error));
    if (import->error) {
        progress_erase(import->progress);
        complain(import->command, "%s: %s", import->file, import->error->message);
    }
    return good;
}

/* ---- all of it ---- */

/* Of what can be told beforehand; 0: one of them cannot. */
static uint64_t total_size(char *const *files)
{
    uint64_t total = 0;
    for (char *const *file = files; *file; file++) {
        g_autoptr(Input) input = input_open(*file, NULL);
        uint64_t size = input ? input_size(input) : 0;
        if (size == 0)
            return 0;
        total += size;
    }
    return total;
}

static bool import_files(Import *import, char *const *files)
{
    const UploadEvents events = {
        .refused = tell_refused, .tick = tell_progress, .user = import, .interrupts = &interrupts};
    g_autoptr(GError) error = NULL;
    bool good = true;
    if (import->client) {
        import->upload = upload_new(import->client, &events, &error);
        if (!import->upload) {
            complain(import->command, "%s", error->message);
            return false;
        }
        import->progress = import->options->quiet ? NULL : progress_new(total_size(files));
    }
    for (char *const *file = files; *file && good && interrupts == 0; file++)
        good = import_file(import, *file);
    g_clear_pointer(&import->progress, progress_free);
    g_clear_error(&import->error);
    return good;
}

/* Returns the exit status. Where standard output holds something to be used further, the summary keeps out of
 * it. */
static int summarise(const Import *import, bool good, bool aside)
{
    UploadTally tally = import->upload ? upload_tally(import->upload) : (UploadTally){0};
    uint64_t refused = import->refused + tally.refused;
    g_autofree char *line =
        import->client ? g_strdup_printf("%" PRIu64 " read: %" PRIu64 " created, %" PRIu64
                                         " updated, %" PRIu64 " unchanged, %" PRIu64 " refused\n",
                                         import->read, tally.created, tally.updated, tally.unchanged, refused)
                       : g_strdup_printf("%" PRIu64 " read: %" PRIu64 " good, %" PRIu64 " refused\n",
                                         import->read, import->read - refused, refused);
    (void)fputs(line, aside ? stderr : stdout); /* checked by output_finish() */
    if (interrupts > 0 && import->client)
        complain(import->command,
                 "interrupted; what was answered is stored, and importing again takes the rest");
    return !good            ? COMMAND_FAILED
           : interrupts > 0 ? COMMAND_INTERRUPTED
           : refused > 0    ? COMMAND_REFUSED
                            : COMMAND_OK;
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
        {"quiet", 0, 0, G_OPTION_ARG_NONE, &options->quiet,
         "do not tell on standard error how far it is (a bar on a terminal, a line every 5 seconds "
         "elsewhere)",
         NULL},
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
            "twice may be imported again.\n"
            "NDJSON may be of any length, also on standard input; other formats up to 256 MB. An import that "
            "loses the\n"
            "server goes on where it stopped, once the server is back within a few seconds.",
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
                       "file, no server;\n"
                       "130 interrupted.\n",
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
    g_autoptr(Client) client = NULL;
    g_autoptr(Client) asking = NULL;
    if (!options.dry_run) {
        ClientOptions where = {.server = options.server, .token_file = options.token_file};
        g_autoptr(GError) error = NULL;
        client = client_new(&where, &error);
        asking = client ? client_new(&where, &error) : NULL;
        if (!asking) {
            complain(argv[0], "%s", error->message);
            return COMMAND_FAILED;
        }
    }
    Import import = {.command = argv[0],
                     .options = &options,
                     .client = client,
                     .asking = asking,
                     .context = {.source = options.source, .now = g_get_real_time()},
                     .print = options.dry_run && !options.site};
    catch_signals();
    bool good = import_files(&import, files);
    status = summarise(&import, good, options.dry_run || options.site);
    upload_free(import.upload);
    return output_finish(argv[0], status);
}
