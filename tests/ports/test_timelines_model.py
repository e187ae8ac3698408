"""Random calls do to every engine what they do to sorted lists: same pages, same merges, same floors."""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bowerbird.base.ids import Id
from bowerbird.ports.timelines import Entry, Mark, Placed, Slice
from tests.ports.suite import Opener
from tests.support.timelines_entries import mark, newest_first, some_id
from tests.support.views_subject import SQLITE, Subject

# Few of everything, so that calls meet each other.
KINDS = ("home", "posts")
OWNERS = [some_id(number) for number in range(3)]
PEOPLE = [some_id(number) for number in range(10, 12)]
PINS = [some_id(number) for number in range(20, 29)]
TIMES = st.integers(0, 7)
MARKS = st.none() | st.builds(Mark, TIMES, st.sampled_from(PINS))

Name = tuple[str, Id]
Calls = list["Add | Keep | Remove | Drop | None"]


@dataclass(frozen=True)
class Add:
    placed: list[Placed]
    cap: int | None
    only_open: bool = False


@dataclass(frozen=True)
class Keep:
    """Open a timeline (at 0), or keep it."""

    kind: str
    owner: Id
    at: int


@dataclass(frozen=True)
class Remove:
    kind: str
    owners: list[Id]
    pins: list[Id]


@dataclass(frozen=True)
class Drop:
    kind: str
    owner: Id
    author: Id | None
    board: Id | None


@dataclass
class Line:
    """A timeline: its entry for each pin, and its floor."""

    entries: dict[Id, Entry] = field(default_factory=dict[Id, Entry])
    floor: Mark | None = None
    kept: int | None = None

    @property
    def is_there(self) -> bool:
        return bool(self.entries) or self.floor is not None or self.kept is not None

    def settle(self, cap: int | None) -> None:
        ordered = newest_first(one for one in self.entries.values() if self.floor is None or mark(one) > self.floor)
        if cap is not None and len(ordered) > cap:
            self.floor = mark(ordered[cap])
            del ordered[cap:]
        self.entries = {one.pin: one for one in ordered}


@dataclass
class Model:
    lines: dict[Name, Line] = field(default_factory=dict[Name, Line])

    def line(self, kind: str, owner: Id) -> Line:
        return self.lines.setdefault((kind, owner), Line())

    def add(self, call: Add) -> None:
        placed = [one for one in call.placed if not call.only_open or self.line(one.kind, one.owner).is_there]
        for one in placed:
            self.line(one.kind, one.owner).entries[one.entry.pin] = one.entry
        for name in {(one.kind, one.owner) for one in placed}:
            self.lines[name].settle(call.cap)

    def keep(self, call: Keep) -> None:
        line = self.line(call.kind, call.owner)
        if call.at == 0 or line.kept is not None:
            line.kept = max(call.at, line.kept or 0)

    def remove(self, call: Remove) -> None:
        for owner in call.owners:
            for pin in call.pins:
                self.line(call.kind, owner).entries.pop(pin, None)

    def drop(self, call: Drop) -> None:
        line = self.line(call.kind, call.owner)
        if call.author is None and call.board is None:
            self.lines[call.kind, call.owner] = Line()
        line.entries = {
            pin: one
            for pin, one in line.entries.items()
            if not (call.author in {None, one.author} and call.board in {None, one.board})
        }

    def page(self, kind: str, owner: Id, before: Mark | None, limit: int) -> Slice:
        line = self.line(kind, owner)
        older = (one for one in line.entries.values() if before is None or mark(one) < before)
        return Slice(newest_first(older)[:limit], line.floor, len(line.entries), line.kept or None)

    def merged(self, kind: str, owners: list[Id], before: Mark | None, limit: int) -> list[Entry]:
        pages = [self.page(kind, owner, before, 1000).entries for owner in owners]
        newest = {one.pin: one for one in sorted(one for page in pages for one in page)}
        return newest_first(newest.values())[:limit]


entries = st.builds(Entry, TIMES, st.sampled_from(PINS), st.sampled_from(PEOPLE), st.sampled_from(PEOPLE))
placed = st.builds(Placed, st.sampled_from(KINDS), st.sampled_from(OWNERS), entries)
adds = st.builds(Add, st.lists(placed, max_size=8), st.sampled_from([None, 1, 3, 3, 5]), st.booleans())
keeps = st.builds(Keep, st.sampled_from(KINDS), st.sampled_from(OWNERS), st.integers(0, 3))
removes = st.builds(
    Remove,
    st.sampled_from(KINDS),
    st.lists(st.sampled_from(OWNERS), max_size=3),
    st.lists(st.sampled_from(PINS), max_size=4),
)
anybody = st.none() | st.sampled_from(PEOPLE)
drops = st.builds(Drop, st.sampled_from(KINDS), st.sampled_from(OWNERS), anybody, anybody)
programs: st.SearchStrategy[Calls] = st.lists(adds | adds | adds | keeps | removes | drops | st.none(), max_size=25)


@pytest.mark.parametrize("opener", SQLITE.values(), ids=SQLITE)
@given(program=programs, before=MARKS, limit=st.integers(1, 10))
@settings(max_examples=80)
async def test_calls_do_what_they_do_to_lists(
    opener: Opener[Subject], program: Calls, before: Mark | None, limit: int
) -> None:
    model = Model()
    with tempfile.TemporaryDirectory() as folder:
        async with opener(Path(folder)) as subject:
            for call in program:
                await do(subject, model, call)
                await same_pages(subject, model, before, limit)
            subject.audit()


async def do(subject: Subject, model: Model, call: Add | Keep | Remove | Drop | None) -> None:
    """Do a call to both; None opens the engine again."""
    match call:
        case Add():
            await subject.timelines.add(call.placed, call.cap, only_open=call.only_open)
            model.add(call)
        case Keep():
            if call.at:
                await subject.timelines.keep(call.kind, call.owner, call.at)
            else:
                await subject.timelines.open(call.kind, call.owner)
            model.keep(call)
        case Remove():
            await subject.timelines.remove(call.kind, call.owners, call.pins)
            model.remove(call)
        case Drop():
            await subject.timelines.drop(call.kind, call.owner, author=call.author, board=call.board)
            model.drop(call)
        case None:
            await subject.reopen()


async def same_pages(subject: Subject, model: Model, before: Mark | None, limit: int) -> None:
    """Assert that all that can be read is the same."""
    for kind in KINDS:
        for owner in OWNERS:
            assert await subject.timelines.page(kind, owner, None, 1000) == model.page(kind, owner, None, 1000)
            assert await subject.timelines.page(kind, owner, before, limit) == model.page(kind, owner, before, limit)
        found = await subject.timelines.merged(kind, OWNERS, before, limit)
        assert found == model.merged(kind, OWNERS, before, limit)
