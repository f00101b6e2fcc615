/* SPDX-License-Identifier: Apache-2.0 */
/* A label's pattern with named arguments, made into one with numbered arguments: ICU's C interface formats
 * those only. Pure, any thread. */
#ifndef DAYWIRE_COUNTER_LABEL_PATTERN_H
#define DAYWIRE_COUNTER_LABEL_PATTERN_H

#include <stdbool.h>
#include <glib.h>

typedef enum {
    LABEL_DAYS,
    LABEL_WEEKS,
    LABEL_YEARS,
    LABEL_MONTHS,
    LABEL_ANNIVERSARY,
    LABEL_REMAINING,
    LABEL_DATE, /* from here on dates, not numbers */
    LABEL_SINCE,
    LABEL_UNTIL,
} LabelArgument;

#define LABEL_ARGUMENTS 9

/* Which of them there are: 1u << LABEL_DAYS | ... */
typedef unsigned LabelArgumentSet;

typedef struct {
    GString *text;   /* owned; ICU MessageFormat, UTF-8 */
    GArray *origins; /* owned; of size_t: where each byte of `text` stood in the pattern */
    LabelArgument order[LABEL_ARGUMENTS]; /* order[n] is what {n} stands for */
    size_t count;                         /* of arguments that occur: 0 to count - 1, without a gap */
} LabelPattern;

/* All arguments of the result are read by ICU as double. INVALID says what is wrong and where. */
bool label_pattern_rewrite(const char *pattern, LabelArgumentSet arguments, LabelPattern *ret_pattern,
                           GError **error) MUST_CHECK;
void label_pattern_clear(LabelPattern *pattern);

/* INVALID: `reason`, and the place in `pattern`. */
void label_pattern_set_error(GError **error, const char *pattern, size_t at, const char *reason);

#endif
