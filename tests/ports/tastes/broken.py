"""Tastes adapters broken on purpose, one defect each, with the check that must catch it."""

from collections.abc import Mapping, Sequence
from functools import partial

from msgspec.structs import replace
from typing_extensions import override

from bowerbird.adapters.sqlite.group import GroupCommit
from bowerbird.adapters.sqlite.taste_writes import SqliteTasteWrites
from bowerbird.adapters.sqlite.tastes import SqliteTastes
from bowerbird.base.ids import Id
from bowerbird.ports.log import Offset
from bowerbird.ports.tastes import PAGE_MAX, Mark, Save, Sight
from tests.ports.tastes.subject import Subject, Variant, open_here
from tests.support.defects import Defect

PART = 300


class _Remembering(SqliteTasteWrites):
    """Knows what was put."""

    def __init__(self, views: GroupCommit, sights_kept: int, sights_over: int) -> None:
        super().__init__(views, sights_kept, sights_over)
        self._put: dict[Id, Save] = {}

    @override
    async def put(self, saves: Sequence[Save], gone: Sequence[Id], applied: Sequence[Offset] = ()) -> None:
        await super().put(saves, gone, applied)
        self._put |= {save.pin: save for save in saves}

    def _of(self, person: Id) -> list[Save]:
        return [save for save in self._put.values() if save.person == person]


class FirstWordStands(_Remembering):
    """Takes what a pin was put as first for what it is."""

    @override
    async def put(self, saves: Sequence[Save], gone: Sequence[Id], applied: Sequence[Offset] = ()) -> None:
        await super().put([save for save in saves if save.pin not in self._put], gone, applied)


class EarlierOfTwoCounts(SqliteTasteWrites):
    """Lets the first of two saves of a pin count."""

    @override
    async def put(self, saves: Sequence[Save], gone: Sequence[Id], applied: Sequence[Offset] = ()) -> None:
        await super().put(saves[::-1], gone, applied)


class GoneBeforePut(SqliteTasteWrites):
    """Takes pins out before it puts saves."""

    @override
    async def put(self, saves: Sequence[Save], gone: Sequence[Id], applied: Sequence[Offset] = ()) -> None:
        await super().put([], gone)
        await super().put(saves, [], applied)


class PutsInParts(SqliteTasteWrites):
    """Makes a long put short."""

    @override
    async def put(self, saves: Sequence[Save], gone: Sequence[Id], applied: Sequence[Offset] = ()) -> None:
        await super().put(saves[:PART], [])
        await super().put(saves[PART:], gone, applied)


class AppliedFirst(SqliteTasteWrites):
    """Remembers the offsets before the data."""

    @override
    async def put(self, saves: Sequence[Save], gone: Sequence[Id], applied: Sequence[Offset] = ()) -> None:
        await super().put([], [], applied)
        await super().put(saves, gone)


class AppliedNotKept(SqliteTasteWrites):
    """Does not remember the offsets."""

    @override
    async def put(self, saves: Sequence[Save], gone: Sequence[Id], applied: Sequence[Offset] = ()) -> None:
        await super().put(saves, gone)


class TurnsInParts(_Remembering):
    """Turns a board some saves at a time."""

    @override
    async def publish(self, board: Id, *, public: bool) -> None:
        there = [replace(save, public=public) for save in self._put.values() if save.board == board]
        for begin in range(0, len(there), PART):
            await super().put(there[begin : begin + PART], [])


class TurnsTheFirstFew(_Remembering):
    """Turns as many saves as fit into one step."""

    @override
    async def publish(self, board: Id, *, public: bool) -> None:
        there = [replace(save, public=public) for save in self._put.values() if save.board == board]
        await super().put(there[:PART], [])


class BoardsStayAsTurned(SqliteTasteWrites):
    """Holds what was said last of a board for true of what comes later."""

    def __init__(self, views: GroupCommit, sights_kept: int, sights_over: int) -> None:
        super().__init__(views, sights_kept, sights_over)
        self._turned: dict[Id, bool] = {}

    @override
    async def put(self, saves: Sequence[Save], gone: Sequence[Id], applied: Sequence[Offset] = ()) -> None:
        turned = [replace(save, public=self._turned.get(save.board, save.public)) for save in saves]
        await super().put(turned, gone, applied)

    @override
    async def publish(self, board: Id, *, public: bool) -> None:
        self._turned[board] = public
        await super().publish(board, public=public)


