"""What people do while processes die: each a request, what it must have done once it is answered, and what never.

An operation is made anew, with people of its own, for every death. `seen` looks at it in the midst, whole or absent,
and fails at anything half; `check` looks at the end, when it was answered, however often it had to be sent.
"""

from collections.abc import Mapping
from itertools import count
from typing import Any, ClassVar, Final, Protocol

import httpx
from typing_extensions import override

from tests.support.pictures import jpeg
from tests.support.visitor import Visitor, settled

_numbers = count(1)
_PHOTO: Final = jpeg(1, 120, 80)


class Place(Protocol):
    """Where operations are done: the address of a Bowerbird, and of a page with a picture."""

    base_url: str
    page_url: str


class Operation:
    """One operation. `again`: what it may be answered with, besides success, when it was done by an earlier try."""

    again: ClassVar[frozenset[int]] = frozenset()

    def __init__(self, place: Place) -> None:
        self.place = place
        self.number = next(_numbers)
        self.prepare()

    @property
    def name(self) -> str:
        """Return what it is called in tables."""
        return type(self).__name__

    def prepare(self) -> None:
        """Bring about what the operation starts from, and wait until that has settled."""

    def act(self) -> httpx.Response:
        """Send the request; sent again, it is the same request."""
        raise NotImplementedError

    def seen(self) -> bool:
        """Return whether it is done; fail when it is half done."""
        raise NotImplementedError

    def check(self) -> None:
        """Fail unless it is done, once, and others have come to know."""

    def somebody(self, name: str) -> Visitor:
        """Return a new person."""
        return Visitor(self.place.base_url, f"{name}_{self.number}")

    @property
    def key(self) -> Mapping[str, str]:
        """Return the header that makes repetitions one."""
        return {"Idempotency-Key": f"operation-{self.number}"}


class Register(Operation):
    """Somebody new."""

    # Names whose person did not come to be are kept for a while (identity/claims.py), and free again after that.
    again = frozenset({409})

    @override
    def act(self) -> httpx.Response:
        self.handle = f"newcomer_{self.number}"
        self.password = "a long enough password"
        email = f"{self.handle}@example.org"
        new = {"handle": self.handle, "name": "New", "email": email, "password": self.password}
        return httpx.post(f"{self.place.base_url}/v1/users", json=new, timeout=30)

    @override
    def seen(self) -> bool:
        login = {"login": self.handle, "password": self.password}
        signed_in = httpx.post(f"{self.place.base_url}/v1/sessions", json=login, timeout=30)
        profile = httpx.get(f"{self.place.base_url}/v1/users/{self.handle}", timeout=30)
        if signed_in.status_code == 401:
            assert profile.status_code == 404, profile.text
            return False
        assert signed_in.status_code == 201, signed_in.text
        assert profile.status_code == 200, profile.text
        return True


class CreateBoard(Operation):
    """A board."""

    @override
    def prepare(self) -> None:
        self.owner = self.somebody("owner")

    @override
    def act(self) -> httpx.Response:
        return self.owner.send("POST", "/v1/boards", json={"name": "Nests"}, headers=self.key)

    @override
    def seen(self) -> bool:
        boards = self.owner.ask("GET", "/v1/boards")["items"]
        assert [board["name"] for board in boards] in ([], ["Nests"]), boards
        return bool(boards)


