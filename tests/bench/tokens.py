#!/usr/bin/env python3
"""Whether the time of a refusal tells why a token was refused: one that nobody has, an expired and a revoked one are asked with
in random order, and their times compared (Welch's t, outliers cut at the 90th percentile).  A |t| over 4.5 would be a leak.
Usage: tokens.py PROGRAM [ROUNDS]"""
import json
import math
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time

program = os.path.realpath(sys.argv[1])
rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 20_000


def command(*arguments):
    return subprocess.run([program, *arguments], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True, env=dict(os.environ, COUNTERSIGN_KEY="countersign-admin")).stdout.strip()


def ask(sock, token):
    request = f"GET /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    began = time.perf_counter_ns()
    sock.sendall(request)
    answer = sock.recv(65536)
    took = time.perf_counter_ns() - began
    while b'"title"' not in answer:
        answer += sock.recv(65536)
    assert answer.startswith(b"HTTP/1.1 401"), answer
    return took


with tempfile.TemporaryDirectory() as place:
    os.chdir(place)
    command("init", "L")
    tokens = {"unknown": "A" * 43}
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 2))
    tokens["expired"] = command("token", "issue", "L", "--principal", "late", "--scope", "read", "--expires", soon)
    tokens["revoked"] = command("token", "issue", "L", "--principal", "gone", "--scope", "read")
    command("token", "revoke", "L", [token["sha256"] for token in json.loads(command("token", "list", "L", "--json"))
                                     if token["principal"] == "gone"][0])
    with open("journal", "wb") as journal:
        daemon = subprocess.Popen([program, "serve", "L", "--listen", "127.0.0.1:0", "--scrub-rate", "0"], stderr=journal)
    try:
        while not os.path.exists("L/serve.json"):
            time.sleep(0.05)
        with open("L/serve.json") as file:
            port = int(json.load(file)["url"].rsplit(":", 1)[1])
        while time.time() < time.mktime(time.strptime(soon, "%Y-%m-%dT%H:%M:%SZ")) - time.timezone + 1:
            time.sleep(0.1)
        sock = socket.create_connection(("127.0.0.1", port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        times = {name: [] for name in tokens}
        for _ in range(rounds):
            for name, token in random.sample(sorted(tokens.items()), len(tokens)):
                times[name].append(ask(sock, token))
    finally:
        daemon.terminate()
        daemon.wait()

for name, each in times.items():
    times[name] = sorted(each)[:len(each) * 9 // 10]
worst = 0.0
for name, each in times.items():
    mean, base = statistics.fmean(each), times["unknown"]
    spread = math.sqrt(statistics.variance(each) / len(each) + statistics.variance(base) / len(base))
    t = (mean - statistics.fmean(base)) / spread
    worst = max(worst, abs(t))
    print(f"{name}: median {statistics.median(each) / 1000:.2f} us, mean {mean / 1000:.2f} us, t {t:+.2f}")
sys.exit(0 if worst < 4.5 else 1)
