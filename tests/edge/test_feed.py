"""The feed's rules and pages, over a Feed that proposes everything: all that keeps a pin out is the edge's."""

from collections.abc import Callable

import pytest
from msgspec import json

from bowerbird.base.ids import to_text
from bowerbird.contracts.boards import Board, Pin
from bowerbird.contracts.identity import User
from bowerbird.edge.api.resources import FeedPage
from tests.support.edge_client import call
from tests.support.edge_house import House, token_of


class Scene:
    """Ada follows Ben, who keeps a board."""

    def __init__(self) -> None:
        self.house = House()
        self.ada = self.house.user("ada")
        self.ben = self.house.user("ben")
        self.board = self.house.board(self.ben)
        self.house.all.follows.add((self.ada.id, self.ben.id))

    async def page(self, query: bytes = b"", *, viewer: User | None = None) -> FeedPage:
        answer = await call(self.house.api, "GET", "/v1/feed", query=query, token=token_of(viewer or self.ada))
        assert answer.status == 200, answer.body
        return json.decode(answer.body, type=FeedPage, strict=True)

    async def ids(self, *, viewer: User | None = None) -> list[str]:
        return [entry.pin.id for entry in (await self.page(viewer=viewer)).items]


@pytest.fixture
def scene() -> Scene:
    return Scene()


def texts(*pins: Pin) -> list[str]:
    return [to_text(pin.id) for pin in pins]


async def test_the_newest_pin_of_those_followed_comes_first_and_says_why(scene: Scene) -> None:
    first, second = scene.house.pin(scene.board, scene.ben), scene.house.pin(scene.board, scene.ben)
    page = await scene.page()
    assert [entry.pin.id for entry in page.items] == texts(second, first)
    assert page.next is None
    answer = await call(scene.house.api, "GET", "/v1/feed", token=token_of(scene.ada))
    assert answer.json()["items"][0]["why"]["reason"] == "follows"
    assert answer.json()["items"][0]["why"]["person"]["handle"] == "ben"
    assert answer.json()["items"][0]["pin"]["saved_by"]["handle"] == "ben"


async def test_a_shared_board_is_a_reason_of_its_own(scene: Scene) -> None:
    cleo = scene.house.user("cleo")
    private = scene.house.board(cleo, "private")
    pin = scene.house.pin(private, cleo)
    assert await scene.ids() == []
    scene.house.all.roles[private.id, scene.ada.id] = "viewer"
    assert await scene.ids() == texts(pin)
    answer = await call(scene.house.api, "GET", "/v1/feed", token=token_of(scene.ada))
    assert answer.json()["items"][0]["why"]["reason"] == "shared_board"
    assert answer.json()["items"][0]["why"]["board"]["id"] == to_text(private.id)


