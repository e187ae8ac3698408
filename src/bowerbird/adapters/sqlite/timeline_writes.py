"""Timelines on views.db, the writing half: short transactions in the file's one writer.

An entry is three numbers: its timeline, its time, and its post, a row that all timelines with the pin share and that
goes with the last of them. Whether a timeline holds another entry for a pin is a question only when the pin has a
second post. Trimming raises the floor at once and buries what lies under it later, many entries at a time.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, Final, TypeVar

import apsw

from bowerbird.adapters.sqlite.group import GroupCommit, Result, Work
from bowerbird.adapters.sqlite.views import ROW_BYTES, ROWS_MAX
from bowerbird.base.ids import Id
from bowerbird.ports.log import Offset
from bowerbird.ports.timelines import PAGE_MAX, PLACED_MAX, Entry, Placed

DEAD_MAX: Final = 64
"""Trimmed entries that a timeline may keep until they are buried together."""

_AT_END: Final = (1 << 63) - 1
_DROPPED: Final = ""

_ENSURE = "INSERT OR IGNORE INTO timeline (kind, owner) SELECT ?, value FROM carray(?)"
_PUT = """
    INSERT OR IGNORE INTO entry
    SELECT t.number, :at, :post FROM carray(:owners) o CROSS JOIN timeline t ON t.kind = :kind AND t.owner = o.value
    WHERE (t.floor_at, t.floor_pin) < (:at, :pin) RETURNING timeline
"""
_GROWN = "UPDATE timeline SET live = live + ? WHERE number = ?"
_TAKE_OUT = """
    DELETE FROM entry WHERE at = :at AND post = :post AND timeline IN (
        SELECT t.number FROM carray(:owners) o CROSS JOIN timeline t ON t.kind = :kind AND t.owner = o.value)
    RETURNING timeline
"""
_SHRUNK = """
    UPDATE timeline SET
        live = live - ((floor_at, floor_pin) < (?1, ?2)), dead = dead - ((floor_at, floor_pin) >= (?1, ?2))
    WHERE number = ?3
"""
_TIDY = "DELETE FROM timeline WHERE number = ? AND live = 0 AND dead = 0 AND floor_pin = x'' AND kept IS NULL"
_OPEN = """
    INSERT INTO timeline (kind, owner, kept) VALUES (?, ?, 0)
    ON CONFLICT (kind, owner) DO UPDATE SET kept = coalesce(kept, 0)
"""
_KEEP = "UPDATE timeline SET kept = max(kept, ?) WHERE kind = ? AND owner = ?"
_USED = "UPDATE post SET uses = uses + ? WHERE id = ?"
_UNUSED = "DELETE FROM post WHERE id = ? AND uses = 0"
_OVER = """
    SELECT t.number, t.live - :cap FROM carray(:owners) o CROSS JOIN timeline t ON t.kind = :kind AND t.owner = o.value
    WHERE t.live > :cap
"""
# The newest entry that is one too many, where a timeline holds :over too many.
_FLOORS = """
    SELECT p.at, p.pin, t.number FROM carray(:numbers) n CROSS JOIN timeline t ON t.number = n.value
    CROSS JOIN post p ON p.id = (
        SELECT e.post FROM entry e CROSS JOIN post q ON q.id = e.post
        WHERE e.timeline = t.number AND e.at >= t.floor_at AND (e.at > t.floor_at OR q.pin > t.floor_pin)
        ORDER BY e.at, q.pin LIMIT 1 OFFSET :over - 1)
"""
_RAISE = "UPDATE timeline SET live = live - ?, dead = dead + ?, floor_at = ?, floor_pin = ? WHERE number = ?"
_FULL_OF_DEAD = """
    SELECT t.floor_at, t.floor_pin, t.number FROM carray(:owners) o
    CROSS JOIN timeline t ON t.kind = :kind AND t.owner = o.value WHERE t.dead >= :dead_max
"""
_BURY = """
    DELETE FROM entry WHERE timeline = ?3 AND at <= ?1
        AND (at < ?1 OR (SELECT pin FROM post WHERE id = post) <= ?2) RETURNING post
"""
_APPLIED = """
    INSERT INTO applied VALUES (?, ?)
    ON CONFLICT (partition) DO UPDATE SET number = excluded.number WHERE excluded.number > number
"""
_LOOK_THROUGH = """
    SELECT e.timeline, e.at, e.post, p.pin, p.author, p.board
    FROM timeline t CROSS JOIN entry e ON e.timeline = t.number CROSS JOIN post p ON p.id = e.post
    WHERE t.kind = ? AND t.owner = ? AND (e.at, e.post) > (?, ?) ORDER BY e.at, e.post LIMIT ?
