#!/usr/bin/env python3
"""Every combination of role, key, gate and basis: the reducer and the oracle judge alike.

Usage: test_rules_table.py [--every N]     N > 1: only each Nth combination; 1 with COUNTERSIGN_LONG
For three acts of `amy` (an approval, the decision of the first gate and of the second) it goes
through: what role she has, whose key signs and what became of it, what the gate lacks, and what the
basis is or how it went stale.  A difference is printed with its sequence as judge.c takes it.
"""
import itertools
import os
import sys

import rules_world
from rules_world import HOUR, MINUTE, SECOND, T0, World, compiled, differences, text_of

SHORT_EVERY = 29
CHECKLIST = rules_world.HERE / "checklists/table.md"
APPROVALS, FIRST, SECOND_GATE = "1.0.3", "3.1.2", "3.2.2"
ACTS = ("approve", "first", "second")
ROLES = ("held", "not granted", "not assigned", "ended", "revoked", "unassigned")
KEYS = ("enrolled", "revoked", "revoked since", "another's", "new", "none")
GATES = ("ready", "earlier closed", "item missing", "status missing", "approval missing",
         "role item missing", "own item missing", "criterion", "stopped", "decided")
UNDOINGS = ("reopened", "failed", "withdrawn", "rejected", "recorded again", "status again",
            "threshold", "issue", "command", "role lost", "role taken", "key lost", "t0 moved")
BASES = ("fresh", "missing", "other leaf", "too new", "no number", "over a day", "a day",
         "before the decision") + UNDOINGS + tuple(u + ", mended" for u in UNDOINGS)


