/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "cli/arguments.h"
#include "cli/order.h"

int command_cancel(int argc, char **argv)
{
    g_auto(Order) order = {0};
    const GOptionEntry entries[] = {
        ORDER_SERVER_ENTRIES(order),
        {"if-match", 0, 0, G_OPTION_ARG_FILENAME, &order.if_match,
         "only if its ETag is still this one, for instance 0.17", "ETAG"},
        {0},
    };
    const Arguments arguments = {
        .usage = "ID",
        .summary = "Drops what is scheduled for a statement. What is published stays as it is.",
        .description = "Example: daywire cancel harbour-1\n" ORDER_HELP,
        .entries = entries,
    };
    g_auto(GStrv) rest = NULL;
    const char *id = NULL;
    int status = COMMAND_FAILED;
    if (!arguments_parse(&arguments, argc, argv, &rest, &status) || !(id = order_only_id(argv[0], rest)))
        return status;
    g_autoptr(Client) client = order_connect(argv[0], &order);
    if (!client)
        return COMMAND_FAILED;
    g_autofree char *path = order_path(&order, id, "/schedule");
    g_autofree char *if_match = order_if_match(&order);
    ClientRequest request = {.method = "DELETE", .path = path, .if_match = if_match};
    return order_send(argv[0], client, &request, NULL);
}
