"""What is known of a deployment, and what follows from it: met, ready, criteria; beside rules.py.

Everything that a basis may ask for later keeps its history: [(position, value)], the value as it was
after that position's entry.
"""
import re

from rules_ledger import role_of

CDEVENT = re.compile(r"dev\.cdevents\.service\.(deployed|upgraded)\..*")
DIGEST = re.compile(r"sha256:([0-9a-f]{64})")


class Mark:
    """Who did it: the position, and the key that signed it."""

    def __init__(self, act, key):
        self.seq, self.pos, self.time_us = act.entry.seq, act.entry.pos, act.entry.time_us
        self.principal, self.key, self.person = act.entry.principal, key, key is not None


class NodeState:
    def __init__(self):
        self.mark = self.result = self.value = self.number = self.waived = None
        self.notes = []        # marks
        self.command_good = None
        self.within = None     # of the latest value that judged its threshold
        self.givers = []       # marks
        self.met = [(-1, False)]
        self.opened = [(-1, False)]
        self.opened_once = False


class Assignment:
    def __init__(self, role, principal, mark, until):
        self.role, self.principal, self.mark, self.until = role_of(role), principal, mark, until
        self.open = True

    def is_of(self, principal, role):
        return self.principal == principal and self.role == role_of(role)


class Criterion:
    def __init__(self, name, node, section, pos):
        self.id, self.node, self.section, self.arose, self.resolved = name, node, section, pos, None

    def stands(self, pos):
        return self.arose <= pos and (self.resolved is None or self.resolved > pos)


def at(history, pos):
    for since, value in reversed(history):
        if since <= pos:
            return value
    return history[0][1]


def put(history, pos, value):
    if history[-1][1] != value:
        history.append((pos, value))


