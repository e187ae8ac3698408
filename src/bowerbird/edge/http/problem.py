"""Problems as RFC 9457 puts them on the wire: each code with its status, its title and what it means."""

import re
from typing import Final

import msgspec
from msgspec import Struct

from bowerbird.contracts.problems import Problem, Throttled, Unavailable
from bowerbird.edge.http.asgi import Header

JSON: Final = b"application/problem+json"


class MethodNotAllowed(Problem):
    """The address is there, but not for this method; the header Allow lists those it is there for."""

    code = "method-not-allowed"

    def __init__(self, allowed: bytes) -> None:
        super().__init__("this address does not take that method")
        self.allowed = allowed


class TooLarge(Problem):
    """The body is longer than the server takes."""

    code = "too-large"


class AddressTooLong(Problem):
    """The address, its query included, is longer than the server takes."""

    code = "address-too-long"


class HeadersTooLarge(Problem):
    """The headers are more, or longer, than the server takes."""

    code = "headers-too-large"


class UnsupportedType(Problem):
    """The body is of another media type than this address takes."""

    code = "unsupported-type"


class Internal(Problem):
    """The server made a mistake; it was noted under the request id."""

    code = "internal"


class Known(Struct, frozen=True):
    """A code's HTTP status, its title, and a sentence for whoever reads its page."""

    status: int
    title: str
    meaning: str


KNOWN: Final = {
    "invalid": Known(400, "The request is not valid", "A field breaks a rule, which `detail` states."),
    "unauthenticated": Known(401, "Sign in first", "Nobody is signed in, or the credentials are wrong or ended."),
    "forbidden": Known(403, "This is not yours to do", "You may see the thing, but not do this with it."),
    "not-found": Known(404, "There is no such thing", "It does not exist, or you may not know that it does."),
    "method-not-allowed": Known(405, "Not with this method", "`Allow` lists the methods that the address takes."),
    "exists": Known(409, "It is there already", "Something of that name exists; `field` says which name."),
    "stale": Known(412, "It was changed meanwhile", "The version in If-Match is no longer the present one."),
    "too-large": Known(413, "The body is too large", "The server takes no body of that length."),
    "address-too-long": Known(414, "The address is too long", "The server takes no address of that length."),
    "unsupported-type": Known(415, "Not this media type", "The body must be JSON, and its Content-Type must say so."),
    "refused": Known(422, "It cannot be accepted", "Well-formed, but unusable: `detail` says why."),
    "throttled": Known(429, "Too many requests", "`Retry-After` says in how many seconds the next is welcome."),
    "headers-too-large": Known(
        431, "The headers are too large", "The server takes no headers of that number or length."
    ),
    "internal": Known(500, "The server made a mistake", "It was noted under `request_id`."),
    "unavailable": Known(503, "Not now", "A part of the server cannot answer; try after `Retry-After` seconds."),
}
"""Every problem by its code; each has a page of its own at its type."""


class ProblemDetails(Struct, frozen=True, omit_defaults=True, rename={"type_": "type"}):
    """What went wrong, as RFC 9457 has it: `type` is stable, `field` names the input at fault, where one is."""

    type_: str
    title: str
    status: int
    detail: str
    request_id: str
    field: str = ""


_encoder: Final = msgspec.json.Encoder()
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_FIELD_LENGTH: Final = 80


def status_of(problem: Problem) -> int:
    """Return the HTTP status of a problem."""
    return KNOWN[problem.code].status if problem.code in KNOWN else KNOWN["internal"].status


def body_of(problem: Problem, request_id: str) -> bytes:
    """Return the document that tells a problem."""
    code = problem.code if problem.code in KNOWN else "internal"
    known = KNOWN[code]
    return _encoder.encode(
        ProblemDetails(
            type_=f"/problems/{code}",
            title=known.title,
            status=known.status,
            detail=_CONTROL.sub("\ufffd", problem.detail),
            request_id=request_id,
            field=_CONTROL.sub("\ufffd", problem.field[:_FIELD_LENGTH]),
        )
    )


def headers_of(problem: Problem) -> list[Header]:
    """Return the headers that a problem's response carries besides the usual ones."""
    headers: list[Header] = [(b"content-type", JSON), (b"cache-control", b"no-store")]
    if isinstance(problem, MethodNotAllowed):
        headers.append((b"allow", problem.allowed))
    if problem.code == "unauthenticated":
        headers.append((b"www-authenticate", b"Bearer"))
    if isinstance(problem, Throttled | Unavailable) or problem.retry_after_s:
        headers.append((b"retry-after", str(max(1, problem.retry_after_s)).encode()))
    return headers
