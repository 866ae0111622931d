#!/usr/bin/env python3
"""Makes ledgers that no ledger program would write, out of a good one, as text for mdb_load.
Usage: hostile.py list          the names of what it can do
       hostile.py NAME <DUMP    the dump (mdb_dump -a) with that done to it"""
import struct
import sys


def parse(text):
    tables, lines = {}, iter(text.split("\n"))
    for line in lines:
        if not line.startswith("VERSION="):
            continue
        head, rows, name = [line], [], None
        for line in lines:
            if line == "HEADER=END":
                break
            if line.startswith("database="):
                name = line[9:]
            elif not line.startswith(("db_pagesize", "maxreaders")):
                head.append(line)
        for line in lines:
            if line == "DATA=END":
                break
            rows.append((bytes.fromhex(line.strip()), bytes.fromhex(next(lines).strip())))
        tables[name] = [head, rows]
    return tables


def write(tables):
    for name, (head, rows) in tables.items():
        print("\n".join(head[:2] + [f"database={name}"] + head[2:] + ["HEADER=END"]))
        for key, value in rows:
            print(f" {key.hex()}\n {value.hex()}")
        print("DATA=END")


def rows(tables, name):
    return tables[name][1]


def flagged(flag):
    def do(tables):
        for name in ("entries", "nodes", "ids", "streams"):
            tables[name][0].append(f"{flag}=1")
    return do


def flagged_alone(name, flag):
    return lambda tables: tables[name][0].append(f"{flag}=1")


def keys(name, change):
    def do(tables):
        tables[name][1] = [(change(key), value) for key, value in rows(tables, name)]
    return do


def values(name, change, at=slice(None)):
    def do(tables):
        found = rows(tables, name)
        picked = set(range(len(found))[at])
        tables[name][1] = [(key, change(value) if i in picked else value) for i, (key, value) in enumerate(found)]
    return do


def put(name, key, value):
    return lambda tables: rows(tables, name).append((key, value))


def drop(name):
    return lambda tables: tables.pop(name)


def empty(name):
    return lambda tables: rows(tables, name).clear()


def all_empty(tables):
    for name in tables:
        rows(tables, name).clear()


def foreign(tables):
    for name in list(tables):
        tables["their_" + name] = tables.pop(name)


def shuffled(tables):
    """Everybody's value under the next one's key."""
    for name in tables:
        found = rows(tables, name)
        tables[name][1] = [(key, found[(i + 1) % len(found)][1]) for i, (key, _) in enumerate(found)]


def lengths(entry):
    """Stream, principal and signatures longer than the entry."""
    return entry[:92 + 77] + b"\xff\xff\xff" + entry[92 + 80:]


def note(text):
    return values("meta", lambda _: text)


SEQ = struct.Struct(">Q").pack
HOSTILE = {
    "foreign": foreign,
    "all-empty": all_empty,
    "shuffled": shuffled,
    "huge-seq": put("entries", b"\xff" * 8, b"CSL1"),
    "seq-with-nothing": put("entries", SEQ(1 << 40), b""),
    "long-keys": keys("entries", lambda key: key + b"\0" * 300),
    "short-keys": keys("entries", lambda key: key[4:]),
    "event-keys": keys("events", lambda key: key[::-1]),
    "entry-empty": values("entries", lambda value: b""),
    "entry-cut": values("entries", lambda value: value[:len(value) // 2]),
    "entry-lengths": values("entries", lengths),
    "entry-0-lengths": values("entries", lengths, slice(0, 1)),
    "entry-oversize": values("entries", lambda value: value + b"\0" * 70000, slice(3, 4)),
    "event-oversize": values("events", lambda value: value + b" " * 1100000, slice(3, 4)),
    "event-none": values("events", lambda value: b""),
    "event-erased-0": values("events", lambda value: value[:16], slice(0, 1)),
    "event-erased": values("events", lambda value: value[:16]),
    "event-json": values("events", lambda value: value[:16] + b"[" * (len(value) - 16)),
    "node-short": values("nodes", lambda value: value[:31]),
    "node-long": values("nodes", lambda value: value + b"\0" * 5000),
    "nodes-none": empty("nodes"),
    "id-beyond": values("ids", lambda value: SEQ(1 << 63)),
    "id-long": values("ids", lambda value: value * 300),
    "id-short": values("ids", lambda value: value[:3]),
    "id-keys": put("ids", b"\0" * 511, SEQ(1)),
    "stream-beyond": values("streams", lambda value: b"\xff" * 8),
    "stream-self": values("streams", lambda value: SEQ(0)),
    "stream-short": values("streams", lambda value: value[:7]),
    "stream-unnamed": put("streams", b"\0" + SEQ(0), SEQ(1)),
    "stream-endless": put("streams", b"x" * 511, SEQ(1)),
    "stream-escape": put("streams", b"\x1b[31m\0" + SEQ(0), SEQ(1)),
    "stream-far-pos": put("streams", b"ledger\0" + b"\xff" * 8, SEQ(1)),
    "note-none": empty("meta"),
    "note-empty": note(b""),
    "note-garbage": note(b"\0\x80" * 5000),
    "note-huge": note(b"a" * 1200000),
    "note-far": note("countersign/x\n18446744073709551615\n".encode() + b"A" * 43 + b"=\n\n\xe2\x80\x94 x AAAAAAAA\n"),
    "kept-far": put("checkpoints", b"\xff" * 8, b"x"),
    "kept-short": put("checkpoints", b"\1", b""),
    "meta-more": put("meta", b"other", b"x" * 3000),
    "custody-odd": put("custody", b"\0" * 200, b"x"),
    **{f"no-{name}": drop(name) for name in
       ("entries", "events", "nodes", "ids", "streams", "checkpoints", "custody", "meta")},
    **{f"all-{flag}": flagged(flag) for flag in ("dupsort", "reversekey", "integerkey", "dupfixed")},
    **{f"{name}-dupsort": flagged_alone(name, "dupsort") for name in ("entries", "nodes", "ids", "meta", "custody")},
    **{f"{name}-reversekey": flagged_alone(name, "reversekey") for name in ("entries", "events", "streams")},
}

if len(sys.argv) != 2:
    sys.exit(__doc__)
if sys.argv[1] == "list":
    print("\n".join(HOSTILE))
else:
    dump = parse(sys.stdin.read())
    HOSTILE[sys.argv[1]](dump)
    write(dump)
