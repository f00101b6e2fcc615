/* SPDX-License-Identifier: Apache-2.0 */
#include "counter/clock.h"

#include "common/civil_date.h"
#include "common/error.h"

Instant clock_earliest(const Config *config)
{
    const char *text = config_string(config, "counters", "earliest-clock");
    CivilDate date = 0;
    if (!civil_date_parse(text ? text : DAYWIRE_BUILD_DATE, &date))
        g_assert_not_reached(); /* the configuration has checked the one, CMake has made the other */
    return date * INSTANT_DAY;
}

bool clock_check(Instant now, Instant earliest, GError **error)
{
    char shown[INSTANT_TEXT_MAX], least[INSTANT_TEXT_MAX];
    if (now >= earliest)
        return true;
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID,
                "the clock says %s, which is before %s, the date of this build or [counters] earliest-clock: "
                "set the clock",
                instant_format(now, 0, shown), instant_format(earliest, 0, least));
    return false;
}