class State:
    def __init__(self, ledger, catalog):
        self.ledger, self.catalog = ledger, catalog
        self.checklist = self.opening = None
        self.entries, self.seqs, self.leaves = 0, [], []
        self.policy = ledger.policy(0)
        self.t0 = self.window = self.lead = self.outcome = None
        self.clock = self.closed = False
        self.authors, self.artifacts = set(), []
        self.emergency, self.emergency_go = None, None
        self.emergency_history = [(-1, False)]
        self.nodes, self.assignments, self.criteria, self.unresolved = {}, [], [], {}
        self.open_issues, self.issues = {}, {}
        self.undone = []       # (position, node or None)
        self.rollback, self.finished, self.rollback_status, self.rollback_good = None, False, None, False
        self.guarded_work = 0
        self.suspicions_taken = 0
        self.counts = [0, 0, 0]

    # Suspicion, holders.

    def suspect(self, mark, seq=None):
        return mark is not None and self.ledger.suspect(mark.key, mark.seq,
                                                        self.now_seq if seq is None else seq)

    def holder(self, principal, role, entry):
        if not self.ledger.granted(principal, role, entry.seq):
            return False
        return role_of(role) == "deployer" or any(
            a.open and a.is_of(principal, role) and entry.time_us < a.until and
            not self.suspect(a.mark) for a in self.assignments)

    def holds_any(self, principal, entry):
        roles = {a.role for a in self.assignments if a.principal == principal} | {"deployer"}
        return any(self.holder(principal, role, entry) for role in roles)

    # Met.

    def met_now(self, node):
        state = self.nodes[node.id]
        if node.kind == "approval":
            people = {m.principal for m in state.givers if not self.suspect(m)}
            return len(people) >= self.quorum(node)
        if state.waived is not None and not self.suspect(state.waived):
            return True
        if state.mark is None or self.suspect(state.mark):
            return False
        if node.kind == "item":
            gate = node.section in self.checklist.gate_sections
            return state.result == "pass" or state.result == "na" and not gate
        if node.kind == "status":
            mark = node.marks.get(state.value)
            return mark == "✓" or mark == "⚠" and self.noted(state)
        return state.value is not None

    def noted(self, state):
        return any(not self.suspect(m) for m in state.notes)

    def quorum(self, node):
        asked = {role_of(r): k for r, k in self.policy["quorum"].items()}
        return asked.get(role_of(node.role), 1)

    def update(self, node, pos):
        """Take in what may have changed of a node at a position; what it lost was undone."""
        state = self.nodes[node.id]
        gate = node.id in self.checklist.gate_of_node
        before = state.opened[-1][1] if gate else state.met[-1][1]
        put(state.met, pos, self.met_now(node))
        if gate:
            put(state.opened, pos, self.open(node.id) and not self.suspect(state.mark))
        if before and not (state.opened if gate else state.met)[-1][1]:
            self.undone.append((pos, node))

    def counts_as_met(self, node, pos=None):
        """Met, optional, or of a rollback that is not under way; as of a position, or now."""
        if node.optional or node.kind == "notes":
            return True
        if node.rollback and (self.rollback is None or pos is not None and self.rollback > pos):
            return True
        met = self.nodes[node.id].met
        return met[-1][1] if pos is None else at(met, pos)

    # Gates.

    def guarded(self, node):
        return bool(node.guarded_by) and node.section not in self.checklist.rollback_sections

    def open(self, gate):
        node = self.checklist.nodes[gate]
        return self.nodes[gate].value == node.options[0]

    def next_gate(self):
        return next((g for g in self.checklist.gates if not self.open(g.node.id)), None)

    def missing(self, gate, pos):
        """What a gate lacks as of a position: the ids of nodes and criteria."""
        emergency = at(self.emergency_history, pos)
        lacking = [n.id for n in gate.all if not self.counts_as_met(n, pos) and
                   not (emergency and n.id in gate.approval_items)]
        if not emergency:
            lacking += [n.id for n in gate.approvals if not self.counts_as_met(n, pos)]
        lacking += [g.node.id for g in self.checklist.gates[:gate.place]
                    if not at(self.nodes[g.node.id].opened, pos)]
        lacking += [c.id for c in self.criteria if c.stands(pos)]
        return lacking

    # Criteria.

    def arise(self, name, node, section, pos):
        if name not in self.unresolved:
            self.unresolved[name] = Criterion(name, node, section, pos)
            self.criteria.append(self.unresolved[name])
            self.undone.append((pos, None))

    def resolve(self, name, pos):
        criterion = self.unresolved.pop(name, None)
        if criterion:
            criterion.resolved = pos

    def judge_value(self, item, number, section, pos):
        state = self.nodes[item.id]
        state.within = self.checklist.holds(item, number)
        if state.within:
            self.resolve("threshold:" + item.id, pos)
        else:
            self.arise("threshold:" + item.id, item, section, pos)

    def in_section_window(self, node, time_us):
        if node.window is None or self.t0 is None:
            return False
        return self.t0 + node.window[0] * 60_000_000 <= time_us <= self.t0 + node.window[1] * 60_000_000

    def judge_sample(self, act):
        unit = act.data.get("unit")
        for item in self.checklist.list:
            if not item.threshold or item.rollback and self.rollback is None:
                continue
            named = act.node is item
            if named or (self.in_section_window(item, act.entry.time_us) and
                         self.checklist.fits(item, act.data["metric"], unit)):
                self.judge_value(item, act.number, item.section, act.entry.pos)

    def take_foreign(self, entry, event):
        """A deployment of what is not among the artifacts (CDEvents)."""
        if not self.artifacts or not CDEVENT.fullmatch(event["type"]):
            return
        data = event.get("data")
        subject = data.get("subject") if isinstance(data, dict) else None
        content = subject.get("content") if isinstance(subject, dict) else None
        name = content.get("artifactId") if isinstance(content, dict) else None
        if not isinstance(name, str):
            return
        digest = DIGEST.search(name)
        digests = {a.get("sha256") for a in self.artifacts}
        uris = {a.get("uri") for a in self.artifacts}
        if (digest and digest[1] in digests) or name in uris:
            return
        self.arise("artifact:" + (digest[1] if digest else name), None, None, entry.pos)

    # What the ledger stream says below an entry.

    def settle(self, seq):
        self.now_seq = seq
        pos = self.entries
        while self.suspicions_taken < len(self.ledger.suspicions):
            revoked, key = self.ledger.suspicions[self.suspicions_taken]
            if not revoked < seq:
                return
            self.suspicions_taken += 1
            if self.checklist is not None:
                self.suspect_key(key, pos)

    def suspect_key(self, key, pos):
        for node in self.checklist.list:
            state = self.nodes[node.id]
            marks = [state.mark, state.waived, *state.givers, *state.notes]
            if any(m is not None and m.key is key and self.suspect(m) for m in marks):
                before = state.met[-1][1]
                self.update(node, pos)
                self.lose(node, key, before and not state.met[-1][1], pos)
        if self.emergency is not None and self.emergency.key is key and self.suspect(self.emergency):
            put(self.emergency_history, pos, False)

    def lose(self, node, key, lost, pos):
        mark = self.nodes[node.id].mark
        for gate in self.checklist.gates:
            own = gate.node is node and mark is not None and mark.key is key and self.suspect(mark)
            if self.open(gate.node.id) and (own or lost and node.id in gate.ids):
                self.arise("signature:" + node.id, node, node.section, pos)
