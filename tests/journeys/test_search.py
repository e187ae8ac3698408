"""Found by words: soon after it is saved, by those who may see it, and no more from the moment on when they may not."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.support.server import Server
from tests.support.visitor import Visitor, settled

Someone = Callable[[str], Visitor]


def found(visitor: Visitor, query: str, kind: str = "pin") -> list[dict[str, Any]]:
    """Return what somebody finds."""
    return visitor.ask("GET", "/v1/search", params={"q": query, "type": kind, "limit": 100})["items"]


def pins(visitor: Visitor, query: str) -> set[str]:
    """Return the pins that somebody finds."""
    return {item["pin"]["id"] for item in found(visitor, query)}


def test_what_is_saved_is_found_and_what_is_hidden_is_not_from_the_next_request_on(someone: Someone) -> None:
    ada, bob = someone("ada"), someone("bob")
    board = ada.board("Zebrawood things")
    pin = ada.photo(board, seed=1, title="A turned bowl", note="Zebrawood, and a long story about its finish")["id"]
    settled(lambda: pins(bob, "zebrawood bowl"), lambda ids: ids == {pin})
    [item] = found(bob, "zebrawood bowl")
    assert [piece["text"] for piece in item["title"] if piece["hit"]] == ["bowl"]
    assert "".join(piece["text"] for piece in item["excerpt"]).startswith("Zebrawood, and")
    assert pins(bob, f"by:{ada.handle} has:photo") == {pin}

    ada.ask("PATCH", f"/v1/boards/{board}", json={"visibility": "private"})
    assert pins(bob, "zebrawood") == set()
    assert found(bob, "zebrawood", "board") == []
    settled(lambda: pins(ada, "zebrawood"), lambda ids: ids == {pin})
    ada.ask("PUT", f"/v1/boards/{board}/shares/{bob.handle}", json={"role": "viewer"})
    settled(lambda: pins(bob, "zebrawood"), lambda ids: ids == {pin})
    ada.ask("DELETE", f"/v1/boards/{board}/shares/{bob.id}")
    assert pins(bob, "zebrawood") == set()
    ada.ask("DELETE", f"/v1/pins/{pin}")
    assert pins(ada, "zebrawood") == set()


def test_whom_one_blocks_one_does_not_find(someone: Someone) -> None:
    ada, bob = someone("ada"), someone("bob")
    pin = ada.photo(ada.board("Okapi"), seed=2, title="An okapi")["id"]
    settled(lambda: pins(bob, "okapi"), lambda ids: ids == {pin})
    settled(lambda: found(bob, ada.handle, "person"), bool)
    assert bob.ask("GET", "/v1/search", params={"q": "okpai"})["did_you_mean"] == "okapi"
    ada.ask("PUT", f"/v1/me/blocks/{bob.handle}")
    for visitor, other in ((bob, ada), (ada, bob)):
        assert found(visitor, other.handle, "person") == []
    assert pins(bob, "okapi") == set()
    assert found(bob, "okapi", "board") == []
    assert bob.ask("GET", "/v1/search/suggestions", params={"q": "okap"})["items"] == []
    assert bob.ask("GET", "/v1/search", params={"q": "okpai"})["did_you_mean"] is None


def test_a_slip_finds_what_was_meant_and_says_so(someone: Someone) -> None:
    ada, bob = someone("ada"), someone("bob")
    pin = ada.photo(ada.board("Woodwork"), seed=3, title="A xylophone of walnut")["id"]
    settled(lambda: pins(bob, "xylophone"), lambda ids: ids == {pin})
    page = bob.ask("GET", "/v1/search", params={"q": "xylohpone"})
    assert ([item["pin"]["id"] for item in page["items"]], page["near"]) == ([pin], True)
    assert page["did_you_mean"] == "xylophone"
    nothing = bob.ask("GET", "/v1/search", params={"q": "qqqqzzzz"})
    assert nothing == {"items": [], "next": None, "near": False, "did_you_mean": None}


def test_pages_go_on_to_the_end_and_hold_everything_once(someone: Someone) -> None:
    ada, bob = someone("ada"), someone("bob")
    board = ada.board("Quokkas")
    saved = {ada.photo(board, seed=seed, title=f"Quokka {seed}")["id"] for seed in range(7)}
    settled(lambda: pins(bob, "quokka"), lambda ids: ids == saved)
    seen, cursor = list[str](), ""
    while cursor is not None:
        page = bob.ask("GET", "/v1/search", params={"q": "quokka", "limit": 3, "cursor": cursor})
        seen += [item["pin"]["id"] for item in page["items"]]
        cursor = page["next"]
    assert (len(seen), set(seen)) == (7, saved)


def test_what_many_search_for_is_suggested_to_others(someone: Someone) -> None:
    ada, zoe, *others = [someone(f"visitor{number}") for number in range(6)]
    pin = ada.photo(ada.board("Mail"), seed=4, title="An old card", note="Came by zeppelin post")["id"]

    def suggestions(visitor: Visitor) -> list[dict[str, Any]]:
        return visitor.ask("GET", "/v1/search/suggestions", params={"q": "Zepp"})["items"]

    for visitor in (ada, *others):
        settled(lambda visitor=visitor: pins(visitor, "Zeppelin  post"), lambda ids: ids == {pin})
    settled(lambda: suggestions(zoe), lambda items: items == [{"type": "query", "text": "zeppelin post"}])
    ada.ask("DELETE", f"/v1/pins/{pin}")
    assert suggestions(zoe) == []


@pytest.mark.parametrize("query", ["", '"', "-", "by:", "saved:>nonsense", '"a" -"', "site:", "💡" * 300, "a" * 1000])
def test_nothing_typed_is_wrong(server: Server, query: str) -> None:
    for path in ("/v1/search", "/v1/search/suggestions"):
        assert httpx.get(server.base_url + path, params={"q": query}).status_code == httpx.codes.OK
