"""Every refusal and every flag of RULES.md, as cases of rules_drive.py on the checklist rules.md.

People: root (admin), dana (deployer, lead), rosa (Release Manager), sam (Security Lead), quin (QA Lead),
paul (Product Owner), olga (Operations Lead), lee (Deployment Lead), rudi (Release Manager on the ledger,
assigned nowhere), sara, tess and susi (Security Leads; their keys are revoked), lost (a Security Lead
until that is taken), eve (a key and no role), nell (a new key), adam (another admin), spare (a key of
nobody's), robot (a token).
"""
from rules_drive import Case, Step, at_minute, fingerprint, public

ROLES = {"Release Manager": ["rosa"], "Security Lead": ["sam", "sara", "tess", "lost", "susi"],
         "QA Lead": ["quin"],
         "Product Owner": ["paul"], "Operations Lead": ["olga"], "Deployment Lead": ["lee"]}
GIVERS = {"1.2.1.1": ("rosa", "Release Manager"), "1.2.1.2": ("sam", "Security Lead"),
          "1.2.1.3": ("quin", "QA Lead"), "1.2.1.4": ("paul", "Product Owner"),
          "1.2.1.5": ("olga", "Operations Lead")}
DIGEST = "d" * 64


def opened(who="dana", checklist=None, roles=None, want=None, **more):
    def data(drive):
        return {"checklist": checklist or drive.checklist, "rules": 1, "release": "1.0", "lead": "dana",
                "t0": at_minute(0), "roles": ROLES if roles is None else roles, **more}
    return Step(who, "deployment.opened", data, **(want or {}))


def check(node, result="pass", who="robot", **want):
    return Step(who, "item.checked", {"node": node, "result": result, "note": "seen"}, **want)


def value(node, what, who="robot", unit=None, **want):
    return Step(who, "field.recorded", {"node": node, "value": what, **({"unit": unit} if unit else {})},
        **want)


def status(node, what, **want):
    return Step("robot", "status.declared", {"node": node, "value": what}, **want)


def sample(metric, what, unit, **want):
    return Step("robot", "metric.sampled", {"metric": metric, "value": what, "unit": unit}, **want)


def command(node, exit_code=0, more=None, **want):
    return Step("robot", "command.finished", {"node": node, "exit": exit_code, **(more or {})}, **want)


def approve(node, who=None, role=None, basis="last", **want):
    giver, its = GIVERS.get(node, (who, role))
    return Step(who or giver, "approval.given", {"node": node, "role": role or its}, basis=basis, **want)


def undo(verb, node, who=None, **want):
    giver, role = GIVERS[node]
    return Step(who or giver, f"approval.{verb}", {"node": node, "role": role, "reason": "no"}, **want)


def decide(node, what, who=None, basis="last", more=None, **want):
    by = {"4.1.2": "rosa", "4.2.2": "lee", "4.3.2": "lee"}.get(node)
    return Step(who or by, "decision.made", {"node": node, "value": what, **(more or {})}, basis=basis,
        **want)


def say(who, what, **data):
    want = {name: data.pop(name) for name in ("rule", "because", "flags", "stream") if name in data}
    return Step(who, what, data, **want)


def why(who, what, reason="because", **want):
    return Step(who, what, {"reason": reason}, **want)


def refuse(rule, reason=None):
    return {"rule": rule, "because": reason}


def readied(skip=()):
    items = [check(node) for node in ("1.1.1", "1.1.2", "1.1.3", "1.1.4", "1.1.7", "4.1.1")]
    return [value("1.1.4.1", 900), value("1.1.4.2", 100), value("1.1.7.1", 150, unit="ms"), *items,
            check("1.1.6", who="rosa"), *[approve(node, basis=0) for node in GIVERS if node not in skip],
            *([check("1.2.1")] if not skip else [])]


def gate1():
    return [*readied(), -120, decide("4.1.2", "GO"), check("1.2.3")]


def gate2():
    return [*gate1(), 5, value("2.1.5", 0.05), check("2.1.1"), check("2.1.2"), check("2.1.3"),
        status("2.1.4", "GOOD"),
            check("4.2.1"), 22, decide("4.2.2", "GO")]


