from html.parser import HTMLParser
from typing import ClassVar

import msgspec
from typing_extensions import override

from bowerbird.edge.api.routes import ROUTES
from bowerbird.edge.api.settings import EdgeSettings
from bowerbird.edge.http.problem import KNOWN
from tests.support.edge_client import call
from tests.support.edge_house import House, token_of


class Page(HTMLParser):
    """Reads a page strictly: every element is closed in order, every id is there once, every link leads somewhere."""

    VOID: ClassVar = {"meta"}

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)
        self.close()
        assert self.open == []
        assert len(set(self.ids)) == len(self.ids)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.add(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        self.ids.extend(str(given["id"]) for _ in range("id" in given))
        self.links.extend(str(given["href"]) for _ in range("href" in given))

    @override
    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


async def test_the_page_shows_every_operation_and_every_link_leads_somewhere() -> None:
    answer = await call(House().api, "GET", "/docs")
    page = Page(answer.body.decode())
    assert {route.handler.__name__ for route in ROUTES} <= set(page.ids)
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    assert {link for link in page.links if not link.startswith("#")} <= {
        "/openapi.json",
        *(f"/problems/{code}" for code in KNOWN),
    }


async def test_the_page_needs_nothing_and_allows_nothing_from_elsewhere() -> None:
    answer = await call(House().api, "GET", "/docs")
    assert Page(answer.body.decode()).tags.isdisjoint({"script", "link", "img", "iframe"})
    assert str(answer.header("content-security-policy")).startswith("default-src 'none'; style-src 'sha256-")
    assert b" style=" not in answer.body


async def test_each_type_of_problem_has_its_page() -> None:
    house = House()
    for code in KNOWN:
        answer = await call(house.api, "GET", f"/problems/{code}")
        assert answer.header("content-type") == "text/html; charset=utf-8"
        assert KNOWN[code].title in answer.body.decode()
        Page(answer.body.decode())
    assert (await call(house.api, "GET", "/problems/none")).problem() == (404, "not-found", "")


async def test_the_server_tells_whether_it_is_up_and_ready() -> None:
    house = House()
    assert (await call(house.api, "GET", "/healthz")).json() == {"ok": True}
    assert (await call(house.api, "GET", "/readyz")).status == 200
    house.missing.append("core does not answer")
    answer = await call(house.api, "GET", "/readyz")
    assert answer.problem() == (503, "unavailable", "")
    assert "core does not answer" in answer.json()["detail"]
    assert (await call(house.api, "GET", "/healthz")).status == 200


async def test_metrics_are_not_for_strangers() -> None:
    house = House()
    assert (await call(house.api, "GET", "/metrics")).problem() == (404, "not-found", "")
    assert (await call(house.api, "GET", "/metrics", token=token_of(house.user("ada")))).status == 404
    assert (await call(house.api, "GET", "/metrics", token="admin:" + token_of(house.user("eve")))).status == 200


async def test_the_openapi_document_is_served() -> None:
    assert (await call(House().api, "GET", "/openapi.json")).json()["openapi"] == "3.1.0"


def test_every_setting_says_what_it_is() -> None:
    settings = msgspec.json.schema(EdgeSettings)["$defs"]["EdgeSettings"]["properties"]
    assert {name for name, field in settings.items() if not field.get("description")} == set()
