"""Lens and copies over eyes that find everything alike: what is shown of it is the edge's to decide."""

import json
from collections.abc import Mapping

import pytest

from bowerbird.base.ids import Id, to_text
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.identity import User
from bowerbird.contracts.media import Picture
from bowerbird.contracts.vision import Box
from bowerbird.edge.api.wide import OF_ONE_SAVER_MAX
from tests.support.edge_client import Answer, call
from tests.support.edge_eyes import Shown, ids, texts
from tests.support.edge_house import token_of

JSON = [(b"content-type", b"application/json")]


class Scene(Shown):
    """Ada looks at a pin of Ben's."""

    def __init__(self) -> None:
        super().__init__()
        self.pin = self.house.pin(self.board, self.ben)

    async def send(self, body: Mapping[str, object], viewer: User | None = None) -> Answer:
        token = "" if viewer is None else token_of(viewer)
        return await call(self.house.api, "POST", "/v1/lens", headers=JSON, body=json.dumps(body).encode(), token=token)

    async def look(self, **body: object) -> list[str]:
        answer = await self.send({"pin_id": to_text(self.pin.id), **body}, self.ada)
        assert answer.status == 200, answer.body
        return [pin["id"] for pin in answer.json()["items"]]


@pytest.fixture
def scene() -> Scene:
    return Scene()


async def test_what_is_alike_comes_likest_first_with_what_the_picture_shows(scene: Scene) -> None:
    found = [scene.house.pin(scene.board, scene.ben) for _ in range(OF_ONE_SAVER_MAX + 1)]
    scene.eyes.liken(*ids(found))
    answer = (await scene.send({"pin_id": to_text(scene.pin.id)})).json()
    assert [pin["id"] for pin in answer["items"]] == texts(found), "whoever saved them"
    assert answer["labels"] == [{"name": "heron", "probability": 0.75}]
    assert await scene.look(limit=2) == texts(found[:2])


async def test_a_part_of_the_picture_is_looked_at(scene: Scene) -> None:
    await scene.look(box={"x": 0.25, "y": 0, "width": 0.5, "height": 1})
    assert scene.eyes.asked == [("look", scene.pin.id, Box(0.25, 0, 0.5, 1))]


async def test_what_may_not_be_seen_is_not_found(scene: Scene) -> None:
    seen, trashed = (scene.house.pin(scene.board, scene.ben) for _ in range(2))
    private = scene.house.pin(scene.house.board(scene.ben, "private"), scene.ben)
    own = scene.house.pin(scene.house.board(scene.ada, "private"), scene.ada)
    blocked = scene.house.pin(scene.house.board(cleo := scene.house.user("cleo")), cleo)
    scene.house.all.blocked_pairs.add(frozenset((scene.ada.id, cleo.id)))
    scene.house.change_pin(trashed, trashed=1)
    scene.eyes.liken(*ids([private, trashed, blocked, own, seen]))
    assert await scene.look() == texts([own, seen])


async def test_a_photograph_is_shown_once(scene: Scene) -> None:
    likest, copy, other = (scene.house.pin(scene.board, scene.ben) for _ in range(3))
    for pin in (likest, copy):
        assert pin.media is not None
        scene.house.all.hashes[pin.media] = b"\x0f" * 32
    scene.eyes.liken(*ids([likest, copy, other]))
    assert await scene.look() == texts([likest, other])


async def test_of_a_photograph_that_one_has_ones_own_is_shown(scene: Scene) -> None:
    likest, other = (scene.house.pin(scene.board, scene.ben) for _ in range(2))
    own = scene.house.pin(scene.house.board(scene.ada, "private"), scene.ada)
    for pin in (likest, own):
        assert pin.media is not None
        scene.house.all.hashes[pin.media] = b"\x0f" * 32
    scene.eyes.liken(*ids([likest, other, own]))
    assert await scene.look() == texts([other, own])
    found = (await scene.send({"pin_id": to_text(scene.pin.id)})).json()
    assert [pin["id"] for pin in found["items"]] == texts([likest, other])


