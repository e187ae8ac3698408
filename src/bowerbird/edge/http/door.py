"""The door: how a request stands in admission, by its route and its own word, and what it is told if refused."""

from typing import Any, Final

from bowerbird.base.world import World
from bowerbird.contracts.problems import Unavailable
from bowerbird.edge.http import decode, problem
from bowerbird.edge.http.admission import BACKGROUND, LATER, USUAL, Admission, Kind, Turn
from bowerbird.edge.http.asgi import Header, Receive, Scope, Send
from bowerbird.edge.http.route import AnyRoute
from bowerbird.edge.http.settings import HttpSettings

SAFE: Final = {"GET", "HEAD", "OPTIONS"}
_TOLD: Final = Unavailable("too much is asked at once; try again", retry_after_s=1)
_STATUS: Final = problem.status_of(_TOLD)
_BODY: Final = problem.body_of(_TOLD, "")
_HEADERS: Final[tuple[Header, ...]] = (*problem.headers_of(_TOLD), (b"content-length", b"%d" % len(_BODY)))
_PASSED_S: Final = 5
_RANKS: Final = {"usual": USUAL, "later": LATER}


class Full(Exception):  # noqa: N818 - how things stand
    """There is no room for the request, and there was none while it waited."""


class Door:
    """Every request comes by here before anything is read of it but its path."""

    def __init__(self, settings: HttpSettings, world: World) -> None:
        self.admission = Admission(settings, world)

    async def enter(self, scope: Scope, route: AnyRoute[Any] | None) -> Turn | None:
        """Return the request's turn; None for one that is answered whatever the load. Full."""
        if route is not None and route.urgency == "always":
            return None
        kind = _kind(scope["method"], route)
        turn = self.admission.begin(kind) or await self.admission.wait(kind, _rank(scope, route))
        if turn is None:
            raise Full
        return turn


def _kind(method: str, route: AnyRoute[Any] | None) -> Kind:
    if route is not None and route.slow:
        return "slow"
    return "read" if method in SAFE else "write"


def _rank(scope: Scope, route: AnyRoute[Any] | None) -> int:
    """Return how urgent a request is: by its route, and less so if it says that nobody waits for it."""
    for name, value in scope["headers"]:
        if name == b"priority" and value.replace(b" ", b"").startswith(b"u=7"):
            return BACKGROUND
    return USUAL if route is None else _RANKS[route.urgency]


async def refuse(scope: Scope, receive: Receive, send: Send, body_bytes_max: int) -> None:
    """Answer that there is no room, with what was prepared; of a body that comes no more than its bound is heard."""
    if scope["method"] not in SAFE:
        await decode.let_pass(receive, body_bytes_max, _PASSED_S)
    await send({"type": "http.response.start", "status": _STATUS, "headers": list(_HEADERS)})
    body = b"" if scope["method"] == "HEAD" else _BODY
    await send({"type": "http.response.body", "body": body, "more_body": False})