class ForgetsSavesAlone(_Remembering):
    """Lets stand what a person was shown."""

    @override
    async def forget(self, person: Id) -> None:
        await super().put([], [save.pin for save in self._of(person)][:1000])
        await super().put([], [save.pin for save in self._of(person)][1000:])


class ForgetsInParts(_Remembering):
    """Takes a person's saves out some at a time."""

    @override
    async def forget(self, person: Id) -> None:
        pins = [save.pin for save in self._of(person)]
        for begin in range(0, len(pins), PART):
            await super().put([], pins[begin : begin + PART])
        await super().forget(person)


class ForgetsForGood(SqliteTasteWrites):
    """Takes nothing of a person any more who was forgotten."""

    def __init__(self, views: GroupCommit, sights_kept: int, sights_over: int) -> None:
        super().__init__(views, sights_kept, sights_over)
        self._forgotten: set[Id] = set()

    @override
    async def put(self, saves: Sequence[Save], gone: Sequence[Id], applied: Sequence[Offset] = ()) -> None:
        await super().put([save for save in saves if save.person not in self._forgotten], gone, applied)

    @override
    async def forget(self, person: Id) -> None:
        self._forgotten.add(person)
        await super().forget(person)


class CountsTwice(SqliteTasteWrites):
    """Counts what is told again."""

    def __init__(self, views: GroupCommit, sights_kept: int, sights_over: int) -> None:
        super().__init__(views, sights_kept, sights_over)
        self._calls = 0

    @override
    async def saw(self, sights: Sequence[Sight]) -> None:
        self._calls += 1
        await super().saw([replace(sight, at=sight.at + self._calls * 1_000) for sight in sights])


class SortsSights(SqliteTasteWrites):
    """Brings sights into the order of their times."""

    @override
    async def saw(self, sights: Sequence[Sight]) -> None:
        await super().saw(sorted(sights, key=lambda sight: sight.at))


class RemembersAll(SqliteTasteWrites):
    """Forgets no sight."""

    def __init__(self, views: GroupCommit, sights_kept: int, sights_over: int) -> None:
        super().__init__(views, sights_kept << 20, sights_over)


class RemembersTooFew(SqliteTasteWrites):
    """Forgets what has to be kept."""

    def __init__(self, views: GroupCommit, sights_kept: int, sights_over: int) -> None:
        super().__init__(views, sights_kept - 1, 0 * sights_over)


class PageHoldsItsMark(SqliteTastes):
    """Begins a page with the save that ended the one before."""

    @override
    async def of_person(self, person: Id, before: Mark | None, limit: int) -> list[Save]:
        return await super().of_person(person, before and Mark(before.at, _next(before.pin)), limit)


class TimesWithoutPins(SqliteTastes):
    """Continues behind the time of the mark, and so loses saves of the same time."""

    @override
    async def of_board(self, board: Id, before: Mark | None, limit: int) -> list[Save]:
        return await super().of_board(board, before and Mark(before.at, Id(b"")), limit)


class BoardsOfOnePerson(SqliteTastes):
    """Finds on a board what the person keeps who saved there last."""

    @override
    async def of_board(self, board: Id, before: Mark | None, limit: int) -> list[Save]:
        found = await super().of_board(board, before, limit)
        return [save for save in found if save.person == found[0].person]


class HoldsWhatIsPrivate(SqliteTastes):
    """Tells everybody what one person keeps to themselves."""

    @override
    async def holding(self, things: Sequence[Id], each_max: int) -> list[list[Save]]:
        found = await super().holding(things, each_max)
        persons = {save.person for some in found for save in some if save.person}
        kept = [save for one in persons for save in await self.of_person(one, None, PAGE_MAX)]
        every = [[save for save in kept if save.thing == thing] for thing in things]
        return [sorted(some, key=lambda save: (save.at, save.pin))[: -each_max - 1 : -1] for some in every]


class HoldsTheOldest(SqliteTastes):
    """Returns a thing's saves oldest first."""

    @override
    async def holding(self, things: Sequence[Id], each_max: int) -> list[list[Save]]:
        return [some[::-1] for some in await super().holding(things, each_max)]