def gate3():
    return [*gate2(), 35, check("2.2.1"), sample("error rate", 0.01, "%"), check("2.2.2"),
        status("2.2.3", "DONE"), 55,
            approve("2.3.1", "rosa", "Release Manager"), approve("2.3.2", "sam", "Security Lead"),
            check("4.3.1"), 57,
            decide("4.3.2", "SUCCESS")]


def policy(**members):
    return say("root", "policy.set", stream="ledger", **members)


def under(members, plan):
    """A deployment that is opened under a policy."""
    return [policy(**members), plan[0], policy(), *plan[1:]]


def closed(outcome="failed"):
    return say("lee", "deployment.closed", outcome=outcome)


def form():
    bad = {"rule": "bad-value"}
    yield Case("wrong-stream",
        [opened(), say("root", "role.granted", principal="eve", role="x", rule="wrong-stream")])
    yield Case("unknown-deployment", [check("1.1.1", **refuse("unknown-deployment", "has not been opened"))])
    yield Case("unknown-checklist", [opened(checklist=DIGEST, want=refuse("unknown-checklist", DIGEST))])
    yield Case("form", [
        opened(rules=2, want=refuse("bad-value", "rules")), opened(),
        check("9.9.9", **refuse("unknown-node", "9.9.9")),
        check("2.1.5", **refuse("wrong-kind", "2.1.5 is a field")), value("1.1.1", 1, rule="wrong-kind"),
        decide("1.2.2", "GO", "rosa", **refuse("wrong-kind", "4.1.2")),
        say("rosa", "item.waived", node="1.2.1.1", reason="x", rule="wrong-kind"),
        Step("robot", "item.checked", [], rule="unknown-node"), Step("robot", "note.added", 5, **bad),
        check("1.1.1", "done", **refuse("bad-value", "pass, fail or na")),
        say("robot", "item.checked", node="1.1.1", result="na", rule="bad-value", because="without a reason"),
        say("rosa", "item.waived", node="1.1.1", rule="bad-value", because="`reason`"),
        value("1.1.7.1", 1, unit="s", **refuse("bad-value", "is in ms, not in s")),
        value("2.1.6", "NORTH", **bad),
        value("1.1.7.1", True, **bad), value("1.1.7.1", " ", **bad),
        status("2.1.4", "FINE", **refuse("bad-value", "'GOOD'")),
        decide("4.1.2", "PERHAPS", **bad),
        approve("1.2.1.1", role="Security Lead", **refuse("bad-value", "Release Manager")),
        sample("rate", "high", "%", **bad), command("1.1.3", "0", **bad),
        command("1.1.3", 0, {"output": "x" * 8193}, **bad),
        say("robot", "evidence.attached", sha256="x", **bad),
        say("robot", "issue.opened", issue="i", title="t", severity=5, **bad),
        say("robot", "issue.changed", issue="none", text="t", **bad),
        say("dana", "deployment.rescheduled", reason="x", **bad),
        say("dana", "clock.started", t0="soon", **bad),
        say("dana", "role.assigned", role="QA Lead", principal="eve", until="later", **bad),
        say("dana", "role.unassigned", role="QA Lead", principal="eve",
            **refuse("bad-value", "is not assigned")),
        say("robot", "note.added", text="x", about={"from": 3, "to": 1}, **bad),
        say("lee", "deployment.closed", outcome="fine", **bad)])


