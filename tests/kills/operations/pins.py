"""What people do with pins: save them from photos and links, move them, and throw them away."""

from abc import abstractmethod
from typing import Any

import httpx
from typing_extensions import override

from tests.kills.operations.base import Operation, Place, smallest
from tests.kills.operations.on_board import Hides, OnBoard
from tests.support.pictures import jpeg
from tests.support.visitor import Visitor, settled


class _Saved(Operation):
    """A pin on a board of somebody whom another follows."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.owner, self.follower = self.somebody("owner"), self.somebody("follower")
        self.follower.follow(self.owner)
        self.board = self.owner.board("Nests")
        self._source = self.source()

    @abstractmethod
    def source(self) -> dict[str, str]:
        """Bring about what the pin is made from, and return how it is told."""

    @override
    def act(self) -> httpx.Response:
        return self.owner.send("POST", f"/v1/boards/{self.board}/pins", json=self._source, headers=self.key)

    @override
    def seen(self) -> bool:
        pins = _pins(self.owner, self.board)
        board = self.owner.ask("GET", f"/v1/boards/{self.board}")
        assert board["pins"] == len(pins) <= 1, (board, pins)
        return bool(pins)

    @override
    def check(self) -> None:
        def complete(pins: list[dict[str, Any]]) -> bool:
            return len(pins) == 1 and pins[0]["details"] == "ready" and pins[0]["picture"] is not None

        super().check()
        (pin,) = settled(lambda: _pins(self.owner, self.board), complete)
        shown = self.as_stranger(smallest(pin))
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


class MovePins(OnBoard):
    """A pin moves to a board of the other, who let its owner edit there: from one shard to another."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.target = self.other.board("Theirs")
        self.other.ask("PUT", f"/v1/boards/{self.target}/shares/{self.owner.id}", json={"role": "editor"})

    @override
    def act(self) -> httpx.Response:
        move = {"pins": [self.pin], "board": self.target}
        return self.owner.send("POST", "/v1/pins/move", json=move, headers=self.key)

    @override
    def seen(self) -> bool:
        # Between its leaving and its arrival, which comes behind a death, it is on neither board.
        here, there = settled(self._standing, any)
        assert len(here) <= 1, here
        assert len(there) <= 1, there
        assert self.owner.send("GET", self.pin_path).status_code == 200
        return not here

    def _standing(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Return the pins on either board."""
        return _pins(self.owner, self.board), _pins(self.owner, self.target)

    @override
    def check(self) -> None:
        super().check()
        (moved,) = settled(lambda: _pins(self.owner, self.target), lambda pins: len(pins) == 1)
        assert _pins(self.owner, self.board) == []
        assert self.owner.ask("GET", self.pin_path)["id"] == moved["id"]
        settled(self._counts, lambda counts: counts == (0, 1))

    def _counts(self) -> tuple[int, int]:
        """Return how many pins the two boards say they have."""
        return (
            self.owner.ask("GET", self.board_path)["pins"],
            self.owner.ask("GET", f"/v1/boards/{self.target}")["pins"],
        )


class DeletePin(Hides):
    """A pin goes to the trash."""

    @override
    def act(self) -> httpx.Response:
        return self.owner.send("DELETE", self.pin_path)

    @override
    def seen(self) -> bool:
        there = self.other.send("GET", self.pin_path).status_code == 200
        board = self.owner.ask("GET", self.board_path)
        assert board["pins"] == int(there), board
        return not there

    @override
    def check(self) -> None:
        super().check()
        assert self.trash() == [self.pin]


def _pins(person: Visitor, board: str) -> list[dict[str, Any]]:
    """Return the pins that somebody finds on a board."""
    return person.ask("GET", f"/v1/boards/{board}/pins")["items"]
