/* SPDX-License-Identifier: Apache-2.0 */
/* How many sockets the process may have. */
#ifndef DAYWIRE_COMMON_HTTP_OPEN_FILES_H
#define DAYWIRE_COMMON_HTTP_OPEN_FILES_H

/* Sets the soft limit of open files so that `connections` fit, or (0) as many as are sensible, within the
 * hard limit. libwebsockets reads a table of that length whenever it closes a connection, so more than needed
 * costs. Returns how many connections fit. Before the first context. */
unsigned http_fit_open_files(unsigned connections);

#endif
