/* SPDX-License-Identifier: Apache-2.0 */
/* Names in the spool folder. They are bytes, and come from outside. Pure, any thread. */
#ifndef DAYWIRE_INGEST_SPOOL_NAME_H
#define DAYWIRE_INGEST_SPOOL_NAME_H

#include <stdbool.h>

#define SPOOL_DONE          "done"
#define SPOOL_FAILED        "failed"
#define SPOOL_REPORT_ENDING ".report.txt"
#define SPOOL_NAME_MAX      255 /* bytes */

/* Not those that programs give to what is not whole yet (.name, name.tmp, name.part, name.filepart,
 * name.crdownload, in capitals too), nor "done" and "failed". */
bool spool_name_is_wanted(const char *name);

/* Under which `name` is kept where others have it already: itself as number 1, then NAME.2, NAME.3. `ending` is put
 * behind it. What would be too long is cut before the number, not within a character. g_free it. */
char *spool_name_numbered(const char *name, unsigned number, const char *ending);

/* Bytes as one line of valid UTF-8 for people: what is not, or would not be seen, as \n, \t, \\, \xHH or \u{...};
 * different bytes have different texts. g_free it. */
char *spool_name_printable(const char *bytes);

#endif
