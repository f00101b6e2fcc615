/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/submission.h"

#include "common/statement_json.h"

char *submission_of(const Statement *statement, size_t *ret_size)
{
    g_autoptr(yyjson_mut_doc) doc = json_new();
    yyjson_mut_val *object = statement_to_json(statement, doc);
    yyjson_mut_obj_remove_key(object, "revision");
    yyjson_mut_obj_remove_key(object, "updated_at");
    return json_write(object, ret_size);
}
