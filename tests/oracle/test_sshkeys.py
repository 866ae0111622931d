#!/usr/bin/env python3
"""The oracle's keys and signatures against ssh-keygen's, OpenSSL's and the specifications' own."""
import base64
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import p256
import softkey
import sshkeys
from notes import Refused, sha256
from wire import Reader, ssh_mpint, ssh_string

EVENT = b'{"specversion":"1.0"}'


class P256(unittest.TestCase):
    # RFC 6979 A.2.5: the key, and the signature of "sample" with SHA-256.
    SECRET = 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721
    PUBLIC = (0x60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6,
              0x7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299)
    SIGNATURE = (0xEFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716,
                 0xF7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8)

    def test_rfc6979(self):
        public = p256.encode(self.PUBLIC)
        r, s = self.SIGNATURE
        self.assertEqual(p256.public_key(self.SECRET), public)
        self.assertTrue(p256.verify(public, b"sample", r, s))
        self.assertTrue(p256.verify(public, b"sample", r, p256.ORDER - s))
        self.assertFalse(p256.verify(public, b"simple", r, s))
        for wrong in [(r, 0), (0, s), (r, p256.ORDER), (p256.ORDER, s), (r + p256.ORDER, s), (s, r)]:
            self.assertFalse(p256.verify(public, b"sample", *wrong))

    def test_own(self):
        for message in (b"", b"a", b"x" * 1000):
            self.assertTrue(p256.verify(p256.public_key(7), message, *p256.sign(7, message)))

    def test_points(self):
        self.assertIsNone(p256.decode(p256.encode(self.PUBLIC)[:-1] + b"\0"))
        self.assertIsNone(p256.decode(b"\2" + p256.encode(self.PUBLIC)[1:33]))


class Mpint(unittest.TestCase):
    def test_forms(self):
        for number in (1, 127, 128, 255, 256, 2**255, 2**256 - 1):
            self.assertEqual(Reader(ssh_mpint(number)).mpint(), number)
        for data in (b"", b"\0", b"\0\1", b"\xff", b"\0\0\x80"):
            with self.assertRaises(Refused):
                Reader(ssh_string(data)).mpint()


class Keygen(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.at = pathlib.Path(cls.folder.name)
        for name, bits in (("ed25519", "256"), ("ecdsa", "256"), ("rsa", "3072")):
            cls.keygen("-q", "-t", name, "-b", bits, "-N", "", "-f", str(cls.at / name))
        for name in softkey.TYPES:
            softkey.make(cls.at / name, name, "ssh:test")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @staticmethod
    def keygen(*args, stdin=b"", check=True):
        return subprocess.run(["ssh-keygen", *args], input=stdin, capture_output=True, check=check)

    def public(self, name):
        return (self.at / f"{name}.pub").read_text(encoding="utf-8")

    def blob(self, name, flags=1, counter=9):
        """An SSHSIG of EVENT; by ssh-keygen, but for keys that it would need a device for."""
        if name in softkey.TYPES:
            return softkey.sign(json.loads((self.at / name).read_text(encoding="utf-8")), EVENT, flags, counter)
        made = self.keygen("-q", "-Y", "sign", "-n", "event@countersign", "-f", str(self.at / name), stdin=EVENT)
        return base64.b64decode(b"".join(made.stdout.splitlines()[1:-1]))

    def check(self, name, blob):
        return sshkeys.check_sshsig(blob, sha256(sshkeys.parse_line(self.public(name)).wire), EVENT)

    def test_every_type(self):
        for name in ("ed25519", "ecdsa", "rsa"):
            self.assertIsNone(self.check(name, self.blob(name)))

    def test_security_keys(self):
        signers, signature = self.at / "allowed", self.at / "sig"
        for name in softkey.TYPES:
            signers.write_text(f"anna {self.public(name)}", encoding="utf-8")
            for flags in (0, 1, 4, 5):
                blob = self.blob(name, flags, 0x12345678)
                self.assertEqual(self.check(name, blob), (flags, 0x12345678))
                signature.write_text(softkey.armor(blob), encoding="utf-8")
                self.keygen("-Y", "verify", "-n", "event@countersign", "-f", str(signers), "-I", "anna",
                            "-s", str(signature), stdin=EVENT)

    def test_flipped(self):
        for name in ("ed25519", "ecdsa", "rsa", *softkey.TYPES):
            blob = self.blob(name)
            for bit in range(0, 8 * len(blob), 29):
                flipped = bytearray(blob)
                flipped[bit // 8] ^= 1 << bit % 8
                with self.assertRaises(Refused):
                    self.check(name, bytes(flipped))

    def test_other_types(self):
        for name, bits in (("ecdsa", "384"), ("rsa", "2048")):
            file = self.at / f"{name}{bits}"
            self.keygen("-q", "-t", name, "-b", bits, "-N", "", "-f", str(file))
            with self.assertRaises(Refused):
                sshkeys.parse_line(self.public(file.name))


if __name__ == "__main__":
    unittest.main()
