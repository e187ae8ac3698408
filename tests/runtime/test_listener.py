"""The shared listening socket: how many wait at it is known, and none of them is lost when it ignores new ones."""

import os
import socket
from collections.abc import Iterator

import pytest

from bowerbird.runtime.listener import Listener, leave


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener("127.0.0.1", 0)
    yield listener
    listener.close()


@pytest.fixture
def other(listener: Listener) -> Iterator[socket.socket]:
    """Return the same socket, as another process has it."""
    with socket.socket(fileno=os.dup(listener.descriptor)) as shared:
        yield shared


def connected(listening: socket.socket) -> socket.socket:
    return socket.create_connection(listening.getsockname(), timeout=30)


def accept(listening: socket.socket) -> None:
    connection, _ = listening.accept()
    connection.close()


def test_those_who_wait_are_counted_and_still_accepted_when_new_ones_are_ignored(
    listener: Listener, other: socket.socket
) -> None:
    with connected(other), connected(other):
        assert listener.waiting() == 2
        accept(other)
        assert listener.waiting() == 1
        listener.ignore_new()
        with socket.socket() as late:
            late.settimeout(0.1)
            with pytest.raises(TimeoutError):
                late.connect(other.getsockname())
        assert listener.waiting() == 1
        accept(other)
        assert listener.waiting() == 0


def test_whoever_leaves_accepts_no_more_and_those_who_wait_stay_for_the_others(
    listener: Listener, other: socket.socket
) -> None:
    with socket.socket(fileno=os.dup(listener.descriptor)) as leaving, connected(other):
        leave(leaving.fileno())
        with pytest.raises(BlockingIOError):
            leaving.accept()
        assert listener.waiting() == 1
        accept(other)


@pytest.mark.usefixtures("listener")
def test_an_address_that_is_taken_is_told(other: socket.socket) -> None:
    host, port = other.getsockname()
    with pytest.raises(OSError, match="Address already in use"):
        Listener(host, port)
