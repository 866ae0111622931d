#!/usr/bin/env python3
"""Security keys without a device: plain keys that sign what OpenSSH's PROTOCOL.u2f has a device sign.

softkey.py make ed25519-sk|ecdsa-sk FILE [--application TEXT]    write FILE and FILE.pub
softkey.py sign FILE [--flags N] [--counter N] < EVENT           print the SSHSIG, armored
softkey.py envelope FILE [--flags N] [--counter N] < EVENT       print the DSSE envelope, one line

The counter of FILE goes up with each signature, unless --counter says another; --flags are 1 (touched),
4 (PIN), 5 (both) or 0, by default those in SOFTKEY_FLAGS, else 1."""
import argparse
import base64
import json
import os
import pathlib
import secrets
import sys

import ed25519
import p256
import sshkeys
from notes import sha256
from wire import ssh_mpint, ssh_string

TYPES = {"ed25519-sk": b"sk-ssh-ed25519@openssh.com", "ecdsa-sk": b"sk-ecdsa-sha2-nistp256@openssh.com"}


def wire_of(key):
    name, secret = TYPES[key["type"]], bytes.fromhex(key["secret"])
    if key["type"] == "ecdsa-sk":
        public = ssh_string(b"nistp256") + ssh_string(p256.public_key(int.from_bytes(secret, "big")))
    else:
        public = ssh_string(ed25519.public_key(secret))
    return ssh_string(name) + public + ssh_string(key["application"].encode())


def make(file, kind, application):
    secret = secrets.token_bytes(32)
    while kind == "ecdsa-sk" and not 0 < int.from_bytes(secret, "big") < p256.ORDER:
        secret = secrets.token_bytes(32)
    key = {"type": kind, "secret": secret.hex(), "application": application, "counter": 0}
    file.write_text(json.dumps(key), encoding="utf-8")
    line = f"{TYPES[kind].decode()} {base64.b64encode(wire_of(key)).decode()} {file.name}\n"
    file.with_name(file.name + ".pub").write_text(line, encoding="utf-8")


def sign(key, event, flags, counter):
    """The SSHSIG blob."""
    secret, hash_name = bytes.fromhex(key["secret"]), b"sha512"
    device = bytes([flags]) + counter.to_bytes(4, "big")
    message = sha256(key["application"].encode()) + device + sha256(sshkeys.signed_text(hash_name, event))
    if key["type"] == "ecdsa-sk":
        raw = b"".join(map(ssh_mpint, p256.sign(int.from_bytes(secret, "big"), message)))
    else:
        raw = ed25519.sign(secret, message)
    inner = ssh_string(TYPES[key["type"]]) + ssh_string(raw) + device
    fields = [wire_of(key), sshkeys.NAMESPACE, b"", hash_name, inner]
    return b"SSHSIG" + (1).to_bytes(4, "big") + b"".join(map(ssh_string, fields))


def armor(blob):
    text = base64.b64encode(blob).decode()
    lines = [text[at:at + 70] for at in range(0, len(text), 70)]
    return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""])


def envelope(event, blob):
    return json.dumps({"payloadType": "application/cloudevents+json", "payload": base64.b64encode(event).decode(),
                       "signatures": [{"sig": base64.b64encode(blob).decode()}]}) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    making = commands.add_parser("make")
    making.add_argument("type", choices=TYPES)
    making.add_argument("file", type=pathlib.Path)
    making.add_argument("--application", default="ssh:")
    for name in ("sign", "envelope"):
        signing = commands.add_parser(name)
        signing.add_argument("file", type=pathlib.Path)
        signing.add_argument("--flags", type=int, default=int(os.environ.get("SOFTKEY_FLAGS", "1")))
        signing.add_argument("--counter", type=int)
    options = parser.parse_args()
    if options.command == "make":
        make(options.file, options.type, options.application)
        return
    key, event = json.loads(options.file.read_text(encoding="utf-8")), sys.stdin.buffer.read()
    if options.counter is None:
        key["counter"] += 1
        options.file.write_text(json.dumps(key), encoding="utf-8")
    blob = sign(key, event, options.flags, key["counter"] if options.counter is None else options.counter)
    sys.stdout.write(armor(blob) if options.command == "sign" else envelope(event, blob))


if __name__ == "__main__":
    main()
