#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""compare_ticks.py DAYWIRE [PART PARTS]

Compares the ticks that `DAYWIRE preview` prints with Python's own reader of the same time zones: a counter in every zone,
every date of 2018 to 2030; which dates there are, days, effective_at and next_at. Zones whose files are equal are compared
once; part 1 of 2 is the first half of them. Ends with 1, and tells the first differences, when there are any.
"""
import datetime
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "common"))
from compare_zones import Reference, days, different_zones  # noqa: E402

FIRST, LAST = days(2018, 1, 1), days(2030, 12, 31)
SINCE = days(2018, 3, 4)
DATES = [str(datetime.date(2018, 1, 1) + datetime.timedelta(days=i)) for i in range(LAST - FIRST + 3)]
texts = {}


def text(instant):
    if instant not in texts:
        texts[instant] = datetime.datetime.fromtimestamp(instant, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return texts[instant]


def expected_ticks(zone):
    """(date, days, effective_at, next_at) one after the other."""
    reference = Reference(zone)
    begun = None
    for date in range(FIRST, LAST + 3):  # the last one may be followed by a date that the zone skipped
        first = reference.first_instant(date)
        if first is None:
            continue
        if begun and begun[0] <= LAST:
            yield DATES[begun[0] - FIRST], begun[0] - SINCE, text(begun[1]), text(first)
        begun = date, first


def previewed_ticks(program, config):
    with subprocess.Popen([program, "preview", "--config", config, "--from", DATES[0], "--to", DATES[LAST - FIRST]],
                          stdout=subprocess.PIPE, text=True) as preview:
        for line in preview.stdout:
            yield json.loads(line)
    if preview.returncode != 0:
        sys.exit(f"preview ended with {preview.returncode}")


def main():
    part, parts = map(int, sys.argv[2:4] or (1, 1))
    zones = different_zones()
    zones = zones[len(zones) * (part - 1) // parts:len(zones) * part // parts]
    with tempfile.NamedTemporaryFile("w", suffix=".ini") as config:
        for number, zone in enumerate(zones):
            config.write(f"[counter c{number}]\nsince = 2018-03-04\ntime-zone = {zone}\nlabel.en = x\n")
        config.flush()
        expected = {f"c{number}": expected_ticks(zone) for number, zone in enumerate(zones)}
        count, differences = 0, []
        for tick in previewed_ticks(sys.argv[1], config.name):
            count += 1
            found = tick["date"], tick["days"], tick["effective_at"], tick["next_at"]
            wanted = next(expected[tick["counter"]], None)
            if found != wanted:
                differences.append(f"{tick['time_zone']}: {found}, Python says {wanted}")
        for number, zone in enumerate(zones):
            differences += [f"{zone}: no tick, Python says {wanted}" for wanted in expected[f"c{number}"]]
    print(f"{len(zones)} zones, {count} ticks, {len(differences)} differences")
    print("\n".join(differences[:20]))
    return 1 if differences or count < len(zones) * (LAST - FIRST) else 0


sys.exit(main())
