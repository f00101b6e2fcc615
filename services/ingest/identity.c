/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/identity.h"

#define HASH_DIGITS 16

/* Hashed is the packed form: protobuf-c writes fields in the order of their numbers and leaves out empty
 * ones, so that equal content has equal bytes, also after a field is added to the schema that old statements
 * do not have. */
char *identity_from_content(const Statement *statement)
{
    g_autoptr(Statement) content = statement_copy(statement);

    message_set_string(&content->id, NULL);
    message_set_string(&content->note, NULL);
    content->revision = 0;
    content->change = STATEMENT_CHANGE_UNSPECIFIED;
    message_clear_timestamp(&content->updated_at);
    message_clear_timestamp(&content->publish_at);
    message_clear_timestamp(&content->expires_at);

    g_autoptr(GBytes) packed = statement_pack(content);
    g_autofree char *hash = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, packed);
    return g_strdup_printf("%s-%.*s", content->date, HASH_DIGITS, hash);
}
