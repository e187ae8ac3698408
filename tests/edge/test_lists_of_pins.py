"""Pages of pins: of a board and of a person, over Boards that answers by the contract, and what is noted of them."""

from typing import Any

import pytest

from bowerbird.base.ids import to_text
from bowerbird.contracts.boards import Board, Pin
from bowerbird.contracts.identity import User
from tests.support.edge_client import Answer, call
from tests.support.edge_house import House, token_of


class Scene:
    """Ada keeps a public and a private board; Ben looks on."""

    def __init__(self) -> None:
        self.house = House()
        self.ada, self.ben = self.house.user("ada"), self.house.user("ben")
        self.public, self.private = self.house.board(self.ada), self.house.board(self.ada, "private")

    async def ask(self, path: str, viewer: User | None, query: bytes = b"") -> Answer:
        return await call(self.house.api, "GET", path, query=query, token=token_of(viewer) if viewer else "")

    async def of_ada(self, viewer: User | None, query: bytes = b"") -> Any:  # noqa: ANN401 - JSON
        answer = await self.ask("/v1/users/ada/pins", viewer, query)
        assert answer.status == 200, answer.body
        return answer.json()

    async def of_board(self, board: Board, viewer: User | None, query: bytes = b"") -> Any:  # noqa: ANN401 - JSON
        answer = await self.ask(f"/v1/boards/{to_text(board.id)}/pins", viewer, query)
        assert answer.status == 200, answer.body
        return answer.json()


@pytest.fixture
def scene() -> Scene:
    return Scene()


def ids(page: Any) -> list[str]:  # noqa: ANN401 - JSON
    return [pin["id"] for pin in page["items"]]


def texts(*pins: Pin) -> list[str]:
    return [to_text(pin.id) for pin in pins]


async def test_oneself_sees_all_pins_of_ones_own_and_others_those_that_are_theirs_to_see(scene: Scene) -> None:
    link = scene.house.pin(scene.public, scene.ada, published=False)
    private = scene.house.pin(scene.private, scene.ada)
    public = scene.house.pin(scene.public, scene.ada)
    assert ids(await scene.of_ada(scene.ada)) == texts(public, private, link)
    assert ids(await scene.of_ada(scene.ben)) == ids(await scene.of_ada(None)) == texts(public, link)
    scene.house.all.roles[scene.private.id, scene.ben.id] = "viewer"
    seen = await scene.of_ada(scene.ben)
    assert ids(seen) == texts(public, private, link)
    assert [pin["rights"] for pin in seen["items"]] == ["public", "viewer", "public"]
    assert ["?" in pin["picture"]["src"]["236"] for pin in seen["items"]] == [False, True, False]


async def test_what_others_saved_to_ones_boards_is_not_ones_own(scene: Scene) -> None:
    scene.house.pin(scene.public, scene.ben)
    assert ids(await scene.of_ada(scene.ada)) == []


async def test_a_block_hides_a_person_with_their_pins(scene: Scene) -> None:
    scene.house.pin(scene.public, scene.ada)
    scene.house.all.blocked_pairs.add(frozenset((scene.ada.id, scene.ben.id)))
    answer = await scene.ask("/v1/users/ada/pins", scene.ben)
    assert answer.problem() == (404, "not-found", "user")
    assert "pins_of_person" not in scene.house.all.calls


async def test_with_an_account_its_boards_go_at_once_whoever_saved_there(scene: Scene) -> None:
    shared = scene.house.board(scene.ben)
    own, given = scene.house.pin(scene.public, scene.ada), scene.house.pin(shared, scene.ada)
    paths = [f"/v1/boards/{to_text(shared.id)}/pins", f"/v1/pins/{to_text(given.id)}"]
    assert [(await scene.ask(path, scene.ada)).status for path in paths] == [200, 200]
    del scene.house.all.users[scene.ben.id]
    assert ids(await scene.of_ada(scene.ada)) == texts(own)
    for path, absent in zip(paths, ["/v1/boards/{}/pins", "/v1/pins/{}"], strict=True):
        gone = await scene.ask(path, scene.ada)
        nothing = await scene.ask(absent.format(to_text(scene.ada.id)), scene.ada)
        assert gone.problem() == nothing.problem() == (404, "not-found", "")


async def test_a_persons_pages_follow_each_other(scene: Scene) -> None:
    pins = [scene.house.pin((scene.public, scene.private)[number % 2], scene.ada) for number in range(9)]
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await scene.of_ada(scene.ada, f"limit=4&cursor={cursor}".encode())
        found += ids(page)
        cursor = page["next"]
        scene.house.pin(scene.public, scene.ada)
    assert found == texts(*reversed(pins))


async def test_a_persons_cursor_is_for_its_viewer_alone(scene: Scene) -> None:
    for _ in range(3):
        scene.house.pin(scene.public, scene.ada)
    cursor = (await scene.of_ada(scene.ada, b"limit=1"))["next"]
    answer = await scene.ask("/v1/users/ada/pins", scene.ben, b"cursor=" + cursor.encode())
    assert answer.problem() == (400, "invalid", "cursor")


async def test_a_persons_page_costs_one_batch_of_each_kind(scene: Scene) -> None:
    for _ in range(25):
        scene.house.pin(scene.public, scene.ada)
    await scene.of_ada(scene.ben)
    assert scene.house.all.calls == ["people", "relations", "pins_of_person"]


async def test_a_page_of_a_board_is_noted_with_what_was_on_it(scene: Scene) -> None:
    pins = [scene.house.pin(scene.public, scene.ada) for _ in range(3)]
    first = await scene.of_board(scene.public, scene.ben, b"limit=2")
    assert ids(first) == texts(pins[2], pins[1])
    await scene.of_board(scene.public, scene.ben, b"limit=2&cursor=" + first["next"].encode())
    told = [(view.kind, view.viewer, view.things) for view in scene.house.all.views]
    assert told == [
        ("board_served", scene.ben.id, (pins[2].id, pins[1].id)),
        ("board_served", scene.ben.id, (pins[0].id,)),
    ]
    assert {view.at for view in scene.house.all.views} == {scene.house.world.us}


async def test_no_view_is_noted_of_nobody_of_nothing_and_of_what_was_refused(scene: Scene) -> None:
    await scene.of_board(scene.public, scene.ben)
    pin = scene.house.pin(scene.public, scene.ada)
    await scene.of_board(scene.public, None)
    refused = await scene.ask(f"/v1/boards/{to_text(scene.private.id)}/pins", scene.ben)
    assert refused.status == 404
    scene.house.change_pin(pin, trashed=1)
    await scene.of_board(scene.public, scene.ben)
    assert scene.house.all.views == []
