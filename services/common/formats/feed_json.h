/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAYWIRE_COMMON_FORMATS_FEED_JSON_H
#define DAYWIRE_COMMON_FORMATS_FEED_JSON_H

#include <stdbool.h>

/* Whether the text, UTF-8, is valid JSON and a JSON Feed. feed_read() says why it is none. */
bool feed_is_json(const char *text);

#endif
