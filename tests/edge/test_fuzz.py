"""Arbitrary bytes at every address: always an answer, never a 5xx, and every refusal a problem."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from bowerbird.edge.api.kit import Kit
from bowerbird.edge.api.routes import ROUTES
from bowerbird.edge.http.asgi import Header
from bowerbird.edge.http.route import AnyRoute
from tests.support.edge_client import Answer, call
from tests.support.edge_house import House, token_of

HOUSE = House()
ADA = HOUSE.user("ada")
BOARD = HOUSE.board(ADA)
PIN = HOUSE.pin(BOARD, ADA)
TOKEN = token_of(ADA)

FUZZ = settings(max_examples=150)

header_names = st.sampled_from(
    [
        b"if-match",
        b"if-none-match",
        b"idempotency-key",
        b"content-type",
        b"content-length",
        b"cookie",
        b"origin",
        b"sec-fetch-site",
        b"x-request-id",
        b"x-forwarded-for",
        b"user-agent",
        b"authorization",
        b"range",
        b"host",
    ]
)
headers = st.lists(st.tuples(header_names | st.binary(min_size=1, max_size=10), st.binary(max_size=40)), max_size=6)
any_text = st.text(st.characters(exclude_categories=()), max_size=60)
segments = any_text | st.sampled_from(["me", "ada", "current", "people", "1", "236", "full"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(
    [
        "name",
        "handle",
        "email",
        "password",
        "login",
        "description",
        "visibility",
        "url",
        "upload_id",
        "pin_id",
        "title",
        "note",
        "alt",
        "pins",
        "board",
        "copy",
        "views",
        "mime",
        "length",
        "role",
        "scopes",
        "expires_at",
        "picture",
    ]
)
bodies = st.binary(max_size=60) | st.dictionaries(names | st.text(max_size=5), values).map(
    lambda value: json.dumps(value).encode()
)


def check(answer: Answer) -> None:
    assert answer.status < 500
    if answer.status >= 400:
        answer.problem()


@FUZZ
@given(method=st.sampled_from(["GET", "POST", "HEAD", "BREW", ""]) | st.text(max_size=8), path=any_text)
async def test_any_method_and_path(method: str, path: str) -> None:
    check_head(await call(HOUSE.api, method, path), method)


def check_head(answer: Answer, method: str) -> None:
    assert answer.status < 500
    if answer.status >= 400 and method != "HEAD":
        answer.problem()


class Asked(Struct, frozen=True):
    """A request: whatever stands where something is expected."""

    method: str
    path: str
    headers: list[Header]
    query: bytes
    body: bytes
    token: str


@st.composite
def requests(draw: st.DrawFn) -> Asked:
    """Draw a request to a route; all of it before a coroutine runs, which hypothesis cannot end in its midst."""
    route = draw(st.sampled_from(ROUTES))
    path = "/".join(draw(segments) if segment.startswith("{") else segment for segment in route.path.split("/"))
    json_said = [(b"content-type", b"application/json")] if draw(st.booleans()) else []
    query = draw(st.binary(max_size=40) | st.sampled_from([b"limit=5", b"cursor=x", b"shared=with-me"]))
    token = TOKEN if draw(st.booleans()) else ""
    return Asked(route.method, path, [*draw(headers), *json_said], query, draw(bodies), token)


@FUZZ
@given(asked=requests())
async def test_any_bytes_at_every_route(asked: Asked) -> None:
    answer = await call(
        HOUSE.api,
        asked.method,
        asked.path,
        headers=asked.headers,
        query=asked.query,
        body=asked.body,
        token=asked.token,
    )
    check(answer)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
async def test_every_route_refuses_a_body_that_is_none(route: AnyRoute[Kit]) -> None:
    if route.body is None:
        return
    path = route.path.replace("{user}", "ada")
    answer = await call(
        HOUSE.api,
        route.method,
        path,
        headers=[(b"content-type", b"application/json")],
        body=b'{"surely_unknown": 1}',
        token=TOKEN,
    )
    assert answer.problem()[:2] == (400, "invalid")
