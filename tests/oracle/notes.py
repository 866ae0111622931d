"""Signed notes (ledger/FORMAT.md "Checkpoint"), and what all of the oracle shares."""
import base64
import hashlib
import re

import ed25519

WHITE_SPACE = set(map(chr, [*range(9, 14), 0x20, 0x85, 0xa0, 0x1680, *range(0x2000, 0x200b), 0x2028,
                            0x2029, 0x202f, 0x205f, 0x3000]))


class Refused(Exception):
    """Something does not hold; the text says what."""


def expect(holds, what):
    if not holds:
        raise Refused(what)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def name_ok(name):
    return 1 <= len(name.encode()) <= 255 and not any(
        c in WHITE_SPACE or c == "+" or ord(c) < 0x20 or 0x7f <= ord(c) <= 0x9f for c in name)


def strict_base64(text):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Refused("base64") from None
    expect(base64.b64encode(data).decode() == text, "base64 is not canonical")
    return data


def key_id(name, public):
    return sha256(name.encode(), b"\n\1", public)[:4]


def parse_vkey(vkey):
    """(name, key id, public key) of a vkey."""
    parts = vkey.split("+", 2)
    expect(len(parts) == 3 and name_ok(parts[0]), "vkey")
    typed = strict_base64(parts[2])
    expect(len(typed) == 33 and typed[0] == 1, "type of a vkey")
    expect(parts[1] == key_id(parts[0], typed[1:]).hex(), "key id of a vkey")
    return parts[0], key_id(parts[0], typed[1:]), typed[1:]


def parse_note(note):
    """(text, [(name, key id, signature)]) of the bytes of a note."""
    expect(len(note) <= 1000000, "note too long")
    try:
        text = note.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("note is not UTF-8") from None
    expect(not any(ord(c) < 0x20 and c != "\n" for c in text), "control character in a note")
    body, blank, lines = text.rpartition("\n\n")
    expect(blank and body and lines.endswith("\n"), "note without signatures")
    signatures = []
    for line in lines[:-1].split("\n"):
        match = re.fullmatch("\u2014 ([^ ]+) (.+)", line)
        expect(match and name_ok(match.group(1)), "signature line")
        data = strict_base64(match.group(2))
        expect(len(data) >= 5, "signature line too short")
        signatures.append((match.group(1), data[:4], data[4:]))
    expect(len(signatures) <= 100, "too many signatures")
    return body + "\n", signatures


def check_note(note, vkeys):
    """The text of a good note."""
    text, signatures = parse_note(note)
    known = {(name, ident): public for name, ident, public in map(parse_vkey, vkeys)}
    by_known = [s for s in signatures if s[:2] in known]
    expect(by_known, "no signature by a known key")
    for name, ident, signature in by_known:
        expect(ed25519.verify(known[name, ident], text.encode(), signature), "signature of a note")
    return text


def note_by(note, vkey):
    """Whether a note is good by one key."""
    try:
        return bool(check_note(note, [vkey]))
    except Refused:
        return False


def parse_checkpoint(text):
    """(origin, size, root) of a checkpoint's body."""
    lines = text.split("\n")
    expect(len(lines) == 4 and lines[3] == "", "lines of a checkpoint")
    origin, size, root = lines[:3]
    expect(1 <= len(origin.encode()) <= 255, "origin of a checkpoint")
    expect(not any(0x7f <= ord(c) <= 0x9f for c in origin), "origin of a checkpoint")
    expect(re.fullmatch("0|[1-9][0-9]{0,19}", size) and int(size) < 2**64, "size of a checkpoint")
    expect(len(strict_base64(root)) == 32, "root of a checkpoint")
    return origin, int(size), strict_base64(root)
