"""The rows of a report of a period, counted again from judged entries (report_world.py).

Written from DESIGN.md 8, reports/forms.h and the readings in ARCHITECTURE.md, not from what makes
reports.  Each function gives the rows of a sheet in order, as the JSON has them: empty cells are
left out.  Texts that are worded for people (OPEN) are not counted again.
"""
import hashlib
import json
import re

from oracle import tree_root
from report_platform import reconcile
from report_world import DEPLOYS, STANDING
from rules_forms import TYPES, instant, number_of
from rules_ledger import POLICY, fingerprint, key_id, role_of, subject_verb
from rules_world import DAY, HOUR, text_of

MINUTE = 60_000_000
compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
# Texts that are worded for people; compared where they are counted again all the same.
OPEN = {"verdict_reason", "text", "found", "means", "formula", "title", "what", "how"}
CHECKED = ("none", "none", "hashes", "hashes", "hashes", "all", "all", "all")
DETAILS = ("reason", "scopes", "since", "expires", "separation", "quorum", "touch", "pin", "late_refuses",
           "skew_seconds", "retroactive_hours", "size", "counts", "retention", "hold")
ACTS = {"approval.given", "approval.rejected", "approval.withdrawn", "decision.made"}
GRAVITY = {"verification-gap": 1, "suspect": 1, "restored": 1, "erased": 1, "newer": 1}
NOTICES = {"late", "early", "clock-skew", "spooled", "judgement", "other-command", "new-key", "replayed"}
INBOX = {"ingest.quarantined": "quarantined", "ingest.conflicted": "conflict"}
LEDGER = {"clock.leapt": "clock", "ingest.denied": "denied", "ledger.restored": "restored"}


def newer(kind):
    """Whether it is one of ours in a later version than 1."""
    match = re.fullmatch(r"(dev\.countersign\..+)\.v([1-9][0-9]*)", kind)
    return match is not None and match[2] != "1" and subject_verb(match[1] + ".v1") in TYPES


def gravity(kind):
    if kind.startswith("refusal:"):
        return 3
    if kind.startswith("flag:"):
        return 4 if kind[5:] in NOTICES else 2
    return GRAVITY.get(kind, 2)


def row(**cells):
    return {k: v for k, v in cells.items() if v is not None and v != ""}


def time(us):
    return None if us is None else text_of(us)


def short(record):
    return {"seq": record.seq, "time": record.time, "deployment": record.stream,
            "principal": record.principal}


def place(record):
    return {**short(record), "pos": record.pos, "leaf": record.leaf}


def judged(record):
    return {"verdict": "accepted" if record.accepted else "refused", "rule": record.rule or None,
            "flags": sorted(record.flags) or None}


def node_id(record):
    """As the event names it, whether or not the checklist has it."""
    name = record.data.get("node")
    return name if isinstance(name, str) else None


def text_in(data, name):
    return data[name] if isinstance(data.get(name), str) else None


def first_text(data, *names):
    """That of the first of them that has one, be it empty."""
    return next((data[n] for n in names if isinstance(data.get(n), str)), None)


def weaker(policy):
    return (not policy["separation"] or policy["retroactive_hours"] > POLICY["retroactive_hours"] or
            policy["skew_seconds"] > POLICY["skew_seconds"])


