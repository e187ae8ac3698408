"""Lists, counts and the feed show each actor exactly what the table lets them see, and no number of the rest.

The things asked after stand in the scenes of the matrix; the tests of the matrix leave them as they were.
"""

from typing import Any

import pytest

from tests.security.asking import Asker
from tests.security.table import ACTORS, STATES, Actor, Row, rights, sees_person
from tests.support.visitor import settled

LIVE = [actor for actor in ACTORS if actor.proof in {"nothing", "session", "cookie"}]
PATHS = {"boards": "/v1/users/{owner}/boards", "pins": "/v1/users/{owner}/pins"}


def listed(asker: Asker, actor: Actor, state: str, path: str) -> list[dict[str, Any]] | None:
    """Return all items of a list, page by page; None where the list is not to be had."""
    items: list[dict[str, Any]] = []
    cursor = ""
    while True:
        mark = "&" if "?" in path else "?"
        route = f"GET {path}{mark}limit=3" + (f"&cursor={cursor}" if cursor else "")
        row = Row(route, "-", "reads", 200, once=False, spends=False, body="")
        got, _ = asker.ask(row, actor, state, asker.cast.scenes[state])
        if got.status != row.status:
            return None
        page = got.json()
        items += page["items"]
        cursor = page["next"]
        if not cursor:
            return items


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("actor", LIVE, ids=lambda actor: actor.name)
def test_what_an_owner_shows(asker: Asker, actor: Actor, state: str) -> None:
    if actor.is_dead(state):
        return
    values = asker.cast.scenes[state].values
    boards = listed(asker, actor, state, PATHS["boards"])
    pins = listed(asker, actor, state, PATHS["pins"])
    if not sees_person(actor, state):
        assert (boards, pins) == (None, None)
        return
    assert boards is not None
    assert pins is not None
    assert (values["board"] in [board["id"] for board in boards]) == (rights(actor, state, "board") not in {"-", "bin"})
    assert (values["pin"] in [pin["id"] for pin in pins]) == (rights(actor, state, "pin") not in {"-", "bin"})
    for board in boards:
        count = len(listed(asker, actor, state, f"/v1/boards/{board['id']}/pins") or [])
        assert board["pins"] == count, "a count of more than is shown"


@pytest.mark.parametrize("name", ["viewer", "editor", "former viewer", "stranger"])
def test_what_was_shared(asker: Asker, name: str) -> None:
    [actor] = [actor for actor in ACTORS if actor.name == name]
    shared = {board["id"] for board in listed(asker, actor, "public", "/v1/boards?shared=with-me") or []}
    for state in STATES:
        role = rights(actor, state, "board")
        assert (asker.cast.scenes[state].values["board"] in shared) == (role in {"viewer", "editor"}), state


@pytest.mark.parametrize("actor", [actor for actor in LIVE if actor.relation != "nobody"], ids=lambda actor: actor.name)
def test_what_a_feed_shows(asker: Asker, actor: Actor) -> None:
    scenes = asker.cast.scenes
    wanted = {
        scenes[state].values["pin"]
        for state in STATES
        if rights(actor, state, "pin") in {"viewer", "editor"}
        or (actor.relation == "follower" and rights(actor, state, "pin") == "public")
    }
    if actor.relation == "owner":
        wanted.clear()
    every = {scene.values["pin"] for scene in scenes.values()}

    def look() -> set[str]:
        entries = listed(asker, actor, "public", "/v1/feed") or []
        return {entry["pin"]["id"] for entry in entries} & every

    assert settled(look, lambda found: found == wanted) == wanted


@pytest.mark.parametrize("state", STATES)
def test_what_lies_in_the_bin(asker: Asker, state: str) -> None:
    scene, everybody = asker.cast.scenes[state], [actor for actor in LIVE if not actor.is_dead(state)]
    for actor in everybody:
        if actor.relation == "nobody":
            continue
        found = {item["id"] for item in listed(asker, actor, state, "/v1/me/trash") or []}
        for thing in ("board", "pin"):
            mine = actor.relation == "owner" and rights(actor, state, thing) == "bin"
            assert (scene.values[thing] in found) == mine, f"{actor.name}: {thing}"
