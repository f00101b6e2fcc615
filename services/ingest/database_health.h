/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of the database, and the health parts "database" and "outbox". A failure passes; damage does not, whatever
 * can still be written: it would be lost when a backup takes the place of the file. Owned by the engine's thread, but for
 * database_health_note_damage(). */
#ifndef DAYWIRE_INGEST_DATABASE_HEALTH_H
#define DAYWIRE_INGEST_DATABASE_HEALTH_H

#include "common/error.h"

typedef struct DatabaseHealth DatabaseHealth;

/* Of a database that works. */
DatabaseHealth *database_health_new(void);
void database_health_free(DatabaseHealth *health);

/* A transaction has been committed. */
void database_health_worked(DatabaseHealth *health);
/* The errors of the store. */
void database_health_failed(DatabaseHealth *health, const GError *error);
bool database_health_is_well(const DatabaseHealth *health);
/* The outbox was read; NULL: it could be. */
void database_health_outbox(DatabaseHealth *health, const GError *error);

/* Any thread: keeps the first error that is LOST; other errors are none of damage. */
void database_health_note_damage(DatabaseHealth *health, const GError *error);
/* False with that error once there is one. */
bool database_health_check_damage(DatabaseHealth *health, GError **error) MUST_CHECK;

#endif