"""

Item = TypeVar("Item")


class SqliteTimelineWrites:
    """As `ports.timelines.TimelineWrites`. `views`: the file's writer; `dead_max`: see DEAD_MAX."""

    def __init__(self, views: GroupCommit, dead_max: int = DEAD_MAX) -> None:
        self._views = views
        self._dead_max = dead_max

    async def add(
        self, placed: Sequence[Placed], cap: int | None, applied: Sequence[Offset] = (), *, only_open: bool = False
    ) -> None:
        _refuse_more("entries", len(placed), PLACED_MAX)
        if cap is not None and cap < 1:
            raise ValueError(f"A timeline keeps 1 entry or more, not {cap}.")
        for one in placed:
            _refuse_bad(one)
        latest = {(one.kind, one.owner, one.entry.pin): one for one in placed}
        # Neighbours in the file, which share pages, come together.
        ordered = sorted(latest.values(), key=lambda one: (one.kind, one.owner))
        steps = list(_parts(ordered, ROWS_MAX)) or [[]]
        put = partial(_add, cap=cap, dead_max=self._dead_max, make=not only_open)
        for step in steps[:-1]:
            await self._run(partial(put, placed=step), len(step))
        await self._run(partial(put, placed=steps[-1], applied=applied), len(steps[-1]) + len(applied))

    async def open(self, kind: str, owner: Id) -> None:
        await self._run(partial(_execute, statement=_OPEN, values=(kind, owner)), 1)

    async def keep(self, kind: str, owner: Id, at: int) -> None:
        if at < 1:
            raise ValueError(f"A timeline is kept at 1 microsecond or later, not {at}.")
        await self._run(partial(_execute, statement=_KEEP, values=(at, kind, owner)), 1)

    async def remove(self, kind: str, owners: Sequence[Id], pins: Sequence[Id]) -> None:
        _refuse_more("timelines", len(owners), PLACED_MAX)
        _refuse_more("pins", len(pins), PAGE_MAX)
        for some in _parts(sorted(set(owners)), ROWS_MAX):
            for few in _parts(sorted(set(pins)), ROWS_MAX // len(some)):
                await self._run(partial(_remove, kind=kind, owners=tuple(some), pins=few), len(some) * len(few))

    async def drop(self, kind: str, owner: Id, *, author: Id | None = None, board: Id | None = None) -> None:
        if author is None and board is None:
            await self._run(partial(_detach, kind=kind, owner=owner), 1)
            while await self._run(_purge, ROWS_MAX):
                pass
            return
        seen: tuple[int, int] | None = (-1, 0)
        while seen is not None:
            sift = partial(_sift, kind=kind, owner=owner, author=author, board=board, seen=seen)
            seen = await self._run(sift, ROWS_MAX)

    async def _run(self, work: Work[Result], rows: int) -> Result:
        return await self._views.submit(work, rows * ROW_BYTES)


def _refuse_more(what: str, count: int, count_max: int) -> None:
    if count > count_max:
        raise ValueError(f"At most {count_max} {what} are named in one call, not {count}.")


def _refuse_bad(placed: Placed) -> None:
    if not placed.kind:
        raise ValueError("A timeline has a kind.")
    if not 0 <= placed.entry.at < _AT_END:
        raise ValueError(f"An entry's time is 0 to 2**63 - 2 microseconds, not {placed.entry.at}.")


def _parts(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part


def _add(
    connection: apsw.Connection,
    *,
    placed: Sequence[Placed],
    cap: int | None,
    dead_max: int,
    make: bool,
    applied: Sequence[Offset] = (),
) -> None:
    owners_of: dict[str, dict[Id, None]] = {}
    places: dict[tuple[str, Entry], list[Id]] = {}
    for one in placed:
        owners_of.setdefault(one.kind, {})[one.owner] = None
        places.setdefault((one.kind, one.entry), []).append(one.owner)
    for kind, owners in owners_of.items() if make else ():
        connection.execute(_ENSURE, (kind, apsw.carray(tuple(owners))))
    grown: Counter[int] = Counter()
    for (kind, entry), owners in places.items():
        grown.update(_put(connection, kind, entry, tuple(owners)))
    connection.executemany(_GROWN, ((count, number) for number, count in grown.items()))
    if cap is not None:
        for kind, owners in owners_of.items():
            _trim(connection, kind, tuple(owners), cap, dead_max)
    connection.executemany(_APPLIED, ((offset.partition, offset.number) for offset in applied))


def _execute(connection: apsw.Connection, statement: str, values: tuple[Any, ...]) -> None:
    connection.execute(statement, values)


def _put(connection: apsw.Connection, kind: str, entry: Entry, owners: tuple[Id, ...]) -> list[int]:
    """Put one entry into timelines that exist; return the numbers of those that did not have it."""
    post = None
    for found, *rest in _posts(connection, entry.pin):
        if rest == [entry.at, entry.board, entry.author]:
            post = found
        else:
            _take_out(connection, kind, owners, (found, rest[0], entry.pin))
    if post is None:
        values = (entry.pin, entry.at, entry.board, entry.author)
        post = connection.execute(
            "INSERT INTO post (pin, at, board, author) VALUES (?, ?, ?, ?) RETURNING id", values
        ).fetchall()[0][0]
    place = {"at": entry.at, "post": post, "pin": entry.pin, "kind": kind, "owners": apsw.carray(owners)}
    numbers = [row[0] for row in connection.execute(_PUT, place)]
    connection.execute(_USED, (len(numbers), post))
    connection.execute(_UNUSED, (post,))
    return numbers


def _posts(connection: apsw.Connection, pin: Id) -> list[tuple[Any, ...]]:
    return connection.execute("SELECT id, at, board, author FROM post WHERE pin = ?", (pin,)).fetchall()


def _take_out(connection: apsw.Connection, kind: str, owners: tuple[Id, ...], post: tuple[int, int, Id]) -> list[int]:
    """Take a post (id, at, pin) out of timelines; return the numbers of those that had it."""
    id_, at, pin = post
    place = {"owners": apsw.carray(owners), "kind": kind, "at": at, "post": id_}
    numbers = [row[0] for row in connection.execute(_TAKE_OUT, place)]
    connection.executemany(_SHRUNK, ((at, pin, number) for number in numbers))
    _release(connection, Counter({id_: len(numbers)}))
    return numbers


def _release(connection: apsw.Connection, uses: Counter[int]) -> None:
    """Note that posts stand in so many timelines less, and forget those that stand in none."""
    connection.executemany(_USED, ((-count, post) for post, count in uses.items()))
    connection.executemany(_UNUSED, ((post,) for post in uses))


def _trim(connection: apsw.Connection, kind: str, owners: tuple[Id, ...], cap: int, dead_max: int) -> None:
    """Raise the floors of timelines that hold more than `cap`, and bury where much lies under it."""
    crowded: dict[int, list[int]] = {}
    place = {"kind": kind, "owners": apsw.carray(owners), "cap": cap, "dead_max": dead_max}
    for number, over in connection.execute(_OVER, place):
        crowded.setdefault(over, []).append(number)
    for over, numbers in crowded.items():
        floors = connection.execute(_FLOORS, {"over": over, "numbers": apsw.carray(array("q", numbers))}).fetchall()
        connection.executemany(_RAISE, ((over, over, *floor) for floor in floors))
    buried: Counter[int] = Counter()
    for floor in connection.execute(_FULL_OF_DEAD, place).fetchall():
        buried.update(row[0] for row in connection.execute(_BURY, floor))
        connection.execute("UPDATE timeline SET dead = 0 WHERE number = ?", floor[2:])
    _release(connection, buried)


def _remove(connection: apsw.Connection, kind: str, owners: tuple[Id, ...], pins: Sequence[Id]) -> None:
    for pin in pins:
        for post, at, _, _ in _posts(connection, pin):
            numbers = _take_out(connection, kind, owners, (post, at, pin))
            connection.executemany(_TIDY, ((number,) for number in numbers))


def _sift(
    connection: apsw.Connection,
    kind: str,
    owner: Id,
    author: Id | None,
    board: Id | None,
    seen: tuple[int, int],
) -> tuple[int, int] | None:
    """Look through some entries behind `seen`, delete those by the author and of the board; return the last seen."""
    rows: list[tuple[Any, ...]] = connection.execute(_LOOK_THROUGH, (kind, owner, *seen, ROWS_MAX)).fetchall()
    gone = [row for row in rows if author in {None, row[4]} and board in {None, row[5]}]
    connection.executemany("DELETE FROM entry WHERE timeline = ? AND at = ? AND post = ?", (row[:3] for row in gone))
    connection.executemany(_SHRUNK, ((row[1], row[3], row[0]) for row in gone))
    _release(connection, Counter(row[2] for row in gone))
    connection.executemany(_TIDY, ((row[0],) for row in gone))
    return (rows[-1][1], rows[-1][2]) if len(rows) == ROWS_MAX else None


def _detach(connection: apsw.Connection, kind: str, owner: Id) -> None:
    """Take a timeline off its name, so that it is gone at once, entries and floor; `_purge` does the work."""
    connection.execute(
        "UPDATE timeline SET kind = ?, owner = CAST(number AS BLOB), kept = NULL WHERE kind = ? AND owner = ?",
        (_DROPPED, kind, owner),
    )


def _purge(connection: apsw.Connection) -> bool:
    """Delete some of a dropped timeline's entries, also of one that a crash left behind; False when there are none."""
    found = connection.execute("SELECT number FROM timeline WHERE kind = ? LIMIT 1", (_DROPPED,)).fetchall()
    if not found:
        return False
    number = found[0][0]
    rows: list[tuple[Any, ...]] = connection.execute(
        "SELECT at, post FROM entry WHERE timeline = ? LIMIT ?", (number, ROWS_MAX)
    ).fetchall()
    connection.executemany(
        "DELETE FROM entry WHERE timeline = ? AND at = ? AND post = ?", ((number, *row) for row in rows)
    )
    _release(connection, Counter(row[1] for row in rows))
    if len(rows) < ROWS_MAX:
        connection.execute("DELETE FROM timeline WHERE number = ?", (number,))
    return True
