/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled zones are read here, and not by GLib, because GTimeZone is wrong where we promise to be right: up
 * to 2.74 at least it takes the rule of Europe/Dublin after 2037 (standard time in summer, "daylight" time in
 * winter) for +02:00 all the year. What is here agrees with Python's zoneinfo for all zones from 1900 to 2500
 * (tests/unit/common/compare_zones.py).
 *
 * UTC, the default of all options, needs no file: a new Zone has offset 0 for ever.
 *
 * A zone is a row of pieces of time with one offset each: the transitions of its file, then those of its
 * rule. All questions are answered by going through pieces. */
#include "common/zone.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "common/error.h"
#include "common/tzdata.h"
#include "common/zone_file.h"

#define NAME_MAX_LENGTH 100
#define SECONDS_PER_DAY INT64_C(86400)

struct Zone {
    gatomicrefcount owners;
    char *name;
    ZoneFile file;
};

/* Rounds down, for numbers below 0 too. */
static int64_t floor_divide(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

/* --- reading --- */

/* Words of letters, digits, "_", "+", "-" between slashes, as tzdata names its zones: nothing that leads out
 * of the folder. Not the copies of the database beside it, nor what a machine calls its own zone. */
bool zone_name_is_valid(const char *name)
{
    static const char *const no_names[] = {"posix/", "right/", "localtime", "posixrules", NULL};
    if (strlen(name) > NAME_MAX_LENGTH)
        return false;
    for (const char *const *other = no_names; *other; other++)
        if (g_str_has_prefix(name, *other))
            return false;
    for (const char *at = name; *at; at++) {
        bool starts = at == name || at[-1] == '/';
        if (starts ? !g_ascii_isalpha(*at) : !g_ascii_isalnum(*at) && !strchr("_+-/", *at))
            return false;
    }
    return *name && !g_str_has_suffix(name, "/");
}

/* The whole of a regular file, at most `max` bytes; sets errno. */
static ssize_t read_file(const char *path, uint8_t *buffer, size_t max)
{
    struct stat status;
    ssize_t size = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return -1;
    if (fstat(fd, &status) == 0) {
        if (S_ISREG(status.st_mode))
            size = read(fd, buffer, max); /* a regular file is read whole */
        else
            errno = ENOENT;
    }
    int reason = errno;
    (void)close(fd);
    errno = reason;
    return size;
}

static bool load(Zone *zone, const char *path, GError **error)
{
    uint8_t *buffer = g_malloc(ZONE_FILE_MAX + 1);
    ssize_t size = read_file(path, buffer, ZONE_FILE_MAX + 1);
    bool loaded = size >= 0 && zone_file_parse(buffer, (size_t)size, &zone->file, error);
    if (size < 0)
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, "there is no time zone %s: %s: %s",
                    zone->name, path, g_strerror(errno));
    else if (!loaded)
        g_prefix_error(error, "time zone %s: %s: ", zone->name, path);
    g_free(buffer);
    return loaded;
}

static bool check_name(const char *name, GError **error)
{
    if (zone_name_is_valid(name))
        return true;
    g_autofree char *printable = g_strescape(name, NULL);
    g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID,
                "\"%.100s\" is no name of a time zone (one is Europe/London)", printable);
    return false;
}

char *zone_path(const char *name)
{
    return g_str_equal(name, "UTC") ? NULL : tzdata_path(name);
}

Zone *zone_new(const char *name, GError **error)
{
    if (!check_name(name, error))
        return NULL;
    g_autofree char *path = zone_path(name);
    Zone *zone = g_new0(Zone, 1);
    g_atomic_ref_count_init(&zone->owners);
    zone->name = g_strdup(name);
    if (!path || load(zone, path, error))
        return zone;
    zone_free(zone);
    return NULL;
}

Zone *zone_ref(Zone *zone)
{
    g_atomic_ref_count_inc(&zone->owners);
    return zone;
}

void zone_free(Zone *zone)
{
    if (!zone || !g_atomic_ref_count_dec(&zone->owners))
        return;
    zone_file_clear(&zone->file);
    g_free(zone->name);
    g_free(zone);
}

const char *zone_name(const Zone *zone)
{
    return zone->name;
}

/* --- offsets and dates, in seconds --- */

/* How many transitions are at or before `at`. */
static size_t transitions_until(const ZoneFile *file, int64_t at)
{
    size_t low = 0, high = file->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (file->transitions[middle].at <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The offset at `at`, and where its piece ends; a piece may be followed by one of the same offset. */
static int32_t offset_at(const Zone *zone, int64_t at, int64_t *ret_until)
{
    const ZoneFile *file = &zone->file;
    size_t passed = transitions_until(file, at);
    if (passed == file->count && file->has_rules)
        return zone_rules_offset(&file->rules, at, ret_until);
    *ret_until = passed < file->count ? file->transitions[passed].at : INT64_MAX;
    return passed > 0 ? file->transitions[passed - 1].offset : file->first_offset;
}

/* The first second at which the clock shows `local` (seconds since 1970 by that clock) or later. */
static int64_t first_second(const Zone *zone, int64_t local)
{
    int64_t at = local - ZONE_OFFSET_MAX; /* earlier everywhere */
    for (;;) {
        int64_t until = 0;
        int64_t reached = local - offset_at(zone, at, &until);
        if (reached < until)
            return MAX(reached, at);
        at = until;
    }
}

int zone_offset(const Zone *zone, Instant instant)
{
    int64_t until = 0;
    return offset_at(zone, floor_divide(instant, INSTANT_SECOND), &until);
}

CivilDate zone_date_at(const Zone *zone, Instant instant)
{
    int64_t until = 0;
    int64_t at = floor_divide(instant, INSTANT_SECOND);
    int64_t day = floor_divide(at + offset_at(zone, at, &until), SECONDS_PER_DAY);
    return (CivilDate)CLAMP(day, CIVIL_DATE_MIN, CIVIL_DATE_MAX);
}

Instant zone_first_instant(const Zone *zone, CivilDate date)
{
    return first_second(zone, date * SECONDS_PER_DAY) * INSTANT_SECOND;
}

CivilDate zone_next_date(const Zone *zone, CivilDate date)
{
    return zone_date_at(zone, zone_first_instant(zone, date + 1));
}
