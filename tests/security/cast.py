"""Who plays in the matrix, with what they show to the server, and the things that they play about, in every state."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from bowerbird.base.ids import from_text
from tests.security.plain import fetch
from tests.security.table import STATES, Actor, Row
from tests.support.digest import Records
from tests.support.pictures import jpeg
from tests.support.server import Server
from tests.support.visitor import Returning, Visitor

ELSEWHERE = {"x-forwarded-for": "198.51.100.7"}
"""The tests' server trusts one proxy, which says that everybody comes from afar."""
_EXPIRY_S = 2
_COOKIE = "bowerbird_session"
_ABSENT_NAME = "A" * 22


@dataclass
class Scene:
    """A thing in a state. `values` fill the places of routes and bodies; `told` are texts that only some may read.

    `picture` is the pin's, as it was sent.
    """

    state: str
    values: dict[str, str]
    board_told: str
    pin_told: str
    picture: bytes


@dataclass
class Owner:
    """Somebody whose things are asked for, with every kind of proof that they are themselves."""

    visitor: Visitor
    face: str
    proofs: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])


class Cast:
    """Everybody of one run of the matrix, at one server."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._numbers = count(1)
        names = ("stranger", "follower", "viewer", "editor", "blocked", "blocker", "former", "third", "fourth", "gone")
        self.people = {name: Visitor(server.base_url, name) for name in names}
        self.people["admin"] = self._administrator()
        self.own = {name: person.board(f"Of {name}") for name, person in self.people.items()}
        self.mine = {name: self._pin(person, self.own[name], "Mine") for name, person in self.people.items()}
        self.proofs = {name: {"session": _bearer(person)} for name, person in self.people.items()}
        for name, scope in (("viewer", "read"), ("admin", "admin")):
            self.proofs[name][f"token: {scope}"] = self._token(self.people[name], scope)
        self.owners = {state: self._owner(state) for state in STATES}
        self.scenes = {state: self.scene(state) for state in STATES}
        self.people["gone"].ask("DELETE", "/v1/me", json={"password": self.people["gone"].password})
        self.proofs["former"]["session of a deleted account"] = self.proofs["gone"]["session"]
        self._end_owner()
        self._let_tokens_expire()
        self.absent = self._absent()

    def _administrator(self) -> Visitor:
        """Return somebody who administers the server: made by its command line, as the only way to become one."""
        options = ("--email", "admin@example.net", "--admin", "--password-stdin")
        made = self.server.command("user", "create", "the_admin", *options, stdin="the_admin keeps a secret\n")
        assert made.returncode == 0, made.stderr
        return Returning(self.server.base_url, "the_admin")

    def fresh(self) -> str:
        """Return a handle that nobody had."""
        return f"fresh_{next(self._numbers)}"

    def headers(self, actor: Actor, state: str) -> dict[str, str]:
        """Return what an actor shows with a request."""
        if actor.proof == "nothing":
            return ELSEWHERE
        proofs = self.owners[state].proofs if actor.relation == "owner" else self.proofs[actor.relation]
        return {**ELSEWHERE, **proofs[actor.proof]}

    def values(self, actor: Actor, scene: Scene | None, state: str) -> dict[str, str]:
        """Return what fills the places of a request by an actor; no scene: of things that are not there."""
        who = actor.relation if actor.relation in self.own else "stranger"
        if actor.relation == "owner":
            own = {name: self.scenes[state].values[name] for name in ("own", "mine")}
        else:
            own = {"own": self.own[who], "mine": self.mine[who]}
        fixed = {
            "third": self.people["third"].id,
            "fourth": self.people["fourth"].id,
            "stranger": "stranger",
            "code": "invalid",
            "fresh": self.fresh(),
        }
        return {**fixed, **(self.absent if scene is None else scene.values), **own}

    def _owner(self, state: str) -> Owner:
        visitor = Visitor(self.server.base_url, f"owner_{state.replace(' ', '_')}")
        visitor.ask("PATCH", "/v1/me", json={"picture": visitor.upload(jpeg(len(state), 120, 90))})
        face = visitor.ask("GET", "/v1/me")["picture"]["236"].split("/")[4]
        owner = Owner(visitor, face, {"session": _bearer(visitor)})
        for scopes in ("read", "write", "read write"):
            owner.proofs[f"token: {scopes}"] = self._token(visitor, *scopes.split())
        for kind in ("cookie", "cookie from another site", "revoked session", "revoked cookie"):
            owner.proofs[kind] = self._signed_in(visitor, kind)
        owner.proofs["revoked token"] = self._token(visitor, "read", "write", ends="now")
        owner.proofs["expired token"] = self._token(visitor, "read", "write", ends="soon")
        for name, path in (("follower", "following"), ("blocker", "blocks")):
            self.people[name].ask("PUT", f"/v1/me/{path}/{visitor.id}")
        visitor.ask("PUT", f"/v1/me/blocks/{self.people['blocked'].id}")
        return owner

    def _token(self, visitor: Visitor, *scopes: str, ends: str = "") -> dict[str, str]:
        new: dict[str, Any] = {"name": "A program", "scopes": list(scopes)}
        if ends == "soon":
            new["expires_at"] = (datetime.now(UTC) + timedelta(seconds=_EXPIRY_S)).isoformat().replace("+00:00", "Z")
        made = visitor.ask("POST", "/v1/me/tokens", json=new)
        if ends == "now":
            visitor.ask("DELETE", f"/v1/me/tokens/{made['token']['id']}")
        return {"authorization": f"Bearer {made['secret']}"}

    def _signed_in(self, visitor: Visitor, kind: str) -> dict[str, str]:
        login = {"login": visitor.handle, "password": visitor.password}
        made = fetch(self.server.base_url, "POST", "/v1/sessions", {}, login).json()
        if "revoked" in kind:
            visitor.ask("DELETE", f"/v1/sessions/{made['session']['id']}")
        if "cookie" not in kind:
            return {"authorization": f"Bearer {made['token']}"}
        site = "cross-site" if "another" in kind else "same-origin"
        return {"cookie": f"{_COOKIE}={made['token']}", "sec-fetch-site": site}

    def scene(self, state: str, beside: bytes = b"") -> Scene:
        """Return a new thing in a state, of the state's owner; `beside`: a picture that stands on the board too."""
        number, owner = next(self._numbers), self.owners[state].visitor
        told = (f"Board-canary-{number}", f"Pin-canary-{number}")
        picture = jpeg(next(self._numbers))
        board, pin = self._board_with_pin(
            owner, "private" if state in {"private", "shared"} else "public", told, picture
        )
        if beside:
            owner.ask("POST", f"/v1/boards/{board}/pins", json={"upload_id": owner.upload(beside)})
        self._share(owner, board, state)
        own = owner.board("Elsewhere")
        spare = self._signed_in_spare(owner)
        token = owner.ask("POST", "/v1/me/tokens", json={"name": "Spare", "scopes": ["read"]})["token"]["id"]
        scene = Scene(
            state,
            {
                "board": board,
                "pin": pin["id"],
                "own": own,
                "mine": self._pin(owner, own, "Mine"),
                "generation": "1",
                "name": pin["picture"]["src"]["236"].split("/")[4],
                "owner": owner.id,
                "handle": owner.handle,
                "face": self.owners[state].face,
                "session": spare,
                "token": token,
                "upload": owner.upload(jpeg(number, 100, 80)),
            },
            *told,
            picture,
        )
        _bring_about(owner, scene)
        return scene

    def mend(self, row: Row, actor: Actor, scene: Scene) -> Scene:
        """Return a scene as it was before a row used it up."""
        owner, values = self.owners[scene.state].visitor, scene.values
        board = f"/v1/boards/{values['board']}"
        if scene.state == "trashed" or row.who == "keeps":
            owner.ask("POST", f"{board}/restore")
        match row.who:
            case "keeps":
                pass
            case "throws":
                owner.ask("POST", f"/v1/pins/{values['pin']}/restore")
            case "leaves":
                role = "editor" if actor.relation == "editor" else "viewer"
                owner.ask("PUT", f"{board}/shares/{self.people[actor.relation].id}", json={"role": role})
            case "follows" | "forgets":
                self._follow_as_before(actor, owner)
            case "owns":
                owner.ask("PUT", f"{board}/shares/{self.people['third'].id}", json={"role": "viewer"})
            case _:
                scene = self.scenes[scene.state] = self.scene(scene.state)
                return scene
        if row.who == "leaves" and actor.relation == "former":
            owner.ask("DELETE", f"{board}/shares/{self.people['former'].id}")
        _bring_about(owner, scene)
        return scene

    def _follow_as_before(self, actor: Actor, owner: Visitor) -> None:
        if actor.relation in self.people and actor.relation not in {"blocked", "blocker"}:
            method = "PUT" if actor.relation == "follower" else "DELETE"
            self.people[actor.relation].ask(method, f"/v1/me/following/{owner.id}")

    def _board_with_pin(
        self, owner: Visitor, visibility: str, told: tuple[str, str], picture: bytes
    ) -> tuple[str, dict[str, Any]]:
        new = {"name": told[0], "description": f"{told[0]} at length", "visibility": visibility}
        board = owner.ask("POST", "/v1/boards", json=new)["id"]
        texts = {"title": told[1], "note": f"{told[1]} noted", "alt": told[1]}
        return board, owner.picture(board, picture, **texts)

    def _share(self, owner: Visitor, board: str, state: str) -> None:
        roles = {"third": "viewer"}
        if state == "owner deleted":
            roles |= {"viewer": "viewer", "editor": "editor"}
        elif state != "private":
            roles |= {"viewer": "viewer", "editor": "editor", "former": "viewer"}
        for name, role in roles.items():
            if name in self.people:
                owner.ask("PUT", f"/v1/boards/{board}/shares/{self.people[name].id}", json={"role": role})
        if "former" in roles:
            owner.ask("DELETE", f"/v1/boards/{board}/shares/{self.people['former'].id}")

    def _signed_in_spare(self, owner: Visitor) -> str:
        login = {"login": owner.handle, "password": owner.password}
        return fetch(self.server.base_url, "POST", "/v1/sessions", {}, login).json()["session"]["id"]

    def _pin(self, person: Visitor, board: str, title: str) -> str:
        return person.photo(board, next(self._numbers), title=title)["id"]

    def _end_owner(self) -> None:
        owner = self.owners["owner deleted"].visitor
        owner.ask("DELETE", "/v1/me", json={"password": owner.password})
        records = Records(self.server.data)
        records.settle()
        records.close()

    def leaving(self) -> list[bytes]:
        """Return the ids of deleted accounts, and of what goes with them."""
        values = self.scenes["owner deleted"].values
        things = [values[name] for name in ("owner", "board", "pin", "own", "mine")]
        return [from_text(id_) for id_ in (*things, self.people["gone"].id)]

    def _let_tokens_expire(self) -> None:
        end = time.monotonic() + _EXPIRY_S + 1
        while time.monotonic() < end:
            time.sleep(0.1)

    def _absent(self) -> dict[str, str]:
        """Return names of the right form and length that name nothing."""
        there = self.scenes["public"].values
        ids = {name: _other(there[name]) for name in ("board", "pin", "owner", "session", "token", "upload")}
        return {**ids, "generation": "1", "name": _ABSENT_NAME, "face": _ABSENT_NAME, "handle": "nobody_is_here"}

    def close(self) -> None:
        """Close everybody's connections."""
        for person in [*self.people.values(), *(owner.visitor for owner in self.owners.values())]:
            person.http.close()


def _bearer(visitor: Visitor) -> dict[str, str]:
    return {"authorization": visitor.http.headers["authorization"]}


def _other(id_: str) -> str:
    return id_[:-4] + ("0000" if id_[-4:] != "0000" else "1111")


def _bring_about(owner: Visitor, scene: Scene) -> None:
    """Bring a board that was made into its scene's state."""
    board, pin = scene.values["board"], scene.values["pin"]
    if scene.state == "trashed":
        owner.ask("DELETE", f"/v1/boards/{board}")
    elif scene.state == "pin trashed":
        owner.ask("DELETE", f"/v1/pins/{pin}")
    elif scene.state == "just privatised":
        owner.ask("PATCH", f"/v1/boards/{board}", json={"visibility": "private"})
