#!/usr/bin/env python3
"""Resident memory of the daemon outside its map with many open connections, some of them slow: plain, then over TLS.
Usage: crowd.py PROGRAM [CONNECTIONS [SLOW]]     (10,000 and 1,000; needs as many open files)
Of the slow ones every second stops within its head, the others within a body of which 100 KB have come."""
import json
import os
import resource
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request

program = os.path.realpath(sys.argv[1])
connections = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
slow = int(sys.argv[3]) if len(sys.argv) > 3 else connections // 10
connections -= 5  # places for those that ask meanwhile
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)


def resident(pid):
    """Bytes of memory: all but what is mapped of data.mdb."""
    total, counted = 0, True
    with open(f"/proc/{pid}/smaps") as maps:
        for line in maps:
            first = line.split(None, 1)[0]
            if "-" in first and not first.endswith(":"):
                counted = "data.mdb" not in line
            elif first == "Rss:" and counted:
                total += int(line.split()[1]) * 1024
    return total


def connect(port, context):
    sock = socket.create_connection(("127.0.0.1", port), 60)
    return context.wrap_socket(sock, server_hostname="127.0.0.1") if context else sock


def crowd(place, name, options, context, token):
    with open("journal", "ab") as journal:
        daemon = subprocess.Popen([program, "serve", "L", "--listen", "127.0.0.1:0", "--scrub-rate", "0", "--patience",
                                   "600", *options], stderr=journal)
    try:
        while not os.path.exists("L/serve.json"):
            time.sleep(0.05)
        with open("L/serve.json") as file:
            port = int(json.load(file)["url"].rsplit(":", 1)[1])
        alone, began, held = resident(daemon.pid), time.monotonic(), []
        head = (f"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: 1000000\r\n"
                "Content-Type: application/cloudevents+json\r\n\r\n").encode()
        for i in range(connections):
            sock = connect(port, context)
            if i < slow:
                sock.sendall(head[:60] if i % 2 else head + b" " * 100_000)
            held.append(sock)
        took = time.monotonic() - began
        worst = 0.0
        for _ in range(200):  # others are answered meanwhile
            asked = time.monotonic()
            with urllib.request.urlopen(f"http{'s' if context else ''}://127.0.0.1:{port}/readyz", timeout=60,
                                        context=context) as answer:
                answer.read()
            worst = max(worst, time.monotonic() - asked)
        now = resident(daemon.pid)
        with urllib.request.urlopen(urllib.request.Request(
                f"http{'s' if context else ''}://127.0.0.1:{port}/metrics",
                headers={"Authorization": "Bearer " + token}), timeout=60, context=context) as answer:
            opened = [line for line in answer.read().decode().split("\n")
                      if line.startswith(("countersign_connections ", "countersign_receiving_bytes "))]
        print(f"{name}: {now / 2**20:.0f} MiB outside the map with {connections} connections, {slow} of them slow "
              f"({alone / 2**20:.0f} MiB alone); opened in {took:.1f} s; the slowest of 200 other requests "
              f"{worst * 1000:.1f} ms; {', '.join(opened)}", flush=True)
        for sock in held:
            sock.close()
        return now
    finally:
        daemon.terminate()
        daemon.wait()


with tempfile.TemporaryDirectory() as place:
    os.chdir(place)
    subprocess.run([program, "init", "L"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    bearer = subprocess.run([program, "token", "issue", "L", "--principal", "ci", "--scope", "write,read", "--key",
                             "countersign-admin"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    subprocess.run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem "
                   "-days 2 -subj /CN=ledger -addext subjectAltName=IP:127.0.0.1", shell=True, check=True,
                   stderr=subprocess.DEVNULL)
    plain = crowd(place, "plain", [], None, bearer)
    crowd(place, "TLS", ["--tls-cert", "cert.pem", "--tls-key", "key.pem"], ssl.create_default_context(cafile="cert.pem"),
          bearer)
    sys.exit(0 if plain < 256 << 20 else 1)
