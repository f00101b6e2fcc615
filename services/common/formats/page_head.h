/* SPDX-License-Identifier: Apache-2.0 */
/* The top of a page capture, above its statements. Between page_head.c and page_capture.c. */
#ifndef DAYWIRE_COMMON_FORMATS_PAGE_HEAD_H
#define DAYWIRE_COMMON_FORMATS_PAGE_HEAD_H

#include "common/formats/page_capture.h"

/* Reads from lines[0], at most `count` lines. Returns the number of lines that belong to the top. */
size_t page_head_read(char *const *lines, size_t count, PageSite *site);

PageSite *page_site_new(void);

/* Whether anything is in it that only the top of a page has. */
bool page_site_is_one(const PageSite *site);

#endif
