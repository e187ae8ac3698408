"""Ideas, proposals and topics over a Recommend that proposes everything: what keeps any of it off is the edge's."""

from typing import Any

import pytest

from bowerbird.base.ids import to_text
from bowerbird.contracts.boards import Pin
from bowerbird.contracts.identity import User
from bowerbird.contracts.recommend import Because, Proposed, Topic, Tuning
from bowerbird.edge.api.refill import REFILLS_MAX
from bowerbird.edge.api.wide import OF_ONE_SAVER_MAX
from tests.support.edge_client import call
from tests.support.edge_eyes import Shown, ids, texts
from tests.support.edge_house import token_of

IDEAS = "/v1/ideas"


class Scene(Shown):
    """Ada looks at what Ben, Cleo and others saved."""

    def pins(self, count: int) -> list[Pin]:
        """Return so many pins, each of somebody else."""
        return [self.house.pin(self.board, self.house.user(f"saver_{number}")) for number in range(count)]

    async def ask(self, path: str = IDEAS, query: str = "", viewer: User | None = None) -> Any:  # noqa: ANN401 - JSON
        token = token_of(viewer or self.ada)
        answer = await call(self.house.api, "GET", path, query=query.encode(), token=token)
        assert answer.status == 200, answer.body
        return answer.json()

    async def ids(self, path: str = IDEAS, query: str = "") -> list[str]:
        return [item["pin"]["id"] for item in (await self.ask(path, query))["items"]]

    async def status(self, path: str, token: str = "") -> int:
        return (await call(self.house.api, "GET", path, token=token)).status


@pytest.fixture
def scene() -> Scene:
    return Scene()


async def test_ideas_come_in_the_order_in_which_they_are_proposed(scene: Scene) -> None:
    pins = scene.pins(3)
    scene.eyes.propose(*ids(pins[::-1]))
    assert await scene.ids() == texts(pins[::-1])


async def test_what_may_not_be_seen_now_is_left_out(scene: Scene) -> None:
    seen, private, trashed, blocked, gone = scene.pins(5)
    scene.house.change_pin(private, board=scene.house.board(scene.ben, "private").id)
    scene.house.change_pin(trashed, trashed=1)
    scene.house.change_pin(blocked, board=scene.house.board(cleo := scene.house.user("cleo")).id)
    scene.house.all.blocked_pairs.add(frozenset((scene.ada.id, cleo.id)))
    del scene.house.all.known_pins[gone.id]
    unpublished = scene.house.pin(scene.board, scene.ben, published=False)
    scene.eyes.propose(*ids([private, trashed, blocked, gone, unpublished, seen]))
    assert await scene.ids() == texts([seen])


async def test_who_saved_a_pin_is_not_named_to_whom_they_blocked(scene: Scene) -> None:
    [pin] = scene.pins(1)
    assert pin.saved_by is not None
    scene.house.all.blocked_pairs.add(frozenset((scene.ada.id, pin.saved_by)))
    scene.eyes.propose(pin.id)
    [item] = (await scene.ask())["items"]
    assert item["pin"]["saved_by"] is None


async def test_a_page_has_few_pins_of_one_saver_and_a_photograph_once(scene: Scene) -> None:
    of_ben = [scene.house.pin(scene.board, scene.ben) for _ in range(OF_ONE_SAVER_MAX + 1)]
    original, copy, other = scene.pins(3)
    for pin in (original, copy):
        assert pin.media is not None
        scene.house.all.hashes[pin.media] = b"\x0f" * 32
    scene.eyes.propose(*ids([*of_ben, original, copy, other]))
    assert await scene.ids() == texts([*of_ben[:-1], original, other])


async def test_rules_hold_for_the_whole_of_a_page_that_is_filled_up(scene: Scene) -> None:
    of_ben = [scene.house.pin(scene.board, scene.ben) for _ in range(6)]
    others = scene.pins(2)
    scene.eyes.propose(*ids([*of_ben, *others]))
    assert await scene.ids(query="limit=4") == texts([*of_ben[:3], others[0]])


async def test_a_page_is_filled_up_a_bounded_number_of_times(scene: Scene) -> None:
    hidden = [scene.house.pin(scene.house.board(scene.ben, "private"), scene.ben) for _ in range(20)]
    scene.eyes.propose(*ids(hidden), *ids(scene.pins(1)))
    page = await scene.ask(query="limit=2")
    assert page["items"] == []
    assert page["next"]
    assert len(scene.eyes.asked) == 1 + REFILLS_MAX


