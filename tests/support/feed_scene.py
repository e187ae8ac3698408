"""A small scene: somebody who saves and somebody who reads, and every change that there is between the two by name."""

from collections.abc import Awaitable, Callable
from typing import Final

from typing_extensions import override

from bowerbird.base.ids import Id
from tests.support.feed_game import Game
from tests.support.feed_model import BoardNote
from tests.support.house import by

WRITER: Final = 0
READER: Final = 1
OPEN: Final = 0
CLOSED: Final = 1
FEW: Final = 2

Act = Callable[["Scene"], Awaitable[None]]


class Scene(Game):
    """The writer has a public board (OPEN), a private one (CLOSED), and pins on both; the reader follows the writer.

    The private board is shared with the reader, who saved to it too.
    """

    @property
    def writer(self) -> Id:
        """Return who saves."""
        return self.town.people[WRITER]

    @property
    def reader_(self) -> Id:
        """Return who reads."""
        return self.town.people[READER]

    async def set(self) -> None:
        """Bring the scene about, all of it handled, by the same people as before if it was played before."""
        while len(self.town.people) <= READER:
            await self.move_in()
        for number in (OPEN, CLOSED):
            await self.create(self.writer, number, 0)
        await self.follow(self.reader_, 0, 0)
        await self.share(self.writer, CLOSED, 1)
        for board in (OPEN, CLOSED, OPEN, CLOSED):
            await self.save(self.writer, board, 0)
        await self.save(self.reader_, 0, 0)
        await self.reader.page(self.reader_, 1)  # whoever was never here is not pushed to
        await self.office.settle()

    async def strike(self) -> None:
        """Take everything off the stage but the people."""
        for number in range(len(self.town.boards)):
            await self.trash(number)
        await self.office.settle()
        await self.check_equal()
        self.town.boards.clear()
        self.town.pins.clear()
        self.town.roles.clear()

    def board(self, number: int) -> Id:
        """Return the public board, or the private one, as they were at first."""
        return list(self.town.boards)[number]

    def note(self, number: int) -> BoardNote:
        """Return what the model knows of a board."""
        return self.town.boards[self.board(number)]

    async def show(self, number: int, *, public: bool) -> None:
        """Make a board public or private."""
        await self._turn(self.board(number), public=public)

    async def trash(self, number: int) -> None:
        """Delete a board."""
        await self.house.services.boards.delete(by(self.writer), self.board(number))
        self.note(number).trashed = True

    async def bring_back(self, number: int) -> None:
        """Restore a board."""
        await self.house.services.boards.restore(by(self.writer), self.board(number))
        self.note(number).trashed = False

    async def carry(self, source: int, target: int, which: int = 0) -> None:
        """Move one of the writer's pins, the oldest unless another is named, from a board to another."""
        notes = self.town.pins.items()
        pins = [id_ for id_, one in notes if one.board == self.board(source) and one.saver == self.writer]
        if pins:
            boards = self.house.services.boards
            moves = await self._result(boards.move_pins(by(self.writer), [pins[which]], self.board(target), copy=False))
            if moves and moves[0].now:
                self.town.pins[pins[which]].board = self.board(target)


class Piles(Scene):
    """With `MOST` pins of a burst alone: the writer's public and private board hold one more, a third one (FEW) fewer.

    What moves from there comes behind the first that was too many.
    """

    MOST: Final = 2

    @override
    async def set(self) -> None:
        """Bring the scene about, all of it handled."""
        self.town.burst_pins_max = self.MOST
        while len(self.town.people) <= READER:
            await self.move_in()
        for number in (OPEN, CLOSED, OPEN):
            await self.create(self.writer, number, 0)
        await self.follow(self.reader_, 0, 0)
        await self.share(self.writer, CLOSED, 0)
        for board in (OPEN, CLOSED) * (self.MOST + 1) + (FEW,) * self.MOST:
            await self.save(self.writer, board, 0)
        await self.reader.page(self.reader_, 1)
        await self.office.settle()

    async def thin(self) -> None:
        """Delete two pins of the public board."""
        for _ in range(2):
            await self.delete_pin(self.writer, 0, 0)


ACTS: Final[dict[str, Act]] = {
    "publish": lambda scene: scene.show(CLOSED, public=True),
    "privatise": lambda scene: scene.show(OPEN, public=False),
    "publish again": lambda scene: scene.show(OPEN, public=True),
    "trash the public board": lambda scene: scene.trash(OPEN),
    "trash the private board": lambda scene: scene.trash(CLOSED),
    "restore the public board": lambda scene: scene.bring_back(OPEN),
    "restore the private board": lambda scene: scene.bring_back(CLOSED),
    "share the public board": lambda scene: scene.share(scene.writer, OPEN, 0),
    "unshare": lambda scene: scene.unshare(scene.reader_, 0, 0),
    "share again": lambda scene: scene.share(scene.writer, CLOSED, 0),
    "follow": lambda scene: scene.follow(scene.reader_, 0, 0),
    "unfollow": lambda scene: scene.unfollow(scene.reader_, 0, 0),
    "move out": lambda scene: scene.carry(CLOSED, OPEN),
    "move in": lambda scene: scene.carry(OPEN, CLOSED),
    "save": lambda scene: scene.save(scene.writer, OPEN, 0),
    "save in private": lambda scene: scene.save(scene.writer, CLOSED, 0),
    "delete": lambda scene: scene.delete_pin(scene.writer, 0, 0),
    "restore": lambda scene: scene.restore_pin(scene.writer, 0, 0),
}

NEEDS: Final = {
    "publish again": "privatise",
    "restore the public board": "trash the public board",
    "restore the private board": "trash the private board",
    "share again": "unshare",
    "follow": "unfollow",
    "restore": "delete",
}
"""What must have been done for an act to mean anything."""

PILES: Final[dict[str, Callable[[Piles], Awaitable[None]]]] = {
    "save": lambda scene: scene.save(scene.writer, FEW, 0),
    "move to the pile": lambda scene: scene.carry(FEW, OPEN, -1),
    "move to the private pile": lambda scene: scene.carry(FEW, CLOSED, -1),
    "move from the pile": lambda scene: scene.carry(OPEN, FEW),
    "thin the pile": lambda scene: scene.thin(),
    "privatise the pile": lambda scene: scene.show(OPEN, public=False),
    "publish the private pile": lambda scene: scene.show(CLOSED, public=True),
}
