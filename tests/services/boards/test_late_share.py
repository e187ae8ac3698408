"""A share that is heard of late, when the account of whom it was given to is deleted already."""

from collections.abc import AsyncGenerator
from pathlib import Path
from random import Random

import pytest

from bowerbird.contracts.boards import NewPin
from tests.support.house import PASSWORD, House, by, open_house
from tests.support.post_office import PostOffice


@pytest.fixture
async def house(tmp_path: Path, present: None) -> AsyncGenerator[House]:
    del present
    async with open_house(tmp_path) as opened:
        yield opened


async def test_the_name_goes_from_the_pins_that_they_saved_there(house: House) -> None:
    owner, editor = [await house.person() for _ in range(2)]
    office, boards = PostOffice(house, Random(0), served=("boards",)), house.services.boards
    board = (await boards.create(by(owner), "Bread", "", "public")).id
    await boards.share(by(owner), board, editor, "editor")
    photo = await house.photo(editor)
    pin = (await boards.save_pin(by(editor), board, NewPin(upload=photo))).pin.id
    await house.services.identity.delete_account(by(editor), PASSWORD)
    await office.collect()
    later = [letter for letter in office.waiting if letter.envelope.type != "share_changed"]
    office.waiting = [letter for letter in office.waiting if letter not in later]
    assert office.waiting
    await office.settle()
    office.waiting += later
    await office.quiesce()
    assert (await boards.pin(by(owner), pin)).pin.saved_by is None
