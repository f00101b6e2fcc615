/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/store/place.h"

#include "common/error.h"

Place place_new(const char *path)
{
    return (Place){.path = g_strdup(path), .log_path = g_strconcat(path, "-wal", NULL)};
}

void place_clear(Place *place)
{
    g_free(place->path);
    g_free(place->log_path);
    *place = (Place){0};
}

static bool refuse(int code, const char *path, const char *what, GError **error)
{
    g_set_error(error, DAYWIRE_ERROR, code, "the database %s was %s", path, what);
    return false;
}

static bool check_size(Place *place, GError **error)
{
    struct stat now;

    if (stat(place->path, &now) != 0)
        return true; /* a file system of tests */
    if (now.st_size < place->size)
        return refuse(DAYWIRE_ERROR_LOST, place->path, "cut short while in use: put a backup back", error);
    place->size = now.st_size;
    return true;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

/* What is in the log that nobody else finds any more is brought into the file while that can be done. */
static bool check_log(Place *place, SqlDatabase *database, GError **error)
{
    struct stat now = {0};
    bool found = stat(place->log_path, &now) == 0;

    if (place->log.st_ino == 0 && found)
        place->log = now;
    if (place->log.st_ino == 0 || (found && is_same(&place->log, &now)))
        return true;
    (void)!sql_checkpoint(database, NULL);
    return refuse(DAYWIRE_ERROR_LOST, place->log_path,
                  "deleted or replaced while in use: restart the service", error);
}

bool place_check(Place *place, SqlDatabase *database, GError **error)
{
    if (!sql_is_in_place(database))
        return refuse(DAYWIRE_ERROR_UNAVAILABLE, place->path,
                      "deleted or replaced while in use: put it back, or restart the service", error);
    return check_size(place, error) && check_log(place, database, error);
}
