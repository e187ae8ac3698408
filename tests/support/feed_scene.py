"""A small scene: somebody who saves and somebody who reads, and every change that there is between the two by name."""

from collections.abc import Awaitable, Callable
from typing import Final

from bowerbird.base.ids import Id
from tests.support.feed_game import Game
from tests.support.feed_model import BoardNote
from tests.support.house import by

WRITER: Final = 0
READER: Final = 1
OPEN: Final = 0
CLOSED: Final = 1

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
        for number in (OPEN, CLOSED):
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

    async def carry(self, source: int, target: int) -> None:
        """Move the writer's oldest pin from a board to another."""
        note = next(
            (n for n in self.town.pins.values() if n.board == self.board(source) and n.saver == self.writer), None
        )
        if note is not None:
            [pin] = [id_ for id_, one in self.town.pins.items() if one is note]
            boards = self.house.services.boards
            moves = await self._result(boards.move_pins(by(self.writer), [pin], self.board(target), copy=False))
            if moves and moves[0].now:
                note.board = self.board(target)


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
