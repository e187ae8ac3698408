"""A hand's own side: confine yourself, say so, then answer one request after the other until the input ends."""

import os
import signal
from collections.abc import Callable
from typing import NoReturn

from msgspec import msgpack

from bowerbird.base.hand import LENGTH_BYTES, Answer, Confinement, Fault, Hello, Said

FAULT_CHARACTERS_MAX = 500

_PIECE_BYTES = 1 << 20


def run(answer: Callable[[bytes], bytes], confine: Callable[[], Confinement], cpu_ms_max: int = 0) -> NoReturn:
    """Serve standard input and output, and leave without ceremony: there is nothing to clean up.

    Whatever `answer` needs (modules, certificates) is loaded before, since `confine` takes files away. Stray prints go
    where errors go, so that they never stand among the frames. A request that takes more than `cpu_ms_max` of
    processor time (0: no limit) ends the process, in the midst of C too: by default that is what SIGPROF does.
    """
    sink = os.dup(1)
    os.dup2(2, 1)
    _write(sink, Hello(confine()))
    while (request := _read(0)) is not None:
        signal.setitimer(signal.ITIMER_PROF, cpu_ms_max / 1000)
        said = _say(answer, request)
        signal.setitimer(signal.ITIMER_PROF, 0)
        _write(sink, said)
        if isinstance(said, Fault):
            break
    os._exit(0)  # interpreter shutdown would only meet calls that confinement forbids


def _say(answer: Callable[[bytes], bytes], request: bytes) -> Said:
    try:
        return Answer(answer(request))
    except Exception as error:  # noqa: BLE001 - hostile input finds exceptions of every kind; all mean one thing here
        return Fault(f"{type(error).__name__}: {error}"[:FAULT_CHARACTERS_MAX])


def _read(source: int) -> bytes | None:
    header = _read_exactly(source, LENGTH_BYTES)
    return None if header is None else _read_exactly(source, int.from_bytes(header, "big"))


def _read_exactly(source: int, count: int) -> bytes | None:
    pieces = bytearray()
    while len(pieces) < count:
        piece = os.read(source, min(count - len(pieces), _PIECE_BYTES))
        if not piece:
            return None
        pieces += piece
    return bytes(pieces)


def _write(sink: int, said: Said) -> None:
    body = msgpack.encode(said)
    rest = memoryview(len(body).to_bytes(LENGTH_BYTES, "big") + body)
    while rest:
        rest = rest[os.write(sink, rest) :]
