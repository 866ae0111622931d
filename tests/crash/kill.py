#!/usr/bin/env python3
"""Kills the daemon at random moments under load, many times: what it acknowledged must be there.

kill.py PROGRAM ROUNDS [SEED]

Each round starts the daemon (which recovers from the round before), loads it with several clients, and
sends SIGKILL at a random moment: before it listens, while it starts, or in the midst of commits.  Then
every acknowledged event must be there with its seq, stream position and leaf, none twice; `verify --json` must
say ok, also against the last checkpoint that anybody was shown; and no size may ever have two signed roots.  Prints a line each 20 rounds; exit 1 at the first failure, whose ledger is
left in place."""
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import load

CLIENTS = 6
ROUNDS_A_LEDGER = 25  # then a fresh one, so that verifying stays short
START_SECONDS = 20


class Failure(Exception):
    """Something that must hold does not."""


def run(arguments, **options):
    done = subprocess.run(arguments, capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise Failure(f"{' '.join(arguments)}: exit {done.returncode}: {done.stderr.strip()}")
    return done.stdout.strip()


class Daemon:
    def __init__(self, program, ledger, *options):
        self.ledger = ledger
        self.log = open(ledger.parent / "serve.log", "ab")
        self.process = subprocess.Popen([program, "serve", str(ledger), "--listen", "127.0.0.1:0", *options],
                                        stderr=self.log)

    def url(self):
        """Its address, once it listens."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise Failure(f"the daemon ended by itself: exit {self.process.returncode}")
            try:
                said = json.loads((self.ledger / "serve.json").read_text())
                if said["pid"] == self.process.pid:
                    return said["url"]
            except (FileNotFoundError, json.JSONDecodeError):
                pass
            time.sleep(0.002)
        raise Failure("the daemon does not listen")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.log.close()


class Crash:
    def __init__(self, program, seed):
        self.program = program
        self.random = random.Random(seed)
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="countersign-crash-"))
        self.template = self.work / "template"
        self.ledger = self.work / "ledger"
        self.receipts = {}
        self.roots = {}  # size > root that was signed for it
        self.last = None  # the checkpoint of the greatest size so far
        self.acknowledged = self.signed = 0
        key = self.work / "admin"
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)])
        run([program, "init", str(self.template), "--admin", f"root={key}.pub"])
        self.token = run([program, "token", "issue", str(self.template), "--principal", "load",
                          "--scope", "write,read", "--key", str(key)])

    def fresh_ledger(self):
        shutil.rmtree(self.ledger, ignore_errors=True)
        shutil.copytree(self.template, self.ledger)
        self.receipts, self.roots, self.last = {}, {}, None

    def saw(self, note):
        """A checkpoint that was shown, or stands outside the environment."""
        _, size, root = note.split("\n")[:3]
        size = int(size)
        if self.roots.setdefault(size, root) != root:
            raise Failure(f"two roots were signed for size {size}")
        if self.last is None or size > self.last[0]:
            self.last = (size, note)
        self.signed += 1

    def kill_at_a_moment(self, daemon, number):
        """Load the daemon and kill it; before it listens in one round of eight."""
        if number % 8 == 7:
            time.sleep(self.random.uniform(0, 0.03))
            daemon.kill()
            return
        url = daemon.url()
        watch = load.Watch(url)
        clients = load.Load(url, self.token, f"r{number}", CLIENTS)
        if not clients.first.wait(START_SECONDS):
            raise Failure("nothing was acknowledged")
        time.sleep(self.random.uniform(0, 0.2))
        daemon.kill()
        clients.join()
        for note in watch.join():
            self.saw(note)
        self.saw((self.ledger / "checkpoint").read_text())
        if clients.other:
            raise Failure(f"answered {clients.other[0]}")
        self.receipts.update(clients.receipts)
        self.acknowledged += len(clients.receipts)

    def check(self, daemon):
        wrong = load.check(self.receipts, load.stored(daemon.url(), self.token))
        if wrong:
            raise Failure("; ".join(wrong[:5]))

    def verify(self):
        arguments = [self.program, "verify", str(self.ledger), "--json"]
        if self.last is not None:
            path = self.work / "last"
            path.write_text(self.last[1])
            arguments += ["--against", str(path)]
        said = json.loads(run(arguments))
        if said["ok"] is not True:
            raise Failure(f"verify says {said}")

    def round(self, number):
        if number % ROUNDS_A_LEDGER == 0:
            self.fresh_ledger()
        daemon = Daemon(self.program, self.ledger)
        if number % ROUNDS_A_LEDGER > 0:
            self.check(daemon)
        self.kill_at_a_moment(daemon, number)
        self.verify()


def main():
    program, rounds = sys.argv[1], int(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.SystemRandom().randrange(2**32)
    print(f"seed {seed}", flush=True)
    crash = Crash(program, seed)
    try:
        for number in range(rounds):
            crash.round(number)
            if number % 20 == 19:
                print(f"{number + 1} kills, {crash.acknowledged} events acknowledged", flush=True)
        last = Daemon(program, crash.ledger)
        crash.check(last)
        last.kill()
    except (Failure, OSError) as failure:
        print(f"round {number}: {failure}\nthe ledger is {crash.ledger}, the seed {seed}")
        return 1
    if crash.acknowledged < rounds:
        print(f"only {crash.acknowledged} events acknowledged in {rounds} rounds: that tests little")
        return 1
    print(f"{rounds} kills, {crash.acknowledged} events acknowledged, none lost; "
          f"{crash.signed} checkpoints seen, no false root")
    shutil.rmtree(crash.work)
    return 0


if __name__ == "__main__":
    os.environ.pop("COUNTERSIGN_KEY", None)
    os.environ.pop("COUNTERSIGN_TOKEN", None)
    sys.exit(main())
