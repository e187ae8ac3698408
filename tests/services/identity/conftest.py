"""What tests of identity share: a house of its own for each."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.support.identity_house import House, open_house


@pytest.fixture
async def house(tmp_path: Path, present: None) -> AsyncGenerator[House]:
    del present
    async with open_house(tmp_path) as house:
        yield house
