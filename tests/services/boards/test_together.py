"""Many people do many things with the same boards at the same time: in the end everything fits together."""

import asyncio
from collections import Counter
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

import pytest

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import BoardChange, NewPin, Pin, PinChange
from bowerbird.contracts.problems import Problem
from bowerbird.services.boards.store import BOARD, INVITATION, PIN, SHARE
from bowerbird.services.graph.store import BLOCKS, FOLLOWS
from tests.support.house import House, by, open_house
from tests.support.pausing import Pauses, pausing
from tests.support.post_office import PostOffice

PEOPLE: Final = 4
DEEDS: Final = 40
OFTEN: Final = ("move",) * 5 + ("edit", "restore", "share", "unbin") * 2
KINDS: Final = (*OFTEN, "save", "delete", "unshare", "turn", "bin", "meet")
BUSY: Final = 3
"""Most is done to so many pins."""


class Crowd:
    """People with a public and a private board each. `notes`: those that were acknowledged, by the pin's first id."""

    def __init__(self, house: House, chance: Random) -> None:
        self.house = house
        self.chance = chance
        self.office = PostOffice(house, chance)
        self.people: list[Id] = []
        self.boards: list[Id] = []
        self.owners: dict[Id, Id] = {}
        self.pins: list[Pin] = []
        self.notes: dict[Id, list[str]] = {}
        self.deleted: set[Id] = set()
        self.refused: Counter[str] = Counter()

    async def gather(self) -> None:
        """Bring people, boards, shares and pins about."""
        self.people = [await self.house.person() for _ in range(PEOPLE)]
        services = self.house.services
        for person in self.people:
            for visibility in ("public", "private"):
                board = (await services.boards.create(by(person), "Bread", "", visibility)).id
                self.boards.append(board)
                self.owners[board] = person
                for other in self.people:
                    if other != person:
                        await services.boards.share(by(person), board, other, "editor")
        for board in self.boards:
            await self._save(self.owners[board], board)
        await self.office.settle()

    async def live(self, person: Id) -> None:
        """Do one thing after the other."""
        for _ in range(DEEDS):
            try:
                await getattr(self, f"_{self.chance.choice(KINDS)}")(person, self.chance.choice(self.boards))
            except Problem as problem:
                self.refused[problem.code] += 1

    async def deliver(self) -> None:
        """Bring events to those who handle them, in no order, while everybody is busy."""
        for _ in range(DEEDS):
            await self.office.collect()
            await self.office.deliver(self.chance.randint(0, 20), again=1)
            await self.office.turn(self.chance.randint(0, 40))

    async def _save(self, person: Id, board: Id) -> None:
        new = NewPin(url=f"https://example.org/{len(self.pins)}/{self.chance.random()}", title="T")
        self.pins.append((await self.house.services.boards.save_pin(by(person), board, new)).pin)

    async def _move(self, person: Id, board: Id) -> None:
        pin = self.chance.choice(self.pins[:BUSY])
        [moved] = await self.house.services.boards.move_pins(by(person), [pin.id], board, copy=False)
        self.refused[f"move {moved.problem}"] += 1

    async def _edit(self, person: Id, _board: Id) -> None:
        pin, note = self.chance.choice(self.pins[:BUSY]), str(self.chance.random())
        await self.house.services.boards.change_pin(by(person), pin.id, PinChange(note=note))
        self.notes.setdefault(pin.id, []).append(note)

    async def _delete(self, person: Id, _board: Id) -> None:
        pin = self.chance.choice(self.pins[:BUSY]).id
        self.deleted.add(pin)
        await self.house.services.boards.delete_pin(by(person), pin)

    async def _restore(self, person: Id, _board: Id) -> None:
        await self.house.services.boards.restore_pin(by(person), self.chance.choice(self.pins[:BUSY]).id)

    async def _share(self, person: Id, board: Id) -> None:
        role = self.chance.choice(("viewer", "editor", "editor"))
        await self.house.services.boards.share(by(self.owners[board]), board, person, role)

    async def _unshare(self, person: Id, board: Id) -> None:
        await self.house.services.boards.unshare(by(person), board, person)

    async def _turn(self, _person: Id, board: Id) -> None:
        change = BoardChange(visibility=self.chance.choice(("public", "private")))
        await self.house.services.boards.change(by(self.owners[board]), board, change)

    async def _bin(self, _person: Id, board: Id) -> None:
        await self.house.services.boards.delete(by(self.owners[board]), board)

    async def _unbin(self, _person: Id, board: Id) -> None:
        await self.house.services.boards.restore(by(self.owners[board]), board)

    async def _meet(self, person: Id, _board: Id) -> None:
        graph, other = self.house.services.graph, self.chance.choice(self.people)
        deed = self.chance.choice((graph.follow, graph.unfollow, graph.block, graph.unblock, graph.unblock))
        await deed(by(person), other)

    async def check(self) -> None:
        """Find what is written twice the same both times, and every pin once."""
        await self._check_boards()
        await self._check_pins()
        await self._check_graph()

    async def _check_boards(self) -> None:
        records = self.house.engines.records
        for board in await records.get(BOARD, [(id_,) for id_ in self.boards]):
            assert board is not None
            assert board.pins == len(await records.scan(PIN, "board", (board.id, 0), limit=500))
            waiting = await records.scan(PIN, "board", (board.id, 1), limit=500)
            assert [pin for pin in waiting if pin.deleted_at is None and pin.moved_to is None] == []
            for person in self.people:
                [share] = await records.get(SHARE, [(board.id, person)])
                [invitation] = await records.get(INVITATION, [(person, board.id)])
                if invitation is None or invitation.version == 0:
                    assert share is None
                else:
                    assert share is not None
                    assert (invitation.role, invitation.version) == (share.role, share.version)

    async def _check_pins(self) -> None:
        records = self.house.engines.records
        there: Counter[Id | None] = Counter()
        rows: dict[Id | None, Pin] = {}
        for board in self.boards:
            for trashed in (0, 1):
                for pin in await records.scan(PIN, "board", (board, trashed), limit=500):
                    if pin.moved_to is None:
                        there[pin.link] += 1
                        rows[pin.link] = pin
        for pin in self.pins:
            assert there[pin.link] == 1
            assert rows[pin.link].title == "T"
            assert rows[pin.link].note in self.notes.get(pin.id, [""])
            assert pin.id in self.deleted or not rows[pin.link].trashed

    async def _check_graph(self) -> None:
        records, graph = self.house.engines.records, self.house.services.graph
        for person in self.people:
            active = [row for row in await records.scan(FOLLOWS, "", (person,)) if row.active]
            assert (await graph.counts(by(person), [person]))[0].following == len(active)
            for other in self.people:
                [mine] = await records.get(BLOCKS, [(person, other)])
                [theirs] = await records.get(BLOCKS, [(other, person)])
                assert bool(mine and mine.made) == bool(theirs and theirs.received)
                if mine and (mine.made or mine.received):
                    assert other not in [row.followee for row in active]


@pytest.mark.parametrize("seed", range(8))
def test_everything_fits_together(seed: int) -> None:
    async def play(folder: Path) -> None:
        chance = Random(seed)
        async with open_house(folder, wrap=partial(pausing, pauses=Pauses(chance)), seed=seed) as house:
            crowd = Crowd(house, chance)
            await crowd.gather()
            await asyncio.gather(crowd.deliver(), *(crowd.live(person) for person in crowd.people))
            await crowd.office.quiesce()
            await crowd.check()
            assert not {"unavailable", "move unavailable", "move exists"} & crowd.refused.keys()

    with TemporaryDirectory() as folder:
        asyncio.run(play(Path(folder)))
