"""From registering to a follower's feed, and out of it again: the journey that the whole house exists for."""

from collections.abc import Callable

import httpx

from tests.support.pages import Page, serving_pages
from tests.support.server import Server
from tests.support.visitor import Visitor, settled

Someone = Callable[[str], Visitor]


def test_a_link_and_a_photo_reach_a_follower_and_leave_with_the_board(server: Server, someone: Someone) -> None:
    ada, bob = someone("ada"), someone("bob")
    board = ada.board("Kitchen ideas")
    bob.follow(ada)
    with serving_pages({"/bread": Page.titled("A good loaf", picture="/loaf.jpg")}) as pages:
        link = ada.ask("POST", f"/v1/boards/{board}/pins", json={"url": f"{pages}/bread"})
        assert link["details"] == "pending"
        filled = settled(lambda: ada.ask("GET", f"/v1/pins/{link['id']}"), lambda pin: pin["details"] != "pending")
    assert (filled["details"], filled["title"]) == ("ready", "A good loaf")
    photo = ada.photo(board, seed=1, title="My table")

    entries = settled(bob.feed, lambda items: len(items) == 2)
    assert [entry["pin"]["id"] for entry in entries] == [photo["id"], link["id"]]
    assert all(entry["why"]["person"]["handle"] == ada.handle for entry in entries)
    addresses = [source for entry in entries for source in entry["pin"]["picture"]["src"].values()]
    assert {httpx.get(server.base_url + address).status_code for address in addresses} == {200}

    ada.ask("PATCH", f"/v1/boards/{board}", json={"visibility": "private"})
    assert bob.feed() == []
    assert {httpx.get(server.base_url + address).status_code for address in addresses} == {404}
    assert bob.send("GET", f"/v1/pins/{photo['id']}").status_code == httpx.codes.NOT_FOUND
    assert len(ada.ask("GET", f"/v1/boards/{board}/pins")["items"]) == 2


def test_a_board_that_opens_again_comes_back(someone: Someone) -> None:
    ada, bob = someone("ada"), someone("bob")
    bob.follow(ada)
    board = ada.board("Garden", "private")
    pin = ada.photo(board, seed=2)["id"]
    assert bob.feed() == []
    ada.ask("PATCH", f"/v1/boards/{board}", json={"visibility": "public"})
    settled(bob.feed_pins, lambda pins: pins == [pin])


def test_a_follow_that_comes_later_fills_the_feed_and_its_end_empties_it_at_once(someone: Someone) -> None:
    ada, bob = someone("ada"), someone("bob")
    board = ada.board("Trees")
    pins = [ada.photo(board, seed=seed)["id"] for seed in range(3)]
    bob.follow(ada)
    settled(bob.feed_pins, lambda found: found == pins[::-1])
    bob.ask("DELETE", f"/v1/me/following/{ada.id}")
    assert bob.feed() == []


def test_a_shared_board_is_in_the_feed_until_it_is_taken_back(someone: Someone) -> None:
    ada, bob = someone("ada"), someone("bob")
    board = ada.board("Just us", "private")
    pin = ada.photo(board, seed=4)["id"]
    ada.ask("PUT", f"/v1/boards/{board}/shares/{bob.handle}", json={"role": "viewer"})
    entries = settled(bob.feed, lambda items: len(items) == 1)
    assert entries[0]["pin"]["id"] == pin
    assert entries[0]["why"]["reason"] == "shared_board"
    shared = bob.ask("GET", "/v1/boards", params={"shared": "with-me"})["items"]
    assert [each["id"] for each in shared] == [board]
    ada.ask("DELETE", f"/v1/boards/{board}/shares/{bob.id}")
    assert bob.feed() == []
    assert bob.send("GET", f"/v1/boards/{board}").status_code == httpx.codes.NOT_FOUND


def test_blocking_hides_each_from_the_other_at_once(someone: Someone) -> None:
    ada, bob = someone("ada"), someone("bob")
    board = ada.board("Lamps")
    ada.photo(board, seed=5)
    bob.follow(ada)
    settled(bob.feed_pins, lambda pins: len(pins) == 1)
    ada.ask("PUT", f"/v1/me/blocks/{bob.handle}")
    assert bob.feed() == []
    for one, other in ((ada, bob), (bob, ada)):
        assert one.send("GET", f"/v1/users/{other.handle}").status_code == httpx.codes.NOT_FOUND
    assert bob.send("GET", f"/v1/boards/{board}").status_code == httpx.codes.NOT_FOUND
    ada.ask("DELETE", f"/v1/me/blocks/{bob.id}")
    assert bob.ask("GET", f"/v1/users/{ada.handle}")["handle"] == ada.handle


def test_pages_of_a_feed_have_no_gap_and_no_double_while_pins_arrive_above(someone: Someone) -> None:
    ada, bob = someone("ada"), someone("bob")
    bob.follow(ada)
    board = ada.board("Many")
    old = [ada.photo(board, seed=100 + number)["id"] for number in range(7)]
    settled(bob.feed_pins, lambda pins: len(pins) == len(old))
    first = bob.ask("GET", "/v1/feed", params={"limit": 3})
    new = ada.photo(board, seed=200)["id"]
    settled(bob.feed_pins, lambda pins: new in pins)
    seen = [entry["pin"]["id"] for entry in first["items"]]
    cursor = first["next"]
    while cursor:
        page = bob.ask("GET", "/v1/feed", params={"limit": 3, "cursor": cursor})
        seen += [entry["pin"]["id"] for entry in page["items"]]
        cursor = page["next"]
    assert seen == old[::-1]
