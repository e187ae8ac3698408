"""Every suite that asks for `present` runs with services as objects, as remotes, and as remotes on a bad way."""

from collections.abc import Iterator

import pytest

from tests.support.placement import PLACEMENTS, TOGETHER, Present, parametrize


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run it in all placements."""
    parametrize(metafunc, *PLACEMENTS)


@pytest.fixture
def present(placement: str, request: pytest.FixtureRequest) -> Iterator[None]:
    """Let what the test opens be in its placement."""
    Present.placement, Present.test = placement, request.node.nodeid
    yield
    Present.placement = TOGETHER
