"""What tests of the graph share: a house of its own for each."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.support.graph_house import GraphHouse, open_graph


@pytest.fixture
async def house(tmp_path: Path, present: None) -> AsyncGenerator[GraphHouse]:
    del present
    async with open_graph(tmp_path) as house:
        yield house
