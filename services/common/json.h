/* SPDX-License-Identifier: Apache-2.0 */
/* JSON (RFC 8259) by yyjson, whose types are used as they are: what is here is how the product reads and writes it.
 * Memory is GLib's, hence nothing fails for want of it. Any thread. */
#ifndef DAYWIRE_COMMON_JSON_H
#define DAYWIRE_COMMON_JSON_H

#include <stdbool.h>
#include <glib.h>
#include <yyjson.h>

#include "common/error.h"
#include "common/instant.h"

#define JSON_DEPTH_MAX 100 /* values within each other */

G_DEFINE_AUTOPTR_CLEANUP_FUNC(yyjson_doc, yyjson_doc_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(yyjson_mut_doc, yyjson_mut_doc_free)

/* ---- reading ---- */

/* Strictly: a name that comes twice in an object, a U+0000 and a depth of more than JSON_DEPTH_MAX are refused as well, so
 * that every text is a C string and no two readers see different values. NULL with INVALID and a sentence with the place;
 * `first_line`: the number of the line that the text begins with, 0: of a single line that the caller names. */
yyjson_doc *json_read(const char *text, size_t size, unsigned first_line, GError **error) MUST_CHECK;

/* Documents that are not ours to judge, whose depth the caller has bounded or trusts: names may come twice (the first
 * one is found), a text may have a U+0000, and numbers are raw texts (yyjson_get_raw()), as they were written. */
yyjson_doc *json_read_leniently(const char *text, size_t size, unsigned first_line, GError **error)
    MUST_CHECK;

/* False, and *ret_number unchanged, for what is no integer, or beyond an int64_t. */
bool json_get_integer(yyjson_val *value, int64_t *ret_number);

/* Of a member; `otherwise` when there is none, or it is no text, or no integer. */
const char *json_member_text(yyjson_val *object, const char *name, const char *otherwise);
int64_t json_member_integer(yyjson_val *object, const char *name, int64_t otherwise);

/* What was read as a text again, without spaces. g_free it. */
char *json_rewrite(yyjson_val *value);

/* ---- writing ---- */

yyjson_mut_doc *json_new(void);

/* The value alone, whatever the document's root is, without spaces. g_free it; `ret_size` may be NULL. */
char *json_write(const yyjson_mut_val *value, size_t *ret_size);
GBytes *json_write_bytes(const yyjson_mut_val *value);
/* An array of texts, which are valid UTF-8. */
char *json_write_texts(const char *const *texts, size_t count);
/* With its line feed. */
void json_append_line(GString *text, const yyjson_mut_val *value);

/* A copy of the text; what is not UTF-8 in it is replaced. */
yyjson_mut_val *json_text(yyjson_mut_doc *doc, const char *text);
/* As that; null for NULL and "". */
yyjson_mut_val *json_text_or_null(yyjson_mut_doc *doc, const char *text);
/* As instant_format(). */
yyjson_mut_val *json_instant(yyjson_mut_doc *doc, Instant instant, int offset_minutes);

#endif
