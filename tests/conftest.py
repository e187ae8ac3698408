"""What every test shares: the event loop that asynchronous tests run on."""

import pytest


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """Asyncio's own loop: a test about uvloop asks for it by name."""
    return ("asyncio", {"use_uvloop": False})
