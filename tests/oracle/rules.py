"""A second implementation of RULES.md: judges a deployment's entries one by one.

Written from RULES.md, CHECKLIST.md, DESIGN.md and the readings in ARCHITECTURE.md, not from the
reducer.  It takes compiled nodes (rules_checklist.py) and the ledger's stream (rules_ledger.py);
rules_forms.py has refusals 1, rules_state.py what is known, rules_effects.py what acts change.
"""
import rules_effects
import rules_forms
from rules_forms import TYPES, Act
from rules_ledger import HOUR, LEDGER_TYPES, Refused, common_flags, role_of, subject_verb
from rules_state import State

MINUTE = 60_000_000
INBOX_TYPES = {"ingest.quarantined", "ingest.conflicted"}
WORK = {"item.checked", "item.reopened", "item.waived", "field.recorded", "status.declared",
        "approval.given"}
ALWAYS = {"note.added", "evidence.attached", "issue.opened", "issue.changed", "issue.resolved"}


class Entry:
    """What admission and appending have established of an event."""

    def __init__(self, seq, pos, time_us, admitted_us, principal, origin, keys, leaf, claimed_us):
        self.seq, self.pos, self.time_us, self.admitted_us = seq, pos, time_us, admitted_us
        self.principal, self.origin, self.keys = principal, origin, keys
        self.leaf, self.claimed_us = leaf, claimed_us


