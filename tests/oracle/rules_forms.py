"""The types of RULES.md and the form of their data (refusals 1); beside rules.py."""
import datetime
import math
import re

from rules_checklist import unit_of
from rules_ledger import PRINCIPAL, Refused, need_principal, need_text, role_of

ITEM, STATUS, FIELD, CHOICE = {"item"}, {"status"}, {"field"}, {"choice"}
APPROVAL, DECISION = {"approval"}, {"decision"}
NUMBER = re.compile(r"\s*[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?\s*")
TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d{1,9})?([Zz]|[-+]\d\d:\d\d)")
EPOCH = datetime.datetime(1970, 1, 1)

# name: (needs the person's signature, which nodes it must or may name)
MUST, MAY, NONE = "must", "may", None
TYPES = {
    "deployment.opened": (True, NONE, None), "deployment.rescheduled": (True, NONE, None),
    "clock.started": (True, NONE, None), "role.assigned": (True, NONE, None),
    "role.unassigned": (True, NONE, None), "emergency.declared": (True, NONE, None),
    "item.checked": (False, MUST, ITEM), "item.reopened": (False, MUST, ITEM),
    "item.waived": (True, MUST, ITEM | STATUS | FIELD | CHOICE),
    "field.recorded": (False, MUST, FIELD | CHOICE), "metric.sampled": (False, MAY, ITEM),
    "command.finished": (False, MUST, ITEM), "evidence.attached": (False, MAY, None),
    "status.declared": (False, MUST, STATUS), "approval.given": (True, MUST, APPROVAL),
    "approval.rejected": (True, MUST, APPROVAL), "approval.withdrawn": (True, MUST, APPROVAL),
    "decision.made": (True, MUST, DECISION), "rollback.started": (True, NONE, None),
    "rollback.finished": (True, NONE, None), "issue.opened": (False, NONE, None),
    "issue.changed": (False, NONE, None), "issue.resolved": (True, NONE, None),
    "note.added": (False, MAY, None), "deployment.closed": (True, NONE, None),
}


def instant(text):
    """Microseconds of an RFC 3339 text; None of anything else."""
    match = TIME.fullmatch(text) if isinstance(text, str) else None
    if not match:
        return None
    fields = [int(f) for f in match.groups()[:6]]
    try:
        moment = datetime.datetime(*fields)
    except ValueError:
        return None
    us = (moment - EPOCH) // datetime.timedelta(microseconds=1)
    if match[7]:
        us += int(match[7][1:7].ljust(6, "0"))
    if match[8] not in "Zz":
        hours, minutes = int(match[8][1:3]), int(match[8][4:6])
        us += (hours * 60 + minutes) * 60_000_000 * (1 if match[8][0] == "-" else -1)
    return us


