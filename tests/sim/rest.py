"""At rest: everything that was begun is over, nothing fails any more, and what there is must be what was promised.

The records are read as they are, past every service; feeds and lists as people read them.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

from bowerbird.app.engines import Core
from bowerbird.base.ids import Id, from_text, ms_of, to_text
from bowerbird.contracts import boards as contract
from bowerbird.contracts.events import CHANGES
from bowerbird.ports.tables import Row, Table
from bowerbird.services.boards import store as boards_store
from bowerbird.services.graph import store as graph_store
from bowerbird.services.identity import store as identity_store
from tests.sim.crowd import Crowd, Wrong
from tests.sim.door import Answer
from tests.sim.model import Board, Person, Pin, Span
from tests.sim.nodes import Node
from tests.sim.pin_deeds import FAMILIES
from tests.sim.registers import Register, Value
from tests.sim.tree import POISON

DRAIN_S: Final = 300
"""Within this time, once nothing fails, everything has come to rest."""

BURST_PINS_MAX: Final = 2
HOUR_MS: Final = 3_600_000

Result = TypeVar("Result")


class Rest:
    """Looks at everything there is, through a core that runs, and settles the model's doubts by it."""

    def __init__(self, crowd: Crowd, core: Callable[[], Node]) -> None:
        self._crowd = crowd
        self._model = crowd.model
        self._node = core
        self._living: list[Person] = []

    @property
    def _core(self) -> Core:
        core = self._node().core
        assert core is not None
        return core

    async def drained(self) -> None:
        """Wait until the outbox is empty and every group is done with the log. In core's loop. Wrong."""
        core = self._core
        loop = asyncio.get_running_loop()
        until = loop.time() + DRAIN_S
        while True:
            waiting = [len(await core.outbox.take(server, 10)) for server in await core.outbox.servers()]
            lags = {lag.group: lag.records for lag in await core.engines.log.lag() if lag.topic == CHANGES}
            if not any(waiting) and not any(lags.values()):
                break
            if loop.time() > until:
                raise Wrong("does not drain", f"outbox {waiting}, groups behind by {lags}")
            await asyncio.sleep(0.2)
        parked = [one for one in await core.engines.log.parked(None, 1000) if one.stored.record.data != POISON]
        if parked:
            raise Wrong("parked", f"{[(one.group, one.reason) for one in parked]}")

    async def settle(self) -> None:
        """Compare the records with the model, and take what they hold where the model is in doubt. In core's loop."""
        for person in self._model.people:
            [user] = await self._get(identity_store.USERS, [(_id(person.id),)])
            self._settle(person.gone, user is None or user.deleted_at is not None, f"account of {person.handle}")
        self._living = self._model.living(self._crowd.now())
        boards = await self._boards()
        await self._pins(boards)
        for board in self._model.boards:
            if board.id:
                await self._roles(board)
        await self._ties()

    async def _boards(self) -> dict[str, Board]:
        found: dict[str, Board] = {}
        for person in self._model.people:
            rows = await self._scan(boards_store.BOARD, "owner", (_id(person.id),))
            if person not in self._living:
                if any(not row.trashed for row in rows):
                    raise Wrong("left behind", f"a board of {person.handle}, who is gone")
                continue
            for row in rows:
                board = self._crowd.board_shown({"id": to_text(row.id), "name": row.name})
                found[board.id] = board
                self._settle(board.public, row.visibility == "public", f"visibility of {board.name}")
                self._settle(board.trashed, bool(row.trashed), f"trash with {board.name}")
                self._settle(board.about, row.description, f"description of {board.name}")
        self._model.boards = [board for board in self._model.boards if board.owner in self._living]
        for board in self._model.boards:
            self._settle(board.made, board.id in found, f"existence of {board.name}")
        return found

    async def _pins(self, boards: dict[str, Board]) -> None:
        """Find every pin once."""
        rows = [row for board in boards.values() for row in await self._pins_of(board)]
        live = [row for row in rows if row.moved_to is None]
        waiting = [row for row in live if row.trashed and row.deleted_at is None]
        if waiting:
            raise Wrong("half a pin", f"{[row.title for row in waiting]} wait for ever")
        found = self._matched(live)
        for pin in self._model.pins:
            row = found.get(pin)
            if row is None and self._went(pin):
                continue
            self._settle(pin.made, row is not None, f"existence of {pin.title}")
            if row is not None:
                self._settle(pin.board, boards[to_text(row.board)], f"board of {pin.title}")
                self._settle(pin.trashed, bool(row.trashed), f"trash with {pin.title}")
                self._settle_note(pin, row)
                if (row.saved_by is None) == (pin.saver in self._living):
                    raise Wrong("saver", f"{pin.title} is saved by {row.saved_by and to_text(row.saved_by)}")
                pin.unnamed = 0
                pin.present, pin.published_us = to_text(row.id), row.published_at or 0
        self._model.pins = [pin for pin in self._model.pins if pin in found]

    async def _pins_of(self, board: Board) -> list[contract.Pin]:
        """Return all rows of a board's pins, as many of which stand as the board says."""
        rows = await self._scan(boards_store.PIN, "board", (_id(board.id),))
        [row] = await self._get(boards_store.BOARD, [(_id(board.id),)])
        count = sum(not one.trashed for one in rows)
        if row is None or row.pins != count:
            raise Wrong("miscounted", f"{board.name} says {row and row.pins} pins and holds {count}")
        return rows

    def _matched(self, rows: list[contract.Pin]) -> dict[Pin, contract.Pin]:
        """Return each pin's row: first those whose id was heard, then by title and board. Wrong."""
        found: dict[Pin, contract.Pin] = {}
        rest: list[contract.Pin] = []
        for row in rows:
            pin = self._model.pin_of(to_text(row.id))
            if pin is None:
                rest.append(row)
            elif pin in found:
                raise Wrong("doubled", f"{pin.title} is there as {to_text(row.id)} and {to_text(found[pin].id)}")
            else:
                found[pin] = row
        now = self._crowd.now()
        for row in rest:
            board = to_text(row.board)
            open_ = [p for p in self._model.pins if p.title == row.title and p not in found and p.unnamed]
            fitting = [p for p in open_ if board in {one.id for one in now.of(p.board)}]
            if not fitting:
                raise Wrong("doubled", f"a pin {row.title!r} that nobody saved: {to_text(row.id)}")
            found[fitting[0]] = row
            fitting[0].ids.append(to_text(row.id))
        return found

    def _went(self, pin: Pin) -> bool:
        """Return whether a pin may have gone with a board of somebody who is gone."""
        now = self._crowd.now_us
        return any(board.owner not in self._living for board in pin.board.possible(now, now, at_rest=True))

    def _settle_note(self, pin: Pin, row: contract.Pin) -> None:
        if sum(one.title == pin.title for one in self._model.pins) > 1:
            pin.note.settle(row.note)
        else:
            self._settle(pin.note, row.note, f"note of {pin.title}")

    async def _roles(self, board: Board) -> None:
        """Find who has which role on a board, and that each knows of it."""
        for person in self._living:
            key = _id(board.id), _id(person.id)
            [share] = await self._get(boards_store.SHARE, [key])
            role = share.role if share is not None else ""
            parted = self._model.parted(person, board.owner, self._crowd.now()) == {True}
            self._settle(board.role(person), role, f"role of {person.handle} on {board.name}")
            if role and parted:
                raise Wrong("forbidden", f"{person.handle} has a role on {board.name}, with a block between")
            [invitation] = await self._get(boards_store.INVITATION, [(key[1], key[0])])
            if (invitation.role if invitation is not None else "") != role:
                raise Wrong("invitation differs", f"{board.name}, {person.handle}: {invitation and invitation.role!r}")

    async def _ties(self) -> None:
        """Find who follows and blocks whom, and that both sides of a block know of it."""
        for one in self._living:
            for other in self._living:
                if one is not other:
                    await self._tie(one, other)

    async def _tie(self, one: Person, other: Person) -> None:
        pair, back = (_id(one.id), _id(other.id)), (_id(other.id), _id(one.id))
        [follow] = await self._get(graph_store.FOLLOWS, [pair])
        [mine, theirs] = await self._get(graph_store.BLOCKS, [pair, back])
        names = f"{one.handle} and {other.handle}"
        self._settle(self._model.follows(one, other), follow is not None and bool(follow.active), f"follow of {names}")
        made = mine is not None and bool(mine.made)
        self._settle(self._model.blocks(one, other), made, f"block of {names}")
        if made != (theirs is not None and bool(theirs.received)):
            raise Wrong("half a block", names)

    def _settle(self, register: Register[Value], value: Value, what: str) -> None:
        """Find that a register may hold what there is, and take it. Wrong."""
        possible = register.possible(self._crowd.now_us, self._crowd.now_us, at_rest=True)
        if value not in possible:
            shown = [one.name if isinstance(one, Board) else one for one in (value, *possible)]
            raise Wrong("lost or undone", f"{what}: {shown[0]!r}, not one of {shown[1:]}")
        register.settle(value)

    async def _scan(self, table: Table[Row], index: str, prefix: tuple[Any, ...]) -> list[Row]:
        """Return all rows behind a prefix, past every service."""
        rows: list[Row] = []
        after: tuple[Any, ...] | None = None
        while page := await self._core.engines.records.scan(table, index, prefix, after=after, limit=500):
            rows += page
            if len(page) < 500:
                break
            after = table.mark(index, page[-1])
        return rows

    async def _get(self, table: Table[Row], keys: list[tuple[Any, ...]]) -> list[Row | None]:
        return await self._core.engines.records.get(table, keys)

    async def feeds(self) -> None:
        """Find that feeds, followers, searches and lens are what the records say. In the people's loop. Wrong."""
        now = self._crowd.now()
        for viewer in self._living:
            pins = [pin for pin in self._model.pins if pin.published_us]
            expected = [pin for pin in pins if self._model.feeds(viewer, pin, now) == {True}]
            wanted = _entries(expected, now)
            for limit in (100, 3):
                found = await self._feed(viewer, limit)
                if not in_order(found, wanted):
                    titles = [title for _, title in wanted]
                    raise Wrong("feed differs", f"{viewer.handle} by {limit}: {found}, not {titles}")
            await self._followers(viewer)
            await self._search(viewer)
            await self._lens(viewer)

    async def _search(self, viewer: Person) -> None:
        """Find that a search finds every pin that somebody sees, once, and nothing else."""
        now, found = self._crowd.now(), Counter[str]()
        cursor: str | None = ""
        while cursor is not None:
            path = "/v1/search?q=pin&limit=7" + (f"&cursor={cursor}" if cursor else "")
            page = (await self._ask(viewer, path)).json()
            found.update(item["pin"]["title"] for item in page["items"])
            cursor = page["next"]
        wanted = Counter(
            pin.title for pin in self._model.pins if self._model.sees_somewhere(viewer, pin, now) == {True}
        )
        if found != wanted:
            raise Wrong("search differs", f"{viewer.handle}: {found - wanted} too much, {wanted - found} missing")

    async def _lens(self, viewer: Person) -> None:
        """Find that photos that somebody sees lead to all that they see of the same kind, and to nothing else."""
        now = self._crowd.now()
        photos = [
            pin
            for pin in self._model.pins
            if pin.picture and pin.published_us and self._model.sees_somewhere(viewer, pin, now) == {True}
        ]
        for family in FAMILIES:
            alike = [pin for pin in photos if pin.picture.startswith(family)]
            for asked in alike[:1]:
                page = await self._ask(viewer, "/v1/lens", {"pin_id": asked.present, "limit": 100})
                found = Counter(pin["title"] for pin in page.json()["items"])
                wanted = Counter(pin.title for pin in alike if pin is not asked)
                if found != wanted:
                    told = f"{found - wanted} too much, {wanted - found} missing"
                    raise Wrong("lens differs", f"{viewer.handle}, {asked.title}: {told}")

    async def _feed(self, viewer: Person, limit: int) -> list[str]:
        """Return what a feed shows: titles, each with how many others it stands for."""
        titles: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            path = f"/v1/feed?limit={limit}" + (f"&cursor={cursor}" if cursor else "")
            page = (await self._ask(viewer, path)).json()
            titles += [_told(entry["pin"]["title"], entry["more"]) for entry in page["items"]]
            cursor = page["next"]
        return titles

    async def _followers(self, whose: Person) -> None:
        now = self._crowd.now()
        page = (await self._ask(whose, f"/v1/users/{whose.id}/followers?limit=100")).json()
        found = Counter(item["person"]["handle"] for item in page["items"])
        follows = [one for one in self._living if now.of(self._model.follows(one, whose)) == {True}]
        if found != Counter(one.handle for one in follows):
            raise Wrong("followers differ", f"{whose.handle}: {dict(found)}, not {[one.handle for one in follows]}")
        counted = (await self._ask(whose, f"/v1/users/{whose.id}")).json()["followers"]
        if counted != len(follows):
            raise Wrong("followers miscounted", f"{whose.handle}: {counted}, not {len(follows)}")

    async def _ask(self, viewer: Person, path: str, body: dict[str, Any] | None = None) -> Answer:
        found = await self._crowd.read(viewer, path, body)
        if found is None or found[0].status != 200:
            raise Wrong("no answer at rest", f"{path}: {found and found[0].status}")
        return found[0]


