/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/arguments.h"

#include "cli/commands.h"
#include "cli/output.h"

/* GLib would print its help in the charset of the locale. */
static int print_help(const char *command, GOptionContext *context)
{
    g_autofree char *help = g_option_context_get_help(context, FALSE, NULL);
    output("%s", help);
    return output_finish(command, COMMAND_OK);
}

bool arguments_parse(const Arguments *arguments, int argc, char **argv, char ***ret_rest, int *ret_status)
{
    const char *command = argv[0];
    gboolean help = FALSE;
    const GOptionEntry own[] = {{"help", 'h', 0, G_OPTION_ARG_NONE, &help, "print this", NULL}, {0}};
    g_autoptr(GOptionContext) context = g_option_context_new(arguments->usage);
    g_option_context_set_help_enabled(context, FALSE);
    g_option_context_add_main_entries(context, arguments->entries, NULL);
    g_option_context_add_main_entries(context, own, NULL);
    g_option_context_set_summary(context, arguments->summary);
    g_option_context_set_description(context, arguments->description);

    /* GLib takes the program's name for its help from here. */
    g_autofree char *name = g_strdup_printf("daywire %s", command);
    g_set_prgname(name);
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_strv_builder_add(builder, name);
    for (int i = 1; i < argc; i++)
        g_strv_builder_add(builder, argv[i]);
    g_auto(GStrv) all = g_strv_builder_end(builder);
    g_autoptr(GError) error = NULL;
    if (!g_option_context_parse_strv(context, &all, &error)) {
        complain(command, "%s; `daywire %s --help` lists the options", error->message, command);
        *ret_status = COMMAND_FAILED;
        return false;
    }
    if (help) {
        *ret_status = print_help(command, context);
        return false;
    }
    char **rest = &all[1];
    if (*rest && strcmp(*rest, "--") == 0)
        rest++;
    if (ret_rest) {
        *ret_rest = g_strdupv(rest);
    } else if (*rest) {
        complain(command, "%s: it takes options only", *rest);
        *ret_status = COMMAND_FAILED;
        return false;
    }
    return true;
}
