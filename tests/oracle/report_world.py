"""A ledger as `log --json` tells it, every entry judged by the oracle (rules.py): what a report is
recounted from.  It takes of the program what it printed, and the nodes that it finds in a checklist.
"""
import base64
import json
import pathlib

from rules import Deployment, Entry
from rules_forms import TYPES, instant
from rules_ledger import Ledger, role_of, subject_verb
from rules_world import compiled

STANDING = ("ledger", "inbox")
# Acts on a node, whose window they are held to.
TIMED = {"item.checked", "item.reopened", "item.waived", "field.recorded", "metric.sampled",
         "command.finished", "status.declared", "approval.given", "approval.rejected",
         "approval.withdrawn", "decision.made", "rollback.finished"}
DEPLOYS = ("dev.cdevents.service.deployed.", "dev.cdevents.service.upgraded.",
           "dev.cdevents.service.rolledback.")


class Record:
    """An entry: what `log --json` says of it, and what the oracle does."""

    def __init__(self, line):
        said = json.loads(line)
        self.seq, self.stream, self.pos = said["seq"], said["stream"], said["stream_pos"]
        self.time, self.us = said["time"], instant(said["time"])
        self.principal, self.leaf, self.signatures = said["principal"], said["leaf"], said["signatures"]
        self.by_ledger = said["origin"] == "ledger"
        self.event = said["event"]
        self.type = self.event["type"]
        self.name = subject_verb(self.type)
        data = self.event.get("data")
        self.data = data if isinstance(data, dict) else {}
        self.rule, self.flags = "", set()
        self.node = None         # of the checklist, that it names
        self.timed = None        # the node whose window it is measured against
        self.due = None          # the end of that window, by T0 then
        self.judged = []         # (item, number, whether within)
        self.ready = None        # of the decision that opened a gate: the last act that it needed
        self.opened_gate = False

    @property
    def accepted(self):
        return not self.rule

    @property
    def late_us(self):
        return 0 if self.due is None else max(0, self.us - self.due)

    def entry(self):
        keys = [hex_of(s["key"]) for s in self.signatures]
        claimed = instant(self.event["time"]) if "time" in self.event else None
        entry = Entry(self.seq, self.pos, self.us, self.us, self.principal, 4 if self.by_ledger else 1,
                      keys, self.leaf, claimed)
        entry.touches = {k: s.get("touch") for k, s in zip(keys, self.signatures)}
        return entry


def hex_of(fingerprint):
    return base64.b64decode(fingerprint.split(":")[1] + "=").hex()


class Judged(Deployment):
    """A deployment that notes what a report tells of its acts, and looks at touches."""

    def __init__(self, ledger, catalog):
        super().__init__(ledger, catalog)
        self.records, self.current = [], None

    def lacks_touch(self, act):
        role = {"approval.given": "role", "decision.made": "authority"}.get(act.name)
        role = role and getattr(act.node, role)
        if role is None:
            return False
        own = (t for k, t in act.entry.touches.items() if self.ledger.keys.get(k) is act.key)
        touch = next(own, None) or {}
        return any(role_of(role) in [role_of(r) for r in self.policy[asked]] and not touch.get(has)
                   for asked, has in (("touch", "touched"), ("pin", "pin")))

    def judge_value(self, item, number, section, pos):
        super().judge_value(item, number, section, pos)
        self.current.judged.append((item, number, self.nodes[item.id].within))

    def suspect_key(self, key, pos):
        """Which revocation it is that criteria arise from."""
        count = len(self.criteria)
        super().suspect_key(key, pos)
        for criterion in self.criteria[count:]:
            criterion.seq = key.suspected

    def take(self, record):
        """Judge the next entry; gives the verdict."""
        self.current = record
        self.records.append(record)
        self.look(record)
        gate = self.gate_of(record)
        was_open = gate is not None and self.open(gate.node.id)
        ready = self.ready(gate) if gate else None
        record.rule, record.flags, _ = (*self.apply(record.entry(), record.event), 0)[:3]
        if record.accepted and gate and not was_open and self.open(gate.node.id):
            record.opened_gate, record.ready = True, ready
        if self.checklist is not None and record.node is None:
            record.node = self.node_named(record)

    def node_named(self, record):
        name = record.data.get("node")
        return self.checklist.nodes.get(name) if isinstance(name, str) else None

    def look(self, record):
        """The node that it names, and when it was due."""
        if self.checklist is None or record.name not in TYPES:
            return
        record.node = self.node_named(record)
        timed = self.checklist.rollback_status if record.name == "rollback.finished" else record.node
        if timed is None or timed.window is None or record.name not in TIMED or self.t0 is None:
            return
        record.timed = timed
        record.due = self.t0 + timed.window[1] * 60_000_000

    def gate_of(self, record):
        if self.checklist is None or record.name != "decision.made" or record.node is None:
            return None
        return self.checklist.gate_of_node.get(record.node.id)

    def ready(self, gate):
        """When the last act was that made one of what a gate needs met."""
        last = None
        for node in gate.all + gate.approvals:
            for mark in self.marks(self.nodes[node.id]):
                last = mark.time_us if last is None else max(last, mark.time_us)
        return last

    @staticmethod
    def marks(state):
        return [m for m in (state.mark, state.waived, *state.givers) if m is not None]

    def find(self, name):
        """The accepted acts of a type."""
        return [r for r in self.records if r.name == name and r.accepted]


class Year:
    """All entries below a size, and the deployments in order of their first."""

    def __init__(self, lines, scratch, size=None):
        self.scratch = pathlib.Path(scratch)
        self.ledger, self.catalog, self.records = Ledger(), {}, []
        self.deployments, self.counters = {}, {}
        for line in lines:
            if size is not None and len(self.records) == size:
                break
            self.take(Record(line))
        for deployment in self.deployments.values():
            deployment.settle(len(self.records))

    def take(self, record):
        assert record.seq == len(self.records), f"entry {record.seq} is out of order"
        self.records.append(record)
        stale = self.stale_counter(record)
        if record.stream == "ledger":
            record.rule, record.flags = self.ledger.apply(record.entry(), record.event)[:2]
            if record.name == "checklist.published" and record.accepted:
                self.publish(record)
        elif record.stream != "inbox":
            if record.stream not in self.deployments:
                self.deployments[record.stream] = Judged(self.ledger, self.catalog)
            self.deployments[record.stream].take(record)
        if stale and record.accepted and record.stream != "inbox":
            record.flags = record.flags | {"counter"}

    def stale_counter(self, record):
        """Whether the counter of a security key did not grow; ARCHITECTURE.md, Readings."""
        stale = False
        for signature in record.signatures:
            if signature.get("touch") is None:
                continue
            name, counter = (record.stream, signature["key"]), signature["touch"]["counter"]
            highest = self.counters.get(name)
            stale |= highest is not None and counter <= highest and (counter, highest) != (0, 0)
            self.counters[name] = max(counter, highest or 0)
        return stale

    def publish(self, record):
        path = self.scratch / f"{record.seq}.md"
        path.write_text(record.data["markdown"], encoding="utf-8")
        checklist = compiled(path)
        self.catalog[checklist.sha256] = checklist

    def of(self, stream):
        return [r for r in self.records if r.stream == stream]
