"""A limit that finds itself: how many requests of one kind may be under way at once, learned from how long they take.

Additive increase, multiplicative decrease, as TCP does: while answers come within a target the limit grows by about one
for every round of them; when one is late it shrinks by a tenth, once within a target's time, since all that is under
way then is late for the same reason. The target is the operator's word for what "in time" means, so that nothing has to
be learned about an idle server first, and nothing drifts while it is never idle.
"""

from typing import Final

LEAST: Final = 8
FIRST: Final = 64
MOST: Final = 1024
_SHRINKING: Final = 0.9


class Limiter:
    """`under_way` is kept by whoever begins and ends; the limit stays between LEAST and MOST."""

    __slots__ = ("_calm_s", "_target_s", "limit", "under_way")

    def __init__(self, target_s: float) -> None:
        self.limit: float = FIRST
        self.under_way = 0
        self._target_s = target_s
        self._calm_s = 0.0

    @property
    def has_room(self) -> bool:
        """Whether one more may begin."""
        return self.under_way + 1 <= self.limit

    def learn(self, took_s: float, now_s: float) -> None:
        """Take down how long one took that is still counted among those under way."""
        if took_s <= self._target_s:
            if 2 * self.under_way >= self.limit:  # what nobody asks for is not known to be possible
                self.limit = min(MOST, self.limit + 1 / self.limit)
        elif now_s >= self._calm_s:
            self.limit = max(LEAST, self.limit * _SHRINKING)
            self._calm_s = now_s + self._target_s
