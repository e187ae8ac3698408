"""Boards and pins as their owners and guests use them, through the API."""

import json
from collections.abc import Callable

import httpx
import pytest

from tests.support.pages import Page, serving_pages
from tests.support.pictures import jpeg
from tests.support.server import Server
from tests.support.visitor import Visitor, settled

Someone = Callable[[str], Visitor]


def test_who_may_not_see_a_board_hears_what_is_heard_of_none(someone: Someone) -> None:
    ada, bob = someone("ada"), someone("bob")
    private = ada.board("Private", "private")
    gone = ada.board("Gone")
    ada.ask("DELETE", f"/v1/boards/{gone}")
    nowhere = private[:-4] + ("0000" if private[-4:] != "0000" else "1111")
    answers = [bob.send("GET", f"/v1/boards/{board}") for board in (private, gone, nowhere)]
    assert {answer.status_code for answer in answers} == {404}
    told = [{**answer.json(), "request_id": "", "instance": ""} for answer in answers]
    assert told[0] == told[1] == told[2]


def test_viewers_look_and_editors_save(someone: Someone) -> None:
    ada, bob, eve = someone("ada"), someone("bob"), someone("eve")
    board = ada.board("Ours", "private")
    ada.ask("PUT", f"/v1/boards/{board}/shares/{bob.handle}", json={"role": "editor"})
    ada.ask("PUT", f"/v1/boards/{board}/shares/{eve.handle}", json={"role": "viewer"})
    pin = bob.photo(board, seed=3, title="From Bob")
    assert pin["rights"] == "editor"
    assert eve.ask("GET", f"/v1/pins/{pin['id']}")["rights"] == "viewer"
    for method, path, body in (
        ("POST", f"/v1/boards/{board}/pins", {"url": "https://example.org/"}),
        ("PATCH", f"/v1/pins/{pin['id']}", {"title": "No"}),
        ("DELETE", f"/v1/pins/{pin['id']}", None),
        ("PATCH", f"/v1/boards/{board}", {"name": "No"}),
    ):
        assert eve.send(method, path, json=body).status_code == httpx.codes.FORBIDDEN, path
    assert bob.send("PATCH", f"/v1/boards/{board}", json={"name": "No"}).status_code == httpx.codes.FORBIDDEN
    eve.ask("DELETE", f"/v1/boards/{board}/shares/me")
    assert eve.send("GET", f"/v1/boards/{board}").status_code == httpx.codes.NOT_FOUND
    roles = {each["person"]["handle"]: each["role"] for each in ada.ask("GET", f"/v1/boards/{board}/shares")["items"]}
    assert roles == {bob.handle: "editor"}


def test_private_pictures_have_addresses_of_their_own_that_end_with_the_share(server: Server, someone: Someone) -> None:
    ada, bob = someone("ada"), someone("bob")
    board = ada.board("Private", "private")
    ada.ask("PUT", f"/v1/boards/{board}/shares/{bob.handle}", json={"role": "viewer"})
    pin = ada.photo(board, seed=4)
    address = bob.ask("GET", f"/v1/pins/{pin['id']}")["picture"]["src"]["474"]
    first = httpx.get(server.base_url + address)
    assert first.is_success
    assert "private" in first.headers["cache-control"]
    assert httpx.get(server.base_url + address.split("?")[0]).status_code == httpx.codes.NOT_FOUND
    assert httpx.get(server.base_url + address[:-1] + "_").status_code == httpx.codes.NOT_FOUND
    ada.ask("DELETE", f"/v1/boards/{board}/shares/{bob.id}")
    assert httpx.get(server.base_url + address).status_code == httpx.codes.NOT_FOUND


