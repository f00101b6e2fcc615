/* SPDX-License-Identifier: Apache-2.0 */
/* Page by page, each printed before the next one is asked for. */
#include "cli/commands.h"

#include "cli/arguments.h"
#include "cli/order.h"
#include "cli/output.h"
#include "common/error.h"
#include "common/json_fields.h"

#define PAGE "100"

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "-";
}

/* What tells most about a revision: the sentence that it was given, else what it is called. */
static void print_row(const json_t *revision)
{
    const char *note = json_string_value(json_object_get(revision, "note"));
    g_autofree char *said = field_excerpt(note ? note : text_of(revision, "title"));
    output("%8lld  %-9s  %-27s  %-16s  %s\n",
           (long long)json_integer_value(json_object_get(revision, "revision")), text_of(revision, "change"),
           text_of(revision, "at"), text_of(revision, "by"), said);
}

static void print_line(json_t *revision)
{
    char *text = json_dumps(revision, JSON_COMPACT);
    output("%s\n", text);
    free(text);
}

static void print_page(json_t *revisions, bool table)
{
    size_t i = 0;
    json_t *revision = NULL;
    json_array_foreach(revisions, i, revision)
    {
        if (table)
            print_row(revision);
        else
            print_line(revision);
    }
}

/* *before: of the next page; 0: there is none. */
static bool fetch_page(Client *client, const char *id, json_int_t *before, json_t **ret_page, GError **error)
{
    g_autofree char *from = *before > 0 ? g_strdup_printf("&before=%lld", (long long)*before) : g_strdup("");
    g_autofree char *path = g_strconcat("/v1/statements/", id, "/revisions?limit=" PAGE, from, NULL);
    g_auto(ClientAnswer) answer = {0};
    json_t *page = client_get(client, path, id, &answer, error);
    if (!page)
        return false;
    json_int_t next = json_integer_value(json_object_get(page, "next"));
    if (!json_is_array(json_object_get(page, "revisions")) || next < 0 || (*before > 0 && next >= *before)) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED,
                    "the answer is no page of revisions: is --server the address of daywire-ingest?");
        json_decref(page);
        return false;
    }
    *before = next;
    *ret_page = page;
    return true;
}

static int print_history(const char *command, Client *client, const char *id, bool table)
{
    json_int_t before = 0;
    bool first = true;
    do {
        g_autoptr(GError) error = NULL;
        json_t *page = NULL;
        if (!fetch_page(client, id, &before, &page, &error))
            return order_tell_error(command, error);
        if (first && table)
            output("%8s  %-9s  %-27s  %-16s  %s\n", "REVISION", "CHANGE", "AT", "BY", "NOTE OR TITLE");
        first = false;
        print_page(json_object_get(page, "revisions"), table);
        json_decref(page);
    } while (before > 0);
    return output_finish(command, COMMAND_OK);
}

int command_history(int argc, char **argv)
{
    g_auto(Order) order = {0};
    g_autofree char *format = NULL;
    const GOptionEntry entries[] = {
        ORDER_SERVER_ENTRIES(order),
        {"format", 0, 0, G_OPTION_ARG_FILENAME, &format, "table (default) or ndjson", "FORMAT"},
        {0},
    };
    const Arguments arguments = {
        .usage = "ID",
        .summary =
            "Prints the revisions of a statement, newest first: what each did, when, and who handed it in.",
        .description = "Example: daywire history harbour-1 --format ndjson\n" ORDER_HELP,
        .entries = entries,
    };
    g_auto(GStrv) rest = NULL;
    const char *id = NULL;
    int status = COMMAND_FAILED;
    if (!arguments_parse(&arguments, argc, argv, &rest, &status) || !(id = order_only_id(argv[0], rest)))
        return status;
    if (format && strcmp(format, "table") != 0 && strcmp(format, "ndjson") != 0) {
        complain(argv[0], "--format %s: table or ndjson", format);
        return COMMAND_FAILED;
    }
    g_autoptr(Client) client = order_connect(argv[0], &order);
    return client ? print_history(argv[0], client, id, !format || strcmp(format, "table") == 0)
                  : COMMAND_FAILED;
}
