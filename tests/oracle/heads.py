"""Where the streams of a ledger stand, from ledger/FORMAT.md "Heads" alone."""
import struct

from notes import sha256


def record(stream, pos, leaf):
    return stream.encode() + b"\0" + struct.pack(">Q", pos) + leaf


def records(entries):
    """The records after ${entries}, (stream, leaf hash) each, in order of their bytes."""
    streams = {}
    for stream, leaf in entries:
        streams.setdefault(stream, []).append(leaf)
    return sorted(record(stream, len(leaves) - 1, leaves[-1]) for stream, leaves in streams.items())


def hashes(entries):
    return [sha256(b"\0", data) for data in records(entries)]