async def test_pages_go_on_where_the_last_one_ended(scene: Scene) -> None:
    pins = scene.pins(5)
    scene.eyes.propose(*ids(pins))
    found: list[str] = []
    cursor = ""
    while cursor is not None:
        page = await scene.ask(query=f"limit=2&cursor={cursor}")
        found += [item["pin"]["id"] for item in page["items"]]
        cursor = page["next"]
    assert found == texts(pins)


async def test_a_cursor_is_good_for_its_own_list_alone(scene: Scene) -> None:
    scene.eyes.propose(*ids(scene.pins(5)))
    own = scene.house.board(scene.ada)
    cursor = (await scene.ask(query="limit=2"))["next"]
    for path, viewer in ((f"/v1/boards/{to_text(own.id)}/ideas", scene.ada), (IDEAS, scene.ben)):
        answer = await call(
            scene.house.api, "GET", path, query=f"limit=2&cursor={cursor}".encode(), token=token_of(viewer)
        )
        assert answer.problem() == (400, "invalid", "cursor")


async def test_a_reason_names_what_the_caller_may_see(scene: Scene) -> None:
    pins = scene.pins(4)
    own_board = scene.house.board(scene.ada)
    own = scene.house.pin(own_board, scene.ada)
    secret_board = scene.house.board(scene.ben, "private")
    secret = scene.house.pin(secret_board, scene.ben)
    scene.eyes.known_topics = [Topic(7, "birds", [])]
    reasons = [
        Because("saved", pin=own.id),
        Because("board", board=own_board.id),
        Because("topic", topic=7),
        Because("looks", pin=secret.id, board=secret_board.id, topic=8),
    ]
    for pin, reason in zip(pins, reasons, strict=True):
        scene.eyes.propose(pin.id, because=reason)
    told = [item["because"] for item in (await scene.ask())["items"]]
    assert [(each["why"], each["pin"] and each["pin"]["id"]) for each in told] == [
        ("saved", to_text(own.id)),
        ("board", None),
        ("topic", None),
        ("looks", None),
    ]
    assert [each["board"] and each["board"]["id"] for each in told] == [None, to_text(own_board.id), None, None]
    assert [each["topic"] for each in told] == [None, None, {"id": 7, "name": "birds"}, None]


async def test_topics_are_asked_for_where_one_is_named(scene: Scene) -> None:
    scene.eyes.propose(*ids(scene.pins(1)))
    await scene.ask()
    assert ("topics",) not in scene.eyes.asked


async def test_what_is_served_is_noted(scene: Scene) -> None:
    pins = scene.pins(2)
    own = scene.house.board(scene.ada)
    scene.eyes.propose(*ids(pins))
    await scene.ask()
    await scene.ask(f"/v1/boards/{to_text(own.id)}/ideas")
    related = scene.house.pin(own, scene.ada)
    path = f"/v1/pins/{to_text(related.id)}/related"
    await scene.ask(path)
    assert [(view.kind, view.viewer, list(view.things)) for view in scene.house.all.views] == [
        (kind, scene.ada.id, ids(pins)) for kind in ("ideas_served", "ideas_served", "related_served")
    ]
    assert await scene.status(f"/v1/pins/{to_text(scene.house.pin(scene.board, scene.ben).id)}/related") == 200
    assert len(scene.house.all.views) == 3, "nothing is known of what visitors see"


@pytest.mark.parametrize("path", ["/v1/ideas", "/v1/ideas/people", "/v1/ideas/boards", "/v1/me/tunings"])
async def test_one_s_own_is_for_those_who_are_signed_in(scene: Scene, path: str) -> None:
    assert await scene.status(path) == 401
    assert await scene.status(path, token_of(scene.ada)) == 200


async def test_ideas_for_a_board_are_for_those_who_are_signed_in(scene: Scene) -> None:
    path = f"/v1/boards/{to_text(scene.board.id)}/ideas"
    assert await scene.status(path) == 401
    assert await scene.status(path, token_of(scene.ada)) == 200
    assert scene.eyes.asked == [("for_board", scene.board.id, 25)]