class Deployed:
    """A deployment as the population tells it."""

    def __init__(self, name, state, period):
        self.name, self.state = name, state
        self.first, self.last = state.records[0], state.records[-1]
        self.opened = next(iter(state.find("deployment.opened")), None)
        self.closed = next(iter(state.find("deployment.closed")), None)
        self.clock = next(iter(state.find("clock.started")), None)
        self.data = self.opened.data if self.opened else {}
        start, end = period.start, period.end
        opened, closed = self.opened and self.opened.us, self.closed and self.closed.us
        self.counted = opened is not None and start <= opened < end
        self.carried_in = opened is not None and opened < start
        self.carried_out = opened is not None and opened < end and (closed is None or closed >= end)
        self.present = any(map(period.within, state.records))
        self.was_open = opened is not None and opened < end and (closed is None or closed >= start)
        self.unclosed = closed is None and period.as_of - self.last.us >= 72 * HOUR
        self.emergency = bool(self.data.get("emergency")) or bool(state.find("emergency.declared"))
        times = [instant(c.get("time")) for c in self.data.get("changes", [])]
        self.change_us = min((t for t in times if t is not None), default=None)
        self.rollback = state.rollback is not None and state.records[state.rollback] or None
        self.rolled = next(iter(reversed(state.find("rollback.finished"))), None)

    @property
    def phase(self):
        if self.closed:
            return self.state.outcome
        if self.unclosed:
            return "unclosed"
        if self.opened is None:
            return "never opened"
        if self.state.rollback is None:
            return "open"
        return "rolled-back" if self.state.rollback_good else "rolling-back"

    def row(self):
        state, data = self.state, self.data
        accepted = [r for r in state.records if r.accepted]
        us = lambda record: record and record.time
        texts = {k: data.get(k) for k in ("title", "release", "environment", "reason", "impact")}
        return row(
            deployment=self.name, **texts, lead=state.lead, state=self.phase,
            outcome=state.outcome, opened=us(self.opened), opened_seq=self.opened and self.opened.seq,
            t0=time(state.t0), clock_started=us(self.clock), closed=us(self.closed),
            counted=self.counted, carried_in=self.carried_in, carried_out=self.carried_out,
            emergency=self.emergency, checklist=data.get("checklist"),
            changes=len(data.get("changes", [])) if self.opened else None,
            change_time=time(self.change_us), repairs=" ".join(data.get("repairs", [])),
            rollback_started=us(self.rollback), rollback_finished=us(self.rolled),
            entries=len(state.records), accepted=len(accepted),
            refused=len(state.records) - len(accepted), flagged=sum(bool(r.flags) for r in accepted),
            deploy_events=sum(r.type.startswith(DEPLOYS) for r in state.records),
            first_seq=self.first.seq, first_pos=0, first_leaf=self.first.leaf,
            last_seq=self.last.seq, last_pos=len(state.records) - 1, last_leaf=self.last.leaf,
            last_time=self.last.time)


