"""Cases of RULES.md driven through the real program: what rules_cases.py needs to be played.

A case is a deployment of its own and a list of steps.  All cases share one T0 and one simulated ledger;
their steps are played in order of time, those that need no later answer together, by `countersign append`.
Persons' steps are signed by ssh-keygen.  Each receipt is held against what its step wants.  Around each
refusal the state is replayed twice: it must be the same but for the counts.
"""
import base64
import copy
import datetime
import functools
import json
import os
import subprocess
import sys

T0 = datetime.datetime(2026, 3, 10, 12, 0, tzinfo=datetime.timezone.utc)
NAMESPACE = "event@countersign"


def text_of(time):
    return time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def at_minute(minutes):
    return text_of(T0 + datetime.timedelta(minutes=minutes))


class Step:
    """One event.  `basis`: None, "last", or a position; `rule` of its refusal and a word of its reason
    (`because`); `flags`: all that it gets; `back`: its claimed time lies so many seconds before; `stream`:
    "ledger" for an admin's."""

    def __init__(self, who, what, data, **more):
        self.who, self.type = who, what if what.count(".") > 1 else f"dev.countersign.{what}.v1"
        self.data = data
        self.basis = more.pop("basis", None)
        self.rule = more.pop("rule", None)
        self.because = more.pop("because", None)
        self.flags = more.pop("flags", None)
        self.back = more.pop("back", 0)
        self.stream = more.pop("stream", None)
        self.extra = more.pop("extra", {})
        self.other = more.pop("other", None)  # a case whose last leaf is the basis
        assert not more, more
        self.minute = None


class Case:
    def __init__(self, name, plan):
        self.name, self.id, self.steps = name, "c-" + name, []
        self.leaves = []
        self.receipts = []
        minute = -720
        for item in plan:
            if isinstance(item, (int, float)):
                minute = item
            else:
                item.minute = minute
                self.steps.append(item)
        self.at = 0