Change = Callable[[Scene, Board, Pin], object]
CHANGES: dict[str, Change] = {
    "unfollowed": lambda scene, _board, _pin: scene.house.all.follows.clear(),
    "blocked": lambda scene, _board, _pin: scene.house.all.blocked_pairs.add(frozenset((scene.ada.id, scene.ben.id))),
    "private": lambda scene, board, _pin: scene.house.change_board(board, visibility="private", generation=2),
    "board deleted": lambda scene, board, _pin: scene.house.change_board(board, trashed=1),
    "pin deleted": lambda scene, _board, pin: scene.house.change_pin(pin, trashed=1),
    "unpublished": lambda scene, _board, pin: scene.house.change_pin(pin, published_at=None),
    "saver gone": lambda scene, _board, pin: scene.house.change_pin(pin, saved_by=None),
    "account gone": lambda scene, _board, _pin: scene.house.all.users.pop(scene.ben.id),
    "owner's account gone": lambda scene, board, _pin: scene.house.change_board(board, owner=scene.ada.id[:-1] + b"x"),
    "one's own": lambda scene, _board, pin: scene.house.change_pin(pin, saved_by=scene.ada.id),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
async def test_what_changed_holds_for_the_next_read(scene: Scene, change: Change) -> None:
    pin = scene.house.pin(scene.board, scene.ben)
    assert await scene.ids() == texts(pin)
    change(scene, scene.board, pin)
    assert await scene.ids() == []


async def test_a_board_of_somebody_blocked_is_out_even_when_a_friend_saves_there(scene: Scene) -> None:
    cleo = scene.house.user("cleo")
    scene.house.pin(scene.house.board(cleo), scene.ben)
    assert len(await scene.ids()) == 1
    scene.house.all.blocked_pairs.add(frozenset((scene.ada.id, cleo.id)))
    assert await scene.ids() == []


async def test_ones_own_board_is_no_shared_board(scene: Scene) -> None:
    mine, cleo = scene.house.board(scene.ada), scene.house.user("cleo")
    scene.house.pin(mine, cleo)
    assert await scene.ids() == []


async def test_pages_follow_each_other_without_gap_or_duplicate_while_pins_arrive(scene: Scene) -> None:
    pins = [scene.house.pin(scene.board, scene.ben) for _ in range(60)]
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await scene.page(f"limit=7&cursor={cursor}".encode())
        found += [entry.pin.id for entry in page.items]
        cursor = page.next
        scene.house.pin(scene.board, scene.ben)
    assert found == texts(*reversed(pins))


async def test_a_thinned_page_is_filled_up_a_few_times_and_then_stays_short(scene: Scene) -> None:
    cleo = scene.house.user("cleo")
    hidden = scene.house.board(cleo, "private")
    oldest = scene.house.pin(scene.board, scene.ben)
    for _ in range(150):
        scene.house.pin(hidden, cleo)
    newest = scene.house.pin(scene.board, scene.ben)
    page = await scene.page()
    assert [entry.pin.id for entry in page.items] == texts(newest)
    assert scene.house.all.calls.count("home") == 4
    rest: list[str] = []
    while page.next:
        page = await scene.page(b"cursor=" + page.next.encode())
        rest += [entry.pin.id for entry in page.items]
    assert rest == texts(oldest)


async def test_a_page_costs_one_batch_of_each_kind(scene: Scene) -> None:
    for _ in range(25):
        scene.house.pin(scene.board, scene.ben)
    await scene.page()
    assert scene.house.all.calls == ["home", "pins", "people", "relations"]


async def test_a_page_served_is_noted_and_an_empty_one_is_not(scene: Scene) -> None:
    await scene.page()
    assert scene.house.all.views == []
    pin = scene.house.pin(scene.board, scene.ben)
    await scene.page()
    (view,) = scene.house.all.views
    assert (view.kind, view.viewer, view.things) == ("feed_served", scene.ada.id, (pin.id,))


async def test_a_cursor_is_for_its_viewer_alone(scene: Scene) -> None:
    for _ in range(3):
        scene.house.pin(scene.board, scene.ben)
    page = await scene.page(b"limit=1")
    query = b"cursor=" + str(page.next).encode()
    answer = await call(scene.house.api, "GET", "/v1/feed", query=query, token=token_of(scene.ben))
    assert answer.problem() == (400, "invalid", "cursor")
    for bad in (b"cursor=x", b"cursor=%00", b"limit=0", b"limit=101", b"limit=x", b"after=1"):
        answer = await call(scene.house.api, "GET", "/v1/feed", query=bad, token=token_of(scene.ada))
        assert answer.problem()[:2] == (400, "invalid")


async def test_an_unchanged_page_is_not_sent_again(scene: Scene) -> None:
    for _ in range(30):
        scene.house.pin(scene.board, scene.ben)
    token = token_of(scene.ada)
    first = await call(scene.house.api, "GET", "/v1/feed", token=token)
    tag = str(first.header("etag")).encode()
    assert (
        await call(scene.house.api, "GET", "/v1/feed", token=token, headers=[(b"if-none-match", tag)])
    ).status == 304
    scene.house.pin(scene.board, scene.ben)
    assert (
        await call(scene.house.api, "GET", "/v1/feed", token=token, headers=[(b"if-none-match", tag)])
    ).status == 200
