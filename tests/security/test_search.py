"""Search and suggestions show each actor exactly what the table lets them see, from the first moment on.

What somebody may not see is on no page, however soon after the change they ask; what they may see is there in the end.
"""

from urllib.parse import quote

import pytest

from tests.security.asking import Asker
from tests.security.table import ACTORS, STATES, Actor, Row, rights, sees_person
from tests.support.visitor import settled

LIVE = [actor for actor in ACTORS if actor.proof in {"nothing", "session", "cookie"}]
HIDDEN = {"-", "bin"}


def asked(asker: Asker, actor: Actor, state: str, path: str) -> str:
    """Return the answer to a question that anybody may ask."""
    row = Row(f"GET {path}", "-", "asks", 200, once=False, spends=False, body="")
    got, _ = asker.ask(row, actor, state, asker.cast.scenes[state])
    assert got.status == row.status, got.text
    return got.text


def questions(asker: Asker, state: str, thing: str) -> list[str]:
    """Return what would find a board or a pin: its words, whole, begun, and with a slip, and who has it."""
    scene = asker.cast.scenes[state]
    told = scene.board_told if thing == "board" else scene.pin_told
    number, handle = told.rpartition("-")[2], asker.cast.owners[state].visitor.handle
    searches = [told, f'"{told}"', f"canarx {number}", f"{number} canar", f"by:{handle}"]
    paths = [f"/v1/search?type={thing}&limit=100&q={quote(search)}" for search in searches]
    # A pin is suggested by what it is called alone, and others have copies of it.
    return [*paths, f"/v1/search/suggestions?q={quote(f'canary {number}')}"] if thing == "board" else paths


@pytest.mark.parametrize("thing", ["board", "pin"])
@pytest.mark.parametrize("state", STATES)
def test_what_is_found(asker: Asker, state: str, thing: str) -> None:
    id_ = asker.cast.scenes[state].values[thing]
    for actor in (actor for actor in LIVE if not actor.is_dead(state)):
        visible = rights(actor, state, thing) not in HIDDEN
        for path in questions(asker, state, thing):

            def look(actor: Actor = actor, path: str = path) -> str:
                return asked(asker, actor, state, path)

            if visible:
                settled(look, lambda text: id_ in text)
            else:
                assert id_ not in look(), f"{actor.name} finds it by {path}"


@pytest.mark.parametrize("state", STATES)
def test_who_is_found(asker: Asker, state: str) -> None:
    handle = asker.cast.owners[state].visitor.handle
    for actor in (actor for actor in LIVE if not actor.is_dead(state)):
        for path in (f"/v1/search?type=person&q={handle}", f"/v1/search/suggestions?q={handle}"):

            def look(actor: Actor = actor, path: str = path) -> str:
                return asked(asker, actor, state, path)

            if sees_person(actor, state):
                settled(look, lambda text: handle in text)
            else:
                assert handle not in look(), f"{actor.name} finds them by {path}"


def test_a_list_goes_on_for_whoever_began_it_alone(asker: Asker) -> None:
    """A cursor tells nothing, and is of use to nobody else, nor for another query."""
    stranger, follower = (next(actor for actor in ACTORS if actor.name == name) for name in ("stranger", "follower"))
    path = "/v1/search?q=canary&limit=1"
    row = Row(f"GET {path}", "-", "asks", 200, once=False, spends=False, body="")
    cursor = asker.ask(row, stranger, "public", asker.cast.scenes["public"])[0].json()["next"]
    for actor, other in ((follower, path), (stranger, "/v1/search?q=canaries&limit=1")):
        row = Row(f"GET {other}&cursor={cursor}", "-", "asks", 400, once=False, spends=False, body="")
        assert asker.ask(row, actor, "public", asker.cast.scenes["public"])[0].status == 400
