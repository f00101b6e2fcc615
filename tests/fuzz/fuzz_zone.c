/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled time zones: what is taken has transitions in order, sound offsets, and a rule under which time goes on. */
#include "common/zone_file.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ZoneFile file;
    if (!zone_file_parse(data, size, &file, NULL))
        return 0;
    for (size_t i = 0; i < file.count; i++) {
        EXPECT(ABS(file.transitions[i].offset) <= ZONE_OFFSET_MAX);
        EXPECT(i == 0 || file.transitions[i].at > file.transitions[i - 1].at);
    }
    int64_t at = file.count > 0 ? file.transitions[file.count - 1].at : 0;
    for (int i = 0; file.has_rules && i < 8 && at != INT64_MAX; i++) {
        int64_t until = 0;
        int32_t offset = zone_rules_offset(&file.rules, at, &until);
        EXPECT(offset == file.rules.standard || offset == file.rules.daylight);
        EXPECT(until > at);
        at = until;
    }
    zone_file_clear(&file);
    return 0;
}