class Count:
    """A period of a year: all sheets but the figures (report_figures.py)."""

    def __init__(self, year, parameters, platform=None):
        self.year, self.parameters, self.platform = year, parameters, platform
        self.start, self.end = instant(parameters["from"]), instant(parameters["to"])
        self.as_of = min(self.end, year.records[-1].us)
        self.all = [Deployed(n, d, self) for n, d in year.deployments.items()]
        self.exceptions = []
        for record in filter(self.within, year.records):
            self.of_record(record)
        self.deployments = [d for d in self.all if d.was_open or d.present]
        for deployment in self.deployments:
            self.of_deployment(deployment)
        self.matched = self.reconciliation()
        self.gap()
        self.exceptions.sort(key=lambda e: (e["gravity"], e.get("seq", -1)))

    def within(self, record):
        return self.start <= record.us < self.end

    def acts(self):
        """What deployments of the population did in the period, deployment by deployment."""
        return (r for d in self.deployments for r in d.state.records if self.within(r))

    # Exceptions.

    def add(self, record, kind, node=None, **more):
        cells = {**place(record), "kind": kind, "gravity": gravity(kind), "node": node, **more}
        self.exceptions.append(row(**cells))

    def of_record(self, record):
        if record.stream != "inbox":
            node = node_id(record) if record.stream not in STANDING else None
            if record.rule:
                self.add(record, "refusal:" + record.rule, node)
            for flag in sorted(record.flags):
                self.add(record, "flag:" + flag, node)
        if record.stream not in STANDING and newer(record.type):
            self.add(record, "newer", text=record.type)
        if record.stream == "inbox" and record.name in INBOX:
            self.add(record, INBOX[record.name])
        if record.stream == "ledger" and record.accepted:
            if record.name in LEDGER:
                self.add(record, LEDGER[record.name])
            if record.name == "policy.set" and weaker({**POLICY, **record.data}):
                self.add(record, "policy")
        for signature in record.signatures:
            key = self.key(signature["key"])
            if key is not None and key.since <= record.seq:
                self.add(record, "suspect",
                         text=f"signed by {signature['key']}, revoked at seq {key.suspected}")

    def key(self, name):
        return next((k for i, k in self.year.ledger.keys.items() if fingerprint(i) == name), None)

    def of_deployment(self, deployment):
        state = deployment.state
        opened = deployment.opened
        if deployment.was_open and weaker(state.policy):
            self.add(opened, "weaker-policy")
        declared = [opened] if opened and deployment.data.get("emergency") else []
        declared += state.find("emergency.declared")
        if deployment.was_open and declared:
            self.add(declared[-1], "emergency")
        for criterion in state.unresolved.values() if deployment.was_open else ():
            self.of_criterion(deployment, criterion)
        if deployment.unclosed:
            self.add(deployment.last, "unclosed")

    def of_criterion(self, deployment, criterion):
        """At the entry that it arose from; a suspect signature's is the revocation's."""
        if not criterion.id.startswith("signature:"):
            self.add(deployment.state.records[criterion.arose], "criterion", criterion.id)
            return
        record = self.year.records[criterion.seq]
        self.add(record, "criterion", criterion.id, deployment=deployment.name, pos=None)

    def gap(self):
        if self.parameters["verify"] != "all":
            self.add(self.year.records[-1], "verification-gap")

    def kinds(self):
        found = {}
        for exception in self.exceptions:
            found.setdefault(exception["kind"], []).append(exception.get("deployment"))
        rows = [row(kind=k, count=len(v), deployments=len({*v} - {None, *STANDING}),
                    gravity=gravity(k)) for k, v in found.items()]
        return sorted(rows, key=lambda r: (r["gravity"], -r["count"], r["kind"]))

    # The platform.

    def reconciliation(self):
        rows, lone = reconcile(self, self.platform)
        for record, told in lone:
            if record is not None:
                self.add(record, "unreconciled")
            else:
                text = f"line {told.line} of the platform's file: a deploy event of the platform " \
                    "without a deployment"
                self.exceptions.append(row(time=time(told.us), kind="unreconciled", gravity=2, text=text))
        return rows

    # Acts.

    def decisions(self):
        return sorted((self.decision(r) for r in self.acts() if r.name in ACTS),
                      key=lambda r: r["seq"])

    def decision(self, record):
        node, data, key = record.node, record.data, self.signer(record)
        role = text_in(data, "role") or node and (node.role or node.authority)
        basis = data.get("basis")
        seen = basis.get("pos") if isinstance(basis, dict) else None
        late = record.late_us
        return row(**place(record), act=record.name, node=node_id(record), label=node and node.label,
                   value=text_in(data, "value"), role=role, key=key and key["key"],
                   touch=key and touch_text(key["touch"]), due=time(record.due),
                   late_min=quotient(late, MINUTE, 1) if late else None,
                   basis_pos=seen if type(seen) is int and seen >= 0 else None,
                   comment=first_text(data, "comment", "reason"), **judged(record))

    def signer(self, record):
        """The signature of a key of the principal's own, else the first."""
        for signature in record.signatures:
            key = self.key(signature["key"])
            if key is not None and key.principal == record.principal:
                return signature
        return record.signatures[0] if record.signatures else None

    def metrics(self):
        found = []
        for record in self.acts():
            for item, _, within in record.judged:
                threshold = item.threshold
                found.append(row(**short(record), act=record.name, node=node_id(record),
                                 value=number_of(record.data["value"]),
                                 unit=text_in(record.data, "unit") or record.node and record.node.unit,
                                 item=item.id, item_label=item.label, op=threshold["op"],
                                 bound=threshold["value"], bound_unit=threshold.get("unit"),
                                 holds=within, flags=sorted(record.flags) or None))
        return sorted(found, key=lambda r: (r["holds"], r["seq"]))

    def rollbacks(self):
        found = []
        for record in self.acts():
            value, node = text_in(record.data, "value"), record.node
            decided = record.name == "decision.made" and value and node and \
                node.rollback_decision and value != node.options[0]
            if record.name in ("rollback.started", "rollback.finished") or decided:
                status = first_text(record.data, "status", "value")
                cause = first_text(record.data, "reason", "comment")
                found.append(row(**place(record), act=record.name, status=status, cause=cause,
                                 **judged(record)))
        return sorted(found, key=lambda r: r["seq"])

    def changes(self):
        found = []
        for record in self.year.of("ledger"):
            if self.within(record):
                data = record.data
                key = data.get("key_id")
                if data.get("public_key"):
                    key = fingerprint(key_id(data["public_key"]))
                digest = data.get("sha256")
                if record.name == "checklist.published":
                    digest = hashlib.sha256(data["markdown"].encode()).hexdigest()
                subject = data.get("principal") or data.get("deployment") or data.get("name")
                found.append(row(**place(record), act=record.name, subject=subject,
                                 role=data.get("role"), key=key or data.get("vkey"), sha256=digest,
                                 detail=details(data), **judged(record)))
        return found

    def evidence(self):
        found = []
        for record in self.acts():
            if record.name == "evidence.attached":
                data = record.data
                kept = "held" if "data_base64" in data else \
                    "held-elsewhere" if data.get("uri") else "only-named"
                found.append(row(**place(record), node=node_id(record), media=data.get("media"),
                                 sha256=data.get("sha256"), uri=data.get("uri"), kept=kept,
                                 **judged(record)))
        return sorted(found, key=lambda r: r["seq"])

    def waiting(self):
        found = []
        for record in self.acts():
            if record.opened_gate:
                waited = None if record.ready is None else quotient(record.us - record.ready, MINUTE, 1)
                found.append(row(**short(record), gate=record.node.id, label=record.node.label,
                                 ready=time(record.ready), waited_min=waited))
        return sorted(found, key=lambda r: r["seq"])

    # The sample.

    def sample(self):
        seed = self.parameters["seed"].encode()
        drawn = sorted((hashlib.sha256(seed + b"\0" + d.name.encode()).hexdigest(), d)
                       for d in self.deployments if d.counted)[:self.parameters["sample"]]
        signed = [r["deployment"] for r in self.decisions()]
        return [row(rank=i + 1, deployment=d.name, state=d.phase, first_seq=d.first.seq,
                    last_seq=d.last.seq, signed=signed.count(d.name), digest=digest)
                for i, (digest, d) in enumerate(drawn)]

    def signed_events(self):
        rows = self.decisions()
        return [self.signed(self.year.records[r["seq"]])
                for drawn in self.sample() for r in rows if r["deployment"] == drawn["deployment"]]

    def signed(self, record):
        key = self.signer(record)
        return row(**place(record), act=record.name or record.type, node=record.name and node_id(record),
                   key=key and key["key"], event=record.event)

    def traces(self):
        """The events of the exceptions that pages show, but for those that stand with the sample."""
        rows = self.parameters["rows"]
        shown = {cells["seq"] for cells in self.signed_events()[:rows]}
        seqs = {cells["seq"] for cells in self.exceptions[:rows] if "seq" in cells} - shown
        return [self.signed(self.year.records[seq]) for seq in sorted(seqs)]

    # What is kept.

    def retention(self):
        rows = [self.kept_deployment(d) for d in self.deployments]
        rows += [self.kept("inbox", r.us, "", None) for r in self.year.of("inbox")[-1:]]
        return rows + [self.kept_ledger()]

    def kept_deployment(self, deployment):
        return self.kept(deployment.name, deployment.last.us, deployment.data.get("environment") or "",
                         deployment.opened)

    def kept(self, name, last, environment, opened):
        names = [role_of(environment), "default"]
        seqs = [len(self.year.records)] + ([opened.seq] if opened else [])
        days, found = max((self.days(seq, names) for seq in seqs), key=lambda found: found[0])
        until = last + days * DAY
        holds = [seq for seq, held in self.year.ledger.holds if held == name]
        state = "held" if holds else "due" if until <= self.as_of else "kept"
        return row(deployment=name, state=state, **{"class": found}, days=days, last_event=time(last),
                   keep_until=time(until), hold_seq=min(holds, default=None))

    def kept_ledger(self):
        """As long as anything that relies on it, in the population or not."""
        last = self.year.of("ledger")[-1].us
        others = [self.kept_deployment(d) for d in self.all]
        others += [self.kept("inbox", r.us, "", None) for r in self.year.of("inbox")[-1:]]
        until = max([time(last + 365 * DAY)] + [o["keep_until"] for o in others])
        held = any(o["state"] == "held" for o in others)
        state = "held" if held else "due" if until <= time(self.as_of) else "kept"
        return row(deployment="ledger", state=state, last_event=time(last), keep_until=until)

    def days(self, seq, names):
        """(days, class) by the policy in force below a position."""
        policies = [r for r in self.year.of("ledger")
                    if r.name == "policy.set" and r.accepted and r.seq < seq]
        classes = policies[-1].data.get("retention", {}) if policies else {}
        classes = {role_of(k): (v, k) for k, v in classes.items()}
        return next((classes[n] for n in names if n in classes), (365, "default"))

    def holds(self):
        found, standing = [], {}
        for record in self.year.of("ledger"):
            if record.name == "hold.placed" and record.accepted:
                cells = row(**short(record), held=record.data["deployment"],
                            reason=record.data["reason"])
                standing[record.seq] = cells
                found.append(cells)
            elif record.name == "hold.released" and record.accepted:
                held = [s for s, c in standing.items() if c["held"] == record.data["deployment"] and
                        record.data.get("hold", s) == s]
                standing.pop(held[0]).update(
                    released=record.time, released_seq=record.seq, released_by=record.principal,
                    release_reason=record.data["reason"])
        return found

    def ledger_keys(self):
        named = [(r.seq, r.data["vkey"]) for r in self.year.of("ledger")
                 if r.name in ("ledger.created", "ledger.rekeyed") and r.accepted]
        ends = [seq for seq, _ in named[1:]] + [None]
        return [row(vkey=vkey, from_seq=seq, until_seq=end) for (seq, vkey), end in zip(named, ends)]

    def coverage(self):
        checked = ("none", "hashes", "all").index(self.parameters["verify"])
        return [row(checked=("none", "hashes", "all").index(least) <= checked) for least in CHECKED]

    def clock_steps(self):
        """Of a simulated ledger: what events claim is admission's clock."""
        claimed = [(r, instant(r.event["time"]) if "time" in r.event else r.us) for r in self.year.records]
        steps = sorted((us - r.us, r.seq, us, r.time) for r, us in claimed if us < r.us)
        return [row(seq=seq, time=held, admitted=time(us), step_s=quotient(-step, 1_000_000, 6))
                for step, seq, us, held in steps[:5]]

    def cover(self):
        records = self.year.records
        return {"origin": records[0].data["origin"], "ledger": records[0].data["ledger"],
                "simulated": records[0].data.get("simulated", False), "size": len(records),
                "entries": len(records), "as_of": time(self.as_of),
                "signatures": len(records) + sum(len(r.signatures) for r in records),
                "root": tree_root([bytes.fromhex(r.leaf) for r in records]).hex(),
                "key": self.ledger_keys()[-1]["vkey"], "deployments": len(self.deployments),
                "counted": sum(d.counted for d in self.deployments),
                "exceptions": len(self.exceptions)}


def details(data):
    """The members of an act's data that have no column of their own."""
    told = [(k, data[k]) for k in DETAILS if data.get(k) is not None]
    made_with, files = data.get("parameters", {}), data.get("files", [])
    told += [(k, made_with[k]) for k in ("from", "to", "size") if k in made_with]
    told += [(file["name"], file["sha256"]) for file in files if "/" not in file["name"]]
    within = sum("/" in file["name"] for file in files)
    told += [("files in directories", within)] if within else []
    return "; ".join(f"{k}: {v if isinstance(v, str) else compact(v)}" for k, v in told)


def touch_text(touch):
    if touch is None:
        return None
    return ("touched" if touch["touched"] else "not touched") + (", PIN" if touch["pin"] else ", no PIN")


def quotient(of, by, places):
    """A fixed number of decimals, halves away from zero."""
    scaled = (abs(of) * 10 ** places * 2 + by) // (2 * by)
    return (-scaled if of < 0 else scaled) / 10 ** places
