#!/usr/bin/env python3
"""Approves with a key that has a passphrase, and looks for secrets: secrets.py KEY PASSPHRASE OPEN_KEY DAEMON COMMAND...

While ssh-keygen asks, and again when it is over and the command waits for the daemon, which is held for so long, nothing of the
passphrase or of the private key may be in any argument, environment or memory of the command, nor the passphrase in those of
ssh-keygen before it is typed; neither may leave a core dump.  OPEN_KEY is the same key without a passphrase."""
import base64
import os
import pty
import re
import signal
import sys
import time

key, passphrase, open_key, daemon, command = sys.argv[1], sys.argv[2].encode(), sys.argv[3], int(sys.argv[4]), sys.argv[5:]


def seed():
    with open(open_key + ".pub") as file:
        public = base64.b64decode(file.read().split()[1])[-32:]
    with open(open_key) as file:
        blob = base64.b64decode("".join(file.read().split("\n")[1:-2]))
    at = blob.rindex(public)
    return blob[at - 32:at]


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(child) for child in file.read().split()]


def read(path):
    with open(path, "rb") as file:
        return file.read()


def memory(pid):
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as mem:
        for line in maps:
            found = re.match(r"([0-9a-f]+)-([0-9a-f]+) r", line)
            if not found or "[vvar" in line or "[vsyscall]" in line or "/L/" in line:
                continue
            start, end = (int(number, 16) for number in found.groups())
            try:
                mem.seek(start)
                yield mem.read(end - start)
            except OSError:
                pass


def look(pid, secrets, name):
    places = [(what, read(f"/proc/{pid}/{what}")) for what in ("cmdline", "environ")]
    places += [("memory", data) for data in memory(pid)]
    for what, data in places:
        for secret in secrets:
            if secret in data:
                sys.exit(f"a secret is in the {what} of {name}")
    limit = re.search(rb"Max core file size +(\S+)", read(f"/proc/{pid}/limits")).group(1)
    if limit != b"1" and limit != b"0":
        sys.exit(f"{name} may leave a core dump of {limit.decode()} bytes")


def main():
    secrets = [passphrase, seed(), base64.b64encode(seed())[:40]]
    os.kill(daemon, signal.SIGSTOP)
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(command[0], command + ["--key", key])
    try:
        said = b""
        while b"passphrase" not in said:
            said += os.read(terminal, 4096)
        [keygen] = children(pid)
        look(pid, secrets, "the command")
        look(keygen, secrets, "ssh-keygen")
        os.write(terminal, passphrase + b"\n")
        end = time.monotonic() + 60
        while children(pid) and time.monotonic() < end:
            time.sleep(0.01)
        while read(f"/proc/{pid}/wchan") in (b"0", b"") and time.monotonic() < end:
            time.sleep(0.01)  # until it waits for the daemon
        look(pid, secrets, "the command")
        if not any(b"approval.given" in data for data in memory(pid)):
            sys.exit("its memory could not be read")
        if any(passphrase in read(f"/proc/{process}/{what}") for process in (pid, daemon) for what in ("cmdline", "environ")):
            sys.exit("the passphrase is in an argument or an environment")
    finally:
        os.kill(daemon, signal.SIGCONT)
    while True:
        try:
            data = os.read(terminal, 4096)
        except OSError:
            break
        if not data:
            break
        said += data
    if passphrase in said or b"accepted" not in said:
        sys.exit(said.decode())
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


main()
