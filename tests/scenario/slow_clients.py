#!/usr/bin/env python3
"""Clients that take their time, or more than they may.  Usage: slow_clients.py plain|tls|flood URL
The daemon's patience is 1 s.  Nothing here is timed: each waits for what must happen, and for longer than it takes."""
import http.client
import json
import os
import socket
import ssl
import sys
import threading

TOKEN, READER = os.environ["COUNTERSIGN_TOKEN"], os.environ["READER_TOKEN"]
part, url = sys.argv[1:]
HOST, PORT = url.split("//")[1].split(":")
CONTEXT = ssl.create_default_context(cafile="cert.pem") if part == "tls" else None
EVENT, DSSE = "application/cloudevents+json", "application/vnd.dsse.envelope.v1+json"
PATIENT = 60


def connect():
    sock = socket.create_connection((HOST, int(PORT)), PATIENT)
    return CONTEXT.wrap_socket(sock, server_hostname=HOST) if CONTEXT else sock


def head(length=None, media=EVENT, token=TOKEN, path="/v1/events", method="POST", more=()):
    lines = [f"{method} {path} HTTP/1.1", "Host: x", f"Content-Type: {media}", *more]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def answer(sock):
    """The status, and whether the connection ends with it."""
    response = http.client.HTTPResponse(sock)
    response.begin()
    body = response.read()
    if response.status >= 400:
        problem = json.loads(body)
        assert problem["status"] == response.status and problem["detail"], body
    return response.status, response.getheader("Connection") == "close"


def event(name):
    return json.dumps({"specversion": "1.0", "id": name, "source": "/slow", "type": "t", "deployment": "d-1"}).encode()


def metrics():
    sock = connect()
    sock.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer %s\r\n\r\n" %
                 TOKEN.encode())
    response = http.client.HTTPResponse(sock)
    response.begin()
    text = response.read().decode()
    return {line.split()[0]: float(line.split()[1]) for line in text.split("\n") if line and line[0] != "#"}


def is_answered(expected, *pieces, ends=True, half=False):
    with connect() as sock:
        for piece in pieces:
            sock.sendall(piece)
        if half:
            sock.shutdown(socket.SHUT_WR)
        status, closed = answer(sock)
        assert status == expected, f"{pieces[0][:60]}: {status}, not {expected}"
        assert closed or not ends, f"{pieces[0][:60]}: the connection goes on"


