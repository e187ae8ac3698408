"""Graph adapters broken on purpose, one defect each, with the check that must catch it."""

from collections.abc import Mapping, Sequence
from functools import partial

from typing_extensions import override

from bowerbird.adapters.sqlite.graph import SqliteGraph, SqliteGraphWrites
from bowerbird.base.ids import Id
from bowerbird.ports.graph import Edge
from tests.support.defects import Defect
from tests.support.views_subject import Subject, Variant, open_sqlite


class LastWordWins(SqliteGraphWrites):
    """Numbers what it hears by itself, so that old news undoes new."""

    _heard = 0

    @override
    async def put(self, follower: Id, followee: Id, at: int, version: int) -> bool:
        self._heard += 1
        return await super().put(follower, followee, at, self._heard)

    @override
    async def remove(self, follower: Id, followee: Id, version: int) -> bool:
        self._heard += 1
        return await super().remove(follower, followee, self._heard)


class NoTombstones(SqliteGraphWrites):
    """Forgets a removal of what it did not know."""

    @override
    async def remove(self, follower: Id, followee: Id, version: int) -> bool:
        await super().put(follower, followee, 0, 0)
        await super().remove(follower, followee, 0)
        return True


class ClearedComeBack(SqliteGraphWrites):
    """Empties the maps of a person who is gone, and takes what is said of them later."""

    @override
    async def clear(self, person: Id) -> None:
        await super().clear(person)
        await self._views.submit(lambda file: file.execute("DELETE FROM cleared"), 0)  # pyright: ignore[reportUnknownMemberType] - apsw's stub


class NothingIsCleared(SqliteGraphWrites):
    """Lets a person who is gone stand in all maps."""

    @override
    async def clear(self, person: Id) -> None:
        return


class PageHoldsItsMark(SqliteGraph):
    """Begins a page with the edge that ended the one before."""

    @override
    async def members(self, map_name: str, person: Id, after: Edge | None, limit: int) -> list[Edge]:
        above = after and Edge(Id((int.from_bytes(after.person, "big") + 1).to_bytes(16, "big")), after.at, 0)
        found = await super().members(map_name, person, above, limit)
        return found if after is None or len(found) > 1 else []


class TimesWithoutPeople(SqliteGraph):
    """Continues behind the time of the last edge, and so loses others of the same time."""

    @override
    async def members(self, map_name: str, person: Id, after: Edge | None, limit: int) -> list[Edge]:
        return await super().members(map_name, person, after and Edge(Id(b""), after.at, 0), limit)


class OneMapForBoth(SqliteGraph):
    """Takes those whom a person follows for those who follow back."""

    @override
    async def contains(self, map_name: str, person: Id, others: Sequence[Id]) -> list[bool]:
        return await super().contains("following", person, others)


def _writing(writes: type[SqliteGraphWrites], caught_by: str) -> Defect[Subject]:
    return Defect(partial(open_sqlite, Variant(graph_writes=writes)), caught_by)


def _reading(graph: type[SqliteGraph], caught_by: str) -> Defect[Subject]:
    return Defect(partial(open_sqlite, Variant(graph=graph)), caught_by)


DEFECTS: Mapping[str, Defect[Subject]] = {
    "the last word wins": _writing(LastWordWins, "the_highest_version_wins_in_any_order"),
    "no tombstones": _writing(NoTombstones, "a_removal_that_comes_first_is_remembered"),
    "the cleared come back": _writing(ClearedComeBack, "clearing_takes_a_person_out_of_all_maps_for_good"),
    "nothing is cleared": _writing(NothingIsCleared, "clearing_takes_a_person_out_of_all_maps_for_good"),
    "page holds its mark": _reading(PageHoldsItsMark, "members_come_newest_first_page_by_page"),
    "times without people": _reading(TimesWithoutPeople, "members_come_newest_first_page_by_page"),
    "one map for both": _reading(OneMapForBoth, "one_who_follows_stands_in_both_maps"),
}
