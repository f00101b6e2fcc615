/* SPDX-License-Identifier: Apache-2.0 */
/* A label's pattern with named arguments, made into one with numbered arguments: ICU's C interface formats
 * those only. Pure, any thread. */
#ifndef DAYWIRE_COUNTER_LABEL_PATTERN_H
#define DAYWIRE_COUNTER_LABEL_PATTERN_H

#include <stdbool.h>
#include <glib.h>

typedef enum { LABEL_DAYS, LABEL_YEARS, LABEL_MONTHS, LABEL_DATE, LABEL_SINCE, LABEL_UNTIL } LabelArgument;

#define LABEL_ARGUMENTS 6

typedef struct {
    GString *text;   /* owned; ICU MessageFormat, UTF-8 */
    GArray *origins; /* owned; of size_t: where each byte of `text` stood in the pattern */
    LabelArgument order[LABEL_ARGUMENTS]; /* order[n] is what {n} stands for */
    size_t count;                         /* of arguments that occur: 0 to count - 1, without a gap */
} LabelPattern;

/* `origin` is the date that the counter has, LABEL_SINCE or LABEL_UNTIL; the other one is no argument. All
 * arguments of the result are read by ICU as double. INVALID says what is wrong and where. */
bool label_pattern_rewrite(const char *pattern, LabelArgument origin, LabelPattern *ret_pattern,
                           GError **error) MUST_CHECK;
void label_pattern_clear(LabelPattern *pattern);

/* INVALID: `reason`, and the place in `pattern`. */
void label_pattern_set_error(GError **error, const char *pattern, size_t at, const char *reason);

#endif
