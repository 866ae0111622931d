#!/usr/bin/env python3
"""A second, naive reader of ledgers, written from ledger/FORMAT.md and DESIGN.md alone.

oracle.py tiles DIR [--vkey K]                  check a directory with checkpoint and tile/…
oracle.py url URL [--vkey K] [--token TOKEN]    check the same as a server serves it
oracle.py entry HEX                             decode one entry

Without tile/events it needs --vkey, and checks no signature but the checkpoint's.

The first two print {size, root, entries, signatures, skipped, leaves} as JSON; exit 1 with
`seq N: what` on standard error at the first difference (`size N: what` where it belongs to no one
entry), exit 3 if the files or the server cannot be read."""
import argparse
import json
import pathlib
import re
import sys
import urllib.error
import urllib.request

import ed25519
import heads
from notes import (Refused, check_note, expect, key_id, name_ok, note_by, parse_checkpoint, parse_note, parse_vkey,
                   sha256, strict_base64)
from pairs import Pairs
from sshkeys import check_sshsig, parse_line
from wire import Reader

TIME_END = 253402300800000000
EVENT_MAX = 1048576
ZEROS = bytes(32)
MEDIA_TYPE = b"application/cloudevents+json"
ORIGINS = {1: "http", 2: "amqp", 3: "cli", 4: "ledger"}


# Tree

def leaf_hash(entry):
    return sha256(b"\0", entry)


def tree_root(hashes):
    if not hashes:
        return sha256()
    if len(hashes) == 1:
        return hashes[0]
    half = 1
    while half * 2 < len(hashes):
        half *= 2
    return sha256(b"\1", tree_root(hashes[:half]), tree_root(hashes[half:]))


def tree_levels(leaves):
    """The hashes of all complete nodes: levels[level][index]."""
    levels = [leaves]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([sha256(b"\1", below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)])
    return levels


# Entry

def decode_signature(reader):
    signature = {"alg": reader.number(1), "key_id": reader.take(32)}
    signature["data"] = reader.take(reader.number(2))
    expect(signature["alg"] in (1, 2, 3), "alg of a signature")
    length = len(signature["data"])
    expect(length == 64 if signature["alg"] == 1 else length > 0, "length of a signature")
    return signature


def decode_part(reader):
    begin = reader.at
    part = {"admitted_us": reader.number(8), "credential": reader.take(32),
            "event_digest": reader.take(32), "event_bytes": reader.number(4), "origin": reader.number(1)}
    stream_len, principal_len, sig_count = reader.number(1), reader.number(1), reader.number(1)
    stream, principal = reader.take(stream_len), reader.take(principal_len)
    expect(part["admitted_us"] < TIME_END, "admitted_us")
    expect(1 <= part["event_bytes"] <= EVENT_MAX, "event_bytes")
    expect(part["origin"] in ORIGINS, "origin")
    expect(re.fullmatch(rb"[a-z0-9][a-z0-9._-]{0,127}", stream), "stream")
    expect(re.fullmatch(rb"[A-Za-z0-9][A-Za-z0-9._@+:-]{0,127}", principal), "principal")
    expect(sig_count <= 4, "sig_count")
    part["stream"], part["principal"] = stream.decode(), principal.decode()
    part["sigs"] = [decode_signature(reader) for _ in range(sig_count)]
    expect(sum(len(s["data"]) for s in part["sigs"]) <= 4096, "length of the signatures")
    part["part"] = reader.data[begin:reader.at]
    return part


def decode_entry(data):
    expect(len(data) <= 65535, "entry too long")
    reader = Reader(data)
    expect(reader.take(4) == b"CSL1", "magic")
    entry = {"seq": reader.number(8), "time_us": reader.number(8), "prev": reader.take(32),
             "stream_pos": reader.number(8), "stream_prev": reader.take(32)}
    entry.update(decode_part(reader))
    expect(entry["admitted_us"] <= entry["time_us"] < TIME_END, "time_us")
    entry["admission"] = reader.take(64)
    reader.end()
    return entry


