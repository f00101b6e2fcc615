/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of a test's own. */
#ifndef DAYWIRE_TESTS_FOLDER_H
#define DAYWIRE_TESTS_FOLDER_H

/* Its path; folder_remove() it. */
char *folder_new(void);
/* Of a file in it. g_free it. */
char *folder_path(const char *folder, const char *name);
/* With all that is in it, and frees the path. */
void folder_remove(char *folder);

#endif
