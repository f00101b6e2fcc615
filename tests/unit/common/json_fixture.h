/* SPDX-License-Identifier: Apache-2.0 */
/* Reads JSON, for the tests of what is read and of what is refused. */
#ifndef DAYWIRE_TESTS_UNIT_COMMON_JSON_FIXTURE_H
#define DAYWIRE_TESTS_UNIT_COMMON_JSON_FIXTURE_H

#include "common/json.h"

/* json_read() or json_read_leniently(). */
typedef yyjson_doc *JsonReader(const char *text, size_t size, unsigned first_line, GError **error);

/* From memory of exactly that size, so that AddressSanitizer sees a step beyond it. */
yyjson_doc *read_exactly(JsonReader *reader, const char *text, size_t size, unsigned first_line,
                         GError **error);

/* Fails unless json_read() refuses it with this message. */
void assert_refused_at(const char *text, size_t size, unsigned first_line, const char *message);

#endif
