/* SPDX-License-Identifier: Apache-2.0 */
/* Edit distance with swaps (optimal string alignment), over bytes: names are ASCII, but for rare exceptions.
 */
#include "common/nearest.h"

#include <glib.h>

#define NAME_MAX_BYTES 127 /* longer ones are nobody's typing error */

static unsigned edit_distance(const char *a, const char *b)
{
    size_t a_length = strlen(a), b_length = strlen(b);
    unsigned rows[3][NAME_MAX_BYTES + 1]; /* of the table: before the last, last, this */
    unsigned *before = rows[0], *last = rows[1], *this = rows[2];
    for (size_t j = 0; j <= b_length; j++)
        last[j] = (unsigned)j;
    for (size_t i = 1; i <= a_length; i++) {
        this[0] = (unsigned)i;
        for (size_t j = 1; j <= b_length; j++) {
            unsigned change = last[j - 1] + (a[i - 1] != b[j - 1]);
            this[j] = MIN(change, MIN(last[j], this[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                this[j] = MIN(this[j], before[j - 2] + 1);
        }
        unsigned *free_row = before;
        before = last;
        last = this;
        this = free_row;
    }
    return last[b_length];
}

const char *nearest_name(const char *name, const char *const *candidates)
{
    size_t length = strlen(name);
    if (length > NAME_MAX_BYTES)
        return NULL;
    /* A third of the characters may be wrong, else any short name would be near to any other. */
    unsigned least = (unsigned)length / 3 + 2;
    const char *nearest = NULL;
    for (; *candidates; candidates++) {
        if (strlen(*candidates) > NAME_MAX_BYTES)
            continue;
        unsigned distance = edit_distance(name, *candidates);
        if (distance < least) {
            least = distance;
            nearest = *candidates;
        }
    }
    return nearest;
}
