/* SPDX-License-Identifier: Apache-2.0 */
/* libxml2 fills its tables when it is first used, some of them without a lock. */
#ifndef DAYWIRE_COMMON_MARKUP_XML_H
#define DAYWIRE_COMMON_MARKUP_XML_H

/* Has to come before any other use of libxml2, which is fine on any thread from then on; only the first call does
 * something. Any thread. */
void xml_set_up(void);

#endif
