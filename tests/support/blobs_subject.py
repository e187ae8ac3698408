"""What the blobs suite is handed: the port, a client for its addresses over real HTTP, and a clock to expire them."""

from collections.abc import AsyncGenerator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx

from bowerbird.adapters.files.blobs import FileBlobs
from bowerbird.adapters.files.endpoint import BlobEndpoint
from bowerbird.adapters.files.signing import Signer
from bowerbird.ports.blobs import Blobs
from tests.support.asgi_server import answering, client
from tests.support.set_clock import SetClock

OLD_KEY, NEW_KEY = b"o" * 32, b"n" * 32


@dataclass(frozen=True)
class Subject:
    """An empty store. `again` opens the same one anew, as another process has it."""

    blobs: Blobs
    http: httpx.AsyncClient
    pass_s: Callable[[float], None]
    again: Callable[[], Blobs]


@dataclass(frozen=True)
class Files(Subject):
    """An empty store on files, with its parts."""

    root: Path
    base_url: str
    clock: SetClock


@asynccontextmanager
async def open_files(
    adapter: type[FileBlobs], folder: Path, endpoint: type[BlobEndpoint] = BlobEndpoint
) -> AsyncGenerator[Files]:
    """Open a fresh directory with its endpoint."""
    clock, root = SetClock(), folder / "blobs"
    opened: list[FileBlobs] = []

    def make(base_url: str) -> BlobEndpoint:
        signer = Signer(f"{base_url}/blobs/", [NEW_KEY, OLD_KEY], clock)
        opened.append(adapter.open(root, signer, clock, threads))
        return endpoint(opened[-1])

    with ThreadPoolExecutor(4) as threads:
        async with answering(make) as base_url, client(base_url) as http:
            again = partial(adapter.open, root, opened[0].signer, clock, threads)
            yield Files(opened[0], http, clock.pass_s, again, root, base_url, clock)


FILES: Mapping[str, Callable[[Path], AbstractAsyncContextManager[Subject]]] = {
    "files": partial(open_files, FileBlobs),
}
