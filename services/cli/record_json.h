/* SPDX-License-Identifier: Apache-2.0 */
/* A record of the bus as one JSON object, decoded, for people and for jq. Pure, any thread. */
#ifndef DAYWIRE_CLI_RECORD_JSON_H
#define DAYWIRE_CLI_RECORD_JSON_H

#include "common/bus_record.h"
#include "common/json.h"

typedef enum { RECORD_STATEMENT, RECORD_TICK } RecordKind;

/* {"topic", "partition", "offset", "timestamp", "key", "headers": {}, "data": {}}; `data` is null for a
 * tombstone. A value that cannot be decoded gives null and a sentence as "problem". A value of `doc`. */
yyjson_mut_val *record_to_json(const BusRecord *record, RecordKind kind, yyjson_mut_doc *doc);

#endif
