"""A router over a few routes that know no resource, and all that stands around it."""

from typing import Any

from msgspec import Struct

from bowerbird.base.ids import Id
from bowerbird.base.world import World
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.identity import Shown
from bowerbird.contracts.problems import Unauthenticated, Unavailable
from bowerbird.contracts.safety import Allowance
from bowerbird.edge.http.route import AnyRoute, Reply, Request, Route
from bowerbird.edge.http.router import Router
from bowerbird.edge.http.settings import HttpSettings
from tests.support.edge_client import Answer, call

ADA = Id(b"a" * 16)
SESSION = Id(b"s" * 16)
BEARER = (b"authorization", b"Bearer good")
COOKIE = (b"cookie", b"bowerbird_session=good")
OWN = (b"sec-fetch-site", b"same-origin")
JSON = (b"content-type", b"application/json")


class Thing(Struct, forbid_unknown_fields=True):
    name: str


class Filter(Struct, forbid_unknown_fields=True):
    limit: int = 25


class Context:
    """What the handlers saw, and what they are to do."""

    def __init__(self) -> None:
        self.seen: list[Request[Any, Any]] = []
        self.error: BaseException | None = None
        self.reply: Reply[Any] = Reply()


async def handle(context: Context, request: Request[Any, Any]) -> Reply[Any]:
    context.seen.append(request)
    if context.error is not None:
        raise context.error
    return context.reply


async def wait(context: Context, request: Request[Any, Any]) -> Reply[Any]:
    await World().sleep(60)
    return await handle(context, request)


class Gate:
    """`good` is Ada; `old` is she with a token to renew; `read` and `write` are hers with that scope alone."""

    allowed = True

    def __init__(self) -> None:
        self.spent: list[tuple[Id | None, str, str]] = []
        self.down = False

    async def authenticate(self, token: str) -> Shown:
        if self.down:
            raise Unavailable("identity cannot answer", retry_after_s=3)
        scopes = {"good": 3, "old": 3, "read": 1, "write": 2}.get(token)
        if scopes is None:
            raise Unauthenticated("this token is no good")
        return Shown(ADA, SESSION, scopes, "fresh" if token == "old" else "")

    async def spend(self, caller: Caller, budget: str, address: str) -> Allowance:
        assert caller.trace
        self.spent.append((caller.person, budget, address))
        return Allowance(self.allowed, 100, 41 if self.allowed else 0, 30)


def routes() -> tuple[AnyRoute[Context], ...]:
    return (
        Route(method="GET", path="/open", handler=handle, summary="", tag="", access="open"),
        Route(method="GET", path="/things", handler=handle, summary="", tag="", access="public", budget="read"),
        Route(method="GET", path="/mine", handler=handle, summary="", tag="", query=Filter),
        Route(method="GET", path="/slow", handler=wait, summary="", tag="", access="open"),
        Route(
            method="POST",
            path="/things",
            handler=handle,
            summary="",
            tag="",
            body=Thing,
            status=201,
            access="write",
            once=True,
        ),
        Route(method="PATCH", path="/things/{thing}", handler=handle, summary="", tag="", access="write", matches=True),
        Route(method="POST", path="/sign-in", handler=handle, summary="", tag="", body=Thing, access="public"),
    )


class Place:
    """A router with all that stands around it."""

    def __init__(self, settings: HttpSettings | None = None) -> None:
        self.context = Context()
        self.gate = Gate()
        self.router = Router(routes(), self.context, self.gate, settings or HttpSettings(), World())

    async def get(self, path: str, *headers: tuple[bytes, bytes], query: bytes = b"") -> Answer:
        return await call(self.router, "GET", path, headers=headers, query=query)

    async def post(self, path: str, *headers: tuple[bytes, bytes], body: bytes = b'{"name":"a"}') -> Answer:
        return await call(self.router, "POST", path, headers=[JSON, *headers], body=body)
