"""What may not be seen costs the engines exactly what is not there costs them: the same calls, of the same kinds.

A difference would be heard by its time, however alike the answers are. The rows are those of the matrix that name a
thing; the things stand in an in-process house whose every engine call is written down.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bowerbird.base.ids import Id, pack, to_text
from bowerbird.contracts import kinds
from bowerbird.contracts.boards import BoardChange, NewPin
from bowerbird.contracts.caller import READ, WRITE, Caller
from bowerbird.contracts.identity import Device, SignedIn
from tests.security.table import BODIES, ROWS, Row
from tests.security.watched import Journal, Watched, watched
from tests.support.house import PASSWORD, by

ASKERS = ("nobody", "stranger", "former", "blocked", "blocker", "editor elsewhere")
HIDDEN_AS = ("private", "trashed", "pin trashed", "just privatised", "moved", "owner deleted")


@dataclass
class Play:
    """`tokens`: what each asker shows; `things`: the values of each state of the object; "absent" is none at all."""

    house: Watched
    tokens: dict[str, str]
    own: dict[str, dict[str, str]]
    things: dict[str, dict[str, str]]


@pytest.fixture
async def play(tmp_path: Path) -> AsyncGenerator[Play]:
    async with watched(tmp_path) as house:
        yield await Stage(house).play()


class Stage:
    """Builds the house's people and things."""

    def __init__(self, house: Watched) -> None:
        self.house = house
        self.services = house.wired.services
        self.people: dict[str, Id] = {}

    async def play(self) -> Play:
        for name in ("owner", "leaver", *ASKERS[1:]):
            self.people[name] = await self.house.house.person()
        tokens = {name: (await self._signed_in(self.people[name])).token for name in ASKERS[1:]}
        own = {name: await self._own(self.people[name]) for name in ASKERS[1:]}
        things = {state: await self._thing(state) for state in HIDDEN_AS}
        for who, whom in (("owner", "blocked"), ("blocker", "owner")):
            await self.services.graph.block(by(self.people[who]), self.people[whom])
        return Play(self.house, {"nobody": "", **tokens}, own, things | {"absent": self._absent()})

    async def _handle(self, person: Id) -> str:
        user = (await self.services.identity.people(by(person), [person]))[0]
        assert user is not None
        return user.handle

    async def _signed_in(self, person: Id) -> SignedIn:
        handle = await self._handle(person)
        return await self.services.identity.sign_in(by(person), handle, PASSWORD, Device("test", "::1"))

    async def _own(self, person: Id) -> dict[str, str]:
        """Return a board and a pin of an asker's own."""
        board = await self.services.boards.create(by(person), "Own", "", "public")
        pin = await self._saved(person, board.id)
        return {"own": to_text(board.id), "mine": to_text(pin)}

    async def _saved(self, person: Id, board: Id) -> Id:
        upload = await self.house.house.photo(person, bytes(to_text(board), "ascii") + person)
        return (await self.services.boards.save_pin(by(person), board, NewPin(upload=upload))).pin.id

    async def _thing(self, state: str) -> dict[str, str]:
        owner = self.people["leaver"] if state == "owner deleted" else self.people["owner"]
        caller, boards = by(owner), self.services.boards
        hidden = {"private", "moved", "pin trashed"}
        board = (await boards.create(caller, "Hidden", "", "private" if state in hidden else "public")).id
        pin = await self._saved(owner, board)
        await boards.share(caller, board, self.people["former"], "viewer")
        await boards.unshare(caller, board, self.people["former"])
        values = {"board": board, "pin": pin, "owner": owner, **await self._belongings(owner)}
        handle = await self._handle(owner)
        if state == "trashed":
            await boards.delete(caller, board)
        elif state == "pin trashed":
            await boards.delete_pin(caller, pin)
        elif state == "just privatised":
            await boards.change(caller, board, BoardChange(visibility="private"))
        elif state == "moved":
            await self._move_away(owner, pin)
        elif state == "owner deleted":
            await self.services.identity.delete_account(caller, PASSWORD)
        return {name: to_text(id_) for name, id_ in values.items()} | {"handle": handle}

    async def _belongings(self, owner: Id) -> dict[str, Id]:
        signed = await self._signed_in(owner)
        in_session = Caller(person=owner, scopes=READ | WRITE, session=signed.session.id)
        made = await self.services.identity.make_token(in_session, "Spare", READ, None)
        upload = await self.house.house.photo(owner, b"spare" + signed.session.id)
        return {"session": signed.session.id, "token": made.token.id, "upload": upload}

    async def _move_away(self, owner: Id, pin: Id) -> None:
        """Move a pin to another person's private board, on another shard, so that its old address forwards."""
        other = self.people["editor elsewhere"]
        target = await self.services.boards.create(by(other), "Far", "", "private")
        await self.services.boards.share(by(other), target.id, owner, "editor")
        [moved] = await self.services.boards.move_pins(by(owner), [pin], target.id, copy=False)
        assert moved.now not in {None, pin}

    def _absent(self) -> dict[str, str]:
        numbers = {"board": kinds.BOARD, "pin": kinds.PIN, "owner": kinds.USER, "session": kinds.SESSION}
        numbers |= {"token": kinds.TOKEN, "upload": kinds.UPLOAD}
        return {name: to_text(pack(1 << 40, 7, kind, 7)) for name, kind in numbers.items()} | {"handle": "not_there"}


