"""The ledger's own keys, from one change to the next (ledger/FORMAT.md "The ledger's keys")."""
import collections
import datetime
import re

from notes import check_note, expect, parse_vkey


def instant(text):
    """Unix microseconds of an RFC 3339 time."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?([Zz]|[+-]\d\d:\d\d)", text)
    expect(match, "time")
    day, clock, fraction, zone = match.groups()
    zone = "+00:00" if zone in "Zz" else zone
    at = datetime.datetime.fromisoformat(f"{day}T{clock}{zone}")
    epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return (at - epoch) // datetime.timedelta(microseconds=1) + int((fraction or "").ljust(6, "0"))


# The ledger's own keys, from the entry at seq on; the pair before holds beside them until until_us.
Pair = collections.namedtuple("Pair", "seq vkey admission_key until_us")


class Pairs:
    def __init__(self, vkey, admission_key):
        self.origin, self.all = parse_vkey(vkey)[0], [Pair(-1, vkey, admission_key, -1)]

    def change(self, entry, data):
        """Take in an event ledger.rekeyed of an admin."""
        now, until = entry["time_us"], data.get("until")
        pair = Pair(entry["seq"], data["vkey"], bytes.fromhex(data["admission_key"]),
                    -1 if until is None else instant(until))
        expect(until is None or now < pair.until_us <= now + 366 * 86400 * 10**6, "until")
        expect(until is None or now > self.all[-1].until_us, "the last change is not over")
        expect(parse_vkey(pair.vkey)[0] == self.origin and len(pair.admission_key) == 32, "keys")
        fresh = {parse_vkey(pair.vkey)[2], pair.admission_key}
        expect(len(fresh) == 2, "one key twice")
        for old in self.all:
            expect(not fresh & {parse_vkey(old.vkey)[2], old.admission_key}, "a key that the ledger had")
            expect(parse_vkey(old.vkey)[1] != parse_vkey(pair.vkey)[1], "a key id that the ledger had")
        self.all.append(pair)

    def at(self, seq, time_us):
        """Those that hold at a position: the newest, and the one before it until its time."""
        pairs = [pair for pair in self.all if pair.seq < seq]
        return pairs[-2:] if time_us <= pairs[-1].until_us else pairs[-1:]

    def check_note(self, note, size, time_us):
        """All keys that hold at a size have signed its checkpoint, and where a change is the last entry both have.
        Gives their number."""
        pairs = self.at(size, time_us)
        if pairs[-1].seq == size - 1:
            pairs = [pair for pair in self.all if pair.seq < size][-2:]
        for pair in pairs:
            check_note(note, [pair.vkey])
        return len(pairs)
