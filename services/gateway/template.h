/* SPDX-License-Identifier: Apache-2.0 */
/* Templates: text with named slots such as {{title}}. Pure, any thread. */
#ifndef DAYWIRE_GATEWAY_TEMPLATE_H
#define DAYWIRE_GATEWAY_TEMPLATE_H

#include <stdbool.h>
#include <glib.h>

/* INVALID: a slot that is not among the `count` names, or a name without its slot. */
bool template_check(const char *text, const char *const *names, size_t count, GError **error) MUST_CHECK;

/* The text with values[i] in place of {{names[i]}}; nothing for a NULL value or an unknown name. Values are
 * HTML and are not searched for slots. */
GString *template_fill(const char *text, const char *const *names, GString *const *values, size_t count);

#endif