async def test_what_is_related_is_for_whoever_sees_the_pin(scene: Scene) -> None:
    pin = scene.house.pin(scene.board, scene.ben)
    path = f"/v1/pins/{to_text(pin.id)}/related"
    assert await scene.status(path) == 200
    scene.house.all.blocked_pairs.add(frozenset((scene.ada.id, scene.ben.id)))
    assert await scene.status(path, token_of(scene.ada)) == 404
    scene.house.change_board(scene.board, visibility="private")
    assert await scene.status(path) == 404
    assert await scene.status(path, token_of(scene.ben)) == 200


async def test_what_is_related_is_no_other_pin_of_the_same_photograph(scene: Scene) -> None:
    asked, copy, other = scene.pins(3)
    for pin in (asked, copy):
        assert pin.media is not None
        scene.house.all.hashes[pin.media] = b"\x0f" * 32
    scene.eyes.propose(*ids([copy, other]))
    assert await scene.ids(f"/v1/pins/{to_text(asked.id)}/related") == texts([other])


async def test_people_are_proposed_with_what_led_there(scene: Scene) -> None:
    own = scene.house.pin(scene.house.board(scene.ada), scene.ada)
    secret = scene.house.pin(scene.house.board(scene.ben, "private"), scene.ben)
    followed, blocked, cleo = (scene.house.user(name) for name in ("followed", "blocked", "cleo"))
    scene.house.all.follows.add((scene.ada.id, followed.id))
    scene.house.all.blocked_pairs.add(frozenset((scene.ada.id, blocked.id)))
    gone = Proposed(scene.board.id, [])
    scene.eyes.people_proposed = [
        *(Proposed(each.id, [own.id, secret.id]) for each in (cleo, followed, blocked, scene.ada)),
        gone,
    ]
    [item] = (await scene.ask("/v1/ideas/people"))["items"]
    assert item["person"]["handle"] == "cleo"
    assert [pin["id"] for pin in item["because"]] == texts([own])
    scene.eyes.people_proposed = [Proposed(each.id, []) for each in (scene.ben, cleo)]
    assert [item["person"]["handle"] for item in (await scene.ask("/v1/ideas/people", "limit=1"))["items"]] == ["ben"]


async def test_boards_are_proposed_that_are_others_and_seen(scene: Scene) -> None:
    own_board = scene.house.board(scene.ada)
    own = scene.house.pin(own_board, scene.ada)
    private = scene.house.board(scene.ben, "private")
    of_blocked = scene.house.board(cleo := scene.house.user("cleo"))
    scene.house.all.blocked_pairs.add(frozenset((scene.ada.id, cleo.id)))
    other = scene.house.board(scene.ben)
    scene.eyes.boards_proposed = [
        Proposed(board.id, [own.id]) for board in (own_board, private, other, of_blocked, scene.board)
    ]
    items = (await scene.ask("/v1/ideas/boards"))["items"]
    assert [item["board"]["id"] for item in items] == [to_text(other.id), to_text(scene.board.id)]
    assert [[pin["id"] for pin in item["because"]] for item in items] == [texts([own])] * 2


async def test_topics_show_what_anybody_may_see_and_what_the_caller_chose(scene: Scene) -> None:
    pins = scene.pins(6)
    secret = scene.house.pin(scene.house.board(scene.ben, "private"), scene.ben)
    blank = scene.house.pin(scene.board, scene.ben)
    scene.house.change_pin(blank, picture_name="")
    scene.eyes.known_topics = [Topic(1, "birds", ids([secret, blank, *pins])), Topic(2, "cars", [])]
    scene.eyes.wishes = [
        Tuning(scene.ada.id, scene.ada.id, "interest", 1, topic=2),
        Tuning(scene.ada.id, scene.ben.id, "less", 1, topic=1),
    ]
    [birds, cars] = (await scene.ask("/v1/topics"))["items"]
    assert (birds["name"], birds["chosen"], len(birds["cover"])) == ("birds", False, 4)
    assert (cars["name"], cars["chosen"], cars["cover"]) == ("cars", True, [])
    assert [picture["alt"] for picture in birds["cover"]] == [pin.title for pin in pins[:4]]
    answer = await call(scene.house.api, "GET", "/v1/topics")
    assert [item["chosen"] for item in answer.json()["items"]] == [False, False]
