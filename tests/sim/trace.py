"""The trace: what happened in a run, as a digest that two runs share only if all of it was the same."""

from hashlib import blake2b
from typing import TextIO


class Trace:
    """`out`: where every line goes too, for whoever wants to read it; `counts`: how often each kind of fault came."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._digest = blake2b(digest_size=16)
        self._out = out
        self.counts: dict[str, int] = {}
        self.now_us = 0

    def note(self, *words: object) -> None:
        """Take down what happened."""
        line = f"{self.now_us} {' '.join(map(str, words))}\n"
        self._digest.update(line.encode())
        if self._out is not None:
            self._out.write(line)

    def count(self, kind: str, times: int = 1) -> None:
        """Take down that a kind of fault, or of something else worth showing, was met."""
        self.counts[kind] = self.counts.get(kind, 0) + times

    def digest(self) -> str:
        """Return the digest of everything so far."""
        return self._digest.hexdigest()
