"""What the edge itself costs: a feed page of 25 pins, in the process, with services that answer at once.

    PYTHONPATH=. python bench/micro_edge.py

`cached` joins encoded fragments, `built` encodes every pin anew, `304` ends at the ETag, `healthz` is the router alone.
The numbers leave out the server, the socket and the engines.
"""

import asyncio
import time
from typing import TYPE_CHECKING, Any

import uvloop
from msgspec import json

from bowerbird.edge.api.settings import EdgeSettings
from bowerbird.edge.http.asgi import Message, Scope
from tests.support.edge_client import call
from tests.support.edge_house import Everything, House, token_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

PINS = 25
SECONDS = 2.0
SETTINGS = EdgeSettings(log_share=0.0, latency_share=0.01)
BROWSER = [
    (b"host", b"localhost:8000"),
    (b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"),
    (b"accept", b"application/json"),
    (b"accept-language", b"en"),
    (b"accept-encoding", b"gzip, deflate, br"),
    (b"sec-fetch-site", b"same-origin"),
]


def remember(services: Everything, name: str) -> None:
    """Let a method give its first answer for ever, so that the edge alone is measured."""
    method: Callable[..., Awaitable[Any]] = getattr(services, name)
    answers: list[Any] = []

    async def remembered(*given: object) -> object:
        if not answers:
            answers.append(await method(*given))
        return answers[0]

    setattr(services, name, remembered)


def filled(settings: EdgeSettings) -> tuple[House, str]:
    """Return a house where Ada's feed has a page of Ben's pins, and her token."""
    house = House(settings)
    ada, ben = house.user("ada"), house.user("ben")
    house.all.follows.add((ada.id, ben.id))
    board = house.board(ben)
    for _ in range(PINS):
        house.pin(board, ben)
    for name in ("home", "pins", "people", "relations", "spend", "authenticate"):
        remember(house.all, name)
    return house, token_of(ada)


async def rate(house: House, path: str, headers: list[tuple[bytes, bytes]]) -> tuple[float, int]:
    """Return calls per second, and the bytes of an answer."""
    sent = 0

    async def send(message: Message) -> None:
        nonlocal sent
        sent += len(message.get("body", b""))

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    calls, end = 0, time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        for _ in range(100):
            scope: Scope = {
                "type": "http",
                "method": "GET",
                "path": path,
                "query_string": b"",
                "headers": headers,
                "client": ("127.0.0.1", 1),
                "scheme": "http",
            }
            await house.api(scope, receive, send)
        calls += 100
    return calls / SECONDS, sent // calls


async def main() -> None:
    """Measure and print."""
    cached, token = filled(SETTINGS)
    headers = [*BROWSER, (b"authorization", b"Bearer " + token.encode())]
    first = await call(cached.api, "GET", "/v1/feed", headers=headers)
    assert len(json.decode(first.body)["items"]) == PINS
    tag = (b"if-none-match", str(first.header("etag")).encode())
    built, other = filled(EdgeSettings(log_share=0.0, latency_share=0.01, fragments_max=0))
    for name, house, path, given in (
        ("cached", cached, "/v1/feed", headers),
        ("built", built, "/v1/feed", [*BROWSER, (b"authorization", b"Bearer " + other.encode())]),
        ("304", cached, "/v1/feed", [*headers, tag]),
        ("healthz", cached, "/healthz", BROWSER),
    ):
        per_second, size = await rate(house, path, given)
        print(f"{name:8} {per_second:8.0f} /s {1e6 / per_second:6.0f} us {size:7} bytes")


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
