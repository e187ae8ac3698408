"""A house for each test of insight."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.support.insight_house import InsightHouse, open_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncGenerator[InsightHouse]:
    async with open_house(tmp_path) as house:
        yield house
