/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON form of a statement (the same everywhere in the product; see proto/README.md). Any thread. */
#ifndef DAYWIRE_COMMON_STATEMENT_JSON_H
#define DAYWIRE_COMMON_STATEMENT_JSON_H

#include "common/json.h"
#include "common/model.h"

/* All fields, in the order of proto/README.md; what is empty or absent is null, tags an array; publish_at and
 * expires_at are left out when absent. A withdrawn statement shows no title, summary, body and body_type,
 * whatever it holds. A value of `doc`. */
yyjson_mut_val *statement_to_json(const Statement *statement, yyjson_mut_doc *doc);

/* Reads a statement as people and programs submit it: the fields of the JSON form, a null one as an absent
 * one. `status` "usable", `revision` and `updated_at`, which Daywire sets, are accepted and ignored, so that
 * an exported statement can be imported again; `status` "withdrawn" is refused. `change` and `note` are taken
 * as the wish of the submitter; an absent change is UNSPECIFIED. Checks types and names here and everything
 * else with statement_validate(). NULL with INVALID or TOO_LARGE, and with the field at fault in *ret_field:
 * g_free it; NULL when it is none. */
Statement *statement_from_json(yyjson_val *object, char **ret_field, GError **error) MUST_CHECK;

#endif