def signatures():
    starred = [opened(), say("robot", "deployment.rescheduled", t0=at_minute(1)),
               say("robot", "clock.started", t0=at_minute(0)),
               say("robot", "role.assigned", role="QA Lead", principal="eve"),
               say("robot", "role.unassigned", role="QA Lead", principal="quin"),
               why("robot", "emergency.declared"),
               say("robot", "item.waived", node="1.1.1", reason="x"), approve("1.2.1.1", "robot"),
               undo("rejected", "1.2.1.1", "robot"), undo("withdrawn", "1.2.1.1", "robot"),
               decide("4.1.2", "GO", "robot"), decide("4.1.2", "NO-GO", "robot"),
               why("robot", "rollback.started"),
               say("robot", "rollback.finished", status="SUCCESSFUL"),
               say("robot", "issue.resolved", issue="i", text="x"),
               say("robot", "deployment.closed", outcome="failed")]
    for step in starred[1:]:
        step.rule, step.because = "unsigned", "own signature"
    yield Case("unsigned",
        [starred[0], say("robot", "issue.opened", issue="i", title="t", severity=2), *starred[1:]])
    yield Case("unsigned-opening", [opened("robot", want=refuse("unsigned"))])
    yield Case("not-deployer", [opened("eve", want=refuse("not-authorized", "deployer"))])
    no = {"rule": "not-authorized"}
    yield Case("not-authorized", [
        opened(), say("rosa", "deployment.rescheduled", t0=at_minute(1), **no),
        say("eve", "role.assigned", role="QA Lead", principal="eve", **no),
        say("eve", "role.unassigned", role="QA Lead", principal="quin", **no),
        say("lee", "item.waived", node="1.1.1", reason="x", **refuse("not-authorized", "Release Manager")),
        approve("1.2.1.1", "eve", **refuse("not-authorized", "was not granted")),
        approve("1.2.1.1", "rudi", **refuse("not-authorized", "not assigned")),
        undo("rejected", "1.2.1.1", "sam", **no),
        check("1.1.6", **no), check("1.1.6", who="sam", **no), approve("1.2.1.1", basis=0),
        undo("withdrawn", "1.2.1.1", "sam", **refuse("not-authorized", "neither")),
        undo("withdrawn", "1.2.1.1", "root"),
        decide("4.1.2", "GO", "lee", **no), decide("4.1.2", "NO-GO", "lee", **no),
        decide("3.0.1", "NO", "rosa", **refuse("not-authorized", "Deployment Lead")),
        decide("3.0.1", "YES", "eve", **no),
        why("eve", "rollback.started", **no), say("rosa", "deployment.closed", outcome="failed", **no)])
    yield Case("waiver-by-gate",
        [*[opened(), *gate1()], say("rosa", "item.waived", node="2.1.1", reason="x", **no),
                                  say("lee", "item.waived", node="2.1.1", reason="x", flags=["waived"])])
    yield Case("delegation", [
        opened(), say("rosa", "role.assigned", role="release  manager", principal="rudi",
                      until=at_minute(-600), reason="away"),
        approve("1.2.1.1", "rudi"), undo("rejected", "1.2.1.1", "rudi"), -500,
        approve("1.2.1.1", "rudi", **refuse("not-authorized", "not assigned")),
        say("rudi", "role.assigned", role="Release Manager", principal="rudi", **no),
        say("root", "role.assigned", role="Release Manager", principal="eve"),
        approve("1.2.1.1", "eve", **refuse("not-authorized", "was not granted"))])
    yield Case("five-roles", [
        opened(roles={**ROLES, "QA Lead": ["sam"]}), approve("1.2.1.2", basis=0),
        approve("1.2.1.3", "sam", "QA Lead", **refuse("separation-of-duties", "1.2.1.2 (Security Lead)")),
        undo("withdrawn", "1.2.1.2"), approve("1.2.1.3", "sam", "QA Lead"),
        approve("1.2.1.2", **refuse("separation-of-duties"))])
    yield Case("authors", [
        opened(authors=["rosa"]), approve("1.2.1.1", **refuse("separation-of-duties", "author")),
        decide("4.1.2", "GO", **refuse("separation-of-duties", "author")), decide("4.1.2", "NO-GO")])
    yield Case("separation-off", under({"separation": False}, [
        opened(roles={**ROLES, "QA Lead": ["sam"]}, authors=["sam"]), approve("1.2.1.2", basis=0),
        approve("1.2.1.3", "sam", "QA Lead", basis=0)]))
    both = {**ROLES, "Release Manager": ["rosa", "olga"], "Security Lead": [*ROLES["Security Lead"], "olga"]}
    yield Case("sign-offs", [
        opened(roles=both), *gate2(), 55, approve("2.3.1", "olga", "Release Manager"),
        approve("2.3.2", "olga", "Security Lead")])
    yield Case("key-revoked", [
        opened(), approve("1.2.1.2", "sara", basis=0), -600,
        say("root", "key.revoked", key_id=fingerprint("sara"), reason="retired", stream="ledger"),
        approve("1.2.1.2", "sara", **refuse("key-revoked", "of sara was revoked by entry")),
        check("1.1.1", who="sara", **refuse("key-revoked"))])


