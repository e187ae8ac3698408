"""A snapshot of the graph: one file of arrays, made once, mapped into memory by whoever walks there.

Its first page holds a head that names the arrays; each of them begins at a multiple of 64 bytes.
"""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from msgspec import Struct, msgpack
from numpy.typing import NDArray

from bowerbird.adapters.csr.arrays import Days, Ids, Keys, Words
from bowerbird.ports.records import EngineUnavailable

_MAGIC: Final = b"BBWALKS1"
_LENGTH_BYTES: Final = 4
_HEAD_BYTES: Final = 4_096
_ALIGNED_BYTES: Final = 64


class _Array(Struct, frozen=True, array_like=True):
    """`type`: as numpy writes it, with the order of bytes."""

    type: str
    count: int
    offset: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Edges as compressed sparse rows, both ways; nodes are numbered by the rank of their ids.

    The boards of thing `t`: `boards_of[thing_starts[t]:thing_starts[t + 1]]`, ascending, and `days` beside them: when
    it was saved there, since 1970. The things of a board alike. `labels`: of each thing, language << 16 | topic.
    `pruned`: edges that walks do not take, as keys (thing, board), ascending, with their days.
    """

    thing_ids: Ids
    board_ids: Ids
    thing_starts: Words
    boards_of: Words
    days: Days
    board_starts: Words
    things_of: Words
    labels: Words
    pruned: Keys
    pruned_days: Days

    @classmethod
    def empty(cls) -> "Snapshot":
        """Return one of nothing."""
        ids, start, words = np.empty(0, "S16"), np.zeros(1, np.uint32), np.empty(0, np.uint32)
        days, keys = np.empty(0, np.uint16), np.empty(0, np.uint64)
        return cls(ids, ids, start, words, days, start, words, words, keys, days)

    @classmethod
    def open(cls, path: Path) -> "Snapshot":
        """Map a file; FileNotFoundError where there is none, EngineUnavailable when it is not whole."""
        try:
            with path.open("rb") as file:
                mapped = mmap(file.fileno(), 0, access=ACCESS_READ)
            arrays = _head(mapped)
            return cls(**{name: np.ndarray(at.count, at.type, mapped, at.offset) for name, at in arrays.items()})
        except (ValueError, TypeError, msgspec.MsgspecError) as error:
            raise EngineUnavailable(f"{path} is no whole snapshot: {error}") from error

    def write(self, path: Path) -> None:
        """Write a new file, durably."""
        arrays: Mapping[str, NDArray[Any]] = asdict(self)
        placed, end = _laid_out(arrays)
        head = msgpack.encode(placed)
        with path.open("xb") as file:
            file.write(_MAGIC + len(head).to_bytes(_LENGTH_BYTES, "little") + head)
            for name, array in arrays.items():
                file.seek(placed[name].offset)
                file.write(np.ascontiguousarray(array).view(np.uint8).data)
            file.truncate(end)
            file.flush()
            os.fsync(file.fileno())


def _head(mapped: mmap) -> dict[str, _Array]:
    begin = len(_MAGIC) + _LENGTH_BYTES
    if mapped[: len(_MAGIC)] != _MAGIC:
        raise ValueError("it begins otherwise")
    length = int.from_bytes(mapped[len(_MAGIC) : begin], "little")
    return msgpack.decode(mapped[begin : begin + length], type=dict[str, _Array])


def _laid_out(arrays: Mapping[str, NDArray[Any]]) -> tuple[dict[str, _Array], int]:
    """Return where each array comes to lie, and where the last one ends."""
    offset = _HEAD_BYTES
    placed: dict[str, _Array] = {}
    for name, array in arrays.items():
        placed[name] = _Array(array.dtype.str, len(array), offset)
        offset += array.nbytes + -array.nbytes % _ALIGNED_BYTES
    return placed, offset
