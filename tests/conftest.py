"""What every test shares: the event loop of asynchronous tests, and the option that says where services are."""

import pytest
from hypothesis import HealthCheck, settings

from tests.support.placement import PLACEMENTS

# Speed is measured elsewhere: here others are at work on the same processors.
settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """Asyncio's own loop: a test about uvloop asks for it by name."""
    return ("asyncio", {"use_uvloop": False})


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    told = "run what knows of placements in this one alone, instead of each in those that are usual for it"
    parser.addoption("--placement", choices=PLACEMENTS, help=told)


@pytest.fixture(scope="session")
def placement(request: pytest.FixtureRequest) -> str:
    """Return where services are; the folder's own conftest says in which placements its tests run."""
    return request.param
