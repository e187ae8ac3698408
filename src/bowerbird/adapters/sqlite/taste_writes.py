"""Tastes on views.db, the writing half: what each pin holds and what each person was shown.

A shelf is what one person has on one board that the same people may see. What a call says of many saves is said of
their shelves, in one step that everybody sees at once; the saves themselves are gone through behind it, or before it,
and nobody can tell. `listed` is for the index of what everybody may see: every save on a public shelf is listed, and
one on a private shelf for as long as the going through takes.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import apsw

from bowerbird.adapters.sqlite.group import GroupCommit, Result, Work
from bowerbird.adapters.sqlite.views import ROW_BYTES, ROWS_MAX
from bowerbird.base.ids import Id
from bowerbird.ports.log import Offset
from bowerbird.ports.tastes import CHANGES_MAX, SIGHTS_KEPT, Save, Sight

SIGHTS_OVER: Final = 500
"""Sights that are kept beyond those that have to be, until they are forgotten together."""

_AT_END: Final = (1 << 63) - 1

_SHELVES_OF = "SELECT DISTINCT s.shelf FROM carray(?) p CROSS JOIN save s ON s.pin = p.value"
_TAKE_OUT = "DELETE FROM save WHERE pin = ?"
_FIND_SHELF = "SELECT number FROM shelf WHERE board = ? AND person IS ? AND public = ? ORDER BY number LIMIT 1"
_MAKE_SHELF = "INSERT INTO shelf (board, person, public) VALUES (?, ?, ?) RETURNING number"
_PUT = "INSERT OR REPLACE INTO save (pin, thing, person, board, at, shelf, listed) VALUES (?, ?, ?, ?, ?, ?, ?)"
_TIDY = "DELETE FROM shelf WHERE number = ?1 AND NOT EXISTS (SELECT 1 FROM save WHERE shelf = ?1)"
_APPLIED = """
    INSERT INTO tastes_applied VALUES (?, ?)
    ON CONFLICT (partition) DO UPDATE SET number = excluded.number WHERE excluded.number > number
"""

_TURN = "UPDATE shelf SET public = ? WHERE board = ?"
_LIST_SOME = """
    UPDATE save SET listed = 1 WHERE pin IN (
        SELECT s.pin FROM shelf f CROSS JOIN save s ON s.shelf = f.number AND s.listed = 0 WHERE f.board = ? LIMIT ?)
"""
_UNLIST_SOME = """
    UPDATE save SET listed = 0 WHERE pin IN (
        SELECT s.pin FROM shelf f CROSS JOIN save s ON s.shelf = f.number AND s.listed = 1
        WHERE f.board = ? AND NOT f.public LIMIT ?)
"""

_DROP_SHELVES = "UPDATE shelf SET board = NULL WHERE person = ?"
_DROP_VIEWER = "UPDATE viewer SET person = NULL WHERE person = ?"
_PURGE_SAVES = """
    DELETE FROM save WHERE pin IN (
        SELECT s.pin FROM shelf f CROSS JOIN save s ON s.shelf = f.number WHERE f.board IS NULL LIMIT ?)
"""
_PURGE_SHELVES = "DELETE FROM shelf WHERE board IS NULL"
_PURGE_SIGHTS = """
    DELETE FROM sight WHERE (viewer, thing) IN (
        SELECT s.viewer, s.thing FROM viewer v CROSS JOIN sight s ON s.viewer = v.number WHERE v.person IS NULL LIMIT ?)
"""
_PURGE_VIEWERS = "DELETE FROM viewer WHERE person IS NULL"

_VIEWERS = "INSERT OR IGNORE INTO viewer (person) SELECT value FROM carray(?)"
_SEE = """
    INSERT INTO sight (viewer, thing, times, last)
    SELECT number, ?2, 1, ?3 FROM viewer WHERE person = ?1 AND floor_at < ?3
    ON CONFLICT (viewer, thing) DO UPDATE SET times = times + 1, last = excluded.last WHERE excluded.last > last
    RETURNING viewer, times
"""
_GROWN = "UPDATE viewer SET sights = sights + ? WHERE number = ? RETURNING sights"
_OLDEST = "SELECT thing, last FROM sight INDEXED BY sight_last WHERE viewer = ? ORDER BY last, thing LIMIT ?"
_FORGET = "DELETE FROM sight WHERE viewer = ? AND thing = ?"
_RAISE = "UPDATE viewer SET sights = sights - ?, floor_at = ? WHERE number = ?"


class SqliteTasteWrites:
    """As `ports.tastes.TasteWrites`. `views`: the file's writer; `sights_kept`, `sights_over`: of each person."""

    def __init__(self, views: GroupCommit, sights_kept: int = SIGHTS_KEPT, sights_over: int = SIGHTS_OVER) -> None:
        self._views = views
        self._see = partial(_see, kept=sights_kept, over=sights_over)
        # One that lists and one that unlists the same saves would never be done.
        self._publishing = asyncio.Lock()

    async def put(self, saves: Sequence[Save], gone: Sequence[Id], applied: Sequence[Offset] = ()) -> None:
        _refuse_more("pins", len(saves) + len(gone))
        _refuse_bad_times(saves)
        latest = {save.pin: save for save in saves}
        for pin in gone:
            latest.pop(pin, None)
        put = partial(_put, saves=tuple(latest.values()), gone=tuple(dict.fromkeys(gone)), applied=applied)
        await self._run(put, len(saves) + len(gone) + len(applied))

    async def publish(self, board: Id, *, public: bool) -> None:
        async with self._publishing:
            if not public:
                await self._run(partial(_turn, board=board, public=False), 1)
            step = partial(_list_some if public else _unlist_some, board=board)
            while await self._run(step, ROWS_MAX):
                pass

    async def saw(self, sights: Sequence[Sight]) -> None:
        _refuse_more("sights", len(sights))
        _refuse_bad_times(sights)
        await self._run(partial(self._see, sights=sights), len(sights))

    async def forget(self, person: Id) -> None:
        await self._run(partial(_drop, person=person), 1)
        while await self._run(_purge_some, ROWS_MAX):
            pass

    async def _run(self, work: Work[Result], rows: int) -> Result:
        return await self._views.submit(work, rows * ROW_BYTES)


