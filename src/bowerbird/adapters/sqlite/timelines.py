"""Timelines on views.db, the reading half: pages and merges, in the event loop."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import apsw

from bowerbird.adapters.sqlite.views import ask, one_moment
from bowerbird.base.ids import Id
from bowerbird.ports.log import Offset
from bowerbird.ports.timelines import PAGE_MAX, PLACED_MAX, Entry, Mark, Placed, Slice, TimelineWrites

_LATEST: Final = (1 << 63) - 1
_EARLIEST: Final = -(1 << 63)
_NO_PIN: Final = b""

# A page and its floor in one question, which is of one moment by itself.
_PAGE = """
    SELECT p.at, p.pin, p.board, p.author, t.floor_at, t.floor_pin, t.live, t.kept
    FROM timeline t CROSS JOIN entry e ON e.timeline = t.number CROSS JOIN post p ON p.id = e.post
    WHERE t.kind = ?1 AND t.owner = ?2 AND e.at BETWEEN t.floor_at AND ?3
      AND (e.at > t.floor_at OR p.pin > t.floor_pin) AND (e.at < ?3 OR p.pin < ?4)
    ORDER BY e.at DESC LIMIT ?5 + 1
"""
_LINE = "SELECT number, floor_at, floor_pin, live, kept FROM timeline WHERE kind = ? AND owner = ?"
_KEPT_BEFORE = "SELECT owner FROM timeline WHERE kind = ? AND kept < ? AND kept IS NOT NULL ORDER BY kept LIMIT ?"
_NEWEST = """
    SELECT p.at, p.pin, p.board, p.author FROM entry e CROSS JOIN post p ON p.id = e.post
    WHERE e.timeline = ?1 AND e.at BETWEEN ?2 AND ?4
      AND (e.at > ?2 OR p.pin > ?3) AND (e.at < ?4 OR p.pin < ?5)
    ORDER BY e.at DESC LIMIT ?6 + 1
"""
_EXACTLY_NEWEST = _NEWEST.replace("LIMIT ?6 + 1", ", p.pin DESC LIMIT ?6")
# The newest `at` of each timeline, from the index alone: what it holds is not newer.
_HEADS = """
    SELECT (SELECT e.at FROM entry e WHERE e.timeline = t.number AND e.at <= ?3 ORDER BY e.at DESC LIMIT 1),
        t.number, t.floor_at, t.floor_pin
    FROM carray(?1) o CROSS JOIN timeline t ON t.kind = ?2 AND t.owner = o.value
