#!/usr/bin/env python3
"""The oracle's reader of evidence bundles, written from ledger/FORMAT.md "Evidence bundle" alone; bundles of
streams are read by dockets.py.

bundles.py FILE --vkey K     check a bundle; prints what was found as JSON, exit 1 with the reason if it does not hold

Signatures by keys other than ssh-ed25519 are ssh-keygen's to check, and listed as not checked."""
import argparse
import json
import sys
import tarfile

import dockets
import ed25519
import oracle
import proofs
from oracle import expect

ZEROS = bytes(32)
TAIL_MAX = 16384


def members(path):
    with tarfile.open(path, "r:") as tar:
        infos = tar.getmembers()
        expect(all(info.isreg() for info in infos), "a member that is no file")
        found = {info.name: tar.extractfile(info).read() for info in infos}
        expect(len(found) == len(infos), "two members of one name")
    return found


class Bundle:
    def __init__(self, files, vkey):
        self.files, self.vkey = files, vkey
        self.note = files["checkpoint"]
        self.size, self.root = proofs.check_checkpoint(self.note, vkey)
        self.keys, self.admission = {}, None

    def proved(self, name):
        """(entry, leaf hash, event or None) of a proof against the one checkpoint."""
        index, path, note, extra = proofs.parse_proof(self.files[name])
        expect(note == self.note, f"{name} is of another checkpoint")
        leaf, entry, event = proofs.check_carried(index, extra)
        proofs.check_inclusion(index, self.size, leaf, path, self.root)
        return entry, leaf, event

    def admitted(self, entry):
        message = oracle.admission_message(self.ledger, entry["part"])
        expect(ed25519.verify(self.admission, message, entry["admission"]), "admission")

    def history(self):
        """The stream `ledger`, in order and without a gap: its last (seq, leaf hash)."""
        last, seq, at = ZEROS, -1, 0
        while f"keys/{at:06}.tlog-proof" in self.files:
            entry, leaf, event = self.proved(f"keys/{at:06}.tlog-proof")
            expect((entry["stream"], entry["stream_pos"]) == ("ledger", at), "a gap in the stream `ledger`")
            expect(entry["stream_prev"] == last and entry["seq"] > seq, "chain of the stream `ledger`")
            data = json.loads(event)["data"]
            if at == 0:
                self.ledger, self.admission = bytes.fromhex(data["ledger"]), bytes.fromhex(data["admission_key"])
                expect(data["vkey"] == self.vkey, "the vkey of entry 0")
                for admin in data["admins"]:
                    self.enroll(admin, entry["seq"])
            if json.loads(event)["type"] == "dev.countersign.key.enrolled.v1":
                self.enroll(data, entry["seq"])
            self.admitted(entry)
            last, seq, at = leaf, entry["seq"], at + 1
        return seq, last

    def enroll(self, data, seq):
        kind, text = data["public_key"].split()[:2]
        wire = oracle.strict_base64(text)
        self.keys.setdefault(oracle.sha256(wire), (data["principal"], kind, seq))

    def tail(self, seq, leaf, act):
        """None of the entries behind is of that stream; up to where they are shown."""
        reader = oracle.Reader(self.files.get("tail", b""))
        end = next((end for end in (self.size, act[0] + 1) if seq + 1 < end <= seq + 1 + TAIL_MAX), seq + 1)
        for seq in range(seq + 1, end):
            data = reader.take(reader.number(2))
            entry = oracle.decode_entry(data)
            expect((entry["seq"], entry["prev"]) == (seq, leaf), "chain of the tail")
            expect(entry["stream"] != "ledger", "an entry of the stream `ledger` in the tail")
            leaf = oracle.leaf_hash(data)
            expect(seq != act[0] or leaf == act[1], "the act in the tail")
        reader.end()
        last, last_leaf, _ = self.proved("last.tlog-proof")
        expect(last["seq"] == self.size - 1 and (end < self.size or last_leaf == leaf), "the last entry")
        return end == self.size

    def act(self):
        entry, leaf, _ = self.proved("entry.tlog-proof")
        event, salt = self.files["event.json"], self.files["salt"]
        expect(oracle.leaf_hash(self.files["entry"]) == leaf, "entry")
        expect(oracle.event_digest(salt, event) == entry["event_digest"], "event digest")
        expect(json.loads(event)["ledger"] == self.ledger.hex(), "the ledger of the event")
        expect(json.loads(event)["deployment"] == entry["stream"], "the deployment of the event")
        self.admitted(entry)
        unchecked = []
        expect(entry["sigs"], "signatures")
        for sig in entry["sigs"]:
            principal, kind, enrolled = self.keys[sig["key_id"]]
            expect(enrolled < entry["seq"], "a key that was not enrolled")
            expect(sig is not entry["sigs"][0] or principal == entry["principal"], "the principal")
            if sig["alg"] == 2:
                oracle.check_sshsig(sig["data"], sig["key_id"], event)
            else:
                unchecked.append(kind)
        return entry, leaf, unchecked


def check_bundle(path, vkey):
    files = members(path)
    if "bundle.json" in files:
        return dockets.Docket(files, vkey).check()
    bundle = Bundle(files, vkey)
    seq, last = bundle.history()
    entry, leaf, unchecked = bundle.act()
    whole = bundle.tail(seq, last, (entry["seq"], leaf))
    return {"seq": entry["seq"], "leaf": leaf.hex(), "size": bundle.size, "principal": entry["principal"],
            "whole": whole, "not_checked": unchecked}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--vkey", required=True)
    options = parser.parse_args()
    try:
        print(json.dumps(check_bundle(options.file, options.vkey)))
    except (oracle.Refused, KeyError, ValueError, tarfile.TarError) as error:
        sys.exit(f"{options.file}: {error}")


if __name__ == "__main__":
    main()
