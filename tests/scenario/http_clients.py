#!/usr/bin/env python3
"""Clients for 02-http.sh (Python standard library alone).

http_clients.py rude URL TOKEN           behave badly in every way; the daemon must stand it
http_clients.py slow URL TOKEN           half-closed, pipelined, byte-wise and malformed requests that must be answered
http_clients.py load URL TOKEN FILE      load it until it is gone; write the receipts to FILE
http_clients.py check URL TOKEN FILE     all receipts of FILE are there as they say
http_clients.py envelope EVENT SSHSIG    print the DSSE envelope of an event and ssh-keygen's signature"""
import base64
import json
import pathlib
import socket
import struct
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "crash"))
import load  # noqa: E402


def connect(url):
    where = urllib.parse.urlsplit(url)
    return socket.create_connection((where.hostname, where.port), timeout=20)


def request(token, name, extra=""):
    body = load.event(name, "rude")
    head = (f"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: {load.EVENT_TYPE}\r\nContent-Length: {len(body)}\r\n{extra}\r\n")
    return head.encode() + body


def reset(connection):
    """Close with a reset instead of a farewell."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def rude(url, token):
    for number in range(150):
        message = request(token, f"rude-{number}")
        connection = connect(url)
        if number % 5 == 0:  # gone while its event is being committed
            connection.sendall(message)
        elif number % 5 == 1:  # gone in the midst of its body
            connection.sendall(message[:-10])
        elif number % 5 == 2:  # gone in the midst of its head
            connection.sendall(message[:40])
        elif number % 5 == 3:  # asks leave to send, and goes
            connection.sendall(request(token, f"rude-{number}", "Expect: 100-continue\r\n"))
        else:  # no HTTP at all
            connection.sendall(b"\x16\x03\x01\x00\xff" * 50 + b"\r\n\r\n")
        if number % 2 == 0:
            reset(connection)
        else:
            connection.close()
    connections = [connect(url) for _ in range(300)]  # that never say anything
    for connection in connections:
        reset(connection)


def read_all(connection):
    data = b""
    while chunk := connection.recv(65536):
        data += chunk
    return data


def expect(holds, what):
    if not holds:
        sys.exit(f"http_clients: {what}")


def slow(url, token):
    connection = connect(url)  # says that it will send no more, and waits
    connection.sendall(request(token, "half-closed"))
    connection.shutdown(socket.SHUT_WR)
    expect(b"HTTP/1.1 201 " in read_all(connection), "a half-closed client got no receipt")
    connection = connect(url)  # two requests at once, the second with its answer to the end
    connection.sendall(request(token, "pipe-1") + request(token, "pipe-2", "Connection: close\r\n"))
    answer = read_all(connection)
    expect(answer.count(b"HTTP/1.1 201 ") == 2, "pipelined requests were not both answered")
    connection = connect(url)  # byte by byte
    for byte in request(token, "bytewise", "Connection: close\r\n"):
        connection.sendall(bytes([byte]))
    expect(b"HTTP/1.1 201 " in read_all(connection), "a bytewise client got no receipt")
    connection = connect(url)
    connection.sendall(b"POST /v1/events HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n")
    connection.shutdown(socket.SHUT_WR)
    expect(b"the body's chunks are malformed" in read_all(connection), "a malformed chunk is called too large")


def run_load(url, token, path):
    clients = load.Load(url, token, "term", 8)
    clients.join()
    unexpected = [answer for answer in clients.other if answer[0] != 503]
    expect(not unexpected, f"answered {unexpected[:1]}")
    pathlib.Path(path).write_text(json.dumps(clients.receipts))


def check(url, token, path):
    receipts = json.loads(pathlib.Path(path).read_text())
    expect(len(receipts) > 20, f"only {len(receipts)} receipts: that tests little")
    records = load.stored(url, token)
    wrong = load.check(receipts, records)
    expect(not wrong, "; ".join(wrong[:5]))
    taken = {r["event"]["id"] for r in records if r["event"]["id"].startswith("term-")}
    expect(taken == set(receipts), f"{len(taken)} were taken in, {len(receipts)} answered")


def envelope(event_path, signature_path):
    armor = pathlib.Path(signature_path).read_text().split("\n")
    signature = "".join(line for line in armor if line and not line.startswith("-----"))
    payload = base64.b64encode(pathlib.Path(event_path).read_bytes()).decode()
    print(json.dumps({"payloadType": load.EVENT_TYPE, "payload": payload,
                      "signatures": [{"sig": signature}]}))


if __name__ == "__main__":
    {"rude": rude, "slow": slow, "load": run_load, "check": check, "envelope": envelope}[sys.argv[1]](
        *sys.argv[2:])
