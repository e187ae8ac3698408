"""Over https every answer keeps browsers there; over http none says so, whatever a stranger claims."""

from pathlib import Path

import pytest

from bowerbird.app.site import whole
from bowerbird.edge.http.secure import STRICT, strict
from tests.support.edge_client import call
from tests.support.house import MASTER, open_house, settings_with

PATHS = ("/", "/nothing", "/v1/feed", "/docs", "/healthz", "/blobs/x", "/media/x/1/y/236", "/assets/none.js")
FORWARDED = [(b"x-forwarded-proto", b"https")]


@pytest.mark.parametrize(
    ("told", "headers", "secure"),
    [
        ({"origin": "https://pins.test"}, [], True),
        ({"tls": True}, [], True),
        ({"proxies": 1}, FORWARDED, True),
        ({"proxies": 1}, [], False),
        ({}, FORWARDED, False),
        ({}, [], False),
    ],
)
async def test_https_is_stayed_on(
    tmp_path: Path, told: dict[str, object], headers: list[tuple[bytes, bytes]], secure: bool
) -> None:
    settings = settings_with(http=told)
    async with open_house(tmp_path, settings) as house:
        site = whole(house.services, house.engines, settings, MASTER, house.world)
        for path in PATHS:
            answer = await call(site, "GET", path, headers=headers)
            assert answer.header(STRICT[0].decode()) == (STRICT[1].decode() if secure else None), path


def test_where_nobody_comes_by_https_nothing_stands_between() -> None:
    async def app(*_: object) -> None: ...

    assert strict(app, settings_with().http) is app
