/* SPDX-License-Identifier: Apache-2.0 */
/* The one GError domain of Daywire. A message is written for the person who has to act on it and names the
 * field, line, option or file at fault; a function reports an error or logs it, never both. */
#ifndef DAYWIRE_COMMON_ERROR_H
#define DAYWIRE_COMMON_ERROR_H

#include <stdbool.h>

#include <glib.h>

typedef enum {
    DAYWIRE_ERROR_INVALID,     /* the input is wrong and will be wrong again */
    DAYWIRE_ERROR_NOT_FOUND,   /* what was named does not exist */
    DAYWIRE_ERROR_CONFLICT,    /* the state does not allow it */
    DAYWIRE_ERROR_STALE,       /* it is not, or not any more, what the sender believes it to be */
    DAYWIRE_ERROR_TOO_LARGE,   /* a limit was exceeded */
    DAYWIRE_ERROR_UNAVAILABLE, /* a broker, a disk, a queue: try again later */
    DAYWIRE_ERROR_DAMAGED,     /* one stored thing cannot be read, which says nothing of the others */
    DAYWIRE_ERROR_LOST,        /* the bus is not the one that it was: rebuild what depends on it */
    DAYWIRE_ERROR_FAILED,      /* anything else */
} DaywireErrorCode;

#define DAYWIRE_ERROR (daywire_error_quark())
GQuark daywire_error_quark(void);

/* Sets INVALID. Always false. */
bool error_refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

#endif
