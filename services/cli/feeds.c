/* SPDX-License-Identifier: Apache-2.0 */
/* feeds: how the feeds are that ingest polls, as a table for people or as JSON lines for programs. */
#include "cli/commands.h"

#include "cli/arguments.h"
#include "cli/client.h"
#include "cli/output.h"
#include "common/error.h"

#define NAME_WIDTH_MAX 40
#define SECONDS_END    19 /* of "2024-01-01T12:00:00" */

typedef struct {
    char *server;
    char *token_file;
    char *format;
    char *poll;
} Options;

static void options_clear(Options *options)
{
    g_free(options->server);
    g_free(options->token_file);
    g_free(options->format);
    g_free(options->poll);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

/* Parts of a text come from servers: nothing of it may steer a terminal. g_free it. */
static char *printable(const char *text)
{
    GString *clean = g_string_new(NULL);

    for (const char *at = text; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        g_string_append_unichar(clean, g_unichar_isprint(c) ? c : 0xfffd);
    }
    return g_string_free(clean, FALSE);
}

static const char *text_of(const json_t *feed, const char *key)
{
    const char *text = json_string_value(json_object_get(feed, key));

    return text ? text : "";
}

static json_int_t number_of(const json_t *feed, const char *key)
{
    return json_integer_value(json_object_get(feed, key));
}

/* To the second, in UTC; `none` when there is none. g_free it. */
static char *time_of(const json_t *feed, const char *key, const char *none)
{
    const char *text = text_of(feed, key);

    if (strlen(text) <= SECONDS_END)
        return g_strdup(none);
    char *time = g_strdup_printf("%.*sZ", SECONDS_END, text);
    return g_strdelimit(time, "T", ' ');
}

static void print_remark(int width, const char *what, const char *text)
{
    g_autofree char *clean = printable(text);

    if (*clean)
        output("%-*s  %s%s\n", width, "", what, clean);
}

static void print_row(const json_t *feed, int width)
{
    bool gone = json_is_true(json_object_get(feed, "gone"));
    g_autofree char *name = printable(text_of(feed, "name"));
    g_autofree char *url = printable(text_of(feed, "url"));
    g_autofree char *last = time_of(feed, "polled_at", "never");
    g_autofree char *next = time_of(feed, "next_at", gone ? "never: it is gone" : "now");

    output("%-*s  %-20s  %-20s  %6" JSON_INTEGER_FORMAT "  %7" JSON_INTEGER_FORMAT "  %s\n", width, name,
           last, next, number_of(feed, "items"), number_of(feed, "refused"), url);
    print_remark(width, "moved to ", text_of(feed, "moved_to"));
    print_remark(width, "error: ", text_of(feed, "error"));
    print_remark(width, "refused: ", text_of(feed, "refusal"));
}

static void print_table(const json_t *feeds)
{
    int width = (int)strlen("NAME");
    size_t index = 0;
    json_t *feed = NULL;

    json_array_foreach(feeds, index, feed) width =
        MAX(width, (int)MIN(strlen(text_of(feed, "name")), NAME_WIDTH_MAX));
    if (json_array_size(feeds) == 0)
        output("no feeds are configured\n");
    else
        output("%-*s  %-20s  %-20s  %6s  %7s  %s\n", width, "NAME", "LAST POLL", "NEXT POLL", "ITEMS",
               "REFUSED", "URL");
    json_array_foreach(feeds, index, feed) print_row(feed, width);
}

static void print_lines(const json_t *feeds)
{
    size_t index = 0;
    json_t *feed = NULL;

    json_array_foreach(feeds, index, feed)
    {
        char *line = json_dumps(feed, JSON_COMPACT);
        output("%s\n", line);
        free(line);
    }
}

static bool ask(Client *client, const char *method, const char *path, unsigned expected, json_t **ret_answer,
                GError **error)
{
    g_auto(ClientAnswer) answer = {0};
    ClientRequest request = {.method = method, .path = path};

    if (strcmp(method, "POST") == 0) { /* has a length, if only 0 */
        request.content_type = "application/json";
        request.body = "";
    }
    if (!client_send(client, &request, &answer, error))
        return false;
    if (answer.status != expected) {
        g_autofree char *problem = client_answer_problem(&answer);
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "%s", problem);
        return false;
    }
    *ret_answer = client_answer_json(&answer, error);
    return *ret_answer != NULL;
}

static bool poll_now(Client *client, const char *name, GError **error)
{
    g_autofree char *escaped = g_uri_escape_string(name, NULL, FALSE);
    g_autofree char *path = g_strdup_printf("/v1/feeds/%s/poll", escaped);
    json_t *answer = NULL;

    if (!ask(client, "POST", path, 202, &answer, error))
        return false;
    json_decref(answer);
    return true;
}

static bool list(Client *client, bool as_lines, GError **error)
{
    json_t *answer = NULL;

    if (!ask(client, "GET", "/v1/feeds", 200, &answer, error))
        return false;
    const json_t *feeds = json_object_get(answer, "feeds");
    bool good = json_is_array(feeds);
    if (!good)
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED,
                    "the answer has no feeds: is --server the address of daywire-ingest?");
    else if (as_lines)
        print_lines(feeds);
    else
        print_table(feeds);
    json_decref(answer);
    return good;
}

static bool run(const Options *options, GError **error)
{
    bool as_lines = g_strcmp0(options->format, "ndjson") == 0;

    if (options->format && !as_lines && strcmp(options->format, "table") != 0)
        return error_refuse(error, "--format %s: table or ndjson", options->format);
    const ClientOptions client_options = {.server = options->server, .token_file = options->token_file};
    g_autoptr(Client) client = client_new(&client_options, error);
    if (!client)
        return false;
    return options->poll ? poll_now(client, options->poll, error) : list(client, as_lines, error);
}

int command_feeds(int argc, char **argv)
{
    g_auto(Options) options = {0};
    const GOptionEntry entries[] = {
        {"server", 0, 0, G_OPTION_ARG_FILENAME, &options.server, "daywire-ingest (http://127.0.0.1:8081)",
         "URL"},
        {"token-file", 0, 0, G_OPTION_ARG_FILENAME, &options.token_file, "the API's token", "FILE"},
        {"format", 0, 0, G_OPTION_ARG_FILENAME, &options.format, "table (default) or ndjson", "FORMAT"},
        {"poll", 0, 0, G_OPTION_ARG_FILENAME, &options.poll, "poll this feed now, instead of listing them",
         "NAME"},
        {0},
    };
    const Arguments arguments = {
        .usage = NULL,
        .summary =
            "Lists the feeds that daywire-ingest polls: when, what they brought, what is wrong with them.",
        .description = "Items and refused are those of the last document that was read.\n"
                       "Example: daywire feeds --format ndjson | jq 'select(.error) | .name'\n"
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