"""


class SqliteTimelines:
    """As `ports.timelines.Timelines`. `reader`: this process's own; `writes`: the one writer, or a remote of it."""

    def __init__(self, reader: apsw.Connection, writes: TimelineWrites) -> None:
        self._reader = reader
        self._writes = writes

    async def add(
        self, placed: Sequence[Placed], cap: int | None, applied: Sequence[Offset] = (), *, only_open: bool = False
    ) -> None:
        await self._writes.add(placed, cap, applied, only_open=only_open)

    async def open(self, kind: str, owner: Id) -> None:
        await self._writes.open(kind, owner)

    async def keep(self, kind: str, owner: Id, at: int) -> None:
        await self._writes.keep(kind, owner, at)

    async def remove(self, kind: str, owners: Sequence[Id], pins: Sequence[Id]) -> None:
        await self._writes.remove(kind, owners, pins)

    async def drop(self, kind: str, owner: Id, *, author: Id | None = None, board: Id | None = None) -> None:
        await self._writes.drop(kind, owner, author=author, board=board)

    async def page(self, kind: str, owner: Id, before: Mark | None, limit: int) -> Slice:
        _refuse_bad_limit(limit)
        upto = _upto(before)
        rows = ask(self._reader, _PAGE, (kind, owner, *upto, limit))
        if not rows and not ask(self._reader, _LINE, (kind, owner)):
            return Slice([], None)
        if not rows or _is_cut_within_a_time(rows, limit):
            return self._page(kind, owner, before, limit)
        rows.sort(reverse=True)
        floor_at, floor_pin, size, kept = rows[0][4:]
        return Slice([Entry(*row[:4]) for row in rows[:limit]], _floor(floor_at, floor_pin), size, kept or None)

    def _page(self, kind: str, owner: Id, before: Mark | None, limit: int) -> Slice:
        """Return a page that is empty, or that not its times alone bring into order."""
        with one_moment(self._reader):
            found = ask(self._reader, _LINE, (kind, owner))
            if not found:
                return Slice([], None)
            number, floor_at, floor_pin, size, kept = found[0]
            rows = self._entries(number, (floor_at, floor_pin), before, limit)
        return Slice([Entry(*row) for row in rows], _floor(floor_at, floor_pin), size, kept or None)

    async def kept_before(self, kind: str, at: int, limit: int) -> list[Id]:
        _refuse_bad_limit(limit)
        rows = ask(self._reader, _KEPT_BEFORE, (kind, at, limit))
        return [Id(owner) for (owner,) in rows]

    async def merged(self, kind: str, owners: Sequence[Id], before: Mark | None, limit: int) -> list[Entry]:
        _refuse_bad_limit(limit)
        if len(owners) > PLACED_MAX:
            raise ValueError(f"At most {PLACED_MAX} timelines are merged, not {len(owners)}.")
        if not owners:
            return []
        best = _Newest(limit)
        with one_moment(self._reader):
            upto = _LATEST if before is None else before.at
            heads = ask(self._reader, _HEADS, (apsw.carray(tuple(set(owners))), kind, upto))
            heads = sorted((head for head in heads if head[0] is not None), reverse=True)
            for head, number, floor_at, floor_pin in heads:
                # Heads come newest first, so that this one and all that follow are older than what there is.
                if head < best.worst_at:
                    break
                above = max((floor_at, floor_pin), (best.worst_at, _NO_PIN))
                best.take(self._entries(number, above, before, limit))
        return [Entry(*row) for row in best.rows]

    async def applied(self) -> list[Offset]:
        rows = ask(self._reader, "SELECT partition, number FROM applied ORDER BY partition", ())
        return [Offset(*row) for row in rows]

    def _entries(self, number: int, above: tuple[int, bytes], before: Mark | None, limit: int) -> list[tuple[Any, ...]]:
        """Return a timeline's rows between two places, newest first; no pin sorts before, or behind, the empty one."""
        values = (number, *above, *_upto(before), limit)
        rows = ask(self._reader, _NEWEST, values)
        if _is_cut_within_a_time(rows, limit):
            # Letting SQLite sort always would cost a fifth more.
            return ask(self._reader, _EXACTLY_NEWEST, values)
        rows.sort(reverse=True)
        return rows[:limit]


class _Newest:
    """The newest `limit` rows of those taken, one per pin; `worst_at` is what a row must reach to be among them."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.rows: list[tuple[Any, ...]] = []
        self.worst_at = _EARLIEST

    def take(self, rows: Iterable[tuple[Any, ...]]) -> None:
        newest: dict[bytes, tuple[Any, ...]] = {}
        for row in sorted((*self.rows, *rows), reverse=True):
            newest.setdefault(row[1], row)
        self.rows = list(newest.values())[: self._limit]
        if len(self.rows) == self._limit:
            self.worst_at = self.rows[-1][0]


def _upto(before: Mark | None) -> tuple[int, bytes]:
    """Return what entries are older than; without a mark a time above all others, so that no pin is compared."""
    return (_LATEST, _NO_PIN) if before is None else (before.at, before.pin)


def _floor(at: int, pin: bytes) -> Mark | None:
    return None if pin == _NO_PIN else Mark(at, Id(pin))


def _is_cut_within_a_time(rows: Sequence[tuple[Any, ...]], limit: int) -> bool:
    """Say whether entries of one time stand on both sides of a page's end."""
    return len(rows) > limit and rows[limit][0] == rows[limit - 1][0]


def _refuse_bad_limit(limit: int) -> None:
    if not 1 <= limit <= PAGE_MAX:
        raise ValueError(f"A page holds 1 to {PAGE_MAX} entries, not {limit}.")
