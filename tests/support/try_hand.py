"""A hand for tests: it does what the request says, good or bad, and answers with what came of it."""

import ctypes
import errno
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from seccompy import Action, Filter

from bowerbird.base.confine import COMPUTE, Profile, confine
from bowerbird.base.hand_loop import run

PROFILES = {"compute": COMPUTE, "network": Profile(network=True, readable=("/etc/hosts",), tcp_ports=(9,))}


def crash(_: str) -> str:
    """End as a decoder does that reads where it must not."""
    return ctypes.string_at(0).decode()


def attempt(_: str) -> str:
    """Try all that is forbidden and return what was possible after all, as JSON."""
    reached: list[str] = []
    for name, do in ATTEMPTS.items():
        try:
            do()
        except OSError:
            continue
        reached.append(name)
    return msgspec.json.encode(reached).decode()


def connect(family: socket.AddressFamily, address: "str | tuple[str, int]") -> None:
    """Open a stream to an address."""
    with socket.socket(family) as stream:
        stream.settimeout(1)
        stream.connect(address)


def fork() -> None:
    """Start a process."""
    if os.fork() == 0:
        os._exit(0)


def listen() -> None:
    """Wait for strangers."""
    with socket.socket() as stream:
        stream.bind(("127.0.0.1", 0))
        stream.listen()


PORT = int(sys.argv[2]) if len(sys.argv) > 2 else 1
ATTEMPTS: dict[str, Callable[[], object]] = {
    "tcp": lambda: connect(socket.AF_INET, ("127.0.0.1", PORT)),
    "tcp6": lambda: connect(socket.AF_INET6, ("::1", PORT)),
    "udp": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", PORT)),
    "unix": lambda: socket.socket(socket.AF_UNIX).close(),
    "raw": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).close(),
    "listen": listen,
    "read": lambda: os.close(os.open("/etc/passwd", os.O_RDONLY)),
    "hosts": lambda: os.close(os.open("/etc/hosts", os.O_RDONLY)),
    "write": lambda: os.close(os.open("/tmp/bowerbird-try", os.O_WRONLY | os.O_CREAT)),  # noqa: S108 - it must fail
    "list": lambda: next(Path("/").iterdir()),
    "fork": fork,
    "exec": lambda: os.execv("/bin/true", ["true"]),  # noqa: S606 - it must fail
    "kill": lambda: os.kill(os.getppid(), 0),
}

ACTIONS: dict[str, Callable[[str], str]] = {
    "echo": lambda text: text,
    "pid": lambda _: str(os.getpid()),
    "sleep": lambda text: str(time.sleep(float(text))),
    "crash": crash,
    "raise": lambda text: str(1 / int(text)),
    "memory": lambda text: str(len(bytearray(int(text)))),
    "spin": lambda _: str([None for _ in iter(int, 1)]),
    "print": lambda text: str(print(text, flush=True)),  # noqa: T201 - what a careless library does
    "environment": lambda _: msgspec.json.encode(sorted(os.environ)).decode(),
    "attempt": attempt,
}


def answer(request: bytes) -> bytes:
    """Do `action argument`."""
    action, _, argument = request.decode().partition(" ")
    return ACTIONS[action](argument).encode()


def forget_new_calls() -> None:
    """Make the kernel an old one, in a container that allows no namespaces."""
    rules = Filter(default=Action.ALLOW)
    rules.errno("landlock_create_ruleset", errno.ENOSYS)
    rules.errno("unshare", errno.EPERM)
    rules.load()


if __name__ == "__main__":
    if sys.argv[4:] == ["old"]:
        forget_new_calls()
    run(answer, lambda: confine(PROFILES[sys.argv[1]]), int(sys.argv[3]) if len(sys.argv) > 3 else 0)
