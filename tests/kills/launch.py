"""Runs a Python program whose writes somebody else decides on: `launch.py DESCRIPTOR ARGUMENTS...`.

Every call of the program and of all that it starts that changes a file, or sends, waits until whoever holds the
listener answers. The listener goes through the socket of that descriptor. It needs no privilege.
"""

import os
import socket
import sys
from contextlib import suppress

from seccompy import Action, ArgCmp, CmpOp, Filter, FilterFlag

CALLS = (
    *("write", "writev", "pwrite64", "pwritev", "pwritev2", "ftruncate", "fallocate", "fsync", "fdatasync"),
    *("rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir"),
)


def main() -> None:
    """Put the filter up, hand over its listener, and become the program."""
    rules = Filter(default=Action.ALLOW, flags=FilterFlag.NEW_LISTENER | FilterFlag.WAIT_KILLABLE_RECV)
    for name in CALLS:
        with suppress(ValueError):  # newer machines have no call of that name
            rules.notify(name)
    rules.notify("openat", args=[ArgCmp(2, CmpOp.MASKED_EQ, os.O_CREAT, mask=os.O_CREAT)])
    with socket.socket(fileno=int(sys.argv[1])) as door:
        listener = rules.load()
        assert listener is not None
        socket.send_fds(door, [b"listener"], [listener.fileno()])
    os.execv(sys.executable, [sys.executable, *sys.argv[2:]])  # noqa: S606 - it is to become the program


if __name__ == "__main__":
    main()
