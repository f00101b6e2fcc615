/* SPDX-License-Identifier: Apache-2.0 */
#include "pending.h"

#include <string.h>

#define SECTOR 512

static void resize(GByteArray *bytes, size_t size)
{
    size_t before = bytes->len;
    g_byte_array_set_size(bytes, (guint)size);
    if (size > before)
        memset(bytes->data + before, 0, size - before);
}

static void apply_part(GByteArray *bytes, const Pending *write, int from, int to)
{
    size_t end = (size_t)write->offset + (size_t)to;
    if (bytes->len < end)
        resize(bytes, end);
    memcpy(bytes->data + write->offset + from, write->data + from, (size_t)(to - from));
}

void pending_apply(GByteArray *bytes, const Pending *write)
{
    if (write->size < 0)
        resize(bytes, (size_t)write->offset);
    else
        apply_part(bytes, write, 0, write->size);
}

/* Sector by sector: written, left as it was, or (rarely) something else, where the power went away within. */
static void apply_torn(GByteArray *bytes, const Pending *write, Dice *dice)
{
    int to;

    for (int from = 0; from < write->size; from = to) {
        int64_t position = write->offset + from;
        to = from + (int)(SECTOR - position % SECTOR);
        to = MIN(to, write->size);
        if (dice_chance(dice, 50))
            apply_part(bytes, write, from, to);
        else if (dice_chance(dice, 10) && bytes->len >= (size_t)(write->offset + to))
            memset(bytes->data + position, dice_range(dice, 0, 255), (size_t)(to - from));
    }
}

void pending_apply_some(GByteArray *bytes, const GPtrArray *writes, Dice *dice)
{
    enum { NONE, ALL, FIRST_ONES, ANY } which = (unsigned)dice_range(dice, NONE, ANY);
    int percent = dice_range(dice, 5, 95);
    guint first = which == FIRST_ONES && writes->len > 0 ? (guint)dice_range(dice, 0, (int)writes->len) : 0;

    for (guint i = 0; i < writes->len; i++) {
        const Pending *write = g_ptr_array_index(writes, i);
        bool whole = which == ALL || (which == FIRST_ONES && i < first) ||
                     (which == ANY && dice_chance(dice, percent));
        if (whole)
            pending_apply(bytes, write);
        else if (which != NONE && write->size > 0 && dice_chance(dice, 30))
            apply_torn(bytes, write, dice);
        else if (which != NONE && write->size > 0 && dice_chance(dice, 10))
            resize(bytes,
                   MAX(bytes->len, (size_t)write->offset + (size_t)write->size)); /* the length alone */
    }
}
