"""The server of these tests: everything as delivered, but that nobody is throttled and a proxy stands before it."""

from collections.abc import Iterator

import pytest

from tests.security.asking import Asker
from tests.security.cast import Cast
from tests.support.server import Server, serving

NO_LIMITS = {
    f"safety_{budget}_limit": "0"
    for budget in ("read", "write", "upload", "save", "look", "sign_in", "sign_in_address")
}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("security"), **NO_LIMITS, http_proxies="1", server_workers="2") as server:
        yield server


@pytest.fixture(scope="session")
def cast(server: Server) -> Iterator[Cast]:
    cast = Cast(server)
    yield cast
    cast.close()


@pytest.fixture(scope="module")
def asker(cast: Cast) -> Iterator[Asker]:
    asker = Asker(cast)
    yield asker
    asker.close()
