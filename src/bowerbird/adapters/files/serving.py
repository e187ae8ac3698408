"""Serving a blob over HTTP to whoever was found to be allowed: whole, in part, or "you have it already"."""

from collections.abc import Sequence
from typing import Final

from bowerbird.adapters.files.answers import (
    Header,
    Scope,
    Send,
    Unsatisfiable,
    answer,
    header_of,
    names_version,
    range_of,
)
from bowerbird.adapters.files.blobs import PIECE_BYTES_MAX, FileBlobs
from bowerbird.adapters.files.opened import Opened
from bowerbird.ports.blobs import BlobMissing

_PATHSEND = "http.response.pathsend"
_PICTURES: Final = {"image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"}
"""Types that a browser shows without running anything; all others are for saving."""
_SAFE: Final[list[Header]] = [
    (b"accept-ranges", b"bytes"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; sandbox"),
]


async def serve_blob(blobs: FileBlobs, scope: Scope, send: Send, key: str, headers: Sequence[Header] = ()) -> bool:
    """Answer a GET or HEAD with a blob and further headers, caching among them; False if there is no such blob."""
    try:
        async with blobs.opened(key) as opened:
            await _Answer(blobs, opened, scope, send).send(headers)
    except BlobMissing:
        return False
    return True


class _Answer:
    """One answer about one state of a blob."""

    def __init__(self, blobs: FileBlobs, opened: Opened, scope: Scope, send: Send) -> None:
        self._blobs = blobs
        self._opened = opened
        self._scope = scope
        self._send = send
        self._length = opened.what.stat.length
        self._etag = f'"{opened.what.version}"'.encode()

    async def send(self, headers: Sequence[Header]) -> None:
        every = [(b"etag", self._etag), *_SAFE, *headers]
        if names_version(header_of(self._scope, b"if-none-match"), self._etag):
            await answer(self._send, 304, every)
            return
        try:
            part = self._part()
        except Unsatisfiable:
            unknown = (b"content-range", f"bytes */{self._length}".encode())
            await answer(self._send, 416, [*every, unknown, (b"content-length", b"0")])
            return
        start, stop = part or (0, self._length)
        every += [*self._about(), (b"content-length", str(stop - start).encode())]
        if part is not None:
            every.append((b"content-range", f"bytes {start}-{stop - 1}/{self._length}".encode()))
        await self._send({"type": "http.response.start", "status": 206 if part else 200, "headers": every})
        await self._body(start, stop, whole=part is None)

    def _about(self) -> list[Header]:
        """Return what a browser may do with the blob."""
        mime = self._opened.what.stat.mime
        kind = b"inline" if mime in _PICTURES else b"attachment"
        return [(b"content-type", mime.encode()), (b"content-disposition", kind)]

    def _part(self) -> tuple[int, int] | None:
        """Return what part is wanted, None for all; a part of another version is not wanted."""
        wanted = header_of(self._scope, b"range")
        condition = header_of(self._scope, b"if-range")
        if self._scope["method"] != "GET" or not wanted or condition not in {b"", self._etag}:
            return None
        return range_of(wanted, self._length)

    async def _body(self, start: int, stop: int, *, whole: bool) -> None:
        """Send the bytes: by the server itself, where it can and all are wanted, or piece by piece."""
        if self._scope["method"] == "HEAD" or start == stop:
            await self._send({"type": "http.response.body", "body": b""})
        elif whole and _PATHSEND in self._scope.get("extensions", {}):
            # The server opens it later, by its path: a blob replaced by then does not fit its length, and is cut off.
            await self._send({"type": _PATHSEND, "path": str(self._opened.what.path)})
        else:
            while start < stop:
                piece = await self._blobs.run(self._opened.piece, start, min(PIECE_BYTES_MAX, stop - start))
                if not piece:
                    raise OSError("a blob's file is shorter than it was")
                start += len(piece)
                await self._send({"type": "http.response.body", "body": piece, "more_body": start < stop})
