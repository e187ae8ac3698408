"""Askings on views.db, the writing half: who asked what and when, how many asked it, and how it may begin.

A query that several people asked stands in `opening` once for each of its beginnings, with how many they are, so that a
read is one seek and takes what it needs, however many queries begin alike. What one person asked, as most do, has no
such rows, and nothing that is read comes across it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import apsw

from bowerbird.adapters.sqlite.group import GroupCommit, Result, Work
from bowerbird.adapters.sqlite.views import ROW_BYTES
from bowerbird.base.ids import Id
from bowerbird.ports.askings import CHANGES_MAX, PEOPLE_MIN, QUERIES_KEPT, QUERY_CHARACTERS_MAX, Asking
from bowerbird.ports.log import Offset

_ROWS_EACH: Final = 32
"""Rows that an asking changes as a rule: most are openings."""
_FORGOTTEN_MAX: Final = 50
"""Askings of somebody who is forgotten that are taken out in one step."""
_AT_END: Final = (1 << 63) - 1

_KNOW_ASKER = "INSERT OR IGNORE INTO asker (person) VALUES (?)"
_ASKER = "SELECT number FROM asker WHERE person = ? AND NOT gone"
_KNOW_QUERY = "INSERT OR IGNORE INTO asked (text) VALUES (?)"
_QUERY = "SELECT number FROM asked WHERE text = ?"
_ADD = "INSERT OR IGNORE INTO asking (asker, query, at) VALUES (?, ?, ?)"
_RENEW = "UPDATE asking SET at = ?3 WHERE asker = ?1 AND query = ?2 AND at < ?3"
_APPLIED = """
    INSERT INTO askings_applied VALUES (?, ?)
    ON CONFLICT (partition) DO UPDATE SET number = excluded.number WHERE excluded.number > number
"""

_BEYOND = """
    SELECT asker, query FROM asking INDEXED BY asking_of WHERE asker = ?
    ORDER BY at DESC, query DESC LIMIT -1 OFFSET ?
"""
_OLDER = "SELECT asker, query FROM asking INDEXED BY asking_at WHERE at < ? ORDER BY at, asker, query LIMIT ?"
_GONE = "INSERT INTO asker (person, gone) VALUES (?, 1) ON CONFLICT (person) DO UPDATE SET gone = 1"
_OF_GONE = """
    SELECT k.asker, k.query FROM asker a CROSS JOIN asking k ON k.asker = a.number WHERE a.person = ? LIMIT ?
"""
_TAKE_OUT = "DELETE FROM asking WHERE asker = ? AND query = ?"
_DROP_ASKER = """
    DELETE FROM asker WHERE number = ?1 AND NOT gone AND NOT EXISTS (SELECT 1 FROM asking WHERE asker = ?1)
"""

_RECOUNT = "UPDATE asked SET people = people + ?2 WHERE number = ?1 RETURNING text, people"
_DROP_QUERY = "DELETE FROM asked WHERE number = ? AND people = 0"
_CLOSE = "DELETE FROM opening WHERE prefix = ? AND people = ? AND query = ?"
_OPEN = "INSERT INTO opening (prefix, people, query) VALUES (?, ?, ?)"

_Place = tuple[int, int]
"""An asking: the numbers of who asks and of what is asked."""


class SqliteAskingWrites:
    """As `ports.askings.AskingWrites`. `views`: the file's writer; `queries_kept`: of each person."""

    def __init__(self, views: GroupCommit, queries_kept: int = QUERIES_KEPT) -> None:
        self._views = views
        self._note = partial(_note, kept=queries_kept)

    async def note(self, askings: Sequence[Asking], applied: Sequence[Offset] = ()) -> None:
        _refuse_more(len(askings))
        _refuse_bad(askings)
        await self._run(partial(self._note, askings=askings, applied=applied), len(askings) + len(applied))

    async def forget(self, person: Id) -> None:
        while await self._run(partial(_forget_some, person=person), _FORGOTTEN_MAX):
            pass

    async def expire(self, before_us: int, limit: int) -> int:
        _refuse_more(limit)
        if limit < 1:
            raise ValueError(f"At least 1 asking expires in a call, not {limit}.")
        return await self._run(partial(_expire, before_us=min(before_us, _AT_END), limit=limit), limit)

    async def _run(self, work: Work[Result], askings: int) -> Result:
        return await self._views.submit(work, askings * _ROWS_EACH * ROW_BYTES)