class Deployment(State):
    def apply(self, entry, event):
        """(rule or "", flags, n of blind) of the next entry; None for an event that was erased."""
        self.settle(entry.seq)
        self.entries = entry.pos
        self.seqs.append(entry.seq)
        self.leaves.append(entry.leaf)
        rule, flags, blind = "", set(), 0
        try:
            if event is not None:
                flags, blind = self.judge(entry, event)
            self.counts[0] += 1
            self.counts[2] += bool(flags)
        except Refused as refused:
            rule = refused.rule
            self.counts[1] += 1
        self.entries = entry.pos + 1
        return rule, flags, blind

    def judge(self, entry, event):
        name = subject_verb(event["type"])
        key, revoked = self.ledger.signer(entry)
        if name in LEDGER_TYPES or name in INBOX_TYPES:
            raise Refused("wrong-stream")
        if name not in TYPES:
            policy = self.policy if self.checklist else self.ledger.policy(entry.seq)
            flags = common_flags(policy, entry, event, self.ledger.signed_by(entry))
            if self.closed:
                flags.add("after-close")
            self.take_foreign(entry, event)
            return flags, 0
        act = Act(name, entry, event)
        act.key, act.revoked, act.person = key, revoked, key is not None
        if self.checklist is None and name != "deployment.opened":
            raise Refused("unknown-deployment")
        rules_forms.read(self, act)
        self.test_who(act)
        if name == "deployment.opened":
            if self.checklist is not None:
                if self.closed:
                    raise Refused("deployment-closed")
                raise Refused("superseded")
            self.policy = self.ledger.policy(entry.seq)
        else:
            self.test_rest(act)
        flags, blind = self.flags(act)
        rules_effects.take(self, act)
        return flags, blind

    def test_rest(self, act):
        self.retroactive = self.is_retroactive(act)
        self.test_closed(act)
        if not act.stop:
            self.test_rollback(act)
            self.test_phase(act)
            if self.policy["late_refuses"] and self.is_late(act):
                raise Refused("late")
            self.test_separation(act)
            self.test_basis(act)
            self.test_superseded(act)
        if act.name == "deployment.closed":
            self.test_closable(act)

    # 2. Who.

    def test_who(self, act):
        if TYPES[act.name][0] and not act.person and not act.revoked:
            raise Refused("unsigned")
        if not self.authorized(act, act.entry.principal, act.entry):
            raise Refused("not-authorized")
        if act.revoked:
            raise Refused("key-revoked")

    def authorized(self, act, who, entry):
        name, node = act.name, act.node
        if name in ("deployment.opened", "deployment.rescheduled"):
            return self.ledger.granted(who, "deployer", entry.seq)
        if name in ("role.assigned", "role.unassigned"):
            return (self.ledger.admin(who, entry.seq) or who == self.lead or
                    self.holder(who, act.role, entry))
        if name == "item.waived":
            gate = self.next_gate()
            return self.authority(gate, who, entry)
        if name in ("approval.given", "approval.rejected"):
            return self.holder(who, node.role, entry)
        if name == "approval.withdrawn":
            gave = any(m.principal == who for m in self.nodes[node.id].givers)
            return gave or self.ledger.admin(who, entry.seq)
        if name == "item.checked" and node.role:
            return self.holder(who, node.role, entry)
        if name == "decision.made":
            return self.decider(act, who, entry)
        if name == "rollback.started":
            return self.holds_any(who, entry)
        if name == "deployment.closed":
            return self.authority(None, who, entry)
        return True

    def decider(self, act, who, entry):
        if act.node.id in self.checklist.gate_of_node:
            return self.holder(who, act.node.authority, entry)
        if act.node.rollback_decision:
            return self.holds_any(who, entry) if act.stop else self.authority(None, who, entry)
        return True

    def authority(self, gate, who, entry):
        """A holder of the gate's authority, by default the last one's; without gates the lead."""
        if not self.checklist.gates:
            return who == self.lead
        gate = gate or self.checklist.gates[-1]
        return self.holder(who, gate.node.authority, entry)

    # 3. When: closing and rollback.

    def is_retroactive(self, act):
        if act.name != "approval.given" or act.node.signature or self.emergency_go is None:
            return False
        gate = self.checklist.gate_of_approval[act.node.id]
        opened = gate is not None and self.nodes[gate.node.id].opened_once
        limit = self.emergency_go.time_us + self.policy["retroactive_hours"] * HOUR
        return opened and act.entry.time_us <= limit

    def test_closed(self, act):
        timeless = act.node is not None and act.node.kind == "item" and act.node.window is None
        if self.closed and not (act.name in ALWAYS or self.retroactive or timeless):
            raise Refused("deployment-closed")

    def is_work(self, act):
        if act.name == "decision.made":
            return not (act.node.id in self.checklist.gate_of_node or act.node.rollback_decision)
        return act.name in WORK

    def test_rollback(self, act):
        node = act.node
        if self.rollback is not None:
            if node is not None and self.guarded(node) and self.is_work(act) and not self.retroactive:
                raise Refused("rolled-back")
            return
        if act.name == "rollback.finished" or \
                node is not None and node.rollback and act.name not in ALWAYS:
            raise Refused("not-rolling-back")

    # 4. What the checklist's course allows.

    def test_phase(self, act):
        node = act.node
        if node is None:
            return
        if self.is_work(act) and self.guarded(node) and not self.open(node.guarded_by):
            raise Refused("phase-closed")
        if not self.passes(act):
            return
        if node.section not in self.checklist.rollback_sections and self.held_by_criterion(node):
            raise Refused("criterion-open")
        if any(not self.counts_as_met(n) for n in node.nested):
            raise Refused("children-open")
        if self.nodes[node.id].waived is None or self.suspect(self.nodes[node.id].waived):
            self.test_contradicted(node)

    @staticmethod
    def passes(act):
        return act.name == "item.checked" and act.result == "pass"

    def held_by_criterion(self, node):
        if node.window is None:
            return False
        for criterion in self.unresolved.values():
            section = self.checklist.sections.get(criterion.section)
            window = section.get("window") if section else None
            if window and window["from_min"] < node.window[0]:
                return True
        return False

    def test_contradicted(self, node):
        state = self.nodes[node.id]
        if state.within is False or state.command_good is False:
            raise Refused("contradicted")
        for field in node.nested:
            if field.expectation is None:
                continue
            inner = self.nodes[field.id]
            waived = inner.waived is not None and not self.suspect(inner.waived)
            if inner.value is not None and not waived and not as_expected(inner, field.expectation):
                raise Refused("contradicted")

    # 5. Separation of duties.

    def test_separation(self, act):
        if not self.policy["separation"] or not act.proceeds:
            return
        who = act.entry.principal
        if who in self.authors:
            raise Refused("separation-of-duties")
        if act.name != "approval.given" or act.node.signature:
            return
        gate = self.checklist.gate_of_approval[act.node.id]
        for other, its_gate in self.checklist.gate_of_approval.items():
            node = self.checklist.nodes[other]
            if gate is None or its_gate is not gate or other == act.node.id or node.signature:
                continue
            if any(m.principal == who and not self.suspect(m) for m in self.nodes[other].givers):
                raise Refused("separation-of-duties")

    # 6. The basis.

    def test_basis(self, act):
        if not act.proceeds:
            return
        entry, basis = act.entry, act.basis
        pos = basis.get("pos") if isinstance(basis, dict) else None
        if type(pos) is not int or not 0 <= pos < entry.pos or \
                basis.get("leaf") != self.leaves[pos]:
            raise Refused("bad-basis")
        if entry.claimed_us is not None and entry.admitted_us - entry.claimed_us > 24 * HOUR:
            raise Refused("bad-basis")
        decision = act.name == "decision.made"
        gate = self.checklist.gate_of_node.get(act.node.id) if decision else \
            self.checklist.gate_of_approval[act.node.id]
        if gate is not None and self.undone_since(gate, pos, entry):
            raise Refused("stale-basis")
        if not decision:
            return
        if gate is not None and (self.missing(gate, pos) or self.missing(gate, entry.pos)):
            raise Refused("gate-not-ready")
        stands = self.nodes[act.node.id].mark
        if stands is not None and pos < stands.pos:
            raise Refused("superseded")

    def undone_since(self, gate, pos, entry):
        for at, node in reversed(self.undone):
            if at <= pos:
                break
            if node is None or node.id in gate.rests_on:
                return True
        losses = [x for x in self.ledger.losses if self.seqs[pos] < x[0] < entry.seq]
        return any(self.rests_on(gate, kind, what) for _, kind, what in losses)

    def rests_on(self, gate, kind, what):
        """Whether an approval that the gate needs rests on a role or key that was lost."""
        for node in gate.approvals:
            for mark in self.nodes[node.id].givers:
                if kind == "key" and mark.key is what:
                    return True
                if kind == "role" and what == (mark.principal, role_of(node.role)):
                    return True
        return False

    def test_superseded(self, act):
        if act.name in ("clock.started", "deployment.rescheduled") and self.clock:
            raise Refused("superseded")

    # 7. Closing.

    def test_closable(self, act):
        outcome = act.value
        if outcome == "failed" or self.rollback_good and outcome in ("rolled-back", "abandoned"):
            return
        if outcome == "abandoned" and self.guarded_work == 0:
            return
        if outcome != "successful" or not self.successful(act.entry):
            raise Refused("not-closable")

    def successful(self, entry):
        gates, last = self.checklist.gates, self.checklist.last_window
        if self.rollback is not None or self.unresolved:
            return False
        if gates and not at_open(self, gates[-1]):
            return False
        if last is not None and (self.t0 is None or entry.time_us < self.t0 + last * MINUTE):
            return False
        for node in self.checklist.list:
            asked = node.signature or node.window is not None and node.kind in ("item", "status")
            if asked and not self.counts_as_met(node):
                return False
        return True

    # Flags.

    def timed(self, act):
        """The node that it is an act on; rollback.finished declares its section's status."""
        return self.checklist.rollback_status if act.name == "rollback.finished" else act.node

    def is_late(self, act):
        node = self.timed(act)
        if node is None or act.name in ALWAYS or node.window is None or self.t0 is None:
            return False
        return act.entry.time_us > self.t0 + node.window[1] * MINUTE

    def is_early(self, act):
        node, t0 = self.timed(act), self.t0
        if node is None or act.name in ALWAYS or node.window is None or t0 is None:
            return False
        start, end = node.window
        return start != end and t0 <= act.entry.time_us < t0 + start * MINUTE

    def flags(self, act):
        flags = common_flags(self.policy, act.entry, act.event, act.key)
        if self.checklist is not None and self.is_late(act):
            flags.add("late")
        if self.checklist is not None and self.is_early(act):
            flags.add("early")
        if self.outside(act):
            flags.add("outside-window")
        if self.closed:
            flags.add("after-close")
        if act.name == "item.waived":
            flags.add("waived")
        if self.is_emergency(act):
            flags.add("emergency")
        if act.name == "approval.given" and self.retroactive:
            flags.add("retroactive")
        if self.lacks_touch(act):
            flags.add("no-touch")
        blind = self.blind(act)
        if blind:
            flags.add("blind")
        if self.passes(act):
            self.flags_of_pass(act, flags)
        command = act.data.get("command")
        if act.name == "command.finished" and command is not None and \
                act.node.command is not None and command != act.node.command:
            flags.add("other-command")
        return flags, blind

    def lacks_touch(self, act):
        """No key here is a security key: none attests anything."""
        role = None
        if act.name == "approval.given":
            role = act.node.role
        elif act.name == "decision.made":
            role = act.node.authority
        asked = [role_of(r) for r in self.policy["touch"] + self.policy["pin"]]
        return role is not None and role_of(role) in asked

    def outside(self, act):
        guarded = act.node is not None and self.guarded(act.node) and self.is_work(act)
        if self.window is None or not (guarded or act.name == "clock.started"):
            return False
        return not self.window[0] <= act.entry.time_us <= self.window[1]

    def is_emergency(self, act):
        if act.name == "emergency.declared" or act.name == "deployment.opened" and \
                act.data.get("emergency"):
            return True
        return act.name == "decision.made" and act.proceeds and \
            act.node.id in self.checklist.gate_of_node and self.in_emergency()

    def in_emergency(self):
        return self.emergency_history[-1][1]

    def blind(self, act):
        if act.name != "approval.given":
            return 0
        gate = self.checklist.gate_of_approval[act.node.id]
        if gate is None:
            return 0
        return sum(n.order < act.node.order and n.id not in act.node.ancestors and
                   not self.counts_as_met(n) for n in gate.all)

    def flags_of_pass(self, act, flags):
        state = self.nodes[act.node.id]
        if act.node.threshold:
            if state.within is None:
                flags.add("unmeasured")
        elif not act.person and state.command_good is None and \
                not any(self.nodes[n.id].value is not None for n in act.node.nested):
            flags.add("judgement")


def at_open(deployment, gate):
    return deployment.nodes[gate.node.id].opened[-1][1]


def as_expected(state, expectation):
    wanted = rules_forms.number_of(expectation)
    if wanted is not None and state.number is not None:
        return wanted == state.number
    return str(state.value).strip() == expectation.strip()