def times():
    yield Case("deployment-closed", [
        opened(), -100, closed(), check("1.1.1", **refuse("deployment-closed", "failed")),
        opened(want=refuse("deployment-closed")),
        approve("1.2.1.1", **refuse("deployment-closed")),
        decide("4.1.2", "NO-GO", **refuse("deployment-closed")),
        sample("rate", 1, "%", **refuse("deployment-closed")),
        say("robot", "note.added", text="x", flags=["after-close"]),
        say("robot", "evidence.attached", sha256=DIGEST, flags=["after-close"]),
        say("robot", "issue.opened", issue="i", title="t", severity=1, flags=["after-close"]),
        Step("robot", "org.example.noted", {}, flags=["after-close"]),
        check("2.4.1", who="eve", flags=["after-close"])])
    yield Case("rolled-back", [
        opened(), check("3.1.1", **refuse("not-rolling-back")),
        status("3.1.2", "SUCCESSFUL", **refuse("not-rolling-back")),
        say("dana", "rollback.finished", status="SUCCESSFUL", **refuse("not-rolling-back")), *gate1(), 5,
        check("2.1.1"), why("quin", "rollback.started"),
        check("2.1.1", **refuse("rolled-back", "quin opened rollback")),
        value("2.1.5", 0.01, **refuse("rolled-back")), sample("error rate", 0.01, "%"), command("2.1.1"),
        say("robot", "evidence.attached", node="2.1.1", sha256=DIGEST),
        say("robot", "note.added", node="2.1.1", text="x"),
        say("dana", "role.assigned", role="QA Lead", principal="eve"), check("3.1.1"),
        say("dana", "rollback.finished", status="PARTIAL"),
        say("lee", "deployment.closed", outcome="rolled-back",
            **refuse("not-closable", "not finished with a ✓")),
        say("lee", "deployment.closed", outcome="abandoned",
            **refuse("not-closable", "not finished with a ✓")),
        say("lee", "deployment.closed", outcome="successful", **refuse("not-closable", "rollback: opened")),
        say("dana", "rollback.finished", status="SUCCESSFUL"), closed("rolled-back")])
    yield Case("rollback-decision", [
        opened(), *readied(), command("1.1.3", 1),
        decide("3.0.1", "NO", "lee", more={"criteria": ["command:1.1.3"]}), -120,
        decide("4.1.2", "GO"), 5, decide("3.0.1", "YES", "paul", basis=None),
        check("2.1.1", **refuse("rolled-back")), check("3.1.1")])
    yield Case("phase-closed", [
        opened(), check("2.1.1", **refuse("phase-closed", "waits for the gate 4.1.2")), *gate1(), 5,
        check("2.1.1"),
        decide("4.1.2", "NO-GO", basis=None), check("2.1.3", **refuse("phase-closed", "NO-GO")),
        check("1.1.5"), decide("4.1.2", "GO"), check("2.1.3")])
    yield Case("criterion-open", [
        opened(), *gate2(), 24, value("2.1.5", 0.5), 35,
        check("2.2.1", **refuse("criterion-open", "threshold:2.1.2")),
        check("2.2.1", "fail"), value("2.1.5", 0.05), check("2.2.1"),
        status("2.1.4", "WARNINGS"), status("2.2.3", "FAILED"), status("2.2.3", "DONE"),
        say("robot", "issue.opened", issue="i", title="down", severity=1), check("2.2.1"), 57, check("4.3.1"),
        approve("2.3.1", "rosa", "Release Manager"),
        decide("4.3.2", "SUCCESS", **refuse("gate-not-ready", "issue:i")),
        say("eve", "issue.resolved", issue="i", text="up")])
    yield Case("children-open", [
        opened(), check("1.1.4", **refuse("children-open", "1.1.4.1 1.1.4.2")), value("1.1.4.1", 5),
        say("rosa", "item.waived", node="1.1.4.2", reason="x"), check("1.1.4"),
        check("1.2.1", **refuse("children-open", "1.2.1.1"))])
    off = {"rule": "contradicted"}
    yield Case("contradicted", [
        opened(), value("1.1.7.1", 250),
        check("1.1.7", **refuse("contradicted", "250 of 1.1.7.1 is not < 200 ms")),
        command("1.1.3", 3), check("1.1.3", **refuse("contradicted", "ended with 3")),
        command("1.1.3", 0, {"matched": False}),
        check("1.1.3", **refuse("contradicted", "did not give")), value("1.1.4.1", 5), value("1.1.4.2", 99),
        check("1.1.4", **refuse("contradicted", "1.1.4.2 is 99, expected 100")),
        say("rosa", "item.waived", node="1.1.7", reason="x"), check("1.1.7"), value("1.1.4.2", "100"),
        check("1.1.4"),
        -60, sample("image scan passed", 2, "critical"), check("1.1.2", **off)])
    yield Case("late-refuses", under({"late_refuses": True}, [
        opened(), check("1.1.1"), 5, check("1.1.3", **refuse("late", "after its window ended"))]))


