"""Bytes in order: big-endian numbers, and the strings and numbers of SSH (RFC 4251 5)."""
import struct

from notes import expect


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        expect(self.at + count <= len(self.data), "cut short")
        self.at += count
        return self.data[self.at - count:self.at]

    def number(self, count):
        return int.from_bytes(self.take(count), "big")

    def string(self):
        return self.take(self.number(4))

    def mpint(self):
        """A positive number in its shortest form."""
        data = self.string()
        number = int.from_bytes(data, "big", signed=True)
        expect(number > 0 and ssh_mpint(number)[4:] == data, "a number that is not positive, or not in its shortest form")
        return number

    def end(self):
        expect(self.at == len(self.data), "bytes behind the end")


def ssh_string(data):
    return struct.pack(">I", len(data)) + data


def ssh_mpint(number):
    return ssh_string(number.to_bytes(number.bit_length() // 8 + 1, "big")) if number else ssh_string(b"")
