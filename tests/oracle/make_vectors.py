#!/usr/bin/env python3
"""Writes tests/vectors/*.json and tests/vectors/ledger/ with the oracle's own encoder and signer.

They are the same for every run; test_oracle.py holds the files in the tree to that."""
import base64
import hashlib
import json
import pathlib
import struct
import sys

import binary
import ed25519
import heads
import oracle
import proofs
import sshkeys
from wire import ssh_string

VECTORS = pathlib.Path(__file__).resolve().parents[1] / "vectors"
LEDGER_SEED, ADMISSION_SEED, ANNA_SEED, PIPE_SEED = (bytes([n]) * 32 for n in range(1, 5))
LEDGER_ID = oracle.sha256(b"a ledger made for vectors")
T0 = 1767225600000000  # 2026-01-01T00:00:00Z


# Encoding

def encode_part(part):
    stream, principal = part["stream"].encode(), part["principal"].encode()
    head = struct.pack(">Q32s32sIBBBB", part["admitted_us"], part["credential"], part["event_digest"],
                       part["event_bytes"], part["origin"], len(stream), len(principal), len(part["sigs"]))
    sigs = [struct.pack(">B32sH", s["alg"], s["key_id"], len(s["data"])) + s["data"] for s in part["sigs"]]
    return head + stream + principal + b"".join(sigs)


def encode_entry(entry):
    head = struct.pack(">4sQQ32sQ32s", b"CSL1", entry["seq"], entry["time_us"], entry["prev"],
                       entry["stream_pos"], entry["stream_prev"])
    return head + encode_part(entry) + entry["admission"]


def ssh_wire(seed):
    return ssh_string(b"ssh-ed25519") + ssh_string(ed25519.public_key(seed))


def ssh_line(seed):
    return "ssh-ed25519 " + base64.b64encode(ssh_wire(seed)).decode()


def sign_dsse(seed, event):
    return {"alg": 1, "key_id": oracle.sha256(ssh_wire(seed)),
            "data": ed25519.sign(seed, oracle.pae(event))}


def sign_ssh(seed, event):
    namespace, digest = sshkeys.NAMESPACE, hashlib.sha512(event).digest()
    message = b"SSHSIG" + b"".join(map(ssh_string, [namespace, b"", b"sha512", digest]))
    signature = ssh_string(b"ssh-ed25519") + ssh_string(ed25519.sign(seed, message))
    strings = [ssh_wire(seed), namespace, b"", b"sha512", signature]
    blob = b"SSHSIG" + struct.pack(">I", 1) + b"".join(map(ssh_string, strings))
    return {"alg": 2, "key_id": oracle.sha256(ssh_wire(seed)), "data": blob}


def make_vkey(name, seed):
    public = ed25519.public_key(seed)
    typed = base64.b64encode(b"\1" + public).decode()
    return f"{name}+{oracle.key_id(name, public).hex()}+{typed}"


def note_text(origin, size, root):
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"


def signature_line(text, name, seed):
    ident = oracle.key_id(name, ed25519.public_key(seed))
    encoded = base64.b64encode(ident + ed25519.sign(seed, text.encode())).decode()
    return f"\u2014 {name} {encoded}\n"


def sign_note(text, name, seed):
    return text + "\n" + signature_line(text, name, seed)


# A ledger in memory

