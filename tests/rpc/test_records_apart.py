"""The records port with its writer behind a socket, as the edge workers have it: every promise is kept."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from bowerbird.adapters.sqlite.records import SqliteRecords
from bowerbird.ports.records import Commits, Conflict, EngineUnavailable, Misuse
from bowerbird.rpc.errors import Errors, Misfit, RpcError
from bowerbird.rpc.remote import remote
from bowerbird.rpc.server import serve
from tests.ports.suite import Check, Opener, run
from tests.ports.test_records import SUITE
from tests.support.records_subject import Subject, Variant, open_sqlite
from tests.support.rpc_pair import connected

ERRORS = Errors({"conflict": Conflict, "misuse": Misuse, "engine-unavailable": EngineUnavailable})


def translate(error: RpcError) -> Exception:
    """Return what the port says of it."""
    return Misuse(str(error)) if isinstance(error, Misfit) else EngineUnavailable(str(error))


@asynccontextmanager
async def open_apart(folder: Path) -> AsyncGenerator[Subject]:
    """Open an engine whose readers are here and whose writer is called over a socket."""
    async with open_sqlite(Variant(servers=4), folder) as subject:
        records = subject.records
        assert isinstance(records, SqliteRecords)
        writer = records._commits  # pyright: ignore[reportPrivateUsage] - the seam that wiring uses, used late
        async with connected(folder, serve(Commits, writer, prefix="Records"), ERRORS) as pair:
            apart = remote(Commits, pair.client, ERRORS, prefix="Records", translate=translate)
            records._commits = apart  # pyright: ignore[reportPrivateUsage] - as above
            yield subject


@SUITE.on({"apart": open_apart})
async def test_records(opener: Opener[Subject], check: Check[Subject], tmp_path: Path) -> None:
    await run(opener, check, tmp_path)
