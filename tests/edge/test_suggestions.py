"""What is suggested while somebody types, over an index that proposes everything: the edge decides what is shown."""

import pytest

from bowerbird.base.ids import Id
from bowerbird.contracts.boards import Pin
from bowerbird.contracts.caller import Caller
from bowerbird.contracts.identity import User
from bowerbird.contracts.search import FREQUENT_MAX, Found, FoundKind, Frequent
from tests.support.edge_client import call
from tests.support.edge_house import Absent, House, token_of


class Index(Absent):
    """Proposes what a test puts into it, to anybody; `asked_for` are the limits of what many ask."""

    def __init__(self) -> None:
        self.named: list[Found] = []
        self.frequent: list[Frequent] = []
        self.asked_for: list[int] = []

    def name(self, kind: FoundKind, *ids: Id) -> None:
        self.named += [Found(kind, id_) for id_ in ids]

    async def suggest(self, _caller: Caller, _typed: str, limit: int) -> list[Found]:
        return self.named[:limit]

    async def asked(self, _typed: str, limit: int) -> list[Frequent]:
        self.asked_for.append(limit)
        return self.frequent[:limit]


class Scene:
    """Ada types; Ben has a board and pins, which are called Heron 1, Heron 2 and so on."""

    def __init__(self) -> None:
        self.index = Index()
        self.house = House(index=self.index)
        self.ada = self.house.user("ada")
        self.ben = self.house.user("ben")
        self.board = self.house.board(self.ben)

    def pin(self) -> Pin:
        return self.house.pin(self.board, self.ben)

    def ask(self, query: str, *finds: Pin) -> None:
        """Let a query be frequent."""
        self.index.frequent.append(Frequent(query, [Found("pin", pin.id) for pin in finds]))

    async def suggested(self, viewer: User | None = None, limit: int = 10) -> list[str]:
        """Return what is suggested, queries in quotes."""
        query, token = f"q=her&limit={limit}".encode(), "" if viewer is None else token_of(viewer)
        answer = await call(self.house.api, "GET", "/v1/search/suggestions", query=query, token=token)
        assert answer.status == 200, answer.body
        return [repr(one["text"]) if one["type"] == "query" else one["text"] for one in answer.json()["items"]]


@pytest.fixture
def scene() -> Scene:
    return Scene()


async def test_what_many_ask_comes_behind_boards_and_people_and_before_what_pins_are_called(scene: Scene) -> None:
    pin = scene.pin()
    scene.index.name("board", scene.board.id)
    scene.index.name("person", scene.ben.id)
    scene.index.name("pin", pin.id)
    scene.ask("herring", pin)
    scene.ask("heron nest", pin)
    for viewer in (None, scene.ada, scene.ben):
        assert await scene.suggested(viewer) == ["Herons", "Ben", "'herring'", "'heron nest'", "'Heron 1'"]


async def test_what_many_ask_is_shown_only_to_whom_it_shows_something(scene: Scene) -> None:
    hidden, public = scene.house.pin(scene.house.board(scene.ben, "private"), scene.ben), scene.pin()
    scene.ask("herring", hidden)
    scene.ask("heron nest", hidden, public)
    assert await scene.suggested(scene.ada) == await scene.suggested() == ["'heron nest'"]
    assert await scene.suggested(scene.ben) == ["'herring'", "'heron nest'"]
    scene.house.all.blocked_pairs.add(frozenset((scene.ada.id, scene.ben.id)))
    assert await scene.suggested(scene.ada) == []


async def test_queries_that_have_the_same_words_come_once(scene: Scene) -> None:
    pin = scene.pin()
    scene.index.name("pin", pin.id, scene.pin().id)
    scene.house.change_pin(pin, title="Hèron,  nest!")
    scene.ask("heron nest", pin)
    assert await scene.suggested() == ["'heron nest'", "'Heron 2'"]


async def test_boards_and_people_keep_their_places(scene: Scene) -> None:
    pin = scene.pin()
    scene.index.name("board", *(scene.house.board(scene.ben).id for _ in range(3)))
    scene.index.name("pin", pin.id)
    for number in range(5):
        scene.ask(f"herring {number}", pin)
    herons = ["Herons"] * 3
    assert await scene.suggested(limit=3) == herons
    assert scene.index.asked_for == [], "nothing is asked that there is no room for"
    assert await scene.suggested(limit=4) == [*herons, "'herring 0'"]
    frequent = [f"'herring {number}'" for number in range(FREQUENT_MAX)]
    assert await scene.suggested(limit=10) == [*herons, *frequent, "'Heron 1'"]
    assert scene.index.asked_for == [1, FREQUENT_MAX]
