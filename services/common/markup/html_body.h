/* SPDX-License-Identifier: Apache-2.0 */
/* The body of a statement when it is HTML. Pure, any thread. */
#ifndef DAYWIRE_COMMON_MARKUP_HTML_BODY_H
#define DAYWIRE_COMMON_MARKUP_HTML_BODY_H

#include <stdbool.h>

#include "common/model.h"

/* Reduces a body of type HTML (html_reduce.h), in place; any other is left alone. Where nothing is left there is no
 * body any more. False with INVALID and a sentence that names the field; the statement has no body then, so
 * that what could not be reduced gets nowhere. */
bool html_body_reduce(Statement *statement, GError **error) MUST_CHECK;

/* A body as plain text (html_text.h), whatever its type; "" without one. g_free it. */
char *html_body_text(const Statement *statement);

#endif