def bases():
    stale, bad = {"rule": "stale-basis"}, {"rule": "bad-basis"}
    yield Case("bad-basis", [
        opened(), approve("1.2.1.1", basis=None, **refuse("bad-basis", "no `basis`")),
        decide("4.1.2", "GO", basis=None, **bad),
        say("rosa", "approval.given", node="1.2.1.1", role="Release Manager",
            basis={"pos": 99, "leaf": DIGEST},
            **refuse("bad-basis", "not below its own")),
        say("rosa", "approval.given", node="1.2.1.1", role="Release Manager",
            basis={"pos": 0, "leaf": DIGEST},
            **refuse("bad-basis", "not the leaf")),
        check("1.1.1"),
        Step("rosa", "approval.given", {"node": "1.2.1.1", "role": "Release Manager"}, basis=0, other="form",
             **refuse("bad-basis", "not the leaf of position 0"))])

    def staled(name, *undoing, before=None, reason=None):
        """Ready; the undoing; then a GO on what was seen before it."""
        prefix = [opened(), *readied(), *(before or []), -120]
        seen = sum(isinstance(item, Step) and item.stream is None for item in prefix) - 1
        return Case("stale-" + name,
            [*prefix, *undoing, decide("4.1.2", "GO", basis=seen, **refuse("stale-basis", reason))])

    yield staled("reopened", say("eve", "item.reopened", node="1.1.1"), check("1.1.1"),
        reason="1.1.1 was reopened")
    yield staled("failed", check("1.1.1", "fail"), check("1.1.1"), reason="1.1.1 failed")
    yield staled("withdrawn", undo("withdrawn", "1.2.1.1"), approve("1.2.1.1"),
        reason="1.2.1.1 was withdrawn")
    yield staled("rejected", undo("rejected", "1.2.1.2"), approve("1.2.1.2"), reason="1.2.1.2 was rejected")
    yield staled("recorded", value("1.1.7.1", 151), reason="1.1.7.1 was recorded again: 151 after 150")
    yield staled("criterion", command("1.1.1", 1), command("1.1.1"), reason="command:1.1.1 has arisen")
    yield staled("t0", say("dana", "deployment.rescheduled", t0=at_minute(1)), reason="T0 was moved")
    yield staled("role", say("dana", "role.unassigned", role="QA Lead", principal="quin"),
        reason="quin, who gave 1.2.1.3")
    yield staled("grant",
        say("root", "role.revoked", principal="lost", role="Security Lead", stream="ledger"),
                 before=[approve("1.2.1.2", "lost")], reason="lost, who gave 1.2.1.2, has lost the role")
    yield staled("key",
        say("root", "key.revoked", key_id=fingerprint("tess"), reason="retired", stream="ledger"),
                 before=[approve("1.2.1.2", "tess")], reason="tess, who gave 1.2.1.2, has lost the key")
    yield Case("misuse", [opened()])  # rules_misuse.py goes on with it
    yield Case("stale-gate", [
        opened(), *gate1(), 5, value("2.1.5", 0.05),
        *[check(n) for n in ("2.1.1", "2.1.2", "2.1.3", "4.2.1")], status("2.1.4", "GOOD"),
        decide("4.1.2", "NO-GO", basis=None), decide("4.1.2", "GO"), 22,
        decide("4.2.2", "GO", basis=24, **stale)])
    yield Case("gate-not-ready", [
        opened(), *readied(skip=("1.2.1.5",)), -120, say("eve", "item.reopened", node="1.1.1"),
        decide("4.1.2", "GO",
               **refuse("gate-not-ready",
                        "3 missing: 1.1.1: reopened, and not checked since; 1.2.1: not checked; "
                                       "1.2.1.5: no approval of Operations Lead")),
        check("1.1.1"), approve("1.2.1.5"), check("1.2.1"),
        decide("4.1.2", "GO", basis=18, **refuse("gate-not-ready", "1.2.1: met only after the basis")),
        decide("4.2.2", "GO", **refuse("gate-not-ready", "4.1.2: this earlier gate is not open")),
        decide("4.1.2", "GO")])
    yield Case("gate-criterion", [
        opened(), *readied(), status("2.1.4", "BAD", **refuse("phase-closed")), check("1.2.3", "fail"), -120,
        decide("4.1.2", "GO", **refuse("gate-not-ready", "item:1.2.3")),
        say("rosa", "item.waived", node="1.2.3", reason="x"), decide("4.1.2", "GO")])
    yield Case("gate-item-na", [opened(), *readied(), check("4.1.1", "na"), -120,
                                decide("4.1.2", "GO", **refuse("gate-not-ready", "na is not enough")),
                                say("rosa", "item.waived", node="4.1.1", reason="x"), decide("4.1.2", "GO")])
    yield Case("superseded", [
        opened(), opened(want=refuse("superseded", "dana opened it at position 0")), *gate1(),
        decide("4.1.2", "GO", basis=1, **refuse("gate-not-ready")), decide("4.1.2", "NO-GO", basis=None),
        decide("4.1.2", "GO", basis=20, **refuse("superseded", "before the decision that stands, at 21")),
        decide("2.4.2", "LATE", "eve"),
        decide("2.4.2", "EARLY", "eve", basis=5, **refuse("superseded", "before the decision that stands")),
        0, say("dana", "clock.started", t0=at_minute(0)),
        say("dana", "clock.started", t0=at_minute(1), **refuse("superseded", "started the clock")),
        say("dana", "deployment.rescheduled", t0=at_minute(1), **refuse("superseded"))])
    yield Case("quorum", under({"quorum": {"release manager": 2}}, [
        opened(roles={**ROLES, "Release Manager": ["rosa", "rudi"]}), *readied(skip=("1.2.1.1",)),
        approve("1.2.1.1"), -120,
        decide("4.1.2", "GO", **refuse("gate-not-ready", "approved by 1 of 2 holders of Release Manager")),
        check("1.2.1", **refuse("children-open")), approve("1.2.1.1", "rudi"), check("1.2.1"),
        decide("4.1.2", "GO")]))


