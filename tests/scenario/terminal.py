#!/usr/bin/env python3
"""Runs a command on a terminal of its own and types for a person: terminal.py [--slowly] TEXT=ANSWER... -- COMMAND...

Waits for each TEXT in turn and types its ANSWER and Enter (`^C`: the interrupt key alone; nothing: end of input;
`!COMMAND!ANSWER`: a shell command is run first).  What the
command says goes to standard output, its exit code is ours.  With --slowly it is stopped again and again, as long as a
TEXT is waited for: what is only drawn now and then is drawn however fast the machine is."""
import os
import pty
import select
import signal
import subprocess
import sys
import time

END = 60
SLICE = 0.01  # of running slowly, in seconds
STOPPED = 0.25  # between slices: longer than between two drawings


def main():
    split = sys.argv.index("--")
    slowly = sys.argv[1] == "--slowly"
    steps = [argument.split("=", 1) for argument in sys.argv[1 + slowly:split]]
    pid, terminal = pty.fork()
    if pid == 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # whoever starts the tests aside may have it ignored
        os.execvp(sys.argv[split + 1], sys.argv[split + 1:])
    said, seen, end = b"", 0, time.monotonic() + END
    while time.monotonic() < end:
        if not select.select([terminal], [], [], SLICE if slowly and steps else 1)[0]:
            if slowly and steps:
                os.kill(pid, signal.SIGSTOP)
                time.sleep(STOPPED)
                os.kill(pid, signal.SIGCONT)
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
