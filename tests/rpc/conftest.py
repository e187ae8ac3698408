"""Rpc runs on both loops that the house uses; most of its tests are handed a client of a worker's."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bowerbird.rpc.server import serve
from tests.support.rpc_pair import Pair, connected
from tests.support.rpc_work import Work, Worker


@pytest.fixture(scope="session", params=[False, True], ids=["asyncio", "uvloop"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, bool]]:
    return ("asyncio", {"use_uvloop": request.param})


@pytest.fixture
def worker() -> Worker:
    return Worker()


@pytest.fixture
async def pair(tmp_path: Path, worker: Worker) -> AsyncIterator[Pair]:
    async with connected(tmp_path, serve(Work, worker)) as made:
        yield made
