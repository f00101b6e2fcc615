/* SPDX-License-Identifier: Apache-2.0 */
/* Page by page, each printed before the next one is asked for. */
#include "cli/commands.h"

#include <inttypes.h>

#include "cli/arguments.h"
#include "cli/order.h"
#include "cli/output.h"
#include "common/error.h"
#include "common/text.h"

#define PAGE "100"

/* What tells most about a revision: the sentence that it was given, else what it is called. */
static void print_row(yyjson_val *revision)
{
    const char *note = yyjson_get_str(yyjson_obj_get(revision, "note"));
    g_autofree char *said = text_excerpt(note ? note : json_member_text(revision, "title", "-"));
    output("%8" PRId64 "  %-9s  %-27s  %-16s  %s\n", json_member_integer(revision, "revision", 0),
           json_member_text(revision, "change", "-"), json_member_text(revision, "at", "-"),
           json_member_text(revision, "by", "-"), said);
}

static void print_page(yyjson_val *revisions, bool table)
{
    size_t i = 0, count = 0;
    yyjson_val *revision = NULL;
    yyjson_arr_foreach(revisions, i, count, revision)
    {
        if (table)
            print_row(revision);
        else
            output_json_read(revision);
    }
}

/* *before: of the next page; 0: there is none. */
static yyjson_doc *fetch_page(Client *client, const char *id, int64_t *before, GError **error)
{
    g_autofree char *from = *before > 0 ? g_strdup_printf("&before=%" PRId64, *before) : g_strdup("");
    g_autofree char *path = g_strconcat("/v1/statements/", id, "/revisions?limit=" PAGE, from, NULL);
    g_auto(ClientAnswer) answer = {0};
    g_autoptr(yyjson_doc) doc = client_get(client, path, id, &answer, error);
    if (!doc)
        return NULL;
    yyjson_val *page = yyjson_doc_get_root(doc);
    int64_t next = json_member_integer(page, "next", 0);
    if (!yyjson_is_arr(yyjson_obj_get(page, "revisions")) || next < 0 || (*before > 0 && next >= *before)) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED,
                    "the answer is no page of revisions: is --server the address of daywire-ingest?");
        return NULL;
    }
    *before = next;
    return g_steal_pointer(&doc);
}

static int print_history(const char *command, Client *client, const char *id, bool table)
{
    int64_t before = 0;
    bool first = true;
    do {
        g_autoptr(GError) error = NULL;
        g_autoptr(yyjson_doc) page = fetch_page(client, id, &before, &error);
        if (!page)
            return order_tell_error(command, error);
        if (first && table)
            output("%8s  %-9s  %-27s  %-16s  %s\n", "REVISION", "CHANGE", "AT", "BY", "NOTE OR TITLE");
        first = false;
        print_page(yyjson_obj_get(yyjson_doc_get_root(page), "revisions"), table);
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