class _Saved(Operation):
    """A pin on a board of somebody whom another follows. `pinned`: what the pin is made from."""

    @override
    def prepare(self) -> None:
        self.owner, self.follower = self.somebody("owner"), self.somebody("follower")
        self.follower.follow(self.owner)
        self.board = self.owner.board("Nests")
        self.pinned = self.source()

    def source(self) -> dict[str, str]:
        raise NotImplementedError

    @override
    def act(self) -> httpx.Response:
        return self.owner.send("POST", f"/v1/boards/{self.board}/pins", json=self.pinned, headers=self.key)

    @override
    def seen(self) -> bool:
        pins = self.owner.ask("GET", f"/v1/boards/{self.board}/pins")["items"]
        board = self.owner.ask("GET", f"/v1/boards/{self.board}")
        assert board["pins"] == len(pins) <= 1, (board, pins)
        return bool(pins)

    @override
    def check(self) -> None:
        def complete(pins: list[dict[str, Any]]) -> bool:
            return len(pins) == 1 and pins[0]["details"] == "ready" and pins[0]["picture"] is not None

        (pin,) = settled(lambda: self.owner.ask("GET", f"/v1/boards/{self.board}/pins")["items"], complete)
        shown = httpx.get(self.place.base_url + _smallest(pin), timeout=30)
        assert shown.status_code == 200
        assert shown.headers["content-type"].startswith("image/")
        settled(self.follower.feed_pins, lambda pins: pins == [pin["id"]])


class SavePhoto(_Saved):
    """A photo becomes a pin."""

    @override
    def source(self) -> dict[str, str]:
        return {"upload_id": self.owner.upload(jpeg(self.number, 120, 80))}


class SaveLink(_Saved):
    """A link becomes a pin, whose page is read behind."""

    @override
    def source(self) -> dict[str, str]:
        return {"url": f"{self.place.page_url}/{self.number}"}


class Upload(Operation):
    """The bytes of a picture are sent."""

    again = frozenset({409})

    @override
    def prepare(self) -> None:
        self.owner = self.somebody("owner")
        self.target = self.owner.ask("POST", "/v1/uploads", json={"mime": "image/jpeg", "length": len(_PHOTO)})

    @override
    def act(self) -> httpx.Response:
        return httpx.put(
            self.place.base_url + _path(self.target["url"]),
            content=_PHOTO,
            headers=self.target["headers"],
            timeout=30,
        )

    @override
    def seen(self) -> bool:
        completed = self.owner.send("POST", f"/v1/uploads/{self.target['id']}/complete")
        if completed.status_code == 422:
            assert "have not arrived" in completed.text, completed.text
            return False
        assert completed.status_code == 200, completed.text
        assert completed.json()["width"] == 120
        return True


class Complete(Operation):
    """A picture that was sent is verified."""

    @override
    def prepare(self) -> None:
        self.owner = self.somebody("owner")
        self.board = self.owner.board("Nests")
        target = self.owner.ask("POST", "/v1/uploads", json={"mime": "image/jpeg", "length": len(_PHOTO)})
        self.upload = target["id"]
        url = self.place.base_url + _path(target["url"])
        assert httpx.put(url, content=_PHOTO, headers=target["headers"], timeout=30).is_success

    @override
    def act(self) -> httpx.Response:
        return self.owner.send("POST", f"/v1/uploads/{self.upload}/complete")

    @override
    def seen(self) -> bool:
        saved = self.owner.send("POST", f"/v1/boards/{self.board}/pins", json={"upload_id": self.upload})
        if saved.status_code == 422:
            return False
        assert saved.status_code == 201, saved.text
        assert httpx.get(self.place.base_url + _smallest(saved.json()), timeout=30).status_code == 200
        return True


class _OnBoard(Operation):
    """A board with a photo, its owner, and another person. `visibility`: of the board at first."""

    visibility: ClassVar[str] = "public"
    follows: ClassVar[bool] = True

    @override
    def prepare(self) -> None:
        self.owner, self.other = self.somebody("owner"), self.somebody("other")
        if self.follows:
            self.other.follow(self.owner)
        self.board = self.owner.board("Nests", self.visibility)
        self.pin = self.owner.photo(self.board)["id"]
        self.feed_is([self.pin] if self.follows and self.visibility == "public" else [])

    def sees(self) -> bool:
        """Return whether the other sees the board and the pin, which is both or neither."""
        statuses = {self.other.send("GET", path).status_code for path in (f"/v1/boards/{self.board}", self.pin_path)}
        assert statuses in ({200}, {404}), statuses
        return statuses == {200}

    @property
    def pin_path(self) -> str:
        """Return the pin's address."""
        return f"/v1/pins/{self.pin}"

    def feed_is(self, pins: list[str]) -> None:
        """Wait until the other's feed holds exactly these."""
        settled(self.other.feed_pins, lambda found: found == pins)


