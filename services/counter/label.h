/* SPDX-License-Identifier: Apache-2.0 */
/* The sentence of a counter in one language: an ICU MessageFormat pattern over
 *
 *     days           the tick's days, with its sign
 *     weeks          whole ones of the days
 *     years, months  what is elapsed in calendar units (months beyond the years)
 *     anniversary    whole years, when the date is an anniversary, else 0
 *     remaining      what the counter has left, with its sign
 *     date           the tick's date
 *     since, until   the counter's own dates
 *
 * Numbers and dates are written as the language does; dates before 15 October 1582 in the Julian calendar, as
 * ICU has it. Immutable, any thread. */
#ifndef DAYWIRE_COUNTER_LABEL_H
#define DAYWIRE_COUNTER_LABEL_H

#include "common/civil_date.h"
#include "counter/elapsed.h"
#include "counter/label_pattern.h"

#define LABEL_PATTERN_MAX 2000  /* bytes */
#define LABEL_TEXT_MAX    10000 /* bytes, so that a tick in all its languages fits into a record */

typedef struct Label Label;

typedef struct {
    int32_t days;
    int32_t remaining;
    int anniversary;
    Elapsed elapsed;
    CivilDate date;
    CivilDate since, until;
} LabelValues;

/* The usual case of a BCP 47 tag: "en-GB". INVALID when it is none. g_free it. */
char *label_language_tag(const char *language, GError **error) MUST_CHECK;

/* `arguments`: those that the counter has. INVALID: a bad tag, or what is wrong with the pattern and where;
 * TOO_LARGE. */
Label *label_new(const char *language, const char *pattern, LabelArgumentSet arguments, GError **error)
    MUST_CHECK;
void label_free(Label *label); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Label, label_free)

/* The tag in its usual case: "en-GB". */
const char *label_language(const Label *label);

/* g_free it. */
char *label_format(const Label *label, const LabelValues *values);

#endif
