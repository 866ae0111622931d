#!/usr/bin/env python3
"""Random sequences in ledgers of their own: admission, append and the live reducer against the oracle.

Each line is signed and appended, some again and again: a receipt says what the oracle says, and a
line that comes again is the entry that it was.  A second ledger has the same acts once each, those
of different deployments in another order: the state of each deployment has the same digest.
"""
import base64
import hashlib
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

import ed25519
import oracle
import rules_world
from rules_ledger import OURS, fingerprint
from rules_sequences import Walk
from rules_world import COUNTERSIGN, MINUTE, SECOND, compiled, key, text_of
from test_rules_random import reordered

WALKS = 40 if "COUNTERSIGN_LONG" in os.environ else 4
TOKEN = bytes(range(32))
MEDIA = "application/cloudevents+json"


class LiveWalk(Walk):
    """A walk of what admission lets in: signed as it must be, and at the time that it claims."""

    elsewhere = []

    def people(self):
        super().people()
        self.hostile = min(self.hostile, 0.1)
        self.streams = ["d1", "d2"]
        digest = hashlib.sha256(TOKEN).hexdigest()
        self.world.admin("token.issued", {"principal": "robot", "sha256": digest, "scopes": ["write"]})

    def manner(self):
        steps = (0, 0, 0, SECOND, MINUTE)
        return {"step": self.random.choice(steps)}

    def on_ledger(self):
        rows = len(self.world.rows)
        if self.random.random() < 0.5:
            name = self.anybody()
            if name != "robot":
                self.world.admin("role.granted", {"principal": name,
                                                  "role": self.random.choice(self.roles)})
        else:
            revoked = key(self.random.randint(2, self.seed_of))[0]
            self.world.admin("key.revoked", {"key_id": fingerprint(revoked), "reason": "compromised",
                                             "since": self.random.randint(0, rows)})


class Live:
    """A ledger on disk, and `append` that reads from a pipe."""

    def __init__(self, directory, world):
        self.directory, self.world = directory, world
        self.seeds = seeds_of(world)
        self.leaves, self.lines, self.receipts = {}, {}, {}
        public = pathlib.Path(directory + ".pub")
        public.write_text(key(1)[1] + "\n", encoding="ascii")
        self.run("init", directory, "--origin", "test/simulated", "--simulated",
                 "--time", text_of(world.rows[0][2]), "--admin", f"root={public}")
        created = json.loads(self.run("log", directory, "--json").splitlines()[0])
        self.ledger = created["event"]["data"]["ledger"]
        token = base64.urlsafe_b64encode(TOKEN).decode().rstrip("=")
        self.append = subprocess.Popen([COUNTERSIGN, "append", directory], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, text=True, encoding="utf-8",
                                       env={**os.environ, "COUNTERSIGN_TOKEN": token})

    @staticmethod
    def run(*arguments):
        return subprocess.run([COUNTERSIGN, *arguments], check=True, capture_output=True,
                              text=True).stdout

    def line_of(self, i):
        """The line of an entry: its event with this ledger's id and leaves, in an envelope."""
        if i in self.lines:
            return self.lines[i]
        row, event = self.world.rows[i], dict(self.world.events[i])
        event["deployment"] = row[0]
        if event["type"].startswith(OURS):
            event["ledger"] = self.ledger
        if row[0] == "ledger":
            del event["deployment"]
        data = event.get("data")
        basis = data.get("basis") if isinstance(data, dict) else None
        if isinstance(basis, dict) and basis.get("leaf") in self.leaves:
            event["data"] = {**data, "basis": {**basis, "leaf": self.leaves[basis["leaf"]]}}
        text = json.dumps(event).encode()
        if row[6]:
            text = json.dumps(envelope(text, [self.seeds[k] for k in row[6]])).encode()
        self.lines[i] = text.decode()
        return self.lines[i]

    def send(self, i):
        self.append.stdin.write(self.line_of(i) + "\n")
        self.append.stdin.flush()
        receipt = json.loads(self.append.stdout.readline())
        if "leaf" in receipt:
            self.leaves.setdefault(self.world.rows[i][7], receipt["leaf"])
        return receipt

    def digest(self, stream):
        return self.run("replay", self.directory, stream, "--digest").strip()

    def close(self):
        self.append.stdin.close()
        self.append.wait()


def seeds_of(world):
    used = {k for row in world.rows for k in row[6]}
    found, seed = {}, 0
    while len(found) < len(used):
        seed += 1
        if key(seed)[0] in used:
            found[key(seed)[0]] = seed
    return found


def envelope(event, seeds):
    signatures = []
    for seed in seeds:
        signature = ed25519.sign(bytes([seed]) * 32, oracle.pae(event))
        signatures.append({"keyid": fingerprint(key(seed)[0]),
                           "sig": base64.b64encode(signature).decode()})
    return {"payloadType": MEDIA, "payload": base64.b64encode(event).decode(),
            "signatures": signatures}


def first_ledger(live, source, found):
    """All lines in order, some of them again: each is judged as the oracle says."""
    world = live.world
    for i in range(1, len(world.rows)):
        receipt = live.receipts[i] = live.send(i)
        rule, flags, _ = world.verdicts[i]
        said = (receipt.get("seq"), receipt.get("rule", ""), sorted(receipt.get("flags", [])))
        if said != (i, rule, sorted(flags)):
            found.append(f"entry {i}: the oracle says {(i, rule, sorted(flags))}, the ledger {receipt}")
            return
        if source.random() < 0.2:
            k = source.randint(1, i)
            again = live.send(k)
            if (again.get("seq"), again.get("leaf")) != (k, live.receipts[k]["leaf"]):
                found.append(f"entry {k}, sent again, became {again}")


def check(number, checklists):
    walk, found = LiveWalk(f"live/{number}", checklists), []
    source = random.Random(number)
    with tempfile.TemporaryDirectory(prefix="rules-live.") as scratch:
        one = Live(scratch + "/one", walk.world)
        first_ledger(one, source, found)
        one.close()
        if found:
            return found
        two = Live(scratch + "/two", walk.world)
        for i in reordered(walk.world, source, at_once=True)[1:]:
            two.send(i)
        two.close()
        for stream in walk.world.deployments:
            digests = one.digest(stream), two.digest(stream)
            if digests[0] != digests[1]:
                found.append(f"{stream} has the digests {digests}")
    return found


def main():
    checklists = [compiled(p) for p in sorted((rules_world.HERE / "checklists").glob("*.md"))]
    failed = 0
    for number in range(WALKS):
        found = check(number, checklists)
        failed += bool(found)
        for line in found[:5]:
            print(f"walk {number}: {line}")
    print(f"{WALKS} walks in ledgers, {failed} differ")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