def number_of(value):
    """A finite number that a value is, or looks like; else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        value = float(value) if NUMBER.fullmatch(value) else None
    return float(value) if value is not None and math.isfinite(value) else None


def blank(text):
    return not isinstance(text, str) or not text.strip()


def bad(why):
    raise Refused("bad-value", why)


class Act:
    """One event of ours while it is judged."""

    def __init__(self, name, entry, event):
        self.name, self.entry, self.event = name, entry, event
        self.data = event.get("data")
        if not isinstance(self.data, dict):
            self.data = {}
        self.node = None
        self.value = self.number = self.result = self.role = self.principal = self.t0 = None
        self.window = self.until = self.basis = self.checklist = None
        self.stop = self.proceeds = False

    def time(self, name):
        value = self.data.get(name)
        if value is None:
            return None
        us = instant(value)
        if us is None:
            bad(name)
        return us

    def text(self, name):
        value = self.data.get(name)
        if value is not None and not isinstance(value, str):
            bad(name)
        return value


def find_node(deployment, act):
    """`node`, of a kind that its type may name."""
    _, needs, kinds = TYPES[act.name]
    if needs is None:
        return
    name = act.data.get("node")
    if name is None and needs is MAY:
        return
    act.node = deployment.checklist.nodes.get(name) if isinstance(name, str) else None
    if act.node is None:
        raise Refused("unknown-node", str(name))
    if kinds and act.node.kind not in kinds or act.node.twin_of and act.name == "decision.made":
        raise Refused("wrong-kind", act.node.twin_of or act.node.kind)


def read(deployment, act):
    find_node(deployment, act)
    if not isinstance(act.event.get("data"), dict):
        bad("data")
    reader = READERS.get(act.name)
    if reader:
        reader(deployment, act)


def read_opened(deployment, act):
    data = act.data
    digest = data.get("checklist")
    published = deployment.ledger.checklists.get(digest, None) if isinstance(digest, str) else None
    if published is None or not published < act.entry.seq:
        raise Refused("unknown-checklist")
    act.checklist = deployment.catalog[digest]
    if data.get("rules", 1) != 1 or isinstance(data.get("rules", 1), bool):
        bad("rules")
    act.t0 = act.time("t0")
    act.window = read_window(act)
    lead = data.get("lead")
    if lead is not None and not (isinstance(lead, str) and PRINCIPAL.fullmatch(lead)):
        bad("lead")
    if not isinstance(data.get("emergency", False), bool):
        bad("emergency")


def read_window(act):
    window = act.data.get("window")
    if window is None:
        return None
    ends = [instant(window.get(k)) for k in ("from", "to")] if isinstance(window, dict) else [None]
    if None in ends or not ends[0] < ends[1]:
        bad("window")
    return tuple(ends)


def read_rescheduled(_, act):
    act.t0, act.window = act.time("t0"), read_window(act)
    if act.t0 is None and act.window is None:
        bad("neither t0 nor window")


def read_clock(_, act):
    act.t0 = act.time("t0")
    if act.t0 is None:
        bad("t0")


def read_assigned(_, act):
    act.role, act.principal = need_text(act.data, "role"), need_principal(act.data)
    act.until = act.time("until")


def read_unassigned(deployment, act):
    act.role, act.principal = need_text(act.data, "role"), need_principal(act.data)
    if not any(a.open and a.is_of(act.principal, act.role) for a in deployment.assignments):
        bad("not assigned")


def read_checked(_, act):
    act.result = act.data.get("result")
    note = act.text("note")
    if act.result not in ("pass", "fail", "na") or act.result == "na" and blank(note):
        bad("result")


def read_waived(_, act):
    need_text(act.data, "reason")


def read_value(act):
    value = act.data.get("value")
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        bad("value")
    if isinstance(value, str) and blank(value):
        bad("value")
    act.number = number_of(value)
    act.value = value if isinstance(value, str) else act.data["value"]


def read_recorded(_, act):
    read_value(act)
    unit = act.text("unit")
    if act.node.kind == "choice" and act.value not in act.node.options:
        bad("value")
    if unit and act.node.unit and unit_of(unit) != unit_of(act.node.unit):
        bad("unit")


def read_sampled(_, act):
    need_text(act.data, "metric")
    read_value(act)
    unit = act.text("unit")
    named = act.node.threshold.get("unit") if act.node and act.node.threshold else None
    if act.number is None or unit and named and unit_of(unit) != unit_of(named):
        bad("value")


def read_command(_, act):
    code = act.data.get("exit")
    if type(code) is not int or not isinstance(act.data.get("matched", True), bool):
        bad("exit")
    act.text("command")


def read_status(_, act):
    act.value = act.data.get("value")
    if act.value not in act.node.options:
        bad("value")


def read_approval(_, act):
    act.role = act.text("role")
    if act.role is not None and role_of(act.role) != role_of(act.node.role):
        bad("role")
    act.proceeds = act.name == "approval.given"
    act.basis = act.data.get("basis")


def read_decision(_, act):
    act.value = act.data.get("value")
    if act.value not in act.node.options:
        bad("value")
    act.stop = act.value != act.node.options[0]
    act.proceeds = not act.stop
    act.basis = act.data.get("basis")
    criteria = act.data.get("criteria", [])
    if not isinstance(criteria, list) or not all(isinstance(c, str) for c in criteria):
        bad("criteria")


def read_finished(deployment, act):
    status = deployment.checklist.rollback_status
    options = status.options if status else ["successful", "partial", "failed"]
    act.value = act.data.get("status")
    if act.value not in options:
        bad("status")


def read_issue(deployment, act):
    issue = need_text(act.data, "issue")
    if act.name == "issue.opened":
        act.text("title")
        severity = act.data.get("severity")
        if type(severity) is not int or not 1 <= severity <= 4 or issue in deployment.open_issues:
            bad("issue")
    elif issue not in deployment.issues:
        bad("issue")


def read_evidence(_, act):
    digest = act.data.get("sha256")
    if not isinstance(digest, str) or not re.fullmatch("[0-9a-f]{64}", digest):
        bad("sha256")


def read_note(_, act):
    need_text(act.data, "text")


def read_closed(_, act):
    act.value = act.data.get("outcome")
    if act.value not in ("successful", "rolled-back", "failed", "abandoned"):
        bad("outcome")


READERS = {
    "deployment.opened": read_opened, "deployment.rescheduled": read_rescheduled,
    "clock.started": read_clock, "role.assigned": read_assigned, "role.unassigned": read_unassigned,
    "item.checked": read_checked, "item.waived": read_waived, "field.recorded": read_recorded,
    "metric.sampled": read_sampled, "command.finished": read_command, "status.declared": read_status,
    "approval.given": read_approval, "approval.rejected": read_approval,
    "approval.withdrawn": read_approval, "decision.made": read_decision,
    "evidence.attached": read_evidence, "rollback.finished": read_finished,
    "issue.opened": read_issue, "issue.changed": read_issue,
    "issue.resolved": read_issue, "note.added": read_note, "deployment.closed": read_closed,
}