class Drive:
    def __init__(self, program, ledger, token, cases):
        self.program, self.ledger, self.token = program, ledger, token
        self.cases = {case.name: case for case in cases}
        assert len(self.cases) == len(cases), "two cases of one name"
        created = json.loads(self.run("log", ledger, "--json").splitlines()[0])
        self.ledger_id = created["event"]["ledger"]
        self.count, self.failures, self.time = 0, [], None
        self.refused = []
        self.seen_rules, self.seen_flags = set(), set()

    def run(self, *args, **more):
        env = dict(os.environ, COUNTERSIGN_TOKEN=self.token)
        done = subprocess.run([self.program, *args], capture_output=True, text=True, env=env, **more)
        if done.returncode not in (0, 1):
            sys.exit(f"{' '.join(args)}: {done.returncode}: {done.stderr}")
        return done.stdout

    def fail(self, case, step, what):
        self.failures.append(f"{case.name}, {step.type} by {step.who} at {step.minute}: {what}")

    def event(self, case, step):
        self.time += datetime.timedelta(milliseconds=20)
        data = step.data(self) if callable(step.data) else copy.copy(step.data)
        leaves = self.cases[step.other].leaves if step.other else case.leaves
        if step.basis is not None:
            if not leaves or isinstance(step.basis, int) and step.basis >= len(leaves):
                sys.exit(f"{case.name}, {step.type}: no position {step.basis}, only {len(leaves)}")
            pos = len(leaves) - 1 if step.basis == "last" else step.basis
            data["basis"] = {"pos": pos, "leaf": leaves[pos]}
        self.count += 1
        event = {"specversion": "1.0", "id": f"{case.id}-{self.count}", "source": "/rules", "type": step.type,
                 "time": text_of(self.time - datetime.timedelta(seconds=step.back)), "ledger": self.ledger_id}
        if step.stream != "ledger":
            event["deployment"] = case.id
        event.update(step.extra)
        event["data"] = data
        return json.dumps(event, ensure_ascii=False)

    def sign(self, lines):
        """Of (who, event) the lines to append: envelopes of persons, bare events of the robot."""
        by_who = {}
        for i, (who, text) in enumerate(lines):
            if who != "robot":
                with open(f"sign-{i}", "w") as file:
                    file.write(text)
                by_who.setdefault(who, []).append(i)
        for who, at in by_who.items():
            subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-f", who, "-n", NAMESPACE,
                            *[f"sign-{i}" for i in at]], check=True, capture_output=True)
        out = []
        for i, (who, text) in enumerate(lines):
            if who == "robot":
                out.append(text)
                continue
            out.append(envelope(text, fingerprint(who), blob_of(f"sign-{i}.sig")))
            os.remove(f"sign-{i}")
            os.remove(f"sign-{i}.sig")
        return out

    def append(self, lines):
        out = self.run("append", self.ledger, "-", input="".join(line + "\n" for line in lines))
        return [json.loads(line) for line in out.splitlines()]

    def check(self, case, step, receipt):
        if "verdict" not in receipt:
            sys.exit(f"{case.name}, {step.type}: {receipt}")
        rule, flags = receipt.get("rule"), set(receipt["flags"])
        self.seen_rules.add(rule)
        self.seen_flags |= flags
        if rule != step.rule:
            self.fail(case, step, f"{rule or 'accepted'}, not {step.rule or 'accepted'}: {receipt['reason']}")
        elif step.because is not None and step.because not in (receipt["reason"] or ""):
            self.fail(case, step, f"the reason has no '{step.because}': {receipt['reason']}")
        if step.flags is not None and flags != set(step.flags):
            self.fail(case, step, f"flags {sorted(flags)}, not {sorted(step.flags)}: {receipt['reason']}")
        case.receipts.append((step, receipt))
        if receipt["stream"] == case.id:
            assert receipt["stream_pos"] == len(case.leaves)
            case.leaves.append(receipt["leaf"])
            if rule is not None:
                self.refused.append((case, step, receipt["seq"]))

    def round(self, minute):
        """Append what each case can do now; False if nothing is left at this time."""
        taken = []
        for case in self.cases.values():
            fresh = False
            while case.at < len(case.steps) and case.steps[case.at].minute == minute:
                step = case.steps[case.at]
                if fresh and (step.basis == "last" or isinstance(step.basis,
                                                                 int) and step.basis >= len(case.leaves)):
                    break
                taken.append((case, step))
                fresh = True
                case.at += 1
        if not taken:
            return False
        texts = [(step.who, self.event(case, step)) for case, step in taken]
        receipts = self.append(self.sign(texts))
        if len(receipts) != len(taken):
            sys.exit(f"{len(receipts)} receipts of {len(taken)} events: {receipts[-1]}")
        for (case, step), receipt in zip(taken, receipts):
            self.check(case, step, receipt)
        return True

    def play(self):
        minutes = sorted({step.minute for case in self.cases.values() for step in case.steps})
        for minute in minutes:
            start = T0 + datetime.timedelta(minutes=minute)
            self.time = max(self.time or start, start)
            while self.round(minute):
                pass

    def state(self, case, seq):
        state = json.loads(self.run("replay", self.ledger, case.id, "--at", str(seq), "--json"))
        for name in ("counts", "first", "last", "basis", "at"):
            state.pop(name)
        for node in state["nodes"]:
            node.pop("refused")
        return state

    def unchanged(self):
        """No refusal has changed a state."""
        for case, step, seq in self.refused:
            if step is case.steps[0]:
                continue
            if self.state(case, seq - 1) != self.state(case, seq):
                self.fail(case, step, "the refused event has changed the state")

    def end(self):
        for failure in self.failures:
            print(failure, file=sys.stderr)
        sys.exit(1 if self.failures else 0)


@functools.cache
def fingerprint(who):
    out = subprocess.run(["ssh-keygen", "-lf", f"{who}.pub"], capture_output=True, text=True,
                         check=True).stdout
    return out.split()[1]


def public(who):
    with open(f"{who}.pub") as file:
        return file.read().strip()


def blob_of(path):
    with open(path) as file:
        return "".join(file.read().splitlines()[1:-1])


def envelope(text, keyid, blob):
    return json.dumps({"payloadType": "application/cloudevents+json",
                       "payload": base64.b64encode(text.encode()).decode(),
                       "signatures": [{"keyid": keyid, "sig": blob}]})
