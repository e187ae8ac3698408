"""One server of each placement for the journeys of a session; each journey has people of its own on it."""

from collections.abc import Callable, Iterator

import pytest

from tests.support.placement import APART, TOGETHER, parametrize
from tests.support.server import Server, serving
from tests.support.visitor import Visitor


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Walk each journey in both placements."""
    parametrize(metafunc, TOGETHER, APART)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, placement: str) -> Iterator[Server]:
    # Whoever waits for what is seen behind looks oftener than people do.
    with serving(tmp_path_factory.mktemp("journeys"), placement_mode=placement, safety_look_limit="0") as server:
        yield server


@pytest.fixture
def someone(server: Server, request: pytest.FixtureRequest) -> Iterator[Callable[[str], Visitor]]:
    """Return a maker of people; the handles are made distinct by the test's name."""
    people: list[Visitor] = []
    mark = f"{abs(hash(request.node.nodeid)) % 10**9:x}"

    def make(name: str) -> Visitor:
        visitor = Visitor(server.base_url, f"{name}_{mark}")
        people.append(visitor)
        return visitor

    yield make
    for visitor in people:
        visitor.http.close()
