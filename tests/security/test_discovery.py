"""Lens, related pins, ideas, proposals, copies and topics show nothing to whom the table does not show it.

Beside each thing stands somebody else's public pin of the very same picture, one of a part of it, and one of a picture
that the thing's board holds too: what asks from there must not tell that the thing is there. What somebody may not see
is in no answer, however soon after the change they ask; what they may see is there in the end.
"""

from collections.abc import Iterator

import pytest

from tests.security.asking import Asker
from tests.security.cast import Cast, Scene
from tests.security.table import ACTORS, STATES, Actor, Row, rights
from tests.support.pictures import jpeg, part
from tests.support.visitor import Visitor, settled

LIVE = [actor for actor in ACTORS if actor.proof in {"nothing", "session"}]
HIDDEN = {"-", "bin"}
BESIDE = 1_000_000
"""Seeds of pictures that stand beside, one a state."""

PUBLIC_QUESTIONS = (
    ("POST /v1/lens", '{"pin_id": "{same}", "limit": 100}'),
    ("POST /v1/lens", '{"pin_id": "{part}", "limit": 100}'),
    ("POST /v1/lens", '{"pin_id": "{part}", "box": {"x": 0.1, "y": 0.1, "width": 0.8, "height": 0.8}, "limit": 100}'),
    ("GET /v1/pins/{same}/related?limit=100", ""),
    ("GET /v1/pins/{part}/related?limit=100", ""),
    ("GET /v1/pins/{beside}/related?limit=100", ""),
    ("GET /v1/topics", ""),
)
OWN_QUESTIONS = (
    ("GET /v1/pins/{same}/copies", ""),
    ("GET /v1/boards/{own}/ideas?limit=100", ""),
    ("GET /v1/ideas?limit=100", ""),
    ("GET /v1/ideas/boards?limit=50", ""),
)


@pytest.fixture(scope="module")
def mirror(cast: Cast) -> Iterator[Visitor]:
    """Return whose public pins stand beside."""
    mirror = Visitor(cast.server.base_url, "mirror")
    yield mirror
    mirror.http.close()


@pytest.fixture(scope="module")
def scenes(cast: Cast, mirror: Visitor) -> dict[str, Scene]:
    """Return a thing in each state, of which nobody has a copy, with what stands beside it."""
    board, other = mirror.board("What others have too"), mirror.board("What stands beside")
    scenes: dict[str, Scene] = {}
    for number, state in enumerate(STATES):
        shared = jpeg(BESIDE + number)
        scene = cast.scenes[state] if state == "owner deleted" else cast.scene(state, shared)
        beside = mirror.picture(other, shared)["id"]
        scene.values |= {
            "same": mirror.picture(board, scene.picture)["id"],
            "part": mirror.picture(board, part(scene.picture))["id"],
            "beside": beside,
        }
        for name in ("stranger", "viewer", "editor", "blocked"):
            cast.people[name].ask("POST", f"/v1/boards/{cast.own[name]}/pins", json={"pin_id": beside})
        scenes[state] = scene
    return scenes


def answer(asker: Asker, actor: Actor, scene: Scene, question: tuple[str, str]) -> str:
    """Return the answer to a question that an actor may ask."""
    route, body = question
    row = Row(route, "-", "asks", 200, once=False, spends=False, body=body)
    got, _ = asker.ask(row, actor, scene.state, scene)
    assert got.status == row.status, f"{actor.name}: {route}: {got.text}"
    return got.text


def questions(actor: Actor) -> tuple[tuple[str, str], ...]:
    return PUBLIC_QUESTIONS if actor.relation == "nobody" else (*PUBLIC_QUESTIONS, *OWN_QUESTIONS)


def living(state: str) -> list[Actor]:
    return [actor for actor in LIVE if not actor.is_dead(state)]


@pytest.mark.parametrize("state", STATES)
def test_what_may_not_be_seen_is_in_no_answer(asker: Asker, scenes: dict[str, Scene], state: str) -> None:
    scene = scenes[state]
    for actor in living(state):
        hidden = [thing for thing in ("board", "pin") if rights(actor, state, thing) in HIDDEN]
        for question in questions(actor) if hidden else ():
            text = answer(asker, actor, scene, question)
            for thing in hidden:
                assert scene.values[thing] not in text, f"{actor.name} finds the {thing} by {question}"


@pytest.mark.parametrize("state", [state for state in STATES if state not in {"trashed", "owner deleted"}])
def test_what_looks_alike_is_found_by_whoever_may_see_it(asker: Asker, cast: Cast, mirror: Visitor, state: str) -> None:
    scene = cast.scene(state)
    scene.values["part"] = mirror.picture(mirror.board("Parts"), part(scene.picture))["id"]
    for actor in living(state):
        visible = rights(actor, state, "pin") not in HIDDEN

        def look(actor: Actor = actor) -> bool:
            return scene.values["pin"] in answer(asker, actor, scene, PUBLIC_QUESTIONS[1])

        if visible:
            settled(look, bool)
        assert look() == visible, actor.name


def test_copies_are_pointed_out_to_who_has_them(asker: Asker, scenes: dict[str, Scene]) -> None:
    [owner] = [actor for actor in LIVE if actor.name == "owner"]
    for state in ("public", "private", "shared", "just privatised"):
        scene = scenes[state]

        def look(scene: Scene = scene) -> str:
            return answer(asker, owner, scene, OWN_QUESTIONS[0])

        settled(look, lambda text, pin=scene.values["pin"]: pin in text)
        for actor in living(state):
            if actor.relation not in {"owner", "nobody"}:
                assert scene.values["pin"] not in answer(asker, actor, scene, OWN_QUESTIONS[0]), actor.name


def test_a_list_goes_on_for_whoever_began_it_alone(asker: Asker, scenes: dict[str, Scene]) -> None:
    """A cursor tells nothing, and is of use to nobody else, nor for another list."""
    stranger, follower = (next(actor for actor in ACTORS if actor.name == name) for name in ("stranger", "follower"))
    scene, path = scenes["public"], "/v1/pins/{same}/related?limit=1"
    row = Row(f"GET {path}", "-", "asks", 200, once=False, spends=False, body="")
    cursor = settled(lambda: asker.ask(row, stranger, "public", scene)[0].json()["next"], bool)
    for actor, other in (
        (follower, path),
        (stranger, "/v1/pins/{part}/related?limit=1"),
        (stranger, "/v1/ideas?limit=1"),
    ):
        row = Row(f"GET {other}&cursor={cursor}", "-", "asks", 400, once=False, spends=False, body="")
        assert asker.ask(row, actor, "public", scene)[0].status == row.status, other
