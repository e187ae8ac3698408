"""Found by picture, by those who may see it, and no more from the moment on when they may not."""

import io
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.support.pictures import encoded, part
from tests.support.seen_pictures import clock, cluttered, crossword, starry, traffic_light
from tests.support.server import Server
from tests.support.visitor import Visitor, settled

Someone = Callable[[str], Visitor]

CLOCK, CROSSWORD, LIGHT = (encoded(draw()) for draw in (clock, crossword, traffic_light))


def pins(page: dict[str, Any]) -> list[str]:
    """Return the ids of the pins on a page of Lens's, or of copies."""
    return [pin["id"] for pin in page["items"]]


def copies(visitor: Visitor, pin: str) -> list[str]:
    """Return what somebody has already of a pin's photograph."""
    return pins(visitor.ask("GET", f"/v1/pins/{pin}/copies"))


def test_a_part_finds_the_whole_while_it_may_be_seen(someone: Someone) -> None:
    ada, bob = someone("ada"), someone("bob")
    board = ada.board("Clocks")
    pin = ada.picture(board, CLOCK, title="clock")["id"]
    page = settled(lambda: bob.look(part(CLOCK)), lambda page: pin in pins(page))
    assert {label["name"] for label in page["labels"]} & {"analog clock", "wall clock"}

    ada.ask("PATCH", f"/v1/boards/{board}", json={"visibility": "private"})
    assert pin not in pins(bob.look(part(CLOCK)))
    settled(lambda: pins(ada.look(part(CLOCK))), lambda found: pin in found)
    ada.ask("PUT", f"/v1/boards/{board}/shares/{bob.handle}", json={"role": "viewer"})
    settled(lambda: pins(bob.look(part(CLOCK))), lambda found: pin in found)
    ada.ask("DELETE", f"/v1/boards/{board}/shares/{bob.id}")
    assert pin not in pins(bob.look(part(CLOCK)))
    ada.ask("PATCH", f"/v1/boards/{board}", json={"visibility": "public"})
    settled(lambda: pins(bob.look(part(CLOCK))), lambda found: pin in found)
    ada.ask("PUT", f"/v1/me/blocks/{bob.handle}")
    assert pin not in pins(bob.look(part(CLOCK)))
    ada.ask("DELETE", f"/v1/me/blocks/{bob.handle}")
    assert pin in pins(bob.look(part(CLOCK)))
    ada.ask("DELETE", f"/v1/pins/{pin}")
    for visitor in (ada, bob):
        assert pin not in pins(visitor.look(part(CLOCK)))


def test_what_is_private_and_the_same_leaves_no_trace(someone: Someone) -> None:
    ada, bob = someone("ada"), someone("bob")
    secret = ada.picture(ada.board("Mine", "private"), CROSSWORD)["id"]
    settled(lambda: pins(ada.look(CROSSWORD)), lambda found: secret in found)
    before = bob.look(CROSSWORD)
    public = bob.picture(bob.board("Public"), CROSSWORD)["id"]
    settled(lambda: pins(bob.look(CROSSWORD)), lambda found: public in found)
    assert secret not in pins(before)
    for answer in (
        bob.send("POST", "/v1/lens", json={"pin_id": public}),
        bob.send("GET", f"/v1/pins/{public}/related"),
        bob.send("GET", f"/v1/pins/{public}/copies"),
        bob.send("GET", "/v1/topics"),
        bob.send("GET", "/v1/ideas"),
    ):
        assert answer.is_success, answer.text
        assert secret not in answer.text
        assert ada.handle not in answer.text
    assert bob.look(CROSSWORD)["labels"] == before["labels"]


def test_a_box_of_a_pin_is_looked_at(someone: Someone) -> None:
    ada = someone("ada")
    board = ada.board("Both", "private")
    both = Image.new("RGB", (904, 448), "white")
    both.paste(clock(), (0, 0))
    both.paste(traffic_light(), (456, 0))
    asked = ada.picture(board, encoded(both))["id"]
    for name, picture in (("clock", CLOCK), ("light", LIGHT)):
        ada.picture(board, picture, title=name)
    for start, near, far in ((0, "clock", "light"), (0.5, "light", "clock")):
        box = {"x": start, "y": 0, "width": 0.5, "height": 1}
        found = settled(lambda box=box: titles(ada, asked, box), lambda found, near=near: near in found)
        assert far not in found


