"""The oracle's reader of bundles of streams, written from ledger/FORMAT.md "Bundle of streams" alone."""
import base64
import datetime
import json
import re

import ed25519
import heads
import oracle
import proofs
from oracle import expect

ZEROS = bytes(32)
TAIL_MAX, PIECE_ENTRIES, PIECE_BYTES = 16384, 256, 1 << 20


def clock(time_us):
    return (datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=time_us)).isoformat(
        timespec="microseconds") + "Z"


def fold(hashes):
    while len(hashes) > 1:
        hashes = [oracle.sha256(b"\1", hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]
    return hashes[0]


class Tree:
    """The hashes of a bundle's tiles, each held against those above it, and the root that they make."""

    def __init__(self, files, size):
        self.size, self.tiles, self.used = size, {}, set()
        for name, data in files.items():
            if name.startswith("tile/"):
                self.tiles[name] = [data[i:i + 32] for i in range(0, len(data), 32)]
                expect(b"".join(self.tiles[name]) == data and len(data) % 32 == 0, name)

    def tile(self, level, index):
        width = min(256, (self.size >> 8 * level) - 256 * index)
        name = oracle.tile_path(level, index, width)
        expect(name in self.tiles and len(self.tiles[name]) == width, f"{name} is missing")
        if name not in self.used:
            self.used.add(name)
            if width == 256:
                expect(self.at(level + 1, index) == fold(self.tiles[name]), f"{name} does not lead to the root")
        return self.tiles[name]

    def at(self, level, index):
        return self.tile(level, index // 256)[index % 256]

    def root(self):
        root = None
        for bit in range(64):
            if self.size >> bit & 1:
                first = ((self.size >> bit) - 1) << bit % 8
                hashes = self.tile(bit // 8, first // 256)[first % 256:first % 256 + (1 << bit % 8)]
                root = fold(hashes) if root is None else oracle.sha256(b"\1", fold(hashes), root)
        return root


class Docket:
    def __init__(self, files, vkey):
        self.files, self.vkey, self.seen = files, vkey, ["README.txt", "bundle.json", "checkpoint"]
        self.plan = json.loads(files["bundle.json"])
        self.size, self.root = proofs.check_checkpoint(files["checkpoint"], vkey)
        self.tree = Tree(files, self.size)
        expect(self.tree.root() == self.root, "the root")
        self.keys, self.heads, self.streams = {}, None, {}

    def records(self, stream):
        """(entry, leaf hash, event or None) of each entry, in order, with piece and index as they must be."""
        pieces = [name for name in self.files if name.startswith(f"streams/{stream}/")]
        found = []
        for number in range(len(pieces) // 2):
            name = f"streams/{stream}/{number:06}."
            self.seen += [name + "records", name + "index"]
            data, index, count = self.files[name + "records"], "", 0
            reader = oracle.Reader(data)
            while reader.at < len(data):
                expect(count < PIECE_ENTRIES and reader.at < PIECE_BYTES, f"{name}records goes on")
                entry_at = reader.at + 2
                raw = reader.take(reader.number(2))
                length = reader.number(4)
                salt = reader.take(16) if length else None
                event_at = reader.at
                event = reader.take(length) if length else None
                found.append((oracle.decode_entry(raw), oracle.leaf_hash(raw), salt, event))
                entry, leaf = found[-1][:2]
                index += (f"{entry['seq']} {entry['stream_pos']} {leaf.hex()} {entry_at} {len(raw)} "
                          f"{event_at if length else '-'} {length} {clock(entry['time_us'])} {entry['principal']}\n")
                count += 1
            expect(index.encode() == self.files[name + "index"], f"{name}index")
            expect(count and (number + 1 == len(pieces) // 2 or count == PIECE_ENTRIES or len(data) >= PIECE_BYTES),
                   f"{name}records ends early")
        expect(found and 2 * (number + 1) == len(pieces), f"the pieces of {stream}")
        return found

    def enroll(self, data, seq):
        kind, text = data["public_key"].split()[:2]
        self.keys.setdefault(oracle.sha256(oracle.strict_base64(text)), (data["principal"], kind, text, seq))

    def ledger_stream(self):
        for entry, _, _, event in self.records("ledger"):
            expect(event is not None, "an event of the stream `ledger` that is not shown")
            event = json.loads(event)
            if entry["stream_pos"] == 0:
                self.ledger = bytes.fromhex(event["data"]["ledger"])
                self.admission = bytes.fromhex(event["data"]["admission_key"])
                expect(event["data"]["vkey"] == self.vkey, "the vkey of entry 0")
                for admin in event["data"]["admins"]:
                    self.enroll(admin, entry["seq"])
            if event["type"] == "dev.countersign.key.enrolled.v1":
                self.enroll(event["data"], entry["seq"])
            if event["type"] == "dev.countersign.ledger.heads.v1" and entry["origin"] == 4:
                self.heads = event["data"]
        signers = "".join(f'{who} namespaces="event@countersign" {kind} {text}\n'
                          for who, kind, text, _ in sorted(self.keys.values(), key=lambda key: key[3]))
        expect(signers.encode() == self.files["allowed_signers"], "allowed_signers")

    def signatures(self, entry, event):
        message = oracle.admission_message(self.ledger, entry["part"])
        expect(ed25519.verify(self.admission, message, entry["admission"]), f"admission of entry {entry['seq']}")
        for number, sig in enumerate(entry["sigs"]):
            principal, kind, text, enrolled = self.keys[sig["key_id"]]
            expect(enrolled < entry["seq"], "a key that was not enrolled")
            expect(number > 0 or principal == entry["principal"], "the principal")
            if sig["alg"] == 2 and event is not None:
                oracle.check_sshsig(sig["data"], sig["key_id"], event)
            elif sig["alg"] == 1 and event is not None:
                expect(ed25519.verify(oracle.strict_base64(text)[-32:], oracle.pae(event), sig["data"]), "a signature")

    def stream(self, name):
        last, seq, leaves = ZEROS, -1, []
        for pos, (entry, leaf, salt, event) in enumerate(self.records(name)):
            expect((entry["stream"], entry["stream_pos"], entry["stream_prev"]) == (name, pos, last),
                   f"the chain of {name}")
            expect(entry["seq"] > seq and self.tree.at(0, entry["seq"]) == leaf, f"entry {entry['seq']} in the tree")
            if event is not None:
                expect(oracle.event_digest(salt, event) == entry["event_digest"], "event digest")
                parsed = json.loads(event)
                expect(parsed.get("deployment", name) == name, "the deployment of an event")
                expect(not entry["sigs"] or parsed["ledger"] == self.ledger.hex(), "the ledger of an event")
            self.signatures(entry, event)
            last, seq = leaf, entry["seq"]
            leaves.append((leaf, entry))
        self.streams[name] = leaves

    def tail(self):
        """None of the entries behind the stream `ledger` is held back."""
        leaf, entry = self.streams["ledger"][-1]
        count = self.size - entry["seq"] - 1
        shown = 0 < count <= TAIL_MAX
        expect(shown == ("tail" in self.files), "tail")
        if not shown:
            return count == 0
        self.seen.append("tail")
        reader = oracle.Reader(self.files["tail"])
        for seq in range(entry["seq"] + 1, self.size):
            data = reader.take(reader.number(2))
            entry = oracle.decode_entry(data)
            expect((entry["seq"], entry["prev"]) == (seq, leaf), "chain of the tail")
            leaf = oracle.leaf_hash(data)
            if entry["stream"] in self.streams:
                expect(entry["stream_pos"] < len(self.streams[entry["stream"]]), "an entry that is held back")
            else:
                expect(not self.within(entry), "a stream that is held back")
        reader.end()
        expect(leaf == oracle.leaf_hash(self.files["last"]), "the end of the tail")
        return True

    def within(self, entry):
        return self.plan["bundle"] == "period" and self.plan["from"] <= clock(entry["time_us"]) < self.plan["to"]

    def stood(self):
        """What the last ledger.heads says: by stream its last position and leaf hash."""
        if "heads" not in self.files:
            return {}
        self.seen.append("heads")
        lines = self.files["heads"].decode().splitlines()
        one = self.plan["bundle"] == "deployment"
        rows = [line.split() for line in (lines[:1] if one else lines)]
        hashes = [oracle.sha256(b"\0", heads.record(name, int(pos), bytes.fromhex(leaf))) for name, pos, leaf in rows]
        if one:
            index, count = re.fullmatch(r"(\d+) of (\d+)", lines[1]).groups()
            proofs.check_inclusion(int(index), int(count), hashes[0], [base64.b64decode(line) for line in lines[2:]],
                                   bytes.fromhex(self.heads["root"]))
        else:
            expect(oracle.tree_root(hashes).hex() == self.heads["root"], "the root of heads")
        return {name: (int(pos), bytes.fromhex(leaf)) for name, pos, leaf in rows}

    def whole(self):
        """No stream is shorter than the heads say; streams left out have no entry in the period."""
        stood, size = self.stood(), self.heads["size"] if self.heads else 0
        for name, leaves in self.streams.items():
            if name in stood:
                pos, leaf = stood[name]
                expect(pos < len(leaves) and leaves[pos][0] == leaf, f"{name} is held back")
            else:
                expect(leaves[0][1]["seq"] >= size or (name == "ledger" and self.plan["bundle"] == "deployment"),
                       f"{name} has no record in heads")
        left_out = [name for name in stood if name not in self.streams]
        expect(bool(left_out) == ("others" in self.files), "others")
        reader = oracle.Reader(self.files.get("others", b""))
        for name in left_out:
            data = reader.take(reader.number(2))
            entry, leaf = oracle.decode_entry(data), oracle.leaf_hash(data)
            expect(entry["stream"] == name, "others")
            if not (leaf == stood[name][1] and clock(entry["time_us"]) < self.plan["from"]):
                expect(entry["stream_pos"] == 0 and clock(entry["time_us"]) >= self.plan["to"], f"{name} is held back")
                expect(self.tree.at(0, entry["seq"]) == leaf, f"{name} in the tree")
        reader.end()
        self.seen += ["others"] if left_out else []
        return bool(stood)

    def check(self):
        names = list(dict.fromkeys(name.split("/")[1] for name in self.files if name.startswith("streams/")))
        deployments = [name for name in names if name not in ("ledger", "inbox")]
        expect(names == ["ledger"] + ["inbox"] * ("inbox" in names) + sorted(deployments), "the order of streams")
        expect(self.plan["bundle"] == "period" or names == ["ledger", self.plan["deployment"]], "the streams")
        self.ledger_stream()
        self.seen = self.seen[:3]
        for name in names:
            self.stream(name)
        tail, headed = self.tail(), self.whole()
        last = oracle.decode_entry(self.files["last"])
        expect(last["seq"] == self.size - 1 and self.tree.at(0, self.size - 1) == oracle.leaf_hash(self.files["last"]),
               "last")
        tiles = sorted((name for name in self.files if name.startswith("tile/")),
                       key=lambda name: (int(name.split("/")[1]), name))
        expect(set(tiles) == self.tree.used, "tiles that are not needed")
        self.seen += ["last", "allowed_signers"] + tiles
        self.seen += sorted(name for name in self.files if name.startswith("report/"))
        sums = "".join(f"{oracle.sha256(self.files[name]).hex()}  {name}\n" for name in self.seen)
        expect(sums.encode() == self.files["SHA256SUMS"], "SHA256SUMS")
        expect(list(self.files) == self.seen + ["SHA256SUMS"], "the order of members")
        return {"of": self.plan["bundle"], "size": self.size, "root": self.root.hex(), "tail": tail, "heads": headed,
                "entries": sum(map(len, self.streams.values())), "streams": names}
