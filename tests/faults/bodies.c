/* SPDX-License-Identifier: Apache-2.0 */
#include "bodies.h"

#define BODY_MAX 12000

void bodies_add(Dice *dice, Statement *statement)
{
    if (!dice_chance(dice, 25))
        return;
    g_autofree char *body = g_strnfill((gsize)dice_range(dice, 1, BODY_MAX), 'b');
    message_set_string(&statement->body, body);
    statement->body_type = BODY_TYPE_PLAIN;
}
