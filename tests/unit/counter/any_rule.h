/* SPDX-License-Identifier: Apache-2.0 */
/* Rules at random, for the tests of properties. Another seed each time, which is printed; DAYWIRE_SEED=N takes that one
 * again. */
#ifndef DAYWIRE_TESTS_ANY_RULE_H
#define DAYWIRE_TESTS_ANY_RULE_H

#include "counter/rule.h"

typedef struct {
    CounterRule *rule;
    const char *text; /* its configuration, for messages */
    bool has_holidays;
} AnyRule;

/* Group set-up and tear-down for cmocka. */
int any_rule_setup(void **state);
int any_rule_teardown(void **state);

/* From `least` to `most`. */
int any_number(int least, int most);
CivilDate any_date(void);

/* In any zone, with dates around `middle`. */
AnyRule any_rule(CivilDate middle);
void any_rule_clear(AnyRule *subject);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(AnyRule, any_rule_clear)

/* What the rule counts `from` one date, which is left out, `to` another: one by one, with dates of GLib's. */
int count_by_hand(const AnyRule *subject, CivilDate from, CivilDate to);

#endif
