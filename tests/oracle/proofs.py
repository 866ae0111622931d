#!/usr/bin/env python3
"""The oracle's reader of proofs, written from ledger/FORMAT.md "Tree", "Proof" and "Mark" alone.

proofs.py proof FILE --vkey K [--leaf HEX]    check a tlog-proof; without --leaf by the entry it carries
proofs.py checkpoint FILE... --vkey K [--tiles DIR]
                                              check checkpoints, and that they lie in the history of a log
proofs.py mark FILE --vkey K --key KEYFILE    check a mark of the verifier whose key is in KEYFILE

All print what was found as JSON; exit 1 with the reason on standard error if something does not hold."""
import argparse
import base64
import json
import pathlib
import re
import sys

import ed25519
import notes
import oracle
from oracle import expect, sha256

HEADER = b"c2sp.org/tlog-proof@v1\n"


# RFC 6962 2.1.1 and 2.1.2, over a list of leaf hashes

def split(count):
    half = 1
    while half * 2 < count:
        half *= 2
    return half


def inclusion_proof(seq, leaves):
    if len(leaves) == 1:
        return []
    half = split(len(leaves))
    if seq < half:
        return inclusion_proof(seq, leaves[:half]) + [oracle.tree_root(leaves[half:])]
    return inclusion_proof(seq - half, leaves[half:]) + [oracle.tree_root(leaves[:half])]


def consistency_proof(old, leaves, complete=True):
    if old == len(leaves):
        return [] if complete else [oracle.tree_root(leaves)]
    half = split(len(leaves))
    if old <= half:
        return consistency_proof(old, leaves[:half], complete) + [oracle.tree_root(leaves[half:])]
    return consistency_proof(old - half, leaves[half:], False) + [oracle.tree_root(leaves[:half])]


# RFC 9162 2.1.3.2 and 2.1.4.2

def node(left, right):
    return sha256(b"\1", left, right)


def check_inclusion(seq, size, leaf, path, root):
    expect(seq < size, "index beyond the tree")
    fn, sn, r = seq, size - 1, leaf
    for p in path:
        expect(sn > 0, "proof too long")
        if fn & 1 or fn == sn:
            r = node(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node(r, p)
        fn, sn = fn >> 1, sn >> 1
    expect(sn == 0 and r == root, "the path does not lead to the root")


def check_consistency(old, size, old_root, root, proof):
    expect(0 < old <= size, "sizes")
    if old == size:
        expect(not proof and old_root == root, "two roots of one size")
        return
    expect(proof, "empty proof")
    if old & (old - 1) == 0:
        proof = [old_root, *proof]
    fn, sn = old - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = proof[0]
    for c in proof[1:]:
        expect(sn > 0, "proof too long")
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, c)
        fn, sn = fn >> 1, sn >> 1
    expect(sn == 0 and fr == old_root and sr == root, "the roots are not consistent")


# Proof files

def format_proof(index, path, note, extra=None):
    lines = [HEADER.decode()]
    if extra is not None:
        lines.append(f"extra {base64.b64encode(extra).decode()}\n")
    lines.append(f"index {index}\n")
    lines += [base64.b64encode(h).decode() + "\n" for h in path]
    return "".join(lines).encode() + b"\n" + note


def parse_proof(data):
    """(index, path, note, extra or None) of a file's bytes."""
    expect(len(data) <= 2600000, "proof too long")
    expect(data.startswith(HEADER), "header of a proof")
    head, blank, note = data[len(HEADER):].partition(b"\n\n")
    expect(blank and note, "proof without a checkpoint")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise oracle.Refused("characters of a proof") from None
    extra = None
    if lines[0].startswith("extra "):
        extra = oracle.strict_base64(lines.pop(0)[6:])
    match = re.fullmatch("index (0|[1-9][0-9]{0,19})", lines[0]) if lines else None
    expect(match and int(match.group(1)) < 2**64, "index of a proof")
    path = [oracle.strict_base64(line) for line in lines[1:]]
    expect(len(path) <= 64 and all(len(h) == 32 for h in path), "hashes of a proof")
    return int(match.group(1)), path, note, extra


def format_extra(entry, shown=None):
    extra = len(entry).to_bytes(2, "big") + entry
    if shown is not None:
        salt, event = shown
        extra += len(event).to_bytes(4, "big") + salt + event
    return extra


