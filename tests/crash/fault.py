#!/usr/bin/env python3
"""Lets one system call of the program go wrong, each in its turn and in each way, and looks what is left.

fault.py PROGRAM SHIM [--long] [--only WORK] [--kind KIND] [--jobs N]

A clean run of each kind of work (a daemon and an `append` through several commits, among them one that keeps
a checkpoint and one that grows the file; the recovery after a failed commit; a backup) counts its calls.  Then
for each of them and each kind of fault (fault.c): a fresh ledger, the same work with that call going wrong,
and a start without faults.  Then every acknowledged event must be there once, as its receipt says; `verify`
must say ok against every checkpoint that anybody was shown; and no size may have two signed roots.  The short
form takes some of the kinds.  Exit 1 if anything fails, whose ledger is left
in place."""
import argparse
import concurrent.futures
import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import load

SECONDS = 20  # longer takes nothing here
KINDS = {  # name > environment of the shim
    "eio": {"FAULT_KIND": "eio"},
    "eio-on": {"FAULT_KIND": "eio", "FAULT_ON": "1"},
    "enospc": {"FAULT_KIND": "enospc"},
    "enospc-on": {"FAULT_KIND": "enospc", "FAULT_ON": "1"},
    "done": {"FAULT_KIND": "done"},
    "short": {"FAULT_KIND": "short"},
    "short-on": {"FAULT_KIND": "short", "FAULT_ON": "1"},
    "before": {"FAULT_KIND": "before"},
    "after": {"FAULT_KIND": "after"},
}
SHORT_KINDS = {  # of each kind of work
    "serve": ("eio", "enospc-on", "done", "short", "before"),
    "append": ("eio-on", "short-on", "after"),
    "recover": ("eio", "enospc-on", "before"),
    "backup": ("eio", "before"),
}


class Failure(Exception):
    """Something that must hold does not."""


def event(name, seconds, size=0):
    return json.dumps({"specversion": "1.0", "id": name, "source": "/fault", "type": "com.example.fault",
                       "deployment": f"fault-{seconds % 2}", "time": f"2026-03-01T10:{seconds // 60:02}:{seconds % 60:02}Z",
                       "data": {"pad": "x" * size}})


# What is appended, one commit each; the second and fourth keep a checkpoint, the third grows the file.
COMMITS = [("a", 1, 100), ("b", 20, 300), ("c", 21, 150000), ("d", 40, 50)]


