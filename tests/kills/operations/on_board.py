"""What operations share that begin with a photo on a board: its owner, and another person who sees it or does not."""

from typing import ClassVar

from typing_extensions import override

from tests.kills.operations.base import Operation, Place, smallest
from tests.support.visitor import settled


class OnBoard(Operation):
    """An operation on a board with a photo. `visibility`: of the board at first; `follows`: whether the other does."""

    visibility: ClassVar[str] = "public"
    follows: ClassVar[bool] = True

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.owner, self.other = self.somebody("owner"), self.somebody("other")
        if self.follows:
            self.other.follow(self.owner)
        self.board = self.owner.board("Nests", self.visibility)
        pin = self.owner.photo(self.board)
        self.pin: str = pin["id"]
        self.picture = smallest(pin)
        self.feed_is([self.pin] if self.follows and self.visibility == "public" else [])

    @property
    def board_path(self) -> str:
        """Return the board's address."""
        return f"/v1/boards/{self.board}"

    @property
    def pin_path(self) -> str:
        """Return the pin's address."""
        return f"/v1/pins/{self.pin}"

    def sees(self) -> bool:
        """Return whether the other sees the board and the pin, which is both or neither."""
        statuses = {self.other.send("GET", path).status_code for path in (self.board_path, self.pin_path)}
        assert statuses in ({200}, {404}), statuses
        return statuses == {200}

    def feed_is(self, pins: list[str]) -> None:
        """Wait until the other's feed holds exactly these."""
        settled(self.other.feed_pins, lambda found: found == pins)

    def trash(self) -> list[str]:
        """Return the ids of what is in the owner's trash."""
        return [thing["id"] for thing in self.owner.ask("GET", "/v1/me/trash")["items"]]


class Hides(OnBoard):
    """An operation that takes the board or its pin out of the other's sight, and the pin out of their feed."""

    @override
    def seen(self) -> bool:
        return not self.sees()

    @override
    def check(self) -> None:
        super().check()
        self.feed_is([])
