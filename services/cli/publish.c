/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "cli/arguments.h"
#include "cli/order.h"
#include "cli/output.h"

int command_publish(int argc, char **argv)
{
    g_auto(Order) order = {0};
    const GOptionEntry own[] = {
        ORDER_ENTRIES(order),
        {"id", 0, 0, G_OPTION_ARG_FILENAME, &order.draft.id, "its id for ever (default: Daywire gives one)",
         "ID"},
    };
    g_autofree GOptionEntry *entries = draft_entries(&order.draft, own, G_N_ELEMENTS(own));
    const Arguments arguments = {
        .usage = "--title TEXT --date YYYY-MM-DD",
        .summary = "Publishes one statement. A known --id with other content makes a new revision of it; the "
                   "--id of a\nwithdrawn one brings it back.",
        .description =
            "Example: daywire publish --title \"The harbour opens\" --date 2021-07-23 --body-file text.txt\n"
            "Needed are --title and one of --date, --published-at and --publish-at. With --publish-at nobody "
            "sees it before\nthat instant; the same command with another one moves it, and `daywire cancel` "
            "drops it.\n" ORDER_HELP,
        .entries = entries,
    };
    g_auto(GStrv) rest = NULL;
    int status = COMMAND_FAILED;
    if (!arguments_parse(&arguments, argc, argv, &rest, &status))
        return status;
    if (rest[0]) {
        complain(argv[0], "%s: texts are given by options, for instance --title", rest[0]);
        return COMMAND_FAILED;
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(Statement) statement = statement_new();
    if (!draft_apply(&order.draft, statement, &error)) {
        complain(argv[0], "%s", error->message);
        return COMMAND_FAILED;
    }
    g_autofree char *body = order_submission(statement, &error);
    if (!body) {
        complain(argv[0], "%s", error->message);
        return COMMAND_REFUSED;
    }
    g_autoptr(Client) client = order_connect(argv[0], &order);
    if (!client)
        return COMMAND_FAILED;
    g_autofree char *path = order_path(&order, "", "");
    g_autofree char *if_match = order_if_match(&order);
    ClientRequest request = {.method = "POST",
                             .path = path,
                             .content_type = "application/json",
                             .body = body,
                             .size = strlen(body),
                             .if_match = if_match};
    return order_send(argv[0], client, &request, NULL);
}