def parse_extra(extra):
    """(entry, (salt, event) or None)"""
    reader = oracle.Reader(extra)
    entry, shown = reader.take(reader.number(2)), None
    expect(entry, "entry of no bytes")
    if reader.at < len(extra):
        length = reader.number(4)
        expect(1 <= length <= oracle.EVENT_MAX, "length of an event")
        shown = (reader.take(16), reader.take(length))
    reader.end()
    return entry, shown


def check_checkpoint(note, vkey):
    origin, size, root = oracle.parse_checkpoint(oracle.check_note(note, [vkey]))
    expect(origin == oracle.parse_vkey(vkey)[0], "the checkpoint is of another origin than the key")
    return size, root


def check_carried(index, extra):
    """What the proof carries: (leaf hash, entry, event or None)."""
    expect(extra is not None, "the proof carries no entry")
    data, shown = parse_extra(extra)
    entry = oracle.decode_entry(data)
    expect(entry["seq"] == index, "seq of the entry")
    if shown is not None:
        expect(len(shown[1]) == entry["event_bytes"], "event_bytes")
        expect(oracle.event_digest(*shown) == entry["event_digest"], "event_digest")
    return oracle.leaf_hash(data), entry, shown[1] if shown else None


def check_proof(data, vkey, leaf=None):
    index, path, note, extra = parse_proof(data)
    found = {"index": index}
    if leaf is None:
        leaf, entry, event = check_carried(index, extra)
        found["entry"] = oracle.readable({k: v for k, v in entry.items() if k != "part"})
        found["event"] = None if event is None else event.decode()
    size, root = check_checkpoint(note, vkey)
    check_inclusion(index, size, leaf, path, root)
    return {**found, "leaf": leaf.hex(), "size": size, "root": root.hex()}


def history(files, vkey, source):
    """Each checkpoint is good; and with a log's tiles, each has the root of so many of its entries, and is
    consistent with the log's own checkpoint."""
    found, leaves, own = [], None, None
    if source is not None:
        own = check_checkpoint(source.get("checkpoint"), vkey)
        leaves = [oracle.leaf_hash(e) for e in oracle.read_bundles(source, own[0], "entries")]
    for file in files:
        size, root = check_checkpoint(pathlib.Path(file).read_bytes(), vkey)
        if leaves is not None:
            expect(size <= own[0], f"size {size}: beyond the log")
            expect(oracle.tree_root(leaves[:size]) == root, f"size {size}: root")
            check_consistency(size, own[0], root, own[1], consistency_proof(size, leaves))
        found.append({"size": size, "root": root.hex()})
    return found


def check_mark(data, vkey, key):
    """A checkpoint, and behind its own lines one by the verifier whose key's file has the bytes ${key}."""
    match = re.fullmatch(rb"([0-9a-f]{64})\n", key)
    expect(match, "the verifier's key")
    public = ed25519.public_key(bytes.fromhex(match.group(1).decode()))
    name = f"countersign-verifier/{sha256(public)[:8].hex()}"
    size, root = check_checkpoint(data, vkey)
    text, signatures = notes.parse_note(data)
    own, ident, cosignature = signatures[-1]
    expect(own == name and ident == sha256(name.encode(), b"\n\4", public)[:4], "no mark by this verifier")
    expect(len(cosignature) == 72, "length of a cosignature")
    time = int.from_bytes(cosignature[:8], "big")
    expect(time < 2**63, "time of a cosignature")
    message = f"cosignature/v1\ntime {time}\n{text}".encode()
    expect(ed25519.verify(public, message, cosignature[8:]), "signature of a mark")
    return {"name": name, "time": time, "size": size, "root": root.hex()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("proof")
    one.add_argument("file")
    one.add_argument("--vkey", required=True)
    one.add_argument("--leaf", type=bytes.fromhex)
    many = commands.add_parser("checkpoint")
    many.add_argument("file", nargs="+")
    many.add_argument("--vkey", required=True)
    many.add_argument("--tiles", type=oracle.Directory)
    mark = commands.add_parser("mark")
    mark.add_argument("file")
    mark.add_argument("--vkey", required=True)
    mark.add_argument("--key", required=True)
    options = parser.parse_args()
    try:
        if options.command == "mark":
            result = check_mark(pathlib.Path(options.file).read_bytes(), options.vkey,
                                pathlib.Path(options.key).read_bytes())
        elif options.command == "proof":
            result = check_proof(pathlib.Path(options.file).read_bytes(), options.vkey, options.leaf)
        else:
            result = history(options.file, options.vkey, options.tiles)
    except OSError as error:
        print(error, file=sys.stderr)
        return 3
    except (oracle.Refused, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    json.dump(result, sys.stdout, indent=1)
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
