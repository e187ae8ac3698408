"""Whatever people do in whatever order: everybody sees what the model says, no more and no less, after every step."""

import asyncio
from collections.abc import Awaitable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import BoardChange, NewPin
from bowerbird.contracts.problems import Problem
from tests.support.boards_house import House, as_, open_house
from tests.support.boards_model import OK, BoardNote, Model, PinNote

Result = TypeVar("Result")

KINDS = (
    "create",
    "publish",
    "privatise",
    "delete_board",
    "restore_board",
    "share",
    "unshare",
    "block",
    "unblock",
    "save",
    "save",
    "delete_pin",
    "restore_pin",
    "move",
    "copy",
    "replay",
)
Step = tuple[str, int, int, int, int]
STEPS = st.lists(
    st.tuples(st.sampled_from(KINDS), *[st.integers(0, 11)] * 4),  # what, who, and three things to choose by
    min_size=5,
    max_size=40,
)
PEOPLE = 3


@settings(max_examples=60)
@given(steps=STEPS)
def test_everybody_sees_what_they_may(steps: list[Step]) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(_play(Path(folder), steps))


async def _play(folder: Path, steps: list[Step]) -> None:
    async with open_house(folder) as house:
        game = Game(house, [await house.person() for _ in range(PEOPLE)])
        for person in game.people:
            await game.step(("create", game.people.index(person), person[-1], 0, 0))
        for step in steps:
            await game.step(step)
            await game.compare()


async def _problem(attempt: Awaitable[Result]) -> tuple[Result | None, str]:
    try:
        return await attempt, OK
    except Problem as problem:
        return None, problem.code


