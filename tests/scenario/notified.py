#!/usr/bin/env python3
"""The service manager's side of sd_notify(3): runs the daemon and reads what it says.  Usage: notified.py PROGRAM LEDGER"""
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request

program, ledger = sys.argv[1:]
PATIENT = 60


def run(name):
    bound = "\0" + name[1:] if name[0] == "@" else name
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(bound)
    manager.settimeout(PATIENT)
    environment = dict(os.environ, NOTIFY_SOCKET=name, WATCHDOG_USEC="200000")
    with open("journal", "ab") as journal:
        daemon = subprocess.Popen([program, "serve", ledger, "--listen", "127.0.0.1:0", "--scrub-rate", "0"],
                                  env=environment, stderr=journal)

    def until(line):
        """What is said before that line."""
        before = []
        while True:
            said = manager.recv(4096).decode().split("\n")
            if line in said:
                return before + said
            before += said

    try:
        assert "READY=1" in until("READY=1")
        with open(ledger + "/serve.json") as file:  # there is somebody to ask by now
            with urllib.request.urlopen(json.load(file)["url"] + "/readyz", timeout=PATIENT) as answer:
                assert answer.status == 200
        until("WATCHDOG=1")
        until("WATCHDOG=1")
        daemon.send_signal(signal.SIGHUP)
        assert any(line.startswith("MONOTONIC_USEC=") for line in until("RELOADING=1"))
        until("READY=1")
        daemon.send_signal(signal.SIGTERM)
        until("STOPPING=1")
        assert daemon.wait(PATIENT) == 0
    finally:
        daemon.kill()
        manager.close()


run(os.getcwd() + "/notify")
run("@countersign-test-%d" % os.getpid())
