/* SPDX-License-Identifier: Apache-2.0 */
/* Where a link may lead. Pure, any thread. */
#ifndef DAYWIRE_COMMON_MARKUP_HTML_LINK_H
#define DAYWIRE_COMMON_MARKUP_HTML_LINK_H

#define HTML_LINK_MAX 2000 /* bytes */

/* An address as browsers would take it from an attribute (WHATWG URL, "basic URL parser": controls and spaces around it
 * and tabs and line ends within are nothing; then its scheme), written with a lower-case scheme and without
 * characters that have to be encoded. g_free it. NULL unless it is absolute and of scheme http, https (with
 * a host, without user name or password), mailto or tel, and at most HTML_LINK_MAX bytes. */
char *html_link_clean(const char *link);

#endif
