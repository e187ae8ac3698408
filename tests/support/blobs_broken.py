"""Blobs adapters broken on purpose, one defect each, with the check that must catch it."""

from collections.abc import AsyncIterator, Mapping
from functools import partial

from msgspec.structs import replace
from typing_extensions import override

from bowerbird.adapters.files.answers import Scope, Send
from bowerbird.adapters.files.blobs import FileBlobs
from bowerbird.adapters.files.endpoint import BlobEndpoint, Body
from bowerbird.adapters.files.incoming import Incoming
from bowerbird.adapters.files.signing import Grant
from bowerbird.ports.blobs import Stat, Target
from tests.support.blobs_subject import Subject, open_files
from tests.support.defects import Defect


class Bare(FileBlobs):
    """Removes the old blob before it puts the new one."""

    @override
    async def put(self, key: str, data: bytes, mime: str) -> None:
        await self.delete([key])
        await super().put(key, data, mime)


class InPlace(FileBlobs):
    """Writes to the blob's own file, piece after piece."""

    @override
    async def put(self, key: str, data: bytes, mime: str) -> None:
        await super().put(key, data[:1000], mime)
        for stop in range(1000, len(data), 200_000):
            await super().put(key, data[:stop], mime)
        await super().put(key, data, mime)


class KeepsItsType(FileBlobs):
    """Lets a key keep the type that it was first put with."""

    @override
    async def put(self, key: str, data: bytes, mime: str) -> None:
        old = await self.stat(key)
        await super().put(key, data, mime if old is None else old.mime)


class CopiesByName(FileBlobs):
    """Makes a copy that is the source as long as there is one, and as it is by then."""

    @override
    async def copy(self, source: str, target: str) -> None:
        await super().copy(source, target)
        found, link = self._tree.find(source), self._tree.find(target)
        if found is not None and link is not None and found.path != link.path:
            link.path.unlink()
            link.path.symlink_to(found.path)


class TakesTwice(FileBlobs):
    """Replaces what a target was used for."""

    @override
    async def finish(self, incoming: Incoming, key: str, mime: str, *, replace: bool) -> None:
        await super().finish(incoming, key, mime, replace=True)


class AnyType(BlobEndpoint):
    """Does not look at what type an upload says it is of."""

    @override
    async def _put(self, grant: Grant, scope: Scope, body: Body, send: Send) -> None:
        headers = [header for header in scope["headers"] if header[0] != b"content-type"]
        told = {**scope, "headers": [*headers, (b"content-type", grant.mime.encode())]}
        await super()._put(grant, told, body, send)


class LastsLonger(FileBlobs):
    """Signs for a day at least."""

    @override
    async def sign_put(self, key: str, length: int, mime: str, ttl_s: int) -> Target:
        return await super().sign_put(key, length, mime, max(ttl_s, 86400))


class UnorderedLists(FileBlobs):
    """Lists folder by folder, as the disk has them."""

    @override
    async def list(self, prefix: str, after: str, limit: int) -> list[Stat]:
        found = await super().list(prefix, after, limit)
        return sorted(found, key=lambda one: one.key.split("/"))


class UnboundedPages(FileBlobs):
    """Returns as many as the caller asks for."""

    @override
    async def list(self, prefix: str, after: str, limit: int) -> list[Stat]:
        return await self.run(self._tree.page, prefix, after, limit)


class AllAtOnce(FileBlobs):
    """Reads a blob in one piece."""

    @override
    async def read(self, key: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        yield b"".join([piece async for piece in super().read(key, start, stop)])


class NoTime(FileBlobs):
    """Forgets when a blob was put."""

    @override
    async def stat(self, key: str) -> Stat | None:
        found = await super().stat(key)
        return None if found is None else replace(found, at=0)


class Trusting(FileBlobs):
    """Says of keys that are none that there is nothing under them."""

    @override
    async def stat(self, key: str) -> Stat | None:
        try:
            return await super().stat(key)
        except ValueError:
            return None


def _broken(caught_by: str, adapter: type[FileBlobs] = FileBlobs, **kinds: type[BlobEndpoint]) -> Defect[Subject]:
    return Defect(partial(open_files, adapter, **kinds), caught_by)


DEFECTS: Mapping[str, Defect[Subject]] = {
    "bare": _broken("while_it_is_replaced_a_key_is_never_bare", Bare),
    "in place": _broken("a_cancelled_put_is_whole_or_absent", InPlace),
    "keeps its type": _broken("putting_again_replaces_bytes_and_type", KeepsItsType),
    "copies by name": _broken("a_copy_is_of_its_own", CopiesByName),
    "takes twice": _broken("a_target_takes_one_blob", TakesTwice),
    "any type": _broken("a_target_takes_nothing_else", endpoint=AnyType),
    "lasts longer": _broken("a_target_expires", LastsLonger),
    "unordered lists": _broken("lists_are_in_order_of_keys_and_in_pages", UnorderedLists),
    "unbounded pages": _broken("a_page_has_a_bound", UnboundedPages),
    "all at once": _broken("pieces_are_bounded", AllAtOnce),
    "no time": _broken("the_time_is_that_of_putting", NoTime),
    "trusting": _broken("keys_that_are_none_are_refused", Trusting),
}
