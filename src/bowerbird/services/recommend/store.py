"""Wishes, the graph of saves, and tastes, in the words of the service; with `rebuild`, all that touches ports."""

from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, TypeVar

from msgspec import Struct

from bowerbird.base.ids import Id
from bowerbird.base.world import World
from bowerbird.contracts import events
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.problems import NotFound, Unavailable
from bowerbird.contracts.recommend import TUNINGS_MAX, Tuning
from bowerbird.ports import tastes as taste_bounds
from bowerbird.ports import walks as walk_bounds
from bowerbird.ports.keys import Keys
from bowerbird.ports.log import Offset
from bowerbird.ports.records import KEYS_MAX, OPS_MAX, Conflict, EngineUnavailable, Records
from bowerbird.ports.tables import Index, Key, Op, Table
from bowerbird.ports.tastes import Mark, Save, Sight, Tastes
from bowerbird.ports.walks import Bias, Change, Described, Dropped, Edge, Found, Saved, Scored, Unsaved, Walk, Walks
from bowerbird.ports.walks import Wish as Start

__all__ = [
    "TABLES",
    "TUNINGS",
    "Found",
    "Leaning",
    "Offset",
    "Place",
    "Save",
    "Scored",
    "Sight",
    "Store",
]

TUNINGS: Final = Table("tuning", Tuning, key=("person", "id"), indexes={"made": Index(("person", "created_at"))})
TABLES: Final[tuple[Table[Any], ...]] = (TUNINGS,)

_HOLDERS_MAX: Final = 3
"""Pins of a thing that are looked at to show one."""
_NOTED_EVERY_US: Final = 60_000_000

Piece = TypeVar("Piece")
Answer = TypeVar("Answer")

Place = tuple[Id, Id]
"""A thing, and the board that it is on."""


class Leaning(Struct, frozen=True):
    """Which topics a walk prefers (none: all), and which it does not."""

    liked: frozenset[int] = frozenset()
    shunned: frozenset[int] = frozenset()


@contextmanager
def _answering() -> Generator[None]:
    """Turn what engines say of themselves into what services say."""
    try:
        yield
    except EngineUnavailable as error:
        raise Unavailable("what people may like cannot be found or noted now", retry_after_s=1) from error


