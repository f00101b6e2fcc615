/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "counter/rules_fixture.h"
#include "counter/sources.h"

static void expect(const char *content, const char *expected)
{
    g_autoptr(Config) config = rules_config(content);
    g_autoptr(GPtrArray) paths = counter_sources(config);
    g_ptr_array_add(paths, NULL);
    g_autofree char *text = g_strjoinv(" ", (char **)paths->pdata);
    assert_string_equal(text, expected);
}

static void test_files(void **state)
{
    (void)state;
    g_unsetenv("TZDIR");
    expect("[counters]\n", "/usr/share/zoneinfo/tzdata.zi /usr/share/zoneinfo/+VERSION");
    expect("[counter a]\nsince = 2018-03-04\ntime-zone = Europe/London\nlabel.en = x\n"
           "[counter b]\nsince = 2018-03-04\nlabel.en = x\n" /* UTC, which is no file */
           "[counter c]\nsince = 2018-03-04\ntime-zone = Asia/Tokyo\nlabel.en = x\n"
           "count = weekdays\nholidays = /etc/daywire/holidays\n"
           "[site]\ntime-zone = Europe/Paris\n", /* is not the counters' */
           "/usr/share/zoneinfo/tzdata.zi /usr/share/zoneinfo/+VERSION /usr/share/zoneinfo/Europe/London "
           "/usr/share/zoneinfo/Asia/Tokyo /etc/daywire/holidays");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),
    };
    return cmocka_run_group_tests(tests, rules_setup, rules_teardown);
}
