"""A circle in every placement."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.services.recommend.circle import Circle
from tests.support.house import open_house


@pytest.fixture
async def circle(tmp_path: Path, present: None) -> AsyncGenerator[Circle]:
    """Open one."""
    del present
    async with open_house(tmp_path) as house:
        yield Circle(house)
