/* SPDX-License-Identifier: Apache-2.0 */
#include "counter/rules_fixture.h"

#include "unit.h"

#include "common/config_fixture.h"

int rules_setup(void **state)
{
    return fixture_setup(state);
}

static char *holidays; /* the path; NULL: there are none */

void rules_write_holidays(const void *content, size_t size)
{
    g_autofree char *folder = g_path_get_dirname(fixture_write("", 0));
    g_free(holidays);
    holidays = g_build_filename(folder, "holidays", NULL);
    assert_true(g_file_set_contents(holidays, content, (gssize)size, NULL));
}

int rules_teardown(void **state)
{
    if (holidays)
        assert_int_equal(remove(holidays), 0);
    g_clear_pointer(&holidays, g_free);
    return fixture_teardown(state);
}

Config *rules_config(const char *content)
{
    return fixture_load(content, NULL);
}

GPtrArray *rules_from(const char *content)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = rules_config(content);
    GPtrArray *rules = counter_rules_new(config, &error);
    if (!rules)
        fail_msg("%s", error->message);
    return rules;
}

char *rules_refusal(const char *content)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = rules_config(content);
    const char *path = fixture_write(content, strlen(content));
    if (counter_rules_check(config, &error))
        fail_msg("this was taken: %s", content);
    g_autofree char *folder = g_path_get_dirname(path);
    g_auto(GStrv) parts = g_strsplit(error->message, path, -1);
    g_autofree char *without_file = g_strjoinv("FILE", parts);
    g_auto(GStrv) rest = g_strsplit(without_file, folder, -1);
    return g_strjoinv("FOLDER", rest);
}

CounterRule *rule_from(const char *lines)
{
    g_autofree char *content =
        g_strconcat("[counter x]\n", strstr(lines, "label.") ? "" : "label.en = {days}\n", lines, NULL);
    g_autoptr(GPtrArray) rules = rules_from(content);
    return g_ptr_array_steal_index(rules, 0);
}

CivilDate date_of(const char *text)
{
    CivilDate date = 0;
    if (!civil_date_parse(text, &date))
        fail_msg("%s is no date", text);
    return date;
}

Instant instant_of(const char *text)
{
    Instant instant = 0;
    if (!instant_parse(text, &instant, NULL))
        fail_msg("%s is no instant", text);
    return instant;
}
