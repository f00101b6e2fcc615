/* SPDX-License-Identifier: Apache-2.0 */
/* Seeded chance, the same for the same seed on every machine. */
#ifndef DAYWIRE_TESTS_FAULTS_DICE_H
#define DAYWIRE_TESTS_FAULTS_DICE_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

typedef GRand Dice;

/* True in `percent` of 100 throws. */
static inline bool dice_chance(Dice *dice, int percent)
{
    return g_rand_int_range(dice, 0, 100) < percent;
}

/* One of `least` to `most`, both included. */
static inline int dice_range(Dice *dice, int least, int most)
{
    return g_rand_int_range(dice, least, most + 1);
}

static inline Dice *dice_new(uint64_t seed, uint64_t second, uint64_t third)
{
    const guint32 words[] = {(guint32)seed, (guint32)(seed >> 32), (guint32)second, (guint32)third};
    return g_rand_new_with_seed_array(words, G_N_ELEMENTS(words));
}

#endif
