"""Timelines adapters broken on purpose, one defect each, with the check that must catch it."""

from collections.abc import Mapping, Sequence
from functools import partial

from msgspec.structs import replace
from typing_extensions import override

from bowerbird.adapters.sqlite.group import GroupCommit
from bowerbird.adapters.sqlite.timeline_writes import SqliteTimelineWrites
from bowerbird.adapters.sqlite.timelines import SqliteTimelines
from bowerbird.base.ids import Id
from bowerbird.ports.log import Offset
from bowerbird.ports.timelines import PAGE_MAX, Entry, Mark, Placed, Slice
from tests.support.defects import Defect
from tests.support.views_subject import Subject, Variant, open_sqlite


class CapIgnored(SqliteTimelineWrites):
    """Keeps everything for ever."""

    @override
    async def add(
        self, placed: Sequence[Placed], cap: int | None, applied: Sequence[Offset] = (), *, only_open: bool = False
    ) -> None:
        await super().add(placed, None, applied, only_open=only_open)


class CapOneShort(SqliteTimelineWrites):
    """Trims one entry too many."""

    @override
    async def add(
        self, placed: Sequence[Placed], cap: int | None, applied: Sequence[Offset] = (), *, only_open: bool = False
    ) -> None:
        await super().add(placed, None if cap is None else max(1, cap - 1), applied, only_open=only_open)


class PinStandsTwice(SqliteTimelineWrites):
    """Takes an entry's time for a part of what it is, and so keeps both when a pin is put under another."""

    def __init__(self, views: GroupCommit, dead_max: int) -> None:
        super().__init__(views, dead_max)
        self._times: dict[tuple[str, Id, Id], int] = {}

    @override
    async def add(
        self, placed: Sequence[Placed], cap: int | None, applied: Sequence[Offset] = (), *, only_open: bool = False
    ) -> None:
        await super().add([self._apart(one) for one in placed], cap, applied, only_open=only_open)

    def _apart(self, placed: Placed) -> Placed:
        pin, at = placed.entry.pin, placed.entry.at
        if self._times.setdefault((placed.kind, placed.owner, pin), at) == at:
            return placed
        return Placed(placed.kind, placed.owner, replace(placed.entry, pin=Id(pin[8:] + at.to_bytes(8, "big"))))


class AppliedBeforeTheData(SqliteTimelineWrites):
    """Remembers the offsets first."""

    @override
    async def add(
        self, placed: Sequence[Placed], cap: int | None, applied: Sequence[Offset] = (), *, only_open: bool = False
    ) -> None:
        await super().add([], None, applied)
        await super().add(placed, cap, only_open=only_open)


class AppliedNotKept(SqliteTimelineWrites):
    """Does not remember the offsets."""

    @override
    async def add(
        self, placed: Sequence[Placed], cap: int | None, applied: Sequence[Offset] = (), *, only_open: bool = False
    ) -> None:
        await super().add(placed, cap, only_open=only_open)


class RemovesFromTheFirstFew(SqliteTimelineWrites):
    """Reaches as many timelines as fit into one step."""

    @override
    async def remove(self, kind: str, owners: Sequence[Id], pins: Sequence[Id]) -> None:
        await super().remove(kind, owners[:500], pins)


class DropsEither(SqliteTimelineWrites):
    """Takes what is by the author, and then what is of the board."""

    @override
    async def drop(self, kind: str, owner: Id, *, author: Id | None = None, board: Id | None = None) -> None:
        if author is not None and board is not None:
            await super().drop(kind, owner, author=author)
            await super().drop(kind, owner, board=board)
        else:
            await super().drop(kind, owner, author=author, board=board)


class DropKeepsTheFloor(SqliteTimelineWrites):
    """Empties a timeline and lets its floor stand."""

    @override
    async def drop(self, kind: str, owner: Id, *, author: Id | None = None, board: Id | None = None) -> None:
        if author is None and board is None:
            await self.remove(kind, [owner], [Id(pin.to_bytes(16, "big")) for pin in range(1000)])
        else:
            await super().drop(kind, owner, author=author, board=board)


class MakesWhatIsNotOpen(SqliteTimelineWrites):
    """Takes no notice of who alone is written to."""

    @override
    async def add(
        self, placed: Sequence[Placed], cap: int | None, applied: Sequence[Offset] = (), *, only_open: bool = False
    ) -> None:
        await super().add(placed, cap, applied)


