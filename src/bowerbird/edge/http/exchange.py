"""An exchange: one request as it came in, read with bounds, and the headers that its answer will carry."""

import re
from collections.abc import Generator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any, Final

from bowerbird.base.world import World
from bowerbird.contracts.caller import NOBODY, Caller
from bowerbird.edge.http.admission import Turn
from bowerbird.edge.http.asgi import Header, Receive, Scope
from bowerbird.edge.http.problem import AddressTooLong, HeadersTooLarge
from bowerbird.edge.http.settings import HttpSettings

_TRACE: Final = re.compile(rb"[A-Za-z0-9_-]{8,64}\Z")
_TRACE_BYTES: Final = 8
_CLIENT_LENGTH: Final = 200
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Exchange:
    """`trace` is the request's id, the client's own where it gave a good one; `extra` goes out with any answer.

    `unread`: the client is sending a body of which not all was read. `turn`: its place among those under way; None for
    what is answered whatever the load.
    """

    __slots__ = (
        "caller",
        "extra",
        "headers",
        "method",
        "path",
        "query",
        "receive",
        "scope",
        "started_s",
        "trace",
        "turn",
        "unread",
    )

    def __init__(self, scope: Scope, receive: Receive, world: World, turn: Turn | None = None) -> None:
        self.scope = scope
        self.receive = receive
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.query: bytes = scope["query_string"]
        self.headers = _headers(scope["headers"])
        self.caller: Caller = NOBODY
        self.extra: list[Header] = []
        self.turn = turn
        self.started_s = world.monotonic_s() if turn is None else turn.arrived_s
        # Whoever expects to be told to go on does not send before.
        self.unread = _announces_body(self.headers) and b"expect" not in self.headers
        given = self.headers.get(b"x-request-id")
        good = given is not None and _TRACE.match(given)
        self.trace: str = given.decode() if given and good else world.random_bytes(_TRACE_BYTES).hex()

    @property
    def waited_s(self) -> float:
        """How long the request waited for its turn."""
        return 0.0 if self.turn is None else self.turn.waited_s

    @contextmanager
    def aside(self) -> Generator[None]:
        """Leave the place among those under way to others while the client is waited for."""
        if self.turn is None:
            yield
            return
        self.turn.pause()
        try:
            yield
        finally:
            self.turn.go_on()

    def is_plain(self) -> bool:
        """Say whether the path may name anything: it is visible ASCII, and its slashes are those that were sent."""
        if not (self.path.isascii() and self.path.isprintable()):
            return False
        raw: bytes = self.scope.get("raw_path") or b""
        return b"%" not in raw or b"%2f" not in raw.lower()

    def check_size(self, settings: HttpSettings) -> None:
        """AddressTooLong or HeadersTooLarge beyond the settings."""
        path: bytes = self.scope.get("raw_path") or self.path.encode(errors="surrogatepass")
        if len(path) + len(self.query) > settings.url_bytes_max:
            raise AddressTooLong(f"path and query have at most {settings.url_bytes_max} bytes here")
        headers: list[Any] = self.scope["headers"]
        if len(headers) > settings.headers_max:
            raise HeadersTooLarge(f"a request has at most {settings.headers_max} headers here")
        if sum(len(name) + len(value) for name, value in headers) > settings.headers_bytes_max:
            raise HeadersTooLarge(f"all headers together have at most {settings.headers_bytes_max} bytes here")

    def address(self, proxies: int) -> str:
        """Return whence the request came: the peer, or what the outermost of our own proxies saw."""
        client = self.scope.get("client")
        peer: str = client[0] if client else ""
        forwarded = self.headers.get(b"x-forwarded-for")
        if not proxies or forwarded is None:
            return peer
        hops = forwarded.split(b",")
        try:
            return str(ip_address(hops[max(0, len(hops) - proxies)].strip().decode("latin-1")))
        except ValueError:
            return peer

    def client(self) -> str:
        """Return what the program says of itself, cut to 200 characters."""
        return _CONTROLS.sub(" ", self.headers.get(b"user-agent", b"").decode("latin-1")[:_CLIENT_LENGTH])


def _announces_body(headers: dict[bytes, bytes]) -> bool:
    return headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers


def _headers(given: list[Header]) -> dict[bytes, bytes]:
    headers = dict(given)
    if len(headers) == len(given):
        return headers
    joined: dict[bytes, bytes] = {}
    for name, value in given:
        between = b"; " if name == b"cookie" else b", "
        joined[name] = joined[name] + between + value if name in joined else value
    return joined
