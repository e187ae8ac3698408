"""What tests of what is found share: a library of their own for each."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.support.house import open_house
from tests.support.search_house import Library


@pytest.fixture
async def library(tmp_path: Path, present: None) -> AsyncGenerator[Library]:
    del present
    async with open_house(tmp_path) as house:
        yield Library(house)
