"""A lost views.db is no loss: the next start fills feeds and follower maps again from the log."""

from pathlib import Path

from tests.support.server import serving
from tests.support.visitor import Visitor, settled


def test_feeds_come_back_when_their_file_was_lost(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        ada, bob = Visitor(server.base_url, "ada"), Visitor(server.base_url, "bob")
        bob.follow(ada)
        pin = ada.photo(ada.board("Kept"))["id"]
        settled(bob.feed_pins, lambda pins: pins == [pin])
        token = bob.http.headers["authorization"]
    for file in server.data.glob("views.db*"):
        file.unlink()
    with serving(tmp_path) as server:
        bob.http.base_url = server.base_url
        bob.http.headers["authorization"] = token
        settled(bob.feed_pins, lambda pins: pins == [pin])
        settled(lambda: bob.ask("GET", f"/v1/users/{ada.handle}")["followers"], lambda count: count == 1)