def in_order(found: Sequence[str], wanted: Sequence[tuple[int, str]]) -> bool:
    """Return whether a feed shows what is wanted, each with its time; those of one time are in no certain order.

    What is found at a place is given the time that is wanted there, so it may only stand for another of that time.
    """
    return len(found) == len(wanted) and sorted(zip([at for at, _ in wanted], found, strict=True)) == sorted(wanted)


def _entries(pins: list[Pin], now: Span) -> list[tuple[int, str]]:
    """Return what a feed of these pins shows, newest first, and its times.

    Too many of one person on one board at once are one entry. It shows the newest of them, and stands where the first
    stands that was too many.
    """
    bursts: dict[object, list[Pin]] = {}
    for pin in sorted(pins, key=_place):
        [board] = now.of(pin.board)
        bursts.setdefault((pin.saver.number, board.id, ms_of(_id(pin.present)) // HOUR_MS), []).append(pin)
    shown: list[tuple[int, str]] = []
    for some in bursts.values():
        if len(some) > BURST_PINS_MAX:
            shown.append((some[BURST_PINS_MAX].published_us, _told(some[-1].title, len(some) - 1)))
        else:
            shown += [(pin.published_us, pin.title) for pin in some]
    return sorted(shown, reverse=True)


def _place(pin: Pin) -> tuple[int, str]:
    return pin.published_us, pin.present


def _told(title: str, more: int) -> str:
    return f"{title} and {more} more" if more else title


def _id(text: str) -> Id:
    return from_text(text)


async def unless_wrong(work: Awaitable[Result]) -> Result | Wrong:
    """Return what comes of work, or what it found wrong."""
    try:
        return await work
    except Wrong as wrong:
        return wrong
