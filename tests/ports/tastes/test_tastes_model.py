"""Random calls do to the engine what they do to two dictionaries: all that can be read is the same."""

import tempfile
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bowerbird.base.ids import Id
from bowerbird.ports.tastes import Mark, Save, Sight
from tests.ports.tastes.scene import board, newest_first, person, pin, thing
from tests.ports.tastes.subject import Subject, Variant, open_here
from tests.support.records_subject import Inline

# Few of everything, so that calls meet each other.
PINS = [pin(number) for number in range(6)]
THINGS = [thing(number) for number in range(4)]
PEOPLE = [person(number) for number in range(3)]
BOARDS = [board(number) for number in range(2)]
TIMES = st.integers(0, 7)
MARKS = st.none() | st.builds(Mark, TIMES, st.sampled_from(PINS))

FEW_SIGHTS = Variant(executor=Inline, sights_kept=1, sights_over=1)
VARIANTS = {"sqlite": Variant(), "sqlite-few-sights": FEW_SIGHTS}


@dataclass(frozen=True)
class Put:
    saves: list[Save]
    gone: list[Id]


@dataclass(frozen=True)
class Publish:
    board: Id
    public: bool


@dataclass(frozen=True)
class Saw:
    sights: list[Sight]


@dataclass(frozen=True)
class Forget:
    person: Id


Call = Put | Publish | Saw | Forget | None


@dataclass
class Viewer:
    """Of each thing how often it was shown and when last; what is as old as `floor_at` is forgotten."""

    shown: dict[Id, tuple[int, int]] = field(default_factory=dict[Id, tuple[int, int]])
    floor_at: int = -1

    def see(self, seen: Id, at: int) -> None:
        times, last = self.shown.get(seen, (0, self.floor_at))
        if at > last:
            self.shown[seen] = (times + 1, at)

    def settle(self, kept: int, over: int) -> None:
        if len(self.shown) > kept + over:
            oldest = sorted((last, seen) for seen, (_, last) in self.shown.items())[:-kept]
            for self.floor_at, seen in oldest:
                del self.shown[seen]


@dataclass
class Model:
    variant: Variant
    pins: dict[Id, Save] = field(default_factory=dict[Id, Save])
    viewers: dict[Id, Viewer] = field(default_factory=dict[Id, Viewer])

    def put(self, call: Put) -> None:
        self.pins |= {save.pin: save for save in call.saves}
        for one in call.gone:
            self.pins.pop(one, None)

    def publish(self, call: Publish) -> None:
        turned = [replace(save, public=call.public) for save in self.pins.values() if save.board == call.board]
        self.pins |= {save.pin: save for save in turned}

    def saw(self, call: Saw) -> None:
        for sight in call.sights:
            self.viewers.setdefault(sight.person, Viewer()).see(sight.thing, sight.at)
        for viewer in self.viewers.values():
            viewer.settle(self.variant.sights_kept, self.variant.sights_over)

    def forget(self, call: Forget) -> None:
        self.pins = {one: save for one, save in self.pins.items() if save.person != call.person}
        self.viewers.pop(call.person, None)

    def shown(self, one: Id) -> list[int]:
        known = self.viewers.get(one, Viewer()).shown
        return [known.get(seen, (0, 0))[0] for seen in THINGS]


saves = st.builds(
    Save,
    st.sampled_from(PINS),
    st.sampled_from(THINGS),
    st.none() | st.sampled_from(PEOPLE),
    st.sampled_from(BOARDS),
    TIMES,
    st.booleans(),
)
sights = st.builds(Sight, st.sampled_from(PEOPLE[:2]), st.sampled_from(THINGS), TIMES)
puts = st.builds(Put, st.lists(saves, max_size=6), st.lists(st.sampled_from(PINS), max_size=2))
publishes = st.builds(Publish, st.sampled_from(BOARDS), st.booleans())
seen = st.builds(Saw, st.lists(sights, max_size=10))
forgets = st.builds(Forget, st.sampled_from(PEOPLE))
programs: st.SearchStrategy[list[Call]] = st.lists(puts | puts | publishes | seen | forgets | st.none(), max_size=25)


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
@given(program=programs, before=MARKS, limit=st.integers(1, 4))
@settings(max_examples=80)
async def test_calls_do_what_they_do_to_dictionaries(
    variant: Variant, program: list[Call], before: Mark | None, limit: int
) -> None:
    model = Model(variant)
    with tempfile.TemporaryDirectory() as folder:
        async with partial(open_here, variant)(Path(folder)) as subject:
            for call in program:
                await do(subject, model, call)
                await same_saves(subject, model)
                await same_pages(subject, model, before, limit)
                assert [await subject.beside.shown(one, THINGS) for one in PEOPLE] == list(map(model.shown, PEOPLE))
            subject.audit()


async def do(subject: Subject, model: Model, call: Call) -> None:
    """Do a call to both; None opens the engine again."""
    match call:
        case Put():
            await subject.tastes.put(call.saves, call.gone)
            model.put(call)
        case Publish():
            await subject.tastes.publish(call.board, public=call.public)
            model.publish(call)
        case Saw():
            await subject.tastes.saw(call.sights)
            model.saw(call)
        case Forget():
            await subject.tastes.forget(call.person)
            model.forget(call)
        case None:
            await subject.reopen()


async def same_saves(subject: Subject, model: Model) -> None:
    """Assert that what is asked by pin and by thing is the same."""
    there = list(model.pins.values())
    assert await subject.beside.saves(PINS) == [model.pins.get(one) for one in PINS]
    public = [[save for save in there if save.thing == one and save.public] for one in THINGS]
    for each_max in (1, 20):
        assert await subject.beside.holding(THINGS, each_max) == [newest_first(some)[:each_max] for some in public]
    for one in PEOPLE:
        kept = {save.thing for save in there if save.person == one}
        assert await subject.beside.kept(one, THINGS) == [thing in kept for thing in THINGS]
    for one in BOARDS:
        things = [save.thing for save in there if save.board == one]
        assert await subject.beside.on_board(one, THINGS) == list(map(things.count, THINGS))


async def same_pages(subject: Subject, model: Model, before: Mark | None, limit: int) -> None:
    """Assert that pages are the same."""
    there = newest_first(model.pins.values())
    older = [save for save in there if before is None or (save.at, save.pin) < (before.at, before.pin)]
    for one in PEOPLE:
        of_person = [save for save in older if save.person == one]
        assert await subject.beside.of_person(one, before, limit) == of_person[:limit]
    for one in BOARDS:
        of_board = [save for save in older if save.board == one]
        assert await subject.beside.of_board(one, before, limit) == of_board[:limit]
