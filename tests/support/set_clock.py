"""Clocks that a test moves: one that stands until then, and one that goes and is put forward."""

from typing_extensions import override

from bowerbird.base.world import World

BEGIN_US = 1_800_000_000_000_000


class SetClock(World):
    """Both clocks show the same instant; sleeping moves them at once."""

    def __init__(self) -> None:
        super().__init__()
        self._us = BEGIN_US

    def pass_s(self, seconds: float) -> None:
        """Let time pass."""
        self._us += round(seconds * 1_000_000)

    @override
    def now_us(self) -> int:
        return self._us

    @override
    def monotonic_s(self) -> float:
        return (self._us - BEGIN_US) / 1_000_000

    @override
    async def sleep(self, seconds: float) -> None:
        self.pass_s(seconds)


class Ahead(World):
    """The machine's own clocks, but that `ahead_s` more has passed than they say."""

    ahead_s = 0.0

    @override
    def monotonic_s(self) -> float:
        return super().monotonic_s() + self.ahead_s
