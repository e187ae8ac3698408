"""Hands: expendable child processes for dangerous work, seen from both ends as a function from bytes to bytes.

The one who asks holds a `Hand`. The child writes frames of `Said` to its output: a Hello when it is ready, then one
Answer or Fault for each request that it reads. A frame is four bytes of length, big-endian, and that many bytes.
"""

from typing import Protocol

from msgspec import Struct

LENGTH_BYTES = 4


class HandFailed(Exception):  # noqa: N818 - the state of a hand, of which the caller makes an answer of its own
    """No answer came. The request may be the cause or not; asking again may kill another hand."""


class HandBusy(HandFailed):
    """No hand took the request: too many are waiting, none can be started, or the pool is closed."""


class HandDied(HandFailed):
    """The hand crashed over the request, or was killed by a limit."""


class HandTimedOut(HandFailed):
    """The hand did not answer in time and was killed."""


class Hand(Protocol):
    """One or many processes behind one door; each request meets one of them, alone."""

    async def ask(self, request: bytes, timeout_ms: int) -> bytes:
        """Return the answer; `timeout_ms` counts from when a hand takes the request. Raises HandFailed's kinds."""
        ...


class Confinement(Struct, frozen=True, array_like=True):
    """What a hand gave up before its first request, and what this kernel would not take from it, with the reason."""

    applied: list[str]
    missing: list[str]


class Hello(Struct, frozen=True, array_like=True, tag="hello"):
    """The hand is ready and confined."""

    confinement: Confinement


class Answer(Struct, frozen=True, array_like=True, tag="answer"):
    """What the hand's function returned."""

    data: bytes


class Fault(Struct, frozen=True, array_like=True, tag="fault"):
    """The hand's function raised; the process ends after saying so."""

    text: str


Said = Hello | Answer | Fault
"""What a hand writes, as MessagePack."""
