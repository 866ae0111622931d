"""A ledger in the making: entries judged by the oracle as they are added, and the C side's answer.

`build/*/tests/oracle_judge` folds the same entries by the registry and the reducer (judge.c).
"""
import base64
import datetime
import functools
import hashlib
import json
import os
import pathlib
import subprocess

import ed25519
from rules import Deployment, Entry
from rules_checklist import Checklist
from rules_forms import EPOCH, TYPES
from rules_ledger import OURS, Ledger, fingerprint

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SHARED = pathlib.Path(os.environ.get("COUNTERSIGN_SHARED", ROOT.parent / "shared"))
COUNTERSIGN = os.environ.get("COUNTERSIGN", str(ROOT / "build/release/countersign"))
BUILDS = sorted(ROOT.glob("build/*/tests/oracle_judge"), key=lambda p: p.stat().st_mtime)
JUDGE = os.environ.get("COUNTERSIGN_JUDGE", str(BUILDS[-1]) if BUILDS else "oracle_judge")
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
dumps = json.JSONEncoder(ensure_ascii=False).encode
T0 = 10 * DAY


@functools.lru_cache(maxsize=None)
def key(seed):
    """(hex id, text of the public key) of the key of a seed."""
    public = ed25519.public_key(bytes([seed]) * 32)
    kind = b"ssh-ed25519"
    wire = len(kind).to_bytes(4, "big") + kind + len(public).to_bytes(4, "big") + public
    return hashlib.sha256(wire).hexdigest(), "ssh-ed25519 " + base64.b64encode(wire).decode()


@functools.lru_cache(maxsize=None)
def compiled(path):
    markdown = pathlib.Path(path).read_text(encoding="utf-8")
    show = subprocess.run([COUNTERSIGN, "checklist", "show", "--json", str(path)], check=True,
                          capture_output=True, text=True)
    checklist = Checklist(json.loads(show.stdout), markdown)
    checklist.markdown = markdown
    return checklist


@functools.lru_cache(maxsize=None)
def day_of(day):
    return (EPOCH + datetime.timedelta(days=day)).strftime("%Y-%m-%d")


def text_of(us):
    seconds, us = divmod(us, SECOND)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    return f"{day_of(hours // 24)}T{hours % 24:02}:{minute:02}:{second:02}.{us:06}Z"


class World:
    """Entries, and what the oracle says of each."""

    def __init__(self, *checklists):
        self.rows, self.verdicts, self.events = [], [], []
        self.ledger, self.deployments = Ledger(), {}
        self.catalog = {c.sha256: c for c in checklists}
        self.time_us, self.keys = DAY, {}
        ones = "1" * 64
        admins = [{"principal": "root", "public_key": key(1)[1]}]
        self.keys["root"] = [1]
        self.add("ledger", "ledger", "ledger.created",
                 {"ledger": ones, "origin": "test/simulated", "vkey": "v", "admission_key": ones,
                  "admins": admins}, origin=4)
        for checklist in checklists:
            self.admin("checklist.published", {"name": "one", "markdown": checklist.markdown})

    def person(self, name, seed, *roles):
        """Somebody with a key and what roles the ledger grants."""
        self.admin("key.enrolled", {"principal": name, "public_key": key(seed)[1]})
        self.keys[name] = [seed]
        for role in roles:
            self.admin("role.granted", {"principal": name, "role": role})

    def admin(self, name, data, **more):
        return self.add("ledger", "root", name, data, **more)

    def revoke(self, seed, reason="retired", since=None):
        data = {"key_id": fingerprint(key(seed)[0]), "reason": reason}
        if since is not None:
            data["since"] = since
        return self.admin("key.revoked", data)

    def basis(self, stream, pos):
        leaves = self.deployments[stream].leaves
        return {"pos": pos, "leaf": leaves[pos] if pos < len(leaves) else "0" * 64}

    def latest(self, stream):
        return self.basis(stream, len(self.deployments[stream].leaves) - 1)

    def add(self, stream, who, name, data, *, seeds=None, origin=1, step=SECOND, claimed=0,
            delayed=0, more=None, foreign=False, erased=False):
        """Append an event; ${seeds} are of the keys that sign, by default the person's first."""
        self.time_us += step
        seq = len(self.rows)
        if seeds is None:
            seeds = self.keys.get(who, [])[:1]
        keys = [key(s)[0] for s in seeds]
        event = {"specversion": "1.0", "id": str(seq), "source": "/test",
                 "type": name if foreign else f"{OURS}{name}.v1"}
        claim = None if claimed is None else max(0, self.time_us - delayed - claimed)
        if claim is not None:
            event["time"] = text_of(claim)
        event.update(more or {})
        event["data"] = data
        folded = self.folded(stream)
        pos = sum(r[0] == stream for r in self.rows) if folded is None or stream == "ledger" else \
            len(folded.leaves)
        leaf = f"{seq + 1:064x}"
        self.rows.append([stream, pos, self.time_us, self.time_us - delayed, who, origin, keys, leaf,
                          "" if erased else dumps(event)])
        entry = Entry(seq, pos, self.time_us, self.time_us - delayed, who, origin, keys, leaf, claim)
        verdict = folded.apply(entry, None if erased else event)
        self.verdicts.append((verdict + (0,))[:3])
        self.events.append(event)
        return verdict[0]

    def folded(self, stream):
        if stream == "ledger":
            return self.ledger
        if stream not in self.deployments:
            self.deployments[stream] = Deployment(self.ledger, self.catalog)
        return self.deployments[stream]

    def line(self, cut=-1, again=False, rows=None):
        return dumps({"entries": rows or self.rows, "cut": cut, "again": again})

    def states(self):
        for deployment in self.deployments.values():
            deployment.settle(len(self.rows))
        return {name: state_of(d) for name, d in self.deployments.items()}


