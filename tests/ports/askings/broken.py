"""Askings adapters broken on purpose, one defect each, with the check that must catch it."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from msgspec.structs import replace
from typing_extensions import override

from bowerbird.adapters.sqlite.asking_writes import SqliteAskingWrites
from bowerbird.adapters.sqlite.askings import SqliteAskings
from bowerbird.adapters.sqlite.group import GroupCommit, Work
from bowerbird.base.ids import Id
from bowerbird.ports.askings import CHANGES_MAX, PEOPLE_MIN, Asking
from bowerbird.ports.log import Offset
from tests.ports.askings.scene import person
from tests.ports.askings.subject import Subject, Variant, open_here
from tests.support.defects import Defect


class _Remembering(SqliteAskingWrites):
    """Knows what was noted."""

    def __init__(self, views: GroupCommit, queries_kept: int) -> None:
        super().__init__(views, queries_kept)
        self._noted = list[Asking]()

    @override
    async def note(self, askings: Sequence[Asking], applied: Sequence[Offset] = ()) -> None:
        await super().note(askings, applied)
        self._noted += askings


class CountsAskings(_Remembering):
    """Counts how often a query is asked, whoever asks it."""

    @override
    async def note(self, askings: Sequence[Asking], applied: Sequence[Offset] = ()) -> None:
        again = [replace(one, person=person(1000 + len(self._noted))) for one in askings if one in self._again()]
        await super().note([*askings, *again][:CHANGES_MAX], applied)

    def _again(self) -> list[Asking]:
        queries = {one.query for one in self._noted}
        return [Asking(person(1), query, at) for query in queries for at in range(50)]


class FirstTimeStands(_Remembering):
    """Takes the first time of a query for its time."""

    @override
    async def note(self, askings: Sequence[Asking], applied: Sequence[Offset] = ()) -> None:
        known = {(one.person, one.query) for one in self._noted}
        await super().note([one for one in askings if (one.person, one.query) not in known], applied)


class LastTimeStands(_Remembering):
    """Takes the time that was told last for the newest."""

    @override
    async def note(self, askings: Sequence[Asking], applied: Sequence[Offset] = ()) -> None:
        last = {(one.person, one.query): one for one in [*self._noted, *askings]}
        old = [one for one in self._noted if last[one.person, one.query].at < one.at]
        await super().note(askings, applied)
        for one in old:
            await super().expire(one.at + 1, 1)
            await super().note([last[one.person, one.query]])


class ForgetsTheFirstFew(SqliteAskingWrites):
    """Takes out what fits into one step."""

    @override
    async def _run(self, work: Work[Any], askings: int) -> Any:
        result = await super()._run(work, askings)
        return False if result is True else result


class BeginsAnew(_Remembering):
    """Takes in again who was forgotten."""

    @override
    async def note(self, askings: Sequence[Asking], applied: Sequence[Offset] = ()) -> None:
        known = {one.person for one in self._noted}
        others = [replace(one, person=Id(b"x" + one.person[1:])) if one.person in known else one for one in askings]
        await super().note(others, applied)


class ForgetsNobodyUnknown(_Remembering):
    """Forgets those alone of whom something is known."""

    @override
    async def forget(self, person: Id) -> None:
        if any(one.person == person for one in self._noted):
            await super().forget(person)


class ExpiresWhatIsAsOld(SqliteAskingWrites):
    """Takes out what is not newer."""

    @override
    async def expire(self, before_us: int, limit: int) -> int:
        return await super().expire(before_us + 1, limit)


class ExpiresAll(SqliteAskingWrites):
    """Takes out more than it was asked to."""

    @override
    async def expire(self, before_us: int, limit: int) -> int:
        return min(limit, await super().expire(before_us, CHANGES_MAX))


class ExpiresForGood(SqliteAskingWrites):
    """Takes nothing in any more once something has expired."""

    def __init__(self, views: GroupCommit, queries_kept: int) -> None:
        super().__init__(views, queries_kept)
        self._expired = False

    @override
    async def note(self, askings: Sequence[Asking], applied: Sequence[Offset] = ()) -> None:
        await super().note([] if self._expired else askings, applied)

    @override
    async def expire(self, before_us: int, limit: int) -> int:
        self._expired = True
        return await super().expire(before_us, limit)


class RemembersAll(SqliteAskingWrites):
    """Keeps every query."""

    def __init__(self, views: GroupCommit, queries_kept: int) -> None:
        super().__init__(views, queries_kept << 20)


class RemembersTooFew(SqliteAskingWrites):
    """Forgets a query that has to be kept."""

    def __init__(self, views: GroupCommit, queries_kept: int) -> None:
        super().__init__(views, queries_kept - 1)


class AppliedNotKept(SqliteAskingWrites):
    """Does not remember the offsets."""

    @override
    async def note(self, askings: Sequence[Asking], applied: Sequence[Offset] = ()) -> None:
        await super().note(askings)


class TellsTooMuch(SqliteAskings):
    """Tells what a few asked to whoever wants what many asked."""

    @override
    async def begun(self, prefix: str, people_min: int, limit: int) -> list[str]:
        return await super().begun(prefix, max(PEOPLE_MIN, people_min - 1), limit)


class InOrderOfCharacters(SqliteAskings):
    """Returns queries as a dictionary has them."""

    @override
    async def begun(self, prefix: str, people_min: int, limit: int) -> list[str]:
        return sorted(await super().begun(prefix, people_min, limit))


class WordsAlone(SqliteAskings):
    """Finds what begins with whole words."""

    @override
    async def begun(self, prefix: str, people_min: int, limit: int) -> list[str]:
        found = await super().begun(prefix, people_min, limit)
        return [query for query in found if f"{query} ".startswith(f"{prefix} ")]


def _writing(writes: type[SqliteAskingWrites], caught_by: str) -> Defect[Subject]:
    return Defect(partial(open_here, Variant(writes=writes)), caught_by)


def _reading(askings: type[SqliteAskings], caught_by: str) -> Defect[Subject]:
    return Defect(partial(open_here, Variant(askings=askings)), caught_by)


DEFECTS: Mapping[str, Defect[Subject]] = {
    "counts askings": _writing(CountsAskings, "what_one_asks_however_often_cannot_be_read"),
    "first time stands": _writing(FirstTimeStands, "what_expires_is_older_and_the_newest_time_of_each_counts"),
    "last time stands": _writing(LastTimeStands, "what_expires_is_older_and_the_newest_time_of_each_counts"),
    "forgets the first few": _writing(ForgetsTheFirstFew, "forgetting_takes_all_of_one_person"),
    "begins anew": _writing(BeginsAnew, "who_is_forgotten_stays_so"),
    "forgets nobody unknown": _writing(ForgetsNobodyUnknown, "who_is_forgotten_stays_so"),
    "expires what is as old": _writing(ExpiresWhatIsAsOld, "what_expires_is_older_and_the_newest_time_of_each_counts"),
    "expires all": _writing(ExpiresAll, "the_oldest_expire_first_up_to_the_limit"),
    "expires for good": _writing(ExpiresForGood, "what_expired_may_be_asked_anew"),
    "remembers all": _writing(RemembersAll, "of_each_person_those_asked_last_are_kept"),
    "remembers too few": _writing(RemembersTooFew, "of_each_person_those_asked_last_are_kept"),
    "applied not kept": _writing(AppliedNotKept, "everything_outlives_the_process"),
    "tells too much": _reading(TellsTooMuch, "what_fewer_ask_than_are_wanted_is_not_told"),
    "in order of characters": _reading(
        InOrderOfCharacters, "those_of_most_people_come_first_and_of_as_many_in_the_order_of_characters"
    ),
    "words alone": _reading(WordsAlone, "a_query_begins_with_each_of_its_beginnings_and_with_nothing_else"),
}