class KeptIsPublic(SqliteTastes):
    """Holds for kept what everybody may see."""

    @override
    async def kept(self, person: Id, things: Sequence[Id]) -> list[bool]:
        found = await self.holding(things, 20)
        return [any(save.person == person for save in some) for some in found]


class BoardsHoldThingsOnce(SqliteTastes):
    """Says whether a thing is on a board, not how often."""

    @override
    async def on_board(self, board: Id, things: Sequence[Id]) -> list[int]:
        return [min(1, count) for count in await super().on_board(board, things)]


class ShownIsNoCount(SqliteTastes):
    """Says whether a thing was shown, not how often."""

    @override
    async def shown(self, person: Id, things: Sequence[Id]) -> list[int]:
        return [min(1, count) for count in await super().shown(person, things)]


def _next(pin: Id) -> Id:
    return Id((int.from_bytes(pin, "big") + 1).to_bytes(16, "big"))


def _writing(writes: type[SqliteTasteWrites], caught_by: str) -> Defect[Subject]:
    return Defect(partial(open_here, Variant(writes=writes)), caught_by)


def _reading(tastes: type[SqliteTastes], caught_by: str) -> Defect[Subject]:
    return Defect(partial(open_here, Variant(tastes=tastes)), caught_by)


DEFECTS: Mapping[str, Defect[Subject]] = {
    "first word stands": _writing(FirstWordStands, "a_save_takes_the_place_of_what_its_pin_was"),
    "earlier of two counts": _writing(EarlierOfTwoCounts, "of_two_saves_of_a_pin_the_later_counts"),
    "gone before put": _writing(GoneBeforePut, "a_pin_that_is_gone_is_nowhere"),
    "puts in parts": _writing(PutsInParts, "a_put_is_seen_whole"),
    "applied first": _writing(AppliedFirst, "a_put_is_seen_whole"),
    "applied not kept": _writing(AppliedNotKept, "everything_outlives_the_process"),
    "turns in parts": _writing(TurnsInParts, "turning_a_board_is_seen_whole"),
    "turns the first few": _writing(TurnsTheFirstFew, "publishing_is_of_all_saves_on_a_board_and_of_no_others"),
    "boards stay as turned": _writing(BoardsStayAsTurned, "a_board_that_was_turned_takes_saves_as_they_are_put"),
    "forgets saves alone": _writing(ForgetsSavesAlone, "forgetting_takes_all_of_one_person"),
    "forgets in parts": _writing(ForgetsInParts, "forgetting_is_seen_whole"),
    "forgets for good": _writing(ForgetsForGood, "one_who_was_forgotten_begins_anew"),
    "counts twice": _writing(CountsTwice, "the_same_sight_counts_once"),
    "sorts sights": _writing(SortsSights, "a_sight_that_is_older_than_the_last_is_passed_over"),
    "remembers all": _writing(RemembersAll, "those_shown_last_are_remembered_and_the_oldest_are_not"),
    "remembers too few": _writing(RemembersTooFew, "those_shown_last_are_remembered_and_the_oldest_are_not"),
    "page holds its mark": _reading(PageHoldsItsMark, "a_page_ends_before_its_mark_whether_that_is_there_or_not"),
    "times without pins": _reading(TimesWithoutPins, "pages_are_newest_first_and_within_a_time_by_pin"),
    "boards of one person": _reading(BoardsOfOnePerson, "forgetting_takes_all_of_one_person"),
    "holds what is private": _reading(HoldsWhatIsPrivate, "what_holds_a_thing_is_what_everybody_may_see_newest_first"),
    "holds the oldest": _reading(HoldsTheOldest, "what_holds_a_thing_is_what_everybody_may_see_newest_first"),
    "kept is public": _reading(KeptIsPublic, "what_somebody_kept_is_kept_wherever_and_by_nobody_else"),
    "boards hold things once": _reading(
        BoardsHoldThingsOnce, "saves_of_a_thing_on_a_board_are_counted_whosever_they_are"
    ),
    "shown is no count": _reading(ShownIsNoCount, "sights_are_counted_by_person_and_thing"),
}
