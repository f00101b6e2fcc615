#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""compare_zones.py PROGRAM [all]

Compares when dates begin, as PROGRAM (zone_dates.c) tells, with Python's own reader of the same time zones: every zone,
every date of 2018 to 2030, and every 199th date of 1900 to 2500; with "all", every date of 1900 to 2500 (many minutes).
Zones whose files are equal are compared once. Ends with 1, and tells the first differences, when there are any.
"""
import datetime
import os
import subprocess
import sys
import zoneinfo

DAY = 86400
OFFSET_MAX = 26 * 3600
GRID = 6 * 3600  # an offset that is the same at both ends of such a stretch is taken to hold all through it


def days(year, month, day):
    return datetime.date(year, month, day).toordinal() - datetime.date(1970, 1, 1).toordinal()


class Reference:
    """When dates begin in a zone, from nothing but the offset at an instant."""

    def __init__(self, name):
        self.zone = zoneinfo.ZoneInfo(name)
        self.known = {}

    def offset(self, at):
        offset = datetime.datetime.fromtimestamp(at, self.zone).utcoffset()
        return offset.days * DAY + offset.seconds

    def grid_offset(self, at):
        if at not in self.known:
            if len(self.known) > 64:
                self.known.clear()
            self.known[at] = self.offset(at)
        return self.known[at]

    def first_instant(self, date):
        """The first second whose date is `date`, or None."""
        local = date * DAY
        start = (local - OFFSET_MAX) // GRID * GRID
        offset = self.grid_offset(start)
        while True:
            end = start + GRID
            next_offset = self.grid_offset(end)
            if offset == next_offset:
                if local - offset < end:
                    return self.checked(max(local - offset, start), local)
            else:
                for at in range(start, end, 60):
                    # Offsets change at any second; within a minute they change once at most.
                    if at + self.offset(at) >= local:
                        return self.checked(at, local)
                    if at + 60 + self.offset(at + 60) >= local:
                        for second in range(at, at + 61):
                            if second + self.offset(second) >= local:
                                return self.checked(second, local)
            start, offset = end, next_offset

    def checked(self, at, local):
        return at if (at + self.offset(at)) // DAY * DAY == local else None


def different_zones():
    seen = {}
    for name in sorted(zoneinfo.available_timezones()):
        if name in ("localtime", "posixrules"):
            continue
        for folder in zoneinfo.TZPATH:
            path = os.path.join(folder, name)
            if os.path.exists(path):
                with open(path, "rb") as file:
                    seen.setdefault(file.read(), name)
                break
    return sorted(seen.values())


def compare(program, name, ranges):
    request = "".join(f"{name} {first} {last} {step}\n" for first, last, step in ranges)
    answer = subprocess.run([program], input=request, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        return 0, [f"{name}: the program ended with {answer.returncode}: {answer.stderr.strip()}"]
    reference = Reference(name)
    lines = iter(answer.stdout.splitlines())
    count, differences = 0, []
    for first, last, step in ranges:
        for date in range(first, last + 1, step):
            expected, line = reference.first_instant(date), next(lines)
            count += 1
            if line != ("-" if expected is None else str(expected)):
                civil = datetime.date.fromordinal(date + datetime.date(1970, 1, 1).toordinal())
                differences.append(f"{name} {civil}: {line}, Python says {expected}")
    return count, differences


def main():
    program, everything = sys.argv[1], sys.argv[2:] == ["all"]
    ranges = [(days(1900, 1, 1), days(2500, 12, 31), 1)]
    if not everything:
        ranges = [(days(2018, 1, 1), days(2030, 12, 31), 1), (days(1900, 1, 1), days(2500, 12, 31), 199)]
    names = different_zones()
    total, differences = 0, []
    for name in names:
        count, found = compare(program, name, ranges)
        total += count
        differences += found
    print(f"{len(names)} zones, {total} dates, {len(differences)} differences")
    print("\n".join(differences[:20]))
    return 1 if differences or total == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
