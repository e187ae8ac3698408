"""Walks adapters broken on purpose, one defect each, with the check that must catch it."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from msgspec.structs import replace
from typing_extensions import override

from bowerbird.adapters.csr.limits import Habits, Pruning
from bowerbird.adapters.csr.tail import all_frames
from bowerbird.adapters.csr.walks import CsrWalks
from bowerbird.adapters.csr.writes import CsrWalkWrites
from bowerbird.base.ids import Id
from bowerbird.ports.log import Offset
from bowerbird.ports.walks import (
    Bias,
    Change,
    Described,
    Dropped,
    Found,
    Saved,
    Scored,
    Unsaved,
    Walk,
    Wish,
)
from tests.ports.walks.subject import UNPRUNED, Subject, Variant, open_csr
from tests.support.defects import Defect


class QueryIsFound(CsrWalks):
    """Walks in circles: proposes what was asked about."""

    @override
    async def walk(self, asked: Walk) -> Found:
        found = await super().walk(asked)
        return Found([*(Scored(wish.thing, 0.0) for wish in asked.query), *found.things], found.boards, found.steps)


class WeighsAllAlike(CsrWalks):
    """Takes no notice of weights."""

    @override
    async def walk(self, asked: Walk) -> Found:
        return await super().walk(replace(asked, query=[Wish(thing) for thing in dict.fromkeys(_things(asked))]))


class OneSeedForAll(CsrWalks):
    """Rolls the same dice every time."""

    @override
    async def walk(self, asked: Walk) -> Found:
        return await super().walk(replace(asked, seed=7))


class AnotherSeedEachTime(CsrWalks):
    """Rolls dice of its own."""

    _rolled = 0

    @override
    async def walk(self, asked: Walk) -> Found:
        type(self)._rolled += 1
        return await super().walk(replace(asked, seed=self._rolled))


class OneReason(CsrWalks):
    """Tells what led there first, and nothing else."""

    @override
    async def walk(self, asked: Walk) -> Found:
        found = await super().walk(asked)
        return Found([replace(one, because=one.because[-1:]) for one in found.things], found.boards, found.steps)


class TwiceTheSteps(CsrWalks):
    """Takes a limit for an estimate."""

    @override
    async def walk(self, asked: Walk) -> Found:
        return await super().walk(replace(asked, steps_max=asked.steps_max * 2))


class BiasIgnored(CsrWalks):
    """Likes everything."""

    @override
    async def walk(self, asked: Walk) -> Found:
        return await super().walk(replace(asked, bias=Bias()))


class ShunnedIgnored(CsrWalks):
    """Knows what is wished, and not what is not."""

    @override
    async def walk(self, asked: Walk) -> Found:
        return await super().walk(replace(asked, bias=replace(asked.bias, shunned=[])))


class OwnEdgesStay(CsrWalks):
    """Puts what is private into the graph of all."""

    @override
    async def walk(self, asked: Walk) -> Found:
        await self.change([Saved(edge.thing, edge.board, 0) for edge in asked.own])
        return await super().walk(asked)


class OwnEdgesIgnored(CsrWalks):
    """Walks where everybody may."""

    @override
    async def walk(self, asked: Walk) -> Found:
        return await super().walk(replace(asked, own=[]))


class LooksOnce(CsrWalks):
    """Reads the graph when it is first asked, and never again."""

    @override
    async def walk(self, asked: Walk) -> Found:
        reading = self.reading()
        graph = reading.graph()
        reading.graph = lambda: graph
        return await super().walk(asked)


class PopularForEver(CsrWalks):
    """Counts all saves there ever were."""

    @override
    async def popular(self, since: int, limit: int, bias: Bias | None = None) -> list[Scored]:
        return await super().popular(min(since, 0), limit, bias)


class NothingIsTakenOff(CsrWalkWrites):
    """Knows how to save."""

    @override
    async def change(self, changes: Sequence[Change], applied: Sequence[Offset] = ()) -> None:
        await super().change([one for one in changes if not isinstance(one, Unsaved)], applied)


class NothingIsDropped(CsrWalkWrites):
    """Leaves boards alone."""

    @override
    async def change(self, changes: Sequence[Change], applied: Sequence[Offset] = ()) -> None:
        await super().change([one for one in changes if not isinstance(one, Dropped)], applied)


class DroppedForEver(CsrWalkWrites):
    """Lets no board come back."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # pyright: ignore[reportArgumentType] - whatever the other takes
        self._dropped: set[Id] = set()

    @override
    async def change(self, changes: Sequence[Change], applied: Sequence[Offset] = ()) -> None:
        self._dropped |= {one.board for one in changes if isinstance(one, Dropped)}
        kept = [one for one in changes if not isinstance(one, Saved) or one.board not in self._dropped]
        await super().change(kept, applied)


class FirstWordHolds(CsrWalkWrites):
    """Makes changes in an order of its own."""

    @override
    async def change(self, changes: Sequence[Change], applied: Sequence[Offset] = ()) -> None:
        await super().change(sorted(changes, key=lambda one: isinstance(one, Saved)), applied)


class OneByOne(CsrWalkWrites):
    """Makes every change by itself."""

    @override
    async def change(self, changes: Sequence[Change], applied: Sequence[Offset] = ()) -> None:
        for one in changes:
            await super().change([one])
        await super().change([], applied)


class NeverDescribed(CsrWalkWrites):
    """Forgets what things are about."""

    @override
    async def change(self, changes: Sequence[Change], applied: Sequence[Offset] = ()) -> None:
        await super().change([one for one in changes if not isinstance(one, Described)], applied)


