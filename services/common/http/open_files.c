/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/open_files.h"

#include <glib.h>
#include <sys/resource.h>

/* Files that are no connections: databases, sockets to the brokers, event loops. */
#define OTHER_FILES 256
/* Without a limit of connections. Closing one costs some 30 µs more with each 65,536 files allowed. */
#define FILES_UNLIMITED 65536
/* libwebsockets is wrong beyond some millions. */
#define FILES_MAX (1 << 20)

unsigned http_fit_open_files(unsigned connections)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return connections;
    rlim_t wanted = connections != 0 ? (rlim_t)connections + OTHER_FILES : FILES_UNLIMITED;
    limit.rlim_cur = MIN(MIN(wanted, FILES_MAX), limit.rlim_max);
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0 && getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return connections;
    return limit.rlim_cur > OTHER_FILES * 2UL ? (unsigned)limit.rlim_cur - OTHER_FILES
                                              : (unsigned)limit.rlim_cur / 2;
}
