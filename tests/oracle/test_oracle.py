#!/usr/bin/env python3
"""The oracle over tests/vectors, over ledgers that were changed, and over one of many tiles."""
import copy
import hashlib
import http.server
import json
import pathlib
import subprocess
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import binary
import ed25519
import make_vectors
import oracle
import proofs

VECTORS = make_vectors.VECTORS


def load(name):
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


class Files:
    """A source of tiles in memory."""

    def __init__(self, files):
        self.files = files

    def get(self, path):
        return self.files.get(path)


class Ed25519(unittest.TestCase):
    # RFC 8032 7.1, tests 1 to 3: seed, public key, message, signature.
    RFC8032 = [
        ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
         "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
         "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
        ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
         "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
         "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
        ("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
         "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
         "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
         "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")]

    def test_rfc8032(self):
        for seed, public, message, signature in self.RFC8032:
            seed, public, message, signature = map(bytes.fromhex, (seed, public, message, signature))
            self.assertEqual(ed25519.public_key(seed), public)
            self.assertEqual(ed25519.sign(seed, message), signature)
            self.assertTrue(ed25519.verify(public, message, signature))
            self.assertFalse(ed25519.verify(public, message + b"x", signature))

    def test_refused(self):
        seed, message = bytes(32), b"message"
        public, signature = ed25519.public_key(seed), ed25519.sign(seed, message)
        s = int.from_bytes(signature[32:], "little")
        larger = signature[:32] + (s + ed25519.ORDER).to_bytes(32, "little")
        self.assertFalse(ed25519.verify(public, message, larger))
        self.assertFalse(ed25519.verify(public, message, signature[:-1]))
        small = ed25519.encode(ed25519.NEUTRAL)
        self.assertFalse(ed25519.verify(small, message, small + bytes(32)))
        for bit in range(512):
            flipped = bytearray(signature)
            flipped[bit // 8] ^= 1 << bit % 8
            self.assertFalse(ed25519.verify(public, message, bytes(flipped)))


class Vectors(unittest.TestCase):
    def test_made_again(self):
        for path, data in make_vectors.all_files().items():
            self.assertEqual((VECTORS / path).read_bytes(), data, path)

    def test_entries(self):
        for case in load("entry")["cases"]:
            data = bytes.fromhex(case["entry"])
            entry = oracle.decode_entry(data)
            part = entry.pop("part")
            positions = {"seq": str(entry["seq"]), "stream_pos": str(entry["stream_pos"])}
            self.assertEqual({**oracle.readable(entry), **positions}, case["fields"])
            self.assertEqual(part.hex(), case["part"])
            self.assertEqual(make_vectors.encode_entry(entry), data)
            self.assertEqual(oracle.leaf_hash(data).hex(), case["leaf"])
            digest = oracle.event_digest(bytes.fromhex(case["salt"]), case["event"].encode())
            self.assertEqual(digest, entry["event_digest"])
            message = oracle.admission_message(bytes.fromhex(case["ledger_id"]), part)
            self.assertEqual(message.hex(), case["message"])
            self.assertTrue(ed25519.verify(bytes.fromhex(case["admission_key"]), message, entry["admission"]))

    def test_entries_refused(self):
        for case in load("entry")["refused"]:
            with self.assertRaises(oracle.Refused, msg=case["what"]):
                oracle.decode_entry(bytes.fromhex(case["entry"]))

    def test_entry_bits(self):
        data = bytes.fromhex(load("entry")["cases"][1]["entry"])
        for bit in range(8 * len(data)):
            flipped = bytearray(data)
            flipped[bit // 8] ^= 1 << bit % 8
            try:
                entry = oracle.decode_entry(bytes(flipped))
            except oracle.Refused:
                continue
            self.assertEqual(make_vectors.encode_entry(entry), flipped)

    def test_binary_refused(self):
        for what, *message in binary.refused():
            with self.assertRaises(binary.Refused, msg=what):
                binary.event(*message)

    def test_notes(self):
        vectors = load("note")
        for case in vectors["cases"]:
            note = case["note"].encode()
            self.assertEqual(hashlib.sha256(note).hexdigest(), case["sha256"])
            found = oracle.parse_checkpoint(oracle.check_note(note, [case["vkey"]]))
            self.assertEqual(found, (case["origin"], int(case["size"]), bytes.fromhex(case["root"])))
        vkey = vectors["cases"][0]["vkey"]
        for case in vectors["refused"]:
            with self.assertRaises(oracle.Refused, msg=case["what"]):
                oracle.check_note(case["note"].encode(), [vkey])
        for case in vectors["refused_checkpoints"]:
            with self.assertRaises(oracle.Refused, msg=case["what"]):
                oracle.parse_checkpoint(oracle.parse_note(case["note"].encode())[0])
        for vkey in vectors["refused_vkeys"]:
            with self.assertRaises(oracle.Refused, msg=vkey):
                oracle.parse_vkey(vkey)
        self.assertFalse([name for name in vectors["refused_names"] if oracle.name_ok(name)])

    def test_tree(self):
        vectors = load("tree")
        hashes = [oracle.leaf_hash(bytes.fromhex(leaf)) for leaf in vectors["leaves"]]
        for size, root in enumerate(vectors["roots"]):
            self.assertEqual(oracle.tree_root(hashes[:size]).hex(), root)


    def test_proofs(self):
        for case in load("proof")["cases"]:
            found = proofs.check_proof(case["proof"].encode(), case["vkey"], bytes.fromhex(case["leaf"]))
            self.assertEqual((str(found["index"]), str(found["size"]), found["root"]),
                             (case["index"], case["size"], case["root"]))
            if "entry" in case:
                found = proofs.check_proof(case["proof"].encode(), case["vkey"])
                self.assertEqual((found["leaf"], found["event"]), (case["leaf"], case.get("event")))

    def test_proofs_refused(self):
        vectors = load("proof")
        for case in vectors["malformed"]:
            with self.assertRaises(oracle.Refused, msg=case["what"]):
                proofs.parse_proof(case["proof"].encode())
        for case in vectors["refused"]:
            with self.assertRaises(oracle.Refused, msg=case["what"]):
                proofs.check_proof(case["proof"].encode(), case["vkey"])

    def test_consistency(self):
        for case in load("proof")["consistency"]:
            old, size = int(case["old_size"]), int(case["size"])
            roots = bytes.fromhex(case["old_root"]), bytes.fromhex(case["root"])
            hashes = [bytes.fromhex(h) for h in case["hashes"]]
            proofs.check_consistency(old, size, *roots, hashes)
            for i in range(len(hashes)):
                changed = [*hashes[:i], bytes(32), *hashes[i + 1:]]
                with self.assertRaises(oracle.Refused):
                    proofs.check_consistency(old, size, *roots, changed)
            with self.assertRaises(oracle.Refused):
                proofs.check_consistency(old, size, bytes(32), roots[1], hashes)

    def test_trees(self):
        """Every proof of every tree to 40 leaves, against the naive recursion."""
        leaves = [oracle.leaf_hash(bytes([i])) for i in range(40)]
        roots = [oracle.tree_root(leaves[:n]) for n in range(41)]
        for size in range(1, 41):
            for seq in range(size):
                path = proofs.inclusion_proof(seq, leaves[:size])
                proofs.check_inclusion(seq, size, leaves[seq], path, roots[size])
                grown = proofs.consistency_proof(seq + 1, leaves[:size])
                proofs.check_consistency(seq + 1, size, roots[seq + 1], roots[size], grown)


class Shelf(http.server.BaseHTTPRequestHandler):
    """Serves tests/vectors/ledger: the checkpoint to all, the rest to who has the token."""

    def do_GET(self):
        file = VECTORS / "ledger" / self.path[1:]
        if self.path != "/checkpoint" and self.headers["Authorization"] != "Bearer token":
            self.send_error(401)
        elif not file.is_file():
            self.send_error(404)
        else:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(file.read_bytes())

    def log_message(self, *args):
        pass


class CommandLine(unittest.TestCase):
    def run_oracle(self, *arguments):
        return subprocess.run([sys.executable, oracle.__file__, *arguments], capture_output=True, text=True)

    def test_entry(self):
        case = load("entry")["cases"][1]
        run = self.run_oracle("entry", case["entry"])
        self.assertEqual(run.returncode, 0, run.stderr)
        shown = json.loads(run.stdout)
        self.assertEqual((shown["leaf"], shown["seq"], shown["stream"]), (case["leaf"], 4711, "2026-01-blue"))
        run = self.run_oracle("entry", case["entry"][:-2])
        self.assertEqual((run.returncode, run.stdout, run.stderr), (1, "", "cut short\n"))

    def test_tiles(self):
        run = self.run_oracle("tiles", str(VECTORS / "ledger"))
        self.assertEqual((run.returncode, json.loads(run.stdout)["size"]), (0, 6), run.stderr)
        run = self.run_oracle("tiles", str(VECTORS / "nowhere"))
        self.assertEqual((run.returncode, run.stderr), (1, "size 0: checkpoint is missing\n"))

    def test_url(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shelf)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        run = self.run_oracle("url", url, "--token", "token")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(json.loads(run.stdout), oracle.check_ledger(oracle.Directory(VECTORS / "ledger")))
        run = self.run_oracle("url", url)
        self.assertEqual(run.returncode, 3, run.stderr)
        server.shutdown()
        server.server_close()


def oracle_order(writer):
    return [(oracle.decode_entry(data)["stream"], leaf) for data, leaf in zip(writer.entries, writer.leaves)]


class Ledger(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.made = make_vectors.small_ledger()

    def small(self):
        return copy.deepcopy(self.made)

    def test_small(self):
        result = oracle.check_ledger(oracle.Directory(VECTORS / "ledger"))
        self.assertEqual((result["size"], result["entries"], result["skipped"]), (6, 6, [5]))
        self.assertEqual(result["signatures"], 11)

    def refused(self, files, beginning):
        with self.assertRaises(oracle.Refused) as caught:
            oracle.check_ledger(Files(files))
        self.assertTrue(str(caught.exception).startswith(beginning), f"{caught.exception}, not {beginning}")

    def test_missing_files(self):
        writer, origin = self.small()
        files = writer.files(origin, make_vectors.LEDGER_SEED)
        for path in files:
            self.refused({p: d for p, d in files.items() if p != path}, "size ")

    def test_changed_entry(self):
        """A byte changed in any entry, with tree and checkpoint made to fit, names that entry."""
        for seq in range(6):
            for offset in (5, 13, 20, 59, 60, 91, 95, 120, 150, 167, -1):
                writer, origin = self.small()
                data = bytearray(writer.entries[seq])
                data[offset] ^= 1
                writer.entries[seq] = bytes(data)
                writer.leaves[seq] = oracle.leaf_hash(writer.entries[seq])
                self.refused(writer.files(origin, make_vectors.LEDGER_SEED), f"seq {seq}: ")

    def test_changed_event(self):
        for seq in range(5):
            writer, origin = self.small()
            salt, event = writer.events[seq]
            at = event.index(b'"id":"') + 6
            writer.events[seq] = (salt, event[:at] + b"x" + event[at + 1:])
            self.refused(writer.files(origin, make_vectors.LEDGER_SEED), f"seq {seq}: event_digest")
            writer.events[seq] = (bytes(16), event)
            self.refused(writer.files(origin, make_vectors.LEDGER_SEED), f"seq {seq}: event_digest")

    def append(self, writer, event, principal, sigs):
        writer.append(event, "2026-01-blue", principal, make_vectors.T0 + 9000000, sigs=sigs)

    def heads(self, writer, **change):
        root = oracle.tree_root(oracle.heads.hashes(oracle_order(writer)[:change.get("of", 6)]))
        data = {"size": change.get("size", 6), "root": root.hex(), "streams": 3}
        writer.append(make_vectors.cloud_event("h", "dev.countersign.ledger.heads.v1", data, "/ledger"), "ledger",
                      "ledger", make_vectors.T0 + 9000000, origin=change.get("origin", 4))

    def test_heads(self):
        """Good ones; another size or root; and by somebody else it is nothing."""
        for change, wrong in [({}, None), ({"size": 5, "of": 5}, None), ({"size": 5}, "root of its heads"),
                              ({"of": 5}, "root of its heads"), ({"size": 7}, "size of its heads"),
                              ({"of": 5, "origin": 1}, None)]:
            writer, origin = self.small()
            self.heads(writer, **change)
            files = writer.files(origin, make_vectors.LEDGER_SEED)
            if wrong is None:
                self.assertEqual(oracle.check_ledger(Files(files))["size"], 7)
            else:
                self.refused(files, f"seq 6: the {wrong}")

    def test_bad_events(self):
        def note(ident):
            return make_vectors.cloud_event(ident, "dev.countersign.note.added.v1", {"text": ident})
        pipe, stranger = make_vectors.PIPE_SEED, b"\x77" * 32
        wrong_blob = make_vectors.sign_ssh(pipe, note("8"))
        bad = {"a second event of the same name": (note("3"), []),
               "a key that was not enrolled": (note("6"), [make_vectors.sign_dsse(stranger, note("6"))]),
               "does not verify": (note("6"), [wrong_blob]),
               "signature of the event": (note("6"), [make_vectors.sign_dsse(pipe, note("7"))]),
               "two signatures by one key": (note("6"), [make_vectors.sign_dsse(pipe, note("6")),
                                                         make_vectors.sign_ssh(pipe, note("6"))]),
               "alg 3": (note("6"), [{**wrong_blob, "alg": 3}])}
        for what, (event, sigs) in bad.items():
            writer, origin = self.small()
            self.append(writer, event, "pipeline", sigs)
            with self.assertRaisesRegex(oracle.Refused, f"^seq 6: .*{what}"):
                oracle.check_ledger(Files(writer.files(origin, make_vectors.LEDGER_SEED)))

    def test_without_events(self):
        writer, origin = self.small()
        files = {p: d for p, d in writer.files(origin, make_vectors.LEDGER_SEED).items() if "events" not in p}
        vkey = make_vectors.make_vkey(origin, make_vectors.LEDGER_SEED)
        result = oracle.check_ledger(Files(files), vkey)
        self.assertEqual((result["size"], result["signatures"], result["skipped"]), (6, 1, list(range(6))))
        self.refused(files, "size 6: there are no events")
        with self.assertRaisesRegex(oracle.Refused, "^size 6: "):
            oracle.check_ledger(Files(files), make_vectors.make_vkey(origin, make_vectors.PIPE_SEED))
        for seq in range(6):
            writer, origin = self.small()
            data = bytearray(writer.entries[seq])
            data[25 if seq else 13] ^= 1
            writer.entries[seq] = bytes(data)
            writer.leaves[seq] = oracle.leaf_hash(writer.entries[seq])
            files = {p: d for p, d in writer.files(origin, make_vectors.LEDGER_SEED).items() if "events" not in p}
            with self.assertRaisesRegex(oracle.Refused, f"^seq {seq}: "):
                oracle.check_ledger(Files(files), vkey)

    # Another pair of keys, and what an admin says of it.
    NEXT_SEED, NEXT_ADMISSION = b"\x21" * 32, b"\x22" * 32

    def rekey(self, writer, until, seed=None, signer=make_vectors.ANNA_SEED):
        data = {"vkey": make_vectors.make_vkey("ledger.example/vectors", seed or self.NEXT_SEED), "until": until,
                "admission_key": ed25519.public_key(self.NEXT_ADMISSION).hex()}
        event = make_vectors.cloud_event(f"r{len(writer.entries)}", "dev.countersign.ledger.rekeyed.v1", data,
                                         ledger=make_vectors.LEDGER_ID.hex())
        principal = "anna@example.com" if signer == make_vectors.ANNA_SEED else "pipeline"
        writer.append(event, "ledger", principal, make_vectors.T0 + 10**7,
                      sigs=[make_vectors.sign_ssh(signer, event)])

    def tick(self, writer, seconds, seed):
        writer.admission_seed = seed
        event = make_vectors.cloud_event(f"t{len(writer.entries)}", "com.example.tick", None)
        writer.append(event, "inbox", "monitor", make_vectors.T0 + seconds * 10**6)

    def test_rekeyed(self):
        old, new = (make_vectors.LEDGER_SEED, make_vectors.ADMISSION_SEED), (self.NEXT_SEED, self.NEXT_ADMISSION)
        # until, seconds of an entry behind the change, keys that admit it and sign its checkpoint, whether it holds
        cases = [("2026-01-01T00:00:20Z", 20, old[1], [old[0], new[0]], None),
                 ("2026-01-01T00:00:20Z", 20, new[1], [old[0], new[0]], None),
                 ("2026-01-01T00:00:20Z", 20, new[1], [old[0]], "size 8: no signature by a known key"),
                 ("2026-01-01T00:00:20Z", 20, new[1], [new[0]], "size 8: no signature by a known key"),
                 ("2026-01-01T00:00:20Z", 21, new[1], [new[0]], None),
                 ("2026-01-01T00:00:20Z", 21, old[1], [new[0]], "seq 7: admission signature"),
                 ("2026-01-01T00:00:20Z", 21, new[1], [old[0]], "size 8: no signature by a known key"),
                 (None, 11, new[1], [new[0]], None),
                 (None, 11, old[1], [new[0]], "seq 7: admission signature"),
                 ("2026-01-01T00:00:05Z", 11, old[1], [old[0]], None),  # an until that is past: no change
                 ("2028-01-01T00:00:05Z", 11, old[1], [old[0]], None)]
        for until, seconds, admission, seeds, wrong in cases:
            writer, origin = self.small()
            self.rekey(writer, until)
            self.tick(writer, seconds, admission)
            files = writer.files(origin, *seeds)
            if wrong is None:
                oracle.check_ledger(Files(files))
            else:
                self.refused(files, wrong)

    def test_rekeyed_refused(self):
        """The checkpoint that ends in a change has both signatures; who is no admin changes nothing."""
        writer, origin = self.small()
        self.rekey(writer, None)
        oracle.check_ledger(Files(writer.files(origin, make_vectors.LEDGER_SEED, self.NEXT_SEED)))
        self.refused(writer.files(origin, make_vectors.LEDGER_SEED), "size 7: ")
        self.refused(writer.files(origin, self.NEXT_SEED), "size 7: ")
        for change in ({"signer": make_vectors.PIPE_SEED}, {"seed": make_vectors.LEDGER_SEED}):
            writer, origin = self.small()
            self.rekey(writer, None, **change)
            self.tick(writer, 11, make_vectors.ADMISSION_SEED)
            oracle.check_ledger(Files(writer.files(origin, make_vectors.LEDGER_SEED)))

    def test_many_tiles(self):
        """Full tiles, a level above, and a partial tile whose full one has taken its place."""
        writer, origin = self.small()
        while len(writer.entries) < 256 + 3:
            event = make_vectors.cloud_event(f"n{len(writer.entries)}", "com.example.tick", None)
            writer.append(event, "inbox", "monitor", make_vectors.T0 + 9000000)
        files = writer.files(origin, make_vectors.LEDGER_SEED)
        self.assertEqual(sorted(p for p in files if p.startswith("tile/")),
                         ["tile/0/000", "tile/0/001.p/3", "tile/1/000.p/1", "tile/entries/000",
                          "tile/entries/001.p/3", "tile/events/000", "tile/events/001.p/3"])
        result = oracle.check_ledger(Files(files))
        self.assertEqual((result["size"], len(result["leaves"])), (259, 259))
        level_one = files["tile/1/000.p/1"]
        self.refused({**files, "tile/1/000.p/1": bytes([level_one[0] ^ 1]) + level_one[1:]}, "size 259: tile/1/000.p/1")
        del files["tile/0/001.p/3"]
        files["tile/0/001"] = b"".join(writer.leaves[256:]) + bytes(32 * 253)
        self.assertEqual(oracle.check_ledger(Files(files)), result)


if __name__ == "__main__":
    unittest.main()
