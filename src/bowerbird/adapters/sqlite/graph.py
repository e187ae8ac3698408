"""The graph's maps on views.db: reads in the event loop, changes in the file's one writer.

A row is the last word on one pair, tombstones included; each map is an index of the rows that stand.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import apsw

from bowerbird.adapters.sqlite.group import GroupCommit
from bowerbird.adapters.sqlite.views import ROWS_MAX, ask
from bowerbird.base.ids import Id
from bowerbird.ports.graph import MEMBERS_MAX, Edge, GraphWrites

_WORK_BYTES: Final = 256
_AT_END: Final = (1 << 63) - 1

# Of each map: the column that holds whose map it is, and the one that holds who stands in it.
_MAPS: Final = {"following": ("follower", "followee"), "followers": ("followee", "follower")}
_MEMBERS: Final = {
    name: f"SELECT {other}, at, version FROM follow INDEXED BY follow_{name} "  # noqa: S608 - names of columns
    f"WHERE {one} = ?1 AND stands AND (at, {other}) < (?2, ?3) ORDER BY at DESC, {other} DESC LIMIT ?4"
    for name, (one, other) in _MAPS.items()
}
_COUNTS: Final = {
    name: f"SELECT person, {name} FROM carray(?) p CROSS JOIN degree ON person = p.value"  # noqa: S608 - as above
    for name in _MAPS
}
_CONTAINS: Final = {
    name: f"SELECT o.value FROM carray(?1) o CROSS JOIN follow ON {other} = o.value WHERE {one} = ?2 AND stands"  # noqa: S608 - as above
    for name, (one, other) in _MAPS.items()
}

_KNOWN = "SELECT version, stands FROM follow WHERE follower = ? AND followee = ?"
_SET = """
    INSERT INTO follow (follower, followee, at, version, stands) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET at = excluded.at, version = excluded.version, stands = excluded.stands
"""
_COUNT = """
    INSERT INTO degree VALUES (?1, ?2, ?3)
    ON CONFLICT DO UPDATE SET following = following + ?2, followers = followers + ?3
"""
_IS_CLEARED = "SELECT 1 FROM cleared WHERE person IN (?, ?)"
_PAIRS_OF: Final = (
    "SELECT follower, followee, stands FROM follow WHERE follower = ?1 LIMIT ?2",
    "SELECT follower, followee, stands FROM follow WHERE followee = ?1 AND stands LIMIT ?2",
    "SELECT follower, followee, stands FROM follow WHERE followee = ?1 AND NOT stands LIMIT ?2",
)


class SqliteGraphWrites:
    """As `ports.graph.GraphWrites`. `views`: the file's writer."""

    def __init__(self, views: GroupCommit) -> None:
        self._views = views

    async def put(self, follower: Id, followee: Id, at: int, version: int) -> bool:
        if not 0 <= at < _AT_END:
            raise ValueError(f"A time is 0 to 2**63 - 2 microseconds, not {at}.")
        return await self._views.submit(partial(_note, pair=(follower, followee), at=at, version=version), _WORK_BYTES)

    async def remove(self, follower: Id, followee: Id, version: int) -> bool:
        return await self._views.submit(
            partial(_note, pair=(follower, followee), at=None, version=version), _WORK_BYTES
        )

    async def clear(self, person: Id) -> None:
        # From the first step on nothing is added, so the steps come to an end.
        while await self._views.submit(partial(_clear_some, person=person), _WORK_BYTES * ROWS_MAX):
            pass


class SqliteGraph:
    """As `ports.graph.Graph`. `reader`: this process's own; `writes`: the one writer, or a remote of it."""

    def __init__(self, reader: apsw.Connection, writes: GraphWrites) -> None:
        self._reader = reader
        self._writes = writes

    async def put(self, follower: Id, followee: Id, at: int, version: int) -> bool:
        return await self._writes.put(follower, followee, at, version)

    async def remove(self, follower: Id, followee: Id, version: int) -> bool:
        return await self._writes.remove(follower, followee, version)

    async def clear(self, person: Id) -> None:
        await self._writes.clear(person)

    async def members(self, map_name: str, person: Id, after: Edge | None, limit: int) -> list[Edge]:
        _refuse_bad_map(map_name)
        if not 1 <= limit <= MEMBERS_MAX:
            raise ValueError(f"1 to {MEMBERS_MAX} members are read at once, not {limit}.")
        place = (_AT_END, b"") if after is None else (after.at, after.person)
        rows = ask(self._reader, _MEMBERS[map_name], (person, *place, limit))
        return [Edge(*row) for row in rows]

    async def counts(self, map_name: str, people: Sequence[Id]) -> list[int]:
        _refuse_bad_map(map_name)
        _refuse_many(people)
        if not people:
            return []
        rows = ask(self._reader, _COUNTS[map_name], (apsw.carray(tuple(people)),))
        known: dict[Id, int] = dict(rows)
        return [known.get(person, 0) for person in people]

    async def contains(self, map_name: str, person: Id, others: Sequence[Id]) -> list[bool]:
        _refuse_bad_map(map_name)
        _refuse_many(others)
        if not others:
            return []
        found = {row[0] for row in ask(self._reader, _CONTAINS[map_name], (apsw.carray(tuple(others)), person))}
        return [other in found for other in others]


def _refuse_bad_map(map_name: str) -> None:
    if map_name not in _MAPS:
        raise ValueError(f'The maps are "following" and "followers", not {map_name!r}.')


def _refuse_many(people: Sequence[Id]) -> None:
    if len(people) > MEMBERS_MAX:
        raise ValueError(f"At most {MEMBERS_MAX} people are asked about at once, not {len(people)}.")


def _note(connection: apsw.Connection, pair: tuple[Id, Id], at: int | None, version: int) -> bool:
    """Note that a pair stands since `at`, or (None) that it does not; False when a version as high was known."""
    if connection.execute(_IS_CLEARED, pair).fetchall():
        return False
    known: list[tuple[Any, ...]] = connection.execute(_KNOWN, pair).fetchall()
    known_version, stood = known[0] if known else (None, 0)
    if known_version is not None and known_version >= version:
        return False
    stands = int(at is not None)
    connection.execute(_SET, (*pair, at or 0, version, stands))
    _count(connection, pair, stands - stood)
    return True


def _count(connection: apsw.Connection, pair: tuple[Id, Id], change: int) -> None:
    if change:
        connection.execute(_COUNT, (pair[0], change, 0))
        connection.execute(_COUNT, (pair[1], 0, change))


def _clear_some(connection: apsw.Connection, person: Id) -> bool:
    """Forget some pairs with a person who is gone; False when there are none left."""
    connection.execute("INSERT OR IGNORE INTO cleared VALUES (?)", (person,))
    for pairs in _PAIRS_OF:
        rows: list[tuple[Any, ...]] = connection.execute(pairs, (person, ROWS_MAX // 4)).fetchall()
        for follower, followee, stands in rows:
            connection.execute("DELETE FROM follow WHERE follower = ? AND followee = ?", (follower, followee))
            _count(connection, (follower, followee), -stands)
        if rows:
            return True
    connection.execute("DELETE FROM degree WHERE person = ?", (person,))
    return False
