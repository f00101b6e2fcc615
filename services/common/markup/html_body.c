/* SPDX-License-Identifier: Apache-2.0 */
#include "common/markup/html_body.h"

#include "common/error.h"
#include "common/markup/html_reduce.h"
#include "common/markup/html_text.h"

bool html_body_reduce(Statement *statement, GError **error)
{
    g_autoptr(GError) reason = NULL;

    if (statement->body_type != BODY_TYPE_HTML)
        return true;
    g_autofree char *reduced = html_reduce(statement->body, &reason);
    message_set_string(&statement->body, reduced);
    if (!*statement->body)
        statement->body_type = BODY_TYPE_UNSPECIFIED;
    return reduced ? true : error_refuse(error, "body: %s", reason->message);
}

char *html_body_text(const Statement *statement)
{
    return statement->body_type == BODY_TYPE_HTML ? html_to_text(statement->body) : g_strdup(statement->body);
}
