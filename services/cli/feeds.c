/* SPDX-License-Identifier: Apache-2.0 */
/* feeds: how the feeds are that ingest polls, as a table for people or as JSON lines for programs. */
#include "cli/commands.h"

#include <inttypes.h>

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

/* To the second, in UTC; `none` when there is none. g_free it. */
static char *time_of(yyjson_val *feed, const char *key, const char *none)
{
    const char *text = json_member_text(feed, key, "");

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

/* What the next poll asks with, for what has changed since. */
static void print_validators(yyjson_val *feed, int width)
{
    const char *etag = json_member_text(feed, "etag", "");
    const char *last_modified = json_member_text(feed, "last_modified", "");
    g_autofree char *both =
        g_strdup_printf("%s%s%s", etag, *etag && *last_modified ? ", " : "", last_modified);

    print_remark(width, "validators: ", both);
}

static void print_row(yyjson_val *feed, int width)
{
    bool gone = yyjson_is_true(yyjson_obj_get(feed, "gone"));
    g_autofree char *name = printable(json_member_text(feed, "name", ""));
    g_autofree char *url = printable(json_member_text(feed, "url", ""));
    g_autofree char *last = time_of(feed, "polled_at", "never");
    g_autofree char *next = time_of(feed, "next_at", gone ? "never: it is gone" : "now");

    output("%-*s  %-20s  %-20s  %6" PRId64 "  %7" PRId64 "  %s\n", width, name, last, next,
           json_member_integer(feed, "items", 0), json_member_integer(feed, "refused", 0), url);
    print_remark(width, "moved to ", json_member_text(feed, "moved_to", ""));
    print_validators(feed, width);
    print_remark(width, "error: ", json_member_text(feed, "error", ""));
    print_remark(width, "refused: ", json_member_text(feed, "refusal", ""));
}

static void print_table(yyjson_val *feeds)
{
    int width = (int)strlen("NAME");
    size_t i = 0, count = 0;
    yyjson_val *feed = NULL;

    yyjson_arr_foreach(feeds, i, count, feed)
    {
        width = MAX(width, (int)MIN(strlen(json_member_text(feed, "name", "")), NAME_WIDTH_MAX));
    }
    if (yyjson_arr_size(feeds) == 0)
        output("no feeds are configured\n");
    else
        output("%-*s  %-20s  %-20s  %6s  %7s  %s\n", width, "NAME", "LAST POLL", "NEXT POLL", "ITEMS",
               "REFUSED", "URL");
    yyjson_arr_foreach(feeds, i, count, feed)
    {
        print_row(feed, width);
    }
}

static void print_lines(yyjson_val *feeds)
{
    size_t i = 0, count = 0;
    yyjson_val *feed = NULL;

    yyjson_arr_foreach(feeds, i, count, feed)
    {
        output_json_read(feed);
    }
}

static yyjson_doc *ask(Client *client, const char *method, const char *path, unsigned expected,
                       GError **error)
{
    g_auto(ClientAnswer) answer = {0};
    ClientRequest request = {.method = method, .path = path};

    if (strcmp(method, "POST") == 0) { /* has a length, if only 0 */
        request.content_type = "application/json";
        request.body = "";
    }
    if (!client_send(client, &request, &answer, error))
        return NULL;
    if (answer.status != expected) {
        g_autofree char *problem = client_answer_problem(&answer);
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "%s", problem);
        return NULL;
    }
    return client_answer_json(&answer, error);
}

static bool poll_now(Client *client, const char *name, GError **error)
{
    g_autofree char *escaped = g_uri_escape_string(name, NULL, FALSE);
    g_autofree char *path = g_strdup_printf("/v1/feeds/%s/poll", escaped);
    g_autoptr(yyjson_doc) answer = ask(client, "POST", path, 202, error);

    return answer != NULL;
}

static bool list(Client *client, bool as_lines, GError **error)
{
    g_autoptr(yyjson_doc) answer = ask(client, "GET", "/v1/feeds", 200, error);

    if (!answer)
        return false;
    yyjson_val *feeds = yyjson_obj_get(yyjson_doc_get_root(answer), "feeds");
    if (!yyjson_is_arr(feeds)) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED,
                    "the answer has no feeds: is --server the address of daywire-ingest?");
        return false;
    }
    if (as_lines)
        print_lines(feeds);
    else
        print_table(feeds);
    return true;
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
