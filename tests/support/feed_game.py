"""A town that lives: people do things by chance, events arrive late and twice, and the model says what feeds hold."""

from collections.abc import Awaitable, Collection
from dataclasses import dataclass, field
from random import Random
from typing import Final, TypeVar

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import BoardChange, Moved, NewPin
from bowerbird.contracts.problems import Problem
from bowerbird.services.boards.store import PIN
from tests.support.feed_model import BoardNote, PinNote, Town
from tests.support.feed_reader import FeedReader
from tests.support.house import PASSWORD, House, by
from tests.support.post_office import PostOffice

Result = TypeVar("Result")

_WEIGHTS: Final = (
    {"save": 12, "save_link": 1, "delete_pin": 3, "restore_pin": 3, "move": 6, "copy": 1},
    {"follow": 5, "unfollow": 3, "block": 1, "unblock": 1, "share": 5, "unshare": 4},
    {"create": 1, "publish": 4, "privatise": 3, "delete_board": 2, "restore_board": 3, "leave": 1},
    {"deliver": 14, "turn": 3, "again": 3, "sweep": 1, "stay_away": 2},
)
STEPS: Final = tuple(kind for some in _WEIGHTS for kind, weight in some.items() for _ in range(weight))
AWAY_S: Final = 8 * 86_400
Step = tuple[str, int, int, int]


@dataclass
class Walk:
    """Somebody who reads page after page."""

    viewer: Id
    cursor: str = ""
    over: bool = False
    seen: list[tuple[int, Id]] = field(default_factory=list[tuple[int, Id]])


