/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <glib/gstdio.h>

#include "cli/site_groups.h"
#include "common/config/config.h"
#include "folder.h"

static PageSite *read_site(const char *text)
{
    g_autoptr(GError) error = NULL;
    PageSite *site = page_capture_site(text, strlen(text), &error);
    if (error)
        fail_msg("%s", error->message);
    return site;
}

static char *groups_of(const char *text)
{
    g_autoptr(PageSite) site = read_site(text);
    return site_groups(site);
}

static const char page[] = "Port Authority\n"
                           "3 May 2022\n"
                           "Port of Spain: 21:40\n"
                           "Oslo: 03:40\n"
                           "Harbour office: +44 20 7946 0000\n"
                           "1238 days have passed since the lighthouse's lamp went dark - no {repair} yet    "
                           "  1 day since the storm\n"
                           "12 days have passed since the storm\n"
                           "\n"
                           "01.05.2022 - A\n";

static void a_whole_top(void **state)
{
    (void)state;
    g_autofree char *groups = groups_of(page);
    assert_string_equal(
        groups,
        "[site]\n"
        "title = Port Authority\n"
        "contact = Harbour office: +44 20 7946 0000\n"
        "clock.Port of Spain = America/Port_of_Spain\n"
        "clock.Oslo = Europe/Oslo\n"
        "# the zone of the page's date: check it\n"
        "time-zone = Europe/Oslo\n"
        "\n"
        "[counter lighthouse-s-lamp-went]\n"
        "since = 2018-12-12\n"
        "# the zone in which its days begin: check it\n"
        "time-zone = Europe/Oslo\n"
        "label.en = {days, plural, one {# day has} other {# days have}} passed since the lighthouse''s "
        "lamp went dark - no '{'repair'}' yet\n"
        "\n"
        "[counter storm]\n"
        "since = 2022-05-02\n"
        "# the zone in which its days begin: check it\n"
        "time-zone = Europe/Oslo\n"
        "label.en = {days, plural, one {# day} other {# days}} since the storm\n"
        "\n"
        "[counter storm-2]\n"
        "since = 2022-04-21\n"
        "# the zone in which its days begin: check it\n"
        "time-zone = Europe/Oslo\n"
        "label.en = {days, plural, one {# day has} other {# days have}} passed since the storm\n");
}

/* What is printed is a configuration: it can be pasted as it is. */
static void the_groups_are_a_configuration(void **state)
{
    (void)state;
    g_autofree char *groups = groups_of(page);
    char *folder = folder_new();
    g_autofree char *path = g_build_filename(folder, "daywire.conf", NULL);
    assert_true(g_file_set_contents(path, groups, -1, NULL));
    char *nothing[] = {NULL};
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = config_load(path, nothing, &error);
    if (error)
        fail_msg("%s", error->message);
    assert_string_equal(config_string(config, "site", "clock.Port of Spain"), "America/Port_of_Spain");
    assert_string_equal(config_string(config, "site", "contact"), "Harbour office: +44 20 7946 0000");
    assert_string_equal(config_string(config, "counter lighthouse-s-lamp-went", "since"), "2018-12-12");
    assert_string_equal(config_string(config, "counter storm", "label.en"),
                        "{days, plural, one {# day} other {# days}} since the storm");
    folder_remove(folder);
}

static void what_is_not_known_is_asked_for(void **state)
{
    (void)state;
    g_autofree char *groups = groups_of("Atlantis: 10:00\n5 days since the storm\n7 days until \\ 完\n");
    assert_string_equal(groups, "[site]\n"
                                "# title =\n"
                                "# no IANA time zone is named after this city; write the one that it is in:\n"
                                "# clock.Atlantis =\n"
                                "\n"
                                "[counter storm]\n"
                                "# the day of the capture less 5 days:\n"
                                "# since = YYYY-MM-DD\n"
                                "# the zone in which its days begin (UTC when it is not set):\n"
                                "# time-zone =\n"
                                "label.en = {days, plural, one {# day} other {# days}} since the storm\n"
                                "\n"
                                "[counter counter-2]\n"
                                "# the day of the capture less 7 days:\n"
                                "# since = YYYY-MM-DD\n"
                                "# the zone in which its days begin (UTC when it is not set):\n"
                                "# time-zone =\n"
                                "label.en = {days, plural, one {# day} other {# days}} until \\\\ 完\n");
}

static void cities(void **state)
{
    (void)state;
    static const char *const zones[][2] = {
        {"London", "Europe/London"},
        {"New York", "America/New_York"},
        {"Reykjavik", "Atlantic/Reykjavik"},
        {"Kathmandu", "Asia/Kathmandu"},
        {"Atlantis", NULL},
        {"", NULL},
        {"../Oslo", NULL},
        {"GMT+5", NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(zones); i++) {
        g_autofree char *zone = zone_of_city(zones[i][0]);
        if (zones[i][1])
            assert_string_equal(zone, zones[i][1]);
        else
            assert_null(zone);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_top),
        cmocka_unit_test(the_groups_are_a_configuration),
        cmocka_unit_test(what_is_not_known_is_asked_for),
        cmocka_unit_test(cities),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
