#!/usr/bin/env python3
"""The report of a period against an independent count of `log --json`: every row and number.

A made-up year is reported whole, by periods that cut deployments, by a size that cuts the year, for a
year without any, and beside a file of the platform's; JSON against the count, CSV and the page
against the JSON.
COUNTERSIGN_LONG=1 takes more deployments and periods; `test_report.py LEDGER [YEAR...]` any ledger.
"""
import csv
import functools
import io
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

from report_count import OPEN, Count
from report_figures import Figures, thresholds
from report_page import page_differs
from report_world import Year
from rules_forms import instant
from rules_world import COUNTERSIGN, text_of

LONG = "COUNTERSIGN_LONG" in os.environ
DEPLOYMENTS, SEED, CUTS = ("120", "5", 40) if LONG else ("16", "7", 6)
SHOWN = 12
# Each period, with more options of `report`.
PERIODS = (("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
           ("2026-04-15T12:30:00Z", "2026-09-14T13:30:00Z", "--sample", "3", "--seed", "other"),
           ("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "--size", "half", "--rows", "40"),
           ("2026-03-01T00:00:00Z", "2026-09-01T00:00:00Z", "--platform", "made", "--seed", "ש é"),
           ("2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"))
CONTROLS = ("CC8.1", "A.8.32", "6.5.1", "10.5.1", "CM-3", "AU-9", "AU-10", "AU-11")


def run(*arguments):
    return subprocess.run([COUNTERSIGN, *arguments], check=True, capture_output=True,
                          encoding="utf-8").stdout


def expected(year, parameters, platform):
    count = Count(year, parameters, platform)
    figures, metrics = Figures(count), count.metrics()
    return count.cover(), {
        "ledger_keys": count.ledger_keys(), "population": [d.row() for d in count.deployments],
        "reconciliation": count.matched, "exception_kinds": count.kinds(),
        "exceptions": count.exceptions, "decisions": count.decisions(),
        "thresholds": thresholds(metrics), "metrics": metrics, "rollbacks": count.rollbacks(),
        "changes": count.changes(), "delivery": figures.delivery(), "trend": figures.trend(),
        "lateness": figures.lateness(), "waiting": count.waiting(), "restores": figures.restores(),
        "sample": count.sample(), "signed_events": count.signed_events(),
        "evidence": count.evidence(), "retention": count.retention(), "holds": count.holds(),
        "exception_events": count.traces(), "coverage": count.coverage(),
        "clock_steps": count.clock_steps()}


def told(table, cells):
    """A row of the report as it is compared: sets of flags, parsed events."""
    cells = dict(cells)
    if "flags" in cells:
        cells["flags"] = sorted(cells["flags"].split())
    if "event" in cells:
        cells["event"] = json.loads(cells["event"])
    if table in ("metrics", "thresholds"):
        cells.update((k, float(cells[k])) for k in ("value", "least", "median", "most") if k in cells)
    return cells


def by_gravity(cells):
    return cells["gravity"], cells.get("seq", -1), cells["kind"], cells.get("node", ""), cells["time"]


def name_of(cells):
    names = ("seq", "deployment", "kind", "figure", "month", "phase", "item", "rank")
    return ", ".join(f"{k} {cells[k]}" for k in names if k in cells)


class Differences:
    def __init__(self):
        self.lines, self.numbers, self.rows = [], 0, 0

    def cells(self, table, ours, theirs):
        self.rows += 1
        for column in sorted(set(ours) | set(theirs) - (OPEN - set(ours))):
            self.numbers += 1
            if ours.get(column) != theirs.get(column):
                self.lines.append(f"{table} ({name_of(theirs)}), {column}: expected "
                                  f"{ours.get(column)!r}, found {theirs.get(column)!r}")

    def table(self, table, ours, theirs):
        theirs = [told(table, cells) for cells in theirs]
        if table == "exceptions":
            self.in_order(theirs)
            ours, theirs = (sorted(rows, key=by_gravity) for rows in (ours, theirs))
        if len(ours) != len(theirs):
            lone = [f"only counted: {c}" for c in ours if c not in theirs]
            lone += [f"only reported: {c}" for c in theirs if c not in ours]
            self.lines.append(f"{table}: expected {len(ours)} rows, found {len(theirs)}")
            self.lines += [f"{table}, {line}" for line in lone[:4]]
            return
        for a, b in zip(ours, theirs):
            self.cells(table, a, b)

    def in_order(self, rows):
        """The gravest first, then by seq; the kinds of one entry in any order."""
        for a, b in zip(rows, rows[1:]):
            if (a["gravity"], a.get("seq", -1)) > (b["gravity"], b.get("seq", -1)):
                self.lines.append(f"exceptions: {name_of(b)} stands behind {name_of(a)}")

    def csv(self, directory, report):
        tables = {k: v for k, v in report.items() if isinstance(v, list)}
        for table, rows in tables.items():
            text = (directory / f"csv/{table}.csv").read_bytes().decode("utf-8").removeprefix("\ufeff")
            found = list(csv.DictReader(text.splitlines(keepends=True), strict=True))
            if len(found) != len(rows):
                self.lines.append(f"{table}.csv: expected {len(rows)} rows, found {len(found)}")
            for a, b in zip(rows, found):
                self.cells(table + ".csv", {k: text_of_cell(v) for k, v in a.items()},
                           {k: unguarded(v) for k, v in b.items() if v})

    def page(self, directory, report):
        text = (directory / "report.html").read_text(encoding="utf-8")
        numbers, lines = page_differs(text, report)
        self.numbers += numbers
        self.lines += lines


def text_of_cell(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def unguarded(text):
    """Without the apostrophe that keeps a spreadsheet from reading a formula."""
    return text[1:] if re.match("'[=+@\t\r-]", text) else text


def cuts(lines):
    """Periods from the time of one entry to that of another, half of them short."""
    source, times = random.Random(SEED), [json.loads(line)["time"] for line in lines]
    for i in range(CUTS if len(times) > 1 else 0):
        start, end = sorted(source.sample(range(len(times)), 2))
        if i % 2:
            end = min(len(times) - 1, start + source.randint(1, 600))
        if times[start] < times[end]:
            yield times[start], times[end]


@functools.lru_cache(maxsize=2)
def judged(ledger, size, scratch):
    return Year(run("log", ledger, "--json").splitlines()[:size], scratch)


def made(lines):
    """What a platform might tell: rows by id, artifact and release, doubled, of nobody, some left out."""
    source, rows = random.Random(SEED), []
    for event in (json.loads(line)["event"] for line in lines):
        if event["type"] != "dev.countersign.deployment.opened.v1" or source.random() < 0.2:
            continue
        name, data = event["deployment"], event["data"]
        artifact = source.choice(data.get("artifacts") or [{}])
        by = source.choice((["", "", data.get("release")], ["", artifact.get("uri"), ""], [name, "", ""],
                            ["", f"sha256:{artifact.get('sha256')}", ""], ["nobody", "", ""],
                            ["", "sha256:" + "0" * 64, f"{name}, \"once\"\r\nmore"]))
        late = source.choice((0, 86400, 60 * 86400, -86400))
        cells = [text_of(instant(event["time"]) + late * 1_000_000), *by, "a service, for one"]
        rows += [cells] * source.choice((1, 1, 2)) + [[]] * source.choice((0, 0, 1))
    text = io.StringIO()
    csv.writer(text).writerows([["time", "deployment", "artifact", "release", "service"], *rows])
    return "\ufeff" + text.getvalue()


def check(ledger, lines, options, scratch):
    options, platform = list(options), None
    if "made" in options:
        platform, file = made(lines), scratch / "platform.csv"
        file.write_text(platform, encoding="utf-8", newline="")
        options[options.index("made")] = str(file)
    if "half" in options:
        options[options.index("half")] = str(max(1, len(lines) * 5 // 9))
    out = scratch / "out"
    run("report", ledger, "--from", *options[:1], "--to", *options[1:], "--format", "html,json,csv",
        "--out", str(out))
    text = (out / "report.json").read_text(encoding="utf-8")
    report = json.loads(text)
    year = judged(ledger, report["parameters"]["size"], scratch)
    cover, sheets = expected(year, report["parameters"], platform)
    found = Differences()
    found.cells("cover", cover, {k: report["cover"].get(k) for k in cover})
    for table, rows in sheets.items():
        found.table(table, rows, report[table])
    for table in report:
        if isinstance(report[table], list) and table not in sheets and table != "controls":
            found.lines.append(f"{table} is not counted")
    asked = " ".join(cells["control"] for cells in report["controls"]).split()
    found.lines += [f"no part answers {control}" for control in CONTROLS if control not in asked]
    as_told = json.loads(text, parse_float=str, parse_int=str)
    found.csv(out, as_told)
    found.page(out, as_told)
    return found


def periods_of(years):
    """Whole years, with draws of nothing and of all, and as of an earlier size."""
    for year in map(int, years):
        whole = f"{year}-01-01T00:00:00Z", f"{year + 1}-01-01T00:00:00Z"
        yield from (whole, (*whole, "--sample", "0"), (*whole, "--size", "half", "--rows", "3"),
                    (*whole, "--sample", "1000", "--seed", "שלום é"))


def main():
    failed = 0
    with tempfile.TemporaryDirectory(prefix="report-count.") as scratch:
        scratch = pathlib.Path(scratch)
        ledger = sys.argv[1] if len(sys.argv) > 1 else str(scratch / "ledger")
        if len(sys.argv) == 1:
            run("demo", ledger, "--deployments", DEPLOYMENTS, "--seed", SEED)
        lines = run("log", ledger, "--json").splitlines()
        for options in (*periods_of(sys.argv[2:]), *(() if sys.argv[2:] else PERIODS), *cuts(lines)):
            found = check(ledger, lines, options, scratch)
            print(f"{' '.join(options)}: {found.rows} rows and {found.numbers} cells, "
                  f"{len(found.lines)} differ", *found.lines[:SHOWN], sep="\n    ")
            failed += bool(found.lines)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
