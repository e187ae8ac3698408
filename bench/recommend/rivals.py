"""What the walk is held against: popularity, and counting what is saved together."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from bench.recommend.community import Numbers

Recommend = Callable[[Sequence[int], int], list[int]]
"""Things for somebody who saved some, best first, and none of those."""


class Rivals:
    """Recommenders over the same saves, rows (thing, board)."""

    def __init__(self, saves: Numbers, things: int) -> None:
        self._things = things
        self._saved = np.bincount(saves[:, 0], minlength=things)
        boards = int(saves[:, 1].max()) + 1
        by_thing, by_board = saves[np.argsort(saves[:, 0])], saves[np.argsort(saves[:, 1])]
        self._boards_of: list[Numbers] = np.split(
            by_thing[:, 1], np.cumsum(np.bincount(saves[:, 0], minlength=things))[:-1]
        )
        self._things_of: list[Numbers] = np.split(
            by_board[:, 0], np.cumsum(np.bincount(saves[:, 1], minlength=boards))[:-1]
        )

    def popularity(self, query: Sequence[int], limit: int) -> list[int]:
        """Return what is on most boards."""
        return _best(self._saved.astype(np.float64), query, limit)

    def together(self, query: Sequence[int], limit: int) -> list[int]:
        """Return what shares most boards with the things of the query, counted over all of them."""
        return _best(self._shared(query, np.ones(self._things)), query, limit)

    def together_cosine(self, query: Sequence[int], limit: int) -> list[int]:
        """Return the same with each pair's count divided by the root of both things' boards."""
        root = np.sqrt(np.maximum(self._saved, 1))
        return _best(self._shared(query, 1 / root) / root, query, limit)

    def _shared(self, query: Sequence[int], weights: NDArray[np.float64]) -> NDArray[np.float64]:
        found = np.zeros(self._things)
        for thing in query:
            boards: list[int] = self._boards_of[thing].tolist()
            if boards:
                beside: Numbers = np.concatenate([self._things_of[board] for board in boards])
                found += np.bincount(beside, minlength=self._things) * weights[thing]
        return found


def _best(scores: NDArray[np.float64], query: Sequence[int], limit: int) -> list[int]:
    scores = scores.copy()
    scores[list(query)] = -1.0
    best = np.argsort(-scores, kind="stable")[:limit]
    return best[scores[best] > 0].tolist()
