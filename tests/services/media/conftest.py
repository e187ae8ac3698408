"""What every test of media is handed: a fresh house."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.support.media_house import House, open_house


@pytest.fixture
async def house(tmp_path: Path, present: None) -> AsyncGenerator[House]:
    del present
    async with open_house(tmp_path) as opened:
        yield opened
