"""Every route, by every kind of actor, about a thing in every state: the server answers as the table says.

Whoever may not see a thing hears exactly what is heard of none: the same status, headers and body, whether they ask
plainly, for the head alone, or whether what they kept is still good. What is refused changes nothing.
"""

import json
import re
from pathlib import Path

import pytest

from tests.security.asking import Asker, leaks
from tests.security.cast import Cast, Scene
from tests.security.plain import Got
from tests.security.table import (
    ACTORS,
    ROWS,
    STATES,
    Actor,
    Answer,
    Row,
    expected,
    is_open,
    problem_of,
    rights,
    stopped_at_the_door,
)
from tests.support.digest import Records

OPENAPI = json.loads((Path(__file__).parents[2] / "docs/reference/openapi.json").read_text())
_MADE = 300


def documented() -> set[str]:
    return {f"{method.upper()} {path}" for path, methods in OPENAPI["paths"].items() for method in methods}


def shape(route: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(route)) + r"\Z")


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    routes = [(route, shape(route)) for route in documented()]
    told = {row.route: {route for route, pattern in routes if pattern.match(row.route)} for row in ROWS}
    assert [route for route, found in told.items() if not found] == []
    assert documented() - set().union(*told.values()) == set()


def cells(state: str, *, refused: bool) -> list[tuple[Row, Actor, Answer]]:
    """Return the cells of a state: those that must be refused, or those that may change something."""
    told = [
        (row, actor, expected(row, actor, state))
        for row in ROWS
        for actor in ACTORS
        if (state == STATES[0] or not row.once) and not is_open(row, actor, state)
    ]
    return [cell for cell in told if (cell[2].hidden or cell[2].status >= _MADE) == refused]


@pytest.mark.parametrize("state", STATES)
def test_what_is_refused(asker: Asker, state: str) -> None:
    scene, records = asker.cast.scenes[state], Records(asker.cast.server.data, asker.cast.leaving())
    before = records.settle()
    absent: dict[tuple[str, ...], str] = {}
    wrong = [
        f"{row.route} {row.who} by {actor.name}: {what}"
        for row, actor, answer in cells(state, refused=True)
        for what in refusal(asker, row, actor, scene, answer, absent)
    ]
    after = records.settle()
    records.close()
    assert not wrong, "\n".join(wrong)
    # What a deleted account leaves behind goes away by itself meanwhile.
    assert state == "owner deleted" or after == before, "something that was refused was done"


def refusal(
    asker: Asker, row: Row, actor: Actor, scene: Scene, answer: Answer, absent: dict[tuple[str, ...], str]
) -> list[str]:
    """Return what is wrong with an answer that must tell nothing."""
    got, told = asker.ask(row, actor, scene.state, scene)
    wrong = leaks(row, actor, scene.state, scene, got)
    if got.status != answer.status:
        wrong.append(f"{got.status}, not {answer.status}: {got.text[:200]}")
    at_door = stopped_at_the_door(row, actor, scene.state)
    if row.who == "proves" and got.status == answer.status and bool(at_door) == ("field" in got.json()):
        wrong.append("it is not the password that is wrong")
    return wrong + (differences(asker, row, actor, scene, told, absent) if answer.hidden else [])


def differences(
    asker: Asker, row: Row, actor: Actor, scene: Scene, told: str, absent: dict[tuple[str, ...], str]
) -> list[str]:
    """Return where what is hidden differs from what is not there."""
    found: list[str] = []
    for method, more in (("", {}), *((("HEAD", {}), ("GET", {"if-none-match": "*"})) if row.safe else ())):
        key = (row.route, row.body, actor.name, method, *more)
        if key not in absent:
            absent[key] = asker.ask(row, actor, scene.state, None, method, **more)[1]
        hidden = told if not key[3:][0] else asker.ask(row, actor, scene.state, scene, method, **more)[1]
        if hidden != absent[key]:
            found.append(f"differs from what is not there: {hidden!r} {absent[key]!r}")
    return found


@pytest.mark.parametrize("state", STATES)
def test_what_is_done(asker: Asker, state: str) -> None:
    scene, wrong = asker.cast.scenes[state], list[str]()
    for row, actor, answer in cells(state, refused=False):
        got, _ = asker.ask(row, actor, state, scene)
        found = leaks(row, actor, state, scene, got) + done(row, actor, state, answer, got)
        wrong += [f"{row.route} {row.who} by {actor.name}: {what}" for what in found]
        if row.spends and got.status < _MADE and state != "owner deleted":
            scene = asker.cast.mend(row, actor, scene)
    assert not wrong, "\n".join(wrong)


def done(row: Row, actor: Actor, state: str, answer: Answer, got: Got) -> list[str]:
    """Return what is wrong with an answer to somebody who may."""
    if got.status != answer.status:
        return [f"{got.status}, not {answer.status}: {got.text[:200]}"]
    if row.who in {"takes", "copies all"}:
        said, wanted = got.json()["items"][0]["problem"], problem_of(row, actor, state)
    elif row.who == "sees" and row.about in {"board", "pin"} and row.path.endswith("}"):
        said, wanted = got.json()["rights"], rights(actor, state, row.about)
    else:
        return []
    return [] if said == wanted else [f"it says {said}, not {wanted}"]


def test_the_matrix_is_large_enough(cast: Cast) -> None:
    """Say how many cells there are, so that a slip in a table does not thin them out unseen."""
    count = sum(len(cells(state, refused=refused)) for state in STATES for refused in (True, False))
    assert set(cast.scenes) == set(STATES)
    assert count > 4000