class KeepGoesBack(SqliteTimelineWrites):
    """Notes the latest call's time, not the latest time."""

    @override
    async def keep(self, kind: str, owner: Id, at: int) -> None:
        await super().keep(kind, owner, min(at, 20))


class FloorNotTold(SqliteTimelines):
    """Says of every timeline that nothing was trimmed."""

    @override
    async def page(self, kind: str, owner: Id, before: Mark | None, limit: int) -> Slice:
        return replace(await super().page(kind, owner, before, limit), floor=None)


class PageHoldsItsMark(SqliteTimelines):
    """Begins a page with the entry that ended the one before."""

    @override
    async def page(self, kind: str, owner: Id, before: Mark | None, limit: int) -> Slice:
        return await super().page(kind, owner, None if before is None else _just_above(before), limit)


class TimesWithoutPins(SqliteTimelines):
    """Continues behind the time of the mark, and so loses entries of the same time."""

    @override
    async def page(self, kind: str, owner: Id, before: Mark | None, limit: int) -> Slice:
        return await super().page(kind, owner, None if before is None else Mark(before.at, Id(b"")), limit)


class MergeWithDoubles(SqliteTimelines):
    """Puts pages one beside the other and sorts them."""

    @override
    async def merged(self, kind: str, owners: Sequence[Id], before: Mark | None, limit: int) -> list[Entry]:
        pages = [(await self.page(kind, owner, before, min(limit, PAGE_MAX))).entries for owner in owners]
        return sorted((one for page in pages for one in page), reverse=True)[:limit]


class MergeOfTheFewNewest(SqliteTimelines):
    """Asks only the timelines that hold the newest entries."""

    @override
    async def merged(self, kind: str, owners: Sequence[Id], before: Mark | None, limit: int) -> list[Entry]:
        return await super().merged(kind, owners[:4], before, limit)


def _just_above(mark: Mark) -> Mark:
    return Mark(mark.at, Id((int.from_bytes(mark.pin, "big") + 1).to_bytes(16, "big")))


def _writing(writes: type[SqliteTimelineWrites], caught_by: str) -> Defect[Subject]:
    return Defect(partial(open_sqlite, Variant(timeline_writes=writes)), caught_by)


def _reading(timelines: type[SqliteTimelines], caught_by: str) -> Defect[Subject]:
    return Defect(partial(open_sqlite, Variant(timelines=timelines)), caught_by)


DEFECTS: Mapping[str, Defect[Subject]] = {
    "cap ignored": _writing(CapIgnored, "with_a_cap_the_newest_stay_and_the_floor_is_the_newest_trimmed"),
    "cap one short": _writing(CapOneShort, "many_at_once_are_trimmed_at_once"),
    "pin stands twice": _writing(PinStandsTwice, "one_entry_a_pin_the_last_that_was_put"),
    "makes what is not open": _writing(MakesWhatIsNotOpen, "what_is_for_open_timelines_alone_makes_none"),
    "keep goes back": _writing(KeepGoesBack, "a_page_tells_when_its_timeline_was_kept_last"),
    "applied before the data": _writing(AppliedBeforeTheData, "offsets_are_applied_when_everything_is_there"),
    "applied not kept": _writing(AppliedNotKept, "everything_outlives_the_process"),
    "removes from the first few": _writing(RemovesFromTheFirstFew, "a_fan_out_reaches_everybody_once"),
    "drops either": _writing(DropsEither, "dropping_takes_an_author_a_board_or_both"),
    "drop keeps the floor": _writing(DropKeepsTheFloor, "dropping_all_takes_the_floor_too"),
    "floor not told": _reading(FloorNotTold, "what_is_at_or_below_the_floor_is_not_put"),
    "page holds its mark": _reading(PageHoldsItsMark, "a_page_ends_before_its_mark_whether_that_is_there_or_not"),
    "times without pins": _reading(TimesWithoutPins, "within_one_time_pins_decide"),
    "merge with doubles": _reading(MergeWithDoubles, "a_merge_is_the_newest_of_all_one_a_pin"),
    "merge of the few newest": _reading(MergeOfTheFewNewest, "a_merge_is_the_newest_of_all_one_a_pin"),
}
