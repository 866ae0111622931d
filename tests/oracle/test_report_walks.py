#!/usr/bin/env python3
"""Reports of ledgers with random acts, plausible and hostile: what no made-up year has, counted again.

COUNTERSIGN_LONG=1 takes more of them.
"""
import json
import os
import pathlib
import random
import sys
import tempfile

import rules_world
from rules_world import compiled
from test_report import SHOWN, check, judged, run
from test_rules_live import Live, LiveWalk, first_ledger

# The few are those that found something: a newer act, a key revoked at the end, a second GO.
WALKS = range(40) if "COUNTERSIGN_LONG" in os.environ else (16, 30, 33, 38)
YEAR = "1970-01-01T00:00:00Z", "1971-01-01T00:00:00Z"


def differences(number, checklists, scratch):
    """What the reports of a random ledger say otherwise: of all, of half its entries, of a part."""
    walk, lines = LiveWalk(f"report/{number}", checklists), []
    ledger = Live(str(scratch / "ledger"), walk.world)
    first_ledger(ledger, random.Random(number), lines)
    ledger.close()
    entries = run("log", str(scratch / "ledger"), "--json").splitlines()
    times = [json.loads(entry)["time"] for entry in entries]
    for options in (YEAR, (*YEAR, "--size", "half"), (times[len(times) // 3], times[-1])):
        if options[0] < options[1]:
            judged.cache_clear()
            found = check(str(scratch / "ledger"), entries, options, scratch)
            lines += [f"{' '.join(options)}: {line}" for line in found.lines[:SHOWN]]
    return lines


def main():
    checklists = [compiled(p) for p in sorted((rules_world.HERE / "checklists").glob("*.md"))]
    failed = 0
    for number in WALKS:
        with tempfile.TemporaryDirectory(prefix="report-walk.") as scratch:
            lines = differences(number, checklists, pathlib.Path(scratch))
        failed += bool(lines)
        for line in lines:
            print(f"walk {number}: {line}")
    print(f"{len(WALKS)} walks, the reports of {failed} differ")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
