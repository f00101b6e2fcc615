/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses in feeds. Pure, any thread. */
#ifndef DAYWIRE_COMMON_FORMATS_FEED_LINK_H
#define DAYWIRE_COMMON_FORMATS_FEED_LINK_H

/* The http or https address that `text` is, resolved against `base` (NULL or "": it has to be absolute), in one
 * spelling: scheme and host in lower case, the host in ASCII, no default port, "/" for an empty path, no dot
 * segments (RFC 3986, section 6.2), everything else than ASCII and what may not stand there percent-encoded. A
 * fragment stays: pages have items of their own there. g_free it. NULL for anything else. */
char *feed_link(const char *text, const char *base);

/* The host of such an address, g_free it; NULL when it is none. */
char *feed_link_host(const char *link);

#endif
