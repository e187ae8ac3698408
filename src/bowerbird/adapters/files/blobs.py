"""The port Blobs on a directory of one machine; every process of it may have its own of these on the same directory."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from concurrent.futures import Executor
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final, ParamSpec, Self, TypeVar

from bowerbird.adapters.files.incoming import Incoming
from bowerbird.adapters.files.layout import checked_key, checked_mime
from bowerbird.adapters.files.opened import Opened
from bowerbird.adapters.files.signing import Signer
from bowerbird.adapters.files.tree import Tree
from bowerbird.base.world import World
from bowerbird.ports.blobs import LIST_MAX, Stat, Target
from bowerbird.ports.records import EngineUnavailable

PIECE_BYTES_MAX: Final = 1 << 20
_NAME_BYTES = 16

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class FileBlobs:
    """As `ports.blobs.Blobs`. Files are touched in the executor's threads, never in the loop.

    A copy to a free key takes no room, and keeps the time at which its source was put.
    """

    def __init__(self, tree: Tree, signer: Signer, world: World, executor: Executor) -> None:
        self.signer = signer
        self._tree = tree
        self._world = world
        self._executor = executor

    @classmethod
    def open(cls, root: Path, signer: Signer, world: World, executor: Executor) -> Self:
        """Use a directory, made if there is none; what writers left that died is removed. It blocks."""
        tree = Tree(root)
        tree.prepare(world.now_us())
        return cls(tree, signer, world, executor)

    async def sign_put(self, key: str, length: int, mime: str, ttl_s: int) -> Target:
        """Return a target at this directory's endpoint; a browser sends the length, which is signed, by itself."""
        url, expires_at = self.signer.sign_put(key, length, mime, ttl_s)
        return Target(url, "PUT", {"Content-Type": mime}, expires_at)

    async def sign_get(self, key: str, ttl_s: int) -> str:
        """Return an address at this directory's endpoint."""
        return self.signer.sign_get(key, ttl_s)

    async def stat(self, key: str) -> Stat | None:
        """Return what is stored under the key."""
        found = await self.run(self._tree.find, checked_key(key))
        return None if found is None else found.stat

    async def read(self, key: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """Yield the bytes of one state of the blob, even while it is replaced or deleted."""
        async with self.opened(key) as opened:
            end = opened.what.stat.length if stop is None else min(stop, opened.what.stat.length)
            while start < end and (piece := await self.run(opened.piece, start, min(PIECE_BYTES_MAX, end - start))):
                yield piece
                start += len(piece)

    async def put(self, key: str, data: bytes, mime: str) -> None:
        """Store bytes, replacing what was there."""
        async with self.incoming() as incoming:
            await self.run(incoming.write, data)
            await self.finish(incoming, key, mime, replace=True)

    async def copy(self, source: str, target: str) -> None:
        """Store the source's bytes under the target too."""
        now = self._world.now_us()
        await self.run(self._tree.copy, checked_key(source), checked_key(target), self._name(), now)

    async def delete(self, keys: Sequence[str]) -> None:
        """Remove what is under the keys."""
        for key in keys:
            await self.run(self._tree.delete, checked_key(key))

    async def list(self, prefix: str, after: str, limit: int) -> list[Stat]:
        """Return blobs in order of their keys."""
        return await self.run(self._tree.page, prefix, after, min(limit, LIST_MAX))

    @asynccontextmanager
    async def opened(self, key: str) -> AsyncGenerator[Opened]:
        """Open a blob for the block; BlobMissing."""
        opened = Opened(self._tree, checked_key(key))
        try:
            await self.run(opened.open)
            yield opened
        finally:
            opened.close()

    @asynccontextmanager
    async def incoming(self) -> AsyncGenerator[Incoming]:
        """Make a place for bytes that come piece by piece; what is not finished by the block's end is gone."""
        incoming = self._tree.incoming(self._name())
        try:
            await self.run(incoming.open)
            yield incoming
        finally:
            await self.run(incoming.close)

    async def finish(self, incoming: Incoming, key: str, mime: str, *, replace: bool) -> None:
        """Store what came under a key; Exists unless replacing."""
        now = self._world.now_us()
        await self.run(self._tree.put, incoming, checked_key(key), checked_mime(mime), now, replace=replace)

    async def run(
        self, function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Result:
        """Call a function in a thread; EngineUnavailable when the disk is full or fails.

        A caller that is cancelled waits for its thread, so that nothing goes on behind what it does next.
        """
        future = asyncio.get_running_loop().run_in_executor(self._executor, lambda: function(*args, **kwargs))
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            while not future.done():
                with suppress(asyncio.CancelledError):
                    await asyncio.wait([future])
            future.exception()
            raise
        except OSError as error:
            raise EngineUnavailable(f"blobs: {error.strerror}") from error

    def _name(self) -> str:
        return self._world.random_bytes(_NAME_BYTES).hex()