class Game:
    """A house, the model of it, and steps that are taken in both."""

    def __init__(self, house: House, people: list[Id]) -> None:
        self.house = house
        self.people = people
        self.model = Model()

    async def step(self, step: Step) -> None:
        """Take a step, and find the same problem in both, or none."""
        kind, who, first, second, third = step
        person = self.people[who % PEOPLE]
        await getattr(self, kind)(person, first, second, third)

    async def create(self, person: Id, first: int, _second: int, _third: int) -> None:
        visibility = ("public", "private")[first % 2]
        board = await self.house.boards.create(as_(person), "Bread", "", visibility)
        self.model.boards[board.id] = BoardNote(person, public=visibility == "public")

    async def publish(self, person: Id, first: int, _second: int, _third: int) -> None:
        await self._show(person, self._board(first), public=True)

    async def privatise(self, person: Id, first: int, _second: int, _third: int) -> None:
        await self._show(person, self._board(first), public=False)

    async def _show(self, person: Id, board: Id, *, public: bool) -> None:
        change = BoardChange(visibility="public" if public else "private")
        _, problem = await _problem(self.house.boards.change(as_(person), board, change))
        assert problem == self.model.owner_only(person, board)
        if not problem:
            self.model.boards[board].public = public

    async def delete_board(self, person: Id, first: int, _second: int, _third: int) -> None:
        board = self._board(first)
        note = self.model.boards[board]
        expected = OK if note.owner == person else self.model.owner_only(person, board)
        _, problem = await _problem(self.house.boards.delete(as_(person), board))
        assert problem == expected
        if not problem:
            note.trashed = True

    async def restore_board(self, person: Id, first: int, _second: int, _third: int) -> None:
        board = self._board(first)
        note = self.model.boards[board]
        expected = OK if note.owner == person else self.model.owner_only(person, board)
        _, problem = await _problem(self.house.boards.restore(as_(person), board))
        assert problem == expected
        if not problem:
            note.trashed = False

    async def share(self, person: Id, first: int, second: int, third: int) -> None:
        board, guest, role = self._board(first), self.people[second % PEOPLE], ("viewer", "editor")[third % 2]
        expected = self.model.owner_only(person, board)
        if not expected and guest == person:
            expected = "invalid"
        elif not expected and self.model.blocked(person, guest):
            expected = "not-found"
        _, problem = await _problem(self.house.boards.share(as_(person), board, guest, role))
        assert problem == expected
        if not problem:
            self.model.roles[board, guest] = role

    async def unshare(self, person: Id, first: int, second: int, _third: int) -> None:
        board, guest = self._board(first), self.people[second % PEOPLE]
        _, problem = await _problem(self.house.boards.unshare(as_(person), board, guest))
        had = (board, guest) in self.model.roles
        if guest != person and self.model.rights(person, board) != "owner":
            assert problem == self.model.owner_only(person, board)
        elif had:
            assert problem == OK
        else:
            assert problem in {OK, "not-found"}, "never a member, or no longer"
        if not problem:
            self.model.roles.pop((board, guest), None)

    async def block(self, person: Id, first: int, _second: int, _third: int) -> None:
        other = self.people[first % PEOPLE]
        if other != person:
            await self.house.graph.block(as_(person), other)
            self.model.block(person, other)
            await self.house.settle(Random(first))

    async def unblock(self, person: Id, first: int, _second: int, _third: int) -> None:
        other = self.people[first % PEOPLE]
        await self.house.graph.unblock(as_(person), other)
        self.model.blocks.discard((person, other))

    async def save(self, person: Id, first: int, second: int, _third: int) -> None:
        board, link = self._board(first), second % 4
        new = NewPin(url=f"https://example.org/{link}")
        present = self.model.holding(board, link)
        expected = self.model.editor_only(person, board)
        if not expected and present is not None and not self.model.sees(person, present):
            expected = "exists"
        saved, problem = await _problem(self.house.boards.save_pin(as_(person), board, new))
        assert problem == expected
        if saved is None:
            return
        assert saved.created == (present is None)
        assert present in {None, saved.pin.id}
        if saved.created:
            self.model.pins[saved.pin.id] = PinNote(board, person, link)

    async def delete_pin(self, person: Id, first: int, _second: int, _third: int) -> None:
        asked, pin = self._pin(first)
        if asked is None or pin is None:
            return
        _, problem = await _problem(self.house.boards.delete_pin(as_(person), asked))
        assert problem == self._cannot_throw(person, pin)
        if not problem:
            self.model.pins[pin].trashed = True

    async def restore_pin(self, person: Id, first: int, _second: int, _third: int) -> None:
        asked, pin = self._pin(first)
        if asked is None or pin is None:
            return
        _, problem = await _problem(self.house.boards.restore_pin(as_(person), asked))
        note = self.model.pins[pin]
        expected = self._cannot_throw(person, pin)
        if not expected and note.trashed and self.model.holding(note.board, note.link) is not None:
            expected = "exists"
        assert problem == expected
        if not problem:
            note.trashed = False

    def _cannot_throw(self, person: Id, pin: Id) -> str:
        note = self.model.pins[pin]
        expected = self.model.editor_only(person, note.board) if self.model.reaches(person, pin) else "not-found"
        return "not-found" if expected and note.trashed else expected

    async def move(self, person: Id, first: int, second: int, _third: int) -> None:
        asked, pin = self._pin(first)
        board = self._board(second)
        if asked is None or pin is None:
            return
        moved, problem = await _problem(self.house.boards.move_pins(as_(person), [asked], board, copy=False))
        assert problem == self.model.editor_only(person, board)
        if moved is None:
            return
        note = self.model.pins[pin]
        assert moved[0].problem == self._cannot_move(person, pin, board)
        if moved[0].now is None or note.board == board:
            return
        if moved[0].now != pin:
            self.model.forwards[pin] = moved[0].now
            self.model.pins[moved[0].now] = self.model.pins.pop(pin)
        note.board = board

    def _cannot_move(self, person: Id, pin: Id, board: Id) -> str:
        note = self.model.pins[pin]
        if not self.model.sees(person, pin):
            return "not-found"
        expected = self.model.editor_only(person, note.board)
        if not expected and note.board != board and self.model.holding(board, note.link) is not None:
            return "exists"
        return expected

    async def copy(self, person: Id, first: int, second: int, _third: int) -> None:
        asked, pin = self._pin(first)
        board = self._board(second)
        if asked is None or pin is None:
            return
        copied, problem = await _problem(self.house.boards.move_pins(as_(person), [asked], board, copy=True))
        assert problem == self.model.editor_only(person, board)
        if copied is None:
            return
        note = self.model.pins[pin]
        expected = "exists" if self.model.holding(board, note.link) is not None else OK
        assert copied[0].problem == (expected if self.model.sees(person, pin) else "not-found")
        if copied[0].now is not None:
            self.model.pins[copied[0].now] = PinNote(board, person, note.link)

    async def replay(self, _person: Id, first: int, _second: int, _third: int) -> None:
        """Hear all that was ever said again, in no order: nothing changes."""
        chance = Random(first)
        await self.house.settle(chance)
        events = chance.sample(self.house.heard, len(self.house.heard))
        await self.house.tell(self.house.consumer.handlers(), events)
        await self.house.settle(chance)

    async def compare(self) -> None:
        """Find that everybody sees what the model says."""
        boards, pins = list(self.model.boards), list(self.model.pins)
        for viewer in (*self.people, None):
            seen = await self.house.boards.access(as_(viewer), boards)
            assert [one and one.rights for one in seen] == [self.model.rights(viewer, board) for board in boards]
            shown = await self.house.boards.pins(as_(viewer), pins)
            assert [one is not None for one in shown] == [self.model.sees(viewer, pin) for pin in pins]
            assert await self.house.boards.pins(as_(viewer), list(self.model.forwards)) == [None] * len(
                self.model.forwards
            )
            await self._compare_lists(viewer)
        rows = await self.house.boards.access(as_(None), boards)
        for one in rows:
            assert one is None or one.board.pins == len(self.model.live(one.board.id))

    async def _compare_lists(self, viewer: Id | None) -> None:
        for owner in self.people:
            page = await self.house.boards.of_person(as_(viewer), owner, None, 100)
            assert {one.board.id for one in page.items} == {
                board
                for board, note in self.model.boards.items()
                if note.owner == owner and self.model.rights(viewer, board)
            }
        for board in self.model.boards:
            if self.model.rights(viewer, board):
                page = await self.house.boards.board_pins(as_(viewer), board, None, 100)
                assert {pin.id for pin in page.items} == {
                    pin for pin in self.model.live(board) if self.model.sees(viewer, pin)
                }
        if viewer is not None:
            shared = await self.house.boards.shared_with_me(as_(viewer), None, 100)
            assert {(one.board.id, one.rights) for one in shared.items} == {
                (board, role)
                for (board, person), role in self.model.roles.items()
                if person == viewer and self.model.rights(viewer, board)
            }

    def _board(self, number: int) -> Id:
        return list(self.model.boards)[number % len(self.model.boards)]

    def _pin(self, number: int) -> tuple[Id | None, Id | None]:
        """Return an id that a pin has or had, and the one that it has."""
        known = [*self.model.pins, *self.model.forwards]
        if not known:
            return None, None
        asked = known[number % len(known)]
        return asked, self.model.now(asked)