def state_of(d):
    """The oracle's state as judge.c prints its own."""
    phase = "open"
    if d.checklist is None:
        phase = "unopened"
    elif d.closed:
        phase = "closed"
    elif d.rollback is not None:
        phase = "rolled-back" if d.rollback_good else "rolling-back"
    state = {"phase": phase, "outcome": d.outcome, "clock": d.clock, "emergency": d.emergency is not None,
             "rollback": [d.rollback is not None, d.finished, d.rollback_status, d.rollback_good],
             "counts": d.counts, "t0": d.t0,
             "criteria": [[c.id, c.section, c.arose, -1 if c.resolved is None else c.resolved]
                          for c in sorted(d.criteria, key=lambda c: (c.id, c.arose))],
             "assignments": sorted([a.role, a.principal, a.open] for a in d.assignments)}
    if d.checklist is not None:
        nodes = {n.id: node_of(d, n) for n in d.checklist.list}
        state["nodes"] = {k: v for k, v in nodes.items() if v != [False, None, None, False]}
        state["gates"] = [g.node.id for g in d.checklist.gates if d.open(g.node.id)]
        pos = len(d.leaves)
        state["missing"] = {g.node.id: sorted(set(d.missing(g, pos))) for g in d.checklist.gates}
    return state


def node_of(d, node):
    state = d.nodes[node.twin_of or node.id]
    value = state.value
    if value is not None and not isinstance(value, str):
        value = json.dumps(value)
    return [d.counts_as_met(d.checklist.nodes[node.twin_of or node.id]), state.result, value, state.waived is not None]


class Judge:
    """The C side: one line in, one line out."""

    def __init__(self):
        self.process = subprocess.Popen([JUDGE], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, encoding="utf-8")

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"oracle_judge ended with {self.process.wait()} at: {line}")
        return json.loads(answer)

    def close(self):
        self.process.stdin.close()
        if self.process.wait() != 0:
            raise RuntimeError("oracle_judge failed")


def differences(world, answer):
    """Where the C side and the oracle differ, as lines."""
    found = []
    for seq, (ours, theirs) in enumerate(zip(world.verdicts, answer["verdicts"])):
        rule, flags, blind = ours
        if (rule, sorted(flags), blind) != (theirs[0], sorted(theirs[1]), theirs[2]):
            row, event = world.rows[seq], world.events[seq]
            found.append(f"entry {seq} ({row[0]} #{row[1]}, {row[4]}): the oracle says "
                         f"{rule or 'accepted'} {sorted(flags)} {blind}, the reducer "
                         f"{theirs[0] or 'accepted'} {sorted(theirs[1])} {theirs[2]} ({theirs[3]}): "
                         f"{event['type']} {json.dumps(event['data'])}")
    if not found:
        ours = world.states()
        for name, theirs in answer["states"].items():
            found += state_differences(name, ours.get(name), theirs)
    if answer["again"]:
        found.append("folded otherwise: " + answer["again"])
    return found


def state_differences(name, ours, theirs):
    for gate, lines in theirs.get("missing", {}).items():
        theirs["missing"][gate] = sorted({line.split(": ")[0] for line in lines})
    theirs["criteria"].sort(key=lambda c: (c[0], c[2]))
    theirs["assignments"] = sorted([" ".join(r.split()).lower(), p, o]
                                   for r, p, o in theirs["assignments"])
    found = []
    for part in sorted(set(ours) | set(theirs)):
        a, b = ours.get(part), theirs.get(part)
        if isinstance(a, dict) and isinstance(b, dict):
            found += [f"{name} {part} {k}: the oracle has {a.get(k)}, the reducer {b.get(k)}"
                      for k in sorted(set(a) | set(b)) if a.get(k) != b.get(k)]
        elif a != b:
            found.append(f"{name} {part}: the oracle has {a}, the reducer {b}")
    return found
