"""The endpoint's words of HTTP: headers of a request, ranges, problems. It knows nothing of blobs."""

import re
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, Final, TypeAlias

import msgspec

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Header: TypeAlias = tuple[bytes, bytes]

_range = re.compile(rb"bytes=(\d{0,18})-(\d{0,18})")
_tags = re.compile(rb'(?:W/)?("[^"]*")')

PROBLEMS: Final = {
    "invalid": (400, "The request is not valid"),
    "forbidden": (403, "This is not yours to do"),
    "not-found": (404, "There is no such thing"),
    "method-not-allowed": (405, "Not with this method"),
    "exists": (409, "It is there already"),
    "too-large": (413, "The body is too large"),
    "unsupported-type": (415, "Not this media type"),
    "unavailable": (503, "Not now"),
}
"""Codes as the rest of the house has them, with their status and title."""


class Unsatisfiable(Exception):  # noqa: N818 - it names the range
    """The range begins behind the end."""


def header_of(scope: Scope, name: bytes) -> bytes:
    """Return a request's header by its name in lower case, b"" without one."""
    headers: Sequence[Header] = scope["headers"]
    return next((value for key, value in headers if key == name), b"")


def range_of(header: bytes, length: int) -> tuple[int, int] | None:
    """Return [start, stop) of a Range header; None for one that does not count, many at once among them."""
    match = _range.fullmatch(header.replace(b" ", b""))
    if match is None or match.group(1) == match.group(2) == b"":
        return None
    first, last = match.groups()
    if first == b"":
        start, stop = max(0, length - int(last)), length
    else:
        start, stop = int(first), min(length, int(last) + 1) if last else length
        if last and int(last) < int(first):
            return None
    if start >= length or start >= stop:
        raise Unsatisfiable
    return start, stop


def names_version(header: bytes, etag: bytes) -> bool:
    """Return whether an If-None-Match header names the version."""
    return header.strip() == b"*" or etag in _tags.findall(header)


async def answer(
    send: Send, status: int, headers: Sequence[Header], body: bytes = b"", *, is_last: bool = True
) -> None:
    """Send a whole response; unless it `is_last`, the caller ends it with `end`."""
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": body, "more_body": not is_last})


async def end(send: Send) -> None:
    """End a response of which everything was sent."""
    await send({"type": "http.response.body", "body": b""})


async def refuse(send: Send, code: str, detail: str, headers: Sequence[Header] = (), *, is_last: bool = True) -> None:
    """Send a problem as RFC 9457 has it; `is_last` as in `answer`."""
    status, title = PROBLEMS[code]
    body = msgspec.json.encode({"type": f"/problems/{code}", "title": title, "status": status, "detail": detail})
    usual: list[Header] = [
        (b"content-type", b"application/problem+json"),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if is_last:  # otherwise the server would take the response for ended, and hang up on who still sends
        usual.append((b"content-length", str(len(body)).encode()))
    if code == "unavailable":
        usual.append((b"retry-after", b"5"))
    await answer(send, status, [*usual, *headers], body, is_last=is_last)
