"""By which record a pin's picture was put last: twelve bytes a pin, most of them in sorted arrays."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bowerbird.adapters.usearch.journal import Records

_RECENT_MAX: Final = 4096
_ODD: Final = np.uint64(0x9E37_79B9_7F4A_7C15)

Hashes = NDArray[np.uint64]
Numbers = NDArray[np.uint32]


class Pins:
    """What was put long ago is sorted by a hash of the pin; what came since is a dict, sorted in when it is full."""

    def __init__(self) -> None:
        self._hashes: Hashes = np.empty(0, np.uint64)
        self._numbers: Numbers = np.empty(0, np.uint32)
        self._recent: dict[bytes, int] = {}

    def add(self, pins: Records, numbers: Numbers, alive: NDArray[np.bool_]) -> None:
        """Note by which records pins, shape (n,), were put; `alive` tells of all records which count no more."""
        if len(self._recent) + len(pins) > _RECENT_MAX:
            recent = np.frombuffer(b"".join(self._recent), "V16")
            hashes = np.concatenate([self._hashes, _hashes(recent), _hashes(pins)])
            numbers = np.concatenate([self._numbers, np.array(list(self._recent.values()), np.uint32), numbers])
            kept = alive[numbers]
            order = np.argsort(hashes[kept], kind="stable")
            self._hashes, self._numbers = hashes[kept][order], numbers[kept][order]
            self._recent = {}
        else:
            self._recent.update(zip(pins.tolist(), numbers.tolist(), strict=True))

    def candidates(self, pin: bytes) -> Iterator[int]:
        """Yield records that may have put a pin: which of them did, and counts, its record says."""
        recent = self._recent.get(pin)
        if recent is not None:
            yield recent
        hash_ = _hashes(np.frombuffer(pin, "V16"))
        first, last = np.searchsorted(self._hashes, hash_, "left"), np.searchsorted(self._hashes, hash_, "right")
        yield from self._numbers[first[0] : last[0]].tolist()


def _hashes(pins: NDArray[np.void]) -> Hashes:
    """Return a hash of each id: its random end, with its time mixed in."""
    halves = np.ascontiguousarray(pins).view("<u8").reshape(-1, 2)
    return halves[:, 0] * _ODD ^ halves[:, 1]
