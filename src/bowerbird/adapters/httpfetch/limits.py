"""What a fetch may cost and reach, and how the two sides of the hand speak."""

from typing import Literal

from msgspec import Struct

from bowerbird.ports.fetch import Failure

Want = Literal["page", "picture"]
"""A page may turn out to be a picture; where a picture is wanted, nothing else will do."""


class FetchLimits(Struct, frozen=True, kw_only=True):
    """Everything is bounded; sizes are in bytes after decompression, and cut a page short or refuse a picture.

    `total_ms` is network time for one fetch with all its redirects and pictures, `cpu_ms_max` processor time for one
    exchange: HTML can be made that takes minutes to read. `ports` are those that may be reached.
    `allowed_hosts` are exempt from the rules on ports and public addresses: "host", "host:port", or a network such as
    "10.1.0.0/16". `contact_url` is told to the sites. `ca_file` names certificate authorities to trust besides the
    system's.
    """

    total_ms: int = 15_000
    connect_ms: int = 5_000
    cpu_ms_max: int = 3_000
    page_bytes_max: int = 3 << 20
    picture_bytes_max: int = 20 << 20
    redirects_max: int = 5
    pictures_max: int = 3
    per_host_max: int = 2
    waiting_max: int = 256
    url_characters_max: int = 2048
    ports: tuple[int, ...] = (80, 443)
    allowed_hosts: tuple[str, ...] = ()
    contact_url: str = ""
    ca_file: str = ""


class Step(Struct, frozen=True, array_like=True):
    """What the hand is asked for: one exchange with one host."""

    url: str
    want: Want
    timeout_ms: int


class Page(Struct, frozen=True, array_like=True):
    """What a page says of itself: clean texts, and the addresses of its pictures, the best first.

    `no_pictures`: it asks that its pictures be left where they are.
    """

    title: str
    description: str
    site: str
    pictures: list[str]
    no_pictures: bool


class Got(Struct, frozen=True, array_like=True):
    """What the hand answers: a failure, or where it has moved to, or a page, or a picture's bytes.

    `status` is the HTTP status, 0 without an answer. `took_ms` is the time from the first look-up to the last byte.
    """

    failure: Failure
    status: int = 0
    moved_to: str = ""
    page: Page | None = None
    picture: bytes = b""
    took_ms: int = 0


class Failed(Exception):  # noqa: N818 - it carries an expected answer out of the libraries that stand between
    """The exchange is over, for this reason."""

    def __init__(self, failure: Failure, status: int = 0) -> None:
        super().__init__(failure, status)
        self.failure: Failure = failure
        self.status = status
