/* SPDX-License-Identifier: Apache-2.0 */
/* No condition of its own: a withdrawal holds whatever the text has become in between. */
#include "cli/commands.h"

#include "cli/arguments.h"
#include "cli/order.h"
#include "cli/output.h"

int command_withdraw(int argc, char **argv)
{
    g_auto(Order) order = {0};
    const GOptionEntry entries[] = {
        ORDER_ENTRIES(order),
        {"note", 0, 0, G_OPTION_ARG_FILENAME, &order.draft.note,
         "needed: the reason, shown in place of the text", "TEXT"},
        {0},
    };
    const Arguments arguments = {
        .usage = "ID --note TEXT",
        .summary = "Withdraws a statement: its text disappears everywhere, the reason is shown in its place. "
                   "What is\nscheduled for it goes as well.",
        .description = "Example: daywire withdraw harbour-1 --note \"Given out by mistake.\"\n" ORDER_HELP,
        .entries = entries,
    };
    g_auto(GStrv) rest = NULL;
    const char *id = NULL;
    int status = COMMAND_FAILED;
    if (!arguments_parse(&arguments, argc, argv, &rest, &status) || !(id = order_only_id(argv[0], rest)))
        return status;
    if (!order.draft.note || !*order.draft.note) {
        complain(argv[0], "--note is needed: the reason, shown in place of the text");
        return COMMAND_FAILED;
    }
    g_autoptr(Client) client = order_connect(argv[0], &order);
    if (!client)
        return COMMAND_FAILED;
    if (!g_utf8_validate(order.draft.note, -1, NULL)) {
        complain(argv[0], "--note is not valid UTF-8");
        return COMMAND_FAILED;
    }
    g_autoptr(yyjson_mut_doc) doc = json_new();
    yyjson_mut_val *reason = yyjson_mut_obj(doc);
    yyjson_mut_obj_add_str(doc, reason, "note", order.draft.note);
    size_t size = 0;
    g_autofree char *body = json_write(reason, &size);
    g_autofree char *path = order_path(&order, id, "");
    g_autofree char *if_match = order_if_match(&order);
    ClientRequest request = {.method = "DELETE",
                             .path = path,
                             .content_type = "application/json",
                             .body = body,
                             .size = size,
                             .if_match = if_match};
    return order_send(argv[0], client, &request, NULL);
}