def closings():
    yield Case("successful", [
        opened(), *gate3(),
        say("lee", "deployment.closed", outcome="successful",
            **refuse("not-closable", "the last, is not past")),
        61, closed("successful")])
    yield Case("not-closable", [
        opened(), *gate1(), 61, say("lee", "deployment.closed", outcome="successful",
                                    **refuse("not-closable",
                                             "4.3.2: the last gate is not open; 2.1.1: not checked")),
        say("lee", "deployment.closed", outcome="rolled-back",
            **refuse("not-closable", "not finished with a ✓")),
        closed("abandoned")])
    yield Case("last-gate-stop", [
        opened(), *gate3(), decide("4.3.2", "ISSUES", basis=None), check("2.4.1"), 61,
        say("lee", "deployment.closed", outcome="successful",
            **refuse("not-closable", "the last gate is not open")), closed()])
    yield Case("not-abandoned", [opened(), *gate1(), 5, check("2.1.1"),
                                 say("lee", "deployment.closed", outcome="abandoned",
                                     **refuse("not-closable"))])


def flags():
    yield Case("late-early", [
        opened(), *gate1(), 5, check("1.1.1", who="eve", flags=["late"]), check("2.1.1", who="eve", flags=[]),
        decide("4.2.2", "NO-GO", flags=[]), 25, check("2.1.1", who="eve", flags=["late"])])
    yield Case("early", [opened(), *gate2(), check("2.2.1", who="eve", flags=["early"])])
    yield Case("outside-window", [
        opened(window={"from": at_minute(-30), "to": at_minute(10)}), *gate1(), -31,
        say("dana", "clock.started", t0=at_minute(0), flags=["outside-window"]), 11,
        check("2.1.1", who="eve", flags=["outside-window"]),
        check("1.2.3", who="eve", flags=["late"])])
    yield Case("times-told", [
        opened(), check("1.1.1", who="eve", back=301, flags=["clock-skew"]),
        check("1.1.1", who="eve", back=290, flags=[]),
        check("1.1.1", who="eve", flags=["spooled"], extra={"spooled": True}),
        check("1.1.1", who="eve", flags=["replayed"], extra={"replayed": True})])
    yield Case("skew-policy", under({"skew_seconds": 600}, [
        opened(), check("1.1.1", who="eve", back=580, flags=[]),
        check("1.1.1", who="eve", back=601, flags=["clock-skew"])]))
    yield Case("passes", [
        opened(), say("rosa", "item.waived", node="1.1.1", reason="x", flags=["waived"]),
        check("1.1.2", flags=["unmeasured"]),
        check("1.1.3", flags=["judgement"]), check("1.1.3", who="eve", flags=[]),
        command("1.1.3", 0, {"command": "scripts/check.sh"}, flags=["other-command"]),
        command("1.1.3", 0, {"command": "scripts/check.sh --all\n"}, flags=[]), check("1.1.3", flags=[]),
        value("1.1.7.1", 100), check("1.1.7", flags=[]), check("1.1.5", who="nell", flags=["new-key"]),
        approve("1.2.1.1", flags=["blind"], because="2 not met: 1.1.4 1.1.6")])
    yield Case("touch", under({"touch": ["Release Manager"]}, [
        opened(), *readied(skip=("1.2.1.1",)), approve("1.2.1.1", flags=["no-touch"]),
        approve("1.2.1.2", flags=[])]))
    yield Case("emergency", [
        opened(emergency=True, reason="down", want={"flags": ["emergency"]}), *readied(skip=GIVERS), -120,
        decide("4.1.2", "GO", flags=["emergency"]), -100, approve("1.2.1.1", flags=["retroactive"]), 5,
        why("quin", "rollback.started"), approve("1.2.1.2", flags=["retroactive", "late"]), closed(),
        approve("1.2.1.3", flags=["retroactive", "late", "after-close"]), -120 + 72 * 60 + 1,
        approve("1.2.1.4", **refuse("deployment-closed"))])
    yield Case("emergency-declared", [
        opened(), *readied(skip=GIVERS), -120, decide("4.1.2", "GO", **refuse("gate-not-ready", "1.2.1.1")),
        why("eve", "emergency.declared", flags=["emergency"]), decide("4.1.2", "GO", flags=["emergency"])])
    yield Case("retroactive-hours", under({"retroactive_hours": 1}, [
        opened(emergency=True, reason="down"), *readied(skip=GIVERS), -120, decide("4.1.2", "GO"), -59,
        closed(),
        approve("1.2.1.1", **refuse("deployment-closed"))]))


