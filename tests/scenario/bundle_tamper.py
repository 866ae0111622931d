#!/usr/bin/env python3
"""bundle_tamper.py PROGRAM VKEY FILE OTHER FLIPS: every way in which a bundle can be no longer what it was, and FLIPS bytes of
it changed at random; PROGRAM must refuse each, and say what is wrong.  OTHER is a bundle of another ledger."""
import hashlib
import json
import random
import subprocess
import sys
import tarfile

SUMS = "SHA256SUMS"


def members(path):
    with tarfile.open(path, "r:") as tar:
        return [(info.name, tar.extractfile(info).read()) for info in tar.getmembers()]


def sums(found):
    return "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in found).encode()


def pack(found, fix=True):
    """A tar in the form of a bundle's; with sums that are right, if ${fix}."""
    if fix:
        found = [item for item in found if item[0] != SUMS]
        found = found + [(SUMS, sums(found))]
    out = b""
    for name, data in found:
        head = bytearray(b"%-100s000644 \x00000000 \x00000000 \x00%011o 00000000000         0" % (b"", len(data)))
        head[:100] = name.encode().ljust(100, b"\x00")
        head += bytes(100) + b"ustar\x0000" + bytes(64) + b"000000 \x00000000 \x00" + bytes(167)
        head[148:156] = b"%06o\x00 " % sum(head)
        out += head + data + bytes(-len(data) % 512)
    return out + bytes(1024)


def flip(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def variants(path, other):
    found, raw = members(path), open(path, "rb").read()
    assert pack(found) == raw, "the tests pack bundles otherwise"
    foreign = dict(members(other))
    for at, (name, data) in enumerate(found):
        before, after, fixed = found[:at], found[at + 1:], name != SUMS
        for place in {0, len(data) // 2, len(data) - 1}:
            changed = before + [(name, flip(data, place))] + after
            # what cannot be right is told by what it is, and the sums come last
            said = "" if name in ("checkpoint", "bundle.json") or name.startswith("tile/") else name
            yield said, pack(changed, False)
            if fixed and name != "README.txt" and not name.startswith("report/"):
                yield "", pack(changed)
        held = fixed and name != "README.txt" and not name.startswith("report/")  # the sums alone hold those
        yield "", pack(before + [(name, data[:-1])] + after, held)
        yield "", pack(before + [(name, data + b"\n")] + after, held)
        yield f"it has {name} twice", pack(found + [(name, data)], False)
        if not name.startswith("report/"):
            yield "", pack(before + after, fixed)
            yield "", pack(before + [(name + "x", data)] + after, fixed)
        if fixed and after and after[0][0] != SUMS:
            yield "", pack(before + [after[0], (name, data)] + after[1:])
        if held and name in foreign and foreign[name] != data:
            yield "", pack(before + [(name, foreign[name])] + after)
        yield "", pack(before + [("more.txt", b"more\n"), (name, data)] + after) if fixed else pack(
            before + [(name, data), ("more.txt", b"more\n")], False)
    for cut in (1, 511, 512, 1024, 1025, len(raw) // 2, len(raw) - 300):
        yield "", raw[:-cut]
    for more in (b"\0", bytes(512), bytes(1024), b"x", raw):
        yield "not in the form in which bundles are written", raw + more


def flips(path, count):
    raw, draw = open(path, "rb").read(), random.Random(7)
    for _ in range(count):
        at = draw.randrange(len(raw))
        yield "", raw[:at] + bytes([raw[at] ^ draw.randrange(1, 256)]) + raw[at + 1:]


def refused(program, vkey, said, data):
    with open("tampered.tar", "wb") as file:
        file.write(data)
    done = subprocess.run([program, "verify", "tampered.tar", "--vkey", vkey, "--json"], capture_output=True, check=False)
    told = json.loads(done.stdout or "{}")
    return done.returncode == 1 and told.get("ok") is False and told["what"] and said in told["what"], done


def main():
    program, vkey, path, other, count = sys.argv[1:]
    tried = 0
    for said, data in [*variants(path, other), *flips(path, int(count))]:
        good, done = refused(program, vkey, said, data)
        tried += 1
        if not good:
            sys.exit(f"{path}: variant {tried}, of which '{said}' was to be said: {done}; it is left as tampered.tar")
    assert tried > 150 + int(count), f"only {tried} variants"


if __name__ == "__main__":
    main()