class Store:
    """Reads see what was acknowledged before they began."""

    def __init__(self, walks: Walks, tastes: Tastes, records: Records, keys: Keys, world: World) -> None:
        self._walks = walks
        self._tastes = tastes
        self._records = records
        self._keys = keys
        self._world = world
        self._noted_us = 0

    async def tunings(self, person: Id) -> list[Tuning]:
        """Return a person's wishes, newest first; a read for each 500."""
        found: list[Tuning] = []
        behind: Key | None = None
        while len(found) <= TUNINGS_MAX:
            with _answering():
                rows = await self._records.scan(
                    TUNINGS, "made", (person,), after=behind, limit=KEYS_MAX, newest_first=True
                )
            found += rows
            if len(rows) < KEYS_MAX:
                break
            behind = TUNINGS.mark("made", rows[-1])
        return found

    async def tuning(self, person: Id, id_: Id) -> Tuning | None:
        """Return one of a person's wishes."""
        with _answering():
            return (await self._records.get(TUNINGS, [(person, id_)]))[0]

    async def make(self, caller: Caller, tuning: Tuning) -> bool:
        """Put a wish; return whether it was not there. NotFound when its person is erased."""
        return await self._commit(caller, "tuning_made", tuning, TUNINGS.insert(tuning))

    async def undo(self, caller: Caller, old: Tuning, tombstone: Tuning) -> bool:
        """Remove a wish as it was read; return whether it was still there."""
        op = TUNINGS.delete((old.person, old.id), {"version": old.version})
        return await self._commit(caller, "tuning_undone", tombstone, op)

    async def _commit(self, caller: Caller, type_: str, tuning: Tuning, op: Op) -> bool:
        with _answering():
            key = (await self._keys.get([tuning.person]))[0]
            if key is None:
                raise NotFound("there is no such person")
            try:
                await self._records.commit([op], [events.outgoing(self._world, caller, type_, tuning, key)])
            except Conflict:
                return False
        return True

    async def forget(self, person: Id) -> None:
        """Remove all that a person wished for, saved, and was shown."""
        while rows := await self.tunings(person):
            ops = [TUNINGS.delete((row.person, row.id)) for row in rows[:OPS_MAX]]
            with _answering():
                await self._records.commit(ops)
        with _answering():
            await self._tastes.forget(person)

    async def walk(
        self,
        query: Mapping[Id, float],
        own: Iterable[Save],
        leaning: Leaning,
        *,
        seed: int,
        steps_max: int,
        things_max: int,
        boards_max: int = 0,
    ) -> Found:
        """Walk from things, each by its weight; over saves that are `own`, too."""
        asked = Walk(
            query=[Start(thing, weight) for thing, weight in query.items()],
            seed=seed,
            own=[Edge(save.thing, save.board) for save in own][: walk_bounds.OWN_MAX],
            bias=_bias(leaning),
            steps_max=steps_max,
            things_max=things_max,
            boards_max=boards_max,
        )
        with _answering():
            return await self._walks.walk(asked)

    async def popular(self, since: int, limit: int, leaning: Leaning) -> list[Scored]:
        """Return things of liked topics alone, those first that most boards saved since a time."""
        with _answering():
            return await self._walks.popular(since, limit, _bias(leaning))

    async def saves(self, pins: Sequence[Id]) -> list[Save | None]:
        """Return the saves of pins, in order."""
        return await _in_pieces(self._tastes.saves, pins)

    async def of_person(self, person: Id, limit: int) -> list[Save]:
        """Return what a person saved last, newest first."""
        with _answering():
            return await self._tastes.of_person(person, None, limit)

    async def of_board(self, board: Id, limit: int) -> list[Save]:
        """Return what was saved to a board last, newest first."""
        with _answering():
            return await self._tastes.of_board(board, None, limit)

    async def pages_of_board(self, board: Id) -> AsyncIterator[list[Save]]:
        """Yield all saves on a board, newest first, some at a time."""
        async for page in _pages(partial(self._tastes.of_board, board)):
            yield page

    async def pages_of_person(self, person: Id) -> AsyncIterator[list[Save]]:
        """Yield all that a person saved, newest first, some at a time."""
        async for page in _pages(partial(self._tastes.of_person, person)):
            yield page

    async def holding(self, things: Sequence[Id], each_max: int = _HOLDERS_MAX) -> list[list[Save]]:
        """Return the newest public saves of each thing."""
        return await _in_pieces(lambda some: self._tastes.holding(some, each_max), things)

    async def kept(self, person: Id, things: Sequence[Id]) -> frozenset[Id]:
        """Return those of the things that a person saved."""
        found = await _in_pieces(partial(self._tastes.kept, person), things)
        return frozenset(thing for thing, kept in zip(things, found, strict=True) if kept)

    async def on_board(self, board: Id, things: Sequence[Id]) -> dict[Id, int]:
        """Return how many saves of each thing are on a board."""
        return dict(zip(things, await _in_pieces(partial(self._tastes.on_board, board), things), strict=True))

    async def shown(self, person: Id, things: Sequence[Id]) -> dict[Id, int]:
        """Return how often each thing was shown to a person."""
        return dict(zip(things, await _in_pieces(partial(self._tastes.shown, person), things), strict=True))

    async def part(self, places: Iterable[Place], dropped: Iterable[Id], topics: Mapping[Id, int]) -> None:
        """Take things off boards in the graph, all things off some, and tell the topics that things have then."""
        changes: list[Change] = [Dropped(board) for board in dropped]
        changes += [Unsaved(*place) for place in places]
        changes += [Described(thing, topic, "") for thing, topic in topics.items()]
        await self._change(changes)

    async def join(self, places: Mapping[Place, int], topics: Mapping[Id, int]) -> None:
        """Put things on boards in the graph, each since a time, and tell the topics of things."""
        changes: list[Change] = [Saved(thing, board, at) for (thing, board), at in places.items()]
        changes += [Described(thing, topic, "") for thing, topic in topics.items()]
        await self._change(changes)

    async def _change(self, changes: list[Change]) -> None:
        for some in _pieces(changes, walk_bounds.CHANGES_MAX):
            with _answering():
                await self._walks.change(some)

    async def put(self, saves: Sequence[Save], gone: Sequence[Id]) -> None:
        """Put saves, and take pins out."""
        for some in _pieces(saves, taste_bounds.CHANGES_MAX):
            with _answering():
                await self._tastes.put(some, [])
        for pins in _pieces(gone, taste_bounds.CHANGES_MAX):
            with _answering():
                await self._tastes.put([], pins)

    async def publish(self, board: Id, *, public: bool) -> None:
        """Make all saves on a board public, or private."""
        with _answering():
            await self._tastes.publish(board, public=public)

    async def saw(self, sights: Sequence[Sight]) -> None:
        """Count what was shown to whom."""
        for some in _pieces(sights, taste_bounds.CHANGES_MAX):
            with _answering():
                await self._tastes.saw(some)

    async def note(self, offsets: list[Offset], *, changed: bool) -> None:
        """Remember up to where the log is in both; where nothing changed, every now and then suffices."""
        now = self._world.now_us()
        if changed or now - self._noted_us >= _NOTED_EVERY_US:
            with _answering():
                await self._walks.change([], offsets)
                await self._tastes.put([], [], offsets)
            self._noted_us = now

    async def applied(self) -> list[Offset]:
        """Return up to where the log is in both; what one of them lacks begins anew."""
        walked = {offset.partition: offset.number for offset in await self._walks.applied()}
        return [
            Offset(offset.partition, min(offset.number, walked[offset.partition]))
            for offset in await self._tastes.applied()
            if offset.partition in walked
        ]


async def _pages(read: Callable[[Mark | None, int], Awaitable[list[Save]]]) -> AsyncIterator[list[Save]]:
    mark: Mark | None = None
    while True:
        with _answering():
            page = await read(mark, taste_bounds.PAGE_MAX)
        if page:
            yield page
            mark = Mark(page[-1].at, page[-1].pin)
        if len(page) < taste_bounds.PAGE_MAX:
            return


async def _in_pieces(ask: Callable[[Sequence[Id]], Awaitable[list[Answer]]], ids: Sequence[Id]) -> list[Answer]:
    """Return what is answered of each id, asked for as many at a time as is allowed."""
    found: list[Answer] = []
    for some in _pieces(ids, taste_bounds.THINGS_MAX):
        with _answering():
            found += await ask(some)
    return found


def _bias(leaning: Leaning) -> Bias:
    return Bias(topics=_named(leaning.liked), shunned=_named(leaning.shunned))


def _named(topics: Iterable[int]) -> list[int]:
    return sorted(topics)[: walk_bounds.NAMED_MAX]


def _pieces(items: Sequence[Piece], most: int) -> Iterator[Sequence[Piece]]:
    for start in range(0, len(items), most):
        yield items[start : start + most]