def _refuse_more(count: int) -> None:
    if count > CHANGES_MAX:
        raise ValueError(f"At most {CHANGES_MAX} askings are changed in one call, not {count}.")


def _refuse_bad(askings: Sequence[Asking]) -> None:
    for one in askings:
        if not 0 <= one.at < _AT_END:
            raise ValueError(f"A time is 0 to 2**63 - 2 microseconds, not {one.at}.")
        if not 1 <= len(one.query) <= QUERY_CHARACTERS_MAX:
            raise ValueError(f"A query has 1 to {QUERY_CHARACTERS_MAX} characters, not {len(one.query)}.")


def _note(connection: apsw.Connection, askings: Sequence[Asking], applied: Sequence[Offset], kept: int) -> None:
    grown, askers = Counter[int](), dict[Id, int | None]()
    for one in askings:
        if one.person not in askers:
            askers[one.person] = _asker(connection, one.person)
        if (asker := askers[one.person]) is not None:
            grown.update(_ask(connection, asker, one))
    for asker in filter(None, askers.values()):
        beyond: list[_Place] = _rows(connection, _BEYOND, (asker, kept))
        grown.subtract(_take_out(connection, beyond))
    _recount(connection, grown)
    connection.executemany(_APPLIED, ((offset.partition, offset.number) for offset in applied))


def _asker(connection: apsw.Connection, person: Id) -> int | None:
    """Return somebody's number, new or known; None for who is forgotten."""
    connection.execute(_KNOW_ASKER, (person,))
    found = _rows(connection, _ASKER, (person,))
    return found[0][0] if found else None


def _ask(connection: apsw.Connection, asker: int, one: Asking) -> list[int]:
    """Note an asking; return the number of its query when one more asks it now."""
    connection.execute(_KNOW_QUERY, (one.query,))
    [[query]] = _rows(connection, _QUERY, (one.query,))
    connection.execute(_ADD, (asker, query, one.at))
    if connection.changes():
        return [query]
    connection.execute(_RENEW, (asker, query, one.at))
    return []


def _forget_some(connection: apsw.Connection, person: Id) -> bool:
    """Forget somebody, and take out some of what they asked; return False when nothing is left."""
    connection.execute(_GONE, (person,))
    places: list[_Place] = _rows(connection, _OF_GONE, (person, _FORGOTTEN_MAX))
    _recount(connection, _fewer(_take_out(connection, places)))
    return len(places) == _FORGOTTEN_MAX


def _expire(connection: apsw.Connection, before_us: int, limit: int) -> int:
    places: list[_Place] = _rows(connection, _OLDER, (before_us, limit))
    _recount(connection, _fewer(_take_out(connection, places)))
    connection.executemany(_DROP_ASKER, {(asker,) for asker, _ in places})
    return len(places)


def _take_out(connection: apsw.Connection, places: Iterable[_Place]) -> Counter[int]:
    """Take askings out; return of each query how many."""
    connection.executemany(_TAKE_OUT, places)
    return Counter(query for _, query in places)


def _fewer(counts: Counter[int]) -> Counter[int]:
    return Counter({query: -count for query, count in counts.items()})


def _recount(connection: apsw.Connection, grown: Mapping[int, int]) -> None:
    """Count so many more people to each query, or fewer, and have it begin with how many they are now."""
    for query, more in grown.items():
        [[text, people]] = _rows(connection, _RECOUNT, (query, more))
        if more:
            _turn(connection, _CLOSE, text, people - more)
            _turn(connection, _OPEN, text, people)
        connection.execute(_DROP_QUERY, (query,))


def _turn(connection: apsw.Connection, how: str, text: str, people: int) -> None:
    """Open or close the beginnings of a query that so many people asked, if they are several."""
    if people >= PEOPLE_MIN:
        connection.executemany(how, ((text[:end], people, text) for end in range(1, len(text) + 1)))


def _rows(connection: apsw.Connection, question: str, values: tuple[Any, ...]) -> list[Any]:
    return connection.execute(question, values).fetchall()