class Share(_OnBoard):
    """A private board is shared."""

    visibility = "private"
    follows = False

    @override
    def act(self) -> httpx.Response:
        path = f"/v1/boards/{self.board}/shares/{self.other.id}"
        return self.owner.send("PUT", path, json={"role": "viewer"})

    @override
    def seen(self) -> bool:
        return self.sees()

    @override
    def check(self) -> None:
        assert len(self.owner.ask("GET", f"/v1/boards/{self.board}/shares")["items"]) == 1
        self.feed_is([self.pin])


class Unshare(Share):
    """A share is taken back."""

    again = frozenset({404})

    @override
    def prepare(self) -> None:
        super().prepare()
        assert super().act().is_success
        self.feed_is([self.pin])

    @override
    def act(self) -> httpx.Response:
        return self.owner.send("DELETE", f"/v1/boards/{self.board}/shares/{self.other.id}")

    @override
    def seen(self) -> bool:
        return not self.sees()

    @override
    def check(self) -> None:
        assert self.owner.ask("GET", f"/v1/boards/{self.board}/shares")["items"] == []
        self.feed_is([])


class Privatise(_OnBoard):
    """A public board turns private."""

    @override
    def prepare(self) -> None:
        super().prepare()
        self.picture = _smallest(self.owner.ask("GET", self.pin_path))

    @override
    def act(self) -> httpx.Response:
        return self.owner.send("PATCH", f"/v1/boards/{self.board}", json={"visibility": "private"})

    @override
    def seen(self) -> bool:
        hidden = not self.sees()
        picture = httpx.get(self.place.base_url + self.picture, timeout=30)
        assert picture.status_code == (404 if hidden else 200), picture.status_code
        return hidden

    @override
    def check(self) -> None:
        self.feed_is([])
        assert self.owner.send("GET", self.pin_path).status_code == 200


class Follow(_OnBoard):
    """Somebody follows."""

    follows = False

    @override
    def act(self) -> httpx.Response:
        return self.other.send("PUT", f"/v1/me/following/{self.owner.id}")

    @override
    def seen(self) -> bool:
        return self.other.ask("GET", f"/v1/users/{self.owner.id}")["followed"]

    @override
    def check(self) -> None:
        self.feed_is([self.pin])
        settled(lambda: self.owner.ask("GET", "/v1/me")["followers"], lambda number: number == 1)


class Block(_OnBoard):
    """Somebody is blocked, who followed."""

    @override
    def act(self) -> httpx.Response:
        return self.owner.send("PUT", f"/v1/me/blocks/{self.other.id}")

    @override
    def seen(self) -> bool:
        return not self.sees()

    @override
    def check(self) -> None:
        assert len(self.owner.ask("GET", "/v1/me/blocks")["items"]) == 1
        self.feed_is([])
        settled(lambda: self.owner.ask("GET", "/v1/me")["followers"], lambda number: number == 0)


