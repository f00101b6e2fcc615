/* SPDX-License-Identifier: Apache-2.0 */
/* What reduced HTML may be, written down once more beside the table that makes it so. */
#ifndef DAYWIRE_TESTS_HTML_CHECK_H
#define DAYWIRE_TESTS_HTML_CHECK_H

/* Why it is not well-formed, or which element, attribute or address is not allowed; "" when all is well. g_free it. */
char *html_find_fault(const char *reduced);

/* What it says, without white space. g_free it. */
char *html_words(const char *html);

#endif
