"""Wishes: what each is about, and that all of them can be read, whatever became of that."""

import json
from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from bowerbird.base.ids import to_text
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.problems import Invalid
from bowerbird.contracts.recommend import NewTuning, Topic, Tuning
from tests.support.edge_client import Answer, call
from tests.support.edge_eyes import Eyes
from tests.support.edge_house import House, token_of

PATH = "/v1/me/tunings"
JSON = [(b"content-type", b"application/json")]


class Scene:
    """Ada says what she likes."""

    def __init__(self) -> None:
        self.eyes = Eyes()
        self.eyes.known_topics = [Topic(3, "birds", [])]
        self.house = House(eyes=self.eyes)
        self.ada = self.house.user("ada")
        self.ben = self.house.user("ben")
        self.board = self.house.board(self.ben)
        self.pin = self.house.pin(self.board, self.ben)

    def filled(self, body: Mapping[str, object]) -> dict[str, object]:
        """Return a body with ids of things that are there."""
        there: dict[str, object] = {"<pin>": to_text(self.pin.id), "<board>": to_text(self.board.id)}
        return {name: there.get(str(value), value) for name, value in body.items()}

    async def make(self, body: Mapping[str, object]) -> Answer:
        data = json.dumps(self.filled(body)).encode()
        return await call(self.house.api, "POST", PATH, headers=JSON, body=data, token=token_of(self.ada))


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.mark.parametrize(
    ("body", "about"),
    [
        ({"wish": "interest", "topic": 3}, "topic"),
        ({"wish": "less", "topic": 3}, "topic"),
        ({"wish": "hidden", "pin_id": "<pin>"}, "pin"),
        ({"wish": "not_pin", "pin_id": "<pin>"}, "pin"),
        ({"wish": "not_board", "board_id": "<board>"}, "board"),
    ],
)
async def test_a_wish_is_made_about_one_thing(scene: Scene, body: Mapping[str, object], about: str) -> None:
    answer = await scene.make(body)
    assert answer.status == 200, answer.body
    told = answer.json()
    named = {"topic": {"id": 3, "name": "birds"}, "pin": to_text(scene.pin.id), "board": to_text(scene.board.id)}
    shown = {name: told[name] if name == "topic" else told[name] and told[name]["id"] for name in named}
    assert shown == {name: value if name == about else None for name, value in named.items()}
    listed = await call(scene.house.api, "GET", PATH, token=token_of(scene.ada))
    assert listed.json()["items"] == [told]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"wish": "interest", "topic": 0}, "topic"),
        ({"wish": "hidden", "pin_id": "0" * 36}, "pin_id"),
        ({"wish": "not_board", "board_id": "0" * 36}, "board_id"),
        ({"wish": "never"}, "wish"),
        ({}, "wish"),
    ],
)
async def test_what_makes_no_sense_is_refused(scene: Scene, body: Mapping[str, object], field: str) -> None:
    assert (await scene.make(body)).problem() == (400, "invalid", field)
    assert scene.eyes.wishes == []


@pytest.mark.parametrize("field", ["pin", "board", "topic"])
async def test_what_the_service_finds_wrong_has_its_name_outside(
    scene: Scene, field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(_caller: Caller, _new: NewTuning) -> Tuning:
        raise Invalid("a wish is about one thing", field=field)

    monkeypatch.setattr(scene.eyes, "tune", refused)
    outside = field if field == "topic" else f"{field}_id"
    assert (await scene.make({"wish": "interest", "topic": 3})).problem() == (400, "invalid", outside)


async def test_a_wish_outlives_what_it_is_about(scene: Scene) -> None:
    await scene.make({"wish": "hidden", "pin_id": "<pin>"})
    await scene.make({"wish": "not_board", "board_id": "<board>"})
    scene.house.change_board(scene.board, visibility="private")
    answer = await call(scene.house.api, "GET", PATH, token=token_of(scene.ada))
    assert [(one["wish"], one["pin"], one["board"]) for one in answer.json()["items"]] == [
        ("hidden", None, None),
        ("not_board", None, None),
    ]


async def test_all_wishes_are_listed_however_many(scene: Scene) -> None:
    savers = [scene.house.user(f"saver_{number}") for number in range(600)]
    pins = [scene.house.pin(scene.board, saver) for saver in savers]
    first = Tuning(scene.ada.id, scene.ada.id, "hidden", 1)
    scene.eyes.wishes = [replace(first, id=pin.id, pin=pin.id) for pin in pins]
    answer = await call(scene.house.api, "GET", PATH, token=token_of(scene.ada))
    assert [one["pin"]["id"] for one in answer.json()["items"]] == [to_text(pin.id) for pin in pins]


async def test_a_wish_is_taken_back(scene: Scene) -> None:
    path = f"{PATH}/{to_text(scene.pin.id)}"
    assert (await call(scene.house.api, "DELETE", path)).status == 401
    assert (await call(scene.house.api, "DELETE", path, token=token_of(scene.ada))).status == 204
    assert scene.eyes.asked == [("undo", scene.pin.id)]
