"""What tests of the router are handed."""

import pytest

from tests.support.router_place import Place


@pytest.fixture
def place() -> Place:
    return Place()
