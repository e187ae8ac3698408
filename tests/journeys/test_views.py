"""What people look at becomes events in the log of views, and a person's pins are all that one may see of them."""

import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.support.server import Server
from tests.support.visitor import Visitor, settled

Someone = Callable[[str], Visitor]


def views_of(server: Server, visitor: Visitor) -> list[tuple[str, Any]]:
    """Return somebody's views in the log, oldest first: the kind, and what was seen."""
    tail = server.command("--json", "log", "tail", "--topic", "views", "--lines", "1000", "--bodies")
    assert tail.returncode == 0, tail.stderr
    events = [json.loads(line) for line in tail.stdout.splitlines()]
    return [(event["type"], event["body"]["things"]) for event in events if event["entity"] == visitor.id]


def test_each_page_served_and_each_thing_told_is_one_event(server: Server, someone: Someone) -> None:
    ada, bob = someone("ada"), someone("bob")
    bob.follow(ada)
    board, hidden = ada.board("Seen"), ada.board("Hidden", "private")
    pins = [ada.photo(board, seed=seed)["id"] for seed in (1, 2)]
    secret = ada.photo(hidden, seed=3)["id"]
    settled(bob.feed_pins, lambda seen: len(seen) == 2)
    page = bob.ask("GET", f"/v1/boards/{board}/pins", params={"limit": 1})
    bob.ask("GET", f"/v1/boards/{board}/pins", params={"limit": 1, "cursor": page["next"]})
    assert bob.send("GET", f"/v1/boards/{hidden}/pins").status_code == httpx.codes.NOT_FOUND
    told = [{"kind": kind, "pin": pin} for kind, pin in (("pin_seen", pins[0]), ("link_clicked", secret))]
    bob.ask("POST", "/v1/views", json={"views": told})
    views = settled(lambda: views_of(server, bob), lambda found: found[-1:] == [("pin_seen", [_seen(pins[0])])])
    assert [each for each in views if each[0] != "feed_served"] == [
        ("board_served", [_seen(pins[1])]),
        ("board_served", [_seen(pins[0])]),
        ("pin_seen", [_seen(pins[0])]),
    ]
    assert ("feed_served", [_seen(pins[1]), _seen(pins[0])]) in views


def _seen(pin: str) -> str:
    """Return an id as the command line writes it."""
    return b64encode(UUID(pin).bytes).decode()


@pytest.mark.parametrize("name", ["me", "handle", "id"])
def test_a_persons_pins_are_all_that_one_may_see(someone: Someone, name: str) -> None:
    ada, bob = someone("ada"), someone("bob")
    public, private, guest = ada.board("Open"), ada.board("Closed", "private"), bob.board("Bob's", "private")
    bob.ask("PUT", f"/v1/boards/{guest}/shares/{ada.id}", json={"role": "editor"})
    link = ada.ask("POST", f"/v1/boards/{public}/pins", json={"url": "http://127.0.0.1:9/nothing"})
    pins = [link["id"], *(ada.photo(board, seed=seed)["id"] for seed, board in enumerate((public, private, guest)))]
    where = {"me": "me", "handle": ada.handle.upper(), "id": ada.id}[name]

    def seen(visitor: Visitor, of: str) -> list[str]:
        return [pin["id"] for pin in visitor.ask("GET", f"/v1/users/{of}/pins")["items"]]

    settled(lambda: seen(ada, where), lambda found: found == pins[::-1])
    assert seen(bob, ada.handle) == [pins[3], pins[1], pins[0]]
    ada.ask("PUT", f"/v1/boards/{private}/shares/{bob.id}", json={"role": "viewer"})
    settled(lambda: seen(bob, ada.handle), lambda found: found == pins[::-1])
    bob.ask("DELETE", f"/v1/boards/{guest}/shares/{ada.id}")
    assert seen(ada, where) == pins[2::-1]
    stranger = someone("eve")
    assert seen(stranger, ada.handle) == [pins[1], pins[0]]
