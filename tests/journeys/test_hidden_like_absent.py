"""Whoever may not see a board hears of it, and of its pins, exactly what is heard of none, at every address."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.server import Server
from tests.support.visitor import Visitor

Someone = Callable[[str], Visitor]
URL = {"url": "https://example.org/"}
ROUTES: list[tuple[str, str, Any]] = [
    ("GET", "/v1/boards/{board}", None),
    ("PATCH", "/v1/boards/{board}", {"name": "Taken"}),
    ("DELETE", "/v1/boards/{board}", None),
    ("POST", "/v1/boards/{board}/restore", None),
    ("GET", "/v1/boards/{board}/pins", None),
    ("POST", "/v1/boards/{board}/pins", URL),
    ("GET", "/v1/boards/{board}/shares", None),
    ("PUT", "/v1/boards/{board}/shares/{third}", {"role": "viewer"}),
    ("PUT", "/v1/boards/{board}/shares/me", {"role": "viewer"}),
    ("DELETE", "/v1/boards/{board}/shares/{third}", None),
    ("DELETE", "/v1/boards/{board}/shares/me", None),
    ("POST", "/v1/boards/{own}/pins", {"pin_id": "{pin}"}),
    ("POST", "/v1/pins/move", {"pins": ["{pin}"], "board": "{own}"}),
    ("POST", "/v1/pins/move", {"pins": ["{pin}"], "board": "{own}", "copy": True}),
    ("POST", "/v1/pins/move", {"pins": ["{mine}"], "board": "{board}"}),
    ("GET", "/v1/pins/{pin}", None),
    ("PATCH", "/v1/pins/{pin}", {"title": "Taken"}),
    ("DELETE", "/v1/pins/{pin}", None),
    ("POST", "/v1/pins/{pin}/restore", None),
    ("POST", "/v1/views", {"views": [{"kind": "pin_seen", "pin": "{pin}"}]}),
    ("POST", "/v1/lens", {"pin_id": "{pin}"}),
    ("GET", "/v1/pins/{pin}/related", None),
    ("GET", "/v1/pins/{pin}/copies", None),
    ("GET", "/v1/boards/{board}/ideas", None),
    ("POST", "/v1/me/tunings", {"wish": "hidden", "pin_id": "{pin}"}),
    ("POST", "/v1/me/tunings", {"wish": "not_board", "board_id": "{board}"}),
    ("GET", "/media/{pin}/1/{name}/236", None),
]


@pytest.fixture(scope="module")
def scenes(server: Server) -> dict[str, Any]:
    """Ben's places to look for: what is private, in the trash, of somebody who blocked him, moved away, and nothing."""
    ada, ben, cleo = (Visitor(server.base_url, name) for name in ("hidden_ada", "hidden_ben", "hidden_cleo"))
    own = ben.board("Own")
    common = {"own": own, "mine": ben.photo(own, 77)["id"], "third": cleo.id}
    things = {"absent": _absent(ada)}
    for place, kind in enumerate(("private", "trashed", "blocked", "pin trashed")):
        keeper = cleo if kind == "blocked" else ada
        board = keeper.board("Hidden", "private" if kind in {"private", "pin trashed"} else "public")
        pin = keeper.photo(board, place)
        name = pin["picture"]["src"]["236"].split("/")[4]
        things[kind] = {"board": board, "pin": pin["id"], "name": name}
    ada.ask("DELETE", f"/v1/boards/{things['trashed']['board']}")
    ada.ask("DELETE", f"/v1/pins/{things['pin trashed']['pin']}")
    cleo.ask("PUT", f"/v1/me/blocks/{ben.id}")
    return {"ben": ben, "things": {kind: {**common, **thing} for kind, thing in things.items()}}


def _absent(visitor: Visitor) -> dict[str, str]:
    """Return ids of the right form that name nothing."""
    board = visitor.board("Soon gone")
    return {"board": _other(board), "pin": _other(visitor.photo(board, 99)["id"]), "name": "A" * 22}


def _other(text: str) -> str:
    return text[:-4] + ("0000" if text[-4:] != "0000" else "1111")


@pytest.mark.parametrize("kind", ["private", "trashed", "blocked", "pin trashed"])
@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_hidden_is_answered_for_like_absent(
    scenes: dict[str, Any],
    kind: str,
    method: str,
    path: str,
    body: Any,  # noqa: ANN401 - JSON
) -> None:
    if kind == "blocked" and "media" in path:
        # A public picture's address is good for whoever has it, signed in as anybody.
        return
    answers = [_asked(scenes, one, method, path, body) for one in (kind, "absent")]
    assert answers[0] == answers[1]


def _asked(scenes: dict[str, Any], kind: str, method: str, path: str, body: object) -> object:
    thing: dict[str, str] = scenes["things"][kind]
    text = json.dumps(body)
    for name, value in thing.items():
        text = text.replace(f"{{{name}}}", value)
    answer = scenes["ben"].send(method, path.format(**thing), json=json.loads(text))
    told = answer.text
    for name, value in thing.items():
        told = told.replace(value, name)
    headers = {name: value for name, value in answer.headers.items() if name not in {"x-request-id", "date"}}
    headers.pop("ratelimit", None)
    request = answer.headers["x-request-id"]
    return answer.status_code, told.replace(request, ""), headers
