"""A TCP proxy in a process of its own, which can be led elsewhere, cuts what runs through it, and counts the messages
that it carried (Python standard library alone)."""
import multiprocessing
import random
import socket
import struct
import threading

MARKS = (b'"specversion"', b'"payloadType"')  # one of them stands once in each event or envelope of ours
MARK_BYTES = 13
DELIVER = struct.pack(">HH", 60, 60)  # basic.deliver


class Posts:
    """Counts the events in what a client sends over HTTP, also those that are not whole."""

    def __init__(self):
        self.tail = b""

    def feed(self, data):
        data = self.tail + data
        self.tail = data[len(data) - MARK_BYTES + 1:] if len(data) >= MARK_BYTES else data
        return sum(data.count(mark) for mark in MARKS)


class Deliveries:
    """Counts the messages that a broker delivers."""

    def __init__(self):
        self.rest, self.skip = b"", 0

    def feed(self, data):
        data, count = self.rest + data, 0
        at = min(self.skip, len(data))
        self.skip -= at
        while len(data) - at >= 7:
            kind, _, size = struct.unpack_from(">BHI", data, at)
            if kind == 1 and len(data) - at < 11:
                break
            count += kind == 1 and data[at + 7:at + 11] == DELIVER
            at += size + 8
            if at > len(data):
                self.skip, at = at - len(data), len(data)
        self.rest = data[at:]
        return count


class Pair:
    """A client's connection and the one that it leads to."""

    def __init__(self, client, server):
        self.ends = (client, server)
        self.left = None  # how many bytes still get through, once it is to be cut
        self.lock = threading.Lock()

    def close(self, reset=False):
        with self.lock:
            for end in self.ends:
                try:
                    if reset:
                        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass


class Carrier:
    """What runs in the process."""

    def __init__(self, listener, target, counted):
        self.listener, self.target, self.counted = listener, target, counted
        self.pairs, self.lock, self.count = [], threading.Lock(), 0
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            try:
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                client.close()
                continue
            pair = Pair(client, server)
            for end in pair.ends:
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                self.pairs.append(pair)
            up = Posts() if self.counted == "posts" else None
            down = Deliveries() if self.counted == "deliveries" else None
            both = [threading.Thread(target=self.carry, args=(pair, client, server, up), daemon=True),
                    threading.Thread(target=self.carry, args=(pair, server, client, down), daemon=True)]
            for thread in both:
                thread.start()
            threading.Thread(target=self.end, args=(pair, both), daemon=True).start()

    def carry(self, pair, source, sink, counter):
        try:
            while data := source.recv(65536):
                left = pair.left
                if left is not None:
                    data = data[:left]
                if counter is not None:
                    found = counter.feed(data)
                    with self.lock:
                        self.count += found
                sink.sendall(data)
                if left is not None:
                    break
        except OSError:
            pass
        pair.close()

    def end(self, pair, both):
        for thread in both:
            thread.join()
        for end in pair.ends:
            end.close()
        with self.lock:
            self.pairs.remove(pair)

    def cut(self, seed):
        chance = random.Random(seed)
        with self.lock:
            pairs = list(self.pairs)
        for pair in pairs:
            if chance.random() < 0.5:  # in the midst of the next bytes
                pair.left = chance.randrange(200)
            else:
                pair.close(chance.random() < 0.5)
        return len(pairs)

    def serve(self, orders):
        while True:
            order, value = orders.recv()
            if order == "lead":
                self.target = value
                orders.send(None)
            elif order == "cut":
                orders.send(self.cut(value))
            elif order == "count":
                with self.lock:
                    orders.send(self.count)
            else:
                return


class Wire:
    """The proxy as others see it: clients connect to ${port}.  Counted are "posts", "deliveries" or None."""

    def __init__(self, target, counted):
        listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = listener.getsockname()[1]
        context = multiprocessing.get_context("fork")
        self.orders, theirs = context.Pipe()
        self.lock = threading.Lock()
        self.process = context.Process(
            target=lambda: Carrier(listener, target, counted).serve(theirs), daemon=True)
        self.process.start()
        listener.close()

    def ask(self, order, value=None):
        with self.lock:
            self.orders.send((order, value))
            return self.orders.recv()

    def lead(self, port):
        """New connections lead there."""
        self.ask("lead", port)

    def cut(self, seed):
        """Cut all connections, at once or in the midst of their next bytes; gives how many there were."""
        return self.ask("cut", seed)

    def count(self):
        """How many messages were carried so far, whole or not."""
        return self.ask("count")

    def close(self):
        self.process.kill()
        self.process.join()
