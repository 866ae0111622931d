"""Random sequences, plausible and hostile, from a seed: what test_rules_random.py judges.

A walk looks at the oracle's state to get somewhere (gates opened, rollback, closing), and at each
step may do anything at all instead: any act on any node by anybody, with good data or bad.
"""
import random

from rules_checklist import FAR
from rules_forms import TYPES
from rules_ledger import fingerprint
from rules_world import DAY, HOUR, MINUTE, SECOND, T0, World, key, text_of

REASON = ("seen", "", " ", None, "because")
WEIRD = (None, 7, True, [], {}, "", " ", "x", "pass", -1, 1e400)


class Walk:
    elsewhere = ["key.enrolled", "ingest.conflicted"]  # types of other streams

    def __init__(self, seed, checklists):
        self.random = random.Random(seed)
        r = self.random
        self.checklist = r.choice(checklists)
        self.world = World(*{c.sha256: c for c in (self.checklist, r.choice(checklists))}.values())
        self.hostile = r.choice((0.03, 0.1, 0.1, 0.25, 0.7))
        self.slow = r.random() < 0.2
        self.seed_of = 1
        self.streams = ["d1"] if r.random() < 0.7 else ["d1", "d2"]
        self.people()
        length = r.randint(25, 110)
        if len(self.checklist.list) > 60:
            length *= 4
        self.open_all()
        while len(self.world.rows) < length and not self.is_over():
            self.step()

    # Who is there.

    def people(self):
        r, world = self.random, self.world
        self.roles = sorted({n.role for n in self.checklist.list if n.role} |
                            {n.authority for n in self.checklist.list if n.authority} | {"Pilot"})
        self.of_role = {}
        self.enroll("dana", "deployer")
        many = r.random() < 0.3
        for i, role in enumerate(self.roles):
            names = []
            for name in (f"p{i}", f"q{i}")[:r.choice((1, 1, 2))]:
                if name[0] == "q" and many:
                    name = "multi"
                if name not in world.keys:
                    self.enroll(name)
                if r.random() < 0.97:
                    world.admin("role.granted", {"principal": name, "role": self.spell(role)})
                names.append(name)
            self.of_role[role] = names
        self.enroll("eve")
        world.keys["robot"] = []
        if r.random() < 0.3:
            world.admin("policy.set", self.policy())
        world.time_us = T0 - r.choice((1, 12, 23, 30, 72)) * HOUR - r.randint(0, 90) * MINUTE

    def enroll(self, name, *roles):
        self.seed_of += 1
        self.world.person(name, self.seed_of, *roles)

    def spell(self, role):
        return role if self.random.random() < 0.9 else "  " + role.upper().replace(" ", "   ")

    def policy(self):
        r = self.random
        policy = {"separation": r.random() < 0.6, "late_refuses": r.random() < 0.3}
        if r.random() < 0.3:
            policy["quorum"] = {r.choice(self.roles): r.choice((1, 2))}
        if r.random() < 0.3:
            policy[r.choice(("touch", "pin"))] = [self.spell(r.choice(self.roles))]
        if r.random() < 0.3:
            policy["skew_seconds"] = r.choice((0, 60, 3600))
        if r.random() < 0.3:
            policy["retroactive_hours"] = r.choice((0, 1, 24))
        if r.random() < 0.1:
            policy["retention"] = {r.choice(("production", " Default ", " ")): r.choice((364, 365, 36600, 36601))}
        return policy

    def anybody(self):
        return self.random.choice(list(self.world.keys))

    # Opening.

    def open_all(self):
        r = self.random
        for stream in self.streams:
            if r.random() < 0.1:
                self.foreign(stream)
            if r.random() < 0.1:
                self.anything(stream)
            self.open(stream)

    def open(self, stream):
        r = self.random
        assigned = {}
        for role, names in self.of_role.items():
            names = [n for n in names if r.random() < 0.95]
            if names:
                assigned[self.spell(role)] = names
        data = {"checklist": self.checklist.sha256, "roles": assigned}
        if r.random() < 0.95:
            data["t0"] = text_of(T0 + r.choice((0, 0, 0, 90 * MINUTE)))
        if r.random() < 0.9:
            data["lead"] = "dana"
        if r.random() < 0.5:
            data["rules"] = 1
        if r.random() < 0.4:
            data["window"] = {"from": text_of(T0 - r.choice((0, 30)) * MINUTE),
                              "to": text_of(T0 + r.choice((15, 240)) * MINUTE)}
        if r.random() < 0.2:
            data["authors"] = [self.anybody()]
        if r.random() < 0.3:
            data["artifacts"] = [{"uri": "pkg:oci/app", "sha256": "a" * 64}, {"sha256": "d" * 64}]
        if r.random() < 0.15:
            data["emergency"] = True
        if r.random() < 0.04:
            data[r.choice(("checklist", "rules", "t0", "window", "lead", "emergency"))] = \
                r.choice(("0" * 64, 2, "yes", [], True))
        self.world.add(stream, "dana", "deployment.opened", data, **self.manner())

    # One step.

    def is_over(self):
        """What is closed goes on for a while only."""
        folded = self.world.deployments.values()
        return all(d.closed for d in folded) and self.random.random() < 0.15

    def step(self):
        r = self.random
        stream = r.choice(self.streams)
        deployment = self.world.deployments.get(stream)
        if deployment is None or deployment.checklist is None:
            self.open(stream)
        elif r.random() < 0.04:
            self.on_ledger()
        elif r.random() < self.hostile:
            self.anything(stream)
        elif r.random() < 0.08:
            self.event_of_the_course(stream, deployment)
        else:
            self.advance(stream, deployment)

    def manner(self):
        """How an event comes: when, by which keys, with what claimed time."""
        r = self.random
        manner = {"step": r.choice((0, SECOND, 30 * SECOND, MINUTE))}
        if r.random() < (0.12 if self.slow else 0.03):
            manner["step"] = r.choice((5 * MINUTE, 20 * MINUTE, HOUR, 8 * HOUR, 25 * HOUR))
        if r.random() < 0.05:
            manner["claimed"] = r.choice((301 * SECOND, 300 * SECOND, -HOUR, 23 * HOUR, DAY,
                                          DAY + 1, 40 * HOUR, None))
        if r.random() < 0.03:
            manner["delayed"] = r.choice((SECOND, HOUR))
        if r.random() < 0.03:
            manner["more"] = {r.choice(("spooled", "replayed")): r.choice((True, False, "true"))}
        if r.random() < 0.01:
            manner["erased"] = True
        if r.random() < 0.1 * self.hostile:
            manner["seeds"] = r.choice(([], [r.randint(1, self.seed_of)],
                                        [1, r.randint(1, self.seed_of)]))
        return manner

    def add(self, stream, who, name, data):
        return self.world.add(stream, who, name, data, **self.manner())

    # What gets a deployment on.

    def advance(self, stream, deployment):
        r = self.random
        gate = deployment.next_gate()
        if deployment.rollback is not None and r.random() < 0.5:
            return self.roll_back(stream, deployment)
        if deployment.unresolved and r.random() < 0.5:
            return self.resolve(stream, deployment, r.choice(list(deployment.unresolved)))
        pos = len(deployment.leaves)
        lacking = deployment.missing(gate, pos) if gate else []
        lacking = [x for x in lacking if r.random() < 0.97] or lacking
        nodes = deployment.checklist.nodes
        first = next((x for x in lacking if x in nodes and nodes[x].kind != "decision"), None)
        if first is not None and r.random() < 0.95:
            return self.fulfil(stream, deployment, nodes[first])
        if lacking:
            return self.resolve(stream, deployment, r.choice(lacking))
        if gate is not None:
            return self.decide(stream, gate.node)
        return self.finish(stream, deployment)

    def in_time(self, deployment, node):
        """Mostly bring the clock near the node's window."""
        world, r = self.world, self.random
        if node.window and deployment.t0 is not None and r.random() < 0.7:
            start = deployment.t0 + node.window[0] * MINUTE
            if node.window[0] == node.window[1]:
                start -= 30 * MINUTE
            if world.time_us < start:
                world.time_us = start + r.choice((0, 0, 60)) * SECOND

    def fulfil(self, stream, deployment, node):
        r = self.random
        self.in_time(deployment, node)
        for inner in node.nested:
            if not deployment.counts_as_met(inner):
                node = inner
                break
        if node.kind == "item":
            return self.do_item(stream, deployment, node)
        if node.kind == "status":
            self.add(stream, self.anybody(), "status.declared",
                     {"node": node.id, "value": r.choice(node.options[:1] * 6 + node.options)})
            if node.marks[deployment.nodes[node.id].value or node.options[0]] == "⚠":
                self.add(stream, "eve", "note.added", {"node": node.id, "text": "it will do"})
            return None
        if node.kind in ("field", "choice"):
            return self.record(stream, node)
        if node.kind == "approval":
            return self.approve(stream, deployment, node)
        return self.decide(stream, node)

    def do_item(self, stream, deployment, node):
        r = self.random
        state = deployment.nodes[node.id]
        if node.threshold and state.within is not True and r.random() < 0.9:
            return self.measure(stream, node)
        if node.command and not state.command_good and r.random() < 0.8:
            return self.run(stream, node)
        who = r.choice(self.of_role.get(node.role, [])) if node.role in self.of_role else \
            self.anybody()
        if r.random() < 0.05:
            return self.waive(stream, deployment, node)
        result = r.choice(("pass",) * 12 + ("na", "fail"))
        return self.add(stream, who, "item.checked", {"node": node.id, "result": result, "note": "seen"})

    def measure(self, stream, node):
        r = self.random
        bound = node.threshold["value"]
        value = r.choice((bound, bound - 0.01, bound + 0.01, bound - 5, bound + 5))
        fields = [n for n in self.checklist.list if node in n.judges]
        if fields and r.random() < 0.7:
            field = r.choice(fields)
            return self.add(stream, self.anybody(), "field.recorded",
                            {"node": field.id, "value": r.choice((value, str(value)))})
        data = {"metric": node.threshold["metric"], "value": value}
        if r.random() < 0.8:
            data["unit"] = node.threshold.get("unit") or "x"
        if r.random() < 0.5:
            data["node"] = node.id
        return self.add(stream, "robot", "metric.sampled", data)

    def run(self, stream, node):
        r = self.random
        data = {"node": node.id, "exit": r.choice((0,) * 8 + (1, 127))}
        if r.random() < 0.7:
            data["command"] = node.command if node.command and r.random() < 0.9 else "true"
        if r.random() < 0.7:
            data["matched"] = r.random() < 0.9
        return self.add(stream, "robot", "command.finished", data)

    def record(self, stream, node):
        r = self.random
        value = r.choice((r.randint(0, 120), r.random(), "some", "12", " 0.5 ", node.expectation or "9"))
        if node.kind == "choice":
            value = r.choice(node.options)
        data = {"node": node.id, "value": value}
        if r.random() < 0.3:
            data["unit"] = r.choice((node.unit or "ms", (node.unit or "x").upper(), "furlong"))
        return self.add(stream, self.anybody(), "field.recorded", data)

    def basis(self, stream):
        r, world = self.random, self.world
        last = len(world.deployments[stream].leaves) - 1
        basis = world.basis(stream, max(0, last - r.choice((0,) * 8 + (1, 1, 2, 3, 8))))
        if r.random() < 0.02:
            basis["leaf"] = "f" * 64
        if r.random() < 0.02:
            basis["pos"] = r.choice((last + 1, -1, "0", None, 1.5))
        return basis

    def approve(self, stream, deployment, node):
        r = self.random
        people = self.of_role.get(node.role, ["eve"])
        data = {"node": node.id}
        if r.random() < 0.98:
            data["basis"] = self.basis(stream)
        if r.random() < 0.5:
            data["role"] = self.spell(node.role if r.random() < 0.97 else r.choice(self.roles))
        return self.add(stream, r.choice(people), "approval.given", data)

    def decide(self, stream, node, value=None):
        r = self.random
        if value is None:
            value = r.choice(node.options[:1] * 8 + node.options)
        data = {"node": node.id, "value": value}
        if value == node.options[0] or r.random() < 0.3:
            data["basis"] = self.basis(stream)
        role = node.authority or (self.checklist.gates[-1].node.authority
                                  if self.checklist.gates else None)
        who = r.choice(self.of_role.get(role, ["dana"]))
        if node.rollback_decision and r.random() < 0.7:
            deployment = self.world.deployments[stream]
            data["criteria"] = [c for c in deployment.unresolved if r.random() < 0.8]
        self.in_time(self.world.deployments[stream], node)
        return self.add(stream, who, "decision.made", data)

    def waive(self, stream, deployment, node):
        gate = deployment.next_gate() or (self.checklist.gates or [None])[-1]
        who = "dana" if gate is None else self.random.choice(
            self.of_role.get(gate.node.authority, ["eve"]))
        return self.add(stream, who, "item.waived", {"node": node.id, "reason": "not today"})

    def resolve(self, stream, deployment, what):
        """Do something about a criterion that stands."""
        r = self.random
        kind, _, name = what.partition(":")
        node = deployment.checklist.nodes.get(name)
        if kind == "issue":
            return self.add(stream, "eve", "issue.resolved", {"issue": name, "text": "out"})
        if r.random() < 0.25 and self.checklist.rollback_decision:
            return self.decide(stream, self.checklist.rollback_decision,
                               self.checklist.rollback_decision.options[0])
        if node is None or node.kind == "decision":
            return self.anything(stream)
        if r.random() < 0.25 and node.kind in ("item", "status"):
            return self.waive(stream, deployment, node)
        if kind == "command":
            return self.run(stream, node)
        if kind == "threshold":
            return self.measure(stream, node)
        return self.fulfil(stream, deployment, node)

    def roll_back(self, stream, deployment):
        r = self.random
        nodes = [n for n in deployment.checklist.list
                 if n.rollback and not deployment.counts_as_met(n)]
        if nodes and r.random() < 0.8:
            return self.fulfil(stream, deployment, nodes[0])
        status = deployment.checklist.rollback_status
        options = status.options[:1] * 2 + status.options if status else ["successful", "partial"]
        if not deployment.finished:
            return self.add(stream, "dana", "rollback.finished", {"status": r.choice(options)})
        return self.close(stream, deployment)

    def finish(self, stream, deployment):
        """All gates are open, or there are none: what closing asks for."""
        r = self.random
        left = [n for n in deployment.checklist.list if not deployment.counts_as_met(n) and
                not n.twin_of and n.kind in ("item", "status", "approval")]
        if left and r.random() < 0.9:
            return self.fulfil(stream, deployment, left[0])
        if deployment.unresolved and r.random() < 0.8:
            return self.resolve(stream, deployment, r.choice(list(deployment.unresolved)))
        last = deployment.checklist.last_window
        if last is not None and deployment.t0 is not None and r.random() < 0.8:
            self.world.time_us = max(self.world.time_us, deployment.t0 + last * MINUTE +
                                     r.choice((-SECOND, 0, 0, SECOND)))
        return self.close(stream, deployment)

    def close(self, stream, deployment):
        r = self.random
        outcome = r.choice(("successful", "successful", "rolled-back", "abandoned", "failed"))
        role = self.checklist.gates[-1].node.authority if self.checklist.gates else None
        return self.add(stream, r.choice(self.of_role.get(role, ["dana"])), "deployment.closed",
                        {"outcome": outcome})

    # What may happen at any time.

    def event_of_the_course(self, stream, deployment):
        r = self.random
        what = r.randint(0, 11)
        if what <= 1:
            t0 = r.choice((T0, T0, max(T0, self.world.time_us), T0 + HOUR))
            self.add(stream, "dana", r.choice(("clock.started", "deployment.rescheduled")),
                     {"t0": text_of(t0)})
        elif what == 2:
            self.add(stream, "dana", "emergency.declared", {"reason": "fire"})
        elif what <= 4:
            role = r.choice(self.roles)
            data = {"role": self.spell(role),
                    "principal": r.choice(self.of_role.get(role, ["eve"]) + ["eve"])}
            if r.random() < 0.4:
                data["until"] = text_of(self.world.time_us + r.choice((0, 2, 60)) * MINUTE)
            self.add(stream, r.choice(("dana", "root", self.anybody())),
                     r.choice(("role.assigned", "role.unassigned")), data)
        elif what == 5:
            self.foreign(stream)
        elif what <= 7:
            self.issue(stream)
        elif what == 8:
            self.add(stream, self.anybody(), "rollback.started", {"reason": "bad"})
        elif what == 9 and deployment.checklist.rollback_decision:
            self.decide(stream, deployment.checklist.rollback_decision)
        else:
            self.undo(stream, deployment)

    def undo(self, stream, deployment):
        r = self.random
        met = [n for n in deployment.checklist.list if deployment.nodes[n.id].met[-1][1]]
        if not met:
            return None
        node = r.choice(met)
        if node.kind == "item":
            name, data = r.choice((("item.reopened", {"reason": "look again"}),
                                   ("item.checked", {"result": "fail"}),
                                   ("command.finished", {"exit": 1})))
        elif node.kind == "status":
            name, data = "status.declared", {"value": r.choice(node.options)}
        elif node.kind == "approval":
            name = r.choice(("approval.withdrawn", "approval.rejected"))
            who = r.choice(self.of_role.get(node.role, ["root"]) + ["root"])
            return self.add(stream, who, name, {"node": node.id, "role": node.role, "reason": "no"})
        elif node.kind == "decision":
            return self.decide(stream, node)
        else:
            return self.record(stream, node)
        return self.add(stream, self.anybody(), name, {"node": node.id, **data})

    def issue(self, stream):
        r = self.random
        name = r.choice(("i1", "i2"))
        if r.random() < 0.6:
            data = {"issue": name, "title": "fire", "severity": r.choice((1, 1, 2, 4))}
            return self.add(stream, self.anybody(), "issue.opened", data)
        return self.add(stream, self.anybody(), r.choice(("issue.changed", "issue.resolved")),
                        {"issue": name, "text": "well"})

    def foreign(self, stream):
        r = self.random
        name = r.choice(("dev.cdevents.service.deployed.0.1.1", "dev.cdevents.service.upgraded.0.1.1",
                         "com.example.thing", "dev.countersign.item.checked.v2",
                         "dev.countersign.strange.v1"))
        artifact = r.choice(("pkg:oci/app@sha256:" + "a" * 64, "pkg:oci/app@sha256:" + "b" * 64,
                             "pkg:oci/lib", "pkg:oci/other", 7, "sha256:" + "b" * 64))
        self.world.add(stream, r.choice(("robot", "eve")), name,
                       {"subject": {"id": "app", "content": {"artifactId": artifact}}},
                       foreign=True, **self.manner())

    def on_ledger(self):
        r, world = self.random, self.world
        what = r.randint(0, 9)
        who = "root" if r.random() < 0.9 else self.anybody()
        role = r.choice(self.roles + ["deployer", "admin"])
        if what <= 2:
            name = r.choice(self.of_role.get(role, ["dana"]))
            world.add("ledger", who, r.choice(("role.granted", "role.revoked")),
                      {"principal": name, "role": role}, **self.manner())
        elif what == 3:
            name, seed = self.anybody(), self.seed_of + 1
            if name != "robot" and not world.add("ledger", who, "key.enrolled",
                                                 {"principal": name, "public_key": key(seed)[1]}):
                self.seed_of = seed
                if r.random() < 0.5:
                    world.keys[name] = [seed]
        elif what <= 5:
            data = {"key_id": fingerprint(key(r.randint(2, self.seed_of))[0]),
                    "reason": r.choice(("retired", "compromised"))}
            if r.random() < 0.6:
                data["since"] = r.randint(0, len(world.rows))
            world.add("ledger", who, "key.revoked", data, **self.manner())
        elif what == 6:
            world.add("ledger", who, "policy.set", self.policy(), **self.manner())
        elif what == 7:
            digest = r.choice(("d" * 64, "D" * 64))
            files = [{"name": "report.json", "sha256": digest}] * r.choice((0, 1, 1, 2))
            world.add("ledger", who, "report.issued", {"parameters": {}, "files": files}, **self.manner())
        elif what == 8:
            self.on_hold(who)
        else:
            world.add("ledger", who, "checklist.published",
                      {"name": "again", "markdown": self.checklist.markdown}, **self.manner())

    def on_hold(self, who):
        r, world = self.random, self.world
        data = {"deployment": r.choice(self.streams * 4 + ["ledger", "Nowhere"]), "reason": "case"}
        kind = r.choice(("hold.placed", "hold.released"))
        if kind == "hold.released" and r.random() < 0.5:
            data["hold"] = r.choice([seq for seq, _ in world.ledger.holds] + [0, len(world.rows) + 9])
        world.add("ledger", who, kind, data, **self.manner())

    # Anything at all.

    def anything(self, stream):
        r = self.random
        name = r.choice(list(TYPES) + self.elsewhere)
        node = r.choice(self.checklist.list)
        data = {"node": r.choice((node.id,) * 12 + ("9.9.9", None, 7)),
                "reason": r.choice(REASON), "note": r.choice(REASON), "text": r.choice(REASON),
                "result": r.choice(("pass", "pass", "fail", "na", "maybe")),
                "role": self.spell(node.role or r.choice(self.roles)), "principal": self.anybody(),
                "exit": r.choice((0, 1)), "matched": r.choice((True, False)),
                "issue": r.choice(("i1", "i2")), "title": "t", "severity": r.choice((1, 2, 4, 0, 5)),
                "outcome": r.choice(("successful", "rolled-back", "failed", "abandoned", "lost")),
                "metric": r.choice(("error rate", "cpu usage", "errors")), "unit": "%",
                "t0": text_of(T0), "status": r.choice(("SUCCESSFUL", "successful", "BACK", "FAILED")),
                "value": r.choice(node.options) if node.options else r.choice((1, 0.01, "95", 200)),
                "media": "text/plain", "sha256": "c" * 64, "uri": "file:x"}
        if stream in self.world.deployments and self.world.deployments[stream].leaves:
            data["basis"] = self.basis(stream)
        data["checklist"] = self.checklist.sha256
        for member in [m for m in data if r.random() < 0.04 * self.hostile]:
            if r.random() < 0.5:
                del data[member]
        self.add(stream, self.anybody(), name, data)
