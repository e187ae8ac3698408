"""Routes as data: what a request must be, who answers it, and with what; the router and the OpenAPI file read them."""

from collections.abc import Awaitable, Callable
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from msgspec import Struct

from bowerbird.contracts.caller import Caller
from bowerbird.edge.http.asgi import Header, Receive, Scope, Send

Context = TypeVar("Context")
Body = TypeVar("Body")
Query = TypeVar("Query")
Result = TypeVar("Result")

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Access = Literal["open", "public", "read", "write"]
"""Who may call: anybody, who is not even asked; anybody; or somebody with that scope."""

Urgency = Literal["always", "usual", "later"]
"""When more is asked than can be done: answered all the same, in its turn, or behind all others."""

Stream: TypeAlias = Callable[[Scope, Receive, Send, list[Header]], Awaitable[None]]
"""Sends a whole response to the request, be it conditional or of a range, with these headers among its own."""


class Request(Struct, Generic[Body, Query], frozen=True, kw_only=True, gc=False):
    """A request that was found good: body and query are of the route's types, `places` the parts of its path.

    `address` is whence it came, `client` what the program there says of itself; `version` is that of If-Match.
    """

    caller: Caller
    path: str
    places: dict[str, str]
    query: Query
    body: Body
    address: str
    client: str
    version: int | None


class Reply(Struct, Generic[Result], frozen=True, gc=False):
    """What a handler answers: `body` is encoded as JSON unless it is bytes already; None is an empty answer.

    `status` 0 is the route's own; `version` becomes part of the ETag, whose other part is made of `digest`, or else of
    the whole body; `token` is the session's token to show from now on ("": no session any more, None: as before);
    `stream`, where given, sends the response instead, its own ETag included.
    """

    body: Result | bytes | None = None
    status: int = 0
    version: int | None = None
    digest: bytes = b""
    headers: tuple[Header, ...] = ()
    token: str | None = None
    stream: Stream | None = None


class Route(Struct, Generic[Context, Body, Query, Result], frozen=True, kw_only=True):
    """One method on one path. `path` has its places in braces, each filling a whole segment.

    `status` is the usual success, `also` others; `returns` is what the body decodes to (None: empty, a str: the media
    type of a body that is no JSON). `budget` is what a call is counted against. `once`: takes an Idempotency-Key.
    `matches`: takes If-Match. `slow`: waits for a hand, a walk or a password's hash. `problems` are codes beyond those
    that follow from the rest. `hidden`: not documented.
    """

    method: Method
    path: str
    handler: Callable[[Context, Request[Body, Query]], Awaitable[Reply[Result]]]
    summary: str
    tag: str
    body: type[Body] | None = None
    query: type[Query] | None = None
    returns: type[Result] | str | None = None
    status: int = 200
    also: tuple[int, ...] = ()
    access: Access = "read"
    urgency: Urgency = "usual"
    slow: bool = False
    budget: str = ""
    once: bool = False
    matches: bool = False
    problems: tuple[str, ...] = ()
    hidden: bool = False


AnyRoute: TypeAlias = Route[Context, Any, Any, Any]
