"""What is seen in pictures finds their pins, and where vision does not answer, all else does."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import PinChange
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.problems import Unavailable
from bowerbird.contracts.vision import Label
from bowerbird.ports.log import Offset
from tests.support.house import by, open_house, settings_with
from tests.support.search_house import Library

DOG, CAT = b"dog/1", b"cat/1"
"""Pictures that are labelled: a golden retriever (0.9), a tabby (0.8)."""


async def test_pins_are_found_by_what_is_seen_in_them(library: Library) -> None:
    ann = await library.house.person()
    board = await library.board(ann, "Animals")
    dog, cat = [await library.pin(ann, board, "Look!", data=data) for data in (DOG, CAT)]
    await library.office.quiesce()
    assert set(await library.finds(None, "look")) == {dog, cat}
    assert await library.finds(None, "retriever") == await library.finds(None, "look golden") == [dog]
    assert await library.finds(None, "tabby animals") == [cat]


async def test_what_is_seen_in_private_finds_nothing_for_others(library: Library) -> None:
    ann, bob = [await library.house.person() for _ in range(2)]
    dog = await library.pin(ann, await library.board(ann, "Animals", "private"), "Look!", data=DOG)
    await library.office.quiesce()
    assert (await library.finds(ann, "retriever"), await library.finds(bob, "retriever")) == ([dog], [])
    assert (await library.search.find(by(bob), "retreiver", "pin", None, 25)).meant == ""


async def test_what_is_not_probable_enough_finds_nothing(tmp_path: Path) -> None:
    settings = settings_with(search={"label_probability_min": 0.85})
    async with open_house(tmp_path, settings) as house:
        library = Library(house)
        ann = await house.person()
        board = await library.board(ann, "Animals")
        dog, _ = [await library.pin(ann, board, "Look!", data=data) for data in (DOG, CAT)]
        await library.office.quiesce()
        assert (await library.finds(None, "retriever"), await library.finds(None, "tabby")) == ([dog], [])


async def test_what_is_seen_later_finds_from_then_on(library: Library) -> None:
    ann = await library.house.person()
    dog = await library.pin(ann, await library.board(ann, "Animals"), "Look!", data=DOG)
    await library.office.settle("search")
    assert (await library.finds(None, "look"), await library.finds(None, "retriever")) == ([dog], [])
    await library.office.settle()
    assert await library.finds(None, "retriever") == [dog]


class Absence:
    """Vision that does not answer while it is `away`."""

    def __init__(self, library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
        self.away = True
        self._vision = library.house.services.vision
        self._labels = self._vision.labels
        monkeypatch.setattr(self._vision, "labels", self.labels)

    async def labels(self, caller: Caller, pins: Sequence[Id]) -> list[list[Label]]:
        if self.away:
            raise Unavailable("away")
        return await self._labels(caller, pins)


@pytest.mark.placements("together")
async def test_while_vision_is_away_all_else_is_found_and_nothing_is_done_yet(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await library.house.person()
    board = await library.board(ann, "Animals")
    dog = await library.pin(ann, board, "Look!", data=DOG)
    await library.office.quiesce()
    absence = Absence(library, monkeypatch)
    [group] = [group for group in library.house.wired.groups if group.name == "search"]
    assert group.checkpoint is not None

    await library.boards.change_pin(by(ann), dog, PinChange(title="Listen!"))
    cat = await library.pin(ann, board, "Look!", data=CAT)
    await library.office.collect()
    await library.office.deliver(len(library.office.waiting))
    await library.office.finish()
    for _ in range(2):
        with pytest.raises(Unavailable):
            await group.checkpoint([Offset(0, 1_000_000)])
    assert (await library.finds(None, "listen"), await library.finds(None, "look")) == ([dog], [cat])
    assert await library.finds(None, "retriever") == []
    assert Offset(0, 1_000_000) not in await library.house.engines.textindex.applied()

    absence.away = False
    await library.office.quiesce()
    assert (await library.finds(None, "retriever"), await library.finds(None, "tabby")) == ([dog], [cat])
