"""The reconciliation of a report, done again: deploy events of the ledger and the rows of a file of the
platform's against deployments (ARCHITECTURE.md, Readings: "A deploy event belongs to ...").
"""
import csv
import re

from report_world import DEPLOYS, STANDING
from rules_forms import instant
from rules_world import text_of

RESULTS = ("no-deployment", "no-event", "matched")
LAST = float("inf")


class Told:
    """A deploy event: an entry, or a line of the file."""

    def __init__(self, record=None, line=None, cells=None):
        self.record, self.line = record, line
        if record is not None:
            subject = member(record.data, "subject")
            content, custom = member(subject, "content"), member(record.data, "customData")
            self.us, self.type = record.us, record.type
            self.own = record.stream if record.stream not in STANDING else None
            self.service, self.artifact = text(subject, "id"), text(content, "artifactId")
            self.environment = text(member(content, "environment"), "id")
            self.deployment, self.release = text(custom, "deployment"), text(custom, "release")
        else:
            self.us, self.own = instant(cells["time"]), None
            for name in ("type", "service", "artifact", "environment", "deployment", "release"):
                setattr(self, name, cells.get(name) or None)

    @property
    def place(self):
        return self.us, LAST if self.record is None else self.record.seq, self.line or 0


def member(value, name):
    value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def text(value, name):
    value = value.get(name)
    return value if isinstance(value, str) else None


def rows_of(file):
    """(line, cells) of a CSV file; the line is that on which a row begins."""
    reader = csv.DictReader(file.removeprefix("\ufeff").splitlines(keepends=True), strict=True)
    before = 1
    reader.fieldnames
    before = reader.line_num
    for cells in reader:
        blank = reader.line_num - before - 1
        lines = sum((v or "").count("\n") for v in cells.values() if isinstance(v, str))
        yield before + 1 + blank - lines, cells
        before = reader.line_num


def names(deployment, artifact):
    """Whether an opening names an artifact, by its text or by a digest that stands in it."""
    digest = next((run for run in re.findall("[0-9a-f]+", artifact) if len(run) == 64), artifact)
    named = [a for a in deployment.data.get("artifacts", []) if isinstance(a, dict)]
    return any(a.get(k) in (artifact, digest) for a in named for k in ("uri", "sha256"))


def match(told, opened):
    """(deployment, by what) that a deploy event belongs to; `opened` in order of the openings."""
    named = {d.name: d for d in opened}
    if told.own is not None:
        return named.get(told.own), "stream"
    if told.deployment in named:
        return named[told.deployment], "id"
    before = [d for d in reversed(opened) if d.opened.us <= told.us]
    for deployment in before if told.artifact else ():
        if names(deployment, told.artifact):
            return deployment, "artifact"
    for deployment in before if told.release else ():
        if deployment.data.get("release") == told.release:
            return deployment, "release"
    return None, None


def row(**cells):
    return {k: v for k, v in cells.items() if v is not None and v != ""}


def deploy_row(told, deployment, by):
    return row(result="matched" if deployment else "no-deployment",
               seq=told.record and told.record.seq, line=told.line, time=text_of(told.us),
               deployment=deployment.name if deployment else told.own or told.deployment,
               by=by if deployment else None, type=told.type, service=told.service,
               artifact=told.artifact, environment=told.environment)


def reconcile(count, file):
    """(rows, [(entry or None, line of the file)] that are unreconciled) of a period."""
    events = [Told(record=r) for r in count.year.records if r.type.startswith(DEPLOYS)]
    if file is not None:
        events += [Told(line=n, cells=cells) for n, cells in rows_of(file)]
    if not events and file is None:
        return [], []
    opened = sorted((d for d in count.all if d.opened), key=lambda d: d.opened.seq)
    found = {result: [] for result in RESULTS}
    lone, telling = [], set()
    for told in sorted(events, key=lambda e: e.place):
        deployment, by = match(told, opened)
        if deployment and (told.record is None) == (file is not None):
            telling.add(deployment.name)
        if count.start <= told.us < count.end:
            found["matched" if deployment else "no-deployment"].append(deploy_row(told, deployment, by))
            if deployment is None:
                lone.append((told.record, told))
    for deployment in opened:
        if deployment in count.deployments and deployment.name not in telling:
            found["no-event"].append(row(result="no-event", seq=deployment.opened.seq,
                                         time=deployment.opened.time, deployment=deployment.name))
            lone.append((deployment.opened, None))
    return [cells for result in RESULTS for cells in found[result]], lone
