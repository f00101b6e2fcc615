/* SPDX-License-Identifier: Apache-2.0 */
/* Ticks as lines for people: date, counter, days, what there is to celebrate, sentence. A line knows nothing of those
 * after it, so that a table may be of any length. Pure, any thread. */
#ifndef DAYWIRE_CLI_TICK_TABLE_H
#define DAYWIRE_CLI_TICK_TABLE_H

#include "common/model.h"

typedef struct {
    int counter_width;    /* columns of the longest id */
    const char *language; /* of the sentence, as tick_label_near() takes it */
    bool colours;         /* for a terminal: what there is to celebrate is bold */
} TickTable;

/* Both end with a line feed; g_free them. */
char *tick_table_head(const TickTable *table);
char *tick_table_line(const TickTable *table, const Tick *tick);

#endif