def titles(visitor: Visitor, pin: str, box: dict[str, float]) -> set[str]:
    """Return what the pins are called that somebody finds to be like a box of a pin."""
    found = visitor.ask("POST", "/v1/lens", json={"pin_id": pin, "box": box})["items"]
    return {one["title"] for one in found}


def test_what_is_like_nothing_finds_nothing_and_says_so(someone: Someone) -> None:
    ada = someone("ada")
    stars = encoded(starry(448, 448, 5))
    page = ada.look(stars)
    assert page["items"] == []
    pin = ada.picture(ada.board("Stars", "private"), stars)["id"]
    assert settled(lambda: pins(ada.look(stars)), bool) == [pin]


def test_what_was_sent_to_be_looked_at_is_not_kept(someone: Someone) -> None:
    ada, bob = someone("ada"), someone("bob")
    target = ada.begin_upload(len(LIGHT))
    body = {"upload_id": target["id"]}
    early = ada.send("POST", "/v1/lens", json=body)
    assert early.status_code == 422, early.text
    assert ada.send_bytes(target, LIGHT).is_success
    for visitor, status in ((bob, 404), (ada, 200), (ada, 422)):
        answer = visitor.send("POST", "/v1/lens", json=body)
        assert answer.status_code == status, answer.text
    assert ada.send("POST", f"/v1/uploads/{target['id']}/complete").status_code == 422
    board = ada.board("Later")
    assert ada.send("POST", f"/v1/boards/{board}/pins", json=body).status_code == 422


def test_nothing_but_a_picture_can_be_looked_at(someone: Someone) -> None:
    ada = someone("ada")
    target = ada.begin_upload(100)
    assert ada.send_bytes(target, b"no picture".ljust(100)).is_success
    answer = ada.send("POST", "/v1/lens", json={"upload_id": target["id"]})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/refused")
    pin = ada.photo(ada.board("Photos", "private"))["id"]
    for box in ({"x": 0.6, "y": 0, "width": 0.5, "height": 1}, {"x": 0, "y": 0, "width": 0.001, "height": 1}):
        answer = ada.send("POST", "/v1/lens", json={"pin_id": pin, "box": box})
        assert (answer.status_code, answer.json()["field"]) == (400, "box")


def test_a_visitor_looks_at_pins_and_sends_nothing(someone: Someone, server: Server) -> None:
    ada = someone("ada")
    pin = ada.picture(ada.board("Lights"), LIGHT, title="light")["id"]
    answer = httpx.post(f"{server.base_url}/v1/lens", json={"pin_id": pin})
    assert answer.status_code == 200, answer.text
    target = ada.begin_upload(len(LIGHT))
    assert ada.send_bytes(target, LIGHT).is_success
    assert httpx.post(f"{server.base_url}/v1/lens", json={"upload_id": target["id"]}).status_code == 401


@pytest.mark.parametrize(("seed", "kind"), list(enumerate(["the same", "encoded anew", "mirrored", "cropped"])))
def test_what_one_has_already_is_pointed_out(someone: Someone, seed: int, kind: str) -> None:
    ada, bob = someone("ada"), someone("bob")
    photo = cluttered(600, 450, seed)
    again = io.BytesIO()
    changed = {
        "the same": photo,
        "encoded anew": photo.resize((400, 300)),
        "mirrored": photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        "cropped": photo.crop((60, 40, 540, 410)),
    }[kind]
    changed.save(again, "JPEG", quality=85 if kind == "the same" else 60)
    first = ada.picture(ada.board("Kept", "private"), encoded(photo))["id"]
    settled(lambda: pins(ada.look(encoded(photo))), lambda found: first in found)
    upload = ada.upload(again.getvalue())
    assert first in pins(ada.ask("GET", f"/v1/uploads/{upload}/copies"))
    second = ada.ask("POST", f"/v1/boards/{ada.board('Again')}/pins", json={"upload_id": upload})["id"]
    assert first in copies(ada, second)
    assert second not in copies(ada, second)
    assert bob.send("GET", f"/v1/uploads/{upload}/copies").status_code == 404

    theirs = bob.picture(bob.board("Theirs"), again.getvalue())["id"]
    assert copies(bob, theirs) == [], "of others nothing is told"
    settled(lambda: copies(ada, theirs), lambda found: {first, second} == {*found})
    ada.ask("DELETE", f"/v1/pins/{first}")
    assert copies(ada, theirs) == [second]
