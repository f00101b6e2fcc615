/* SPDX-License-Identifier: Apache-2.0 */
/* From a record of the bus to the event that it is. Records may come from anybody: what is not as proto/ and
 * the rules of statements have it becomes no event. Pure, any thread. */
#ifndef DAYWIRE_GATEWAY_RECORD_EVENT_H
#define DAYWIRE_GATEWAY_RECORD_EVENT_H

#include "common/bus_record.h"
#include "gateway/event.h"

/* `channel` follows from the record's topic; `partition` is the index in the cursor's vector, `cursor` the
 * position after the record. NULL with INVALID. */
Event *record_event(const BusRecord *record, Channel channel, size_t partition, const char *cursor,
                    GError **error) MUST_CHECK;

#endif
