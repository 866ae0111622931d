#!/usr/bin/env python3
"""Ledgers that were stored once (tests/vectors/replay): the oracle judges their entries as NAME.txt
says, and so does the reducer of today, with the same states.
"""
import pathlib
import sys
import tempfile

from oracle import Directory, decode_entry, leaf_hash, parse_event, read_bundles, tile_widths
from rules import Entry
from rules_forms import instant
from rules_ledger import OURS, Ledger
from rules_world import ROOT, Judge, World, compiled, differences

REPLAY = ROOT / "tests/vectors/replay"
LEDGERS = ("stories", "quickstart")


class Stored(World):
    """The entries of a directory of tiles, as the oracle judges them."""

    def __init__(self, directory, scratch):
        self.rows, self.verdicts, self.events = [], [], []
        self.ledger, self.deployments, self.catalog = Ledger(), {}, {}
        self.scratch = pathlib.Path(scratch)
        source = Directory(directory)
        size = int(source.get("checkpoint").split(b"\n")[1])
        assert tile_widths(size)
        shown = read_bundles(source, size, "events")
        for data, (_, text) in zip(read_bundles(source, size, "entries"), shown):
            self.take(decode_entry(data), leaf_hash(data).hex(), text)

    def take(self, entry, leaf, text):
        event = parse_event(text)
        keys = [s["key_id"].hex() for s in entry["sigs"]]
        common = [entry["time_us"], entry["admitted_us"], entry["principal"], entry["origin"], keys, leaf]
        self.rows.append([entry["stream"], entry["stream_pos"], *common, text.decode()])
        claimed = instant(event["time"]) if "time" in event else None
        place = Entry(entry["seq"], entry["stream_pos"], *common, claimed)
        verdict = self.folded(entry["stream"]).apply(place, event)
        self.verdicts.append((verdict + (0,))[:3])
        self.events.append(event)
        if event["type"] == OURS + "checklist.published.v1":
            self.publish(event["data"]["markdown"])

    def publish(self, markdown):
        path = self.scratch / f"{len(self.rows)}.md"
        path.write_text(markdown, encoding="utf-8")
        checklist = compiled(path)
        self.catalog[checklist.sha256] = checklist


def line_of(row, seq, verdict):
    """What NAME.txt says of an entry; its flags in no order."""
    rule, flags, blind = verdict
    words = [str(seq), row[0], f"#{row[1]}", rule or "accepted", *sorted(flags)]
    return words + ([f"({blind})"] if blind else [])


def differing(world, text):
    for seq, line in enumerate(text.split("\n\n")[0].splitlines()):
        wanted = line.split()
        wanted[4:] = sorted(wanted[4:], key=lambda w: (w[0] == "(", w))
        given = line_of(world.rows[seq], seq, world.verdicts[seq])
        if given != wanted:
            yield f"the oracle says {' '.join(given)}, and not {line}"


def main():
    judge, failed = Judge(), False
    for name in LEDGERS:
        with tempfile.TemporaryDirectory() as scratch:
            world = Stored(REPLAY / name, scratch)
        found = list(differing(world, (REPLAY / f"{name}.txt").read_text(encoding="utf-8")))
        found += differences(world, judge.ask(world.line()))
        print(f"{name}: {len(world.rows)} entries, {len(found)} differ", *found[:10], sep="\n    ")
        failed |= bool(found) or not world.rows
    judge.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