def admission_message(ledger_id, part):
    return b"countersign/admission/v1\0" + ledger_id + part


def event_digest(salt, event):
    return sha256(b"\2", salt, event)


# Signatures of events

def pae(event):
    return b"DSSEv1 %d %s %d %s" % (len(MEDIA_TYPE), MEDIA_TYPE, len(event), event)


# Tiles

def tile_path(kind, index, width):
    groups = ["%03d" % (index % 1000)]
    while index >= 1000:
        index //= 1000
        groups.insert(0, "x%03d" % (index % 1000))
    return "tile/%s/%s%s" % (kind, "/".join(groups), "" if width == 256 else ".p/%d" % width)


def tile_widths(count):
    """(index, width) of the tiles that hold ${count} hashes."""
    return [(i, min(256, count - 256 * i)) for i in range((count + 255) // 256)]


class Directory:
    def __init__(self, path):
        self.path = pathlib.Path(path)

    def get(self, path):
        """The bytes at a path, or None."""
        file = self.path / path
        return file.read_bytes() if file.is_file() else None


class Server:
    def __init__(self, url, token):
        self.url, self.token = url.rstrip("/"), token

    def get(self, path):
        request = urllib.request.Request(f"{self.url}/{path}")
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                return reply.read()
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            raise


def fetch_tile(source, kind, index, width):
    """A tile's bytes, and how wide it is: full where the partial one is gone."""
    path = tile_path(kind, index, width)
    data, held = source.get(path), width
    if data is None and width < 256:
        data, held = source.get(tile_path(kind, index, 256)), 256
    expect(data is not None, f"{path} is missing")
    return data, held


def read_item(reader, kind):
    """An entry's bytes; or (salt, event), or None for an event that is not shown."""
    if kind == "entries":
        return reader.take(reader.number(2))
    length = reader.number(4)
    return (reader.take(16), reader.take(length)) if length > 0 else None


def read_bundles(source, size, kind):
    items = []
    for index, width in tile_widths(size):
        data, held = fetch_tile(source, kind, index, width)
        reader = Reader(data)
        try:
            items += [read_item(reader, kind) for _ in range(held)][:width]
            reader.end()
        except Refused as error:
            raise Refused(f"{tile_path(kind, index, width)}: {error}") from None
    return items


def check_hash_tiles(source, leaves):
    levels = tree_levels(leaves)
    for level in range(0, len(levels), 8):
        for index, width in tile_widths(len(levels[level])):
            want = b"".join(levels[level][256 * index:256 * index + width])
            data, held = fetch_tile(source, level // 8, index, width)
            expect(data[:len(want)] == want and len(data) == 32 * held,
                   f"{tile_path(level // 8, index, width)} has other hashes")


# The whole ledger

def parse_event(data):
    event = json.loads(data)
    expect(isinstance(event, dict) and isinstance(event.get("id"), str) and
           isinstance(event.get("source"), str), "the event is no CloudEvent")
    return event


class Chains:
    """Where the entries so far have come to; link() adds one that follows."""

    def __init__(self):
        self.leaves, self.streams, self.time_us, self.order = [], {}, 0, []

    def link(self, entry, data):
        self.check_place(entry)
        leaf = leaf_hash(data)
        self.streams.setdefault(entry["stream"], []).append(leaf)
        self.leaves.append(leaf)
        self.order.append((entry["stream"], leaf))
        self.time_us = entry["time_us"]

    def check_place(self, entry):
        stream = self.streams.get(entry["stream"], [])
        expect(entry["seq"] == len(self.leaves), "seq")
        expect(entry["prev"] == (self.leaves or [ZEROS])[-1], "prev")
        expect(entry["stream_pos"] == len(stream), "stream_pos")
        expect(entry["stream_prev"] == (stream or [ZEROS])[-1], "stream_prev")
        expect(entry["time_us"] == max(entry["admitted_us"], self.time_us), "time_us")


class Ledger(Chains):
    """What the entries so far say; take() checks the next one against it."""

    def __init__(self, created):
        super().__init__()
        self.id = bytes.fromhex(created["ledger"])
        self.names, self.keys, self.signatures, self.skipped, self.hidden = set(), {}, 0, [], False
        self.admins, self.pairs = set(), Pairs(created["vkey"], bytes.fromhex(created["admission_key"]))
        for admin in created["admins"]:
            self.enroll(admin["public_key"])
            self.admins.add(admin["principal"])

    def enroll(self, line):
        key = parse_line(line)
        self.keys[sha256(key.wire)] = key

    def take(self, data, shown):
        entry = decode_entry(data)
        self.check_place(entry)
        message = admission_message(self.id, entry["part"])
        keys = [pair.admission_key for pair in self.pairs.at(entry["seq"], entry["time_us"])]
        expect(any(ed25519.verify(key, message, entry["admission"]) for key in keys), "admission signature")
        self.signatures += 1
        if shown is None:
            self.skipped.append(entry["seq"])
            self.hidden |= entry["stream"] == "ledger"
        else:
            self.check_event(entry, *shown)
        self.link(entry, data)

    def check_event(self, entry, salt, data):
        expect(len(data) == entry["event_bytes"], "event_bytes")
        expect(event_digest(salt, data) == entry["event_digest"], "event_digest")
        event = parse_event(data)
        name = (entry["principal"], event["source"], event["id"])
        expect(name not in self.names, "a second event of the same name")
        self.names.add(name)
        signers = [signature["key_id"] for signature in entry["sigs"]]
        expect(len(set(signers)) == len(signers), "two signatures by one key")
        for signature in entry["sigs"]:
            self.check_signature(signature, data)
        if entry["stream"] == "ledger":
            self.learn(entry, event)
        if event.get("type") == "dev.countersign.ledger.heads.v1" and entry["origin"] == 4:
            size, root = event["data"]["size"], event["data"]["root"]
            expect(size <= entry["seq"], "the size of its heads")
            expect(tree_root(heads.hashes(self.order[:size])).hex() == root, "the root of its heads")

    def learn(self, entry, event):
        """What an event of the stream `ledger` says of keys and admins; one that is malformed says nothing."""
        kind, data = event["type"], event.get("data")
        by_admin = entry["sigs"] and entry["principal"] in self.admins
        try:
            if kind == "dev.countersign.key.enrolled.v1":
                self.enroll(data["public_key"])
            elif kind == "dev.countersign.role.granted.v1" and by_admin and data["role"] == "admin":
                self.admins.add(data["principal"])
            elif kind == "dev.countersign.role.revoked.v1" and by_admin and data["role"] == "admin":
                self.admins.discard(data["principal"])
            elif kind == "dev.countersign.ledger.rekeyed.v1" and by_admin:
                self.pairs.change(entry, data)
        except (Refused, KeyError, TypeError, AttributeError, ValueError):
            pass  # recorded, and without effect

    def check_signature(self, signature, data):
        known = self.keys.get(signature["key_id"])
        expect(known or self.hidden, "signature by a key that was not enrolled")
        expect(signature["alg"] in (1, 2), "alg 3 is not checked here")
        if signature["alg"] == 2:
            check_sshsig(signature["data"], signature["key_id"], data)
        elif known:
            expect(known.type == "ssh-ed25519" and ed25519.verify(known.raw, pae(data), signature["data"]),
                   "signature of the event")
        self.signatures += 1 if known or signature["alg"] == 2 else 0


def ledger_created(entries, events):
    """The data of entry 0's event."""
    expect(entries and events[0], "there is no entry 0, or its event is not shown")
    first, event = decode_entry(entries[0]), parse_event(events[0][1])
    expect(event.get("type") == "dev.countersign.ledger.created.v1", "entry 0 is no ledger.created")
    expect(first["stream"] == "ledger" and first["origin"] == 4, "entry 0 is not the ledger's own")
    return event["data"]


def check_bare(source, note, size, root, vkey):
    """A log whose events are not here: the checkpoint, chains and tree of its entries."""
    expect(vkey is not None, f"size {size}: there are no events that say what the ledger's key is: give its vkey")
    seq = f"size {size}"
    try:
        check_note(note, [vkey])
        ledger = Chains()
        entries = read_bundles(source, size, "entries")
        for i, data in enumerate(entries):
            seq = f"seq {i}"
            ledger.link(decode_entry(data), data)
        seq = f"size {size}"
        expect(tree_root(ledger.leaves) == root, "root")
        check_hash_tiles(source, ledger.leaves)
    except (Refused, ValueError) as error:
        raise Refused(f"{seq}: {error}") from error
    return {"size": size, "root": root.hex(), "entries": size, "signatures": 1, "skipped": list(range(size)),
            "leaves": [leaf.hex() for leaf in ledger.leaves]}


def has_events(source, size):
    index, width = tile_widths(size)[0] if size else (0, 256)
    return any(source.get(tile_path("events", index, w)) is not None for w in {width, 256})


def check_ledger(source, vkey=None):
    note = source.get("checkpoint")
    expect(note is not None, "size 0: checkpoint is missing")
    origin, size, root = parse_checkpoint(parse_note(note)[0])
    if not has_events(source, size):
        return check_bare(source, note, size, root, vkey)
    seq = f"size {size}"
    try:
        entries = read_bundles(source, size, "entries")
        events = read_bundles(source, size, "events")
        seq = "seq 0"
        created = ledger_created(entries, events)
        expect(created["origin"] == origin == parse_vkey(created["vkey"])[0], "origin")
        expect(vkey is None or note_by(note, vkey), "the checkpoint is not signed by the vkey given")
        ledger = Ledger(created)
        for i in range(size):
            seq = f"seq {i}"
            ledger.take(entries[i], events[i])
        seq = f"size {size}"
        ledger.signatures += ledger.pairs.check_note(note, size, ledger.time_us)
        expect(tree_root(ledger.leaves) == root, "root")
        check_hash_tiles(source, ledger.leaves)
    except (Refused, ValueError, KeyError, TypeError) as error:
        raise Refused(f"{seq}: {error}") from error
    return {"size": size, "root": root.hex(), "entries": len(entries),
            "signatures": ledger.signatures, "skipped": ledger.skipped,
            "leaves": [leaf.hex() for leaf in ledger.leaves]}


def readable(value):
    """The same value with bytes as hex."""
    if isinstance(value, dict):
        return {name: readable(member) for name, member in value.items()}
    if isinstance(value, list):
        return [readable(member) for member in value]
    return value.hex() if isinstance(value, bytes) else value


def show_entry(text):
    data = bytes.fromhex(text)
    return {**readable(decode_entry(data)), "leaf": leaf_hash(data).hex()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    tiles = commands.add_parser("tiles")
    tiles.add_argument("dir")
    tiles.add_argument("--vkey")
    url = commands.add_parser("url")
    url.add_argument("url")
    url.add_argument("--token")
    url.add_argument("--vkey")
    commands.add_parser("entry").add_argument("hex")
    options = parser.parse_args()
    try:
        if options.command == "entry":
            result = show_entry(options.hex)
        elif options.command == "tiles":
            result = check_ledger(Directory(options.dir), options.vkey)
        else:
            result = check_ledger(Server(options.url, options.token), options.vkey)
    except OSError as error:
        print(error, file=sys.stderr)
        return 3
    except (Refused, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    json.dump(result, sys.stdout, indent=1)
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