def test_saving_a_link_again_says_so_and_changes_nothing(someone: Someone) -> None:
    ada = someone("ada")
    board = ada.board("Links", "private")
    first = ada.send("POST", f"/v1/boards/{board}/pins", json={"url": "https://example.org/a?b=1&a=2#top"})
    again = ada.send("POST", f"/v1/boards/{board}/pins", json={"url": "https://EXAMPLE.org:443/a?b=1&a=2"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert ada.ask("GET", first.headers["location"])["id"] == first.json()["id"]
    assert "location" not in again.headers
    assert first.json()["id"] == again.json()["id"]
    assert first.json()["url"] == "https://example.org/a?b=1&a=2#top"
    assert ada.ask("GET", f"/v1/boards/{board}")["pins"] == 1


def test_a_page_that_cannot_be_had_is_still_a_good_pin_and_says_why(someone: Someone) -> None:
    ada = someone("ada")
    board = ada.board("Links", "private")
    with serving_pages({"/gone": Page(b"gone", "text/html", 404)}) as pages:
        for url, why in ((f"{pages}/gone", "bad-answer"), ("http://10.0.0.1/x", "not-public")):
            pin = ada.ask("POST", f"/v1/boards/{board}/pins", json={"url": url, "title": "Kept"})
            done = settled(lambda pin=pin: ada.ask("GET", f"/v1/pins/{pin['id']}"), lambda p: p["details"] != "pending")
            assert (done["details"], done["failure"], done["title"]) == ("failed", why, "Kept")


def test_a_url_that_is_a_picture_becomes_one(someone: Someone) -> None:
    ada = someone("ada")
    board = ada.board("Links", "private")
    with serving_pages({"/photo": Page(jpeg(11, 300, 500), "application/octet-stream")}) as pages:
        pin = ada.ask("POST", f"/v1/boards/{board}/pins", json={"url": f"{pages}/photo"})
        done = settled(lambda: ada.ask("GET", f"/v1/pins/{pin['id']}"), lambda p: p["details"] != "pending")
    assert (done["picture"]["width"], done["picture"]["height"]) == (300, 500)


def test_what_is_deleted_is_restored_from_the_trash(someone: Someone) -> None:
    ada = someone("ada")
    board, pin_board = ada.board("Thrown away"), ada.board("Kept")
    inside = ada.photo(board, seed=5)
    pin = ada.photo(pin_board, seed=6, title="A pin")
    ada.ask("DELETE", f"/v1/boards/{board}")
    ada.ask("DELETE", f"/v1/pins/{pin['id']}")
    trash = ada.ask("GET", "/v1/me/trash")["items"]
    assert {(each["kind"], each["id"]) for each in trash} == {("board", board), ("pin", pin["id"])}
    assert ada.send("GET", f"/v1/pins/{inside['id']}").status_code == httpx.codes.NOT_FOUND
    assert ada.ask("POST", f"/v1/boards/{board}/restore")["id"] == board
    assert ada.ask("POST", f"/v1/pins/{pin['id']}/restore")["id"] == pin["id"]
    assert ada.ask("GET", f"/v1/pins/{inside['id']}")["id"] == inside["id"]
    assert ada.ask("GET", "/v1/me/trash")["items"] == []
    assert ada.ask("GET", f"/v1/boards/{pin_board}")["pins"] == 1


def test_pins_move_and_are_copied_many_at_once_even_to_another_persons_board(server: Server, someone: Someone) -> None:
    ada, bob = someone("ada"), someone("bob")
    here, there = ada.board("Here"), ada.board("There")
    shared = bob.board("Bob's", "private")
    bob.ask("PUT", f"/v1/boards/{shared}/shares/{ada.id}", json={"role": "editor"})
    pins = [ada.photo(here, seed=20 + number)["id"] for number in range(3)]
    copied = ada.ask("POST", "/v1/pins/move", json={"pins": pins, "board": there, "copy": True})["items"]
    assert all(each["now"] not in {None, each["pin"]} for each in copied)
    moved = ada.ask("POST", "/v1/pins/move", json={"pins": pins, "board": shared})["items"]
    assert [each["problem"] for each in moved] == [None, None, None]
    counts = [one.ask("GET", f"/v1/boards/{b}")["pins"] for one, b in ((ada, here), (ada, there), (bob, shared))]
    assert counts == [0, 3, 3]
    for before, each in zip(pins, moved, strict=True):
        now = ada.ask("GET", f"/v1/pins/{before}")
        assert (now["id"], now["board"]["id"]) == (each["now"], shared)
        assert httpx.get(server.base_url + now["picture"]["src"]["236"]).is_success
    stranger = someone("eve")
    own = stranger.board("Eve's")
    for pin, problem in ((moved[0]["now"], "not-found"), (copied[0]["now"], "forbidden")):
        refused = stranger.ask("POST", "/v1/pins/move", json={"pins": [pin], "board": own})["items"]
        assert (refused[0]["now"], refused[0]["problem"]) == (None, problem)
    unseen = stranger.send("POST", "/v1/pins/move", json={"pins": [copied[0]["now"]], "board": shared})
    assert unseen.status_code == httpx.codes.NOT_FOUND


def test_edits_meet_the_version_they_were_made_for(someone: Someone) -> None:
    ada = someone("ada")
    board = ada.board("Versions")
    first = ada.send("GET", f"/v1/boards/{board}")
    assert ada.send("GET", f"/v1/boards/{board}", headers={"if-none-match": first.headers["etag"]}).status_code == 304
    match = {"if-match": first.headers["etag"]}
    assert ada.send("PATCH", f"/v1/boards/{board}", json={"name": "Second"}, headers=match).is_success
    late = ada.send("PATCH", f"/v1/boards/{board}", json={"name": "Third"}, headers=match)
    assert (late.status_code, late.json()["type"]) == (412, "/problems/stale")


def test_a_repeated_request_with_its_key_makes_one_thing(someone: Someone) -> None:
    ada = someone("ada")
    key = {"idempotency-key": "once-and-for-all"}
    boards = [ada.ask("POST", "/v1/boards", json={"name": "Once"}, headers=key)["id"] for _ in range(3)]
    assert len(set(boards)) == 1
    other = ada.send("POST", "/v1/boards", json={"name": "Another"}, headers=key)
    assert (other.status_code, other.json()["field"]) == (400, "Idempotency-Key")
    assert len(ada.ask("GET", "/v1/boards")["items"]) == 1


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        (b"", "image/png"),
        (b"GIF89a" + bytes(40), "image/gif"),
        (b"<svg xmlns='x'/>", "image/png"),
        (jpeg(1)[:900], "image/jpeg"),
    ],
    ids=["empty", "broken", "vector", "cut off"],
)
def test_what_is_no_picture_is_refused_with_a_reason(someone: Someone, data: bytes, mime: str) -> None:
    ada = someone("ada")
    target = ada.send("POST", "/v1/uploads", json={"mime": mime, "length": len(data)})
    if not data:
        assert (target.status_code, target.json()["field"]) == (400, "length")
        return
    place = target.json()
    sent = ada.send_bytes(place, data)
    assert sent.is_success, sent.text
    for _ in range(2):
        refused = ada.send("POST", f"/v1/uploads/{place['id']}/complete")
        assert refused.status_code == httpx.codes.UNPROCESSABLE_ENTITY
        assert refused.json()["detail"]
    board = ada.board("Pictures")
    saved = ada.send("POST", f"/v1/boards/{board}/pins", json={"upload_id": place["id"]})
    assert saved.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert saved.json()["field"] == "upload_id"


