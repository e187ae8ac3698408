"""What the leases suite is handed, and leases broken on purpose."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from typing_extensions import override

from bowerbird.adapters.memory.leases import Held, MemoryLeases
from bowerbird.ports.leases import Lease, Leases
from tests.support.defects import Defect
from tests.support.set_clock import SetClock

NAMES_MAX = 20


@dataclass
class Subject:
    """Leases that hold NAMES_MAX names, on a clock that `clock.pass_s` moves; `restart` loses what memory held."""

    make: type[MemoryLeases]
    clock: SetClock
    leases: Leases

    def restart(self) -> None:
        """Start the engine again."""
        self.leases = self.make(self.clock, NAMES_MAX)


@asynccontextmanager
async def open_memory(leases: type[MemoryLeases], _folder: Path) -> AsyncGenerator[Subject]:
    """Open fresh leases in memory."""
    clock = SetClock()
    yield Subject(leases, clock, leases(clock, NAMES_MAX))


MEMORY: Mapping[str, Callable[[Path], AbstractAsyncContextManager[Subject]]] = {
    "memory": partial(open_memory, MemoryLeases),
}


class RenewingIsNewOwning(MemoryLeases):
    """Gives a new fence with every renewal."""

    @override
    async def acquire(self, name: str, holder: str, ttl_ms: int) -> Lease | None:
        held = self._held.get(name)
        if held is not None and held.holder == holder:
            del self._held[name]
        return await super().acquire(name, holder, ttl_ms)


class NeverOver(MemoryLeases):
    """Waits for the holder to let go, for ever."""

    @override
    async def acquire(self, name: str, holder: str, ttl_ms: int) -> Lease | None:
        return await super().acquire(name, holder, 3_600_000)


class ReleasedByName(MemoryLeases):
    """Lets go of whatever stands under the name."""

    @override
    async def release(self, lease: Lease) -> None:
        self._held.pop(lease.name, None)


class FencesStartAgain(MemoryLeases):
    """Counts owners from 1 after a restart."""

    _owners = 0

    @override
    def _hand_over(self, name: str, holder: str, now_s: float) -> Held:
        held = super()._hand_over(name, holder, now_s)
        self._owners += 1
        held.fence = self._owners
        return held


class LastComesFirst(MemoryLeases):
    """Gives the name to whoever asks."""

    @override
    async def acquire(self, name: str, holder: str, ttl_ms: int) -> Lease | None:
        held = self._held.get(name)
        if held is not None and held.holder != holder:
            del self._held[name]
        return await super().acquire(name, holder, ttl_ms)


def _broken(leases: type[MemoryLeases], caught_by: str) -> Defect[Subject]:
    return Defect(partial(open_memory, leases), caught_by)


DEFECTS: Mapping[str, Defect[Subject]] = {
    "renewing is new owning": _broken(RenewingIsNewOwning, "the_holder_renews_under_the_same_fence"),
    "never over": _broken(NeverOver, "a_name_is_free_when_its_time_is_over"),
    "released by name": _broken(ReleasedByName, "a_late_release_changes_nothing"),
    "fences start again": _broken(FencesStartAgain, "fences_grow_over_a_restart"),
    "the last comes first": _broken(LastComesFirst, "one_owner_at_a_time"),
}
