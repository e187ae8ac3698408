"""While somebody does something with a board, its owner does something else, before each of the calls that it makes."""

import asyncio
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.support.board_deeds import FIRST, SECOND, Table
from tests.support.house import by, open_house
from tests.support.interrupting import Interruption, interrupted

CALLS_MAX = 100


@pytest.mark.parametrize("first", FIRST)
def test_two_deeds(first: str) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(_play(Path(folder), first))


async def _play(folder: Path, first: str) -> None:
    interruption = Interruption()
    async with open_house(folder, wrap=partial(interrupted, interruption=interruption)) as house:
        table = Table(house)
        await table.meet()
        for second in SECOND:
            for at in range(CALLS_MAX):
                if not await _both(table, interruption, (first, second), at):
                    break
            else:
                raise AssertionError("there are more calls than that")


async def _both(table: Table, interruption: Interruption, deeds: tuple[str, str], at: int) -> bool:
    await table.lay()
    acknowledged: list[bool] = []

    async def meanwhile() -> None:
        acknowledged.append(await table.attempt(SECOND[deeds[1]]))

    interruption.arm(at, meanwhile)
    came = await table.attempt(FIRST[deeds[0]])
    happened = interruption.disarm()
    await table.check()
    await _check_edits(table, came=came, deeds=deeds, meanwhile=acknowledged)
    await table.office.settle()
    await table.check()
    return happened


async def _check_edits(table: Table, *, came: bool, deeds: tuple[str, str], meanwhile: list[bool]) -> None:
    """Find both edits where both were acknowledged, and neither lost to a move."""
    pin = await table.present(table.link.id)
    if pin is not None and came and deeds[0] == "edit":
        assert pin.title == "first"
    if pin is not None and deeds[1] == "edit" and meanwhile == [True]:
        assert pin.note == "second"
    [access] = await table.boards.access(by(table.ada), [table.board.id])
    if access is not None and came and deeds[0] == "rename":
        assert access.board.name == "first"
    if access is not None and deeds[1] == "describe" and meanwhile == [True]:
        assert access.board.description == "second"
