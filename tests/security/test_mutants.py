"""Nothing that proves something is good when it was changed: tokens, cookies, cursors, targets, private addresses.

Each is mutated at every bit and byte, cut at every place, and in what its base64 stands for, and shown to the server.
"""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote_from_bytes

import pytest

from tests.security.mutants import mutants
from tests.security.plain import Wire, fetch
from tests.support.server import Server
from tests.support.visitor import Visitor

Show = Callable[[bytes], int]
REFUSALS = {0, 400, 401, 403, 404, 405, 414, 415, 431}
_PRINTABLE = bytes(range(0x21, 0x7F)).translate(None, b"#")
BODY = b"x" * 100


def target_of(person: Visitor) -> str:
    """Begin an upload, and return the proof in the address of its target."""
    return person.begin_upload(len(BODY))["url"].split("/blobs/")[1]


class Proofs:
    """Ben, everything that he can show, and how each of it is shown."""

    def __init__(self, server: Server) -> None:
        self.wire = Wire(server.base_url)
        self.ben, self.ada = Visitor(server.base_url, "mutant_ben"), Visitor(server.base_url, "mutant_ada")
        self.bearer = {b"authorization": self.ben.http.headers["authorization"].encode()}
        made = self.ben.ask("POST", "/v1/me/tokens", json={"name": "Program", "scopes": ["read", "write"]})
        self.board = self.ben.board("Private", "private")
        pins = [self.ben.photo(self.board, number) for number in range(3)]
        self.cursor = self.ben.ask("GET", f"/v1/boards/{self.board}/pins", params={"limit": 1})["next"]
        self.target = target_of(self.ben)
        address: str = pins[0]["picture"]["src"]["474"]
        public: str = self.ben.photo(self.ben.board("Public"), 9)["picture"]["src"]["474"]
        self.ways: dict[str, tuple[bytes, Show]] = {
            "session": (self.bearer[b"authorization"].removeprefix(b"Bearer "), self.as_bearer),
            "cookie": (self.bearer[b"authorization"].removeprefix(b"Bearer "), self.as_cookie),
            "access token": (made["secret"].encode(), self.as_bearer),
            "cursor": (self.cursor.encode(), self.as_cursor),
            "target": (self.target.encode(), self.as_target),
            "private picture": (address.removeprefix("/media/").encode(), self.as_address),
            "public picture": (public.removeprefix("/media/").encode(), self.as_address),
        }

    def as_bearer(self, text: bytes) -> int:
        """Show a token."""
        return self.wire.send(b"GET", b"/v1/me", {b"authorization": b"Bearer " + text})

    def as_cookie(self, text: bytes) -> int:
        """Show a session's cookie."""
        return self.wire.send(b"GET", b"/v1/me", {b"cookie": b"bowerbird_session=" + text})

    def as_cursor(self, text: bytes) -> int:
        """Read on behind a cursor; an empty one begins anew, and is none."""
        query = b"?limit=1&cursor=" + quote_from_bytes(text, safe="").encode()
        path = f"/v1/boards/{self.board}/pins".encode()
        return self.wire.send(b"GET", path + query, self.bearer) if text else 400

    def as_target(self, text: bytes) -> int:
        """Put a picture's bytes where a target says."""
        return self.wire.send(b"PUT", b"/blobs/" + sendable(text), {b"content-type": b"image/jpeg"}, BODY)

    def as_address(self, text: bytes) -> int:
        """Ask for a picture."""
        return self.wire.send(b"GET", b"/media/" + sendable(text), {})

    def close(self) -> None:
        """Hang up."""
        self.wire.close()
        self.ben.http.close()
        self.ada.http.close()


def sendable(text: bytes) -> bytes:
    """Return an address as it can stand in a request's first line."""
    return b"".join(bytes([byte]) if byte in _PRINTABLE else b"%%%02x" % byte for byte in text)


@pytest.fixture(scope="module")
def proofs(server: Server) -> Iterator[Proofs]:
    proofs = Proofs(server)
    yield proofs
    proofs.close()


@pytest.mark.parametrize(
    "kind", ["session", "cookie", "access token", "cursor", "target", "private picture", "public picture"]
)
def test_no_mutant_is_accepted(proofs: Proofs, kind: str) -> None:
    text, show = proofs.ways[kind]
    accepted = [
        f"{name}: {mutant!r}"
        for name, found in mutants(text).items()
        for mutant in found
        if show(mutant) not in REFUSALS
    ]
    assert not accepted, f"of {text!r}:\n" + "\n".join(accepted)
    assert show(text) in {200, 201}


def test_a_target_is_good_once_and_for_its_own_method(proofs: Proofs) -> None:
    text = target_of(proofs.ben).encode()
    for method in (b"GET", b"HEAD", b"POST", b"DELETE", b"PATCH"):
        assert proofs.wire.send(method, b"/blobs/" + text, {}) in REFUSALS, method
    assert [proofs.as_target(text), proofs.as_target(text)] == [201, 409]


TOKENS = {"session", "cookie", "access token"}
"""Tokens are shown in two places, and what they are, they say themselves."""


def test_nothing_is_good_in_the_place_of_another(proofs: Proofs) -> None:
    for kind, (text, _) in proofs.ways.items():
        for other, (_, show) in proofs.ways.items():
            if kind.split()[-1] != other.split()[-1] and not {kind, other} <= TOKENS:
                assert show(text) in REFUSALS, f"a {kind} passes for a {other}"


def test_parts_of_two_tokens_make_none(proofs: Proofs) -> None:
    mine = proofs.ways["session"][0].split(b".")
    hers = proofs.ada.http.headers["authorization"].removeprefix("Bearer ").encode().split(b".")
    for number in range(1, 1 << len(mine)):
        mixed = [hers[at] if number >> at & 1 else part for at, part in enumerate(mine)]
        if mixed not in (mine, hers):
            assert proofs.as_bearer(b".".join(mixed)) == 401
    for alone in (mine[:-1], [*mine[:-1], b""], [b"", *mine[1:]], [*mine, mine[-1]]):
        assert proofs.as_bearer(b".".join(alone)) == 401


def test_a_cursor_is_good_for_its_reader_and_its_list_alone(proofs: Proofs, server: Server) -> None:
    proofs.ben.ask("PUT", f"/v1/boards/{proofs.board}/shares/{proofs.ada.id}", json={"role": "viewer"})
    other = proofs.ben.board("Other", "private")
    asked: list[tuple[Visitor, str]] = [
        (proofs.ada, f"/v1/boards/{proofs.board}/pins"),
        *((proofs.ben, path) for path in (f"/v1/boards/{other}/pins", "/v1/boards", "/v1/feed", "/v1/me/trash")),
    ]
    for reader, path in asked:
        shown = {"authorization": reader.http.headers["authorization"]}
        answer: Any = fetch(server.base_url, "GET", f"{path}?cursor={proofs.cursor}", shown)
        assert (answer.status, answer.json()["field"]) == (400, "cursor"), path
