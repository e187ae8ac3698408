"""Leases in memory: a dictionary of names that are held."""

from dataclasses import dataclass
from typing import Final

from bowerbird.base.world import World
from bowerbird.ports.leases import NAME_CHARACTERS_MAX, TTL_MS_MAX, Lease
from bowerbird.ports.records import EngineUnavailable

ENTRIES_MAX: Final = 10_000
"""Names held at one time."""


@dataclass(slots=True)
class Held:
    """A name's owner until (by the monotonic clock) its time is over."""

    holder: str
    fence: int
    over_at_s: float


class MemoryLeases:
    """As `ports.leases.Leases`, for one process. A restart frees all names; fences grow on, from the time of day."""

    def __init__(self, world: World, entries_max: int = ENTRIES_MAX) -> None:
        self._world = world
        self._entries_max = entries_max
        self._held: dict[str, Held] = {}
        self._fence = 0

    async def acquire(self, name: str, holder: str, ttl_ms: int) -> Lease | None:
        _refuse_bad(name, holder, ttl_ms)
        now_s = self._world.monotonic_s()
        held = self._held.get(name)
        if held is None or held.over_at_s <= now_s:
            held = self._hand_over(name, holder, now_s)
        elif held.holder != holder:
            return None
        held.over_at_s = now_s + ttl_ms / 1000
        return Lease(name, holder, held.fence, self._world.now_us() + ttl_ms * 1000)

    async def release(self, lease: Lease) -> None:
        held = self._held.get(lease.name)
        if held is not None and held.fence == lease.fence:
            del self._held[lease.name]

    def _hand_over(self, name: str, holder: str, now_s: float) -> Held:
        if name not in self._held and len(self._held) >= self._entries_max:
            self._held = {name: held for name, held in self._held.items() if held.over_at_s > now_s}
            if len(self._held) >= self._entries_max:
                raise EngineUnavailable(f"{self._entries_max} names are held, and no more can be.")
        self._fence = max(self._fence + 1, self._world.now_us())
        held = self._held[name] = Held(holder, self._fence, now_s)
        return held


def _refuse_bad(name: str, holder: str, ttl_ms: int) -> None:
    if not (1 <= len(name) <= NAME_CHARACTERS_MAX and 1 <= len(holder) <= NAME_CHARACTERS_MAX):
        raise ValueError(f"Names and holders are 1 to {NAME_CHARACTERS_MAX} characters.")
    if not 1 <= ttl_ms <= TTL_MS_MAX:
        raise ValueError(f"A time to live is 1 to {TTL_MS_MAX} ms, not {ttl_ms}.")