def told(row: Row, values: dict[str, str]) -> tuple[str, bytes]:
    path, body = row.path.format(**values), row.body
    for name, value in values.items():
        body = body.replace(f"{{{name}}}", value)
    return path, body.encode()


def applies(row: Row, state: str, asker: str) -> bool:
    """Say whether a row's thing is hidden from an asker by a state."""
    if row.who in {"looks", "passes by", "forgets"} or (row.who == "leaves" and asker == "former"):
        return False
    return {
        "board": state not in {"moved", "pin trashed"},
        "pin": (state, asker) != ("moved", "editor elsewhere"),
        "person": state == "owner deleted"
        or (state, asker) == ("private", "blocked")
        or (state, asker) == ("private", "blocker"),
        "session": state == "private",
        "token": state == "private",
        "upload": state == "private",
    }.get(row.about, False)


@pytest.mark.parametrize("asker", ASKERS)
async def test_the_engines_are_asked_for_the_same(play: Play, asker: str) -> None:
    wrong: list[str] = []
    count = 0
    for row in ROWS:
        for state in HIDDEN_AS:
            if not applies(row, state, asker):
                continue
            found = [await journal(play, row, asker, thing) for thing in (state, "absent")]
            count += 1
            if found[0] != found[1]:
                wrong.append(f"{row.route} {row.who} of {state}:\n  {found[0]}\n  {found[1]}")
    assert not wrong, "\n".join(wrong)
    assert count > 60


async def journal(play: Play, row: Row, asker: str, thing: str) -> tuple[int, Journal]:
    base: dict[str, str] = {"own": play.own["stranger"]["own"], "mine": play.own["stranger"]["mine"]}
    third = to_text(pack(1 << 40, 9, kinds.USER, 9))
    values = {**base, **play.own.get(asker, {}), "third": third, **play.things[thing]}
    path, body = told(row, values)
    calls, answer = await play.house.asked(row.method, path, body, play.tokens[asker])
    return answer.status, sorted(calls)


DOORS = (
    *(f"GET /v1/users/{{handle}}{part}" for part in ("", "/boards", "/pins", "/followers", "/following")),
    *("PUT /v1/me/following/{handle}", "DELETE /v1/me/following/{handle}", "PUT /v1/me/blocks/{handle}"),
    *(
        "DELETE /v1/me/blocks/{handle}",
        "PUT /v1/boards/{own}/shares/{handle}",
        "DELETE /v1/boards/{own}/shares/{handle}",
    ),
)
"""Where somebody is named by a handle."""


@pytest.mark.parametrize("asker", ASKERS[1:])
async def test_a_handle_says_nothing_of_who_has_it(play: Play, asker: str) -> None:
    """Who is hidden from an asker and who never was are answered alike, with the same calls, at every door."""
    hidden = ["owner deleted", *(["private"] if asker in {"blocked", "blocker"} else [])]
    names = [play.things[state]["handle"] for state in hidden] + ["not_there", "never_was", "admin"]
    for door in DOORS:
        seen: dict[str, tuple[Any, ...]] = {}
        for name in names:
            own = asker == "blocker" or door.startswith("PUT")
            if "/blocks/" in door and own and name == play.things["private"]["handle"]:
                continue  # one's own block is no secret; and who is blocked may block back, as docs/security.md tells
            method, _, path = door.partition(" ")
            body = b'{"role": "viewer"}' if "shares" in door and method == "PUT" else b""
            calls, answer = await play.house.asked(
                method, path.format(handle=name, own=play.own[asker]["own"]), body, play.tokens[asker]
            )
            text = answer.body.decode().replace(name, "").replace(str(answer.header("x-request-id")), "")
            seen[name] = (sorted(calls), answer.status, text)
        first = next(iter(seen.values()))
        assert {name: each for name, each in seen.items() if each != first} == {}, (door, first)


SIGN_INS = {
    "known handle": "person_1",
    "known address": "person_1@example.org",
    "unknown handle": "nobody_is_here",
    "unknown address": "nobody@example.org",
    "reserved handle": "admin",
    "deleted account": "person_2",
    "no handle at all": "\u00fc" * 200,
    "an id": "0198c0de-0000-8abc-80c0-000000000001",
}


async def test_signing_in_says_nothing_of_who_is_there(tmp_path: Path) -> None:
    async with watched(tmp_path) as house:
        await house.house.person()
        leaver = await house.house.person()
        await house.wired.services.identity.delete_account(by(leaver), PASSWORD)
        seen: dict[str, tuple[Any, ...]] = {}
        for name, login in SIGN_INS.items():
            body = b'{"login": "%s", "password": "wrong password"}' % login.encode()
            calls, answer = await house.asked("POST", "/v1/sessions", body)
            headers = [header for header in answer.headers if header[0] != b"x-request-id"]
            seen[name] = (calls, answer.status, headers, {**answer.json(), "request_id": ""})
        first = seen["known handle"]
        assert first[1] == 401
        assert "hash" in first[0]
        assert {name: each for name, each in seen.items() if each != first} == {}


def test_bodies_name_only_what_the_scenes_know() -> None:
    assert set(BODIES.values()) == {row.body for row in ROWS} - {""}