def criteria():
    yield Case("warning", [
        opened(), *gate1(), 5, value("2.1.5", 0.05),
        *[check(n) for n in ("2.1.1", "2.1.2", "2.1.3", "4.2.1")], status("2.1.4", "WARNINGS"), 22,
        decide("4.2.2", "GO", **refuse("gate-not-ready", "2.1.4: ⚠ WARNINGS, and no note on it")),
        say("robot", "note.added", node="2.1.4", text="slow"), decide("4.2.2", "GO")])
    yield Case("behind-gate", [
        opened(), *gate1(), 5, say("robot", "item.reopened", node="1.1.1"), undo("rejected", "1.2.1.2"), 22,
        value("2.1.5", 0.05),
        check("2.1.1", **refuse("criterion-open", "item:1.1.1")), check("1.1.1"),
        check("2.1.1", **refuse("criterion-open", "approval:1.2.1.2")), approve("1.2.1.2"), check("2.1.1")])
    cdevent = "dev.cdevents.service.deployed.0.2.0"
    yield Case("artifact", [
        opened(artifacts=[{"uri": "registry/app", "sha256": DIGEST}]), *readied(),
        Step("robot", cdevent, {"subject": {"content": {"artifactId": f"pkg:oci/app@sha256:{DIGEST}"}}}),
        -120,
        Step("robot", cdevent, {"subject": {"content": {"artifactId": "pkg:oci/app@sha256:" + "e" * 64}}}),
        decide("4.1.2", "GO", **refuse("gate-not-ready", "artifact:" + "e" * 64)),
        decide("3.0.1", "NO", "lee", more={"criteria": ["artifact:" + "e" * 64]}), decide("4.1.2", "GO")])
    yield Case("suspect", [
        opened(), *readied(skip=("1.2.1.2",)), approve("1.2.1.2", "susi"), check("1.2.1"), -120,
        decide("4.1.2", "GO"), 4,
        say("root", "key.revoked", key_id=fingerprint("susi"), reason="compromised", since=1,
            stream="ledger"), 5,
        check("2.1.1", **refuse("criterion-open", "signature:1.2.1.2")), approve("1.2.1.2"), check("2.1.1")])