class Writer:
    def __init__(self, ledger_id, admission_seed):
        self.ledger_id, self.admission_seed = ledger_id, admission_seed
        self.entries, self.events, self.leaves, self.streams, self.time_us = [], [], [], {}, 0

    def append(self, event, stream, principal, admitted_us, origin=1, credential=oracle.ZEROS, sigs=()):
        salt = oracle.sha256(b"salt %d" % len(self.entries))[:16]
        chain = self.streams.setdefault(stream, [])
        self.time_us = max(self.time_us, admitted_us)
        entry = {"seq": len(self.entries), "time_us": self.time_us, "prev": (self.leaves or [oracle.ZEROS])[-1],
                 "stream_pos": len(chain), "stream_prev": (chain or [oracle.ZEROS])[-1],
                 "admitted_us": admitted_us, "credential": credential,
                 "event_digest": oracle.event_digest(salt, event), "event_bytes": len(event),
                 "origin": origin, "stream": stream, "principal": principal, "sigs": list(sigs)}
        message = oracle.admission_message(self.ledger_id, encode_part(entry))
        entry["admission"] = ed25519.sign(self.admission_seed, message)
        data = encode_entry(entry)
        self.entries.append(data)
        self.events.append((salt, event))
        self.leaves.append(oracle.leaf_hash(data))
        chain.append(self.leaves[-1])
        return entry

    def files(self, origin, *seeds):
        """{path: bytes} of the checkpoint, hash tiles and bundles."""
        text = note_text(origin, len(self.leaves), oracle.tree_root(self.leaves))
        lines = [signature_line(text, origin, seed) for seed in seeds]
        files = {"checkpoint": "\n".join([text, "".join(lines)]).encode()}
        levels = oracle.tree_levels(self.leaves)
        for level in range(0, len(levels), 8):
            for index, width in oracle.tile_widths(len(levels[level])):
                hashes = levels[level][256 * index:256 * index + width]
                files[oracle.tile_path(level // 8, index, width)] = b"".join(hashes)
        for index, width in oracle.tile_widths(len(self.leaves)):
            place = slice(256 * index, 256 * index + width)
            files[oracle.tile_path("entries", index, width)] = b"".join(
                struct.pack(">H", len(entry)) + entry for entry in self.entries[place])
            files[oracle.tile_path("events", index, width)] = b"".join(
                struct.pack(">I", len(event)) + salt + event if event else bytes(4)
                for salt, event in self.events[place])
        return files


def cloud_event(ident, kind, data, source="/cli", **extensions):
    event = {"specversion": "1.0", "id": ident, "source": source, "type": kind, **extensions, "data": data}
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def small_ledger():
    """A ledger with all that an entry can have, and one event erased."""
    origin, name = "ledger.example/vectors", "2026-01-blue"
    writer = Writer(LEDGER_ID, ADMISSION_SEED)
    ours = {"ledger": LEDGER_ID.hex(), "deployment": name}
    created = {"ledger": LEDGER_ID.hex(), "origin": origin, "vkey": make_vkey(origin, LEDGER_SEED),
               "admission_key": ed25519.public_key(ADMISSION_SEED).hex(),
               "admins": [{"principal": "anna@example.com", "public_key": ssh_line(ANNA_SEED)}]}
    writer.append(cloud_event("0", "dev.countersign.ledger.created.v1", created, "/ledger"),
                  "ledger", "ledger", T0, origin=4)
    enrolled = cloud_event("1", "dev.countersign.key.enrolled.v1", {
        "principal": "pipeline", "public_key": ssh_line(PIPE_SEED) + " ci@build"}, ledger=LEDGER_ID.hex())
    anna, pipe = oracle.sha256(ssh_wire(ANNA_SEED)), oracle.sha256(ssh_wire(PIPE_SEED))
    writer.append(enrolled, "ledger", "anna@example.com", T0 + 5000000, 3, anna, [sign_ssh(ANNA_SEED, enrolled)])
    opened = cloud_event("2", "dev.countersign.deployment.opened.v1", {"title": "Blau und Grün ✓"}, **ours)
    writer.append(opened, name, "anna@example.com", T0 + 4000000, 1, anna,
                  [sign_ssh(ANNA_SEED, opened), sign_dsse(PIPE_SEED, opened)])
    note = cloud_event("3", "dev.countersign.note.added.v1", {"text": "signed by a machine"}, **ours)
    writer.append(note, name, "pipeline", T0 + 6000000, 1, pipe, [sign_dsse(PIPE_SEED, note)])
    foreign = cloud_event("4", "com.example.alarm", None, "//monitor", time="2026-01-01T00:00:06Z")
    writer.append(foreign, "inbox", "amqp:monitor", T0 + 7000000, 2, oracle.sha256(b"amqp:monitor"))
    gone = cloud_event("5", "dev.countersign.note.added.v1", {"text": "erased"}, **ours)
    writer.append(gone, name, "token-user", T0 + 8000000, 1, oracle.sha256(bytes(32)))
    writer.events[5] = (bytes(16), b"")
    return writer, origin


# The files

def entry_case(name, ledger_id, seed, fields, event):
    salt = fields.pop("salt")
    entry = {**fields, "event_digest": oracle.event_digest(salt, event), "event_bytes": len(event)}
    part = encode_part(entry)
    message = oracle.admission_message(ledger_id, part)
    entry["admission"] = ed25519.sign(seed, message)
    data = encode_entry(entry)
    fields = {**oracle.readable(entry), "seq": str(entry["seq"]), "stream_pos": str(entry["stream_pos"])}
    return {"name": name, "fields": fields, "salt": salt.hex(), "event": event.decode(),
            "part": part.hex(), "message": message.hex(), "entry": data.hex(),
            "leaf": oracle.leaf_hash(data).hex()}


def shortest_fields():
    return {"seq": 0, "time_us": 0, "prev": oracle.ZEROS, "stream_pos": 0, "stream_prev": oracle.ZEROS,
            "admitted_us": 0, "credential": oracle.ZEROS, "origin": 4, "stream": "a", "principal": "b",
            "sigs": [], "salt": bytes(16)}


def longest_fields():
    sigs = [{"alg": 1 + i % 3, "key_id": bytes([i]) * 32, "data": bytes([0xf0 + i]) * length}
            for i, length in enumerate((64, 2000, 1968, 64))]
    return {"seq": 2**64 - 1, "time_us": oracle.TIME_END - 1, "prev": b"\x11" * 32, "stream_pos": 2**64 - 2,
            "stream_prev": b"\x22" * 32, "admitted_us": oracle.TIME_END - 2, "credential": b"\x33" * 32,
            "origin": 2, "stream": "0" + "a._-z9" * 21 + "b", "principal": "A" + "._@+:-" * 21 + "z",
            "sigs": sigs, "salt": bytes(range(16))}


def usual_fields():
    sigs = [{"alg": 1, "key_id": b"\xab" * 32, "data": bytes(range(64))},
            {"alg": 2, "key_id": b"\xcd" * 32, "data": b"SSHSIG, of which the entry knows the length only"}]
    return {"seq": 4711, "time_us": T0 + 1, "prev": b"\x01" * 32, "stream_pos": 42, "stream_prev": b"\x02" * 32,
            "admitted_us": T0, "credential": b"\x03" * 32, "origin": 1, "stream": "2026-01-blue",
            "principal": "anna@example.com", "sigs": sigs, "salt": b"\x5a" * 16}


def patched(data, offset, patch):
    return data[:offset] + patch + data[offset + len(patch):]


def with_signature(fields, index, data):
    """An entry whose signature ${index} has other data."""
    fields["sigs"][index]["data"] = data
    return bytes.fromhex(entry_case("", LEDGER_ID, ADMISSION_SEED, fields, b"{}")["entry"])


def refused_entries():
    """(what, bytes) of entries that must not decode, each a change of the usual one."""
    usual = bytes.fromhex(entry_case("", LEDGER_ID, ADMISSION_SEED, usual_fields(), b"{}")["entry"])
    names = 92 + 80
    sig = names + len("2026-01-blue") + len("anna@example.com")
    yield "nothing", b""
    yield "cut short by one byte", usual[:-1]
    yield "one byte more", usual + b"\0"
    yield "another magic", patched(usual, 0, b"CSL2")
    yield "time_us below admitted_us", patched(usual, 12, struct.pack(">Q", T0 - 1))
    yield "time_us in the year 10000", patched(usual, 12, struct.pack(">Q", oracle.TIME_END))
    yield "time_us negative", patched(usual, 12, b"\xff" * 8)
    yield "admitted_us negative", patched(usual, 92, b"\xff" * 8)
    yield "event of no bytes", patched(usual, 92 + 72, struct.pack(">I", 0))
    yield "event over 1 MiB", patched(usual, 92 + 72, struct.pack(">I", oracle.EVENT_MAX + 1))
    yield "origin 0", patched(usual, 92 + 76, b"\0")
    yield "origin 5", patched(usual, 92 + 76, b"\5")
    yield "stream of no bytes", patched(usual, 92 + 77, b"\0")
    yield "stream of 129 bytes", patched(usual, 92 + 77, b"\x81")
    yield "principal of no bytes", patched(usual, 92 + 78, b"\0")
    yield "five signatures", patched(usual, 92 + 79, b"\5")
    yield "fewer signatures than there are", patched(usual, 92 + 79, b"\1")
    yield "stream with a capital", patched(usual, names, b"A")
    yield "stream that begins with a dot", patched(usual, names, b".")
    yield "stream with a NUL", patched(usual, names + 4, b"\0")
    yield "principal with a slash", patched(usual, sig - 4, b"/")
    yield "principal with a NUL at its end", patched(usual, sig - 1, b"\0")
    yield "alg 0", patched(usual, sig, b"\0")
    yield "alg 4", patched(usual, sig, b"\4")
    yield "signature beyond the end", patched(usual, sig + 33 + 2 + 64 + 33, b"\xff\xff")
    yield "alg 1 of 63 bytes", with_signature(usual_fields(), 0, bytes(63))
    yield "alg 1 of 65 bytes", with_signature(usual_fields(), 0, bytes(65))
    yield "alg 2 of no bytes", with_signature(usual_fields(), 1, b"")
    yield "4,097 bytes of signatures", with_signature(longest_fields(), 1, bytes(2001))


def entry_vectors():
    zeros = entry_case("shortest", bytes(32), bytes(32), shortest_fields(), b"{}")
    cases = [entry_case("usual", LEDGER_ID, ADMISSION_SEED, usual_fields(), '{"text":"Grün ✓"}'.encode()),
             entry_case("longest", LEDGER_ID, ADMISSION_SEED, longest_fields(), b"[1]")]
    for case, ledger_id, seed in [(zeros, bytes(32), bytes(32)), *((c, LEDGER_ID, ADMISSION_SEED) for c in cases)]:
        case.update(ledger_id=ledger_id.hex(), admission_seed=seed.hex(),
                    admission_key=ed25519.public_key(seed).hex())
    refused = [{"what": what, "entry": data.hex()} for what, data in refused_entries()]
    return {"cases": [zeros, *cases], "refused": refused}


def note_case(seed, name, origin, size, root, more=""):
    text = note_text(origin, size, root)
    note = sign_note(text, name, seed) + more
    return {"seed": seed.hex(), "name": name, "vkey": make_vkey(name, seed), "origin": origin,
            "size": str(size), "root": root.hex(), "note": note, "sha256": oracle.sha256(note.encode()).hex()}


def refused_notes(seed, name):
    """(what, note) of notes that are malformed or not good, each a change of a good one."""
    text = note_text(name, 3, oracle.ZEROS)
    good, line = sign_note(text, name, seed), signature_line(text, name, seed)
    encoded = line.split(" ")[2].rstrip("\n")
    yield "nothing", ""
    yield "no signature", text + "\n"
    yield "no empty line", text + line
    yield "no newline at the end", good[:-1]
    yield "a carriage return", good.replace("\n", "\r\n")
    yield "a tab in the text", good.replace("\n3\n", "\n3\t\n")
    yield "a hyphen for the dash", good.replace("\u2014", "-")
    yield "two spaces behind the dash", good.replace("\u2014 ", "\u2014  ")
    yield "no name", good.replace(f"\u2014 {name}", "\u2014")
    yield "a plus sign in the name", good.replace(f"\u2014 {name}", f"\u2014 {name}+")
    yield "a no-break space in the name", good.replace(f"\u2014 {name}", f"\u2014 {name}\u00a0")
    yield "another's name", good.replace(f"\u2014 {name}", f"\u2014 {name}2")
    yield "another text", good.replace("\n3\n", "\n4\n")
    yield "a signature of four bytes", text + f"\n\u2014 {name} {base64.b64encode(bytes(4)).decode()}\n"
    yield "base64 without padding", good.replace(encoded, encoded.rstrip("="))
    yield "base64 with a loose bit", good.replace(encoded, encoded[:-2] + chr(ord(encoded[-2]) + 1) + "=")
    yield "base64 with a space", good.replace(encoded, encoded[:8] + " " + encoded[8:])
    short = base64.b64encode(base64.b64decode(encoded)[:-1]).decode()
    yield "a signature cut short", text + f"\n\u2014 {name} {short}\n"
    yield "a bad signature behind a good one", good + signature_line(text + "x", name, seed)
    yield "text behind the signatures", good + "text\n"
    yield "an empty line behind the signatures", good + "\n"
    yield "101 signatures", good + 100 * line


def refused_bodies():
    """(what, note) of notes whose text is no checkpoint; their signatures are not looked at."""
    root, short = (base64.b64encode(bytes(n)).decode() for n in (32, 31))
    for what, text in [
            ("two lines", "o\n3\n"), ("an extension line", f"o\n3\n{root}\nmore\n"), ("no origin", f"\n3\n{root}\n"),
            ("no size", f"o\n\n{root}\n"), ("size with a leading zero", f"o\n03\n{root}\n"),
            ("size with a sign", f"o\n+3\n{root}\n"), ("size beyond 64 bits", f"o\n18446744073709551616\n{root}\n"),
            ("size in hex", f"o\n0x3\n{root}\n"), ("root of 31 bytes", f"o\n3\n{short}\n"),
            ("root with a loose bit", f"o\n3\n{root[:-2]}B=\n"), ("root in hex", f"o\n3\n{'00' * 32}\n"),
            ("root with a space behind it", f"o\n3\n{root} \n"), ("origin of 256 bytes", f"{'o' * 256}\n3\n{root}\n"),
            ("a delete character in the origin", f"o\u007f\n3\n{root}\n")]:
        yield what, sign_note(text, "ledger.example", LEDGER_SEED)


def refused_vkeys(name, seed):
    good = make_vkey(name, seed)
    ident, typed = good[len(name) + 1:].split("+", 1)
    public = ed25519.public_key(seed)
    other = f"{int(ident, 16) ^ 1:08x}"
    type_two = base64.b64encode(b"\2" + public).decode()
    return ["", name, f"{name}+{ident}", f"{name}+{ident}+", f"{name}+{other}+{typed}", f"{name}+{ident[1:]}+{typed}",
            f"{name}+{ident.upper()}+{typed}", f"{name}2+{ident}+{typed}", f"+{ident}+{typed}", good[:-1], good + "=",
            good + "\n", f"{name}+{ident}+{type_two}", f"{name} {name}+{ident}+{typed}",
            f"{name}+{ident}+{base64.b64encode(public).decode()}"]


def note_vectors():
    seed, witness = bytes(range(32)), bytes(range(32, 64))
    name = "ledger.example/prod"
    abc = oracle.tree_root([oracle.leaf_hash(c) for c in (b"a", b"b", b"c")])
    text = note_text(name, 3, abc)
    cases = [note_case(seed, name, name, 3, abc),
             note_case(seed, name, name, 3, abc, signature_line(text, "witness.example/w1", witness)),
             note_case(LEDGER_SEED, "ü/✓", "an origin with spaces", 2**64 - 1, b"\xff" * 32),
             note_case(LEDGER_SEED, "n" * 255, "o" * 255, 0, oracle.sha256())]
    # Made with pyca/cryptography, with a cosignature (type 0x04) that a checker passes over.
    cosigned = ("\u2014 witness.example/w1 IDJKvgAAAABlU/EAF4LzA6/EfBT5jDI8kPyemvlIchvLP0D7R3YSMSTXnVjer9R8"
                "N/bhTm+/HYRjsHXoG2UjRHw3ngT5lw5VFG20DA==\n")
    made_elsewhere = note_case(seed, name, name, 3, abc, cosigned)
    assert made_elsewhere["sha256"] == "3b8f4e409b957b4065bab71cf72f87753608cd91db2861ff2a7f216a06cd15c8"
    return {"cases": [*cases, made_elsewhere],
            "refused": [{"what": what, "note": note} for what, note in refused_notes(seed, name)],
            "refused_checkpoints": [{"what": what, "note": note} for what, note in refused_bodies()],
            "refused_vkeys": refused_vkeys(name, seed),
            "refused_names": ["", "a+b", "a b", "a\tb", "a\nb", "a\u0085", "a\u00a0b", "\u1680", "\u2003", "\u2028",
                              "\u202f", "\u205f", "\u3000", "a\u007f", "\u009f", "n" * 256]}


def tree_vectors():
    # The leaves that Certificate Transparency's implementations test with.
    leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    hashes = [oracle.leaf_hash(bytes.fromhex(leaf)) for leaf in leaves]
    roots = [oracle.tree_root(hashes[:n]).hex() for n in range(9)]
    assert roots[8] == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    return {"leaves": leaves, "roots": roots}


def heads_vectors():
    """Cases of so many streams; "a-b" stands before "ab", as "a" and a 0 byte before both."""
    names = ["a", "a-b", "a.b", "ab", "inbox", "ledger", "0" * 128]
    cases = []
    for count in (1, 2, 3, 7):
        entries = [(name, bytes([turn]) * 31 + bytes([at])) for turn in range(1, 4)
                   for at, name in enumerate(names[:count])][:-1 if count > 1 else None]
        records, hashes = heads.records(entries), heads.hashes(entries)
        cases.append({"entries": [{"stream": stream, "leaf": leaf.hex()} for stream, leaf in entries],
                      "records": [record.hex() for record in records], "root": oracle.tree_root(hashes).hex(),
                      "proofs": [[h.hex() for h in proofs.inclusion_proof(i, hashes)] for i in range(len(hashes))]})
    return {"cases": cases}


def tile_vectors():
    kinds = [("hashes", 0), ("hashes", 63), ("entries", 0), ("events", 0)]
    tiles = [(kind, level, index, width) for kind, level in kinds
             for index in (0, 1, 999, 1000, 1234067, 10**9, 2**64 - 1) for width in (1, 99, 255, 256)]
    paths = [{"path": oracle.tile_path(level if kind == "hashes" else kind, index, width), "kind": kind,
              "level": level, "index": str(index), "width": width} for kind, level, index, width in tiles]
    refused = ["", "tile", "tile/", "tile/0", "tile/0/", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/0/x000/001",
               "tile/0/x001", "tile/0/x001/", "tile/0/001/000", "tile/0/x001/x000", "tile/0/X001/000", "tile/00/000",
               "tile/01/000", "tile/64/000", "tile/-1/000", "tile/+1/000", "tile/0/000/", "tile/0/000.p",
               "tile/0/000.p/", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/257", "tile/0/000.p/01",
               "tile/0/000.p/1/", "tile/0/000.p/-1", "tile/0/ 00", "tile/0/0 0", "/tile/0/000", "tile//000",
               "tile/data/000", "tile/entries/", "tile/entries", "tile/entries/0/000", "tile/events/x01/000",
               "tile/0/x018/x446/x744/x073/x709/x551/616", "tile/0/x999/x999/x999/x999/x999/x999/999",
               "tile/0/x001/x000/x000/x000/x000/x000/x000/000", "tile/8/0/000",
               "tile/0/000.P/1", "tile/0/000?", "checkpoint"]
    return {"paths": paths, "refused": refused}


def proof_case(what, leaves, index, vkey, note, shown=None):
    """A proof over leaf hashes; ${shown}: (entry, (salt, event) or None), carried."""
    extra = None if shown is None else proofs.format_extra(*shown)
    text = proofs.format_proof(index, proofs.inclusion_proof(index, leaves), note, extra)
    case = {"what": what, "proof": text.decode(), "sha256": oracle.sha256(text).hex(), "vkey": vkey,
            "index": str(index), "size": str(len(leaves)), "root": oracle.tree_root(leaves).hex(),
            "leaf": leaves[index].hex()}
    if shown is not None:
        case["entry"] = shown[0].hex()
        if shown[1] is not None:
            case["salt"], case["event"] = shown[1][0].hex(), shown[1][1].decode()
    return case


def carried_cases():
    """Proofs of the small ledger's entries."""
    writer, origin = small_ledger()
    vkey = make_vkey(origin, LEDGER_SEED)
    for size, index, with_event in [(1, 0, False), (5, 4, True), (6, 2, True), (6, 5, False)]:
        leaves = writer.leaves[:size]
        note = sign_note(note_text(origin, size, oracle.tree_root(leaves)), origin, LEDGER_SEED).encode()
        shown = writer.entries[index], writer.events[index] if with_event else None
        yield proof_case(f"entry {index} of {size}", leaves, index, vkey, note, shown)


def malformed_proofs(good):
    """(what, proof) of proofs that must not parse, each a change of a good one."""
    header, extra, index, first, rest = good.split("\n", 4)
    yield "nothing", ""
    yield "another header", good.replace("@v1", "@v2", 1)
    yield "no header", good[len(header) + 1:]
    yield "a header without a newline", header
    yield "a carriage return behind the header", good.replace("\n", "\r\n", 1)
    yield "extra without a space", good.replace("extra ", "extra", 1)
    yield "extra twice", good.replace(extra, extra + "\n" + extra, 1)
    yield "extra behind index", "\n".join([header, index, extra, first, rest])
    yield "extra without padding", good.replace(extra, extra.rstrip("=") + ("" if extra.endswith("=") else "A"), 1)
    yield "no index", "\n".join([header, extra, first, rest])
    yield "index of no digits", good.replace(index, "index ", 1)
    yield "index with a leading zero", good.replace(index, index.replace(" ", " 0"), 1)
    yield "index with a sign", good.replace(index, index.replace(" ", " +"), 1)
    yield "index with two spaces", good.replace(index, index.replace(" ", "  "), 1)
    yield "index with a space behind it", good.replace(index, index + " ", 1)
    yield "index beyond 64 bits", good.replace(index, "index 18446744073709551616", 1)
    yield "index with a capital", good.replace("index", "Index", 1)
    yield "hash of 31 bytes", good.replace(first, base64.b64encode(bytes(31)).decode(), 1)
    yield "hash of 33 bytes", good.replace(first, base64.b64encode(bytes(33)).decode(), 1)
    yield "hash with a loose bit", good.replace(first, first[:-2] + chr(ord(first[-2]) + 1) + "=", 1)
    yield "hash in hex", good.replace(first, "00" * 32, 1)
    yield "hash with a space behind it", good.replace(first, first + " ", 1)
    yield "65 hashes", good.replace(first, "\n".join([first] * 65), 1)
    yield "no checkpoint", good[:good.index("\n\n") + 2]
    yield "no empty line", good[:good.index("\n\n") + 1]


def refused_proofs(case):
    """(what, proof) of proofs that parse and do not hold."""
    text = case["proof"]
    lines = text.split("\n")
    other = small_ledger()[0]
    swapped = proofs.format_extra(other.entries[3], None)
    yield "another index", text.replace(lines[2], "index 3", 1)
    yield "index beyond the tree", text.replace(lines[2], "index 6", 1)
    yield "a hash more", text.replace(lines[3], lines[3] + "\n" + lines[3], 1)
    yield "a hash less", text.replace(lines[3] + "\n", "", 1)
    yield "two hashes exchanged", "\n".join([*lines[:3], lines[4], lines[3], *lines[5:]])
    yield "another entry", text.replace(lines[1], "extra " + base64.b64encode(swapped).decode(), 1)
    yield "another size", text.replace("\n6\n", "\n7\n", 1)
    yield "an unsigned checkpoint", text.replace("\u2014 ledger.example/vectors", "\u2014 ledger.example/vectorz", 1)
    elsewhere = sign_note(note_text("ledger.example/other", 6, bytes.fromhex(case["root"])),
                          "ledger.example/vectors", LEDGER_SEED)
    yield "a checkpoint of another origin", text[:text.index("\n\n") + 2] + elsewhere
    yield "a checkpoint that is none", text[:text.index("\n\n") + 2] + sign_note(
        "no checkpoint\n", "ledger.example/vectors", LEDGER_SEED)


def proof_vectors():
    note = note_vectors()["cases"][-1]
    abc = [oracle.leaf_hash(c) for c in (b"a", b"b", b"c")]
    elsewhere = proof_case("made with pyca/cryptography", abc, 1, note["vkey"], note["note"].encode())
    # The digest is of a file that another program has made.
    assert elsewhere["sha256"] == "178ff47f403618e0084dd1cd618ca15c14494a0e5e623e4f7a1e990deff83028"
    carried = list(carried_cases())
    good = carried[2]
    leaves = small_ledger()[0].leaves
    consistency = [{"old_size": str(old), "size": str(size), "old_root": oracle.tree_root(leaves[:old]).hex(),
                    "root": oracle.tree_root(leaves[:size]).hex(),
                    "hashes": [h.hex() for h in proofs.consistency_proof(old, leaves[:size])]}
                   for size in range(1, 7) for old in range(1, size + 1)]
    return {"cases": [elsewhere, *carried], "consistency": consistency,
            "malformed": [{"what": what, "proof": text} for what, text in malformed_proofs(good["proof"])],
            "refused": [{"what": what, "proof": text, "vkey": good["vkey"]} for what, text in refused_proofs(good)]}


def all_files():
    """{path below tests/vectors: bytes}"""
    files = {}
    for name, value in [("entry", entry_vectors()), ("note", note_vectors()), ("tree", tree_vectors()),
                        ("tile", tile_vectors()), ("proof", proof_vectors()), ("heads", heads_vectors()), ("binary", binary.vectors())]:
        files[f"{name}.json"] = (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()
    writer, origin = small_ledger()
    files.update({f"ledger/{path}": data for path, data in writer.files(origin, LEDGER_SEED).items()})
    return files


def main():
    for path, data in all_files().items():
        file = VECTORS / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