def _refuse_more(what: str, count: int) -> None:
    if count > CHANGES_MAX:
        raise ValueError(f"At most {CHANGES_MAX} {what} are named in one call, not {count}.")


def _refuse_bad_times(dated: Sequence[Save] | Sequence[Sight]) -> None:
    for one in dated:
        if not 0 <= one.at < _AT_END:
            raise ValueError(f"A time is 0 to 2**63 - 2 microseconds, not {one.at}.")


def _put(connection: apsw.Connection, saves: Sequence[Save], gone: Sequence[Id], applied: Sequence[Offset]) -> None:
    pins = (*(save.pin for save in saves), *gone)
    left = _rows(connection, _SHELVES_OF, (apsw.carray(pins),)) if pins else []
    connection.executemany(_TAKE_OUT, ((pin,) for pin in gone))
    shelves = {name: _shelf(connection, name) for name in dict.fromkeys(map(_shelf_name, saves))}
    connection.executemany(
        _PUT,
        (
            (save.pin, save.thing, save.person, save.board, save.at, shelves[_shelf_name(save)], int(save.public))
            for save in saves
        ),
    )
    connection.executemany(_TIDY, left)
    connection.executemany(_APPLIED, ((offset.partition, offset.number) for offset in applied))


def _shelf_name(save: Save) -> tuple[Id, Id | None, int]:
    return save.board, save.person, int(save.public)


def _shelf(connection: apsw.Connection, name: tuple[Id, Id | None, int]) -> int:
    """Return the number of a shelf, which is made where there is none."""
    found = _rows(connection, _FIND_SHELF, name) or _rows(connection, _MAKE_SHELF, name)
    return found[0][0]


def _turn(connection: apsw.Connection, board: Id, *, public: bool) -> None:
    """Say of all shelves on a board who may see them."""
    connection.execute(_TURN, (int(public), board))


def _list_some(connection: apsw.Connection, board: Id) -> bool:
    """List some saves of a board; when none is left, make the board public and return False."""
    connection.execute(_LIST_SOME, (board, ROWS_MAX))
    if connection.changes() == ROWS_MAX:
        return True
    _turn(connection, board, public=True)
    return False


def _unlist_some(connection: apsw.Connection, board: Id) -> bool:
    """Unlist some saves of a board's private shelves; return False when none is left."""
    connection.execute(_UNLIST_SOME, (board, ROWS_MAX))
    return connection.changes() == ROWS_MAX


def _drop(connection: apsw.Connection, person: Id) -> None:
    """Take all that is a person's off what it is found by, so that it is gone at once; `_purge_some` does the work."""
    connection.execute(_DROP_SHELVES, (person,))
    connection.execute(_DROP_VIEWER, (person,))


def _purge_some(connection: apsw.Connection) -> bool:
    """Delete some of what was dropped, also of what a crash left behind; return False when none is left."""
    for purge, purge_names in ((_PURGE_SAVES, _PURGE_SHELVES), (_PURGE_SIGHTS, _PURGE_VIEWERS)):
        connection.execute(purge, (ROWS_MAX,))
        if connection.changes() == ROWS_MAX:
            return True
        connection.execute(purge_names)
    return False


def _see(connection: apsw.Connection, sights: Sequence[Sight], kept: int, over: int) -> None:
    if not sights:
        return
    connection.execute(_VIEWERS, (apsw.carray(tuple(dict.fromkeys(sight.person for sight in sights))),))
    grown = Counter[int]()
    for sight in sights:
        counted = _rows(connection, _SEE, (sight.person, sight.thing, sight.at))
        grown.update(viewer for viewer, times in counted if times == 1)
    for viewer, count in grown.items():
        [[held]] = _rows(connection, _GROWN, (count, viewer))
        if held > kept + over:
            _forget_oldest(connection, viewer, held - kept)


def _forget_oldest(connection: apsw.Connection, viewer: int, count: int) -> None:
    """Forget a viewer's oldest sights, and pass over those as old from now on, or they would be counted anew."""
    oldest = _rows(connection, _OLDEST, (viewer, count))
    connection.executemany(_FORGET, ((viewer, thing) for thing, _ in oldest))
    connection.execute(_RAISE, (count, oldest[-1][1], viewer))


def _rows(connection: apsw.Connection, question: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    return connection.execute(question, values).fetchall()
