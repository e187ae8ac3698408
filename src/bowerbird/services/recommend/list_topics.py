"""All topics, with pictures of each: asked of the graph every now and then, and remembered in between.

What is remembered is the same for everybody, and public when it was asked for.
"""

from typing import Final

from msgspec import Struct

from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.recommend import Topic
from bowerbird.services.recommend.asker import asker_of
from bowerbird.services.recommend.kit import Kit
from bowerbird.services.recommend.store import Leaning
from bowerbird.services.recommend.topics import TOPICS

_PINS_MAX: Final = 8
_LATE_MAX: Final = 50
_ALL_MAX: Final = 1000
_DAY_US: Final = 86_400_000_000


class _Row(Struct, frozen=True):
    """A topic: how often its things were saved, and pins of it with what they hold, of late and of many first."""

    id: int
    name: str
    saves: float
    pins: list[tuple[Id, Id]]


class Shelf:
    """Remembers the rows for as long as the settings say."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._rows: list[_Row] = []
        self._read_us = 0

    async def topics(self, caller: Caller) -> list[Topic]:
        """Return all topics without what the caller has hidden: one read, and sometimes three of each topic."""
        asker = await asker_of(self._kit, caller)
        hidden = asker.wishes.hidden
        return [
            Topic(row.id, row.name, [pin for pin, thing in row.pins if not {pin, thing} & hidden][:_PINS_MAX])
            for row in await self._fresh()
        ]

    async def _fresh(self) -> list[_Row]:
        now_us = self._kit.world.now_us()
        if not self._rows or now_us - self._read_us >= self._kit.settings.topics_kept_s * 1_000_000:
            rows = [await _read(self._kit, topic, name) for topic, name in TOPICS]
            self._rows, self._read_us = sorted(rows, key=lambda row: (-row.saves, row.name)), now_us
        return self._rows


async def _read(kit: Kit, topic: int, name: str) -> _Row:
    leaning = Leaning(liked=frozenset([topic]))
    since_us = max(0, kit.world.now_us() - kit.settings.late_days * _DAY_US)
    late = await kit.store.popular(since_us, _LATE_MAX, leaning)
    ever = await kit.store.popular(0, _ALL_MAX, leaning)
    things = list(dict.fromkeys(one.id for one in (*late, *ever)))[:_LATE_MAX]
    holders = await kit.store.holding(things, 1) if things else []
    pins = [(saves[0].pin, saves[0].thing) for saves in holders if saves]
    return _Row(topic, name, sum(one.score for one in ever), pins)
