#!/usr/bin/env python3
"""Runs a command on a terminal of its own and types for a person: terminal.py TEXT=ANSWER... -- COMMAND...

Waits for each TEXT in turn and types its ANSWER and Enter (`^C`: the interrupt key alone; nothing: end of input;
`!COMMAND!ANSWER`: a shell command is run first).  What the
command says goes to standard output, its exit code is ours."""
import os
import pty
import select
import subprocess
import sys
import time

END = 60


def main():
    split = sys.argv.index("--")
    steps = [argument.split("=", 1) for argument in sys.argv[1:split]]
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(sys.argv[split + 1], sys.argv[split + 1:])
    said, seen, end = b"", 0, time.monotonic() + END
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            data = os.read(terminal, 65536)
        except OSError:
            data = b""
        if not data:
            break
        said += data
        while steps and (at := said.find(steps[0][0].encode(), seen)) >= 0:
            text, answer = steps.pop(0)
            seen = at + len(text)
            if answer.startswith("!"):
                command, answer = answer[1:].split("!", 1)
                subprocess.run(command, shell=True, check=True, stdout=subprocess.DEVNULL)
            os.write(terminal, {"^C": b"\x03", "": b"\x04"}.get(answer, answer.encode() + b"\n"))
    else:
        os.kill(pid, 9)
    sys.stdout.write(said.decode(errors="replace").replace("\r\n", "\n"))
    if steps:
        sys.exit(f"terminal.py: '{steps[0][0]}' was never said")
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) & 0xff)


main()
