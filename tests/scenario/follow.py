#!/usr/bin/env python3
"""Follows /v1/stream by many readers while events are appended: cut, resumed, filtered, slow ones.

usage: follow.py URL READ_TOKEN WRITE_TOKEN READERS EVENTS
Every reader must have seen each entry that it asked for exactly once and in order, whatever happened to its connections.
Exit 1 with what was wrong.
"""
import asyncio
import json
import random
import sys
import urllib.parse

STREAMS, TYPES = ["f-0", "f-1", "f-2"], ["org.example.a", "org.example.b"]


class Reply:
    """One HTTP/1.1 reply, read piece by piece."""

    def __init__(self, host, port):
        self.host, self.port, self.reader, self.writer, self.left = host, port, None, None, b""

    async def open(self, head):
        self.reader, self.writer = await asyncio.open_connection(self.host, self.port, limit=1 << 22)
        self.writer.write(head.encode())
        status = (await self.reader.readline()).decode().split()[1]
        self.headers = {}
        while (line := (await self.reader.readline()).decode().strip()):
            name, value = line.split(":", 1)
            self.headers[name.lower()] = value.strip()
        return int(status)

    async def piece(self):
        """The next chunk's bytes; b"" at the end of the reply, None where the connection was cut."""
        size = await self.reader.readline()
        if not size:
            return None
        data = await self.reader.readexactly(int(size, 16) + 2)
        return data[:-2]

    async def block(self):
        """The next block of lines as a dictionary; None at the end."""
        while b"\n\n" not in self.left:
            piece = await self.piece()
            if not piece:
                return None
            self.left += piece
        text, self.left = self.left.split(b"\n\n", 1)
        fields = {}
        for line in text.decode().split("\n"):
            name, _, value = line.partition(":")
            if name:
                assert name in ("id", "data", "event"), f"field {name}"
                assert name not in fields, f"{name} twice"
                fields[name] = value[1:] if value.startswith(" ") else value
        return fields

    def close(self):
        if self.writer is not None:
            self.writer.transport.abort()


class Follower:
    def __init__(self, number, options):
        self.number, self.options, self.seen, self.last = number, options, [], None
        self.query = [{}, {"deployment": STREAMS[number % 3]}, {"type": TYPES[number % 2]},
                      {"deployment": STREAMS[number % 3], "type": TYPES[number % 2]}][number % 4]
        self.cuts = number % 5  # so many times its connection is cut by itself
        self.random = random.Random(number)
        self.slow = number % 7 == 0

    def wants(self, record):
        return all(record["stream" if name == "deployment" else "type"] == value
                   for name, value in self.query.items())

    async def once(self):
        """One connection, until it ends or is cut."""
        reply = Reply(self.options.host, self.options.port)
        head = f"GET /v1/stream?{urllib.parse.urlencode(self.query)} HTTP/1.1\r\nHost: x\r\n" \
               f"Authorization: Bearer {self.options.reads}\r\n"
        if self.last is not None:
            head += f"Last-Event-ID: {self.last}\r\n"
        budget = self.random.randrange(1, 200) if self.cuts > 0 else None
        try:
            status = await reply.open(head + "\r\n")
            assert status == 200, f"status {status}"
            assert reply.headers["content-type"] == "text/event-stream", reply.headers
            while True:
                block = await reply.block()
                if block is None or block.get("event") == "end":
                    return
                if "id" in block:
                    self.last = int(block["id"])
                if "data" in block:
                    record = json.loads(block["data"])
                    assert record["seq"] == self.last, f"id {self.last}, seq {record['seq']}"
                    self.seen.append(record["seq"])
                    if self.slow and len(self.seen) % 50 == 0:
                        await asyncio.sleep(0.01)
                if budget is not None:
                    budget -= 1
                    if budget == 0:
                        self.cuts -= 1
                        return
        finally:
            reply.close()

    async def run(self):
        while True:
            await self.once()


class Options:
    pass


async def post(options, reader, writer, event):
    body = json.dumps(event).encode()
    writer.write(f"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {options.writes}\r\n"
                 f"Content-Type: application/cloudevents+json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
    status, length = int((await reader.readline()).split()[1]), 0
    while (line := (await reader.readline()).strip()):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    answer = json.loads(await reader.readexactly(length))
    assert status == 201, answer
    return answer["seq"]


async def produce(options, number, count, entries):
    reader, writer = await asyncio.open_connection(options.host, options.port)
    for i in range(count):
        event = {"specversion": "1.0", "id": f"{number}-{i}", "source": "/follow", "type": random.choice(TYPES),
                 "deployment": random.choice(STREAMS), "data": "x" * random.randrange(300)}
        seq = await post(options, reader, writer, event)
        entries[seq] = {"seq": seq, "stream": event["deployment"], "type": event["type"]}
    writer.close()


async def main():
    options = Options()
    url = urllib.parse.urlparse(sys.argv[1])
    options.host, options.port = url.hostname, url.port
    options.reads, options.writes = sys.argv[2:4]
    readers, events = int(sys.argv[4]), int(sys.argv[5])
    entries, tasks = {}, []
    followers = [Follower(number, options) for number in range(readers)]
    for follower in followers[::2]:
        tasks.append(asyncio.create_task(follower.run()))
    await asyncio.gather(*(produce(options, number, events // 8, entries) for number in range(8)))
    for follower in followers[1::2]:
        tasks.append(asyncio.create_task(follower.run()))
    await produce(options, "late", events // 8, entries)
    last = {follower: max(seq for seq, entry in entries.items() if follower.wants(entry)) for follower in followers}
    for _ in range(6000):
        for task in tasks:
            if task.done():
                task.result()
        if all(follower.seen and follower.seen[-1] >= last[follower] for follower in followers):
            break
        await asyncio.sleep(0.02)
    for task in tasks:
        task.cancel()
    first = min(entries)
    for follower in followers:
        wanted = [seq for seq in sorted(entries) if follower.wants(entries[seq])]
        seen = [seq for seq in follower.seen if seq >= first]
        if seen != wanted:
            missing, extra = set(wanted) - set(seen), [s for s in seen if s not in set(wanted)]
            sys.exit(f"follow: reader {follower.number} {follower.query}: {len(seen)} entries, not {len(wanted)}; "
                     f"missing {sorted(missing)[:5]}, extra {extra[:5]}")


asyncio.run(main())