def test_lists_of_people_follow_both_ways(someone: Someone) -> None:
    ada, bob, eve = someone("ada"), someone("bob"), someone("eve")
    bob.follow(ada)
    eve.follow(ada)
    followers = settled(
        lambda: ada.ask("GET", f"/v1/users/{ada.handle}/followers")["items"], lambda items: len(items) == 2
    )
    assert [each["person"]["handle"] for each in followers] == [eve.handle, bob.handle]
    assert ada.ask("GET", f"/v1/users/{ada.id}")["followers"] == 2
    following = bob.ask("GET", "/v1/users/me/following")["items"]
    assert [each["person"]["handle"] for each in following] == [ada.handle]
    page = ada.ask("GET", f"/v1/users/{ada.id}/followers", params={"limit": 1})
    rest = ada.ask("GET", f"/v1/users/{ada.id}/followers", params={"limit": 1, "cursor": page["next"]})
    assert [each["person"]["id"] for each in page["items"] + rest["items"]] == [eve.id, bob.id]
    stolen = bob.send("GET", f"/v1/users/{ada.id}/followers", params={"limit": 1, "cursor": page["next"]})
    assert (stolen.status_code, stolen.json()["field"]) == (400, "cursor")


def test_views_are_events_of_their_own(server: Server, someone: Someone) -> None:
    ada, bob = someone("ada"), someone("bob")
    bob.follow(ada)
    pin = ada.photo(ada.board("Seen"), seed=30)
    settled(bob.feed_pins, lambda pins: pins == [pin["id"]])
    views = [{"kind": "pin_seen", "pin": pin["id"]}, {"kind": "link_clicked", "pin": pin["id"]}]
    bob.ask("POST", "/v1/views", json={"views": views})

    def look() -> set[str]:
        lines = server.command("--json", "log", "tail", "--topic", "views", "--lines", "1000").stdout.splitlines()
        return {event["type"] for event in map(json.loads, lines) if event["actor"] == bob.id}

    settled(look, lambda found: found == {"pin_seen", "link_clicked", "feed_served"})
