"""A child of a supervisor, for tests: it notes what happens to it in a file, and does what its arguments say.

Arguments: the file, its name, and words: `ready` (say so), `deaf` (SIGTERM does nothing), `short` (end at once after
that), `slow` (take a while to end when told to), `once` (end at once, but for the first time). Without `ready` it waits
for ever.
"""

import os
import signal
import socket
import sys
import time
from pathlib import Path

file, name, *words = sys.argv[1:]
line = socket.socket(fileno=int(os.environ["BOWERBIRD_READY_FD"]))


def note(what: str) -> None:
    with Path(file).open("a", encoding="utf-8") as notes:
        notes.write(f"{name} {what} {os.getpid()}\n")


def told(*_: object) -> None:
    if "deaf" in words:
        note("deaf")
        return
    if "slow" in words:
        time.sleep(0.3)
    note("ended")
    os._exit(0)


signal.signal(signal.SIGTERM, told)
again = "once" in words and Path(file).exists() and f"{name} started" in Path(file).read_text(encoding="utf-8")
note("started")
if again:
    os._exit(5)
if "ready" in words:
    note("ready")
    line.send(b"ready\n")
if "short" in words:
    os._exit(3)
if "broken" in words:
    os._exit(4)
while line.recv(1):
    pass
note("abandoned")
