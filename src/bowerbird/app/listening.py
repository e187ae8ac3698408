"""Where a process of the edge listens: at a socket that it inherits, or, started by hand, at one of its own."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from bowerbird.app.settings import SettingsError
from bowerbird.base.network import host_and_port, is_path
from bowerbird.runtime.listener import Listener, LocalListener

_INHERITED = "fd:"


def inherited(descriptor: int) -> str:
    """Return the address of a socket that a child inherits."""
    return f"{_INHERITED}{descriptor}"


@contextmanager
def listening(address: str) -> Generator[int]:
    """Yield the descriptor of the socket that listens at an address, for a server that will close it."""
    if address.startswith(_INHERITED):
        yield int(address.removeprefix(_INHERITED))
        return
    listener = open_at(address)
    try:
        yield os.dup(listener.descriptor)
    finally:
        listener.close()


def open_at(address: str) -> Listener | LocalListener:
    """Return a socket that listens at a path or at `host:port`. SettingsError."""
    try:
        return LocalListener(Path(address)) if is_path(address) else Listener(*host_and_port(address))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise SettingsError(f"Cannot listen at {address}: {reason}.") from error
