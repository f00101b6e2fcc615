/* SPDX-License-Identifier: Apache-2.0 */
/* Waits for the broker and makes sure that the topics exist, on a thread of its own, so that nobody else
 * waits. Says why it waits through the health part "kafka". */
#ifndef DAYWIRE_INGEST_BUS_OPENER_H
#define DAYWIRE_INGEST_BUS_OPENER_H

#include "common/config/config.h"

typedef struct BusOpener BusOpener;

typedef enum { BUS_WAITING, BUS_OPEN, BUS_OPEN_AND_EMPTY } BusState;

/* `opened` is called once, on the opener's thread, when the state is no longer WAITING. */
BusOpener *bus_opener_start(const Config *config, void (*opened)(void *user), void *user);
void bus_opener_stop(
    BusOpener *opener); /* NULL is fine; gives up and waits for the thread, a few seconds at most */

/* Any thread. EMPTY: the topic of the statements held no record. */
BusState bus_opener_state(BusOpener *opener);

#endif
