"""The router when more is asked than can be done: nothing is spent on what is refused, and health is always told."""

import asyncio
from typing import Any

import pytest

from bowerbird.base.world import World
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.identity import Shown
from bowerbird.contracts.safety import Allowance
from bowerbird.edge.api.routes import ROUTES
from bowerbird.edge.http.admission import Kind, Turn
from bowerbird.edge.http.route import AnyRoute, Reply, Request, Route
from bowerbird.edge.http.router import Router
from bowerbird.edge.http.settings import HttpSettings
from tests.support.edge_client import Answer, call

SOON = HttpSettings(wait_ms=50)


class Nobody:
    """A gate through which nobody may come."""

    async def authenticate(self, token: str) -> Shown:
        raise AssertionError(f"{token} was looked at")

    async def spend(self, caller: Caller, budget: str, address: str) -> Allowance:
        raise AssertionError(f"{budget} was counted for {caller} at {address}")


async def answer(seen: list[Request[Any, Any]], request: Request[Any, Any]) -> Reply[None]:
    seen.append(request)
    return Reply()


def routes() -> tuple[AnyRoute[Any], ...]:
    return (
        Route(method="GET", path="/health", handler=answer, summary="", tag="", access="open", urgency="always"),
        Route(method="GET", path="/page", handler=answer, summary="", tag="", access="open"),
        Route(method="GET", path="/mine", handler=answer, summary="", tag="", budget="read"),
        Route(method="POST", path="/mine", handler=answer, summary="", tag="", access="write", budget="write"),
    )


class House:
    """A router and what its handlers saw."""

    def __init__(self, settings: HttpSettings = SOON) -> None:
        self.seen: list[Request[Any, Any]] = []
        self.router = Router(routes(), self.seen, Nobody(), settings, World())
        self._turns: list[Turn] = []

    def fill(self, kind: Kind) -> None:
        """Take every place there is."""
        while (turn := self.router.admission.begin(kind)) is not None:
            self._turns.append(turn)

    def let_go(self) -> None:
        """Leave them all."""
        for turn in self._turns:
            turn.end()

    async def ask(self, method: str, path: str, *headers: tuple[bytes, bytes], body: bytes = b"") -> Answer:
        return await call(self.router, method, path, headers=headers, body=body, token="anything")


@pytest.mark.parametrize(("kind", "method"), [("read", "GET"), ("write", "POST")])
async def test_what_finds_no_room_is_refused_before_its_token_is_looked_at(kind: Kind, method: str) -> None:
    house = House()
    house.fill(kind)
    refused = await house.ask(method, "/mine", body=b'{"name": "a"}' if method == "POST" else b"")
    assert refused.status == 503
    assert refused.header("retry-after") == "1"
    assert refused.header("content-type") == "application/problem+json"
    assert refused.json()["type"] == "/problems/unavailable"
    assert int(refused.header("content-length") or "") == len(refused.body)
    assert house.seen == []


async def test_pages_and_writes_have_room_apart_and_health_needs_none() -> None:
    house = House()
    house.fill("write")
    assert (await house.ask("GET", "/page")).status == 200
    await asyncio.sleep(0)  # a place is free when the loop has come round
    house.fill("read")
    assert (await house.ask("GET", "/health")).status == 200
    assert (await house.ask("GET", "/page")).status == 503
    assert (await house.ask("HEAD", "/page")).body == b""


async def test_who_waits_is_answered_when_there_is_room_and_the_wait_counts_against_the_deadline() -> None:
    house = House(HttpSettings(wait_ms=60_000, timeout_ms=30_000))
    began_us = World().now_us()
    house.fill("read")
    asked = asyncio.create_task(house.ask("GET", "/page"))
    await asyncio.sleep(0.05)
    assert not asked.done()
    house.let_go()
    assert (await asked).status == 200
    [request] = house.seen
    assert request.caller.deadline_us <= began_us + 30_000_000 + 10_000


async def test_what_nobody_waits_for_goes_behind_whatever_somebody_waits_for() -> None:
    house = House(HttpSettings(wait_ms=60_000))
    house.fill("read")
    order: list[str] = []

    async def ask(name: str, *headers: tuple[bytes, bytes]) -> None:
        await house.ask("GET", "/page", *headers)
        order.append(name)

    tasks = [asyncio.create_task(ask("page"))]
    await asyncio.sleep(0)
    tasks.append(asyncio.create_task(ask("background", (b"priority", b"u=7, i"))))
    await asyncio.sleep(0)
    house.let_go()
    await asyncio.gather(*tasks)
    assert order == ["page", "background"]


def test_the_servers_state_is_always_told_and_pictures_and_views_go_last() -> None:
    by_urgency: dict[str, set[str]] = {}
    for route in ROUTES:
        by_urgency.setdefault(route.urgency, set()).add(route.path)
    assert by_urgency["always"] == {"/healthz", "/readyz", "/metrics"}
    assert by_urgency["later"] >= {"/v1/views", "/media/{pin}/{generation}/{name}/{rendition}"}
    assert not {path for path in by_urgency["later"] if not path.startswith(("/v1/views", "/media/"))}


def test_what_waits_for_a_hash_a_hand_or_a_walk_is_counted_apart() -> None:
    slow = {(route.method, route.path) for route in ROUTES if route.slow}
    assert slow == {
        ("POST", "/v1/sessions"),
        ("POST", "/v1/users"),
        ("DELETE", "/v1/me"),
        ("PUT", "/v1/me/password"),
        ("POST", "/v1/uploads/{upload}/complete"),
        ("POST", "/v1/lens"),
        ("GET", "/v1/pins/{pin}/copies"),
        ("GET", "/v1/uploads/{upload}/copies"),
        ("GET", "/v1/pins/{pin}/related"),
        ("GET", "/v1/boards/{board}/ideas"),
        ("GET", "/v1/ideas"),
        ("GET", "/v1/ideas/people"),
        ("GET", "/v1/ideas/boards"),
        ("GET", "/v1/topics"),
    }
