"""Media: pictures, from an upload or a page, verified, cleaned and kept once a person in every size."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from bowerbird.base.calls import idempotent, slow
from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller


class Upload(Struct, frozen=True):
    """An upload: `state` is "begun", "done" (media names the picture) or "refused". On the owner's shard.

    `expires_at`: until when it may be completed, and once it is, until when its outcome is known.
    """

    owner: Id
    id: Id
    mime: str
    length: int
    state: str
    created_at: int
    expires_at: int | None
    media: Id | None = None
    reason: str = ""
    version: int = 1


class Picture(Struct, frozen=True):
    """A picture that somebody has, on their shard; the body of the media events.

    `name` is the random part of its address (base64url, 22). `renditions` is JSON: {rendition name: [width, height,
    mime, bytes]}. `phash` is PDQ (32 bytes). `uses`: how many pins and people show it; `unused_at`: since when nothing
    may show it any more (None: something does). Both are projections, without a version of their own.
    """

    owner: Id
    id: Id
    sha256: bytes
    phash: bytes
    name: str
    width: int
    height: int
    color: str
    thumbhash: str
    renditions: str
    created_at: int
    version: int = 1
    uses: int = 0
    unused_at: int | None = None


class UploadTarget(Struct, frozen=True):
    """Where to send the bytes: see `ports.blobs.Target`; `id` names the upload from now on."""

    id: Id
    url: str
    method: str
    headers: dict[str, str]
    expires_at: int


class Served(Struct, frozen=True, array_like=True):
    """A rendition as the origin serves it: the blob's key, its type and length."""

    key: str
    mime: str
    length: int


class Media(Protocol):
    """Owns upload and media rows and every blob."""

    async def begin(self, caller: Caller, mime: str, length: int) -> UploadTarget:
        """Return a signed target for a picture of that type and length. Invalid, Throttled (too many begun)."""
        ...

    @idempotent
    @slow
    async def complete(self, caller: Caller, upload: Id) -> Picture:
        """Verify by decoding, clean, and make every size. NotFound, Refused (with the reason), Unavailable (busy)."""
        ...

    @idempotent
    async def uploaded(self, caller: Caller, upload: Id) -> Picture:
        """Return the picture of one of the caller's completed uploads. NotFound, Refused."""
        ...

    @idempotent
    @slow
    async def ingest(self, caller: Caller, owner: Id, data: bytes) -> Picture:
        """Make a picture of an owner from raw bytes (those of a page); the same bytes are one picture. Refused."""
        ...

    @idempotent
    @slow
    async def adopt(self, caller: Caller, media: Id, owner: Id) -> Picture:
        """Return the same picture as another person's own, copied when it was not theirs yet. NotFound."""
        ...

    @idempotent
    async def pictures(self, caller: Caller, ids: Sequence[Id]) -> list[Picture | None]:
        """Return pictures in the order of their ids; up to 500. For services: rights are the caller's business."""
        ...

    @idempotent
    async def shown(self, caller: Caller, media: Id) -> bytes:
        """Return a picture as eyes are given it, WebP or JPEG of up to 736 pixels' width. NotFound. For services."""
        ...

    @slow
    async def glance(self, caller: Caller, upload: Id) -> bytes:
        """Return one of the caller's begun uploads as `shown` does, and keep nothing of it, picture or not.

        NotFound, Refused (with the reason; before the bytes have arrived the upload stays), Unavailable (busy).
        """
        ...

    @idempotent
    async def served(self, caller: Caller, media: Id, rendition: str) -> Served:
        """Return where a rendition's bytes are. NotFound. For the origin, after it has checked who asks."""
        ...
