/* SPDX-License-Identifier: Apache-2.0 */
/* Rules from a configuration written in the test, and shorthands for dates, for the tests of counter/. */
#ifndef DAYWIRE_TESTS_RULES_FIXTURE_H
#define DAYWIRE_TESTS_RULES_FIXTURE_H

#include "common/instant.h"
#include "counter/rule.h"

/* Group set-up and tear-down for cmocka. */
int rules_setup(void **state);
int rules_teardown(void **state);

/* Writes the file "holidays" beside that of the configuration. */
void rules_write_holidays(const void *content, size_t size);

/* Must succeed. */
Config *rules_config(const char *content);
GPtrArray *rules_from(const char *content);
/* The message with which rules are refused, where the path of the file reads FILE. g_free it. */
char *rules_refusal(const char *content);

/* [counter x] with `lines`, and label.en = {days} unless they have a label. */
CounterRule *rule_from(const char *lines);

CivilDate date_of(const char *text);
Instant instant_of(const char *text);

#endif
