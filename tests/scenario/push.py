#!/usr/bin/env python3
"""Lines pushed through a spool while everything goes wrong: each is in the ledger once, in order.

push.py kill PROGRAM LEDGER URL ROUNDS [SEED]   SIGKILL of push and serve at random moments
push.py fault PROGRAM SHIM LEDGER URL           every system call on the spool goes wrong in turn

LEDGER is not served when it starts; COUNTERSIGN_TOKEN writes.  Works in the current directory."""
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import time

STREAM = "web-1"
DOWN = "http://127.0.0.1:1"  # nothing listens there


class Failure(Exception):
    """Something that must hold does not."""


def line_of(name, stream=STREAM):
    return json.dumps({"specversion": "1.0", "id": name, "source": "/push", "type": "org.example.t",
                       "deployment": stream, "data": {"name": name, "filler": "x" * random.choice([0, 0, 300, 5000])}})


class Daemon:
    started = []

    def __init__(self, program, ledger, url):
        self.ledger = pathlib.Path(ledger)
        with open("serve.log", "ab") as log:
            self.process = subprocess.Popen(
                [program, "serve", ledger, "--listen", url.removeprefix("http://"), "--scrub-rate", "0"], stderr=log)
        Daemon.started.append(self.process)

    def await_ready(self):
        end = time.monotonic() + 30
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise Failure(f"the daemon ended by itself: exit {self.process.returncode}")
            try:
                if json.loads((self.ledger / "serve.json").read_text())["pid"] == self.process.pid:
                    return
            except (FileNotFoundError, json.JSONDecodeError):
                pass
            time.sleep(0.005)
        raise Failure("the daemon does not listen")

    def end(self, number):
        self.process.send_signal(number)
        self.process.wait()


def push(program, url, lines, *options, kill_after=None, env=None):
    """The exit code of one push, or None if it was killed."""
    process = subprocess.Popen([program, "push", url, "--spool", "S", *options], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
    data = "".join(line + "\n" for line in lines).encode()
    if kill_after is not None:
        try:
            process.stdin.write(data)
            process.stdin.close()
        except BrokenPipeError:
            pass
        time.sleep(kill_after)
        process.kill()
        process.stdout.read()
        process.stderr.read()
        return None if process.wait() == -signal.SIGKILL else process.returncode
    out, err = process.communicate(data)
    if process.returncode == -signal.SIGKILL:
        return None
    if process.returncode not in (0, 3) or b"Sanitizer" in err:
        raise Failure(f"push: exit {process.returncode}: {out.decode()}{err.decode()}")
    return process.returncode


def ids_of(program, ledger, stream=STREAM):
    done = subprocess.run([program, "log", ledger, stream, "--json"], capture_output=True, text=True, check=True)
    return [json.loads(line)["event"]["id"] for line in done.stdout.splitlines()]


def check(program, ledger, wanted, stream=STREAM):
    found = ids_of(program, ledger, stream)
    if found != wanted:
        missing = [name for name in wanted if name not in found]
        twice = sorted({name for name in found if found.count(name) > 1})
        raise Failure(f"{len(wanted)} lines, {len(found)} entries; missing {missing[:5]}, twice {twice[:5]}, "
                      "or in another order")


def drain(program, url):
    code = push(program, url, [], "--drain", "--wait", "30")
    if code != 0:
        raise Failure(f"draining: exit {code}")
    left = sorted(path.name for path in pathlib.Path("S").glob("*.q") if path.stat().st_size > 0)
    if left or pathlib.Path("S/refused").exists():
        raise Failure(f"left in the spool: {left}, refused {pathlib.Path('S/refused').exists()}")


def kill(program, ledger, url, rounds):
    wanted, daemon = [], None
    for number in range(rounds):
        names = [f"{number}-{i}" for i in range(random.choice([1, 3, 40, 400]))]
        lines = [line_of(name) for name in names]
        wanted += names
        if daemon is None and random.random() < 0.7:
            daemon = Daemon(program, ledger, url)
            if random.random() < 0.7:
                daemon.await_ready()
        options = ["--wait", random.choice(["0", "1"]), "--late", random.choice(["0", "60"])]
        code = None
        while code is None:
            after = random.choice([None, random.uniform(0, 0.01), random.uniform(0, 0.2)])
            code = push(program, url, lines, *options, kill_after=after)
            if daemon is not None and random.random() < 0.4:
                daemon.end(signal.SIGKILL)
                daemon = None
        if code != 0:
            raise Failure(f"round {number}: push: exit {code}")
    if daemon is None:
        daemon = Daemon(program, ledger, url)
    daemon.await_ready()
    drain(program, url)
    daemon.end(signal.SIGTERM)
    check(program, ledger, wanted)


KINDS = ["short", "done", "before"] + (["eio", "enospc", "after"] if os.environ.get("COUNTERSIGN_LONG") else [])


def one_fault(program, shim, url, lines, options, fault):
    """One push with one call gone wrong: its exit code (None: killed), and how many calls it made."""
    log = pathlib.Path("fault.log")
    log.unlink(missing_ok=True)
    env = dict(os.environ, LD_PRELOAD=shim, FAULT_DIR=os.path.realpath("S"), FAULT_LOG=str(log.resolve()))
    if fault is not None:
        env.update(FAULT_AT=str(fault[0]), FAULT_KIND=fault[1])
    code = push(program, url, lines, *options, env=env)
    return code, len(log.read_text().splitlines()) if log.exists() else 0


def fresh():
    shutil.rmtree("S", ignore_errors=True)
    os.mkdir("S")


def sweep(program, shim, target, url, options):
    """Each call of a push of three lines to ${target} goes wrong in each way; what is told safe is delivered."""
    fresh()
    calls = one_fault(program, shim, target, [line_of("x", "count")], options, None)[1]
    for kind in KINDS:
        at = 0
        while at < calls:
            at += 1
            fresh()
            names = [f"{target == url}-{kind}-{at}-{i}" for i in range(3)]
            stream = f"{'up' if target == url else 'down'}-{kind}-{at}"
            lines = [line_of(name, stream) for name in names]
            code, made = one_fault(program, shim, target, lines, options, (at, kind))
            calls = max(calls, made)
            pathlib.Path("S/url").unlink(missing_ok=True)  # it has moved, from the address where nothing is
            drain(program, url)
            if code == 0:
                yield stream, names
            else:  # the sender sends again what nobody told it was safe
                if push(program, url, lines, "--wait", "30") != 0:
                    raise Failure(f"{kind} at call {at}: pushing again failed")
                yield stream, names


def fault(program, shim, ledger, url):
    daemon = Daemon(program, ledger, url)
    daemon.await_ready()
    wanted = []
    for target, options in ((DOWN, ["--wait", "0"]), (url, ["--wait", "10"])):
        wanted += sweep(program, shim, target, url, options)
    daemon.end(signal.SIGTERM)
    if len(wanted) < 20 * len(KINDS):
        raise Failure(f"only {len(wanted)} faults")
    for stream, names in wanted:
        check(program, ledger, names, stream)


def main():
    mode = sys.argv[1]
    seed = int(sys.argv[6]) if mode == "kill" and len(sys.argv) > 6 else random.randrange(2**32)
    random.seed(seed)
    try:
        if mode == "kill":
            kill(*sys.argv[2:5], int(sys.argv[5]))
        else:
            fault(*sys.argv[2:6])
    except Failure as failure:
        sys.exit(f"push.py {mode}, seed {seed}: {failure}")
    finally:
        for process in Daemon.started:
            if process.poll() is None:
                process.kill()


main()
