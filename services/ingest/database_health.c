/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/database_health.h"

#include "common/health.h"

struct DatabaseHealth {
    bool well; /* as far as is known, as the next one */
    bool outbox_readable;
    GError *damage; /* NULL: none was found. Set once, by any thread */
};

DatabaseHealth *database_health_new(void)
{
    DatabaseHealth *health = g_new0(DatabaseHealth, 1);

    health->outbox_readable = true;
    database_health_worked(health);
    return health;
}

void database_health_free(DatabaseHealth *health)
{
    if (health == NULL)
        return;
    g_clear_error(&health->damage);
    g_free(health);
}

void database_health_worked(DatabaseHealth *health)
{
    health->well = true;
    health_set("database", true, NULL);
}

void database_health_failed(DatabaseHealth *health, const GError *error)
{
    health->well = false;
    database_health_note_damage(health, error);
    health_set("database", false, error->message);
}

bool database_health_is_well(const DatabaseHealth *health)
{
    return health->well;
}

void database_health_outbox(DatabaseHealth *health, const GError *error)
{
    if (health->outbox_readable && error == NULL)
        return;
    health->outbox_readable = error == NULL;
    database_health_note_damage(health, error);
    health_set("outbox", error == NULL, error != NULL ? error->message : NULL);
}

void database_health_note_damage(DatabaseHealth *health, const GError *error)
{
    if (!g_error_matches(error, DAYWIRE_ERROR, DAYWIRE_ERROR_LOST))
        return;
    GError *damage = g_error_copy(error);
    if (!g_atomic_pointer_compare_and_exchange(&health->damage, NULL, damage))
        g_error_free(damage);
}

bool database_health_check_damage(DatabaseHealth *health, GError **error)
{
    GError *damage = g_atomic_pointer_get(&health->damage);

    if (damage == NULL)
        return true;
    g_propagate_error(error, g_error_copy(damage));
    return false;
}