class Game:
    """A house, the model of it, and steps that are taken in both. `town` holds what was acknowledged.

    `served`: the groups that hear of what happens, all of them unless given.
    """

    def __init__(self, house: House, chance: Random, served: Collection[str] | None = None) -> None:
        self.house = house
        self.chance = chance
        self.town = Town()
        self.office = PostOffice(house, chance, served)
        self.reader = FeedReader(house)
        self.away = set[Id]()
        self._uploads: dict[Id, Id] = {}
        self._pages = 0

    async def open(self, people: int, boards: int) -> None:
        """Let people move in, each with some boards."""
        for _ in range(people):
            person = await self.move_in()
            for number in range(boards):
                await self.create(person, number, 0)
        for person in self.town.people:
            for other in range(people - 1):
                await self.follow(person, other, 0)
            await self.share(person, self.chance.randint(0, 11), self.chance.randint(0, 11))
            for _ in range(self.chance.randint(0, 8)):
                await self.save(person, self.chance.randint(0, 11), 0)

    async def move_in(self) -> Id:
        """Return somebody new, who has a picture to save."""
        person = await self.house.person()
        self.town.people.append(person)
        self._uploads[person] = await self.house.photo(person, person)
        return person

    async def go_on(self, other: "Game") -> None:
        """Go on in this house with the town of another one that held the same."""
        self.town, self.house.people = other.town, other.house.people
        self._uploads = {person: await self.house.photo(person, person) for person in self.town.people}

    async def step(self, step: Step) -> None:
        """Take a step; what nobody may do changes nothing."""
        kind, who, first, second = step
        person = self.town.people[who % len(self.town.people)]
        await getattr(self, kind)(person, first, second)

    async def create(self, person: Id, first: int, _second: int) -> None:
        visibility = ("public", "private")[first % 2]
        board = await self.house.services.boards.create(by(person), "Bread", "", visibility)
        self.town.boards[board.id] = BoardNote(person, public=visibility == "public")

    async def publish(self, person: Id, first: int, _second: int) -> None:
        await self._show(person, first, public=True)

    async def privatise(self, person: Id, first: int, _second: int) -> None:
        await self._show(person, first, public=False)

    async def _show(self, person: Id, first: int, *, public: bool) -> None:
        board = self._own_board(person, first)
        if board:
            await self._turn(board, public=public)

    async def _turn(self, board: Id, *, public: bool) -> None:
        person = self.town.boards[board].owner
        change = BoardChange(visibility="public" if public else "private")
        if await self._done(self.house.services.boards.change(by(person), board, change)):
            self.town.boards[board].public = public

    async def delete_board(self, person: Id, first: int, _second: int) -> None:
        board = self._own_board(person, first)
        if board:
            await self.house.services.boards.delete(by(person), board)
            self.town.boards[board].trashed = True

    async def restore_board(self, person: Id, first: int, _second: int) -> None:
        board = self._own_board(person, first, trashed=True)
        if board and await self._done(self.house.services.boards.restore(by(person), board)):
            self.town.boards[board].trashed = False

    async def share(self, person: Id, first: int, second: int) -> None:
        board, guest = self._own_board(person, first), self._other(person, second)
        role = ("viewer", "editor")[second % 2]
        if board and guest and await self._done(self.house.services.boards.share(by(person), board, guest, role)):
            self.town.roles[board, guest] = role

    async def unshare(self, person: Id, first: int, second: int) -> None:
        roles = sorted(self.town.roles)
        mine = [(board, guest) for board, guest in roles if person in {guest, self.town.boards[board].owner}]
        if mine:
            board, guest = mine[first % len(mine)]
            actor = guest if second % 2 else self.town.boards[board].owner
            if await self._done(self.house.services.boards.unshare(by(actor), board, guest)):
                self.town.roles.pop((board, guest), None)

    async def follow(self, person: Id, first: int, _second: int) -> None:
        other = self._other(person, first)
        if other and await self._done(self.house.services.graph.follow(by(person), other)):
            self.town.follows.add((person, other))

    async def unfollow(self, person: Id, first: int, _second: int) -> None:
        followed = sorted(two for one, two in self.town.follows if one == person)
        if followed:
            other = followed[first % len(followed)]
            await self.house.services.graph.unfollow(by(person), other)
            self.town.follows.discard((person, other))

    async def block(self, person: Id, first: int, _second: int) -> None:
        """Shares between the two end with the event, so it is handled before anybody goes on."""
        other = self._other(person, first)
        if other and await self._done(self.house.services.graph.block(by(person), other)):
            self.town.block(person, other)
            await self.check_nothing_forbidden()
            await self.office.settle("boards")

    async def unblock(self, person: Id, first: int, _second: int) -> None:
        blocked = sorted(two for one, two in self.town.blocks if one == person)
        if blocked:
            other = blocked[first % len(blocked)]
            await self.house.services.graph.unblock(by(person), other)
            self.town.blocks.discard((person, other))

    async def save(self, person: Id, first: int, _second: int) -> None:
        """Save a photo, to a board that one may edit if there is one."""
        await self._save(person, first, NewPin(upload=self._uploads[person]))

    async def save_link(self, person: Id, first: int, second: int) -> None:
        """Save a page, which is published once it was read."""
        self._pages += 1
        picture = b"" if second % 3 == 0 else b"a picture of a page"
        url = self.house.pages.page(f"https://example.org/{self._pages}", picture)
        await self._save(person, first, NewPin(url=url))

    async def _save(self, person: Id, first: int, new: NewPin) -> None:
        boards = self.town.edits(person)
        if boards:
            board = boards[first % len(boards)]
            saved = await self._result(self.house.services.boards.save_pin(by(person), board, new))
            if saved:
                self.town.pins[saved.pin.id] = PinNote(board, person, None)

    async def delete_pin(self, person: Id, first: int, _second: int) -> None:
        pin = self._pin(first, boards=self.town.edits(person))
        if pin and await self._done(self.house.services.boards.delete_pin(by(person), pin)):
            self.town.pins[pin].trashed = True

    async def restore_pin(self, person: Id, first: int, _second: int) -> None:
        pin = self._pin(first, trashed=True, boards=self.town.edits(person))
        if pin and await self._done(self.house.services.boards.restore_pin(by(person), pin)):
            self.town.pins[pin].trashed = False

    async def move(self, person: Id, first: int, second: int) -> None:
        moved, board = await self._move(person, first, second, copy=False)
        if moved and moved.now:
            note = self.town.pins.pop(moved.pin)
            note.board = board
            self.town.pins[moved.now] = note

    async def copy(self, person: Id, first: int, second: int) -> None:
        moved, board = await self._move(person, first, second, copy=True)
        if moved and moved.now:
            self.town.pins[moved.now] = PinNote(board, person, None)

    async def _move(self, person: Id, first: int, second: int, *, copy: bool) -> tuple[Moved | None, Id]:
        boards = self.town.edits(person)
        pin = self._pin(first, boards=None if copy else boards)
        if not pin or not boards:
            return None, Id(b"")
        board = boards[second % len(boards)]
        moves = await self._result(self.house.services.boards.move_pins(by(person), [pin], board, copy=copy))
        return (moves[0] if moves else None), board

    async def leave(self, person: Id, first: int, _second: int) -> None:
        """Delete an account, seldom, and not the last ones."""
        if first % 3 == 0 and len(self.town.people) > 3:
            await self.house.services.identity.delete_account(by(person), PASSWORD)
            gone = {id_ for id_, board in self.town.boards.items() if board.owner == person}
            self.town.leave(person)
            await self.check_nothing_forbidden(late=gone)
            await self.office.settle()

    async def deliver(self, _person: Id, first: int, second: int) -> None:
        await self.office.collect()
        await self.office.deliver(1 + first)
        await self.office.turn(4 * second)

    async def again(self, _person: Id, first: int, second: int) -> None:
        await self.office.deliver(0, again=first)
        await self.office.turn(4 * second)

    async def turn(self, _person: Id, first: int, second: int) -> None:
        await self.office.turn(first * second)

    async def sweep(self, _person: Id, first: int, _second: int) -> None:
        sweeps = self.house.wired.sweeps
        await sweeps[first % len(sweeps)].step()

    async def stay_away(self, _person: Id, first: int, second: int) -> None:
        """Let so much time pass that nobody is pushed to; then some come back at once, and some later."""
        self.house.world.pass_s(AWAY_S)
        [sweep] = [sweep for sweep in self.house.wired.sweeps if sweep.name == "feed.away"]
        while await sweep.step():
            pass
        for viewer in self.town.people:
            held = await self.house.engines.timelines.page("home", viewer, None, 1)
            assert held.kept is None, "kept though they were away"
        self.away = set(self.town.people[first % len(self.town.people) :]) if second % 2 else set[Id]()

    async def check_nothing_forbidden(self, late: set[Id] | None = None) -> None:
        """Find that nobody's first page holds what the model forbids; boards of `late` may be on their way out.

        Who is away looks seldom.
        """
        await self._learn_times()
        limit = self.chance.randint(1, 30)
        for viewer in [one for one in self.town.people if one not in self.away or self.chance.random() < 0.1]:
            entries, _ = await self.reader.entries(viewer, limit)
            pins = [pin for pin, _ in entries]
            places = [self._place(pin) for pin, more in entries if not more]
            assert places == sorted(set(places), reverse=True), "out of order, or twice"
            bad = [
                pin
                for pin in pins
                if not self.town.holds(viewer, pin) and self.town.pins[pin].board not in (late or ())
            ]
            assert bad == [], "shown though it must not be"

    async def check_equal(self) -> None:
        """Find that everybody's feed is the model's, at any size of page."""
        await self._learn_times()
        for viewer in self.town.people:
            expected = self.town.entries(viewer)
            for limit in {100, self.chance.randint(1, 8)}:
                assert await self.reader.whole(viewer, limit) == expected

    async def walk_on(self, walk: Walk) -> None:
        """Read another page, which lies behind all that was read before."""
        pins, cursor = await self.reader.page(walk.viewer, self.chance.randint(1, 8), walk.cursor)
        await self._learn_times()
        for place in map(self._place, pins):
            assert not walk.seen or place < walk.seen[-1], "passed, or repeated"
            walk.seen.append(place)
        walk.cursor, walk.over = cursor, not cursor

    async def _learn_times(self) -> None:
        """Take over when pins were published, which the house decides."""
        ids = list(self.town.pins)
        for start in range(0, len(ids), 500):
            rows = await self.house.engines.records.get(PIN, [(id_,) for id_ in ids[start : start + 500]])
            for id_, row in zip(ids[start : start + 500], rows, strict=True):
                self.town.pins[id_].at = row.published_at if row else None

    def _place(self, pin: Id) -> tuple[int, Id]:
        return self.town.pins[pin].at or 0, pin

    async def _done(self, attempt: Awaitable[object]) -> bool:
        """Return whether an attempt was not refused."""
        try:
            await attempt
        except Problem:
            return False
        return True

    async def _result(self, attempt: Awaitable[Result]) -> Result | None:
        """Return what came of an attempt, None if it was refused."""
        try:
            return await attempt
        except Problem:
            return None

    def _own_board(self, person: Id, number: int, *, trashed: bool = False) -> Id | None:
        own = [id_ for id_, note in self.town.boards.items() if note.owner == person and note.trashed == trashed]
        return own[number % len(own)] if own else None

    def _other(self, person: Id, number: int) -> Id | None:
        others = [one for one in self.town.people if one != person]
        return others[number % len(others)] if others else None

    def _pin(self, number: int, *, trashed: bool = False, boards: Collection[Id] | None) -> Id | None:
        notes = self.town.pins.items()
        pins = [id_ for id_, note in notes if note.trashed == trashed and (boards is None or note.board in boards)]
        return pins[number % len(pins)] if pins else None
