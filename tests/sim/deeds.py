"""What people do to boards and to each other, by the names that scripts use; `first` and `second` pick to what.

A deed that is refused without any cause is a fault of the product.
"""

from random import Random
from typing import Any, Final

from tests.sim.crowd import Crowd, Outcome, Request, Wrong, outcome, writing
from tests.sim.door import Answer
from tests.sim.model import OWNER, Board, Person
from tests.sim.registers import Register
from tests.support.house import PASSWORD

_STAY: Final = 2
"""Of so many people nobody leaves."""


class Deeds:
    """What every kind of deed needs: somebody, something to do it to, and whether a refusal was justified."""

    def __init__(self, crowd: Crowd) -> None:
        self.crowd = crowd
        self.model = crowd.model
        self._made = 0

    def next(self) -> int:
        """Return a number for a name that nothing else has."""
        self._made += 1
        return self._made

    def own(self, person: Person, number: int, *, trashed: bool = False) -> Board | None:
        """Return one of somebody's boards, of those that may be there, or in the trash."""
        now = self.crowd.now()
        own = [b for b in self.model.boards if b.owner is person and b.id and trashed in now.of(b.trashed)]
        return own[number % len(own)] if own else None

    def other(self, person: Person, number: int) -> Person:
        """Return somebody else."""
        others = [one for one in self.model.living(self.crowd.now()) if one is not person]
        return others[number % len(others)]

    def must(self, answer: Answer | None, demanded: bool, what: str) -> None:
        """Find that what had to be done was done, if it was answered. Wrong."""
        if demanded and answer is not None and answer.status >= 400 and answer.status != 429:
            raise Wrong("refused", f"{what}: {answer.status} {answer.body.decode()}")

    def must_not(self, answer: Answer | None, forbidden: bool, what: str) -> None:
        """Find that what was forbidden was not done. Wrong."""
        if forbidden and answer is not None and answer.status < 400:
            raise Wrong("allowed", f"{what}: {answer.status} {answer.body.decode()}")


