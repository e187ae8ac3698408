"""The endpoint that signed addresses lead to: takes one blob for one target, streamed to disk, and serves blobs."""

import asyncio
from contextlib import suppress
from typing import Final

from bowerbird.adapters.files.answers import Header, Receive, Scope, Send, answer, end, header_of, refuse
from bowerbird.adapters.files.blobs import FileBlobs
from bowerbird.adapters.files.incoming import Exists, Incoming
from bowerbird.adapters.files.serving import serve_blob
from bowerbird.adapters.files.signing import Grant, SignatureRefused
from bowerbird.ports.records import EngineUnavailable

_METHODS: Final = {"GET", "HEAD", "PUT"}


_ALLOW: Final[Header] = (b"allow", b"GET, HEAD, PUT")
_PREFLIGHT: Final[list[Header]] = [
    (b"access-control-allow-methods", b"GET, HEAD, PUT"),
    (b"access-control-allow-headers", b"content-type"),
    (b"access-control-max-age", b"600"),
]
_USED: Final = ("exists", "this target was used")
_PASSED_BYTES_MAX = 32 << 20
_WRITE_BYTES = 256 << 10
"""What comes is gathered to this length before a thread writes it."""


class CutOff(Exception):  # noqa: N818 - it names what happened
    """The body did not come, or not as long as it was announced."""


class Body:
    """A request's body, as it comes; `is_over` once its last part has."""

    def __init__(self, receive: Receive, idle_s: float) -> None:
        self.is_over = False
        self._receive = receive
        self._idle_s = idle_s

    async def part(self) -> bytes:
        """Return the next part; CutOff."""
        try:
            async with asyncio.timeout(self._idle_s):
                message = await self._receive()
        except TimeoutError:
            raise CutOff("nothing came for too long") from None
        if message["type"] != "http.request":
            raise CutOff("the connection ended before the body")
        self.is_over = not message.get("more_body", False)
        return message.get("body", b"")


class BlobEndpoint:
    """An ASGI application under `mount`. `allowed_origin`: whose pages may use it beside its own; None: no others'.

    An upload of which nothing comes for `idle_timeout_ms` is given up.
    """

    def __init__(
        self,
        blobs: FileBlobs,
        mount: str = "/blobs/",
        allowed_origin: str | None = None,
        idle_timeout_ms: int = 30_000,
    ) -> None:
        self._blobs = blobs
        self._mount = mount
        self._idle_s = idle_timeout_ms / 1000
        self._headers: list[Header] = []
        if allowed_origin is not None:
            self._headers = [(b"access-control-allow-origin", allowed_origin.encode()), (b"vary", b"origin")]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        method: str = scope["method"]
        if method == "OPTIONS" and self._headers:
            await answer(send, 204, [*self._headers, *_PREFLIGHT])
        elif method not in _METHODS:
            await refuse(send, "method-not-allowed", "blobs are put and got", [*self._headers, _ALLOW])
        else:
            key: str = scope["path"].removeprefix(self._mount)
            body = Body(receive, self._idle_s)
            try:
                grant = self._blobs.signer.check(method, key, scope["query_string"].decode("latin-1"))
            except SignatureRefused as refused:
                await self._refuse(("forbidden", str(refused)), body, send)
            else:
                await (self._put(grant, scope, body, send) if method == "PUT" else self._get(grant, scope, send))

    async def _get(self, grant: Grant, scope: Scope, send: Send) -> None:
        headers = [*self._headers, (b"cache-control", b"private, no-cache")]
        if not await serve_blob(self._blobs, scope, send, grant.key, headers):
            await refuse(send, "not-found", "there is no such blob", self._headers)

    async def _put(self, grant: Grant, scope: Scope, body: Body, send: Send) -> None:
        refusal = _refusal(grant, scope) or await self._store(grant, body)
        if refusal is None:
            await answer(send, 201, [*self._headers, (b"content-length", b"0"), (b"cache-control", b"no-store")])
        else:
            await self._refuse(refusal, body, send)

    async def _refuse(self, refusal: tuple[str, str], body: Body, send: Send) -> None:
        """Answer at once and let what is still coming pass: a client that is cut off while it sends sees no answer."""
        if body.is_over:
            await refuse(send, *refusal, self._headers)
            return
        await refuse(send, *refusal, self._headers, is_last=False)
        passed = 0
        with suppress(CutOff):
            while passed < _PASSED_BYTES_MAX and not body.is_over:
                passed += len(await body.part())
        await end(send)

    async def _store(self, grant: Grant, body: Body) -> tuple[str, str] | None:
        """Take a blob whole or not at all; returns the problem, if there is one."""
        try:
            if await self._blobs.stat(grant.key) is not None:
                return _USED
            async with self._blobs.incoming() as incoming:
                await self._take(incoming, grant.length, body)
                await self._blobs.finish(incoming, grant.key, grant.mime, replace=False)
        except Exists:
            return _USED
        except CutOff as cut_off:
            return "invalid", str(cut_off)
        except EngineUnavailable:
            return "unavailable", "nothing can be stored now"
        return None

    async def _take(self, incoming: Incoming, length: int, body: Body) -> None:
        """Write the body to disk as it comes; CutOff."""
        gathered, taken = bytearray(), 0
        while not body.is_over and taken + len(gathered) <= length:
            gathered += await body.part()
            if len(gathered) >= _WRITE_BYTES or body.is_over:
                await self._blobs.run(incoming.write, bytes(gathered))
                taken += len(gathered)
                gathered.clear()
        if not body.is_over or taken != length:
            raise CutOff(f"the body does not have the {length} bytes that were announced")


def _refusal(grant: Grant, scope: Scope) -> tuple[str, str] | None:
    """Return the problem, a code and a sentence, with the headers of an upload; None if they are as signed."""
    if header_of(scope, b"content-type") != grant.mime.encode():
        return "unsupported-type", f"this target takes {grant.mime}"
    length = header_of(scope, b"content-length")
    if not length.isdigit():
        return "invalid", "an upload says its Content-Length"
    if int(length[:20]) > grant.length:
        return "too-large", f"this target takes {grant.length} bytes"
    if int(length[:20]) < grant.length:
        return "invalid", f"this target takes {grant.length} bytes"
    return None
