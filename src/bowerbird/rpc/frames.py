"""Frames: where one message ends and the next begins in a stream of bytes.

`msgpack.Unpacker` skips over a message without building anything, and takes up again where the bytes ran out. A length
that a message claims costs nothing; what has come of it is counted.
"""

from typing import Protocol, cast

import msgpack  # pyright: ignore[reportMissingTypeStubs] - it has none; what is used of it is declared below

_READ_BYTES_MAX = 1 << 20
"""More than an event loop reads at once."""


class _Unpacker(Protocol):
    def feed(self, data: bytes) -> None: ...
    def skip(self) -> None: ...
    def tell(self) -> int: ...


_OutOfData = cast("type[Exception]", msgpack.OutOfData)
_UnpackException = cast("type[Exception]", msgpack.UnpackException)


class Untrusted(Exception):  # noqa: N818 - the state of the stream
    """Nobody can say any more where a message ends, or it is too long."""


class Frames:
    """The frames of one stream, in order, each of at most `bytes_max`."""

    def __init__(self, bytes_max: int) -> None:
        unpacker = msgpack.Unpacker(max_buffer_size=bytes_max + _READ_BYTES_MAX)  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] - no stubs
        self._unpacker = cast("_Unpacker", unpacker)
        self._bytes_max = bytes_max
        self._rest = bytearray()
        self._rest_at = 0

    @property
    def is_between(self) -> bool:
        """Return whether nothing is left over: what comes next begins a message."""
        return not self._rest

    def feed(self, data: bytes) -> list[bytes]:
        """Return the frames that the data completes; what is left over waits for more. Untrusted."""
        source = data
        if self._rest:
            self._rest += data
            source = self._rest
        ends = self._ends(data)
        frames = [bytes(source[start:end]) for start, end in zip([0, *ends], ends, strict=False)]
        if ends or source is data:
            done = ends[-1] if ends else 0
            self._rest_at += done
            self._rest = bytearray(source[done:])
        if len(self._rest) > self._bytes_max or any(len(frame) > self._bytes_max for frame in frames):
            raise Untrusted(f"a message of more than {self._bytes_max} bytes")
        return frames

    def _ends(self, data: bytes) -> list[int]:
        """Return where messages end, counted from the beginning of what is left over."""
        ends: list[int] = []
        try:
            self._unpacker.feed(data)
            while True:
                self._unpacker.skip()
                ends.append(self._unpacker.tell() - self._rest_at)
        except _OutOfData:
            return ends
        except (_UnpackException, ValueError) as error:
            raise Untrusted(str(error)) from error