class MovePins(_OnBoard):
    """A pin moves to a board of the other, who let its owner edit there: from one shard to another."""

    @override
    def prepare(self) -> None:
        super().prepare()
        self.target = self.other.board("Theirs")
        self.other.ask("PUT", f"/v1/boards/{self.target}/shares/{self.owner.id}", json={"role": "editor"})

    @override
    def act(self) -> httpx.Response:
        return self.owner.send(
            "POST", "/v1/pins/move", json={"pins": [self.pin], "board": self.target}, headers=self.key
        )

    def _pins(self, board: str) -> list[dict[str, Any]]:
        pins: list[dict[str, Any]] = self.owner.ask("GET", f"/v1/boards/{board}/pins")["items"]
        return pins

    @override
    def seen(self) -> bool:
        here, there = self._pins(self.board), self._pins(self.target)
        assert len(here) <= 1, here
        assert len(there) <= 1, there
        assert here or there, "the pin is nowhere"
        assert self.owner.send("GET", self.pin_path).status_code == 200
        return not here

    @override
    def check(self) -> None:
        (moved,) = settled(lambda: self._pins(self.target), lambda pins: len(pins) == 1)
        assert self._pins(self.board) == []
        assert self.owner.ask("GET", self.pin_path)["id"] == moved["id"]
        for board, pins in ((self.board, 0), (self.target, 1)):
            settled(
                lambda board=board: self.owner.ask("GET", f"/v1/boards/{board}")["pins"], lambda n, to=pins: n == to
            )


class DeletePin(_OnBoard):
    """A pin goes to the trash."""

    @override
    def act(self) -> httpx.Response:
        return self.owner.send("DELETE", self.pin_path)

    @override
    def seen(self) -> bool:
        there = self.other.send("GET", self.pin_path).status_code == 200
        board = self.owner.ask("GET", f"/v1/boards/{self.board}")
        assert board["pins"] == int(there), board
        return not there

    @override
    def check(self) -> None:
        assert [thing["id"] for thing in self.owner.ask("GET", "/v1/me/trash")["items"]] == [self.pin]
        self.feed_is([])


class DeleteBoard(_OnBoard):
    """A board goes to the trash."""

    @override
    def act(self) -> httpx.Response:
        return self.owner.send("DELETE", f"/v1/boards/{self.board}")

    @override
    def seen(self) -> bool:
        return not self.sees()

    @override
    def check(self) -> None:
        assert [thing["id"] for thing in self.owner.ask("GET", "/v1/me/trash")["items"]] == [self.board]
        self.feed_is([])


class DeleteAccount(_OnBoard):
    """Somebody goes for good."""

    again = frozenset({401})

    @override
    def prepare(self) -> None:
        super().prepare()
        self.picture = _smallest(self.owner.ask("GET", self.pin_path))

    @override
    def act(self) -> httpx.Response:
        return self.owner.http.request("DELETE", "/v1/me", json={"password": self.owner.password})

    @override
    def seen(self) -> bool:
        gone = not self.sees()
        login = {"login": self.owner.handle, "password": self.owner.password}
        signed_in = httpx.post(f"{self.place.base_url}/v1/sessions", json=login, timeout=30).status_code
        profile = self.other.send("GET", f"/v1/users/{self.owner.id}").status_code
        picture = httpx.get(self.place.base_url + self.picture, timeout=30).status_code
        assert (signed_in, profile, picture) == ((401, 404, 404) if gone else (201, 200, 200))
        return gone

    @override
    def check(self) -> None:
        self.feed_is([])


OPERATIONS: Final[tuple[type[Operation], ...]] = (
    Register,
    CreateBoard,
    SavePhoto,
    SaveLink,
    Upload,
    Complete,
    Share,
    Unshare,
    Privatise,
    Follow,
    Block,
    MovePins,
    DeletePin,
    DeleteBoard,
    DeleteAccount,
)


def acknowledged(response: httpx.Response) -> bool:
    """Return whether a request was carried out: an answer about many things tells of each."""
    if not response.is_success:
        return False
    told: Any = response.json() if response.content else {}
    return not any(thing.get("problem") == "unavailable" for thing in told.get("items", []))


def _smallest(pin: Mapping[str, Any]) -> str:
    """Return the path of a pin's smallest picture."""
    sources: dict[str, str] = pin["picture"]["src"]
    return _path(sources["236"])


def _path(url: str) -> str:
    """Return what an address says behind its host."""
    return httpx.URL(url).raw_path.decode()
