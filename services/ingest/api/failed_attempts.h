/* SPDX-License-Identifier: Apache-2.0 */
/* Requests without a good token, gathered for a line in the log now and then: whoever tries many must not fill the
 * disk. Any thread. */
#ifndef DAYWIRE_INGEST_API_FAILED_ATTEMPTS_H
#define DAYWIRE_INGEST_API_FAILED_ATTEMPTS_H

#include <glib.h>

/* Beyond so many addresses, all others count as one. */
#define FAILED_ADDRESSES_MAX 1000

typedef struct FailedAttempts FailedAttempts;

FailedAttempts *failed_attempts_new(void);
void failed_attempts_free(FailedAttempts *attempts); /* NULL is fine */

void failed_attempts_add(FailedAttempts *attempts, const char *address);

typedef struct {
    unsigned attempts;
    unsigned addresses;
    char *busiest; /* the address with the most of them, or "others"; NULL when there were none. g_free it */
    unsigned of_busiest; /* how many that are */
} FailedSummary;

/* Since the last time. */
FailedSummary failed_attempts_take(FailedAttempts *attempts);

#endif