class LatestOffsetsHold(CsrWalks):
    """Goes back with whoever says so."""

    @override
    async def applied(self) -> list[Offset]:
        state = self._folder.manifest()
        frames = all_frames(self._folder, state)
        told = {one.partition: one for one in (*state.applied, *(one for frame in frames for one in frame.applied))}
        return [told[partition] for partition in sorted(told)]


class AppliedNotKept(CsrWalkWrites):
    """Does not remember the offsets."""

    @override
    async def change(self, changes: Sequence[Change], applied: Sequence[Offset] = ()) -> None:
        await super().change(changes)


class DeafMeanwhile(CsrWalkWrites):
    """Hears nothing while a snapshot is made."""

    _busy = False

    @override
    async def compact(self) -> None:
        self._busy = True
        await super().compact()
        self._busy = False

    @override
    async def change(self, changes: Sequence[Change], applied: Sequence[Offset] = ()) -> None:
        if not self._busy:
            await super().change(changes, applied)


class CompactionClears(CsrWalkWrites):
    """Makes room by forgetting."""

    @override
    async def compact(self) -> None:
        await super().clear()


class ClearKeepsOffsets(CsrWalkWrites):
    """Forgets the graph and not how far it was."""

    _told: Sequence[Offset] = ()

    @override
    async def change(self, changes: Sequence[Change], applied: Sequence[Offset] = ()) -> None:
        self._told = applied or self._told
        await super().change(changes, applied)

    @override
    async def clear(self) -> None:
        await super().clear()
        await super().change([], self._told)


class BeginsAnew(CsrWalkWrites):
    """Finds no graph where it left one."""

    @classmethod
    @override
    def open(cls, path: Path, *args: object, **kwargs: object) -> "CsrWalkWrites":
        (path / "manifest.json").unlink(missing_ok=True)
        return super().open(path, *args, **kwargs)  # pyright: ignore[reportArgumentType] - as the other takes them


def _things(asked: Walk) -> list[Id]:
    return [wish.thing for wish in asked.query]


def _writing(writes: type[CsrWalkWrites], caught_by: str) -> Defect[Subject]:
    return Defect(partial(open_csr, Variant(writes=writes)), caught_by)


def _walking(walks: type[CsrWalks], caught_by: str) -> Defect[Subject]:
    return Defect(partial(open_csr, Variant(walks=walks)), caught_by)


def _habit(habits: Habits, caught_by: str) -> Defect[Subject]:
    return Defect(partial(open_csr, Variant(habits=habits)), caught_by)


def _pruning(pruning: Pruning, caught_by: str) -> Defect[Subject]:
    return Defect(partial(open_csr, Variant(pruning=pruning)), caught_by)


DEFECTS: Mapping[str, Defect[Subject]] = {
    "the query is found": _walking(QueryIsFound, "the_query_is_not_found_and_what_is_unknown_is_passed_over"),
    "weighs all alike": _walking(WeighsAllAlike, "what_weighs_more_leads_further"),
    "not boosted": _habit(Habits(boosted=False), "what_is_met_from_several_counts_for_more"),
    "one step and home": _habit(Habits(restart=0.999_999), "a_walk_finds_what_boards_lead_to_and_nothing_else"),
    "one seed for all": _walking(OneSeedForAll, "the_same_seed_finds_the_same"),
    "another seed each time": _walking(AnotherSeedEachTime, "the_same_seed_finds_the_same"),
    "one reason": _walking(OneReason, "every_find_tells_what_led_there_the_most_first"),
    "twice the steps": _walking(TwiceTheSteps, "a_walk_takes_the_steps_it_is_given_and_no_more"),
    "bias ignored": _walking(BiasIgnored, "what_fits_a_bias_comes_more_often_and_the_rest_still_comes"),
    "shunned ignored": _walking(ShunnedIgnored, "what_fits_a_bias_comes_more_often_and_the_rest_still_comes"),
    "no second look": _habit(Habits(second_looks=0), "what_fits_a_bias_comes_more_often_and_the_rest_still_comes"),
    "own edges stay": _walking(OwnEdgesStay, "ones_own_edges_lead_ones_own_walk_alone"),
    "own edges ignored": _walking(OwnEdgesIgnored, "ones_own_edges_lead_ones_own_walk_alone"),
    "looks once": _walking(LooksOnce, "an_edge_that_is_gone_is_never_walked_again"),
    "popular for ever": _walking(PopularForEver, "the_most_saved_since_a_day_are_popular"),
    "nothing is taken off": _writing(NothingIsTakenOff, "an_edge_that_is_gone_is_never_walked_again"),
    "nothing is dropped": _writing(NothingIsDropped, "dropping_takes_all_of_a_board_and_no_other"),
    "dropped for ever": _writing(DroppedForEver, "dropping_takes_all_of_a_board_and_no_other"),
    "first word holds": _writing(FirstWordHolds, "in_one_call_the_last_word_holds"),
    "one by one": _writing(OneByOne, "a_call_is_made_whole_or_not_at_all"),
    "never described": _writing(NeverDescribed, "a_description_may_come_first_and_holds_until_the_next"),
    "applied goes back": _walking(LatestOffsetsHold, "applied_offsets_only_rise"),
    "applied not kept": _writing(AppliedNotKept, "everything_outlives_the_process"),
    "deaf meanwhile": _writing(DeafMeanwhile, "changes_go_on_while_a_snapshot_is_made"),
    "compaction clears": _writing(CompactionClears, "compaction_changes_nothing_that_is_found"),
    "pruned by compaction": _pruning(
        replace(UNPRUNED, exponent=0.0, degree_min=1), "compaction_changes_nothing_that_is_found"
    ),
    "clear keeps offsets": _writing(ClearKeepsOffsets, "clearing_forgets_everything"),
    "begins anew": _writing(BeginsAnew, "everything_outlives_the_process"),
}