class Case:
    def __init__(self, act, role, key, gate, basis):
        self.act, self.role, self.key, self.gate, self.basis = act, role, key, gate, basis
        self.world = World(compiled(CHECKLIST))
        self.people()
        self.open()
        self.prepare()
        self.lose_role_and_key()
        pos = self.undo()
        self.attempt(pos)

    def do(self, who, name, **data):
        return self.world.add("d1", who, name, data)

    def people(self):
        world = self.world
        world.person("amy", 2, *(() if self.role == "not granted" else ("Captain",)))
        world.person("bob", 3, "Pilot")
        world.person("dana", 4, "deployer", "Captain")

    def open(self):
        roles = {"Captain": ["dana"], "Pilot": ["bob"]}
        if self.role not in ("not assigned", "ended"):
            roles["Captain"].append("amy")
        self.world.add("d1", "dana", "deployment.opened",
                       {"checklist": compiled(CHECKLIST).sha256, "lead": "dana", "t0": text_of(T0),
                        "roles": roles}, step=T0 - 2 * HOUR - self.world.time_us)
        if self.role == "ended":
            self.do("dana", "role.assigned", role="captain", principal="amy",
                    until=text_of(T0 - HOUR - 40 * MINUTE))

    def check(self, node, result="pass", who="dana"):
        self.do(who, "item.checked", node=node, result=result)

    def approve(self, who, node):
        self.do(who, "approval.given", node=node, basis=self.world.latest("d1"))

    def decide(self, node, value):
        self.do("dana", "decision.made", node=node, value=value, basis=self.world.latest("d1"))

    def prepare(self):
        gate = self.gate
        if gate != "item missing":
            self.check("1.0.1")
        self.do("dana", "field.recorded", node="1.0.2.1", value=3)
        self.check("1.0.2")
        if gate != "role item missing":
            self.check("1.0.4", who="bob")
        if gate != "status missing":
            self.do("dana", "status.declared", node="1.0.5", value="GOOD")
        if self.act != "approve":
            self.approve("dana", APPROVALS + ".1")
        if gate != "approval missing":
            self.approve("bob", APPROVALS + ".2")
        if self.act != "approve" and gate != "approval missing":
            self.check(APPROVALS)
        if gate != "own item missing" or self.act == "second":
            self.check("3.1.1")
        if self.act == "second":
            self.second(gate)
        if gate == "criterion":
            self.do("dana", "command.finished", node="1.0.1", exit=1)
        if gate in ("stopped", "decided"):
            node = SECOND_GATE if self.act == "second" else FIRST
            self.decided = len(self.world.deployments["d1"].leaves)
            self.decide(node, {"stopped": {FIRST: "STOP", SECOND_GATE: "RETURN"},
                               "decided": {FIRST: "GO", SECOND_GATE: "KEEP"}}[gate][node])

    def second(self, gate):
        if gate != "earlier closed":
            self.decide(FIRST, "GO")
        self.check("2.0.1")
        if gate != "own item missing":
            self.check("3.2.1")

    def lose_role_and_key(self):
        world = self.world
        if self.role == "revoked":
            world.admin("role.revoked", {"principal": "amy", "role": "CAPTAIN"})
        if self.role == "unassigned":
            self.do("dana", "role.unassigned", role="Captain", principal="amy")
        if self.key == "revoked":
            world.revoke(2)
        if self.key == "new":
            world.admin("key.enrolled", {"principal": "amy", "public_key": rules_world.key(5)[1]},
                        step=10 * MINUTE)
            world.keys["amy"] = [5]
        if self.key == "another's":
            world.keys["amy"] = [3]
        if self.key == "none":
            world.keys["amy"] = []
        self.do("bob", "note.added", text="now")

    def undo(self):
        """Undo something after the basis, and mend it; gives the position of the basis."""
        pos = len(self.world.deployments["d1"].leaves) - 1
        how, mended = self.basis.split(",")[0], self.basis.endswith("mended")
        acts = {
            "reopened": [("item.reopened", "1.0.1", {}), ("item.checked", "1.0.1", {"result": "pass"})],
            "failed": [("item.checked", "1.0.1", {"result": "fail"}),
                       ("item.checked", "1.0.1", {"result": "pass"})],
            "recorded again": [("field.recorded", "1.0.2.1", {"value": 4}),
                               ("item.checked", "1.0.2", {"result": "pass"})],
            "status again": [("status.declared", "1.0.5", {"value": "BAD"}),
                             ("status.declared", "1.0.5", {"value": "GOOD"})],
            "threshold": [("field.recorded", "1.0.2.1", {"value": "5.0"}),
                          ("field.recorded", "1.0.2.1", {"value": 1e-3})],
            "command": [("command.finished", "1.0.1", {"exit": 0, "matched": False}),
                        ("command.finished", "1.0.1", {"exit": 0})]}
        if how in acts:
            for name, node, data in acts[how][:1 + mended]:
                self.do("dana", name, node=node, **data)
        elif how in UNDOINGS:
            self.undo_otherwise(how, mended)
        return pos

    def undo_otherwise(self, how, mended):
        world, pilot = self.world, APPROVALS + ".2"
        if how in ("withdrawn", "rejected"):
            self.do("bob", "approval." + how, node=pilot, reason="no")
            if mended:
                self.approve("bob", pilot)
        elif how == "issue":
            self.do("bob", "issue.opened", issue="i1", title="fire", severity=1)
            if mended:
                self.do("bob", "issue.resolved", issue="i1", text="out")
        elif how == "role lost":
            world.admin("role.revoked", {"principal": "bob", "role": "Pilot"})
            if mended:
                world.admin("role.granted", {"principal": "bob", "role": "Pilot"})
        elif how == "role taken":
            self.do("dana", "role.unassigned", role="Pilot", principal="bob")
            if mended:
                self.do("dana", "role.assigned", role="Pilot", principal="bob")
        elif how == "key lost":
            world.revoke(3, "compromised", len(world.rows) - 1 if mended else None)
        elif how == "t0 moved":
            self.do("dana", "deployment.rescheduled", t0=text_of(T0 + (0 if mended else MINUTE)))

    def attempt(self, pos):
        world, more = self.world, {}
        leaves = len(world.deployments["d1"].leaves)
        basis = world.basis("d1", pos)
        if self.basis == "missing":
            basis = None
        elif self.basis == "other leaf":
            basis["leaf"] = basis["leaf"][:-1] + ("0" if basis["leaf"][-1] != "0" else "1")
        elif self.basis == "too new":
            basis["pos"] = leaves
        elif self.basis == "no number":
            basis["pos"] = str(pos)
        elif self.basis in ("over a day", "a day"):
            more = {"claimed": 24 * HOUR + (SECOND if self.basis == "over a day" else 0)}
        elif self.basis == "before the decision" and hasattr(self, "decided"):
            basis = world.basis("d1", self.decided - 1)
        step = T0 - HOUR - 30 * MINUTE - world.time_us
        node = {"approve": APPROVALS + ".1", "first": FIRST, "second": SECOND_GATE}[self.act]
        data = {"node": node}
        if basis is not None:
            data["basis"] = basis
        name = "approval.given" if self.act == "approve" else "decision.made"
        if self.act != "approve":
            data["value"] = "GO" if self.act == "first" else "KEEP"
        seq = len(world.rows)
        world.add("d1", "amy", name, data, step=step, **more)
        if self.key == "revoked since":
            world.revoke(2, "compromised", seq)
        self.do("dana", "item.checked", node="2.0.1", result="pass")


def main():
    every = 1 if "COUNTERSIGN_LONG" in os.environ else SHORT_EVERY
    if sys.argv[1:2] == ["--every"]:
        every = int(sys.argv[2])
    judge, count, failed, rules = rules_world.Judge(), 0, 0, {}
    cases = itertools.product(ACTS, ROLES, KEYS, GATES, BASES)
    for number, names in enumerate(cases):
        if number % every:
            continue
        case = Case(*names)
        line = case.world.line(again=number % 16 == 0)
        found = differences(case.world, judge.ask(line))
        count += 1
        seq = -2 - (case.key == "revoked since")
        rule = case.world.verdicts[seq][0]
        rules[rule or "accepted"] = rules.get(rule or "accepted", 0) + 1
        if found:
            failed += 1
            if failed <= 20:
                print(", ".join(names) + ":\n    " + "\n    ".join(found))
            if failed == 1:
                print(line)
    judge.close()
    print(f"{count} combinations, {failed} differ; " +
          ", ".join(f"{n} {r}" for r, n in sorted(rules.items())))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
