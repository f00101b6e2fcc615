/* SPDX-License-Identifier: Apache-2.0 */
/* What the top of a page capture says, as groups of the configuration file. */
#ifndef DAYWIRE_CLI_SITE_GROUPS_H
#define DAYWIRE_CLI_SITE_GROUPS_H

#include "common/formats/page_capture.h"

/* [site] and one [counter NAME] each, ready to be pasted; what has to be decided by a person is a comment.
 * g_free it. */
char *site_groups(const PageSite *site);

/* The zone that is named after a city ("Port of Spain": America/Port_of_Spain); NULL: none is. g_free it. */
char *zone_of_city(const char *city);

#endif