class Run:
    """One piece of work over a ledger of its own."""

    def __init__(self, crash, name, template):
        self.crash = crash
        self.home = crash.work / name
        shutil.copytree(crash.work / template, self.home)
        self.ledger = self.home / "ledger"
        self.receipts = {}
        self.notes = []
        self.exit = None
        self.said = ""

    def environment(self, fault):
        env = dict(os.environ, COUNTERSIGN_TOKEN=self.crash.token)
        if fault is not None:
            env.update(fault, LD_PRELOAD=str(self.crash.shim), FAULT_DIR=str(self.home))
        return env

    def start(self, arguments, fault, **options):
        return subprocess.Popen([self.crash.program, *arguments], env=self.environment(fault), text=True,
                                stderr=subprocess.PIPE, **options)

    def ended(self, process):
        """Wait, and see that it ended as a program may: by our SIGKILL, or with an exit code and a word."""
        try:
            _, self.said = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise Failure("it does not end") from None
        self.exit = process.returncode
        if self.exit not in (0, 3, -signal.SIGKILL):
            raise Failure(f"exit {self.exit}: {self.said.strip()}")
        if self.exit == 3 and not self.said.strip():
            raise Failure("exit 3 without a word")

    def saw(self, note):
        if note and note not in self.notes:
            self.notes.append(note)

    def saw_outside(self):
        try:
            self.saw((self.ledger / "checkpoint").read_text())
        except FileNotFoundError:
            pass

    def serve(self, fault):
        process = self.start(["serve", str(self.ledger), "--listen", "127.0.0.1:0"], fault)
        try:
            url = self.url(process)
            if url is not None:
                self.post_all(url)
                process.send_signal(signal.SIGTERM)
        except (OSError, http.client.HTTPException):
            pass  # it has ended: what was not answered was not acknowledged
        finally:
            if process.poll() is None and process.stderr.closed:
                process.kill()
        self.ended(process)

    def url(self, process):
        end = time.monotonic() + SECONDS
        while time.monotonic() < end and process.poll() is None:
            try:
                said = json.loads((self.ledger / "serve.json").read_text())
                if said["pid"] == process.pid:
                    return said["url"]
            except (FileNotFoundError, json.JSONDecodeError):
                pass
            time.sleep(0.001)
        return None

    def post_all(self, url):
        client = load.Client(url, self.crash.token)
        for name, seconds, size in COMMITS:
            status, answer = client.post(event(name, seconds, size).encode())
            if status in (200, 201):
                self.receipts[name] = answer
            elif status not in (503, 507):
                raise Failure(f"answered {status}: {answer}")
            client.connection.request("GET", "/checkpoint")
            response = client.connection.getresponse()
            text = response.read().decode()
            if response.status == 200:
                self.saw(text)
            elif response.status not in (500, 503):
                raise Failure(f"GET /checkpoint answered {response.status}: {text}")
        client.close()

    def append(self, fault):
        process = self.start(["append", str(self.ledger)], fault, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            for name, seconds, size in COMMITS:
                process.stdin.write(event(name, seconds, size) + "\n")
                process.stdin.flush()
                self.take(name, process.stdout.readline())
                self.saw_outside()
        except BrokenPipeError:
            pass
        self.ended(process)

    def take(self, name, line):
        if not line:
            return
        answer = json.loads(line)
        if "seq" in answer:
            self.receipts[name] = answer
        elif answer["status"] not in (503, 507):
            raise Failure(f"answered {answer}")

    def once(self, fault):
        """One event, after whatever must be recovered."""
        line = event("a", 1, 100) + "\n"
        process = self.start(["append", str(self.ledger)], fault, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            process.stdin.write(line)
            process.stdin.flush()
        except BrokenPipeError:
            pass
        self.take("a", process.stdout.readline())
        self.ended(process)

    def backup(self, fault):
        """A copy: whole under its name, or nothing of it but what a killed process leaves."""
        copy = self.home / "copy"
        process = self.start(["backup", str(self.ledger), str(copy), "--with-keys"], fault, stdout=subprocess.PIPE)
        self.ended(process)
        if self.exit == 0 or copy.exists():
            self.must(["verify", str(copy), "--against", str(copy / "checkpoint")])
            self.receipts = {}
            self.saw((copy / "checkpoint").read_text())
        dead = fault.get("FAULT_KIND") == "eio" and "FAULT_ON" in fault  # nothing can be removed there either
        if self.exit == 3 and not dead and list(self.home.glob("copy.partial-*")):
            raise Failure("it left something behind")

    # --- what must hold afterwards

    def must(self, arguments, given=None):
        done = subprocess.run([self.crash.program, *arguments], env=self.environment(None), text=True,
                              input=given, capture_output=True, timeout=SECONDS)
        if done.returncode != 0:
            raise Failure(f"{' '.join(arguments)}: exit {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def check(self):
        self.saw_outside()
        ledger = str(self.ledger)
        self.take("after", self.must(["append", ledger], event("after", 59) + "\n"))
        self.saw_outside()
        self.saw(self.must(["checkpoint", ledger]))
        records = [json.loads(line) for line in self.must(["log", ledger, "--json"]).splitlines()]
        wrong = load.check(self.receipts, records)
        if wrong:
            raise Failure("; ".join(wrong))
        roots = {}
        arguments = ["verify", ledger, "--json"]
        for count, note in enumerate(self.notes):
            _, size, root = note.split("\n")[:3]
            if roots.setdefault(size, root) != root:
                raise Failure(f"two roots were signed for size {size}")
            path = self.home / f"note-{count}"
            path.write_text(note)
            arguments += ["--against", str(path)]
        said = json.loads(self.must(arguments))
        if said["ok"] is not True:
            raise Failure(f"verify says {said}")
        left = {path.name for path in self.ledger.iterdir()} & {"commit-failed", "recovery", "checkpoint.new"}
        if left:
            raise Failure(f"left behind: {left}")


class Crash:
    def __init__(self, program, shim):
        self.program, self.shim = program, shim
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="countersign-fault-")).resolve()
        key = self.work / "admin"
        ledger = self.work / "template" / "ledger"
        ledger.parent.mkdir()
        self.call(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)])
        self.call([program, "init", str(ledger), "--simulated", "--admin", f"root={key}.pub"])
        self.token = self.call([program, "token", "issue", str(ledger), "--principal", "load", "--scope",
                                "write,read", "--key", str(key)])
        shutil.copytree(self.work / "template", self.work / "failed")
        (self.work / "failed" / "ledger" / "commit-failed").touch()

    def call(self, arguments):
        return subprocess.run(arguments, check=True, capture_output=True, text=True).stdout.strip()

    # work > template, method
    WORKS = {"serve": ("template", Run.serve), "append": ("template", Run.append), "recover": ("failed", Run.once),
             "backup": ("template", Run.backup)}

    def count(self, name):
        """The calls of a clean run, one line each."""
        template, work = self.WORKS[name]
        run = Run(self, f"{name}-clean", template)
        log = self.work / f"{name}.log"
        work(run, {"FAULT_LOG": str(log)})
        if run.exit != 0 or not run.notes and not run.receipts:
            raise Failure(f"the clean run of {name}: exit {run.exit}: {run.said}")
        run.check()
        shutil.rmtree(run.home)
        return log.read_text().splitlines()

    def round(self, name, number, kind):
        """One fault; what is wrong with it, or None."""
        template, work = self.WORKS[name]
        run = Run(self, f"{name}-{number}-{kind}", template)
        try:
            work(run, dict(KINDS[kind], FAULT_AT=str(number)))
            run.check()
        except (Failure, OSError, ValueError, KeyError, subprocess.SubprocessError) as failure:
            return f"{failure}\n    exit {run.exit}: {run.said.strip()}\n    the ledger is {run.ledger}"
        shutil.rmtree(run.home)
        return None


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("shim", type=pathlib.Path)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--only", choices=Crash.WORKS, help="one kind of work")
    parser.add_argument("--kind", choices=KINDS, help="one kind of fault")
    parser.add_argument("--jobs", type=int, default=2)
    return parser.parse_args()


def main():
    chosen = options()
    crash = Crash(os.path.abspath(chosen.program), chosen.shim.resolve())
    failed = total = 0
    for name in [chosen.only] if chosen.only else list(Crash.WORKS):
        kinds = [chosen.kind] if chosen.kind else list(KINDS) if chosen.long else SHORT_KINDS[name]
        calls = crash.count(name)
        rounds = [(name, number, kind) for number in range(1, len(calls) + 1) for kind in kinds]
        began = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(chosen.jobs) as pool:
            for (_, number, kind), wrong in zip(rounds, pool.map(lambda r: crash.round(*r), rounds)):
                if wrong is not None:
                    failed += 1
                    print(f"{name}, {kind} at {calls[number - 1]}: {wrong}", flush=True)
        total += len(rounds)
        print(f"{name}: {len(calls)} calls, {len(rounds)} faults, {time.monotonic() - began:.0f} s", flush=True)
    print(f"{total} faults, {failed} of them left something wrong")
    if failed == 0:
        shutil.rmtree(crash.work)
    return 1 if failed else 0


if __name__ == "__main__":
    os.environ.pop("COUNTERSIGN_KEY", None)
    sys.exit(main())
