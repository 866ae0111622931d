"""Reads back what a ledger holds from the tiles that it exports, and checks each event against its entry's digest."""
import hashlib
import struct

WIDTH = 256


def tile_path(kind, number, width):
    text, number = f"{number % 1000:03}", number // 1000
    while number > 0:
        text, number = f"x{number % 1000:03}/{text}", number // 1000
    return f"tile/{kind}/{text}" + (f".p/{width}" if width < WIDTH else "")


def entries(tiles, size):
    """Yield (seq, leaf, stream, principal, event's bytes) of the ${size} entries in a directory of tiles."""
    for first in range(0, size, WIDTH):
        width = min(WIDTH, size - first)
        entry_data = (tiles / tile_path("entries", first // WIDTH, width)).read_bytes()
        event_data = (tiles / tile_path("events", first // WIDTH, width)).read_bytes()
        entry_at = event_at = 0
        for seq in range(first, first + width):
            length, = struct.unpack_from(">H", entry_data, entry_at)
            entry = entry_data[entry_at + 2:entry_at + 2 + length]
            entry_at += 2 + length
            length, = struct.unpack_from(">I", event_data, event_at)
            salted = event_data[event_at + 4:event_at + 20 + length]
            event_at += 20 + length
            if struct.unpack_from(">Q", entry, 4)[0] != seq:
                raise ValueError(f"entry {seq} says another seq")
            if hashlib.sha256(b"\x02" + salted).digest() != entry[132:164]:
                raise ValueError(f"the event of entry {seq} is not the one that it digests")
            stream_len, principal_len = entry[169], entry[170]
            stream = entry[172:172 + stream_len].decode()
            principal = entry[172 + stream_len:172 + stream_len + principal_len].decode()
            yield seq, hashlib.sha256(b"\0" + entry).hexdigest(), stream, principal, salted[16:]
        if entry_at != len(entry_data) or event_at != len(event_data):
            raise ValueError(f"the tiles of entry {first} hold more than they should")
