"""Tastes on views.db, the reading half: questions of one statement, and so of one moment, in the event loop.

A save counts while its shelf has a board, and everybody may see it while its shelf is public.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import apsw

from bowerbird.adapters.sqlite.views import ask
from bowerbird.base.ids import Id
from bowerbird.ports.log import Offset
from bowerbird.ports.tastes import EACH_MAX, PAGE_MAX, THINGS_MAX, Mark, Save, Sight, TasteWrites

_LATEST: Final = (1 << 63) - 1
_NO_PIN: Final = b""

_SAVES = """
    SELECT s.pin, s.thing, s.person, s.board, s.at, f.public
    FROM carray(?) p CROSS JOIN save s ON s.pin = p.value CROSS JOIN shelf f ON f.number = s.shelf
    WHERE f.board IS NOT NULL
"""
_OF_PERSON = """
    SELECT s.pin, s.thing, s.person, s.board, s.at, f.public
    FROM save s INDEXED BY save_person CROSS JOIN shelf f ON f.number = s.shelf
    WHERE s.person = ?1 AND (s.at, s.pin) < (?2, ?3) AND f.board IS NOT NULL
    ORDER BY s.at DESC, s.pin DESC LIMIT ?4
"""
_OF_BOARD = """
    SELECT s.pin, s.thing, s.person, s.board, s.at, f.public
    FROM save s INDEXED BY save_board CROSS JOIN shelf f ON f.number = s.shelf
    WHERE s.board = ?1 AND (s.at, s.pin) < (?2, ?3) AND f.board IS NOT NULL
    ORDER BY s.at DESC, s.pin DESC LIMIT ?4
"""
# The pins are found in an index that holds nothing private, so how long it takes tells nothing of that.
_HOLDING = """
    SELECT s.pin, s.thing, s.person, s.board, s.at, 1 FROM carray(?1) t CROSS JOIN save s ON s.pin IN (
        SELECT l.pin FROM save l INDEXED BY save_listed CROSS JOIN shelf f ON f.number = l.shelf
        WHERE l.thing = t.value AND l.listed AND f.public AND f.board IS NOT NULL
        ORDER BY l.at DESC, l.pin DESC LIMIT ?2)
"""
_KEPT = """
    SELECT t.value FROM carray(?1) t WHERE EXISTS (
        SELECT 1 FROM save s INDEXED BY save_kept CROSS JOIN shelf f ON f.number = s.shelf
        WHERE s.person = ?2 AND s.thing = t.value AND f.board IS NOT NULL)
"""
_ON_BOARD = """
    SELECT t.value, (
        SELECT count(*) FROM save s INDEXED BY save_on_board CROSS JOIN shelf f ON f.number = s.shelf
        WHERE s.board = ?2 AND s.thing = t.value AND f.board IS NOT NULL)
    FROM carray(?1) t
"""
_SHOWN = """
    SELECT s.thing, s.times FROM viewer v CROSS JOIN carray(?1) t CROSS JOIN sight s
    ON s.viewer = v.number AND s.thing = t.value WHERE v.person = ?2
"""


class SqliteTastes:
    """As `ports.tastes.Tastes`. `reader`: this process's own; `writes`: the one writer, or a remote of it."""

    def __init__(self, reader: apsw.Connection, writes: TasteWrites) -> None:
        self._reader = reader
        self._writes = writes

    async def put(self, saves: Sequence[Save], gone: Sequence[Id], applied: Sequence[Offset] = ()) -> None:
        await self._writes.put(saves, gone, applied)

    async def publish(self, board: Id, *, public: bool) -> None:
        await self._writes.publish(board, public=public)

    async def saw(self, sights: Sequence[Sight]) -> None:
        await self._writes.saw(sights)

    async def forget(self, person: Id) -> None:
        await self._writes.forget(person)

    async def saves(self, pins: Sequence[Id]) -> list[Save | None]:
        _refuse_many(pins)
        found = {save.pin: save for save in self._saves(_SAVES, pins)}
        return [found.get(pin) for pin in pins]

    async def of_person(self, person: Id, before: Mark | None, limit: int) -> list[Save]:
        return self._page(_OF_PERSON, person, before, limit)

    async def of_board(self, board: Id, before: Mark | None, limit: int) -> list[Save]:
        return self._page(_OF_BOARD, board, before, limit)

    async def holding(self, things: Sequence[Id], each_max: int) -> list[list[Save]]:
        _refuse_many(things)
        if not 1 <= each_max <= EACH_MAX:
            raise ValueError(f"1 to {EACH_MAX} saves of each thing are read at once, not {each_max}.")
        held: dict[Id, list[Save]] = {thing: [] for thing in things}
        for save in sorted(self._saves(_HOLDING, things, each_max), key=_place, reverse=True):
            held[save.thing].append(save)
        return [held[thing] for thing in things]

    async def kept(self, person: Id, things: Sequence[Id]) -> list[bool]:
        _refuse_many(things)
        found = {thing for (thing,) in self._ask(_KEPT, things, person)}
        return [thing in found for thing in things]

    async def on_board(self, board: Id, things: Sequence[Id]) -> list[int]:
        return self._counts(_ON_BOARD, things, board)

    async def shown(self, person: Id, things: Sequence[Id]) -> list[int]:
        return self._counts(_SHOWN, things, person)

    async def applied(self) -> list[Offset]:
        rows = ask(self._reader, "SELECT partition, number FROM tastes_applied ORDER BY partition", ())
        return [Offset(*row) for row in rows]

    def _page(self, question: str, whose: Id, before: Mark | None, limit: int) -> list[Save]:
        if not 1 <= limit <= PAGE_MAX:
            raise ValueError(f"A page holds 1 to {PAGE_MAX} saves, not {limit}.")
        place = (_LATEST, _NO_PIN) if before is None else (before.at, before.pin)
        return _read(ask(self._reader, question, (whose, *place, limit)))

    def _saves(self, question: str, named: Sequence[Id], *values: int) -> list[Save]:
        return _read(self._ask(question, named, *values))

    def _counts(self, question: str, things: Sequence[Id], whose: Id) -> list[int]:
        _refuse_many(things)
        known: dict[Id, int] = dict(self._ask(question, things, whose))
        return [known.get(thing, 0) for thing in things]

    def _ask(self, question: str, named: Sequence[Id], *values: object) -> list[tuple[Any, ...]]:
        """Ask about what is named, each once."""
        return ask(self._reader, question, (apsw.carray(tuple(set(named))), *values)) if named else []


def _read(rows: Iterable[tuple[Any, ...]]) -> list[Save]:
    return [Save(*row[:-1], public=bool(row[-1])) for row in rows]


def _place(save: Save) -> tuple[int, Id]:
    return save.at, save.pin


def _refuse_many(named: Sequence[Id]) -> None:
    if len(named) > THINGS_MAX:
        raise ValueError(f"At most {THINGS_MAX} are asked about at once, not {len(named)}.")
