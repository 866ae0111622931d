"""OpenSSH's keys and signatures, as ledger/FORMAT.md "Signatures of events" has them."""
import base64
import hashlib

import ed25519
import p256
from notes import expect, sha256
from wire import Reader, ssh_string

NAMESPACE = b"event@countersign"
# What stands before the hash in EMSA-PKCS1-v1_5 (RFC 8017 9.2, note 1).
SHA512_INFO = bytes.fromhex("3051300d060960864801650304020305000440")


class Key:
    """A public key: its type, and the numbers behind it."""

    def __init__(self, wire):
        self.wire, reader = wire, Reader(wire)
        self.type = reader.string().decode("ascii", "replace")
        self.hardware = self.type.startswith("sk-")
        readers = {"ssh-ed25519": self.read_ed25519, "sk-ssh-ed25519@openssh.com": self.read_ed25519,
                   "ecdsa-sha2-nistp256": self.read_p256, "sk-ecdsa-sha2-nistp256@openssh.com": self.read_p256,
                   "ssh-rsa": self.read_rsa}
        expect(self.type in readers, f"keys of type {self.type} are not supported")
        readers[self.type](reader)
        if self.hardware:
            self.application = reader.string()
            expect(1 <= len(self.application) <= 255 and
                   not any(byte < 0x20 or byte == 0x7f for byte in self.application), "application of a security key")
        reader.end()

    def read_ed25519(self, reader):
        self.raw, self.bits = reader.string(), 256
        point = ed25519.decode(self.raw) if len(self.raw) == 32 else None
        expect(point is not None and not ed25519.small_order(point) and
               ed25519.encode(ed25519.multiply(ed25519.ORDER, point)) == ed25519.encode(ed25519.NEUTRAL),
               "point of an Ed25519 key")

    def read_p256(self, reader):
        expect(reader.string() == b"nistp256", "curve of a key")
        self.point, self.bits = reader.string(), 256
        expect(p256.decode(self.point) is not None, "point of a P-256 key")

    def read_rsa(self, reader):
        self.exponent, self.modulus = reader.mpint(), reader.mpint()
        self.bits = self.modulus.bit_length()
        expect(3 <= self.exponent < 2**32 and self.exponent % 2 == 1, "exponent of an RSA key")
        expect(3072 <= self.bits <= 8192 and self.modulus % 2 == 1, "modulus of an RSA key")

    def check(self, signature, signed):
        """Check the string that ends an SSHSIG; gives (flags, counter), or None of a plain key."""
        reader = Reader(signature)
        wanted = "rsa-sha2-512" if self.type == "ssh-rsa" else self.type
        expect(reader.string() == wanted.encode(), "type of an SSH signature")
        raw, attested = reader.string(), None
        if self.hardware:
            attested = reader.number(1), reader.number(4)
            signed = b"".join([sha256(self.application), attested[0].to_bytes(1, "big"),
                               attested[1].to_bytes(4, "big"), sha256(signed)])
        reader.end()
        expect(self.verify(raw, signed), "an SSH signature does not verify")
        return attested

    def verify(self, raw, message):
        if self.type.endswith("ssh-ed25519") or self.type.startswith("sk-ssh-ed25519"):
            return ed25519.verify(self.raw, message, raw)
        if self.type == "ssh-rsa":
            return self.verify_rsa(raw, message)
        numbers = Reader(raw)
        r, s = numbers.mpint(), numbers.mpint()
        numbers.end()
        return p256.verify(self.point, message, r, s)

    def verify_rsa(self, raw, message):
        length = (self.bits + 7) // 8
        number = int.from_bytes(raw, "big")
        if len(raw) != length or number >= self.modulus:
            return False
        info = SHA512_INFO + hashlib.sha512(message).digest()
        padded = b"\0\1" + b"\xff" * (length - len(info) - 3) + b"\0" + info
        return pow(number, self.exponent, self.modulus) == int.from_bytes(padded, "big")


def parse_line(line):
    """The key in a line `TYPE BASE64 [comment]`."""
    words = line.split()
    expect(len(words) >= 2, "a public key has a type and base64")
    key = Key(base64.b64decode(words[1], validate=True))
    expect(key.type == words[0], "a public key of another type than it says")
    return key


def signed_text(hash_name, event):
    digest = hashlib.new(hash_name.decode(), event).digest()
    return b"SSHSIG" + b"".join(map(ssh_string, [NAMESPACE, b"", hash_name, digest]))


def check_sshsig(blob, key_id, event):
    """Check an SSHSIG by the key of ${key_id}; gives what a security key attests, or None."""
    reader = Reader(blob)
    expect(reader.take(6) == b"SSHSIG" and reader.number(4) == 1, "head of an SSHSIG")
    wire = reader.string()
    expect(sha256(wire) == key_id, "SSHSIG by another key than key_id")
    expect(reader.string() == NAMESPACE and reader.string() == b"", "namespace of an SSHSIG")
    name, signature = reader.string(), reader.string()
    reader.end()
    expect(name in (b"sha256", b"sha512"), "hash of an SSHSIG")
    return Key(wire).check(signature, signed_text(name, event))
