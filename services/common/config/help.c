/* SPDX-License-Identifier: Apache-2.0 */
#include "common/config/options.h"

#include "common/config/environment.h"
#include "common/config/lookup.h"
#include "common/config/value.h"

/* "counter NAME" for "counter *": the star is for the table's readers. */
static char *readable(const char *pattern)
{
    int prefix = wildcard_prefix(pattern);
    return prefix < 0 ? g_strdup(pattern) : g_strdup_printf("%.*sNAME", prefix, pattern);
}

static bool first_of_group(const Option *option)
{
    return option == options || strcmp(option->group, option[-1].group) != 0;
}

/* "default 1; 1 to 256", or "" when there is nothing to say. */
static char *remark(const Option *option)
{
    g_autofree char *allowed = option->type == OPTION_CHOICE ? NULL : option_allowed(option);
    if (option->fallback && allowed)
        return g_strdup_printf(" (default %s; %s)", option->fallback, allowed);
    if (option->fallback)
        return g_strdup_printf(" (default %s)", option->fallback);
    return allowed ? g_strdup_printf(" (%s)", allowed) : g_strdup("");
}

char *options_help(const char *const *groups)
{
    GString *text = g_string_new(NULL);
    for (const Option *option = options; option->group; option++) {
        if (groups && !g_strv_contains(groups, option->group))
            continue;
        g_autofree char *group = readable(option->group);
        g_autofree char *key = readable(option->key);
        g_autofree char *rest = remark(option);
        if (first_of_group(option))
            g_string_append_printf(text, "%s[%s]\n", text->len ? "\n" : "", group);
        g_string_append_printf(text, "  %s = %s\n      %s%s\n", key, option_placeholder(option), option->help,
                               rest);
    }
    return g_string_free(text, FALSE);
}

/* `mark` goes around the text, where there is any. A bar would end the cell. */
static void append_cell(GString *row, const char *mark, const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, "|", -1);
    g_autofree char *escaped = g_strjoinv("\\|", parts);
    g_string_append(row, "| ");
    if (*escaped)
        g_string_append_printf(row, "%s%s%s ", mark, escaped, mark);
}

char *options_markdown(void)
{
    GString *text = g_string_new(NULL);
    for (const Option *option = options; option->group; option++) {
        g_autofree char *group = readable(option->group);
        g_autofree char *key = readable(option->key);
        g_autofree char *variable = environment_name(group, key);
        g_autofree char *allowed = option->type == OPTION_CHOICE ? NULL : option_allowed(option);
        if (first_of_group(option))
            g_string_append_printf(
                text,
                "%s### [%s]\n\n| Key | Value | Default | Allowed | Meaning | Environment |\n"
                "|---|---|---|---|---|---|\n",
                text->len ? "\n" : "", group);
        append_cell(text, "`", key);
        append_cell(text, "`", option_placeholder(option));
        append_cell(text, "`", option->fallback ? option->fallback : "");
        append_cell(text, "", allowed ? allowed : "");
        append_cell(text, "", option->help);
        append_cell(text, "`", variable);
        g_string_append(text, "|\n");
    }
    return g_string_free(text, FALSE);
}