def together(*calls):
    failures = []

    def do(call):
        try:
            call[0](*call[1:])
        except Exception as error:  # told by the main thread
            failures.append((call[0].__name__, str(call[1:])[:80], error))
    threads = [threading.Thread(target=do, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures


def trickles(expected, start, drop=b"x"):
    """A client that never stops sending a little; the answer comes all the same."""
    with connect() as sock:
        sock.sendall(start)
        sock.settimeout(0.05)
        for _ in range(int(PATIENT / 0.05)):
            try:
                sock.sendall(drop)
                if sock.recv(1, socket.MSG_PEEK if not CONTEXT else 0):
                    break
            except (TimeoutError, ssl.SSLWantReadError):
                continue
        else:
            raise AssertionError(f"{start[:60]}: no end")
        sock.settimeout(PATIENT)
        if not CONTEXT:
            assert answer(sock)[0] == expected


def unread():
    """Refused by the head: the answer comes while the body is still to be sent, and is not lost to it."""
    for expected, start in ((401, head(10 << 20, token=None)), (401, head(10 << 20, token="A" * 43)),
                            (403, head(10 << 20, token=READER)), (413, head(10 << 20)),
                            (413, head(10 << 20, media=DSSE, token=None)), (415, head(10 << 20, media="text/plain")),
                            (404, head(10 << 20, path="/nowhere")), (405, head(10 << 20, path="/checkpoint")),
                            (405, head(10 << 20, method="PUT"))):
        with connect() as sock:
            sock.sendall(start)
            status, closed = answer(sock)
            assert (status, closed) == (expected, True), f"{start[:200]}: {status} {closed}"
        with connect() as sock:  # a client that sends all before it looks
            sock.sendall(start)
            for _ in range(160):
                sock.sendall(b" " * 65536)
            assert answer(sock)[0] == expected
    with connect() as sock:  # nothing is asked for that would be refused
        sock.sendall(head(1000, token=None, more=["Expect: 100-continue"]))
        assert answer(sock)[0] == 401
    # what is behind a body that was not read is no request
    with connect() as sock:
        sock.sendall(head(50, token=None)[:-2] + b"\r\n" + b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert answer(sock) == (401, True)
        assert sock.recv(1) == b"", "the rest of a body was answered"


def second():
    """The second request of a connection is watched as the first."""
    with connect() as sock:
        sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert answer(sock) == (200, False)
        sock.sendall(b"GET /healthz HT")
        assert answer(sock) == (408, True)


def late():
    """One that is whole, if in pieces, is answered."""
    with connect() as sock:
        body = event("late-" + part)
        sock.sendall(head(len(body)) + body[:10])
        sock.sendall(body[10:])
        assert answer(sock)[0] == 201


def slow():
    chunked = head(more=["Transfer-Encoding: chunked"])
    together(
        (is_answered, 408, b"GET /healthz HTTP/1.1\r\n"),  # a head that stops
        (is_answered, 408, head(1000), b"{"),  # bodies that stop
        (is_answered, 408, head(1000)),
        (is_answered, 408, chunked, b"5\r\n{\"a\""),
        (is_answered, 408, head(1000, media=DSSE, token=None), b"{"),
        (trickles, 408, b"GET /healthz HTTP/1.1\r\nX-A: "),
        (trickles, 408, head(1 << 20)),
        (trickles, 408, chunked, b"1\r\nx\r\n"),
        (second,), (late,))


def half_closed():
    body = event("half-" + part)
    with connect() as sock:
        sock.sendall(head(len(body)) + body)
        if not CONTEXT:
            sock.shutdown(socket.SHUT_WR)
        assert answer(sock)[0] == 201
    for piece in (b"", b"GET /heal", head(100), head(100) + b"{"):
        with connect() as sock:
            sock.sendall(piece)
            if not CONTEXT:
                sock.shutdown(socket.SHUT_WR)
                assert sock.recv(1) == b"", "half a request was answered"


def oversize():
    is_answered(400, b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\n\r\n")
    is_answered(400, b"GET / HTTP/1.1\r\nX: " + b"a" * 20000 + b"\r\n\r\n")
    with connect() as sock:  # chunks that never end
        sock.sendall(head(more=["Transfer-Encoding: chunked"]))
        try:
            for _ in range(200):
                sock.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")
        except OSError:
            pass
        assert answer(sock)[0] == 413


def pressure():
    """More is being received than may be: the oldest bodies are given up, and who comes is served."""
    slow_ones = [connect() for _ in range(40)]
    size = 1_300_000
    for sock in slow_ones:  # 40 of them are over the 16 MiB of clients without credentials
        sock.sendall(head(size, media=DSSE, token=None) + b" " * (size - 100_000))
    assert answer(slow_ones[0]) == (503, True)
    is_answered(200, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", ends=False)
    body = event("pressed-" + part) + b" " * 1_000_000  # those with credentials are not theirs
    is_answered(201, head(len(body)) + body, ends=False)
    assert metrics()["countersign_receiving_bytes"] <= 16 << 20
    for sock in slow_ones:
        sock.close()


def others(work):
    """One client's requests, one after the other, for as long as ${work} goes on: all must be answered."""
    failures, done, answered = [], threading.Event(), [0]

    def ask():
        try:
            with connect() as sock:
                while not done.is_set() or answered[0] == 0:
                    body = event(f"other-{part}-{work.__name__}-{answered[0]}")
                    sock.sendall(head(len(body)) + body)
                    status, closed = answer(sock)
                    assert status in (200, 201) and not closed, status
                    answered[0] += 1
        except Exception as error:  # told by the main thread
            failures.append(error)
    thread = threading.Thread(target=ask)
    thread.start()
    try:
        work()
    finally:
        done.set()
        thread.join()
    assert not failures, f"{work.__name__}: another client was not served: {failures[0]!r}"


def crowd():
    """Many that only hold a connection, or half a request, hold up nobody."""
    held = []
    for i in range(300):
        sock = connect()
        sock.sendall((b"", b"GET /he", head(5000) + b"{" * 100)[i % 3])
        held.append(sock)
    is_answered(408, b"GET /healthz HTTP/1.1\r\n")
    for sock in held:
        sock.close()


def handshake():
    """TLS that is begun and not ended; and one that is no TLS."""
    for start in (b"", b"\x16\x03\x01\x02\x00\x01"):
        with socket.create_connection((HOST, int(PORT)), PATIENT) as sock:
            sock.sendall(start)
            assert sock.recv(1) == b""


def flood():
    """More connections than there are descriptors: those beyond wait, and come in once there is room."""
    held = [socket.create_connection((HOST, int(PORT)), PATIENT) for _ in range(400)]
    late = connect()
    late.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    for sock in held:
        sock.close()
    assert answer(late) == (200, False)


if part == "flood":
    flood()
    sys.exit(0)
before = metrics()
for work in (unread, slow, half_closed, oversize, pressure, crowd) + ((handshake,) if CONTEXT else ()):
    others(work)
after = metrics()
for name, least in (("slow_connections_total", 9), ("heads_refused_total", 12), ("pressed_bodies_total", 20)):
    assert after["countersign_" + name] - before["countersign_" + name] >= least, (name, after["countersign_" + name])
for status, error in ((401, "UNAUTHENTICATED"), (403, "FORBIDDEN")):
    assert after[f'countersign_problems_total{{status="{status}",error="{error}"}}'] >= 1
for _ in range(PATIENT * 20):  # what was given up is forgotten
    now = metrics()
    if now["countersign_receiving_bytes"] == 0 and now["countersign_connections"] == 1:
        break
    threading.Event().wait(0.05)
else:
    raise AssertionError(f"{now['countersign_connections']} connections, {now['countersign_receiving_bytes']} bytes")
