/* SPDX-License-Identifier: Apache-2.0 */
/* The spool folder, open: what is in it, and how a file leaves it, for done/ or failed/, with a report beside it. Nothing
 * is overwritten: a name that is taken gets a number. One thread. */
#ifndef DAYWIRE_INGEST_SPOOL_FOLDER_H
#define DAYWIRE_INGEST_SPOOL_FOLDER_H

#include <stdbool.h>
#include <sys/types.h>

#include <glib.h>

typedef struct SpoolFolder SpoolFolder;

/* Takes over `root`, an open folder, and makes done/ and failed/ in it, as far as they are missing, with its
 * permissions for reading. UNAVAILABLE. */
SpoolFolder *spool_folder_new(int root, GError **error) MUST_CHECK;
void spool_folder_free(SpoolFolder *folder); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SpoolFolder, spool_folder_free)

int spool_folder_root(const SpoolFolder *folder);

/* The names that are wanted (name.h), at most `max`, those first that came first. *ret_more: there are more.
 * NULL with UNAVAILABLE. */
GPtrArray *spool_folder_list(const SpoolFolder *folder, unsigned max, bool *ret_more, GError **error)
    MUST_CHECK;

/* Writes the report, under a name that is free together with the file's; on the disk when true. *ret_number is for
 * spool_folder_put(). UNAVAILABLE: disk, rights. */
bool spool_folder_write_report(const SpoolFolder *folder, const char *name, bool good, const char *text,
                               unsigned *ret_number, GError **error) MUST_CHECK;

typedef enum {
    SPOOL_PUT_DONE,   /* durably */
    SPOOL_PUT_GONE,   /* there is no file of this name any more */
    SPOOL_PUT_OTHER,  /* another file has come under its name, and stays there */
    SPOOL_PUT_TAKEN,  /* something has come to the free place: write a report again */
    SPOOL_PUT_FAILED, /* disk, rights; the error says why */
} SpoolPut;

/* Moves the file to where its report is. `inode` is the file that is meant. */
SpoolPut spool_folder_put(const SpoolFolder *folder, const char *name, bool good, unsigned number,
                          ino_t inode, GError **error) MUST_CHECK;
/* Moves it back, as far as its name is free; it may be gone by now. */
void spool_folder_take_back(const SpoolFolder *folder, const char *name, bool good, unsigned number);

#endif
