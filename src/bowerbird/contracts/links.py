"""Links: web addresses, each known once, and what their pages say of themselves."""

from typing import Protocol

from msgspec import Struct

from bowerbird.base.calls import idempotent, slow
from bowerbird.base.ids import Id
from bowerbird.contracts.caller import Caller


class Link(Struct, frozen=True):
    """An address on the shard of its hash; `id` is derived from the normalised form. The body of the link events.

    `original_url` is the first spelling that was saved; `url_hash` SHA-256 of the normalised one as base64url (43);
    `normal` the version of the normalisation rules. `metadata` is JSON of `Metadata`. `fetched_at` None: never.
    `public` is 1 once a public pin shows the details, from when on they may be reused for others.
    """

    id: Id
    original_url: str
    url_hash: str
    normal: int
    created_at: int
    title: str = ""
    metadata: str = "{}"
    failure: str = ""
    fetched_at: int | None = None
    public: int = 0
    version: int = 1


class Metadata(Struct, frozen=True):
    """What a page said of itself beside its title: texts, where its picture was, and the address it answered at."""

    description: str = ""
    site: str = ""
    picture_url: str = ""
    url: str = ""


class Details(Struct, frozen=True, array_like=True):
    """What a page says: texts ready for a pin, the raw picture's bytes (b"" without), and why it failed ("" if not)."""

    title: str
    description: str
    site: str
    failure: str
    picture: bytes = b""


class Links(Protocol):
    """Owns link rows; asks the network hand."""

    @idempotent
    async def put(self, caller: Caller, url: str) -> Link:
        """Return the link of an address, made if it is new. Invalid (field url) when it is no http(s) address."""
        ...

    @slow
    async def details(self, caller: Caller, link: Id, url: str) -> Details:
        """Fetch the page as it is now, and keep what it says of itself; for consumers, slow (seconds)."""
        ...

    @idempotent
    async def shown(self, caller: Caller, link: Id) -> None:
        """Note that a public pin shows the link's details."""
        ...
