"""What was taken back is gone for every read that begins after the answer: on every connection, cache or none.

Each deed is done after its reader was shown the thing and had it kept in every cache on the way; then the reader asks
again on new connections, as the edge processes take them, with all that they kept.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.security.plain import Got, fetch
from tests.support.server import Server
from tests.support.visitor import Visitor

ASKED = 6
"""On so many connections of their own each thing is asked for: with two edge processes, both are met."""

GONE, NOT_IN = 404, 401


class Scene:
    """Ada, whose things they are, Ben, who sees them, and what Ben has been shown, with each answer's ETag."""

    def __init__(self, base_url: str, mark: str) -> None:
        self.base_url = base_url
        self.ada, self.ben = Visitor(base_url, f"ada{mark}"), Visitor(base_url, f"ben{mark}")
        self.board = self.ada.board("Seen")
        self.shared = self.ada.board("Shared", "private")
        self.ada.ask("PUT", f"/v1/boards/{self.shared}/shares/{self.ben.id}", json={"role": "viewer"})
        self.pin, self.secret = self.ada.photo(self.board, 3), self.ada.photo(self.shared, 4)
        signed = self.ben.ask("GET", f"/v1/pins/{self.secret['id']}")["picture"]["src"]["236"]
        public = self.pin["picture"]["src"]["236"]
        self.paths = {
            "board": f"/v1/boards/{self.board}",
            "pins": f"/v1/boards/{self.board}/pins",
            "pin": f"/v1/pins/{self.pin['id']}",
            "picture": public,
            "shared board": f"/v1/boards/{self.shared}",
            "shared pins": f"/v1/boards/{self.shared}/pins",
            "shared pin": f"/v1/pins/{self.secret['id']}",
            "shared picture": signed,
            "person": f"/v1/users/{self.ada.id}",
            "me": "/v1/me",
        }
        self.tags = {name: self._kept(path) for name, path in self.paths.items()}

    def _kept(self, path: str) -> str:
        answers = [self.look(path) for _ in range(ASKED)]
        assert {answer.status for answer in answers} == {200}, path
        return answers[0].headers["etag"]

    def look(self, path: str, **headers: str) -> Got:
        """Ask as Ben, on a connection of its own."""
        own = {"authorization": self.ben.http.headers["authorization"]}
        return fetch(self.base_url, "GET", path, own | headers)

    def statuses(self, name: str) -> set[int]:
        """Return what is answered for a thing, asked plainly and as one who kept it."""
        path, tag = self.paths[name], self.tags[name]
        plain = [self.look(path).status for _ in range(ASKED)]
        kept = [self.look(path, **{"if-none-match": f'{tag}, "x"'}).status for _ in range(ASKED)]
        part = [self.look(path, range="bytes=0-9", **{"if-range": tag}).status for _ in range(2)]
        return {*plain, *kept, *part}

    def close(self) -> None:
        """Close everybody's connections."""
        self.ada.http.close()
        self.ben.http.close()


Deed = Callable[[Scene], Any]
WHOLE = ("board", "pins", "pin", "picture")
SHARED = ("shared board", "shared pins", "shared pin", "shared picture")


def privatise(scene: Scene) -> None:
    scene.ada.ask("PATCH", f"/v1/boards/{scene.board}", json={"visibility": "private"})


def unshare(scene: Scene) -> None:
    scene.ada.ask("DELETE", f"/v1/boards/{scene.shared}/shares/{scene.ben.id}")


def leave(scene: Scene) -> None:
    scene.ben.ask("DELETE", f"/v1/boards/{scene.shared}/shares/me")


def block(scene: Scene) -> None:
    scene.ada.ask("PUT", f"/v1/me/blocks/{scene.ben.id}")


def be_blocked(scene: Scene) -> None:
    scene.ben.ask("PUT", f"/v1/me/blocks/{scene.ada.id}")


def throw_board(scene: Scene) -> None:
    scene.ada.ask("DELETE", f"/v1/boards/{scene.board}")


def throw_pin(scene: Scene) -> None:
    scene.ada.ask("DELETE", f"/v1/pins/{scene.pin['id']}")


def delete_account(scene: Scene) -> None:
    scene.ada.ask("DELETE", "/v1/me", json={"password": scene.ada.password})


def sign_out(scene: Scene) -> None:
    scene.ben.ask("DELETE", "/v1/sessions/current")


def sign_out_by_password(scene: Scene) -> None:
    login = {"login": scene.ben.handle, "password": scene.ben.password}
    other = fetch(scene.base_url, "POST", "/v1/sessions", {}, login).json()["token"]
    change = {"current": scene.ben.password, "new": "another long enough one"}
    shown = {"authorization": f"Bearer {other}"}
    assert fetch(scene.base_url, "PUT", "/v1/me/password", shown, change).status == 204


def delete_own_account(scene: Scene) -> None:
    scene.ben.ask("DELETE", "/v1/me", json={"password": scene.ben.password})


ENDED = dict.fromkeys(("board", "pins", "pin", *SHARED[:3], "person", "me"), NOT_IN) | {"picture": 200}
DEEDS: list[tuple[Deed, dict[str, int]]] = [
    (privatise, dict.fromkeys(WHOLE, GONE)),
    (unshare, dict.fromkeys(SHARED, GONE)),
    (leave, dict.fromkeys(SHARED, GONE)),
    (block, dict.fromkeys((*WHOLE[:3], *SHARED, "person"), GONE)),
    (be_blocked, dict.fromkeys((*WHOLE[:3], *SHARED, "person"), GONE)),
    (throw_board, dict.fromkeys(WHOLE, GONE)),
    (throw_pin, dict.fromkeys(("pin", "picture"), GONE)),
    (delete_account, dict.fromkeys((*WHOLE, *SHARED, "person"), GONE)),
    (sign_out, ENDED),
    (sign_out_by_password, ENDED),
    (delete_own_account, {**ENDED, "shared picture": GONE}),
]


@pytest.fixture
def scene(server: Server, request: pytest.FixtureRequest) -> Iterator[Scene]:
    scene = Scene(server.base_url, f"_{abs(hash(request.node.nodeid)) % 10**9:x}")
    yield scene
    scene.close()


@pytest.mark.parametrize(("deed", "after"), DEEDS, ids=lambda value: getattr(value, "__name__", ""))
def test_it_holds_at_once_and_everywhere(scene: Scene, deed: Deed, after: dict[str, int]) -> None:
    deed(scene)
    found = {name: scene.statuses(name) - {206} for name in after}
    assert found == {name: {304, 200} if status == 200 else {status} for name, status in after.items()}


def test_no_deed_touches_what_it_is_not_about(scene: Scene) -> None:
    unshare(scene)
    assert scene.statuses("board") - {206} == {200, 304}
    assert scene.statuses("picture") - {206} == {200, 304}
