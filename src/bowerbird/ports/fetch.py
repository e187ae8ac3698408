"""Fetch: the only way out to strangers' addresses."""

from typing import Literal, Protocol

from msgspec import Struct

from bowerbird.base.calls import slow

Failure = Literal[
    "",
    "bad-address",
    "not-public",
    "port-refused",
    "no-such-host",
    "unreachable",
    "timeout",
    "too-large",
    "too-many-redirects",
    "bad-answer",
    "refused-by-site",
    "not-a-page",
    "busy",
]
"""Why a page could not be had; "" when it could. Each has a sentence in the documentation."""


class Fetched(Struct, frozen=True, array_like=True):
    """What a page says of itself, and its picture's raw bytes, undecoded (b"" when it has none).

    `status` is the last HTTP status, 0 without an answer. Texts are cut to what a pin can hold and cleaned.
    `picture_url` is where the picture came from. A URL that is itself a picture has only the picture. A page that asks
    for its pictures to be left alone has its texts and the failure "refused-by-site".
    """

    failure: Failure
    status: int
    url: str
    title: str = ""
    description: str = ""
    site: str = ""
    picture_url: str = ""
    picture: bytes = b""


class Fetch(Protocol):
    """Never raises for what a stranger does: everything is in the answer."""

    @slow
    async def fetch(self, url: str) -> Fetched:
        """Get a page and the best picture it names, within the settings' times and sizes."""
        ...