def ledger_acts():
    def admin(who, what, **data):
        return say(who, what, stream="ledger", **data)
    yield Case("ledger", [
        admin("eve", "role.granted", principal="eve", role="deployer",
              **refuse("not-authorized", "not an admin")),
        admin("robot", "role.granted", principal="eve", role="deployer", **refuse("unsigned")),
        admin("root", "role.revoked", principal="eve", role="deployer",
              **refuse("bad-value", "does not hold")),
        admin("root", "policy.set", skew_seconds=-1, **refuse("bad-value")),
        admin("root", "policy.set", separation=0, **refuse("bad-value")),
        admin("root", "policy.set", quorum={"x": 0}, **refuse("bad-value")),
        admin("root", "key.enrolled", principal="eve", public_key=public("rosa"),
              **refuse("bad-value", "enrolled to rosa already")),
        admin("root", "hold.placed", deployment="ledger", reason="x", **refuse("bad-value")),
        admin("root", "checklist.published", name="x", markdown=5, **refuse("bad-value")),
        Step("root", "item.checked", {"node": "1.1.1"}, stream="ledger", extra={"deployment": "ledger"},
             rule="wrong-stream"),
        admin("root", "key.enrolled", principal="rosa", public_key=public("spare"), flags=["key-by-admin"]),
        admin("root", "key.revoked", key_id=fingerprint("spare"), reason="lost",
              **refuse("bad-value", "retired or compromised")),
        admin("adam", "role.granted", principal="eve", role="clerk"),
        admin("root", "key.revoked", key_id=fingerprint("adam"), reason="retired"),
        admin("adam", "role.granted", principal="eve", role="clerk", **refuse("key-revoked"))])


def cases():
    for part in (form, signatures, times, bases, closings, flags, criteria, ledger_acts):
        yield from part()
