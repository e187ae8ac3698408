"""What people do with boards: make, share and hide them, and throw them away."""

import httpx
from typing_extensions import override

from tests.kills.operations.base import Operation, Place
from tests.kills.operations.on_board import Hides, OnBoard


class CreateBoard(Operation):
    """A board."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.owner = self.somebody("owner")

    @override
    def act(self) -> httpx.Response:
        return self.owner.send("POST", "/v1/boards", json={"name": "Nests"}, headers=self.key)

    @override
    def seen(self) -> bool:
        boards = self.owner.ask("GET", "/v1/boards")["items"]
        assert [board["name"] for board in boards] in ([], ["Nests"]), boards
        return bool(boards)


class _Shared(OnBoard):
    """A private board, and the share of it that the other has or not."""

    visibility = "private"
    follows = False

    @property
    def share_path(self) -> str:
        """Return the share's address."""
        return f"{self.board_path}/shares/{self.other.id}"

    def share(self) -> httpx.Response:
        """Share the board with the other."""
        return self.owner.send("PUT", self.share_path, json={"role": "viewer"})

    def shares(self) -> int:
        """Return with how many the board is shared."""
        return len(self.owner.ask("GET", f"{self.board_path}/shares")["items"])


class Share(_Shared):
    """A private board is shared."""

    @override
    def act(self) -> httpx.Response:
        return self.share()

    @override
    def seen(self) -> bool:
        return self.sees()

    @override
    def check(self) -> None:
        super().check()
        assert self.shares() == 1
        self.feed_is([self.pin])


class Unshare(Hides, _Shared):
    """A share is taken back."""

    again = frozenset({404})

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        assert self.share().is_success
        self.feed_is([self.pin])

    @override
    def act(self) -> httpx.Response:
        return self.owner.send("DELETE", self.share_path)

    @override
    def check(self) -> None:
        super().check()
        assert self.shares() == 0


class Privatise(Hides):
    """A public board turns private."""

    @override
    def act(self) -> httpx.Response:
        return self.owner.send("PATCH", self.board_path, json={"visibility": "private"})

    @override
    def seen(self) -> bool:
        hidden = super().seen()
        picture = self.as_stranger(self.picture).status_code
        assert picture == (404 if hidden else 200), picture
        return hidden

    @override
    def check(self) -> None:
        super().check()
        assert self.owner.send("GET", self.pin_path).status_code == 200


class DeleteBoard(Hides):
    """A board goes to the trash."""

    @override
    def act(self) -> httpx.Response:
        return self.owner.send("DELETE", self.board_path)

    @override
    def check(self) -> None:
        super().check()
        assert self.trash() == [self.board]
