"""Blobs: bytes under a key, each write whole or absent, with direct upload by signed address."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from msgspec import Struct

from bowerbird.base.calls import idempotent

LIST_MAX = 1000
KEY_PATTERN = r"^[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*$"
"""Keys are relative paths of plain names, at most 200 characters."""


class Target(Struct, frozen=True):
    """Where and how a client sends bytes: the address, the method, and headers that it must send as given."""

    url: str
    method: str
    headers: dict[str, str]
    expires_at: int


class Stat(Struct, frozen=True):
    """What is stored: its key, length in bytes, media type, and when it was put (microseconds)."""

    key: str
    length: int
    mime: str
    at: int


class BlobMissing(Exception):  # noqa: N818 - an expected answer
    """There is nothing under that key."""


class Blobs(Protocol):
    """A write that is cut off leaves nothing; a key that is read is never half old and half new.

    A key or a media type that is none is a ValueError; `records.EngineUnavailable` says that nothing can be stored now.
    """

    async def sign_put(self, key: str, length: int, mime: str, ttl_s: int) -> Target:
        """Return a target that accepts exactly `length` bytes of that type under that key, once, until it expires."""
        ...

    @idempotent
    async def sign_get(self, key: str, ttl_s: int) -> str:
        """Return an address that serves the blob until it expires."""
        ...

    @idempotent
    async def stat(self, key: str) -> Stat | None:
        """Return what is stored under the key."""
        ...

    def read(self, key: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """Yield the bytes of [start, stop) in pieces of at most 1 MiB; BlobMissing before the first."""
        ...

    @idempotent
    async def put(self, key: str, data: bytes, mime: str) -> None:
        """Store bytes, replacing what was there."""
        ...

    @idempotent
    async def copy(self, source: str, target: str) -> None:
        """Store the source's bytes under the target too; BlobMissing if there are none."""
        ...

    @idempotent
    async def delete(self, keys: Sequence[str]) -> None:
        """Remove what is under the keys; absent ones are ignored."""
        ...

    @idempotent
    async def list(self, prefix: str, after: str, limit: int) -> list[Stat]:
        """Return up to `limit` (at most LIST_MAX) blobs whose keys begin with `prefix`, in order, behind `after`."""
        ...