async def test_an_upload_is_looked_at_by_who_is_signed_in(scene: Scene) -> None:
    body = {"upload_id": to_text(scene.board.id), "box": {"x": 0, "y": 0, "width": 1, "height": 1}}
    assert (await scene.send(body)).status == 401
    assert scene.eyes.asked == []
    assert (await scene.send(body, scene.ada)).status == 200
    assert scene.eyes.asked == [("look_once", scene.board.id, Box(0, 0, 1, 1))]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "pin_id"),
        ({"pin_id": "0" * 36, "upload_id": "0" * 36}, "pin_id"),
        ({"pin_id": "0" * 36}, "pin_id"),
        ({"upload_id": "0" * 36}, "upload_id"),
        ({"pin_id": None}, "pin_id"),
        ({"limit": 101}, "limit"),
        ({"limit": 0}, "limit"),
        ({"box": {"x": 0, "y": 0, "width": 1}}, "box.height"),
        ({"box": {"x": -0.1, "y": 0, "width": 1, "height": 1}}, "box.x"),
        ({"box": {"x": 0, "y": 0, "width": 1.1, "height": 1}}, "box.width"),
    ],
)
async def test_what_makes_no_sense_is_refused(scene: Scene, body: Mapping[str, object], field: str) -> None:
    assert (await scene.send(body, scene.ada)).problem() == (400, "invalid", field)
    assert scene.eyes.asked == []


async def test_what_was_found_is_noted(scene: Scene) -> None:
    found = [scene.house.pin(scene.board, scene.ben) for _ in range(2)]
    scene.eyes.liken(*ids(found))
    await scene.look()
    await scene.send({"pin_id": to_text(scene.pin.id)})
    [view] = scene.house.all.views
    assert (view.kind, view.viewer, list(view.things)) == ("lens_served", scene.ada.id, ids(found))


async def test_looks_are_counted_apart(scene: Scene) -> None:
    await scene.look()
    assert [budget for budget, _ in scene.house.all.spent] == ["look"]


async def copies(scene: Scene, path: str, viewer: User | None) -> Answer:
    return await call(scene.house.api, "GET", path, token="" if viewer is None else token_of(viewer))


async def test_copies_are_the_caller_s_own_and_no_other(scene: Scene) -> None:
    own, of_ben = scene.house.pin(scene.board, scene.ada), scene.house.pin(scene.board, scene.ben)
    private = scene.house.pin(scene.house.board(scene.ada, "private"), scene.ada)
    out_of_sight = scene.house.pin(scene.house.board(scene.ben, "private"), scene.ada)
    scene.eyes.copied = ids([of_ben, private, out_of_sight, own])
    answer = await copies(scene, f"/v1/pins/{to_text(scene.pin.id)}/copies", scene.ada)
    assert [pin["id"] for pin in answer.json()["items"]] == texts([private, own])
    assert scene.eyes.asked == [("copies", scene.pin.media)]
    answer = await copies(scene, f"/v1/pins/{to_text(own.id)}/copies", scene.ada)
    assert [pin["id"] for pin in answer.json()["items"]] == texts([private]), "a pin is no copy of itself"


async def test_copies_of_a_pin_are_for_whoever_sees_it_and_is_signed_in(scene: Scene) -> None:
    path = f"/v1/pins/{to_text(scene.pin.id)}/copies"
    assert (await copies(scene, path, None)).status == 401
    scene.house.change_board(scene.board, visibility="private")
    assert (await copies(scene, path, scene.ada)).status == 404
    assert scene.eyes.asked == []
    assert (await copies(scene, path, scene.ben)).status == 200


async def test_a_pin_without_a_picture_has_no_copies(scene: Scene) -> None:
    scene.house.change_pin(scene.pin, media=None)
    answer = await copies(scene, f"/v1/pins/{to_text(scene.pin.id)}/copies", scene.ada)
    assert (answer.json(), scene.eyes.asked) == ({"items": []}, [])


async def test_copies_of_an_upload_are_those_of_its_picture(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    own = scene.house.pin(scene.board, scene.ada)
    scene.eyes.copied = [own.id]

    async def uploaded(_caller: Caller, upload: Id) -> Picture:
        return Picture(upload, scene.pin.id, b"", b"", "", 4, 3, "", "", "{}", 1)

    monkeypatch.setattr(scene.house.all, "uploaded", uploaded, raising=False)
    answer = await copies(scene, f"/v1/uploads/{to_text(scene.board.id)}/copies", scene.ada)
    assert [pin["id"] for pin in answer.json()["items"]] == texts([own])
    assert scene.eyes.asked == [("copies", scene.pin.id)]


async def test_an_upload_of_somebody_else_has_no_copies(scene: Scene) -> None:
    path = f"/v1/uploads/{to_text(scene.board.id)}/copies"
    assert (await copies(scene, path, None)).status == 401
    assert (await copies(scene, path, scene.ada)).status == 404, "media knows of no such upload of theirs"
