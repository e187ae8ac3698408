"""What tests of vision share: a gallery of their own for each."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.support.vision_house import Gallery, open_gallery


@pytest.fixture
async def gallery(tmp_path: Path, present: None) -> AsyncGenerator[Gallery]:
    del present
    async with open_gallery(tmp_path) as opened:
        yield opened