class BoardDeeds(Deeds):
    """Deeds on boards, and between people."""

    async def create(self, chance: Random, person: Person, first: int, _second: int) -> None:
        """Make a board."""
        public = first % 3 != 0
        board = Board(f"board {self.next()}", person, Register(value=False), Register(public))
        self.model.boards.append(board)
        body = {"name": board.name, "visibility": "public" if public else "private"}

        def judge(answer: Answer) -> Outcome:
            self.must(answer, demanded=answer.status != 503, what="create")
            if answer.status < 400:
                self.crowd.board_shown(answer.json())
            return outcome(answer)

        await self.crowd.make(chance, person, ("POST", "/v1/boards", body), self.crowd.making(board.made), judge)

    async def publish(self, chance: Random, person: Person, first: int, _second: int) -> None:
        """Let everybody see a board."""
        await self._show(chance, person, first, public=True)

    async def privatise(self, chance: Random, person: Person, first: int, _second: int) -> None:
        """Let nobody else see a board."""
        await self._show(chance, person, first, public=False)

    async def _show(self, chance: Random, person: Person, first: int, *, public: bool) -> None:
        board = self.own(person, first)
        if board is not None:
            body = {"visibility": "public" if public else "private"}
            await self._change(chance, board, ("PATCH", f"/v1/boards/{board.id}", body), board.public, public)

    async def describe(self, chance: Random, person: Person, first: int, second: int) -> None:
        """Describe a board, sometimes only if it is still as it was seen."""
        board = self.own(person, first)
        if board is None:
            return
        text = f"text {self.next()}"
        request: Request = ("PATCH", f"/v1/boards/{board.id}", {"description": text})
        if second % 2:
            await self._change(chance, board, request, board.about, text)
            return
        seen = await self.crowd.read(person, f"/v1/boards/{board.id}")
        if seen is not None and seen[0].status == 200:
            headers = [(b"if-match", seen[0].headers["etag"].encode())]
            await self.crowd.send(chance, person, request, writing((board.about, text)), headers)

    async def _change(
        self, chance: Random, board: Board, request: Request, register: Register[Any], value: object
    ) -> None:
        """Change a board as its owner, which only its being in the trash may forbid."""
        began_us = self.crowd.now_us
        answer = await self.crowd.send(chance, board.owner, request, writing((register, value)))
        rights = self.model.rights(board.owner, board, self.crowd.span(began_us))
        self.must(answer, rights == {OWNER}, f"{request[0]} {board.name} {request[2]}")

    async def delete_board(self, chance: Random, person: Person, first: int, _second: int) -> None:
        """Put a board into the trash."""
        board = self.own(person, first)
        if board is not None:
            await self._throw(chance, board, ("DELETE", f"/v1/boards/{board.id}", None), trashed=True)

    async def restore_board(self, chance: Random, person: Person, first: int, _second: int) -> None:
        """Take a board out of the trash."""
        board = self.own(person, first, trashed=True)
        if board is not None:
            await self._throw(chance, board, ("POST", f"/v1/boards/{board.id}/restore", None), trashed=False)

    async def _throw(self, chance: Random, board: Board, request: Request, *, trashed: bool) -> None:
        began_us = self.crowd.now_us
        answer = await self.crowd.send(chance, board.owner, request, writing((board.trashed, trashed)))
        made = self.crowd.span(began_us).of(board.made)
        self.must(answer, made == {True}, f"{request[0]} {board.name}")

    async def share(self, chance: Random, person: Person, first: int, second: int) -> None:
        """Give somebody a role on a board of one's own."""
        board, guest = self.own(person, first), self.other(person, second)
        role = ("viewer", "editor")[second // 7 % 2]
        if board is None:
            return
        began_us = self.crowd.now_us
        request = ("PUT", f"/v1/boards/{board.id}/shares/{guest.id}", {"role": role})
        answer = await self.crowd.send(chance, person, request, writing((board.role(guest), role)))
        span = self.crowd.span(began_us)
        apart = self.model.apart(person, guest, span)
        self.must(answer, apart == {False} and self.model.rights(person, board, span) == {OWNER}, "share")
        self.must_not(answer, apart == {True}, "share")

    async def unshare(self, chance: Random, person: Person, first: int, second: int) -> None:
        """Take a role away, as the board's owner or as who has it."""
        now = self.crowd.now()
        held = [
            (board, guest)
            for board in self.model.boards
            for guest in self.model.people
            if board.id and person in {board.owner, guest} and now.of(board.role(guest)) - {""}
        ]
        if held:
            board, guest = held[first % len(held)]
            actor = guest if second % 2 else board.owner
            request = ("DELETE", f"/v1/boards/{board.id}/shares/{guest.id}", None)
            await self.crowd.send(chance, actor, request, writing((board.role(guest), "")))

    async def follow(self, chance: Random, person: Person, first: int, _second: int) -> None:
        """Follow somebody."""
        other = self.other(person, first)
        began_us = self.crowd.now_us
        request = ("PUT", f"/v1/me/following/{other.id}", None)
        answer = await self.crowd.send(chance, person, request, writing((self.model.follows(person, other), True)))
        apart = self.model.apart(person, other, self.crowd.span(began_us))
        self.must(answer, apart == {False}, "follow")
        self.must_not(answer, apart == {True}, "follow")

    async def unfollow(self, chance: Random, person: Person, first: int, _second: int) -> None:
        """No longer follow somebody."""
        other = self.other(person, first)
        request = ("DELETE", f"/v1/me/following/{other.id}", None)
        answer = await self.crowd.send(chance, person, request, writing((self.model.follows(person, other), False)))
        self.must(answer, demanded=True, what="unfollow")

    async def block(self, chance: Random, person: Person, first: int, _second: int) -> None:
        """Block somebody: follows between the two end with it, shares some time later."""
        other = self.other(person, first)
        ends = [(self.model.follows(person, other), False), (self.model.follows(other, person), False)]
        shares = [(board.role(person), "") for board in self.model.boards if board.owner is other]
        shares += [(board.role(other), "") for board in self.model.boards if board.owner is person]
        writes = writing((self.model.blocks(person, other), True), *ends, lazy=shares)
        began_us = self.crowd.now_us
        answer = await self.crowd.send(chance, person, ("PUT", f"/v1/me/blocks/{other.id}", None), writes)
        self.must(answer, self.crowd.span(began_us).of(other.gone) == {False}, what="block")

    async def unblock(self, chance: Random, person: Person, first: int, _second: int) -> None:
        """Lift a block."""
        other = self.other(person, first)
        request = ("DELETE", f"/v1/me/blocks/{other.id}", None)
        answer = await self.crowd.send(chance, person, request, writing((self.model.blocks(person, other), False)))
        self.must(answer, demanded=True, what="unblock")

    async def leave(self, chance: Random, person: Person, first: int, _second: int) -> None:
        """Delete an account, seldom, and not the last ones; what is answered then is heard by nobody any more."""
        if first % 3 or len(self.model.living(self.crowd.now())) <= _STAY:
            return
        request = ("DELETE", "/v1/me", {"password": PASSWORD})
        ties = [(self.model.follows(person, other), False) for other in self.model.people]
        ties += [(self.model.follows(other, person), False) for other in self.model.people]
        await self.crowd.send(chance, person, request, writing((person.gone, True), lazy=ties))
