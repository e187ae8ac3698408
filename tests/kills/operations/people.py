"""What people do about each other: they follow and block."""

import httpx
from typing_extensions import override

from tests.kills.operations.on_board import Hides, OnBoard
from tests.support.visitor import Visitor, settled


class Follow(OnBoard):
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
        super().check()
        self.feed_is([self.pin])
        _followers_are(self.owner, 1)


class Block(Hides):
    """Somebody is blocked, who followed."""

    @override
    def act(self) -> httpx.Response:
        return self.owner.send("PUT", f"/v1/me/blocks/{self.other.id}")

    @override
    def check(self) -> None:
        super().check()
        assert len(self.owner.ask("GET", "/v1/me/blocks")["items"]) == 1
        _followers_are(self.owner, 0)


def _followers_are(person: Visitor, number: int) -> None:
    """Wait until somebody has so many followers."""
    settled(lambda: person.ask("GET", "/v1/me")["followers"], lambda found: found == number)
